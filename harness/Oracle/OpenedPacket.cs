using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>An ESP packet of the target, opened with the keys of its SA.</summary>
public sealed record OpenedPacket
{
    /// <summary>From the outer IP header on.</summary>
    public required ByteString Datagram { get; init; }

    /// <summary>Where the ESP header starts, in bytes.</summary>
    public required int EspOffsetBytes { get; init; }

    /// <summary>Index.</summary>
    public required Spi Spi { get; init; }

    /// <summary>Full sequence number, as inferred.</summary>
    public required SequenceNumber Sequence { get; init; }

    /// <summary>Explicit IV.</summary>
    public required ByteString Iv { get; init; }

    /// <summary>Payload, TFC padding included.</summary>
    public required ByteString Payload { get; init; }

    /// <summary>Pad bytes.</summary>
    public required ByteString Padding { get; init; }

    /// <summary>Next header field.</summary>
    public required byte NextHeader { get; init; }

    /// <summary>The plain packet; empty for a dummy.</summary>
    public required ByteString Plain { get; init; }

    /// <summary>True when ESP came inside UDP.</summary>
    public required bool UdpEncapsulated { get; init; }

    /// <summary>In how many fragments it left.</summary>
    public int Pieces { get; init; } = 1;

    /// <summary>True for next header 59.</summary>
    public bool IsDummy => NextHeader == IpProtocol.NoNextHeader;
}
