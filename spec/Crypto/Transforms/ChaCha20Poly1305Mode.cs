using System.Security.Cryptography;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>ChaCha20 and Poly1305. RFC 7634, RFC 8750.</summary>
public static class ChaCha20Poly1305Mode
{
    /// <summary>ENCR_CHACHA20_POLY1305. RFC 7634 §2.</summary>
    public static EncryptionTransform Poly1305 { get; } = new()
    {
        Name = "ENCR_CHACHA20_POLY1305",
        TransformId = 28,
        KeyBits = [256],
        SaltBytes = 4,
        IvBytes = 8,
        IvRule = IvRule.Unique,
        IcvBytes = 16,
        BlockBytes = 1,
        Rfc = "RFC 7634 §2",
        IsInBcl = ChaCha20Poly1305.IsSupported,
        Aead = static keying => keying.UseBcl
            ? new Bcl(keying.Key)
            : new BouncyAead(static () => new Org.BouncyCastle.Crypto.Modes.ChaCha20Poly1305(), keying.Key, keying.IcvBytes),
    };

    /// <summary>ENCR_CHACHA20_POLY1305_IIV. RFC 8750 §3 and §4.</summary>
    public static EncryptionTransform Poly1305ImplicitIv { get; } = Poly1305 with
    {
        Name = "ENCR_CHACHA20_POLY1305_IIV",
        TransformId = 31,
        IvBytes = 0,
        IvRule = IvRule.None,
        HasImplicitIv = true,
        Rfc = "RFC 8750 §4",
    };

    private sealed class Bcl(ReadOnlySpan<byte> key) : EspAead
    {
        private readonly ChaCha20Poly1305 chaCha = new(key);

        public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, Span<byte> tag) =>
            chaCha.Encrypt(nonce, data, data, tag, associatedData);

        public override bool TryOpen(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, ReadOnlySpan<byte> tag)
        {
            try
            {
                chaCha.Decrypt(nonce, data, tag, data, associatedData);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        public override void Dispose()
        {
            chaCha.Dispose();
            base.Dispose();
        }
    }
}
