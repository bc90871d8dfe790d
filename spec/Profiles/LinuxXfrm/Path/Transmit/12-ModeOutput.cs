using Conformance.Spec.Esp;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>The header that the SA's mode puts in front, or moves there (xfrm_outer_mode_output).</summary>
/// <remarks>Transport keeps the packet's own header; tunnel and BEET make one in the family of the SA, whatever the family inside.</remarks>
public static class ModeOutput
{
    private const int LeastIpv6MtuBytes = 1280;
    private const int ProtocolOffset = 9;
    private const int NextHeaderOffset = 6;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("mode output", "xfrm_outer_mode_output", Run) { OlderFunction = "x->outer_mode->output" };

    private static PacketInFlight Run(PacketInFlight packet)
    {
        XfrmStateEntry entry = Transform.Entry(packet);
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView inner, out ParseError error))
        {
            return packet.Drop(XfrmCounter.OutStateModeError, error.ToString(), Errno.Einval);
        }

        if (entry.IsTunnel && TooBig(packet, inner) is { } refused)
        {
            return refused;
        }

        switch (entry.State.Mode)
        {
            case XfrmMode.Transport:
                EnclosedPacket kept = Transport(inner);
                return Done(packet, packet.Out.IsDeferred && inner.IsIpv6 ? StaleNextHeader.Of(kept, inner.Bytes, entry.State) : kept, "the packet's own header stays in front");
            case XfrmMode.Tunnel:
                (packet, byte[] outer) = OuterHeaders.Tunnel(packet, entry.State, inner);
                return Done(packet, new EnclosedPacket(
                    ByteString.Adopt(outer), NextHeaderAt(entry.State), inner.IsIpv6 ? IpProtocol.Ipv6 : IpProtocol.Ipv4, new ByteString(inner.Bytes)),
                    $"{entry.State.SourceAddress} > {entry.State.DestinationAddress} around the packet");
            case XfrmMode.Beet when !inner.IsIpv6 && inner.Fragment.IsFragment:
                return packet.Drop(XfrmCounter.OutStateModeError, "BEET takes no fragments", Errno.Eafnosupport);
            case XfrmMode.Beet:
                return Done(packet, Beet(entry.State, inner), $"{entry.State.SourceAddress} > {entry.State.DestinationAddress} in place of the inner addresses");
            default:
                return packet.Decide("unsupported").End(new PathEvent.Unsupported($"mode {entry.State.Mode} on output"));
        }
    }

    private static PacketInFlight Done(PacketInFlight packet, EnclosedPacket enclosed, string why)
    {
        Outbound way = packet.Out;
        XfrmStateEntry entry = Transform.Entry(packet);
        return (packet with { OnTheWayOut = way with { Enclosed = enclosed, MayFragmentIpv6 = way.MayFragmentIpv6 || (entry.IsTunnel && entry.State.Family == XfrmFamily.Ipv6) } })
            .Decide($"{entry.State.Mode}", why);
    }

    // xfrm4_tunnel_check_size, xfrm6_tunnel_check_size: only the innermost tunnel asks.
    private static PacketInFlight? TooBig(PacketInFlight packet, IpPacketView inner)
    {
        Outbound way = packet.Out;
        bool first = !way.Bundle.Take(way.Applied).Any(layer => packet.Databases.States.Find(layer.Id)!.IsTunnel);
        int mtu = inner.IsIpv6 ? Math.Max(way.Layer.MtuBytes, LeastIpv6MtuBytes) : way.Layer.MtuBytes;
        if (!first || !inner.DontFragment || inner.Bytes.Length <= mtu)
        {
            return null;
        }

        PacketInFlight answered = way.HasSender ? packet
            : inner.IsIpv6 ? IcmpErrors.Answer(packet, IcmpErrors.TooBigIpv6, 0, (uint)mtu)
            : IcmpErrors.Answer(packet, IcmpErrors.Unreachable, IcmpErrors.FragmentationNeeded, (uint)mtu);
        return answered.Drop(XfrmCounter.OutStateModeError, $"{inner.Bytes.Length} bytes, {mtu} fit into the tunnel", Errno.Emsgsize);
    }

    private static int NextHeaderAt(XfrmState state) => state.Family == XfrmFamily.Ipv6 ? NextHeaderOffset : ProtocolOffset;

    // Fragments too: a packet in transit keeps its fragment fields in front of ESP.
    private static EnclosedPacket Transport(IpPacketView packet)
    {
        (int at, int nextHeader) = packet.IsIpv6 ? InsertionPoint(packet.Bytes) : (packet.HeaderBytes, ProtocolOffset);
        return new EnclosedPacket(new ByteString(packet.Bytes[..at]), nextHeader, packet.Bytes[nextHeader], new ByteString(packet.Bytes[at..]));
    }

    // ip6_find_1stfragopt: hop-by-hop and routing headers stay in front, destination options unless a routing header came before.
    private static (int At, int NextHeader) InsertionPoint(ReadOnlySpan<byte> packet)
    {
        (int at, int nextHeader) = (Ipv6HeaderView.FixedBytes, NextHeaderOffset);
        bool routed = false;
        while (at < packet.Length)
        {
            byte protocol = packet[nextHeader];
            bool stays = protocol is IpProtocol.HopByHopOptions or IpProtocol.Routing || (protocol == IpProtocol.DestinationOptions && !routed);
            if (!stays)
            {
                break;
            }

            routed |= protocol == IpProtocol.Routing;
            (at, nextHeader) = (at + new Ipv6ExtensionHeaderView(packet[at..]).LengthBytes, at);
        }

        return (at, nextHeader);
    }

    private static EnclosedPacket Beet(XfrmState state, IpPacketView inner)
    {
        ByteString outer = ByteString.Adopt(OuterHeaders.Beet(state, inner));
        if (inner.IsIpv6)
        {
            return new EnclosedPacket(outer, NextHeaderAt(state), inner.Bytes[NextHeaderOffset], new ByteString(inner.Bytes[Ipv6HeaderView.FixedBytes..]));
        }

        ReadOnlySpan<byte> options = inner.Bytes[Ipv4HeaderView.FixedBytes..inner.HeaderBytes];
        if (options.IsEmpty)
        {
            return new EnclosedPacket(outer, NextHeaderAt(state), inner.Protocol, new ByteString(inner.Payload));
        }

        byte[] payload = BeetPseudoHeader.Write(inner.Protocol, options, inner.Payload).ToArray();

        // The pseudo header is written over the end of the inner addresses, and its reserved byte is left as it was.
        int hidden = payload.Length - options.Length - inner.Payload.Length;
        payload[3] = inner.Bytes[Ipv4HeaderView.FixedBytes - hidden + 3];
        return new EnclosedPacket(outer, NextHeaderAt(state), IpProtocol.BeetPseudoHeader, ByteString.Adopt(payload));
    }
}
