using Conformance.Spec.Crypto;

namespace Conformance.Harness.Oracle.Misconstructions;

/// <summary>Which clause of its RFC each part of a combined mode stands in; null where the mode has no such part.</summary>
/// <param name="Nonce">Salt, then IV.</param>
/// <param name="AssociatedData">SPI and number.</param>
/// <param name="ExtendedAssociatedData">SPI, high half, low half.</param>
/// <param name="TagLength">Length of the ICV, where it can be told from the other transforms of the RFC.</param>
/// <param name="CoveredIv">The IV is authenticated.</param>
/// <param name="LengthField">Length field of the mode.</param>
/// <param name="ImplicitIv">How the IV follows from the number.</param>
/// <param name="IvField">The IV is in the packet.</param>
internal sealed record CombinedClauses(
    string? Nonce,
    string? AssociatedData,
    string? ExtendedAssociatedData,
    string? TagLength = null,
    string? CoveredIv = null,
    string? LengthField = null,
    string? ImplicitIv = null,
    string? IvField = null)
{
    /// <summary>The clauses of a transform, or null for one that has none in the catalogue.</summary>
    public static CombinedClauses? Of(EncryptionTransform transform) => transform switch
    {
        { HasImplicitIv: true } => new(null, null, null, ImplicitIv: "RFC8750-4-01"),
        { Rfc: "RFC 4106 §4" } => new(
            "RFC4106-4-01", "RFC4106-5-01", "RFC4106-5-02", transform.IcvBytes == 16 ? "RFC4106-6-01" : null, IvField: "RFC4106-3.1-01"),
        { Rfc: "RFC 4309 §4" } => new(
            "RFC4309-4-01", "RFC4309-5-01", "RFC4309-5-01", transform.IcvBytes == 16 ? "RFC4309-2-03" : null,
            LengthField: "RFC4309-2-05", IvField: "RFC4309-3.1-01"),
        { Rfc: "RFC 4543 §3" } => new(
            "RFC4543-3.2-01", "RFC4543-3.3-01", "RFC4543-3.3-02", "RFC4543-3.4-01", CoveredIv: "RFC4543-3.3-03", IvField: "RFC4543-3.1-01"),
        { Rfc: "RFC 7634 §2" } => new("RFC7634-2-01", "RFC7634-2.1-01", "RFC7634-2.1-01"),
        _ => null,
    };
}
