using Conformance.Spec.Wire;

namespace Conformance.Spec.Transit;

/// <summary>An ICMP or ICMPv6 error, as far as IPsec looks at it. RFC 792, RFC 4443.</summary>
/// <param name="Source">Who reports.</param>
/// <param name="Destination">Who is told.</param>
/// <param name="Type">Type.</param>
/// <param name="Code">Code.</param>
/// <param name="MtuBytes">MTU of the next hop where the type has one, else 0.</param>
/// <param name="Quoted">The packet that the error is about, perhaps cut short.</param>
public sealed record IcmpError(IpAddress Source, IpAddress Destination, byte Type, byte Code, uint MtuBytes, ByteString Quoted)
{
    /// <summary>True for «fragmentation needed» and «packet too big», in either family. RFC 1191 §4, RFC 4443 §3.2.</summary>
    public bool IsPathMtu => Source.IsIpv6 ? Type == 2 : (Type, Code) == (3, 4);

    /// <summary>True for «time exceeded in transit». RFC 792, RFC 4443 §3.3.</summary>
    public bool IsTimeExceeded => Type == (Source.IsIpv6 ? 3 : 11) && Code == 0;
}

/// <summary>Makes and reads the errors that a gateway sends to the source of a packet. RFC 792, RFC 1191, RFC 4443.</summary>
public static class IcmpErrors
{
    private const int QuotedIpv4Bytes = 548;

    /// <summary>A packet with DF, or an IPv6 packet, is longer than what the next hop carries.</summary>
    public static ByteString TooBig(IpAddress gateway, ByteString packet, int mtuBytes) => gateway.IsIpv6
        ? Ipv6(gateway, packet, new IcmpV6Message.PacketTooBig((uint)mtuBytes, Quote(packet, PathMtuRoom)))
        : Ipv4(gateway, packet, new IcmpMessage.FragmentationNeeded((ushort)mtuBytes, Quote(packet, QuotedIpv4Bytes)));

    /// <summary>Policy forbids the packet. RFC 4301 §5.1.1.</summary>
    public static ByteString Prohibited(IpAddress gateway, ByteString packet) => gateway.IsIpv6
        ? Ipv6(gateway, packet, new IcmpV6Message.Other(1, 1, 0, Quote(packet, PathMtuRoom)))
        : Ipv4(gateway, packet, new IcmpMessage.Other(3, 13, 0, Quote(packet, QuotedIpv4Bytes)));

    /// <summary>The TTL or hop limit of a packet is used up.</summary>
    public static ByteString TimeExceeded(IpAddress gateway, ByteString packet) => gateway.IsIpv6
        ? Ipv6(gateway, packet, new IcmpV6Message.Other(3, 0, 0, Quote(packet, PathMtuRoom)))
        : Ipv4(gateway, packet, new IcmpMessage.Other(11, 0, 0, Quote(packet, QuotedIpv4Bytes)));

    /// <summary>Reads an error with a right checksum; null for anything else.</summary>
    public static IcmpError? TryRead(ByteString datagram)
    {
        if (!IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _) || packet.Fragment.IsFragment)
        {
            return null;
        }

        if (packet.IsIpv6)
        {
            return packet.Protocol == IpProtocol.IcmpV6
                && IcmpV6Message.TryParse(new PseudoHeader(packet.Source, packet.Destination), packet.Payload, out IcmpV6Message? six, out _)
                && six is { Type: < 128 }
                ? new IcmpError(packet.Source, packet.Destination, six.Type, six.Code, six is IcmpV6Message.PacketTooBig big ? big.MtuBytes : 0, six.Body)
                : null;
        }

        return packet.Protocol == IpProtocol.Icmp && IcmpMessage.TryParse(packet.Payload, out IcmpMessage? four, out _)
            && four is { Type: 3 or 4 or 5 or 11 or 12 }
            ? new IcmpError(packet.Source, packet.Destination, four.Type, four.Code, four is IcmpMessage.FragmentationNeeded needed ? needed.NextHopMtuBytes : 0u, four.Body)
            : null;
    }

    // An ICMPv6 error is never longer than the least MTU. RFC 4443 §2.4.
    private static int PathMtuRoom => Esp.Headers.PathMtu.LeastIpv6Bytes - Ipv6HeaderView.FixedBytes - IcmpView.HeaderBytes;

    private static ByteString Quote(ByteString packet, int mostBytes) => packet.Slice(..Math.Min(packet.Length, mostBytes));

    private static ByteString Ipv4(IpAddress gateway, ByteString about, IcmpMessage message) =>
        ByteString.Adopt(IpPackets.Raw(gateway, SourceOf(about), IpProtocol.Icmp, message.ToBytes()));

    private static ByteString Ipv6(IpAddress gateway, ByteString about, IcmpV6Message message)
    {
        IpAddress told = SourceOf(about);
        return ByteString.Adopt(IpPackets.Raw(gateway, told, IpProtocol.IcmpV6, message.ToBytes(new PseudoHeader(gateway, told))));
    }

    private static IpAddress SourceOf(ByteString packet) => packet[0] >> 4 == 6
        ? IpAddress.FromBytes(packet.Span.Slice(8, 16))
        : IpAddress.FromBytes(packet.Span.Slice(12, 4));
}
