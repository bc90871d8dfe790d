using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Wire;

/// <summary>Smaller values of every wire format: first less payload, then fewer headers, then plainer fields.</summary>
public static class WireShrinkers
{
    /// <summary>Nothing, half, one unit of 8 less, one byte less; then the same length in zeros.</summary>
    public static IEnumerable<ByteString> Shrink(ByteString bytes)
    {
        foreach (int size in new[] { 0, bytes.Length / 2, bytes.Length - 8, bytes.Length - 1 }.Where(s => s >= 0 && s < bytes.Length).Distinct())
        {
            yield return new ByteString(bytes.Span[..size]);
        }

        if (bytes.Span.IndexOfAnyExcept((byte)0) >= 0)
        {
            yield return ByteString.Adopt(new byte[bytes.Length]);
        }
    }

    /// <summary>IPv4.</summary>
    public static IEnumerable<Ipv4Packet> Shrink(Ipv4Packet packet)
    {
        Ipv4Header header = packet.Header;
        foreach (ByteString payload in Shrink(packet.Payload).Where(p => !header.MoreFragments || p.Length % 8 == 0))
        {
            yield return new Ipv4Packet(header, payload);
        }

        Ipv4Header[] plainer =
        [
            header with { Options = ByteString.Empty },
            header with { MoreFragments = false, FragmentOffsetBytes = 0 },
            header with { TypeOfService = 0, Identification = 0, DontFragment = false, TimeToLive = 64 },
            header with { Source = Plain(false), Destination = Plain(false) },
        ];
        foreach (Ipv4Header other in plainer.Where(h => h != header))
        {
            yield return new Ipv4Packet(other, packet.Payload);
        }
    }

    /// <summary>IPv6.</summary>
    public static IEnumerable<Ipv6Packet> Shrink(Ipv6Packet packet)
    {
        Ipv6Header header = packet.Header;
        bool whole = packet.Extensions.All(e => e is not Ipv6ExtensionHeader.Fragment { MoreFragments: true });
        foreach (ByteString payload in Shrink(packet.Payload).Where(p => whole || p.Length % 8 == 0))
        {
            yield return new Ipv6Packet(header, packet.Extensions, packet.Protocol, payload);
        }

        foreach (Ipv6ExtensionHeader extension in packet.Extensions)
        {
            // Headers are units of 8 bytes, so what is left of a fragment stays one.
            yield return new Ipv6Packet(header, packet.Extensions.Remove(extension), packet.Protocol, packet.Payload);
        }

        Ipv6Header[] plainer =
        [
            header with { TrafficClass = 0, FlowLabel = 0, HopLimit = 64 },
            header with { Source = Plain(true), Destination = Plain(true) },
        ];
        foreach (Ipv6Header other in plainer.Where(h => h != header))
        {
            yield return new Ipv6Packet(other, packet.Extensions, packet.Protocol, packet.Payload);
        }
    }

    /// <summary>UDP.</summary>
    public static IEnumerable<UdpDatagram> Shrink(UdpDatagram datagram)
    {
        foreach (ByteString data in Shrink(datagram.Data))
        {
            yield return datagram with { Data = data };
        }

        if (datagram is not { SourcePort: 1, DestinationPort: 1 })
        {
            yield return datagram with { SourcePort = 1, DestinationPort = 1 };
        }
    }

    /// <summary>TCP.</summary>
    public static IEnumerable<TcpSegment> Shrink(TcpSegment segment)
    {
        foreach (ByteString data in Shrink(segment.Data))
        {
            yield return segment with { Data = data };
        }

        TcpSegment[] plainer =
        [
            segment with { Options = ByteString.Empty },
            segment with { Control = TcpControl.None, Sequence = 0, Acknowledgment = 0, Window = 0, UrgentPointer = 0 },
            segment with { SourcePort = 1, DestinationPort = 1 },
        ];
        foreach (TcpSegment other in plainer.Where(s => s != segment))
        {
            yield return other;
        }
    }

    /// <summary>ICMP.</summary>
    public static IEnumerable<IcmpMessage> Shrink(IcmpMessage message) => Shrink(message.Body).Select(body => message switch
    {
        IcmpMessage.Echo echo => new IcmpMessage.Echo(echo.IsReply, echo.Identifier, echo.Sequence, body),
        IcmpMessage.FragmentationNeeded needed => new IcmpMessage.FragmentationNeeded(needed.NextHopMtuBytes, body),
        _ => (IcmpMessage)new IcmpMessage.Other(message.Type, message.Code, 0, body),
    });

    /// <summary>ICMPv6.</summary>
    public static IEnumerable<IcmpV6Message> Shrink(IcmpV6Message message) => Shrink(message.Body).Select(body => message switch
    {
        IcmpV6Message.Echo echo => new IcmpV6Message.Echo(echo.IsReply, echo.Identifier, echo.Sequence, body),
        IcmpV6Message.PacketTooBig big => new IcmpV6Message.PacketTooBig(big.MtuBytes, body),
        _ => (IcmpV6Message)new IcmpV6Message.Other(message.Type, message.Code, 0, body),
    });

    /// <summary>ESP header.</summary>
    public static IEnumerable<EspHeader> Shrink(EspHeader header)
    {
        if (header.SequenceLow != 0)
        {
            yield return new EspHeader(header.Spi, 0);
        }

        if (header.Spi.Value != 1)
        {
            yield return new EspHeader(new Spi(1), header.SequenceLow);
        }
    }

    /// <summary>The plainest address of a family.</summary>
    public static IpAddress Plain(bool isIpv6) => isIpv6 ? new((UInt128)0x20010db8 << 96, true) : new(0xc0000201, false);
}
