using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Eap;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>What was fetched by HTTP. RFC 7296 §3.6.</summary>
/// <param name="Url">Where.</param>
/// <param name="Content">What.</param>
public sealed record FetchedObject(string Url, ByteString Content);

/// <summary>What a side takes as the proof of the other one's identity. RFC 7296 §2.15.</summary>
public abstract record Trust
{
    private Trust()
    {
    }

    /// <summary>The counterpart of own credentials: the same secret, or no proof at all.</summary>
    /// <exception cref="ArgumentException">A private key says nothing about the other side's.</exception>
    public static Trust CounterpartOf(Credentials credentials) => credentials switch
    {
        Credentials.SharedSecret shared => new Secret(shared.Secret),
        Credentials.Null => new Anyone(),
        _ => throw new ArgumentException("who signs must be told which key or which authorities it trusts", nameof(credentials)),
    };

    /// <summary>One secret that both know. RFC 7296 §2.15.</summary>
    public sealed record Secret(IkeSecret Value) : Trust;

    /// <summary>A signature under one public key. RFC 7296 §2.15.</summary>
    /// <param name="SubjectPublicKeyInfo">DER.</param>
    public sealed record PublicKey(ByteString SubjectPublicKeyInfo) : Trust;

    /// <summary>A signature under the key of a certificate that names the identity. RFC 7296 §3.6.</summary>
    /// <param name="Anchors">DER of the authorities.</param>
    /// <param name="Time">When the certificates are to be valid.</param>
    public sealed record Authorities(ValueList<ByteString> Anchors, DateTimeOffset Time) : Trust
    {
        /// <summary>What the certificate must name; null for the identity itself, which for ID_KEY_ID no certificate does. RFC 7296 §4.</summary>
        public Identity? CertifiedName { get; init; }

        /// <summary>What there is at URLs; null where it fetches nothing, and does not offer to. RFC 7296 §3.6.</summary>
        public ValueList<FetchedObject>? Fetched { get; init; }
    }

    /// <summary>No proof: whoever it is, under whatever name. RFC 7619 §2.1.</summary>
    public sealed record Anyone : Trust;

    /// <summary>EAP, of an initiator; whom EAP authenticates counts, not IDi. RFC 7296 §2.16.</summary>
    /// <param name="Server">The end of EAP that asks.</param>
    /// <param name="AsksIdentity">It asks for a name first, which it should not. RFC 7296 §3.16.</param>
    /// <param name="AllowsOnly">It leaves out its own AUTH where the initiator offers that. RFC 5998 §3.</param>
    public sealed record Eap(EapServer Server, bool AsksIdentity = false, bool AllowsOnly = false) : Trust;
}
