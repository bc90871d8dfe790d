using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>For this host, for another, or for nobody (ip_rcv, ip_route_input_noref; for IPv6 ip6_route_input).</summary>
/// <remarks>A packet that came out of a tunnel is routed like any other, but reverse path filters let it pass.</remarks>
public static class Routing
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("routing", "ip_route_input_noref", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        if (packet.In.TakenByGro)
        {
            return packet.Decide("passed by", "GRO took the packet");
        }

        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out ParseError error))
        {
            return packet.Drop(null, error.ToString());
        }

        LinuxDevice device = packet.In.Device;
        if (view.Source.IsMulticast || view.Destination.IsMulticast || view.Destination.Value == 0)
        {
            return packet.Drop(null, $"{view.Source} > {view.Destination} is no unicast traffic");
        }

        // fib_validate_source: nobody else has the host's own IPv4 addresses.
        if (!view.IsIpv6 && !device.IsLoopback && packet.Host.IsLocal(view.Source))
        {
            return packet.Drop(null, $"martian: {view.Source} is an own address");
        }

        if (packet.Host.IsLocal(view.Destination))
        {
            return view.Fragment.IsFragment
                ? packet.Decide("held", "waits for the other fragments").End(new PathEvent.Held(packet.Bytes))
                : packet.Decide("for this host");
        }

        return packet.Host.Settings.Forwards ? Forward(packet, view) : packet.Drop(null, "for another host, and this one does not forward");
    }

    private static PacketInFlight Forward(PacketInFlight packet, IpPacketView view)
    {
        if (packet.Host.RouteTo(view.Destination, mark: packet.Mark) is { } hop)
        {
            return packet.Decide($"in transit, out on {hop.Device.Name}").GoOnAs(
                new NextPacket.Leaves(packet.Bytes, new PacketOrigin.Forwarded(packet.In.Device.Index), packet.Mark) { SecurityPath = packet.SecurityPath, Verified = packet.Verified });
        }

        return IcmpErrors.Answer(packet, view.IsIpv6 ? IcmpErrors.UnreachableIpv6 : IcmpErrors.Unreachable, 0, 0).Drop(null, $"no route to {view.Destination}");
    }
}
