using System.Collections.Immutable;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Policy.Databases;

/// <summary>Which crossings a BYPASS or DISCARD entry is for; PROTECT is for both. RFC 4301 §4.4.1.</summary>
[Flags]
public enum EntryDirections
{
    /// <summary>None: the entry never acts.</summary>
    None = 0,

    /// <summary>From the protected side to the wire: SPD-O.</summary>
    Outbound = 1,

    /// <summary>From the wire to the protected side: SPD-I.</summary>
    Inbound = 2,

    /// <summary>Both ways, local and remote swapped.</summary>
    Both = Outbound | Inbound,
}

/// <summary>Selectors that a new SA takes from the packet instead of the entry (PFP). RFC 4301 §4.4.1.2.</summary>
[Flags]
public enum PopulateFromPacket
{
    /// <summary>All selectors come from the entry.</summary>
    None = 0,

    /// <summary>Local address.</summary>
    LocalAddress = 1,

    /// <summary>Remote address.</summary>
    RemoteAddress = 2,

    /// <summary>Next layer protocol.</summary>
    Protocol = 4,

    /// <summary>Local port, ICMP type and code, or mobility type.</summary>
    LocalField = 8,

    /// <summary>Remote port.</summary>
    RemoteField = 16,
}

/// <summary>One entry of the SPD. RFC 4301 §4.4.1.2.</summary>
public sealed record SpdEntry
{
    /// <summary>A word for reports; no selector.</summary>
    public required string Name { get; init; }

    /// <summary>The entry matches when one of these sets does.</summary>
    public required ImmutableArray<SelectorSet> Selectors { get; init; }

    /// <summary>What happens to packets that match.</summary>
    public required PolicyAction Action { get; init; }

    /// <summary>Directions of a BYPASS or DISCARD entry.</summary>
    public EntryDirections Directions { get; init; } = EntryDirections.Both;

    /// <summary>Selectors that SAs take from the packet; for all selector sets alike.</summary>
    public PopulateFromPacket FromPacket { get; init; }

    /// <summary>True when the entry is consulted for a direction.</summary>
    public bool AppliesTo(PolicyDirection direction) =>
        Action is PolicyAction.Protect || Directions.HasFlag(direction == PolicyDirection.Outbound ? EntryDirections.Outbound : EntryDirections.Inbound);

    /// <summary>True when one of the selector sets matches: the defining form.</summary>
    public bool Matches(FlowSelectors flow) => Selectors.Any(set => set.Matches(flow));

    /// <summary>What is wrong with the entry, one clause each; empty for a good one.</summary>
    public IEnumerable<string> Faults()
    {
        if (Selectors.IsEmpty)
        {
            yield return "no selector set";
        }

        foreach (SelectorSet set in Selectors)
        {
            // RFC 4301 §4.4.1.1: both addresses of one family.
            if (!Enumerable.Any([false, true], family => !set.Local.In(family).IsEmpty && !set.Remote.In(family).IsEmpty))
            {
                yield return $"local {set.Local} and remote {set.Remote} share no family";
            }

            // RFC 4301 §4.4.2.2: IPv4 always shows the protocol.
            if (set.Upper is UpperLayerSelector.Opaque && set.Local.In(true).IsEmpty)
            {
                yield return "OPAQUE protocol in IPv4";
            }

            if (set.Upper is UpperLayerSelector.Icmp { Number: not (IpProtocol.Icmp or IpProtocol.IcmpV6) } icmp)
            {
                yield return $"ICMP types for protocol {icmp.Number}";
            }

            if (set.Upper is UpperLayerSelector.Ports { Number: var number } && !FlowSelectors.HasPorts(number))
            {
                yield return $"ports for protocol {number}";
            }

            if (TakesOpaque(set.Upper))
            {
                yield return "populate-from-packet on an OPAQUE selector";
            }
        }

        foreach (ProtectionStep step in Action is PolicyAction.Protect protect ? protect.Steps : [])
        {
            bool transport = step.Mode == Sa.EspMode.Transport;
            if (transport != step.TunnelLocal is null || transport != step.TunnelRemote is null || step.TunnelLocal?.IsIpv6 != step.TunnelRemote?.IsIpv6)
            {
                yield return $"{step} has not the tunnel ends that its mode asks for";
            }
        }

        if (Action is PolicyAction.Protect { Steps.IsEmpty: true })
        {
            yield return "PROTECT without a step";
        }
    }

    /// <summary>Equality of all fields, selector sets one by one.</summary>
    public bool Equals(SpdEntry? other) =>
        other is not null && Name == other.Name && Action == other.Action && Directions == other.Directions && FromPacket == other.FromPacket
        && Selectors.SequenceEqual(other.Selectors);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Action, Directions, FromPacket, Selectors.Length);

    /// <summary>Name, action, directions and selectors on one line.</summary>
    public override string ToString() =>
        $"{Name}: {Action}{(Action is PolicyAction.Protect || Directions == EntryDirections.Both ? "" : $" {Directions}")} [{string.Join(" | ", Selectors)}]"
        + (FromPacket == PopulateFromPacket.None ? "" : $" PFP {FromPacket}");

    private bool TakesOpaque(UpperLayerSelector upper) => upper switch
    {
        UpperLayerSelector.Opaque => FromPacket.HasFlag(PopulateFromPacket.Protocol),
        UpperLayerSelector.Ports ports => (ports.Local.IsOpaque && FromPacket.HasFlag(PopulateFromPacket.LocalField))
            || (ports.Remote.IsOpaque && FromPacket.HasFlag(PopulateFromPacket.RemoteField)),
        UpperLayerSelector.Icmp icmp => icmp.TypeAndCode.IsOpaque && FromPacket.HasFlag(PopulateFromPacket.LocalField),
        UpperLayerSelector.Mobility mobility => mobility.Type.IsOpaque && FromPacket.HasFlag(PopulateFromPacket.LocalField),
        _ => false,
    };
}
