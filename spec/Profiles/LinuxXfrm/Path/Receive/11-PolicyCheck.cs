using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

/// <summary>Holds what arrived against the in policies before the upper layer gets it (xfrm4_policy_check, __xfrm_policy_check).</summary>
/// <remarks>
/// Selectors of all SAs that opened the packet are compared with what came out in the end. The same check with the forward
/// policies is made before a packet in transit goes on, and with the in policies between the layers of nested tunnels.
/// </remarks>
public static class PolicyCheck
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("policy check", "__xfrm_policy_check", Run);

    /// <summary>Checks a packet in a direction; it ends where it is refused.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="direction">In or forward.</param>
    /// <param name="outputInterface">Device of its route: lo for what is delivered here.</param>
    /// <param name="device">Device that it came from.</param>
    public static PacketInFlight Check(PacketInFlight packet, XfrmDirection direction, int outputInterface, LinuxDevice device)
    {
        if (!IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out ParseError error))
        {
            return packet.Drop(XfrmCounter.InHdrError, error.ToString());
        }

        if (device.DisablesPolicy && !view.IsIpv6)
        {
            return packet.Decide($"{direction}: passes", $"{device.Name} disables policies");
        }

        XfrmFlow flow = XfrmFlow.OfPacket(view, outputInterface, packet.Mark);
        return Check(packet, flow, direction, device);
    }

    /// <summary>Index of the loopback device, on which the route of a delivered packet is.</summary>
    public static int LoopbackIndex(PacketInFlight packet) => packet.Host.Devices.First(device => device.IsLoopback).Index;

    private static PacketInFlight Check(PacketInFlight packet, XfrmFlow flow, XfrmDirection direction, LinuxDevice device)
    {
        XfrmPolicyDatabase spd = packet.Databases.Policies;
        uint interfaceId = packet.SecurityPath.IsEmpty ? 0 : device.InterfaceId;
        XfrmFlow? quoted = Reversed(packet, flow);
        packet = packet.Explain(() => spd.Explain(flow, direction, interfaceId));
        XfrmVerdict verdict = XfrmReceiving.Check(spd, flow, direction, packet.SecurityPath, interfaceId, packet.Verified, quoted);
        if (verdict is XfrmVerdict.Accepted or XfrmVerdict.Dropped { Counter: XfrmCounter.InPolBlock or XfrmCounter.InTmplMismatch or XfrmCounter.InBufferError })
        {
            foreach (XfrmPolicy policy in spd.Decide(flow, direction, interfaceId).Policies)
            {
                spd = spd.Use(policy.Index, packet.Host.Now);
            }

            packet = packet.WithPolicies(spd);
        }

        return verdict switch
        {
            XfrmVerdict.Dropped dropped => packet.Drop(dropped.Counter, Reason(dropped.Counter, direction)),
            XfrmVerdict.Accepted accepted => (packet with { Verified = accepted.Verified }).Decide(
                $"{direction}: passes", XfrmReceiving.IsSkipped(spd, direction, packet.SecurityPath) ? "no policies, and no SA opened it" : $"{accepted.Verified} {(accepted.Verified == 1 ? "SA" : "SAs")} accounted for"),
            _ => throw new InvalidOperationException("a verdict that has no meaning"),
        };
    }

    private static string Reason(XfrmCounter counter, XfrmDirection direction) => counter switch
    {
        XfrmCounter.InStateMismatch => "the selector of an SA that opened it does not hold the packet",
        XfrmCounter.InNoPols => $"no {direction} policy, and the default blocks or a tunnel opened it",
        XfrmCounter.InPolBlock => $"an {direction} policy blocks",
        XfrmCounter.InTmplMismatch => $"the SAs that opened it are not those of the {direction} policy",
        XfrmCounter.InBufferError => "too many templates",
        _ => "refused",
    };

    private static XfrmFlow? Reversed(PacketInFlight packet, XfrmFlow flow) =>
        IcmpErrors.QuotedFlow(packet.Bytes) is { } inside ? inside.Reversed() with { OutputInterface = flow.OutputInterface, Mark = flow.Mark } : null;

    private static PacketInFlight Run(PacketInFlight packet)
    {
        if (packet.In.IsPolicyChecked)
        {
            return packet.Decide("made before the socket looked at the packet");
        }

        PacketInFlight checkedOnce = Check(packet, XfrmDirection.In, LoopbackIndex(packet), packet.In.Device);
        bool isIcmp = IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out _) && view.Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6;
        return checkedOnce.Ended && isIcmp && packet.SecurityPath is [.., var last] && last.Flags.HasFlag(XfrmStateFlags.Icmp)
            ? ByThePacketInside(packet, checkedOnce)
            : checkedOnce;
    }

    // icmp_rcv: a message that fails may still pass as an error about a packet that would have been the answer; both tries count.
    private static PacketInFlight ByThePacketInside(PacketInFlight packet, PacketInFlight refused)
    {
        XfrmFlow flow = new() { Source = default, Destination = default, OutputInterface = LoopbackIndex(packet), Mark = packet.Mark };
        if (Reversed(packet, flow) is not { } inside || refused.Events[^1] is not PathEvent.Dropped { Counter: { } counter })
        {
            return refused;
        }

        return Check(packet.Count(counter), inside, XfrmDirection.In, packet.In.Device);
    }
}
