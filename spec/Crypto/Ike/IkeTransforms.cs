using System.Collections.Immutable;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using Conformance.Spec.Crypto.Ike.Prfs;
using Conformance.Spec.Crypto.Transforms;

namespace Conformance.Spec.Crypto.Ike;

/// <summary>The registry: every transform of an IKE SA, one line each. RFC 7296 §3.3.2, RFC 8247.</summary>
public static class IkeTransforms
{
    /// <summary>
    /// Every encryption transform that an IKE SA may have: those of ESP that encrypt and carry their IV. RFC 7296 §3.3.2, RFC 8750 §5.
    /// </summary>
    public static ImmutableArray<EncryptionTransform> Encryption { get; } =
        [.. EspSuites.Encryption.Where(transform => transform is { IsIntegrityOnly: false, HasImplicitIv: false })];

    /// <summary>Every integrity transform: the same as for ESP. RFC 7296 §3.3.2.</summary>
    public static ImmutableArray<IntegrityTransform> Integrity => EspSuites.Integrity;

    /// <summary>Every pseudorandom function.</summary>
    public static ImmutableArray<IkePrf> Prfs { get; } =
    [
        HmacPrf.Md5,
        HmacPrf.Sha1,
        HmacPrf.Sha256,
        HmacPrf.Sha384,
        HmacPrf.Sha512,
        AesXcbcPrf.Xcbc,
        AesCmacPrf.Cmac,
    ];

    /// <summary>Every key exchange method, those that only follow another among them.</summary>
    public static ImmutableArray<KeyExchangeMethod> KeyExchanges { get; } =
    [
        ModpGroup.Modp1024,
        ModpGroup.Modp1536,
        ModpGroup.Modp2048,
        ModpGroup.Modp3072,
        ModpGroup.Modp4096,
        ModpGroup.Modp6144,
        ModpGroup.Modp8192,
        EcpGroup.P256,
        EcpGroup.P384,
        EcpGroup.P521,
        ModpSubgroup.Modp1024Subgroup160,
        ModpSubgroup.Modp2048Subgroup224,
        ModpSubgroup.Modp2048Subgroup256,
        EcpGroup.P192,
        EcpGroup.P224,
        EcpGroup.BrainpoolP224,
        EcpGroup.BrainpoolP256,
        EcpGroup.BrainpoolP384,
        EcpGroup.BrainpoolP512,
        MontgomeryCurve.Curve25519,
        MontgomeryCurve.Curve448,
        MlKem.MlKem512,
        MlKem.MlKem768,
        MlKem.MlKem1024,
    ];

    /// <summary>Every encryption transform in all key sizes with HMAC-SHA2-256-128 where it needs one; AES-CBC-128 with every integrity transform.</summary>
    public static ImmutableArray<IkeSuite> Suites { get; } =
    [
        .. Encryption.SelectMany(
            encryption => encryption.KeyBits,
            (encryption, bits) => new IkeSuite(
                encryption, bits, encryption.IsCombinedMode ? null : Hmac.Sha256, HmacPrf.Sha256, MontgomeryCurve.Curve25519)),
        .. from integrity in Integrity
           where integrity != Hmac.Sha256
           select new IkeSuite(AesCbc.Cbc, 128, integrity, HmacPrf.Sha256, MontgomeryCurve.Curve25519),
    ];

    /// <summary>AES-GCM with a 16-byte ICV, HMAC-SHA2-256 and curve25519. RFC 8247 §2.</summary>
    public static IkeSuite Default { get; } = new(AesGcmMode.Gcm16, 128, null, HmacPrf.Sha256, MontgomeryCurve.Curve25519);
}
