using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Eap;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>How a side proves who it is. RFC 7296 §2.15.</summary>
public abstract record Credentials
{
    private Credentials()
    {
    }

    /// <summary>One secret that both know. RFC 7296 §2.15.</summary>
    public sealed record SharedSecret(IkeSecret Secret) : Credentials;

    /// <summary>A private key. RFC 7296 §2.15, RFC 4754 §3, RFC 7427 §3.</summary>
    /// <param name="PrivateKey">PKCS#8.</param>
    /// <param name="Schemes">Ways to sign with it, in order of preference: the first that the other side can verify is used.</param>
    /// <param name="Certificates">DER of the certificate of the key and of those between it and an authority; empty for a bare key.</param>
    public sealed record Signature(IkeSecret PrivateKey, ValueList<SignatureScheme> Schemes, ValueList<ByteString> Certificates) : Credentials
    {
        /// <summary>Where the certificates can be fetched, one URL each in their order; those behind the last have none. RFC 7296 §3.6.</summary>
        public ValueList<string> Locations { get; init; }
    }

    /// <summary>Nothing: AUTH only ties the messages together. RFC 7619 §2.1.</summary>
    public sealed record Null : Credentials;

    /// <summary>EAP, for an initiator; as a responder such a side proves nothing. RFC 7296 §2.16.</summary>
    /// <param name="Peer">Its end of EAP.</param>
    /// <param name="ProposesOnly">It offers to do without an own AUTH of the responder. RFC 5998 §3.</param>
    /// <param name="TakesSharedKey">It takes an own AUTH of the responder by a shared secret, which the RFC does not foresee.</param>
    public sealed record Eap(EapPeer Peer, bool ProposesOnly = false, bool TakesSharedKey = false) : Credentials;
}
