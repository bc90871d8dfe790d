using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Eap;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.State;

/// <summary>EAP within IKE_AUTH as one side remembers it; compares by value. RFC 7296 §2.16.</summary>
public sealed record EapExchange
{
    /// <summary>Payloads of the first IKE_AUTH request, which a responder answers at the end.</summary>
    public ValueList<IkePayload> First { get; init; }

    /// <summary>The other side's identity, which the last AUTH covers; null until it is told.</summary>
    public IkePayload.Identification? Other { get; init; }

    /// <summary>The initiator's end of EAP.</summary>
    public EapPeerState Peer { get; init; } = new();

    /// <summary>The responder's end of EAP.</summary>
    public EapServerState Server { get; init; } = new();

    /// <summary>True if the responder has not proven itself by an AUTH of its own. RFC 5998 §3.</summary>
    public bool IsUnproven { get; init; }

    /// <summary>True after EAP Success: now both sides prove that they had the same conversation.</summary>
    public bool IsOver { get; init; }

    /// <summary>The MSK; none where the method makes none.</summary>
    public IkeSecret Key { get; init; }
}
