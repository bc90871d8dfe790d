using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in the form of address selectors.</summary>
public abstract record AddressMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Selectors = set => set with { Local = Change(set.Local), Remote = Change(set.Remote) } };

    private protected abstract ValueSet Change(ValueRange range, int widthBits);

    // The sentinel's single hosts stay as they are, or nothing could be observed.
    private AddressSelector Change(AddressSelector addresses)
    {
        bool isIpv6 = addresses.In(false).IsEmpty;
        ValueSet changed = addresses.In(isIpv6).Ranges.Aggregate(ValueSet.Empty, (sum, range) => sum.Union(range.First == range.Last ? ValueSet.Only(range.First) : Change(range, isIpv6 ? 128 : 32)));
        return AddressSelector.OfValues(isIpv6, changed);
    }
}

/// <summary>The length of a prefix is not looked at.</summary>
public sealed record PrefixLengthIgnored() : AddressMutant("prefix-length-ignored", "RFC4301-4.4.1.1-03", "an address compared with a mask of zeros")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.1.1-04"];

    private protected override ValueSet Change(ValueRange range, int widthBits) => ValueSet.Between(0, widthBits == 128 ? UInt128.MaxValue : uint.MaxValue);
}

/// <summary>The last address of a range is left out.</summary>
public sealed record LastAddressLeftOut() : AddressMutant("last-address-left-out", "RFC4301-4.4.1.1-03", "a bound taken as «below»")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.1.1-04"];

    private protected override ValueSet Change(ValueRange range, int widthBits) => ValueSet.Between(range.First, range.Last - UInt128.One);
}

/// <summary>A range becomes the smallest prefix around it.</summary>
public sealed record RangeBecomesPrefix() : AddressMutant("range-becomes-prefix", "RFC4301-4.4.1.1-05", "a database that knows prefixes only")
{
    private protected override ValueSet Change(ValueRange range, int widthBits)
    {
        int hostBits = 128 - (int)UInt128.LeadingZeroCount(range.First ^ range.Last);
        UInt128 host = (UInt128.One << hostBits) - UInt128.One;
        return ValueSet.Between(range.First & ~host, range.First | host);
    }
}

/// <summary>A fault in the form of ports, types and codes.</summary>
public abstract record FieldMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Selectors = set => set with
        {
            Upper = set.Upper switch
            {
                UpperLayerSelector.Ports ports => new UpperLayerSelector.Ports(ports.Number, ChangePort(ports.Local), ChangePort(ports.Remote)),
                UpperLayerSelector.Icmp icmp => new UpperLayerSelector.Icmp(icmp.Number, ChangeType(icmp.TypeAndCode)),
                UpperLayerSelector.Mobility mobility => new UpperLayerSelector.Mobility(ChangeMobility(mobility.Type)),
                var other => other,
            },
        },
    };

    private protected virtual FieldSelector ChangePort(FieldSelector port) => port;

    private protected virtual FieldSelector ChangeType(FieldSelector type) => type;

    private protected virtual FieldSelector ChangeMobility(FieldSelector type) => type;

    private protected static FieldSelector OfRanges(IEnumerable<(ushort First, ushort Last)> ranges) => FieldSelector.Of(ranges);
}

/// <summary>Ranges of ports are not looked at.</summary>
public sealed record PortRangesIgnored() : FieldMutant("port-ranges-ignored", "RFC4301-4.4.1.1-12", "a mask for single ports only")
{
    private protected override FieldSelector ChangePort(FieldSelector port) => !port.IsOpaque && port.Accepted.Ranges[0] is var first && first.First != first.Last ? FieldSelector.Any : port;
}

/// <summary>A hidden port equals every port.</summary>
public sealed record HiddenPortMatches() : Mutant("hidden-port-matches", "RFC4301-4.4.1.1-14", "ports of the first fragment are thought to be known")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-7.3-04", "RFC4301-7.3-05", "RFC4301-5.1-15", "RFC4301-4.4.1.1-15"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Flow = (packet, direction) =>
        {
            FlowSelectors flow = FlowSelectors.Of(packet, direction);
            return packet.Fragment.OffsetBytes != 0 && flow.Protocol == IpProtocol.Udp ? flow with { LocalField = 2000, RemoteField = 80 } : flow;
        },
    };
}

/// <summary>ANY asks for a port to be there.</summary>
public sealed record AnyPortMustBeShown() : FieldMutant("any-port-must-be-shown", "RFC4301-4.4.1-21", "ANY kept as 0 to 65535")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-7.1-01", "RFC4301-7.1-04"];

    private protected override FieldSelector ChangePort(FieldSelector port) => port.IsAny ? FieldSelector.Between(0, ushort.MaxValue) : port;
}

/// <summary>OPAQUE holds ports that are shown.</summary>
public sealed record OpaqueHoldsAll() : FieldMutant("opaque-holds-all", "RFC4301-4.4.1-22", "OPAQUE taken for ANY")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-7.2-05", "RFC4301-4.4.1.1-13"];

    private protected override FieldSelector ChangePort(FieldSelector port) => port.IsOpaque ? FieldSelector.Any : port;
}

/// <summary>The mobility type is not looked at.</summary>
public sealed record MobilityTypeIgnored() : FieldMutant("mobility-type-ignored", "RFC4301-4.4.1.1-16", "a field nobody sends")
{
    private protected override FieldSelector ChangeMobility(FieldSelector type) => FieldSelector.Any;
}

/// <summary>The ICMP code is not looked at.</summary>
public sealed record IcmpCodeIgnored() : FieldMutant("icmp-code-ignored", "RFC4301-4.4.1.1-18", "only the type was thought of")
{
    private protected override FieldSelector ChangeType(FieldSelector type) => type.IsAny || type.IsOpaque
        ? type
        : OfRanges(type.Accepted.Ranges.Select(r => ((ushort)((uint)r.First & 0xff00), (ushort)((uint)r.Last | 0xff))));
}

/// <summary>A range over ICMP types is read as types and codes apart.</summary>
public sealed record IcmpRangeReadApart() : FieldMutant("icmp-range-read-apart", "RFC4301-4.4.1.1-20", "type between types and code between codes")
{
    private protected override FieldSelector ChangeType(FieldSelector type) => type.IsAny || type.IsOpaque
        ? type
        : OfRanges(type.Accepted.Ranges.SelectMany(r =>
            from number in Enumerable.Range((int)((uint)r.First >> 8), (int)((uint)r.Last >> 8) - (int)((uint)r.First >> 8) + 1)
            select ((ushort)((number << 8) | ((int)(uint)r.First & 0xff)), (ushort)((number << 8) | ((int)(uint)r.Last & 0xff)))));
}

/// <summary>Ports stay on their side whatever the direction.</summary>
public sealed record SidesNotSwapped() : Mutant("sides-not-swapped", "RFC4301-4.4.1-19", "one comparison for both directions")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Flow = (packet, direction) =>
        {
            FlowSelectors flow = FlowSelectors.Of(packet, direction);
            return direction == Spec.Policy.PolicyDirection.Inbound && flow.Protocol == IpProtocol.Tcp
                ? flow with { LocalField = flow.RemoteField, RemoteField = flow.LocalField }
                : flow;
        },
    };
}

/// <summary>The first IPv6 extension header is the next layer.</summary>
public sealed record ExtensionHeadersNotSkipped() : Mutant("extension-headers-not-skipped", "RFC4301-4.4.1.1-08", "the field of the fixed header is read")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.1.1-10"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Flow = (packet, direction) => FlowSelectors.Of(packet, direction) is var flow && packet.IsIpv6 && Ipv6ExtensionHeader.IsExtension(packet.Bytes[6])
            ? flow with { Protocol = packet.Bytes[6], LocalField = null, RemoteField = null }
            : flow,
    };
}

/// <summary>AH and ESP in transit pass.</summary>
public sealed record SecurityHeadersPass() : Mutant("security-headers-pass", "RFC4301-4.4.1.1-11", "«VPN pass-through»")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.2-05"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) => flow.Protocol is IpProtocol.Esp or IpProtocol.Ah ? new PolicyDecision.Bypass(database.Entries[0]) : engine.Decide(database, direction, flow),
    };
}

/// <summary>Only the first selector set of an entry counts.</summary>
public sealed record FirstSelectorSetOnly() : Mutant("first-selector-set-only", "RFC4301-4.4.1.2-07", "a list of which one element is kept")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.1.2-08"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Entries = entries => entries.Select(e => e with { Selectors = [e.Selectors[0]] }) };
}
