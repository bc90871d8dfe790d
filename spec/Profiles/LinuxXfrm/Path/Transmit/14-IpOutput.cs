using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>The packet leaves through IP, in fragments where it must (ip_output, ip_finish_output, ip6_finish_output).</summary>
public static class IpOutput
{
    private const int LeastIpv6MtuBytes = 1280;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("IP output", "ip_output", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Outbound way = packet.Out;
        LinuxHop hop = way.Path ?? way.Hop;
        if (hop.IsLocal)
        {
            return packet.Decide("back to the host itself").GoOnAs(new NextPacket.Arrives(packet.Bytes, hop.Device.Index, packet.Mark));
        }

        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out ParseError error))
        {
            return packet.Drop(null, error.ToString(), Errno.Einval);
        }

        if (view.IsIpv6 && packet.Host.Settings.MobileIpv6 && HasIpv4Layer(packet))
        {
            return Cut(packet, hop, LeastIpv6MtuBytes, always: true);
        }

        bool transit = way.IsForwarded && way.Bundle.IsEmpty;
        int mtu = transit ? hop.MtuBytes ?? hop.Device.MtuBytes : packet.Host.MtuBytes(hop, view.Destination);
        if (view.Bytes.Length <= mtu)
        {
            return packet.Decide($"sent on {hop.Device.Name}").End(new PathEvent.Sent(hop.Device.Index, packet.Bytes));
        }

        bool mayCut = view.IsIpv6 ? way.MayFragmentIpv6 || way.Origin is PacketOrigin.Local { Kind: not SocketKind.HeaderIncluded } : !view.DontFragment;
        return mayCut ? Cut(packet, hop, mtu) : Refuse(packet, view, mtu);
    }

    // What IPv4 left in the control block of the packet (IPCB flags) is read as frag_max_size (IP6CB) and never cleared.
    private static bool HasIpv4Layer(PacketInFlight packet) =>
        packet.Out.Bundle.Any(layer => packet.Databases.States.Find(layer.Id)?.State.Family == XfrmFamily.Ipv4);

    private static PacketInFlight Cut(PacketInFlight packet, LinuxHop hop, int mtu, bool always = false)
    {
        bool ipv6 = packet.Bytes[0] >> 4 == 6;
        uint identification = packet.Host.Identification + (ipv6 ? 1u : 0);
        ByteString[] pieces = [.. always ? IpFragments.CutAlways(packet.Bytes, mtu, identification) : IpFragments.Cut(packet.Bytes, mtu, identification)];
        packet = packet with { Host = packet.Host with { Identification = identification } };
        foreach (ByteString piece in pieces)
        {
            packet = packet.Raise(new PathEvent.Sent(hop.Device.Index, piece));
        }

        return packet.Decide($"sent on {hop.Device.Name} in {pieces.Length} fragments") with { Ended = true };
    }

    // The error goes to the source of the packet that does not fit: for an outer header that is the host itself.
    private static PacketInFlight Refuse(PacketInFlight packet, IpPacketView view, int mtu)
    {
        PacketInFlight answered = view.IsIpv6
            ? IcmpErrors.Answer(packet, IcmpErrors.TooBigIpv6, 0, (uint)mtu)
            : IcmpErrors.Answer(packet, IcmpErrors.Unreachable, IcmpErrors.FragmentationNeeded, (uint)mtu);
        return answered.Drop(null, $"{view.Bytes.Length} bytes, the link takes {mtu}, and it must not be fragmented", Errno.Emsgsize);
    }
}
