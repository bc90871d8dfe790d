namespace Conformance.Spec.Crypto.Transforms;

/// <summary>No encryption. RFC 2410.</summary>
public static class NullEncryption
{
    /// <summary>ENCR_NULL: no key, no IV, a block of one byte. RFC 2410 §2.</summary>
    public static EncryptionTransform Null { get; } = new()
    {
        Name = "ENCR_NULL",
        TransformId = 11,
        KeyBits = [0],
        SaltBytes = 0,
        IvBytes = 0,
        IvRule = IvRule.None,
        IcvBytes = 0,
        BlockBytes = 1,
        Rfc = "RFC 2410 §2",
        IsIntegrityOnly = true,
        Cipher = static _ => new Identity(),
    };

    private sealed class Identity : EspCipher
    {
        public override void Encrypt(ReadOnlySpan<byte> iv, Span<byte> data)
        {
        }

        public override void Decrypt(ReadOnlySpan<byte> iv, Span<byte> data)
        {
        }
    }
}
