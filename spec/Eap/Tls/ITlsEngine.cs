using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Eap.Tls;

/// <summary>One end of TLS as a function of what it drew and what came in, so that a state machine can hold its history instead of a connection. RFC 5216 §2.1.</summary>
public interface ITlsEngine
{
    /// <summary>What this end does after the last of the other end's flights; without a flight, what a client says first.</summary>
    /// <param name="randomness">Whence all its randomness comes.</param>
    /// <param name="flights">All that came so far, one whole message of EAP-TLS each.</param>
    TlsProgress Run(ByteString randomness, ValueList<ByteString> flights);
}

/// <summary>Where a TLS handshake stands.</summary>
/// <param name="Output">Records to send; an alert where it has failed.</param>
/// <param name="IsFinished">True if this end is done.</param>
/// <param name="Key">MSK: the first 64 bytes that the exporter gives. RFC 5216 §2.3, RFC 9190 §2.3.</param>
/// <param name="Name">Whom the other end's certificate names.</param>
/// <param name="Fault">Why it has failed; null while it has not.</param>
public sealed record TlsProgress(ByteString Output, bool IsFinished, IkeSecret Key, ByteString Name, string? Fault);
