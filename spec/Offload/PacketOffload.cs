namespace Conformance.Spec.Offload;

/// <summary>How a super-packet is to be cut.</summary>
public enum SegmentationKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Into TCP segments that continue each other.</summary>
    Tcp,

    /// <summary>Into UDP datagrams of their own.</summary>
    Udp,
}

/// <summary>What travels beside a packet that a later stage is to finish. virtio 1.2 §5.1.6, struct virtio_net_hdr.</summary>
public sealed record PacketOffload
{
    /// <summary>A packet that is finished.</summary>
    public static PacketOffload None { get; } = new();

    /// <summary>How it is cut.</summary>
    public SegmentationKind Kind { get; init; }

    /// <summary>Payload of each segment but the last, in bytes; 0 where nothing is cut.</summary>
    public int SegmentBytes { get; init; }

    /// <summary>True where the checksum field of TCP or UDP holds the sum of the pseudo header, and the rest is still to be added.</summary>
    public bool ChecksumIsPartial { get; init; }

    /// <summary>Kind, size and checksum on one line.</summary>
    public override string ToString() =>
        (Kind == SegmentationKind.None ? "whole" : $"{Kind} segments of {SegmentBytes} bytes") + (ChecksumIsPartial ? ", checksum partial" : "");
}
