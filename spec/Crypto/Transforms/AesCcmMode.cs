using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES in CCM mode; the 11-byte nonce leaves 4 bytes of length field. RFC 4309, RFC 8750.</summary>
public static class AesCcmMode
{
    /// <summary>ENCR_AES_CCM_16. RFC 4309 §7.</summary>
    public static EncryptionTransform Ccm16 { get; } = Ccm(16, "ENCR_AES_CCM_16", 16);

    /// <summary>ENCR_AES_CCM_12. RFC 4309 §7.</summary>
    public static EncryptionTransform Ccm12 { get; } = Ccm(15, "ENCR_AES_CCM_12", 12);

    /// <summary>ENCR_AES_CCM_8. RFC 4309 §7.</summary>
    public static EncryptionTransform Ccm8 { get; } = Ccm(14, "ENCR_AES_CCM_8", 8);

    /// <summary>ENCR_AES_CCM_8_IIV. RFC 8750 §3 and §4.</summary>
    public static EncryptionTransform Ccm8ImplicitIv { get; } = Ccm8 with
    {
        Name = "ENCR_AES_CCM_8_IIV",
        TransformId = 29,
        IvBytes = 0,
        IvRule = IvRule.None,
        HasImplicitIv = true,
        Rfc = "RFC 8750 §4",
    };

    private static EncryptionTransform Ccm(ushort transformId, string name, int icvBytes) => new()
    {
        Name = name,
        TransformId = transformId,
        KeyBits = [128, 192, 256],
        SaltBytes = 3,
        IvBytes = 8,
        IvRule = IvRule.Unique,
        IcvBytes = icvBytes,
        BlockBytes = 1,
        Rfc = "RFC 4309 §4",
        IsInBcl = AesCcm.IsSupported,
        Aead = static keying => keying.UseBcl
            ? new Bcl(keying.Key)
            : new BouncyAead(static () => new CcmBlockCipher(AesUtilities.CreateEngine()), keying.Key, keying.IcvBytes),
    };

    private sealed class Bcl(ReadOnlySpan<byte> key) : EspAead
    {
        private readonly AesCcm ccm = new(key);

        public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, Span<byte> tag) =>
            ccm.Encrypt(nonce, data, data, tag, associatedData);

        public override bool TryOpen(
            ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, ReadOnlySpan<byte> tag)
        {
            try
            {
                ccm.Decrypt(nonce, data, tag, data, associatedData);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        public override void Dispose()
        {
            ccm.Dispose();
            base.Dispose();
        }
    }
}
