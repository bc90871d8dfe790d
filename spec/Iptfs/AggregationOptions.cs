namespace Conformance.Spec.Iptfs;

/// <summary>What an SA in AGGFRAG mode is told beyond its mode. RFC 9347 §2.2.3, §2.2.7, §4.2.</summary>
public sealed record AggregationOptions
{
    /// <summary>No reordering, fragments, no delay.</summary>
    public static AggregationOptions Default { get; } = new();

    /// <summary>Receiver: later payloads that are kept while one is missing.</summary>
    public int ReorderWindowPackets { get; init; }

    /// <summary>Receiver: how long a missing payload is waited for.</summary>
    public TimeSpan LostPacketTimer { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Sender: keep every inner packet in one payload.</summary>
    public bool DontFragment { get; init; }

    /// <summary>Sender: how long packets wait for others to share a payload.</summary>
    public TimeSpan SendDelay { get; init; }

    /// <summary>Sender: length of the outer packets in bytes; null for what the path carries.</summary>
    public int? OuterBytes { get; init; }
}
