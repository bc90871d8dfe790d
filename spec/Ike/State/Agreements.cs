using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.State;

/// <summary>What two sides agreed on for a pair of Child SAs. RFC 7296 §1.3.1.</summary>
public sealed record ChildAgreement
{
    /// <summary>Index of its configuration.</summary>
    public required int Configuration { get; init; }

    /// <summary>True at the side that asked for it.</summary>
    public required bool AsInitiator { get; init; }

    /// <summary>Transforms.</summary>
    public required EspSuite Suite { get; init; }

    /// <summary>True with Extended Sequence Numbers.</summary>
    public required bool IsEsn { get; init; }

    /// <summary>SPI of packets to this side.</summary>
    public required Spi Inbound { get; init; }

    /// <summary>SPI of packets to the peer.</summary>
    public required Spi Outbound { get; init; }

    /// <summary>Ni.</summary>
    public required ByteString InitiatorNonce { get; init; }

    /// <summary>Nr.</summary>
    public required ByteString ResponderNonce { get; init; }

    /// <summary>Secrets of the key exchanges in order; empty without.</summary>
    public ValueList<IkeSecret> Shared { get; init; }

    /// <summary>Own traffic, narrowed.</summary>
    public required ValueList<TrafficSelector> Own { get; init; }

    /// <summary>The peer's traffic, narrowed.</summary>
    public required ValueList<TrafficSelector> Peer { get; init; }

    /// <summary>Transport mode; else tunnel mode.</summary>
    public required bool IsTransport { get; init; }

    /// <summary>The other side takes no padding for traffic flow confidentiality. RFC 7296 §1.3.1.</summary>
    public bool PeerRefusesTfcPadding { get; init; }

    /// <summary>Fragments other than the first go over it, as both sides want. RFC 7296 §1.3.1.</summary>
    public bool CarriesFragments { get; init; }

    /// <summary>Addresses as the other side sees them in transport mode through a NAT, which TCP and UDP checksums cover; null else. RFC 7296 §2.23.1.</summary>
    public OriginalAddresses? Original { get; init; }

    /// <summary>IPComp; null without. RFC 7296 §2.22.</summary>
    public CompressionAgreement? Compression { get; init; }

    /// <summary>Number of the pair that it takes the place of, or null.</summary>
    public int? Replaces { get; init; }
}

/// <summary>Addresses of a Child SA in transport mode as the other side sees them. RFC 7296 §2.23.1, RFC 3948 §3.1.2.</summary>
/// <param name="Own">For the own address.</param>
/// <param name="Peer">For the other side's.</param>
public sealed record OriginalAddresses(IpAddress Own, IpAddress Peer);

/// <summary>IPComp on a pair of Child SAs, which ends with it. RFC 7296 §2.22.</summary>
/// <param name="Transform">The algorithm.</param>
/// <param name="Inbound">CPI of packets to this side, which this side chose.</param>
/// <param name="Outbound">CPI of packets to the peer, which the peer chose.</param>
public sealed record CompressionAgreement(byte Transform, ushort Inbound, ushort Outbound);

/// <summary>What two sides agreed on for a successor of an IKE SA. RFC 7296 §1.3.2.</summary>
/// <param name="Suite">Transforms.</param>
/// <param name="InitiatorSpi">SPI of who asked for it.</param>
/// <param name="ResponderSpi">SPI of who answered.</param>
/// <param name="Freshness">Nonces and SPIs for the keys.</param>
/// <param name="Shared">Secrets of the key exchanges in order.</param>
public sealed record IkeAgreement(IkeSuite Suite, IkeSpi InitiatorSpi, IkeSpi ResponderSpi, Freshness Freshness, ValueList<IkeSecret> Shared);
