using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES in CBC mode. RFC 3602.</summary>
public static class AesCbc
{
    /// <summary>ENCR_AES_CBC. RFC 3602 §2 and §3.</summary>
    public static EncryptionTransform Cbc { get; } = new()
    {
        Name = "ENCR_AES_CBC",
        TransformId = 12,
        KeyBits = [128, 192, 256],
        SaltBytes = 0,
        IvBytes = 16,
        IvRule = IvRule.Unpredictable,
        IcvBytes = 0,
        BlockBytes = 16,
        Rfc = "RFC 3602 §2",
        Cipher = static keying => Cipher(keying.Key, keying.UseBcl),
    };

    internal static EspCipher Cipher(ReadOnlySpan<byte> key, bool useBcl) => useBcl
        ? new BclCbcCipher(Aes.Create(), key)
        : new BouncyCbcCipher(AesUtilities.CreateEngine, key);
}
