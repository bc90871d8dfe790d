using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES in Galois/Counter Mode. RFC 4106, RFC 8750.</summary>
public static class AesGcmMode
{
    private const int FullTagBytes = 16;

    /// <summary>ENCR_AES_GCM_16. RFC 4106 §6.</summary>
    public static EncryptionTransform Gcm16 { get; } = Gcm(20, "ENCR_AES_GCM_16", 16);

    /// <summary>ENCR_AES_GCM_12. RFC 4106 §6.</summary>
    public static EncryptionTransform Gcm12 { get; } = Gcm(19, "ENCR_AES_GCM_12", 12);

    /// <summary>ENCR_AES_GCM_8. RFC 4106 §6.</summary>
    public static EncryptionTransform Gcm8 { get; } = Gcm(18, "ENCR_AES_GCM_8", 8);

    /// <summary>ENCR_AES_GCM_16_IIV. RFC 8750 §3 and §4.</summary>
    public static EncryptionTransform Gcm16ImplicitIv { get; } = Gcm16 with
    {
        Name = "ENCR_AES_GCM_16_IIV",
        TransformId = 30,
        IvBytes = 0,
        IvRule = IvRule.None,
        HasImplicitIv = true,
        Rfc = "RFC 8750 §4",
    };

    private static EncryptionTransform Gcm(ushort transformId, string name, int icvBytes) => new()
    {
        Name = name,
        TransformId = transformId,
        KeyBits = [128, 192, 256],
        SaltBytes = 4,
        IvBytes = 8,
        IvRule = IvRule.Unique,
        IcvBytes = icvBytes,
        BlockBytes = 1,
        Rfc = "RFC 4106 §4",
        IsInBcl = AesGcm.IsSupported,
        Aead = static keying => Aead(keying),
    };

    internal static EspAead Aead(EspKeying keying)
    {
        if (!keying.UseBcl)
            return new BouncyAead(static () => new GcmBlockCipher(AesUtilities.CreateEngine()), keying.Key, keying.IcvBytes);
        return keying.IcvBytes < AesGcm.TagByteSizes.MinSize
            ? new BclShortTag(keying.Key)
            : new Bcl(keying.Key, keying.IcvBytes);
    }

    private sealed class Bcl(ReadOnlySpan<byte> key, int tagBytes) : EspAead
    {
        private readonly AesGcm gcm = new(key, tagBytes);

        public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, Span<byte> tag) =>
            gcm.Encrypt(nonce, data, data, tag, associatedData);

        public override bool TryOpen(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, ReadOnlySpan<byte> tag)
        {
            try
            {
                gcm.Decrypt(nonce, data, tag, data, associatedData);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        public override void Dispose()
        {
            gcm.Dispose();
            base.Dispose();
        }
    }

    /// <summary>
    /// GCM with a tag shorter than .NET's least, 12 bytes: a short tag is the front of the full one. SP 800-38D §7.1 step 6.
    /// Since .NET will not verify it, opening computes the full tag: encrypting the ciphertext gives the plaintext (a counter
    /// mode is its own inverse), and encrypting that gives the tag.
    /// </summary>
    private sealed class BclShortTag(ReadOnlySpan<byte> key) : EspAead
    {
        private readonly AesGcm gcm = new(key, FullTagBytes);
        private ScratchBuffer scratch = new();

        public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, Span<byte> tag)
        {
            Span<byte> fullTag = stackalloc byte[FullTagBytes];
            gcm.Encrypt(nonce, data, data, fullTag, associatedData);
            fullTag[..tag.Length].CopyTo(tag);
        }

        public override bool TryOpen(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, ReadOnlySpan<byte> tag)
        {
            Span<byte> fullTag = stackalloc byte[FullTagBytes];
            gcm.Encrypt(nonce, data, data, fullTag, associatedData);
            gcm.Encrypt(nonce, data, scratch.AtLeast(data.Length).AsSpan(0, data.Length), fullTag, associatedData);
            return CryptographicOperations.FixedTimeEquals(fullTag[..tag.Length], tag);
        }

        public override void Dispose()
        {
            gcm.Dispose();
            base.Dispose();
        }
    }
}
