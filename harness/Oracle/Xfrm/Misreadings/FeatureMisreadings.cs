using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Harness.Oracle.Xfrm.Misreadings;

/// <summary>How what came to the databases later is got wrong: marks, sub policies, limits.</summary>
internal static class FeatureMisreadings
{
    /// <summary>One line each.</summary>
    public static IEnumerable<XfrmReading> All =>
    [
        new("policy-mark-dropped", "XFRM-policy-11", "marks came later than policies, and code that copies policies forgets them")
        {
            Request = request => request is XfrmRequest.AddPolicy add ? add with { Policy = add.Policy with { Mark = default } } : request,
        },
        new("sub-policy-is-main", "XFRM-policy-12", "sub policies are asked first and main ones behind them; one table loses both")
        {
            Request = request => request is XfrmRequest.AddPolicy add ? add with { Policy = add.Policy with { Type = XfrmPolicyType.Main } } : request,
        },
        States("output-mark-dropped", "XFRM-state-06", "the mark that an SA sets decides which policy its packets meet afterwards", s => s with { OutputMark = null }),
        States("soft-limit-late", "XFRM-expire-02", "whether a limit is compared before or after a packet is counted decides about one packet", s => s with
        {
            Limits = s.Limits with { SoftPackets = s.Limits.SoftPackets == XfrmLimits.Infinite ? XfrmLimits.Infinite : s.Limits.SoftPackets + 1 },
        }),
    ];

    private static XfrmReading States(string name, string requirement, string story, Func<XfrmState, XfrmState> change) => new(name, requirement, story)
    {
        Request = request => request is XfrmRequest.AddState add ? add with { State = change(add.State) } : request,
    };
}
