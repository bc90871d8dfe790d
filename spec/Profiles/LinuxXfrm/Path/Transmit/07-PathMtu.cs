using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>Refuses what will not fit once it is transformed (ip_forward, ip6_forward, raw_send_hdrinc, __xfrm6_output).</summary>
/// <remarks>
/// A packet in transit is answered with fragmentation needed or packet too big, and otherwise loses one from its TTL here. An
/// IPv6 packet for a tunnel is cut into fragments before it is encrypted where its socket allows; an IPv4 packet without DF is
/// encrypted whole and the result cut.
/// </remarks>
public static class PathMtu
{
    private const int LeastIpv6MtuBytes = 1280;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("path MTU", "ip_dst_mtu_maybe_forward", Run) { OlderFunction = "ip_forward_mtu" };

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Outbound way = packet.Out;
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out ParseError error))
        {
            return packet.Drop(null, error.ToString(), Errno.Einval);
        }

        LinuxHop path = way.Path ?? way.Hop;
        int plain = way.IsForwarded ? path.MtuBytes ?? path.Device.MtuBytes : packet.Host.MtuBytes(path, view.Destination);
        int mtu = way.Bundle.IsEmpty ? plain : way.Bundle[0].MtuBytes;
        return way.Origin switch
        {
            PacketOrigin.Forwarded => InTransit(packet, view, view.IsIpv6 ? Math.Max(mtu, LeastIpv6MtuBytes) : mtu),
            PacketOrigin.Local { Kind: SocketKind.HeaderIncluded } => WithOwnHeader(packet, view, path.Device.MtuBytes, mtu),
            PacketOrigin.Local => Ordinary(packet, view, mtu),
            _ => packet.Decide("the host's own message"),
        };
    }

    private static PacketInFlight InTransit(PacketInFlight packet, IpPacketView view, int mtu)
    {
        if (view.Bytes.Length > mtu && view.DontFragment)
        {
            PacketInFlight answered = view.IsIpv6
                ? IcmpErrors.Answer(packet, IcmpErrors.TooBigIpv6, 0, (uint)mtu)
                : IcmpErrors.Answer(packet, IcmpErrors.Unreachable, IcmpErrors.FragmentationNeeded, (uint)mtu);
            return answered.Drop(null, $"{view.Bytes.Length} bytes, {mtu} fit, and it must not be fragmented");
        }

        byte[] onward = view.Bytes.ToArray();
        onward[view.IsIpv6 ? 7 : 8]--;
        IpPackets.FinishHeader(onward);
        return (packet with { Bytes = ByteString.Adopt(onward) }).Decide($"{mtu} bytes fit", "TTL or hop limit minus one");
    }

    // The raw socket looks at the device alone; then a tunnel over IPv6 asks for room, and IPv4 with DF does so at the mode's header.
    private static PacketInFlight WithOwnHeader(PacketInFlight packet, IpPacketView view, int deviceMtu, int mtu)
    {
        bool tunnel = !packet.Out.Bundle.IsEmpty && packet.Databases.States.Find(packet.Out.Bundle[0].Id)!.State.Mode == XfrmMode.Tunnel;
        return view.Bytes.Length > deviceMtu || (view.IsIpv6 && tunnel && view.Bytes.Length > Math.Max(mtu, LeastIpv6MtuBytes))
            ? packet.Drop(null, $"{view.Bytes.Length} bytes, {Math.Min(deviceMtu, mtu)} fit", Errno.Emsgsize)
            : packet.Decide($"{mtu} bytes fit");
    }

    private static PacketInFlight Ordinary(PacketInFlight packet, IpPacketView view, int mtu)
    {
        if (view.Bytes.Length <= mtu)
        {
            return packet.Decide($"{mtu} bytes fit");
        }

        if (!view.IsIpv6)
        {
            return view.DontFragment
                ? packet.Drop(null, $"{view.Bytes.Length} bytes, {mtu} fit, and it must not be fragmented", Errno.Emsgsize)
                : packet.Decide("encrypted whole, cut afterwards");
        }

        uint identification = packet.Host.Identification + 1;
        ByteString[] pieces = [.. IpFragments.Cut(packet.Bytes, Math.Max(mtu, LeastIpv6MtuBytes), identification)];
        return (packet with { Host = packet.Host with { Identification = identification } })
            .Decide($"cut into {pieces.Length} fragments before encryption")
            .GoOnAs([.. pieces.Select(piece => new NextPacket.Piece(piece, packet.Out, packet.Mark, Stage.Name))]);
    }
}
