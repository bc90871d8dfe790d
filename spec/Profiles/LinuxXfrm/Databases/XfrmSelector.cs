using Conformance.Spec.Policy;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Traffic that a policy or an SA is meant for (struct xfrm_selector); compares byte by byte, as the kernel does.</summary>
public sealed record XfrmSelector
{
    /// <summary>Family; unspecified only in SAs.</summary>
    public XfrmFamily Family { get; init; }

    /// <summary>Destination addresses.</summary>
    public XfrmAddress Destination { get; init; }

    /// <summary>Length of the destination prefix, in bits.</summary>
    public byte DestinationBits { get; init; }

    /// <summary>Source addresses.</summary>
    public XfrmAddress Source { get; init; }

    /// <summary>Length of the source prefix, in bits.</summary>
    public byte SourceBits { get; init; }

    /// <summary>Destination port, ICMP code, or the low half of a GRE key.</summary>
    public ushort DestinationPort { get; init; }

    /// <summary>Which bits of the destination port count; any mask is allowed.</summary>
    public ushort DestinationPortMask { get; init; }

    /// <summary>Source port, ICMP or mobility type, or the high half of a GRE key.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>Which bits of the source port count; any mask is allowed.</summary>
    public ushort SourcePortMask { get; init; }

    /// <summary>Upper protocol; 0 accepts all.</summary>
    public byte Protocol { get; init; }

    /// <summary>Index of the output device; 0 accepts all.</summary>
    public int InterfaceIndex { get; init; }

    /// <summary>Stored and compared between policies, never with packets.</summary>
    public uint User { get; init; }

    /// <summary>A selector of two prefixes of one family and nothing else.</summary>
    public static XfrmSelector Of(AddressPrefix source, AddressPrefix destination) => new()
    {
        Family = XfrmFamilies.Of(source.Address),
        Source = XfrmAddress.Of(source.Address),
        SourceBits = (byte)source.LengthBits,
        Destination = XfrmAddress.Of(destination.Address),
        DestinationBits = (byte)destination.LengthBits,
    };

    /// <summary>True when a flow lies inside (xfrm_selector_match).</summary>
    /// <param name="flow">The flow; its family must be this one, or this one unspecified.</param>
    public bool Matches(XfrmFlow flow) =>
        (Family == XfrmFamily.Unspecified || Family == flow.Family)
        && PrefixMatches(flow.Family, flow.Destination, Destination, DestinationBits)
        && PrefixMatches(flow.Family, flow.Source, Source, SourceBits)
        && ((flow.DestinationPort ^ DestinationPort) & DestinationPortMask) == 0
        && ((flow.SourcePort ^ SourcePort) & SourcePortMask) == 0
        && (Protocol == 0 || Protocol == flow.Protocol)
        && (InterfaceIndex == 0 || InterfaceIndex == flow.OutputInterface);

    /// <summary>Why a flow lies outside, in a few words; null when it lies inside.</summary>
    public string? Mismatch(XfrmFlow flow) =>
        Family != XfrmFamily.Unspecified && Family != flow.Family ? "family"
        : !PrefixMatches(flow.Family, flow.Destination, Destination, DestinationBits)
            ? $"destination {flow.Destination} outside {Destination.In(flow.Family)}/{DestinationBits}"
        : !PrefixMatches(flow.Family, flow.Source, Source, SourceBits) ? $"source {flow.Source} outside {Source.In(flow.Family)}/{SourceBits}"
        : ((flow.DestinationPort ^ DestinationPort) & DestinationPortMask) != 0 ? $"destination port {flow.DestinationPort} is not {DestinationPort} under mask {DestinationPortMask:x4}"
        : ((flow.SourcePort ^ SourcePort) & SourcePortMask) != 0 ? $"source port {flow.SourcePort} is not {SourcePort} under mask {SourcePortMask:x4}"
        : Protocol != 0 && Protocol != flow.Protocol ? $"protocol {flow.Protocol} is not {Protocol}"
        : InterfaceIndex != 0 && InterfaceIndex != flow.OutputInterface ? $"output device {flow.OutputInterface} is not {InterfaceIndex}"
        : null;

    // The two bits counts are checked against the flow's family, because an unspecified one has no length of its own.
    private static bool PrefixMatches(XfrmFamily family, IpAddress address, XfrmAddress prefix, byte bits)
    {
        int width = XfrmFamilies.AddressBits(family);
        return bits <= width && (bits == 0 || (address.Value ^ prefix.In(family).Value) >> (width - bits) == UInt128.Zero);
    }
}
