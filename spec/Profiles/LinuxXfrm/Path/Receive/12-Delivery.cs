using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>The upper layer gets the packet; an ICMP error about ESP teaches the path MTU (ip_local_deliver_finish, esp4_err, esp6_err).</summary>
public static class Delivery
{
    private const int LeastMtuIpv4Bytes = 552;
    private const int LeastMtuIpv6Bytes = 1280;

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("delivery", "ip_local_deliver_finish", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        packet = Learn(packet).Decide("delivered");
        return packet.End(new PathEvent.Delivered(packet.In.Device.Index, packet.Bytes));
    }

    private static PacketInFlight Learn(PacketInFlight packet)
    {
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out _) || IcmpErrors.Quoted(packet.Bytes) is not { } quoted
            || !IpPacketView.TryParse(quoted.Span, out IpPacketView inside, out _)
            || inside.Protocol != IpProtocol.Esp || inside.Payload.Length < EspHeaderView.FixedBytes)
        {
            return packet;
        }

        IcmpView icmp = new(view.Payload);
        int? mtu = view.IsIpv6
            ? icmp.Type == IcmpErrors.TooBigIpv6 ? Math.Max((int)Math.Min(icmp.Parameter, int.MaxValue), LeastMtuIpv6Bytes) : null
            : icmp is { Type: IcmpErrors.Unreachable, Code: IcmpErrors.FragmentationNeeded } ? Math.Max(icmp.NextHopMtuBytes, LeastMtuIpv4Bytes) : null;

        // Only for SAs that exist, in whichever direction.
        if (mtu is not { } learned || packet.Databases.States.LookupInbound(packet.Mark, inside.Destination, new EspHeaderView(inside.Payload).Spi) is null)
        {
            return packet;
        }

        IpAddress destination = inside.Destination;
        return packet.Raise(new PathEvent.PathMtuLearned(destination, learned)) with
        {
            Host = packet.Host with { PathMtus = packet.Host.PathMtus.SetItem(destination, learned) },
        };
    }
}
