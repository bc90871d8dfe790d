using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Selectors: src PREFIX dst PREFIX proto P sport N … dev NAME uid N.</summary>
internal static class SelectorText
{
    /// <summary>Reads a selector up to the end of its line.</summary>
    public static XfrmSelector Read(DumpReader reader)
    {
        TokenReader line = reader.Line;
        line.Expect("src");
        (IpAddress source, byte sourceBits) = Prefix(line);
        line.Expect("dst");
        (IpAddress destination, byte destinationBits) = Prefix(line);
        if (line.Ok && source.IsIpv6 != destination.IsIpv6)
        {
            line.FailLast("source and destination are of different families");
        }

        XfrmSelector selector = new()
        {
            Family = XfrmFamilies.Of(source),
            Source = XfrmAddress.Of(source),
            SourceBits = sourceBits,
            Destination = XfrmAddress.Of(destination),
            DestinationBits = destinationBits,
        };
        HashSet<string> seen = [];
        while (line.HasMore)
        {
            string key = line.Take("key");
            if (!seen.Add(key))
            {
                line.FailLast($"«{TokenReader.Shortened(key)}» stands twice");
            }

            selector = ReadPart(reader, selector, key);
        }

        return selector;
    }

    /// <summary>Writes a selector with what stands before it, and ends the line.</summary>
    public static void Write(StringBuilder text, string prefix, XfrmSelector selector, XfrmFamily otherwise, DumpStyle style)
    {
        XfrmFamily family = selector.Family == XfrmFamily.Unspecified ? otherwise : selector.Family;
        text.Append(prefix).Append($"src {selector.Source.In(family)}/{selector.SourceBits} dst {selector.Destination.In(family)}/{selector.DestinationBits} ");
        if (selector.Protocol != 0)
        {
            string name = style.NumericProtocols ? $"{selector.Protocol}" : DumpNames.NameOf(DumpNames.Protocols, selector.Protocol);
            text.Append($"proto {name} ");
        }

        bool source = selector.SourcePortMask != 0;
        bool destination = selector.DestinationPortMask != 0;
        text.Append(selector.Protocol switch
        {
            IpProtocol.Gre => source || destination ? $"key {((uint)selector.SourcePort << 16) + selector.DestinationPort} " : "",
            IpProtocol.Icmp or IpProtocol.IcmpV6 =>
                (source ? $"type {selector.SourcePort} " : "") + (destination ? $"code {selector.DestinationPort} " : ""),
            IpProtocol.Mobility => (source ? $"type {selector.SourcePort} " : "")
                + (destination && style.Statistics ? $"(dport) 0x{MobilityPort(selector.DestinationPort):x4} " : ""),
            _ => (source ? $"sport {selector.SourcePort} " : "") + (destination ? $"dport {selector.DestinationPort} " : ""),
        });
        if (selector.InterfaceIndex > 0)
        {
            text.Append($"dev {style.Devices.NameOf(selector.InterfaceIndex)} ");
        }

        if (style.Statistics)
        {
            text.Append($"uid {selector.User}");
        }

        text.Append('\n');
    }

    private static XfrmSelector ReadPart(DumpReader reader, XfrmSelector selector, string key)
    {
        TokenReader line = reader.Line;
        switch (key)
        {
            case "proto":
                string name = line.Take("protocol");
                if (!line.Ok || !DumpNames.TryValue(DumpNames.ProtocolsRead, name, out byte protocol))
                {
                    line.FailLast($"«{TokenReader.Shortened(name)}» is no protocol");
                    return selector;
                }

                if (char.IsAsciiDigit(name[0]) && DumpNames.Protocols.Any(p => p.Value == protocol))
                {
                    reader.Style = reader.Style with { NumericProtocols = true };
                }

                return selector with { Protocol = protocol };
            case "sport" or "type":
                return selector with { SourcePort = (ushort)line.Number(key, ushort.MaxValue), SourcePortMask = ushort.MaxValue };
            case "dport" or "code":
                return selector with { DestinationPort = (ushort)line.Number(key, ushort.MaxValue), DestinationPortMask = ushort.MaxValue };
            case "(dport)":
                ushort swapped = MobilityPort((ushort)line.Number("port", ushort.MaxValue));
                return selector with { DestinationPort = swapped, DestinationPortMask = ushort.MaxValue };
            case "key":
                uint gre = line.Number32("GRE key");
                return selector with
                {
                    SourcePort = (ushort)(gre >> 16),
                    SourcePortMask = ushort.MaxValue,
                    DestinationPort = (ushort)gre,
                    DestinationPortMask = ushort.MaxValue,
                };
            case "dev":
                reader.Style = reader.Style with { Devices = reader.Style.Devices.With(line.Take("device"), out int index) };
                return selector with { InterfaceIndex = index };
            case "uid":
                reader.Style = reader.Style with { Statistics = true };
                return selector with { User = line.Number32("uid") };
            default:
                line.FailLast($"«{TokenReader.Shortened(key)}» is no part of a selector");
                return selector;
        }
    }

    // The tool prints this one field as it lies in memory, which on the usual machines is the other way round.
    private static ushort MobilityPort(ushort port) => (ushort)((port << 8) | (port >> 8));

    private static (IpAddress Address, byte Bits) Prefix(TokenReader line)
    {
        string word = line.Take("prefix");
        if (!line.Ok)
        {
            return default;
        }

        string[] parts = word.Split('/');
        if (parts.Length > 2 || !TokenReader.TryAddress(parts[0], out IpAddress address))
        {
            line.FailLast($"«{TokenReader.Shortened(word)}» is no address or prefix");
            return default;
        }

        ulong longest = (ulong)address.LengthBytes * 8;
        ulong bits = longest;
        if (parts.Length == 2 && !(TokenReader.TryNumber(parts[1], out bits) && bits <= longest))
        {
            line.FailLast($"«{TokenReader.Shortened(parts[1])}» is no prefix length from 0 to {longest}");
        }

        return (address, (byte)bits);
    }
}
