using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>The mathematics of a signature.</summary>
public enum SignatureKind
{
    /// <summary>RSASSA-PKCS1-v1_5. RFC 8017 §8.2.</summary>
    RsaPkcs1,

    /// <summary>RSASSA-PSS with MGF1 over the same hash. RFC 8017 §8.1.</summary>
    RsaPss,

    /// <summary>ECDSA.</summary>
    Ecdsa,

    /// <summary>Ed25519. RFC 8032 §5.1.</summary>
    Ed25519,

    /// <summary>Ed448 with an empty context. RFC 8032 §5.2.</summary>
    Ed448,
}

/// <summary>A way to sign AUTH, as data. RFC 7296 §3.8, RFC 4754 §3, RFC 7427 §3, RFC 8420 §2.</summary>
public sealed record SignatureScheme
{
    /// <summary>A short name, for example rsassa-pss-sha256.</summary>
    public required string Name { get; init; }

    /// <summary>Auth Method of the AUTH payload: 1, 9, 10, 11 or 14.</summary>
    public required byte AuthenticationMethod { get; init; }

    /// <summary>Identifier in SIGNATURE_HASH_ALGORITHMS; 5 is Identity. RFC 7427 §7, RFC 8420 §2.</summary>
    public required ushort HashId { get; init; }

    /// <summary>The mathematics.</summary>
    public required SignatureKind Kind { get; init; }

    /// <summary>The hash; without a name for Identity.</summary>
    public HashAlgorithmName Hash { get; init; }

    /// <summary>Object identifier of the curve that the key must have; null for any. RFC 4754 §3.</summary>
    public string? CurveIdentifier { get; init; }

    /// <summary>DER AlgorithmIdentifiers that mean the scheme, that which is sent first; empty for other methods than 14. RFC 7427 §3.</summary>
    public ImmutableArray<ImmutableArray<byte>> AlgorithmIdentifiers { get; init; } = [];

    /// <summary>Defining document and section.</summary>
    public required string Rfc { get; init; }

    /// <summary>Length of the salt of RSASSA-PSS in bytes; 0 for others.</summary>
    public int SaltBytes { get; init; }

    /// <summary>True if the provider has the mathematics. .NET has no Edwards curves.</summary>
    public bool IsSupportedBy(CryptoProvider provider) =>
        provider != CryptoProvider.Bcl || Kind is SignatureKind.RsaPkcs1 or SignatureKind.Ecdsa
        || (Kind == SignatureKind.RsaPss && SaltBytes == HashBytes);

    /// <summary>Length of the hash in bytes; 0 for Identity.</summary>
    public int HashBytes =>
        Hash == HashAlgorithmName.SHA1 ? 20
        : Hash == HashAlgorithmName.SHA256 ? 32
        : Hash == HashAlgorithmName.SHA384 ? 48
        : Hash == HashAlgorithmName.SHA512 ? 64
        : 0;

    /// <summary>The short name.</summary>
    public override string ToString() => Name;
}
