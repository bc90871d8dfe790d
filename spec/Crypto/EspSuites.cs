using System.Collections.Immutable;
using Conformance.Spec.Crypto.Transforms;

namespace Conformance.Spec.Crypto;

/// <summary>The registry: every ESP transform, one line each, and the suites that tests run over. RFC 8221.</summary>
public static class EspSuites
{
    /// <summary>Every encryption and combined-mode transform.</summary>
    public static ImmutableArray<EncryptionTransform> Encryption { get; } =
    [
        NullEncryption.Null,
        AesCbc.Cbc,
        AesCtr.Ctr,
        AesCcmMode.Ccm8,
        AesCcmMode.Ccm12,
        AesCcmMode.Ccm16,
        AesCcmMode.Ccm8ImplicitIv,
        AesGcmMode.Gcm8,
        AesGcmMode.Gcm12,
        AesGcmMode.Gcm16,
        AesGcmMode.Gcm16ImplicitIv,
        AesGmac.Gmac,
        ChaCha20Poly1305Mode.Poly1305,
        ChaCha20Poly1305Mode.Poly1305ImplicitIv,
        CamelliaCbc.Cbc,
        TripleDesCbc.Cbc,
    ];

    /// <summary>Every integrity transform.</summary>
    public static ImmutableArray<IntegrityTransform> Integrity { get; } =
    [
        Hmac.Md5,
        Hmac.Sha1,
        Hmac.Sha256,
        Hmac.Sha384,
        Hmac.Sha512,
        AesXcbc.Xcbc,
        AesCmac.Cmac,
    ];

    /// <summary>
    /// Every combined mode and every cipher with HMAC-SHA2-256-128, in all key sizes; AES-CBC-128 and NULL with every integrity transform.
    /// </summary>
    public static ImmutableArray<EspSuite> All { get; } =
    [
        .. Encryption.SelectMany(
            encryption => encryption.KeyBits,
            (encryption, bits) => new EspSuite(encryption, bits, encryption.IsCombinedMode ? null : Hmac.Sha256)),
        .. WithEveryOtherIntegrity(AesCbc.Cbc),
        .. WithEveryOtherIntegrity(NullEncryption.Null),
    ];

    /// <summary>AES-GCM with a 16-byte ICV and a 128-bit key: the mandatory combined mode. RFC 8221 §5.</summary>
    public static EspSuite Default { get; } = new(AesGcmMode.Gcm16, 128, null);

    /// <summary>Every cipher without integrity, in all key sizes; NULL is not among them. RFC 4303 §3.2, RFC 2410 §3.</summary>
    public static ImmutableArray<EspSuite> EncryptionOnly { get; } =
    [
        .. Encryption.Where(encryption => encryption is { IsCombinedMode: false, IsIntegrityOnly: false }).SelectMany(
            encryption => encryption.KeyBits,
            (encryption, bits) => new EspSuite(encryption, bits, null)),
    ];

    private static IEnumerable<EspSuite> WithEveryOtherIntegrity(EncryptionTransform encryption) =>
        from integrity in Integrity where integrity != Hmac.Sha256 select new EspSuite(encryption, encryption.KeyBits[0], integrity);
}
