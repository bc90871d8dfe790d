namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES-XCBC-MAC, truncated. RFC 3566.</summary>
public static class AesXcbc
{
    /// <summary>AUTH_AES_XCBC_96. RFC 3566 §4.</summary>
    public static IntegrityTransform Xcbc { get; } = new()
    {
        Name = "AUTH_AES_XCBC_96",
        TransformId = 5,
        KeyBits = 128,
        IcvBytes = 12,
        Rfc = "RFC 3566 §4",
        Keyer = static (key, useBcl) => Mac(key, useBcl),
    };

    // RFC 3566 §4 step 1: K1, K2 and K3 are the encryptions of blocks of ones, twos and threes. Neither library has XCBC.
    private static ChainedMac Mac(ReadOnlySpan<byte> key, bool useBcl)
    {
        using var derivation = AesCbc.Cipher(key, useBcl);
        return new ChainedMac(AesCbc.Cipher(Derive(derivation, 1), useBcl), Derive(derivation, 2), Derive(derivation, 3));
    }

    private static byte[] Derive(EspCipher derivation, byte fill)
    {
        var block = new byte[ChainedMac.BlockBytes];
        Array.Fill(block, fill);
        derivation.Encrypt(ChainedMac.ZeroIv, block);
        return block;
    }
}
