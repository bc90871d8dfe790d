using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Receive;

/// <summary>Why a receiver throws a packet away. RFC 4303 §3.4, RFC 3948 §3.</summary>
public enum DiscardReason
{
    /// <summary>No IP packet that can be understood, or no room for SPI and sequence number.</summary>
    Malformed,

    /// <summary>A fragment reached ESP processing. RFC 4303 §3.4.1.</summary>
    Fragment,

    /// <summary>No SA with this SPI. RFC 4303 §3.4.2.</summary>
    NoSecurityAssociation,

    /// <summary>UDP encapsulation where the SA has none, or none where it has. RFC 3948 §3.</summary>
    EncapsulationMismatch,

    /// <summary>The SA reached a hard limit. RFC 4301 §4.4.2.1.</summary>
    Expired,

    /// <summary>The number is inside the window and was accepted before. RFC 4303 §3.4.3.</summary>
    Replayed,

    /// <summary>The number is left of the window. RFC 4303 §3.4.3.</summary>
    LeftOfWindow,

    /// <summary>ICV wrong, or too short to hold one. RFC 4303 §3.4.4.</summary>
    IntegrityFailure,

    /// <summary>Pad length points before the payload. RFC 4303 §2.5.</summary>
    PadLengthInvalid,

    /// <summary>Padding is not 1, 2, 3 …. RFC 4303 §2.4.</summary>
    PaddingInvalid,

    /// <summary>Next header 59: a dummy packet, no error. RFC 4303 §2.6.</summary>
    Dummy,

    /// <summary>Next header does not fit the mode of the SA. RFC 4301 §5.2.</summary>
    NextHeaderInvalid,

    /// <summary>The inner packet cannot be understood. RFC 4301 §5.2.</summary>
    InnerMalformed,

    /// <summary>The inner packet is outside the SA's selectors. RFC 4301 §5.2.</summary>
    SelectorMismatch,

    /// <summary>NAT keepalive: eaten. RFC 3948 §2.3.</summary>
    KeepAlive,

    /// <summary>A congestion mark on a packet whose transport would not understand it. RFC 6040 §4.2.</summary>
    CongestionLost,

    /// <summary>The packet was opened, but its TTL or hop limit does not let it be forwarded. RFC 4301 §5.1.2.1 note 2.</summary>
    HopLimitReached,
}

/// <summary>What became of a packet from the wire.</summary>
public abstract record ReceiveOutcome
{
    private ReceiveOutcome()
    {
    }

    /// <summary>The plain packet was delivered on the protected side.</summary>
    public sealed record Delivered(ByteString Inner) : ReceiveOutcome
    {
        /// <summary>One word and the length.</summary>
        public override string ToString() => $"Delivered ({Inner.Length} bytes)";
    }

    /// <summary>Nothing was delivered.</summary>
    public sealed record Discarded(DiscardReason Reason) : ReceiveOutcome
    {
        /// <summary>One word and the reason.</summary>
        public override string ToString() => $"Discarded ({Reason})";
    }

    /// <summary>Not ESP: left to another protocol, for example IKE behind the non-ESP marker. RFC 3948 §2.2.</summary>
    public sealed record NotEsp : ReceiveOutcome;
}
