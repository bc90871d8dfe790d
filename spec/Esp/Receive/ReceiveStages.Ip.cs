using System.Buffers.Binary;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Receive;

public static partial class ReceiveStages
{
    /// <summary>ESP processing gets whole datagrams: what still looks like a fragment is refused. RFC 4303 §3.4.1.</summary>
    public static ReceiveStage Reassembly { get; } = new(nameof(Reassembly), "RFC 4303 §3.4.1", context =>
    {
        if (!IpPacketView.TryParse(context.Datagram.Span, out IpPacketView packet, out _))
        {
            return context.Discard(DiscardReason.Malformed);
        }

        return packet.Fragment.IsFragment
            ? context.Discard(DiscardReason.Fragment)
            : context;
    });

    /// <summary>Plain ESP, or UDP on port 4500: keepalive, key exchange behind the non-ESP marker, or ESP. RFC 3948 §2.</summary>
    public static ReceiveStage UdpDecapsulation { get; } = new(nameof(UdpDecapsulation), "RFC 3948 §2", context =>
    {
        if (!IpPacketView.TryParse(context.Datagram.Span, out IpPacketView packet, out _))
        {
            return context.Discard(DiscardReason.Malformed);
        }

        if (packet.Protocol == IpProtocol.Esp)
        {
            return context with { EspRange = packet.HeaderBytes..packet.Bytes.Length };
        }

        if (packet.Protocol != IpProtocol.Udp)
        {
            return context with { Outcome = new ReceiveOutcome.NotEsp() };
        }

        // The view and not the meaning: a wrong UDP checksum does not stop ESP, which has its own. RFC 3948 §2.1.
        UdpView udp = new(packet.Payload);
        if (packet.Payload.Length < UdpView.HeaderBytes || udp.DestinationPort != UdpEncapsulatedContents.Port)
        {
            return context with { Outcome = new ReceiveOutcome.NotEsp() };
        }

        if (udp.LengthBytes < UdpView.HeaderBytes || udp.LengthBytes > packet.Payload.Length)
        {
            return context.Discard(DiscardReason.Malformed);
        }

        int start = packet.HeaderBytes + UdpView.HeaderBytes;
        return UdpEncapsulatedContents.Classify(udp.Data) switch
        {
            UdpEncapsulatedContent.KeepAlive => context.Discard(DiscardReason.KeepAlive),
            UdpEncapsulatedContent.Esp => context with { UdpEncapsulated = true, EspRange = start..(start + udp.Data.Length) },
            _ => context with { Outcome = new ReceiveOutcome.NotEsp() },
        };
    });

    /// <summary>The plain packet is put together again. RFC 4303 §3.4.4.1, RFC 4301 §5.2.</summary>
    public static ReceiveStage Decapsulation { get; } = new(nameof(Decapsulation), "RFC 4301 §5.2", context =>
        Found(context).Sa.Mode switch
        {
            EspMode.Transport => Transport(context),
            EspMode.Tunnel => Tunnel(context),
            EspMode.AggFrag => AggFrag(context),
            _ => Beet(context),
        });

    /// <summary>The inner packet must fit the SA's selectors, as far as it has any. RFC 4301 §5.2 step 4.</summary>
    public static ReceiveStage Selectors { get; } = new(nameof(Selectors), "RFC 4301 §5.2", context =>
    {
        SecurityAssociation sa = Found(context).Sa;
        return sa.InnerSource is null || (IpPacketView.TryParse(context.Inner.Span, out IpPacketView inner, out _)
            && inner.Source == sa.InnerSource && inner.Destination == sa.InnerDestination)
            ? context
            : context.Discard(DiscardReason.SelectorMismatch);
    });

    private static ReceiveContext Transport(ReceiveContext context)
    {
        if (!IpPacketView.TryParse(context.Datagram.Span, out IpPacketView outer, out _))
        {
            return context.Discard(DiscardReason.Malformed);
        }

        byte[] inner = [.. outer.Bytes[..outer.HeaderBytes], .. context.Payload.Span];
        inner[outer.NextHeaderOffsetBytes] = context.NextHeader;
        IpPackets.FinishHeader(inner);
        return context with { Inner = ByteString.Adopt(inner) };
    }

    private static ReceiveContext Tunnel(ReceiveContext context)
    {
        if (context.NextHeader is not (IpProtocol.Ipv4 or IpProtocol.Ipv6))
        {
            return context.Discard(DiscardReason.NextHeaderInvalid);
        }

        if (!IpPacketView.TryParse(context.Payload.Span, out IpPacketView inner, out _)
            || inner.IsIpv6 != (context.NextHeader == IpProtocol.Ipv6)
            || !IpPacketView.TryParse(context.Datagram.Span, out IpPacketView outer, out _))
        {
            return context.Discard(DiscardReason.InnerMalformed);
        }

        // The inner length rules: TFC padding behind it is dropped. RFC 4303 §2.7.
        ByteString packet = context.Payload.Slice(..inner.Bytes.Length);
        if (EcnTunnel.Decapsulate(TrafficClasses.EcnOf(inner.TrafficClass), TrafficClasses.EcnOf(outer.TrafficClass)) is not { } ecn)
        {
            return context.Discard(DiscardReason.CongestionLost);
        }

        byte dscp = TrafficClasses.DscpOf(Found(context).Sa.Headers.TakesOuterDscp ? outer.TrafficClass : inner.TrafficClass);
        byte trafficClass = TrafficClasses.Join(dscp, ecn);
        return context with { Inner = trafficClass == inner.TrafficClass ? packet : TrafficClasses.Write(packet, trafficClass) };
    }

    // The payload goes on to reassembly, which needs the number beside it. RFC 9347 §2.5.
    private static ReceiveContext AggFrag(ReceiveContext context) =>
        context.NextHeader != IpProtocol.AggFrag ? context.Discard(DiscardReason.NextHeaderInvalid)
        : AggFragPayload.TryParse(context.Payload.Span, out _, out _) ? context with { Inner = context.Payload }
        : context.Discard(DiscardReason.InnerMalformed);

    private static ReceiveContext Beet(ReceiveContext context)
    {
        SecurityAssociation sa = Found(context).Sa;
        if (sa.InnerSource is not { } source || sa.InnerDestination is not { } destination
            || !IpPacketView.TryParse(context.Datagram.Span, out IpPacketView outer, out _))
        {
            return context.Discard(DiscardReason.Malformed);
        }

        byte protocol = context.NextHeader;
        ByteString options = default;
        ByteString data = context.Payload;
        if (protocol == IpProtocol.BeetPseudoHeader
            && (source.IsIpv6 || !BeetPseudoHeader.TryRead(context.Payload.Span, out protocol, out options, out data, out _)))
        {
            return context.Discard(DiscardReason.InnerMalformed);
        }

        if (!source.IsIpv6 && Ipv4HeaderView.FixedBytes + options.Length + data.Length > ushort.MaxValue)
        {
            return context.Discard(DiscardReason.InnerMalformed);
        }

        byte[] inner = IpPackets.Raw(source, destination, protocol, data.Span, new IpPacketOptions
        {
            HopLimit = outer.HopLimit,
            TrafficClass = outer.TrafficClass,
            FlowLabel = outer.FlowLabel,
            DontFragment = !outer.IsIpv6 && outer.DontFragment,
            Identification = outer.IsIpv6 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(outer.Bytes[4..]),
            Ipv4Options = options,
        });
        return context with { Inner = ByteString.Adopt(inner) };
    }
}
