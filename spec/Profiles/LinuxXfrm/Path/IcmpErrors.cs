using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>ICMP errors: those that the host sends about a packet, and what others say in them (icmp_send, icmp6_send).</summary>
public static class IcmpErrors
{
    /// <summary>IPv4: destination unreachable; code 4 is fragmentation needed. RFC 792.</summary>
    public const byte Unreachable = 3;

    /// <summary>IPv4: time exceeded. RFC 792.</summary>
    public const byte TimeExceeded = 11;

    /// <summary>IPv6: destination unreachable. RFC 4443 §3.1.</summary>
    public const byte UnreachableIpv6 = 1;

    /// <summary>IPv6: packet too big. RFC 4443 §3.2.</summary>
    public const byte TooBigIpv6 = 2;

    /// <summary>IPv6: time exceeded. RFC 4443 §3.3.</summary>
    public const byte TimeExceededIpv6 = 3;

    /// <summary>Code of <see cref="Unreachable"/> that names a next-hop MTU. RFC 1191 §4.</summary>
    public const byte FragmentationNeeded = 4;

    private const int QuotedBytesIpv4 = 548;
    private const int QuotedBytesIpv6 = 1232;
    private const byte InternetControl = 0xc0;
    private const byte TypeOfServiceBits = 0x1e;
    private const byte FirstInformationalIpv6 = 128;

    /// <summary>Answers a packet with an error, where one may be sent; the packet itself goes on.</summary>
    /// <param name="packet">The packet that the error is about.</param>
    /// <param name="type">ICMP or ICMPv6 type.</param>
    /// <param name="code">Code.</param>
    /// <param name="parameter">The four bytes behind the checksum: an MTU, or 0.</param>
    public static PacketInFlight Answer(PacketInFlight packet, byte type, byte code, uint parameter)
    {
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView about, out _)
            || about.Fragment.OffsetBytes != 0 || about.Source.IsMulticast || about.Source.Value == 0 || about.Destination.IsMulticast
            || IsError(about) || packet.Host.RouteTo(about.Source) is not { } hop
            || (packet.Host.IsLocal(about.Destination) ? about.Destination : hop.Source) is not { } source)
        {
            return packet.Decide("", "no ICMP error may be sent about it");
        }

        ReadOnlySpan<byte> quoted = about.Bytes[..Math.Min(about.Bytes.Length, about.IsIpv6 ? QuotedBytesIpv6 : QuotedBytesIpv4)];
        byte[] message = [type, code, 0, 0, 0, 0, 0, 0, .. quoted];
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), parameter);
        ushort checksum = about.IsIpv6
            ? InternetChecksum.Compute(source, about.Source, IpProtocol.IcmpV6, message)
            : InternetChecksum.Compute(message);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), checksum);
        uint identification = packet.Host.Identification + 1;
        ByteString error = ByteString.Adopt(IpPackets.Raw(source, about.Source, about.IsIpv6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp, message, new IpPacketOptions
        {
            HopLimit = packet.Host.Settings.HopLimit,
            TrafficClass = about.IsIpv6 ? (byte)0 : (byte)((about.TrafficClass & TypeOfServiceBits) | InternetControl),
            Identification = (ushort)identification,
        }));
        return packet.Raise(new PathEvent.IcmpError(error)) with
        {
            Host = packet.Host with { Identification = identification },
            Next = packet.Next.Add(new NextPacket.Leaves(error, new PacketOrigin.Error(packet.Bytes))),
        };
    }

    /// <summary>The flow of a packet that may be cut short, or null where not even addresses are there.</summary>
    public static XfrmFlow? FlowOf(ByteString packet) =>
        IpPacketView.TryParse(Whole(packet.Span), out IpPacketView view, out _) ? XfrmFlow.OfPacket(view) : null;

    /// <summary>The packet inside an ICMP error that IPsec looks into, made whole by its length field; null for any other packet.</summary>
    /// <remarks>Unreachable and time exceeded; over IPv6 packet too big as well.</remarks>
    public static ByteString? Quoted(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) || view.Payload.Length < IcmpView.HeaderBytes)
        {
            return null;
        }

        IcmpView icmp = new(view.Payload);
        bool looksInside = view.Protocol switch
        {
            IpProtocol.Icmp => icmp.Type is Unreachable or TimeExceeded,
            IpProtocol.IcmpV6 => icmp.Type is UnreachableIpv6 or TooBigIpv6 or TimeExceededIpv6,
            _ => false,
        };
        return looksInside ? ByteString.Adopt(Whole(icmp.Body)) : null;
    }

    /// <summary>The flow of the packet inside an ICMP error, or null.</summary>
    public static XfrmFlow? QuotedFlow(ByteString packet) => Quoted(packet) is { } inside ? FlowOf(inside) : null;

    private static bool IsError(IpPacketView packet)
    {
        IcmpView icmp = new(packet.Payload);
        return packet.Protocol switch
        {
            IpProtocol.Icmp => icmp.Type is 3 or 4 or 5 or TimeExceeded or 12,
            IpProtocol.IcmpV6 => icmp.Type < FirstInformationalIpv6,
            _ => false,
        };
    }

    // An error quotes the beginning of a packet: its length field counts what is not there.
    private static byte[] Whole(ReadOnlySpan<byte> quoted)
    {
        byte[] copy = quoted.ToArray();
        bool hasHeader = copy.Length > 0 && (copy[0] >> 4) switch
        {
            4 => copy.Length >= Ipv4HeaderView.FixedBytes && (copy[0] & 0x0f) * 4 is >= Ipv4HeaderView.FixedBytes and var header && header <= copy.Length,
            6 => copy.Length >= Ipv6HeaderView.FixedBytes,
            _ => false,
        };
        if (hasHeader)
        {
            IpPackets.FinishHeader(copy);
        }

        return copy;
    }
}
