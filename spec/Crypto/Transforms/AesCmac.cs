using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Macs;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES-CMAC, truncated. RFC 4493, RFC 4494.</summary>
public static class AesCmac
{
    /// <summary>AUTH_AES_CMAC_96; for .NET, which has no CMAC, it is composed from AES-CBC. RFC 4494 §2.</summary>
    public static IntegrityTransform Cmac { get; } = new()
    {
        Name = "AUTH_AES_CMAC_96",
        TransformId = 8,
        KeyBits = 128,
        IcvBytes = 12,
        Rfc = "RFC 4494 §2",
        Keyer = static (key, useBcl) => useBcl ? Composed(key) : new BouncyMac(new CMac(AesUtilities.CreateEngine()), key),
    };

    // RFC 4493 §2.3: K1 and K2 are the encrypted zero block, doubled once and twice.
    private static ChainedMac Composed(ReadOnlySpan<byte> key)
    {
        var chain = AesCbc.Cipher(key, useBcl: true);
        var zero = new byte[ChainedMac.BlockBytes];
        chain.Encrypt(ChainedMac.ZeroIv, zero);
        var wholeBlockKey = Doubled(zero);
        return new ChainedMac(chain, wholeBlockKey, Doubled(wholeBlockKey));
    }

    private static byte[] Doubled(byte[] block)
    {
        var doubled = new byte[block.Length];
        for (var i = 0; i < block.Length; i++)
            doubled[i] = (byte)((block[i] << 1) | (i + 1 < block.Length ? block[i + 1] >> 7 : 0));
        if (block[0] >= 0x80)
            doubled[^1] ^= 0x87;
        return doubled;
    }
}
