using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>What a packet in transit must pass before it may leave: forward policies, then TTL (ip_forward, ip6_forward).</summary>
public static class Forwarding
{

    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("forwarding", "ip_forward", Run);

    private static PacketInFlight Run(PacketInFlight packet)
    {
        if (packet.Out.Origin is not PacketOrigin.Forwarded forwarded)
        {
            return packet.Decide("own packet, not in transit");
        }

        packet = PolicyCheck.Check(packet, XfrmDirection.Forward, packet.Out.Hop.Device.Index, packet.Host.Device(forwarded.Device));
        if (packet.Ended || !IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out _))
        {
            return packet;
        }

        if (view.HopLimit <= 1)
        {
            return IcmpErrors.Answer(packet, view.IsIpv6 ? IcmpErrors.TimeExceededIpv6 : IcmpErrors.TimeExceeded, 0, 0).Drop(null, "TTL or hop limit used up");
        }

        return packet;
    }
}
