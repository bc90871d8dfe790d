using System.Diagnostics.CodeAnalysis;

namespace Conformance.Spec.Crypto.Ike.KeyExchange;

/// <summary>Why a key exchange does not come about. RFC 6989 §2, RFC 8031 §4, RFC 7296 §3.4.</summary>
public enum KeyExchangeError
{
    /// <summary>It does come about.</summary>
    None,

    /// <summary>The public value has not the length of the method.</summary>
    WrongLength,

    /// <summary>The public value is 0, 1, p-1 or more, or lies outside the subgroup. RFC 6989 §2.1 and §2.2.</summary>
    NotInGroup,

    /// <summary>The public value is no point of the curve. RFC 6989 §2.3.</summary>
    NotOnCurve,

    /// <summary>The shared secret is zero: the public value was of small order. RFC 8031 §4.</summary>
    ZeroSharedSecret,

    /// <summary>The public value is not the encoding of a key. FIPS 203 §7.2.</summary>
    NotAKey,

    /// <summary>The randomness has the wrong length or gives a private value out of range.</summary>
    UnsuitableRandomness,
}

/// <summary>A key exchange method; each side's private randomness enters as a value. RFC 7296 §3.4, RFC 9370 §2.1.</summary>
/// <remarks>
/// The initiator makes its public value and keeps the private one; the responder answers with a public value and has the
/// shared secret at once; the initiator then agrees. So a KEM fits, where the responder's value is a ciphertext.
/// </remarks>
public abstract class KeyExchangeMethod
{
    /// <summary>A short name, for example curve25519.</summary>
    public required string Name { get; init; }

    /// <summary>IKEv2 transform id (type 4).</summary>
    public required ushort TransformId { get; init; }

    /// <summary>Defining document and section.</summary>
    public required string Rfc { get; init; }

    /// <summary>Length of the initiator's public value in bytes.</summary>
    public required int InitiatorPublicBytes { get; init; }

    /// <summary>Length of the responder's public value in bytes; for a KEM that of the ciphertext.</summary>
    public required int ResponderPublicBytes { get; init; }

    /// <summary>Randomness that the initiator should bring, in bytes; groups modulo a prime take other lengths too.</summary>
    public required int InitiatorRandomnessBytes { get; init; }

    /// <summary>Randomness that the responder should bring, in bytes.</summary>
    public required int ResponderRandomnessBytes { get; init; }

    /// <summary>Length of the shared secret in bytes.</summary>
    public required int SharedSecretBytes { get; init; }

    /// <summary>True if the two sides' values are not of one kind: the responder encapsulates.</summary>
    public virtual bool IsKem => false;

    /// <summary>True if the provider can compute the method on this platform.</summary>
    public virtual bool IsSupportedBy(CryptoProvider provider) => true;

    /// <summary>The initiator's public value. RFC 7296 §1.2.</summary>
    /// <param name="randomness">The initiator's private value.</param>
    /// <param name="publicValue">Key exchange data of its KE payload.</param>
    /// <param name="error">Why there is none.</param>
    /// <param name="provider">Which implementation computes.</param>
    public abstract bool TryMakePublic(
        ReadOnlySpan<byte> randomness,
        [NotNullWhen(true)] out byte[]? publicValue,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred);

    /// <summary>The responder's public value and the shared secret. RFC 7296 §1.2, RFC 9370 §2.2.2.</summary>
    /// <param name="randomness">The responder's private value.</param>
    /// <param name="initiatorPublic">Key exchange data of the initiator's KE payload.</param>
    /// <param name="publicValue">Key exchange data of the responder's KE payload.</param>
    /// <param name="shared">g^ir, or what was encapsulated.</param>
    /// <param name="error">Why there is none.</param>
    /// <param name="provider">Which implementation computes.</param>
    public virtual bool TryRespond(
        ReadOnlySpan<byte> randomness,
        ReadOnlySpan<byte> initiatorPublic,
        [NotNullWhen(true)] out byte[]? publicValue,
        out IkeSecret shared,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        shared = default;
        return TryMakePublic(randomness, out publicValue, out error, provider)
            && TryAgree(randomness, initiatorPublic, out shared, out error, provider);
    }

    /// <summary>The initiator's shared secret. RFC 7296 §2.14.</summary>
    /// <param name="randomness">The initiator's private value, as given to <see cref="TryMakePublic"/>.</param>
    /// <param name="responderPublic">Key exchange data of the responder's KE payload.</param>
    /// <param name="shared">g^ir, or what was encapsulated.</param>
    /// <param name="error">Why there is none.</param>
    /// <param name="provider">Which implementation computes.</param>
    public abstract bool TryAgree(
        ReadOnlySpan<byte> randomness,
        ReadOnlySpan<byte> responderPublic,
        out IkeSecret shared,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred);

    /// <summary>The short name.</summary>
    public override string ToString() => Name;
}
