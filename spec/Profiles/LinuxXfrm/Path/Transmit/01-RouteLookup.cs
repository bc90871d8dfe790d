using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>Finds the plain route, and with it the flow that IPsec is asked with (ip_route_output_flow, ip6_dst_lookup_flow).</summary>
/// <remarks>
/// The flow of an own packet comes from its socket and not from its bytes: a raw socket with its own header has no ports and
/// gets its source address from the route. A packet in transit was routed on arrival; its flow is read from it.
/// </remarks>
public static class RouteLookup
{
    private const int NetworkUnreachable = 101;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("route lookup", "ip_route_output_flow", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out ParseError error))
        {
            return packet.Drop(null, error.ToString(), Errno.Einval);
        }

        int device = (packet.Out.Origin as PacketOrigin.Local)?.Device ?? 0;
        if (packet.Host.RouteTo(view.Destination, device, packet.Mark) is not { } hop)
        {
            return packet.Drop(null, $"no route to {view.Destination}", packet.Out.HasSender ? NetworkUnreachable : 0);
        }

        XfrmFlow flow = packet.Out.Origin switch
        {
            PacketOrigin.Local { Kind: SocketKind.HeaderIncluded } raw => new XfrmFlow
            {
                Source = raw.BoundSource ?? hop.Source ?? view.Source,
                Destination = view.Destination,
                Protocol = raw.RawProtocol,
                OutputInterface = device,
                Mark = packet.Mark,
            },
            PacketOrigin.Local { Kind: SocketKind.Raw } when view.Protocol is not (IpProtocol.Icmp or IpProtocol.IcmpV6) =>
                XfrmFlow.OfPacket(view, device, packet.Mark) with { SourcePort = 0, DestinationPort = 0 },
            PacketOrigin.Forwarded => XfrmFlow.OfPacket(view, hop.Device.Index, packet.Mark),
            _ => XfrmFlow.OfPacket(view, device, packet.Mark),
        };
        return (packet with { OnTheWayOut = packet.Out with { Hop = hop, Flow = flow } })
            .Decide($"out on {hop.Device.Name}", $"flow {flow.Source} {flow.SourcePort} > {flow.Destination} {flow.DestinationPort} protocol {flow.Protocol}");
    }
}
