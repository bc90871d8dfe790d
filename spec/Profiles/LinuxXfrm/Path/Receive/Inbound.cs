using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>What the stages of the receive path leave for each other.</summary>
public sealed record Inbound
{
    /// <summary>The device that the packet came from; an XFRM interface once it came out of an SA of one.</summary>
    public required LinuxDevice Device { get; init; }

    /// <summary>True for a packet out of the GRO cells, behind a decapsulation.</summary>
    public bool AfterDecapsulation { get; init; }

    /// <summary>True for a packet of transport mode that was queued for delivery, routed long ago.</summary>
    public bool IsRequeued { get; init; }

    /// <summary>True when GRO took it: its SA is found, and routing and handlers are passed by.</summary>
    public bool TakenByGro { get; init; }

    /// <summary>True when it goes through ESP input.</summary>
    public bool IsEsp { get; init; }

    /// <summary>True when a UDP header stood before ESP; only the first SA of a packet may have one.</summary>
    public bool IsUdpEncapsulated { get; init; }

    /// <summary>Source port of that UDP header.</summary>
    public ushort UdpSourcePort { get; init; }

    /// <summary>Where the ESP header starts, in bytes.</summary>
    public int EspOffset { get; init; }

    /// <summary>True when the in policies had their say before the socket looked into the packet.</summary>
    public bool IsPolicyChecked { get; init; }

    /// <summary>The SA at work.</summary>
    public ulong StateId { get; init; }

    /// <summary>Rounds of the input loop so far.</summary>
    public int Rounds { get; init; }

    /// <summary>True while the packet is ESP still.</summary>
    public bool HasMore { get; init; }

    /// <summary>Sequence number as inferred.</summary>
    public SequenceNumber Sequence { get; init; }

    /// <summary>Next header field of what was decrypted.</summary>
    public byte NextHeader { get; init; }

    /// <summary>Payload that was decrypted, without padding and trailer.</summary>
    public ByteString Payload { get; init; }

    /// <summary>True once the mode is undone: the packet goes back into the stack.</summary>
    public bool IsDecapsulated { get; init; }

    /// <summary>True when it came out of a tunnel or BEET SA and so is a fresh packet.</summary>
    public bool IsFreshPacket { get; init; }
}
