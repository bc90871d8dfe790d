using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>Who takes a local packet of protocol 50: the handlers by priority, until one does (xfrm4_esp_rcv, xfrm4_rcv_encap).</summary>
/// <remarks>
/// Registered with xfrm4_protocol_register: VTI at 100, XFRM interfaces at 10, plain ESP at 0. None of them asks the in policies
/// about ESP itself, but that of XFRM interfaces does so when the packet already came out of an SA.
/// </remarks>
public static class ProtocolHandlers
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("protocol handlers", "xfrm4_esp_rcv", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        if (packet.In.TakenByGro)
        {
            return packet.Decide("passed by", "GRO took the packet");
        }

        if (packet.In.IsUdpEncapsulated)
        {
            return Handlers(packet);
        }

        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out ParseError error))
        {
            return packet.Drop(null, error.ToString());
        }

        return view.Protocol switch
        {
            IpProtocol.Esp => Handlers(packet with { OnTheWayIn = packet.In with { IsEsp = true, EspOffset = view.HeaderBytes } }),
            IpProtocol.Ah or IpProtocol.IpComp => packet.Decide("unsupported").End(new PathEvent.Unsupported($"protocol {view.Protocol} on input")),
            IpProtocol.Ipv4 or IpProtocol.Ipv6 when packet.Host.Settings.TunnelHandlers =>
                packet.Drop(XfrmCounter.InNoStates, "IP in IP without a tunnel: its handler looks for an SA of IPComp"),
            _ => packet.Decide($"protocol {view.Protocol} is no transform"),
        };
    }

    private static PacketInFlight Handlers(PacketInFlight packet)
    {
        if (packet.Host.Settings.XfrmInterfaces && !packet.SecurityPath.IsEmpty)
        {
            packet = PolicyCheck.Check(packet, XfrmDirection.In, PolicyCheck.LoopbackIndex(packet), packet.In.Device);
            if (packet.Ended)
            {
                return packet;
            }
        }

        List<string> asked = [];
        if (packet.Host.Settings.Vti)
        {
            asked.Add("VTI, priority 100: no tunnel of its own");
        }

        if (packet.Host.Settings.XfrmInterfaces)
        {
            asked.Add($"XFRM interfaces, priority 10: {(packet.SecurityPath.IsEmpty ? "first SA, not checked" : "checked, since an SA opened it")}");
        }

        asked.Add("ESP, priority 0");
        return packet.Decide("ESP input", [.. asked]);
    }
}
