using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa.Databases;

/// <summary>The SAD: inbound SAs in the order in which they were added, and outbound ones. RFC 4301 §4.4.2.</summary>
/// <param name="Inbound">SAs that this end receives on.</param>
/// <param name="Outbound">SAs that this end sends on.</param>
public sealed record SecurityAssociationDatabase(ImmutableArray<SadEntry> Inbound, ImmutableArray<SadEntry> Outbound)
{
    /// <summary>No SA.</summary>
    public static SecurityAssociationDatabase Empty { get; } = new([], []);

    /// <summary>Adds an SA behind the others of its direction.</summary>
    public SecurityAssociationDatabase With(PolicyDirection direction, SadEntry entry) =>
        direction == PolicyDirection.Inbound ? this with { Inbound = Inbound.Add(entry) } : this with { Outbound = Outbound.Add(entry) };

    /// <summary>The SA of a packet from the wire, by the longest match: SPI with both addresses, SPI with destination, SPI alone. RFC 4301 §4.1.</summary>
    public SadEntry? FindInbound(Spi spi, IpAddress destination, IpAddress source) => Inbound
        .Where(e => e.Sa.Spi == spi
            && (e.Lookup < SadLookup.SpiAndDestination || e.Sa.Destination == destination)
            && (e.Lookup < SadLookup.SpiDestinationAndSource || e.Sa.Source == source))
        .MaxBy(e => e.Lookup);

    /// <summary>The SAs that may carry a packet which an entry protects, the oldest first; any of them is right.</summary>
    /// <param name="entry">The PROTECT entry that the SPD chose.</param>
    /// <param name="step">Which of its layers.</param>
    /// <param name="flow">The packet.</param>
    /// <param name="dscp">The packet's DSCP.</param>
    public IEnumerable<SadEntry> OutboundCandidates(SpdEntry entry, ProtectionStep step, FlowSelectors flow, byte dscp = 0) => Outbound.Where(e =>
        (e.Origin is null || e.Origin == entry)
        && step.IsMetBy(e.Sa, PolicyDirection.Outbound)
        && e.Accepts(flow)
        && (e.DscpValues.IsEmpty || e.DscpValues.Contains(dscp)));

    /// <summary>Equality entry by entry.</summary>
    public bool Equals(SecurityAssociationDatabase? other) =>
        other is not null && Inbound.SequenceEqual(other.Inbound) && Outbound.SequenceEqual(other.Outbound);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Inbound.Length, Outbound.Length);
}
