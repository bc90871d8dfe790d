using Org.BouncyCastle.Crypto.Engines;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>Camellia in CBC mode; .NET does not have it. RFC 4312, RFC 5529 §2.</summary>
public static class CamelliaCbc
{
    /// <summary>ENCR_CAMELLIA_CBC. RFC 4312 §2, RFC 5529 §4.</summary>
    public static EncryptionTransform Cbc { get; } = new()
    {
        Name = "ENCR_CAMELLIA_CBC",
        TransformId = 23,
        KeyBits = [128, 192, 256],
        SaltBytes = 0,
        IvBytes = 16,
        IvRule = IvRule.Unpredictable,
        IcvBytes = 0,
        BlockBytes = 16,
        Rfc = "RFC 4312 §2",
        IsInBcl = false,
        Cipher = static keying => new BouncyCbcCipher(static () => new CamelliaEngine(), keying.Key),
    };
}
