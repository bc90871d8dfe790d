using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp;

/// <summary>A plain packet split for ESP: what stays outside, and what is protected.</summary>
/// <param name="OuterHeader">IP header with options and extension headers that stand before ESP; lengths are not set yet.</param>
/// <param name="NextHeaderOffsetBytes">Where <paramref name="OuterHeader"/> names the protocol that follows it.</param>
/// <param name="NextHeader">Next header field of the ESP trailer.</param>
/// <param name="Payload">The payload to protect.</param>
public sealed record EnclosedPacket(ByteString OuterHeader, int NextHeaderOffsetBytes, byte NextHeader, ByteString Payload);

/// <summary>Splits or wraps a plain packet as the mode of the SA says. RFC 4303 §3.1, RFC 4301 §5.1.2.</summary>
public static class ModeEnclosure
{
    private const int Ipv4HeaderBytes = 20;
    private const int Ipv6HeaderBytes = 40;
    private const int Ipv4ProtocolOffset = 9;
    private const int Ipv6NextHeaderOffset = 6;

    /// <summary>The packet ready for ESP, or null where the mode cannot enclose it; in AGGFRAG mode it is a payload and no packet.</summary>
    public static EnclosedPacket? Enclose(SecurityAssociation sa, ByteString plain)
    {
        if (sa.Mode == EspMode.AggFrag)
        {
            return AggFrag(sa, plain);
        }

        if (!IpPacketView.TryParse(plain.Span, out IpPacketView packet, out _))
        {
            return null;
        }

        return sa.Mode switch
        {
            EspMode.Transport => Transport(sa, packet, plain),
            EspMode.Tunnel => Tunnel(sa, packet, plain),
            _ => Beet(sa, packet, plain),
        };
    }

    private static EnclosedPacket? Transport(SecurityAssociation sa, IpPacketView packet, ByteString plain)
    {
        // Transport mode is never applied to a fragment. RFC 4303 §3.3.4.
        if (packet.IsIpv6 != sa.Source.IsIpv6 || packet.Fragment.IsFragment)
        {
            return null;
        }

        (int at, int nextHeader) = packet.IsIpv6 ? InsertionPoint(packet.Bytes) : (packet.HeaderBytes, Ipv4ProtocolOffset);
        return new EnclosedPacket(plain.Slice(..at), nextHeader, plain[nextHeader], plain.Slice(at..packet.Bytes.Length));
    }

    // Behind hop-by-hop, routing and fragment headers; destination options that no routing header follows go inside. RFC 4303 §3.1.1.
    private static (int Offset, int NextHeaderOffset) InsertionPoint(ReadOnlySpan<byte> packet)
    {
        (int Offset, int NextHeaderOffset) insertion = (Ipv6HeaderBytes, Ipv6NextHeaderOffset);
        (int at, int nextHeader) = insertion;
        while (Ipv6ExtensionHeader.IsExtension(packet[nextHeader]))
        {
            bool before = packet[nextHeader] != IpProtocol.DestinationOptions;
            Ipv6ExtensionHeaderView header = new(packet[at..]);
            int length = packet[nextHeader] == IpProtocol.Fragment ? Ipv6ExtensionHeaderView.FragmentBytes : header.LengthBytes;
            nextHeader = at;
            at += length;
            if (before)
            {
                insertion = (at, nextHeader);
            }
        }

        return insertion;
    }

    private static EnclosedPacket Tunnel(SecurityAssociation sa, IpPacketView packet, ByteString plain) => new(
        OuterHeader.ForTunnel(sa, packet),
        sa.Source.IsIpv6 ? Ipv6NextHeaderOffset : Ipv4ProtocolOffset,
        packet.IsIpv6 ? IpProtocol.Ipv6 : IpProtocol.Ipv4,
        plain.Slice(..packet.Bytes.Length));

    // What is enclosed is a payload that others have filled. RFC 9347 §2.2.
    private static EnclosedPacket? AggFrag(SecurityAssociation sa, ByteString payload) => AggFragPayload.TryParse(payload.Span, out _, out _)
        ? new EnclosedPacket(OuterHeader.ForAggFrag(sa), sa.Source.IsIpv6 ? Ipv6NextHeaderOffset : Ipv4ProtocolOffset, IpProtocol.AggFrag, payload)
        : null;

    private static EnclosedPacket? Beet(SecurityAssociation sa, IpPacketView packet, ByteString plain)
    {
        if (packet.Fragment.IsFragment || packet.Source != sa.InnerSource || packet.Destination != sa.InnerDestination)
        {
            return null;
        }

        ByteString outer = OuterHeader.ForBeet(sa, packet);
        int nextHeader = sa.Source.IsIpv6 ? Ipv6NextHeaderOffset : Ipv4ProtocolOffset;
        if (packet.IsIpv6)
        {
            return new EnclosedPacket(outer, nextHeader, packet.Bytes[Ipv6NextHeaderOffset], plain.Slice(Ipv6HeaderBytes..packet.Bytes.Length));
        }

        ReadOnlySpan<byte> options = packet.Bytes[Ipv4HeaderBytes..packet.HeaderBytes];
        return options.IsEmpty
            ? new EnclosedPacket(outer, nextHeader, packet.Protocol, plain.Slice(packet.HeaderBytes..packet.Bytes.Length))
            : new EnclosedPacket(outer, nextHeader, IpProtocol.BeetPseudoHeader, BeetPseudoHeader.Write(packet.Protocol, options, packet.Payload));
    }
}
