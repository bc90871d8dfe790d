using System.Collections.Immutable;
using Conformance.Generators.Wire;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using FsCheck;

namespace Conformance.Generators.Policy;

/// <summary>Arbitrary SPDs with overlapping selectors, and flows on their edges; one seed a value.</summary>
public static class SpdArbitraries
{
    private const int MostEntries = 8;
    private const int FlowsOfACase = 24;
    private const int AddressesOfAFamily = 8;
    private static readonly IpAddress Ipv4Base = IpAddress.Parse("10.0.0.0");
    private static readonly IpAddress Ipv6Base = IpAddress.Parse("2001:db8::");
    private static readonly ushort[] Ports = [0, 1, 22, 23, 80, 443, 1023, 1024, 65534, 65535];
    private static readonly byte[] Protocols = [IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp, IpProtocol.Esp, IpProtocol.Gre];

    /// <summary>SPDs of up to eight entries in both families.</summary>
    public static Arbitrary<SpdCase> Any { get; } = WireArbitraries.FromSeed(Create, one => one.Shrink());

    /// <summary>One case of a random source.</summary>
    public static SpdCase Create(Random random)
    {
        SecurityPolicyDatabase database = new([.. Enumerable.Range(0, random.Next(MostEntries + 1)).Select(i => Entry(random, $"p{i}"))]);
        return new SpdCase(database, [.. Enumerable.Range(0, FlowsOfACase).Select(_ => Flow(random, database))]);
    }

    /// <summary>An entry with one to three selector sets.</summary>
    public static SpdEntry Entry(Random random, string name)
    {
        bool isIpv6 = random.Next(3) == 0;
        return new SpdEntry
        {
            Name = name,
            Selectors = [.. Enumerable.Range(0, random.Next(4) == 0 ? 3 : 1).Select(_ => Set(random, isIpv6))],
            Action = random.Next(3) switch
            {
                0 => new PolicyAction.Bypass(),
                1 => new PolicyAction.Discard(),
                _ => PolicyAction.Protect.With(new ProtectionStep { Mode = EspMode.Transport }),
            },
            Directions = (EntryDirections)random.Next(1, 4),
        };
    }

    /// <summary>A flow near the bounds of some entry, or anywhere.</summary>
    public static FlowSelectors Flow(Random random, SecurityPolicyDatabase database)
    {
        bool isIpv6 = random.Next(3) == 0;
        if (database.Entries.IsEmpty || random.Next(8) == 0)
        {
            return Shown(random, Address(random, isIpv6), Address(random, isIpv6), Protocol(random, isIpv6), Ports[random.Next(Ports.Length)], Ports[random.Next(Ports.Length)]);
        }

        SpdEntry entry = database.Entries[random.Next(database.Entries.Length)];
        SelectorSet set = entry.Selectors[random.Next(entry.Selectors.Length)];
        bool family = set.Local.IsAny && set.Remote.IsAny ? isIpv6 : set.Local.In(true).IsEmpty || set.Remote.In(true).IsEmpty ? false : isIpv6 || set.Local.In(false).IsEmpty || set.Remote.In(false).IsEmpty;
        (ValueSet protocols, ValueSet local, ValueSet remote) = set.Upper.ToValues();
        UInt128 highest = family ? UInt128.MaxValue : uint.MaxValue;
        byte protocol = set.Upper is UpperLayerSelector.Any or UpperLayerSelector.Opaque ? Protocol(random, family) : (byte)Edge(random, protocols, byte.MaxValue);
        return Shown(
            random,
            new IpAddress(Edge(random, set.Local.In(family), highest), family),
            new IpAddress(Edge(random, set.Remote.In(family), highest), family),
            protocol,
            (ushort)Edge(random, local, ushort.MaxValue),
            (ushort)Edge(random, remote, ushort.MaxValue));
    }

    // Fields that the protocol does not have are not shown; now and then they are hidden by a fragment.
    private static FlowSelectors Shown(Random random, IpAddress local, IpAddress remote, byte protocol, ushort localField, ushort remoteField)
    {
        bool hidden = random.Next(5) == 0;
        return protocol switch
        {
            _ when local.IsIpv6 && (random.Next(6) == 0 || Ipv6ExtensionHeader.IsExtension(protocol)) => new(local, remote, null, null, null),
            _ when hidden => new(local, remote, protocol, null, null),
            _ when FlowSelectors.HasPorts(protocol) => new(local, remote, protocol, localField, remoteField),
            _ when FlowSelectors.IsIcmp(protocol) => new(local, remote, protocol, localField, null),
            IpProtocol.Mobility => new(local, remote, protocol, (byte)localField, null),
            _ => new(local, remote, protocol, null, null),
        };
    }

    private static UInt128 Edge(Random random, ValueSet set, UInt128 highest)
    {
        if (set.IsEmpty)
        {
            return UInt128.Zero;
        }

        ValueRange range = set.Ranges[random.Next(set.Ranges.Length)];
        UInt128 last = UInt128.Min(range.Last, highest);
        UInt128 first = UInt128.Min(range.First, last);
        return random.Next(6) switch
        {
            0 => first == UInt128.Zero ? first : first - UInt128.One,
            1 => last == highest ? last : last + UInt128.One,
            2 => last,
            3 => first + ((last - first) / 2),
            _ => first,
        };
    }

    private static SelectorSet Set(Random random, bool isIpv6) => new(Addresses(random, isIpv6), Addresses(random, isIpv6), Upper(random, isIpv6));

    private static AddressSelector Addresses(Random random, bool isIpv6) => random.Next(4) switch
    {
        0 => AddressSelector.Any,
        1 => AddressSelector.Of(Range(random, isIpv6), Range(random, isIpv6)),
        2 => AddressSelector.Of(AddressRange.Of(new(Address(random, isIpv6), (isIpv6 ? 128 : 32) - random.Next(5)))),
        _ => AddressSelector.Of(Range(random, isIpv6)),
    };

    private static AddressRange Range(Random random, bool isIpv6)
    {
        IpAddress one = Address(random, isIpv6);
        IpAddress other = Address(random, isIpv6);
        return one.Value <= other.Value ? new(one, other) : new(other, one);
    }

    private static IpAddress Address(Random random, bool isIpv6)
    {
        IpAddress start = isIpv6 ? Ipv6Base : Ipv4Base;
        return start with { Value = start.Value + (UInt128)random.Next(AddressesOfAFamily) };
    }

    private static byte Protocol(Random random, bool isIpv6) => random.Next(3) switch
    {
        0 => isIpv6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp,
        1 when isIpv6 => IpProtocol.Mobility,
        _ => Protocols[random.Next(Protocols.Length)],
    };

    private static UpperLayerSelector Upper(Random random, bool isIpv6)
    {
        byte protocol = Protocol(random, isIpv6);
        return random.Next(6) switch
        {
            0 => new UpperLayerSelector.Any(),
            1 when isIpv6 => new UpperLayerSelector.Opaque(),
            2 => new UpperLayerSelector.Protocol(protocol),
            _ when FlowSelectors.IsIcmp(protocol) => new UpperLayerSelector.Icmp(protocol, Field(random)),
            _ when protocol == IpProtocol.Mobility => new UpperLayerSelector.Mobility(Field(random)),
            _ when FlowSelectors.HasPorts(protocol) => new UpperLayerSelector.Ports(protocol, Field(random), Field(random)),
            _ => new UpperLayerSelector.Protocol(protocol),
        };
    }

    private static FieldSelector Field(Random random)
    {
        ushort one = Ports[random.Next(Ports.Length)];
        ushort other = Ports[random.Next(Ports.Length)];
        (ushort First, ushort Last) range = (Math.Min(one, other), Math.Max(one, other));
        return random.Next(5) switch
        {
            0 => FieldSelector.Any,
            1 => FieldSelector.Opaque,
            2 => FieldSelector.Only(one),
            3 => FieldSelector.Of(range, ((ushort)23, (ushort)80)),
            _ => FieldSelector.Of(range),
        };
    }
}
