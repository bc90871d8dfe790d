using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>The registry: every way to sign AUTH, one line each. RFC 7296 §3.8, RFC 4754 §3, RFC 7427 §3 and appendix A, RFC 8420 §2.</summary>
public static class SignatureSchemes
{
    /// <summary>Auth Method: RSA Digital Signature. RFC 7296 §3.8.</summary>
    public const byte RsaMethod = 1;

    /// <summary>Auth Method: Digital Signature. RFC 7427 §3.</summary>
    public const byte DigitalSignatureMethod = 14;

    /// <summary>Method 1 with SHA-1, the default; the signature names its hash. RFC 7296 §3.8.</summary>
    public static SignatureScheme RsaSha1 { get; } = Rsa("rsa-sha1", 1, HashAlgorithmName.SHA1);

    /// <summary>Method 1 with SHA2-256. RFC 7296 §3.8.</summary>
    public static SignatureScheme RsaSha256 { get; } = Rsa("rsa-sha256", 2, HashAlgorithmName.SHA256);

    /// <summary>Method 1 with SHA2-384. RFC 7296 §3.8.</summary>
    public static SignatureScheme RsaSha384 { get; } = Rsa("rsa-sha384", 3, HashAlgorithmName.SHA384);

    /// <summary>Method 1 with SHA2-512. RFC 7296 §3.8.</summary>
    public static SignatureScheme RsaSha512 { get; } = Rsa("rsa-sha512", 4, HashAlgorithmName.SHA512);

    /// <summary>Method 9: ECDSA with SHA-256 on P-256. RFC 4754 §3.</summary>
    public static SignatureScheme Ecdsa256 { get; } = Ecdsa("ecdsa-256", 9, 2, HashAlgorithmName.SHA256, KeyAlgorithm.P256);

    /// <summary>Method 10: ECDSA with SHA-384 on P-384. RFC 4754 §3.</summary>
    public static SignatureScheme Ecdsa384 { get; } = Ecdsa("ecdsa-384", 10, 3, HashAlgorithmName.SHA384, KeyAlgorithm.P384);

    /// <summary>Method 11: ECDSA with SHA-512 on P-521. RFC 4754 §3.</summary>
    public static SignatureScheme Ecdsa521 { get; } = Ecdsa("ecdsa-521", 11, 4, HashAlgorithmName.SHA512, KeyAlgorithm.P521);

    /// <summary>Every scheme.</summary>
    public static ImmutableArray<SignatureScheme> All { get; } =
    [
        RsaSha1,
        RsaSha256,
        RsaSha384,
        RsaSha512,
        Ecdsa256,
        Ecdsa384,
        Ecdsa521,
        Digital("rsassa-pkcs1-sha1", 1, SignatureKind.RsaPkcs1, HashAlgorithmName.SHA1, AlgorithmIdentifier.Rsa("1.2.840.113549.1.1.5")),
        Digital("rsassa-pkcs1-sha256", 2, SignatureKind.RsaPkcs1, HashAlgorithmName.SHA256, AlgorithmIdentifier.Rsa("1.2.840.113549.1.1.11")),
        Digital("rsassa-pkcs1-sha384", 3, SignatureKind.RsaPkcs1, HashAlgorithmName.SHA384, AlgorithmIdentifier.Rsa("1.2.840.113549.1.1.12")),
        Digital("rsassa-pkcs1-sha512", 4, SignatureKind.RsaPkcs1, HashAlgorithmName.SHA512, AlgorithmIdentifier.Rsa("1.2.840.113549.1.1.13")),
        Pss("rsassa-pss-sha1", 1, HashAlgorithmName.SHA1, 20),
        Pss("rsassa-pss-sha256", 2, HashAlgorithmName.SHA256, 32),
        Pss("rsassa-pss-sha384", 3, HashAlgorithmName.SHA384, 48),
        Pss("rsassa-pss-sha512", 4, HashAlgorithmName.SHA512, 64),
        Digital("ecdsa-sha1", 1, SignatureKind.Ecdsa, HashAlgorithmName.SHA1, AlgorithmIdentifier.Ecdsa("1.2.840.10045.4.1")),
        Digital("ecdsa-sha256", 2, SignatureKind.Ecdsa, HashAlgorithmName.SHA256, AlgorithmIdentifier.Ecdsa("1.2.840.10045.4.3.2")),
        Digital("ecdsa-sha384", 3, SignatureKind.Ecdsa, HashAlgorithmName.SHA384, AlgorithmIdentifier.Ecdsa("1.2.840.10045.4.3.3")),
        Digital("ecdsa-sha512", 4, SignatureKind.Ecdsa, HashAlgorithmName.SHA512, AlgorithmIdentifier.Ecdsa("1.2.840.10045.4.3.4")),
        Edwards("ed25519", SignatureKind.Ed25519, "1.3.101.112"),
        Edwards("ed448", SignatureKind.Ed448, "1.3.101.113"),
    ];

    /// <summary>The scheme of a name.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static SignatureScheme Named(string name) => All.Single(scheme => scheme.Name == name);

    private static SignatureScheme Rsa(string name, ushort hashId, HashAlgorithmName hash) => new()
    {
        Name = name,
        AuthenticationMethod = RsaMethod,
        HashId = hashId,
        Kind = SignatureKind.RsaPkcs1,
        Hash = hash,
        Rfc = "RFC 7296 §3.8",
    };

    private static SignatureScheme Ecdsa(string name, byte method, ushort hashId, HashAlgorithmName hash, string curveIdentifier) => new()
    {
        Name = name,
        AuthenticationMethod = method,
        HashId = hashId,
        Kind = SignatureKind.Ecdsa,
        Hash = hash,
        CurveIdentifier = curveIdentifier,
        Rfc = "RFC 4754 §3",
    };

    private static SignatureScheme Digital(
        string name, ushort hashId, SignatureKind kind, HashAlgorithmName hash, ImmutableArray<ImmutableArray<byte>> identifiers) => new()
        {
            Name = name,
            AuthenticationMethod = DigitalSignatureMethod,
            HashId = hashId,
            Kind = kind,
            Hash = hash,
            AlgorithmIdentifiers = identifiers,
            Rfc = "RFC 7427 appendix A",
        };

    private static SignatureScheme Pss(string name, ushort hashId, HashAlgorithmName hash, int saltBytes) =>
        Digital(name, hashId, SignatureKind.RsaPss, hash, AlgorithmIdentifier.Pss(hash, saltBytes)) with { SaltBytes = saltBytes };

    private static SignatureScheme Edwards(string name, SignatureKind kind, string identifier) =>
        Digital(name, 5, kind, default, AlgorithmIdentifier.Bare(identifier)) with { Rfc = "RFC 8420 §2" };
}
