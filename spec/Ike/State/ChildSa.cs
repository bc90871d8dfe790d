using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.State;

/// <summary>Where a pair of Child SAs stands.</summary>
public enum ChildSaPhase
{
    /// <summary>It carries traffic.</summary>
    Installed,

    /// <summary>Another pair takes its place, and this side is about to close it. RFC 7296 §2.8.</summary>
    Replaced,

    /// <summary>This side has asked to close it: it sends nothing on it and still receives. RFC 7296 §1.4.1.</summary>
    Deleting,
}

/// <summary>A pair of Child SAs, one in each direction; compares by value. RFC 7296 §1.4.1, §2.17.</summary>
public sealed record ChildSa
{
    /// <summary>Number among all that this side has had.</summary>
    public required int Number { get; init; }

    /// <summary>Number of the IKE SA that controls it.</summary>
    public required int Owner { get; init; }

    /// <summary>Index of its configuration.</summary>
    public required int Configuration { get; init; }

    /// <summary>SPI of packets to this side, which this side chose.</summary>
    public required Spi Inbound { get; init; }

    /// <summary>SPI of packets to the peer, which the peer chose.</summary>
    public required Spi Outbound { get; init; }

    /// <summary>Transforms.</summary>
    public required EspSuite Suite { get; init; }

    /// <summary>True with Extended Sequence Numbers.</summary>
    public required bool IsEsn { get; init; }

    /// <summary>Keys of packets to this side.</summary>
    public required ChildSaKeys InboundKeys { get; init; }

    /// <summary>Keys of packets to the peer.</summary>
    public required ChildSaKeys OutboundKeys { get; init; }

    /// <summary>Own traffic, narrowed.</summary>
    public required ValueList<TrafficSelector> Own { get; init; }

    /// <summary>The peer's traffic, narrowed.</summary>
    public required ValueList<TrafficSelector> Peer { get; init; }

    /// <summary>Transport mode; else tunnel mode.</summary>
    public required bool IsTransport { get; init; }

    /// <summary>ESP in UDP at port 4500, because a NAT is on the path. RFC 7296 §2.23, RFC 3948 §2.1.</summary>
    public bool IsUdpEncapsulated { get; init; }

    /// <summary>The other side takes no padding for traffic flow confidentiality. RFC 7296 §1.3.1.</summary>
    public bool PeerRefusesTfcPadding { get; init; }

    /// <summary>Fragments other than the first go over it, as both sides want. RFC 7296 §1.3.1.</summary>
    public bool CarriesFragments { get; init; }

    /// <summary>Addresses as the other side sees them in transport mode through a NAT, which TCP and UDP checksums cover; null else. RFC 7296 §2.23.1.</summary>
    public OriginalAddresses? Original { get; init; }

    /// <summary>IPComp; null without. RFC 7296 §2.22.</summary>
    public CompressionAgreement? Compression { get; init; }

    /// <summary>Where it stands.</summary>
    public ChildSaPhase Phase { get; init; }

    /// <summary>True when this side knows that the peer can receive on it. RFC 7296 §2.8.</summary>
    public required bool MaySend { get; init; }

    /// <summary>Number of the pair that it takes the place of, or null.</summary>
    public int? Replaces { get; init; }

    /// <summary>True if this side started the exchange that made it.</summary>
    public required bool IsInitiator { get; init; }

    /// <summary>The lower nonce of that exchange, which settles collisions. RFC 7296 §2.8.1.</summary>
    public required ByteString LowestNonce { get; init; }
}

/// <summary>Keys of one direction. RFC 7296 §2.17.</summary>
/// <param name="Encryption">Cipher key and salt.</param>
/// <param name="Integrity">Integrity key; none for a combined mode.</param>
public sealed record ChildSaKeys(IkeSecret Encryption, IkeSecret Integrity);
