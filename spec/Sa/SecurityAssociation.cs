using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa;

/// <summary>How ESP encloses a packet.</summary>
public enum EspMode
{
    /// <summary>ESP goes between the IP header and the upper layer. RFC 4303 §3.1.1.</summary>
    Transport,

    /// <summary>ESP encloses a whole inner packet behind a new outer header. RFC 4303 §3.1.2.</summary>
    Tunnel,

    /// <summary>Bound end-to-end tunnel: inner addresses live in the SA, the outer ones in the packet (draft-nikander-esp-beet-mode).</summary>
    Beet,

    /// <summary>A tunnel whose payloads hold several inner packets and parts of some. RFC 9347 §2.</summary>
    AggFrag,
}

/// <summary>UDP encapsulation of ESP. RFC 3948 §2.1.</summary>
/// <param name="SourcePort">UDP source port of the sender.</param>
/// <param name="DestinationPort">UDP destination port, usually 4500.</param>
public sealed record UdpEncapsulation(ushort SourcePort, ushort DestinationPort)
{
    /// <summary>Port 4500 on both sides.</summary>
    public static UdpEncapsulation Default { get; } = new(4500, 4500);
}

/// <summary>One unidirectional ESP SA: the parameters of an SAD entry. RFC 4301 §4.4.2.1.</summary>
public sealed record SecurityAssociation
{
    /// <summary>Index in the packets.</summary>
    public required Spi Spi { get; init; }

    /// <summary>Mode.</summary>
    public required EspMode Mode { get; init; }

    /// <summary>Sender: outer source address in tunnel and BEET mode, the packet's own in transport mode.</summary>
    public required IpAddress Source { get; init; }

    /// <summary>Receiver: outer destination address in tunnel and BEET mode, the packet's own in transport mode.</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>Inner source address, which BEET mode restores; null in the other modes.</summary>
    public IpAddress? InnerSource { get; init; }

    /// <summary>Inner destination address, which BEET mode restores; null in the other modes.</summary>
    public IpAddress? InnerDestination { get; init; }

    /// <summary>Transforms.</summary>
    public required EspSuite Suite { get; init; }

    /// <summary>Encryption key followed by its salt.</summary>
    public required ByteString EncryptionKey { get; init; }

    /// <summary>Key of the separate integrity transform; empty for combined modes.</summary>
    public ByteString IntegrityKey { get; init; }

    /// <summary>True for 64-bit sequence numbers (ESN). RFC 4303 §2.2.1.</summary>
    public bool ExtendedSequenceNumbers { get; init; }

    /// <summary>Receive window in packets; 0 switches anti-replay off.</summary>
    public int ReplayWindowPackets { get; init; } = 64;

    /// <summary>Sender: the last number used. Receiver: the right edge, itself taken as seen. 0 for a new SA.</summary>
    public SequenceNumber LastSequence { get; init; }

    /// <summary>UDP encapsulation, or null.</summary>
    public UdpEncapsulation? Encapsulation { get; init; }

    /// <summary>Limits.</summary>
    public Lifetime Lifetime { get; init; } = Lifetime.Unlimited;

    /// <summary>Sender: pad the payload of a tunnel to this many bytes (TFC). RFC 4303 §2.7.</summary>
    public int? TfcPayloadBytes { get; init; }

    /// <summary>Tunnel mode: how outer headers are made and read. RFC 4301 §4.4.2.1.</summary>
    public TunnelHeaderOptions Headers { get; init; } = TunnelHeaderOptions.Default;

    /// <summary>AGGFRAG mode: how packets share payloads. RFC 9347 §2.2.</summary>
    public AggregationOptions Aggregation { get; init; } = AggregationOptions.Default;

    /// <summary>The largest number the sender may use.</summary>
    public SequenceNumber LargestSequence => new(ExtendedSequenceNumbers ? ulong.MaxValue : uint.MaxValue);

    /// <summary>Schedules the keys.</summary>
    public EspProtection CreateProtection(CryptoProvider provider = CryptoProvider.Preferred) =>
        Suite.Key(EncryptionKey.Span, IntegrityKey.Span, provider);
}
