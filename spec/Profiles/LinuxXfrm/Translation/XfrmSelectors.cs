using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Translation;

/// <summary>A selector of RFC 4301 has no exact form in XFRM; the message says why.</summary>
public sealed class NotInXfrmException : Exception
{
    /// <summary>One clause, for people.</summary>
    public NotInXfrmException(string message)
        : base(message)
    {
    }

    /// <summary>One clause with its cause.</summary>
    public NotInXfrmException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>For serializers.</summary>
    public NotInXfrmException()
    {
    }
}

/// <summary>Selector sets of RFC 4301 as XFRM selectors that together hold the same packets: ranges become prefixes and masks.</summary>
/// <remarks>
/// Where XFRM holds more or less there is no translation. It has no OPAQUE; it reads the hidden ports, type and code of a fragment as 0, so
/// no range that holds 0 can be said; it sees no mobility type in received packets and no ports of DCCP. The fields of a first fragment, which
/// it hides too, are left out of account: see Interpretations/0012.
/// </remarks>
public static class XfrmSelectors
{
    private const byte Dccp = 33;
    private const int FieldBits = 16;
    private const int CodeBits = 8;
    private const ushort AllBits = ushort.MaxValue;

    /// <summary>The XFRM selectors of a set in a direction.</summary>
    /// <exception cref="NotInXfrmException">There is no exact form.</exception>
    public static IEnumerable<XfrmSelector> Of(SelectorSet set, PolicyDirection direction)
    {
        UpperForm[] uppers = [.. Uppers(set.Upper, !set.Local.In(true).IsEmpty && !set.Remote.In(true).IsEmpty)];
        return from family in new[] { XfrmFamily.Ipv4, XfrmFamily.Ipv6 }
               from local in Prefixes(set.Local, family)
               from remote in Prefixes(set.Remote, family)
               from upper in uppers
               select Selector(family, local, remote, upper, direction);
    }

    private static IEnumerable<AddressPrefix> Prefixes(AddressSelector addresses, XfrmFamily family)
    {
        bool isIpv6 = family == XfrmFamily.Ipv6;
        return from range in addresses.In(isIpv6).Ranges
               from block in range.ToBlocks(XfrmFamilies.AddressBits(family))
               select new AddressPrefix(new IpAddress(block.Value, isIpv6), block.PrefixBits);
    }

    private static IEnumerable<UpperForm> Uppers(UpperLayerSelector upper, bool holdsIpv6) => upper switch
    {
        UpperLayerSelector.Any => [new UpperForm(0)],
        UpperLayerSelector.Protocol(0) => throw new NotInXfrmException("protocol 0 stands for every protocol"),
        UpperLayerSelector.Protocol(var number) when holdsIpv6 && Ipv6ExtensionHeader.IsExtension(number) =>
            throw new NotInXfrmException($"protocol {number} holds later fragments that show no protocol"),
        UpperLayerSelector.Protocol(var number) => [new UpperForm(number)],
        UpperLayerSelector.Ports(Dccp, var local, var remote) when !local.IsAny || !remote.IsAny => throw new NotInXfrmException("ports of DCCP are not read"),
        UpperLayerSelector.Ports(var number, var local, var remote) =>
            from mine in Blocks(local, "port") from theirs in Blocks(remote, "port") select new UpperForm(number, mine, theirs),
        UpperLayerSelector.Icmp(var number, var types) => Blocks(types, "ICMP type and code").Select(block => TypeAndCode(number, block)),
        UpperLayerSelector.Mobility({ IsAny: true }) => [new UpperForm(IpProtocol.Mobility)],
        UpperLayerSelector.Mobility => throw new NotInXfrmException("received packets show no mobility type"),
        _ => throw new NotInXfrmException("there is no OPAQUE protocol"),
    };

    private static IEnumerable<FieldBlock> Blocks(FieldSelector field, string name)
    {
        if (field.IsAny)
        {
            return [default];
        }

        if (field.IsOpaque)
        {
            throw new NotInXfrmException($"there is no OPAQUE {name}");
        }

        return field.Accepts(0)
            ? throw new NotInXfrmException($"{name} {field} holds 0, which fragments are read as")
            : field.Accepted.Ranges.SelectMany(range => range.ToBlocks(FieldBits)).Select(block => new FieldBlock((ushort)block.Value, Mask(block.PrefixBits)));
    }

    private static ushort Mask(int prefixBits) => (ushort)(AllBits << (FieldBits - prefixBits));

    // The type stands where the source port does and the code where the destination port does, each in sixteen bits.
    private static UpperForm TypeAndCode(byte protocol, FieldBlock block) => new(
        protocol,
        block.Mask == 0 ? default : new FieldBlock((ushort)(block.Value >> CodeBits), (ushort)((AllBits << CodeBits) | (block.Mask >> CodeBits))),
        (block.Mask & byte.MaxValue) == 0 ? default : new FieldBlock((ushort)(block.Value & byte.MaxValue), (ushort)((AllBits << CodeBits) | (block.Mask & byte.MaxValue))));

    private static XfrmSelector Selector(XfrmFamily family, AddressPrefix local, AddressPrefix remote, UpperForm upper, PolicyDirection direction)
    {
        bool outbound = direction == PolicyDirection.Outbound;

        // Ports change sides with the direction; types and codes do not.
        (FieldBlock source, FieldBlock destination) = outbound || FlowSelectors.IsIcmp(upper.Protocol) ? (upper.Local, upper.Remote) : (upper.Remote, upper.Local);
        return XfrmSelector.Of(outbound ? local : remote, outbound ? remote : local) with
        {
            Family = family,
            Protocol = upper.Protocol,
            SourcePort = source.Value,
            SourcePortMask = source.Mask,
            DestinationPort = destination.Value,
            DestinationPortMask = destination.Mask,
        };
    }

    private readonly record struct FieldBlock(ushort Value, ushort Mask);

    private readonly record struct UpperForm(byte Protocol, FieldBlock Local = default, FieldBlock Remote = default);
}
