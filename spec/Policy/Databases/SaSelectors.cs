using System.Collections.Immutable;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Policy.Databases;

/// <summary>The selectors that a new SA gets from an entry and the packet that asked for it. RFC 4301 §4.4.2.2.</summary>
public static class SaSelectors
{
    /// <summary>The entry's sets, narrowed to the packet where a flag says so; null when a flagged value is not shown and the packet is discarded.</summary>
    /// <remarks>
    /// A flag holds for all sets of the entry (RFC 4301 §4.4.1.2); sets that the packet's value does not fit into are left out.
    /// A flag on fields that the SA's protocol does not have is without effect, see Interpretations/0011.
    /// </remarks>
    public static ImmutableArray<SelectorSet>? For(SpdEntry entry, FlowSelectors flow)
    {
        PopulateFromPacket flags = entry.FromPacket;
        if (flags.HasFlag(PopulateFromPacket.Protocol) && flow.Protocol is null)
        {
            return null;
        }

        List<SelectorSet> narrowed = [];
        foreach (SelectorSet set in entry.Selectors)
        {
            AddressSelector local = flags.HasFlag(PopulateFromPacket.LocalAddress) ? set.Local.Intersect(AddressSelector.Host(flow.Local)) : set.Local;
            AddressSelector remote = flags.HasFlag(PopulateFromPacket.RemoteAddress) ? set.Remote.Intersect(AddressSelector.Host(flow.Remote)) : set.Remote;
            if (local.IsEmpty || remote.IsEmpty)
            {
                continue;
            }

            UpperLayerSelector upper = flags.HasFlag(PopulateFromPacket.Protocol) && set.Upper is UpperLayerSelector.Any && flow.Protocol is { } protocol
                ? WithAnyFields(protocol)
                : set.Upper;
            if (flags.HasFlag(PopulateFromPacket.Protocol) && !upper.ToValues().Protocol.Contains(flow.Protocol ?? UpperLayerSelector.HiddenProtocol))
            {
                continue;
            }

            if (set.Matches(flow) && IsHidden(upper, flags, flow))
            {
                return null;
            }

            if (Narrow(upper, flags, flow) is { } fields)
            {
                narrowed.Add(new SelectorSet(local, remote, fields));
            }
        }

        return [.. narrowed];
    }

    private static UpperLayerSelector WithAnyFields(byte protocol) => protocol switch
    {
        _ when FlowSelectors.HasPorts(protocol) => new UpperLayerSelector.Ports(protocol, FieldSelector.Any, FieldSelector.Any),
        _ when FlowSelectors.IsIcmp(protocol) => new UpperLayerSelector.Icmp(protocol, FieldSelector.Any),
        Wire.IpProtocol.Mobility => new UpperLayerSelector.Mobility(FieldSelector.Any),
        _ => new UpperLayerSelector.Protocol(protocol),
    };

    private static bool IsHidden(UpperLayerSelector upper, PopulateFromPacket flags, FlowSelectors flow)
    {
        bool local = flags.HasFlag(PopulateFromPacket.LocalField) && flow.LocalField is null;
        bool remote = flags.HasFlag(PopulateFromPacket.RemoteField) && flow.RemoteField is null;
        return upper switch
        {
            UpperLayerSelector.Ports => local || remote,
            UpperLayerSelector.Icmp or UpperLayerSelector.Mobility => local,
            _ => false,
        };
    }

    // Null where the packet's value does not fit into the set.
    private static UpperLayerSelector? Narrow(UpperLayerSelector upper, PopulateFromPacket flags, FlowSelectors flow)
    {
        FieldSelector? Field(FieldSelector selector, PopulateFromPacket flag, ushort? value) =>
            !flags.HasFlag(flag) ? selector
            : value is { } shown && selector.Accepts(shown) ? FieldSelector.Only(shown)
            : null;

        switch (upper)
        {
            case UpperLayerSelector.Ports ports:
                FieldSelector? local = Field(ports.Local, PopulateFromPacket.LocalField, flow.LocalField);
                FieldSelector? remote = Field(ports.Remote, PopulateFromPacket.RemoteField, flow.RemoteField);
                return local is null || remote is null ? null : new UpperLayerSelector.Ports(ports.Number, local, remote);
            case UpperLayerSelector.Icmp icmp:
                return Field(icmp.TypeAndCode, PopulateFromPacket.LocalField, flow.LocalField) is { } types ? new UpperLayerSelector.Icmp(icmp.Number, types) : null;
            case UpperLayerSelector.Mobility mobility:
                return Field(mobility.Type, PopulateFromPacket.LocalField, flow.LocalField) is { } type ? new UpperLayerSelector.Mobility(type) : null;
            default:
                return upper;
        }
    }
}
