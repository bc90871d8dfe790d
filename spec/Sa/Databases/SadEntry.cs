using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Sa.Databases;

/// <summary>Which fields of a packet find an inbound SA. RFC 4301 §4.1.</summary>
public enum SadLookup
{
    /// <summary>The SPI: unicast.</summary>
    Spi = 0,

    /// <summary>SPI and destination: any-source multicast.</summary>
    SpiAndDestination = 1,

    /// <summary>SPI, destination and source: source-specific multicast.</summary>
    SpiDestinationAndSource = 2,
}

/// <summary>An SA with what the SPD gave it. RFC 4301 §4.4.2.1.</summary>
public sealed record SadEntry
{
    /// <summary>The SA.</summary>
    public required SecurityAssociation Sa { get; init; }

    /// <summary>Traffic that it may carry; from the SPD entry and the packet that asked for it, see <see cref="SaSelectors"/>.</summary>
    public ImmutableArray<SelectorSet> Selectors { get; init; } = [SelectorSet.Any];

    /// <summary>How it is found.</summary>
    public SadLookup Lookup { get; init; }

    /// <summary>The PROTECT entry that it serves; null when it was put in by hand for none in particular.</summary>
    public SpdEntry? Origin { get; init; }

    /// <summary>DSCP values that choose among parallel SAs when sending; empty takes all. Never looked at when receiving. RFC 4301 §4.4.2.1.</summary>
    public ImmutableArray<byte> DscpValues { get; init; } = [];

    /// <summary>True when the packet is among the traffic that the SA may carry.</summary>
    public bool Accepts(FlowSelectors flow) => Selectors.Any(set => set.Matches(flow));

    /// <summary>An SA for an entry, with the selectors that the packet and the flags leave; null when that packet is discarded.</summary>
    public static SadEntry? Create(SecurityAssociation sa, SpdEntry origin, FlowSelectors flow) =>
        SaSelectors.For(origin, flow) is { } selectors ? new SadEntry { Sa = sa, Origin = origin, Selectors = selectors } : null;

    /// <summary>Equality of all fields, lists one by one.</summary>
    public bool Equals(SadEntry? other) =>
        other is not null && Sa == other.Sa && Lookup == other.Lookup && Origin == other.Origin
        && Selectors.SequenceEqual(other.Selectors) && DscpValues.SequenceEqual(other.DscpValues);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Sa, Lookup, Selectors.Length);
}
