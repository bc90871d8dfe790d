using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>What the check at the end of reception says (__xfrm_policy_check).</summary>
public abstract record XfrmVerdict
{
    private XfrmVerdict()
    {
    }

    /// <summary>Delivered or forwarded; the number of SAs accounted for is remembered for a later check.</summary>
    public sealed record Accepted(int Verified) : XfrmVerdict;

    /// <summary>Dropped.</summary>
    public sealed record Dropped(XfrmCounter Counter) : XfrmVerdict;
}

/// <summary>The policy check of packets that arrived (__xfrm_policy_check).</summary>
public static class XfrmReceiving
{
    private const int MaxTemplates = 6;

    /// <summary>True when the check is not made at all, which accepts (__xfrm_policy_check2).</summary>
    public static bool IsSkipped(XfrmPolicyDatabase policies, XfrmDirection direction, ImmutableArray<XfrmState> path, XfrmPolicy? socketPolicy = null) =>
        socketPolicy is null && policies.IsEmpty(direction) && path.IsEmpty && policies.Defaults.For(direction) == XfrmAction.Allow;

    /// <summary>Checks a packet.</summary>
    /// <param name="policies">SPD.</param>
    /// <param name="flow">The packet's flow.</param>
    /// <param name="direction">In or forward.</param>
    /// <param name="path">SAs that opened it, outermost first.</param>
    /// <param name="interfaceId">XFRM interface, or 0.</param>
    /// <param name="verified">SAs that an earlier check accounted for.</param>
    /// <param name="quoted">For an ICMP error: the flow of the packet inside, reversed; SAs with flag ICMP and fwd policies may match by it.</param>
    /// <param name="socketPolicy">The socket's own policy.</param>
    /// <param name="socketMark">The socket's mark.</param>
    public static XfrmVerdict Check(
        XfrmPolicyDatabase policies,
        XfrmFlow flow,
        XfrmDirection direction,
        ImmutableArray<XfrmState> path,
        uint interfaceId = 0,
        int verified = 0,
        XfrmFlow? quoted = null,
        XfrmPolicy? socketPolicy = null,
        uint socketMark = 0)
    {
        if (IsSkipped(policies, direction, path, socketPolicy))
        {
            return new XfrmVerdict.Accepted(verified);
        }

        if (!path.All(state => SelectorAccepts(policies.Release, state, flow, quoted)))
        {
            return new XfrmVerdict.Dropped(XfrmCounter.InStateMismatch);
        }

        XfrmPolicyDecision decision = policies.Decide(flow, direction, interfaceId, socketPolicy, socketMark);
        if (decision.IsDefault && direction == XfrmDirection.Forward && quoted is not null)
        {
            decision = policies.Decide(quoted, direction, interfaceId);
        }

        if (decision.IsDefault)
        {
            return decision.Default == XfrmAction.Block || path.Any(state => state.Mode != XfrmMode.Transport)
                ? new XfrmVerdict.Dropped(XfrmCounter.InNoPols)
                : new XfrmVerdict.Accepted(verified);
        }

        if (decision.Blocks)
        {
            return new XfrmVerdict.Dropped(XfrmCounter.InPolBlock);
        }

        if (decision.Templates.Length >= MaxTemplates)
        {
            return new XfrmVerdict.Dropped(XfrmCounter.InBufferError);
        }

        ImmutableArray<XfrmTemplate> templates = decision.Policies.Length > 1 && flow.Family == XfrmFamily.Ipv6 ? SortedForIpv6(decision.Templates) : decision.Templates;
        return XfrmTemplateCheck.Check(templates, path, flow.Family, interfaceId, verified) is { } accounted
            ? new XfrmVerdict.Accepted(accounted)
            : new XfrmVerdict.Dropped(XfrmCounter.InTmplMismatch);
    }

    /// <summary>True when an SA may have carried the packet: an unspecified family accepts both.</summary>
    public static bool SelectorAccepts(LinuxRelease release, XfrmState state, XfrmFlow flow, XfrmFlow? quoted = null) =>
        Accepts(release, state.Selector, flow)
        || (quoted is not null && state.Flags.HasFlag(XfrmStateFlags.Icmp) && Accepts(release, state.Selector, quoted));

    private static bool Accepts(LinuxRelease release, XfrmSelector selector, XfrmFlow flow)
    {
        if (release.SelectorsHaveAFamily || selector.Family == flow.Family)
        {
            return selector.Matches(flow);
        }

        XfrmSelector read = selector with { Family = XfrmFamily.Unspecified };
        return flow.Family == XfrmFamily.Ipv6
            ? read.Matches(flow)
            : (read with { SourceBits = ShiftedBits(selector.SourceBits), DestinationBits = ShiftedBits(selector.DestinationBits) }).Matches(flow);
    }

    // A prefix of IPv6 read in IPv4 (addr4_match) is shifted by 32 less its length, which x86-64 takes modulo 64.
    private static byte ShiftedBits(byte bits)
    {
        int shift = (32 - bits) & 63;
        return (byte)(shift >= 32 ? 0 : 32 - shift);
    }

    /// <summary>Templates of a sub and a main policy, in the order in which IPv6 takes them (xfrm_tmpl_sort).</summary>
    public static ImmutableArray<XfrmTemplate> SortedForIpv6(ImmutableArray<XfrmTemplate> templates) => [.. templates.OrderBy(template => template.Mode switch
    {
        XfrmMode.Transport => 1,
        XfrmMode.RouteOptimization or XfrmMode.InTrigger => 2,
        XfrmMode.Tunnel or XfrmMode.Beet => 3,
        _ => 4,
    })];
}
