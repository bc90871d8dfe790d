using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path.Receive;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path.Transmit;

/// <summary>What must be done: finds the out policies of the flow (xfrm_lookup_with_ifid, xfrm_policy_lookup).</summary>
/// <remarks>
/// ICMP errors get a second chance: where their own flow asks for no transform, the packet that they quote is looked up in
/// reverse, and counts if its policy has flag ICMP.
/// </remarks>
public static class PolicyLookup
{
    /// <summary>The stage.</summary>
    public static PathStage Stage { get; } = new("policy lookup", "xfrm_lookup_with_ifid", Run) { OlderFunction = "xfrm_lookup" };

    private static PacketInFlight Run(PacketInFlight packet)
    {
        Outbound way = packet.Out;
        LinuxDevice device = way.Hop.Device;
        if (device.InterfaceId != 0)
        {
            way = way with { InterfaceId = device.InterfaceId, Flow = way.Flow with { OutputInterface = device.Link } };
            packet = packet with { OnTheWayOut = way };
        }

        PacketOrigin.Local? socket = way.Origin as PacketOrigin.Local;
        XfrmPolicyDatabase spd = packet.Databases.Policies;
        if (socket?.Policy is null && way.InterfaceId == 0 && (spd.IsEmpty(XfrmDirection.Out) || (device.DisablesXfrm && !way.Flow.Source.IsIpv6)))
        {
            return WithoutPolicy(packet, spd.IsEmpty(XfrmDirection.Out) ? "no out policies" : $"{device.Name} disables IPsec");
        }

        XfrmPolicyDecision decision = spd.Decide(way.Flow, XfrmDirection.Out, way.InterfaceId, socket?.Policy, socket?.Mark ?? 0);
        packet = packet.Explain(() => spd.Explain(way.Flow, XfrmDirection.Out, way.InterfaceId));
        bool answered = !decision.IsDefault && !decision.Blocks && decision.Templates.Length > 0;
        if (!answered && SecondTry(packet, decision) is { } second)
        {
            return second;
        }

        if (decision.IsDefault)
        {
            return WithoutPolicy(packet, "no policy matches");
        }

        packet = Use(packet, decision);
        if (decision.Blocks)
        {
            return packet.Drop(XfrmCounter.OutPolBlock, $"policy {Name(decision)} blocks", Errno.Eperm);
        }

        return (packet with { OnTheWayOut = packet.Out with { Policies = decision } }).Decide(
            decision.Templates.IsEmpty ? $"policy {Name(decision)}: pass in clear" : $"policy {Name(decision)} asks for {Count(decision.Templates.Length)}");
    }

    // Only a packet that leaves through another device than lo is held against the default; no counter moves.
    private static PacketInFlight WithoutPolicy(PacketInFlight packet, string why)
    {
        LinuxDevice device = packet.Out.Hop.Device;
        bool exempt = device.IsLoopback || (packet.Out.IsForwarded && device.DisablesXfrm && !packet.Out.Flow.Source.IsIpv6);
        if (device.InterfaceId != 0)
        {
            return packet.Drop(null, $"{why}; XFRM interface {device.Name} sends nothing in clear");
        }

        return packet.Databases.Policies.Defaults.Out == XfrmAction.Block && !exempt
            ? packet.Drop(null, $"{why}, and the default blocks", Errno.Eperm)
            : packet.Decide("pass in clear", why);
    }

    private static PacketInFlight? SecondTry(PacketInFlight packet, XfrmPolicyDecision first)
    {
        Outbound way = packet.Out;
        bool local = packet.Host.IsLocal(way.Flow.Destination);
        XfrmFlow? quoted = way.Origin switch
        {
            PacketOrigin.Error error when !local => IcmpErrors.FlowOf(error.About)?.Reversed(),
            PacketOrigin.Forwarded when !first.Blocks => IcmpErrors.QuotedFlow(packet.Bytes)?.Reversed(),
            _ => null,
        };
        if (quoted is null)
        {
            return null;
        }

        quoted = quoted with { OutputInterface = way.Flow.OutputInterface, Mark = way.Flow.Mark };
        XfrmPolicyDecision second = packet.Databases.Policies.Decide(quoted, XfrmDirection.Out, way.InterfaceId);
        bool counts = !second.IsDefault && (second.Policies[0].Flags & XfrmPolicy.FlagIcmp) != 0 && !second.Blocks && second.Templates.Length > 0;
        return counts
            ? (Use(packet, second) with { OnTheWayOut = way with { Flow = quoted, Policies = second, IsSecondTry = true } })
                .Decide($"policy {Name(second)} of the packet inside asks for {Count(second.Templates.Length)}")
            : null;
    }

    private static PacketInFlight Use(PacketInFlight packet, XfrmPolicyDecision decision)
    {
        XfrmPolicyDatabase spd = packet.Databases.Policies;
        foreach (XfrmPolicy policy in decision.Policies.Skip(decision.FromSocket ? 1 : 0))
        {
            spd = spd.Use(policy.Index, packet.Host.Now);
        }

        return packet.WithPolicies(spd);
    }

    private static string Name(XfrmPolicyDecision decision) =>
        string.Join(" and ", decision.Policies.Select((policy, i) => i == 0 && decision.FromSocket ? "of the socket" : $"{policy.Index}"));

    private static string Count(int transforms) => $"{transforms} {(transforms == 1 ? "transform" : "transforms")}";
}
