using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;

namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>What kind of key a SubjectPublicKeyInfo or a PKCS#8 structure holds. RFC 5280 §4.1.2.7, RFC 5958 §2.</summary>
/// <param name="Identifier">Object identifier of the algorithm.</param>
/// <param name="Curve">Object identifier of the curve; null where there is none.</param>
internal sealed record KeyAlgorithm(string Identifier, string? Curve)
{
    public const string P256 = "1.2.840.10045.3.1.7";
    public const string P384 = "1.3.132.0.34";
    public const string P521 = "1.3.132.0.35";

    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string EllipticCurve = "1.2.840.10045.2.1";
    private const string Ed25519 = "1.3.101.112";
    private const string Ed448 = "1.3.101.113";

    public static bool TryReadPublic(ReadOnlySpan<byte> publicKey, [NotNullWhen(true)] out KeyAlgorithm? algorithm) =>
        TryRead(publicKey, isPrivate: false, out algorithm);

    public static bool TryReadPrivate(ReadOnlySpan<byte> privateKey, [NotNullWhen(true)] out KeyAlgorithm? algorithm) =>
        TryRead(privateKey, isPrivate: true, out algorithm);

    public bool Fits(SignatureScheme scheme) => scheme.Kind switch
    {
        SignatureKind.Ecdsa => Identifier == EllipticCurve && (scheme.CurveIdentifier ?? Curve) == Curve,
        SignatureKind.Ed25519 => Identifier == Ed25519,
        SignatureKind.Ed448 => Identifier == Ed448,
        _ => Identifier == Rsa,
    };

    private static bool TryRead(ReadOnlySpan<byte> key, bool isPrivate, [NotNullWhen(true)] out KeyAlgorithm? algorithm)
    {
        algorithm = null;
        try
        {
            var reader = new AsnReader(key.ToArray(), AsnEncodingRules.DER).ReadSequence();
            if (isPrivate)
                reader.ReadInteger();
            var parts = reader.ReadSequence();
            var identifier = parts.ReadObjectIdentifier();
            var hasCurve = identifier == EllipticCurve && parts.HasData && parts.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier);
            algorithm = new KeyAlgorithm(identifier, hasCurve ? parts.ReadObjectIdentifier() : null);
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }
}
