using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Targets.Linux;

/// <summary>How XFRM says what becomes of DF, DSCP and ECN: flags of the SA (linux/xfrm.h).</summary>
internal static class XfrmHeaderFlags
{
    /// <summary>What XFRM has no flag for, or null.</summary>
    public static string? Lacking(SecurityAssociation sa) => sa.Headers switch
    {
        { DontFragment: DontFragmentRule.Set } => "XFRM cannot set DF, only copy or clear it",
        { Dscp: not null and not 0 } => "XFRM copies the DSCP or sends 0",
        { FlowLabel: not null and not 0 } => "XFRM copies the flow label",
        _ => null,
    };

    /// <summary>XFRM_STATE_* flags.</summary>
    public static XfrmStateFlags Of(PolicyDirection direction, TunnelHeaderOptions headers) => direction == PolicyDirection.Outbound
        ? (headers.Ecn == EcnMode.Compatibility ? XfrmStateFlags.NoEcn : XfrmStateFlags.None)
            | (headers.DontFragment == DontFragmentRule.Clear ? XfrmStateFlags.NoPmtuDiscovery : XfrmStateFlags.None)
        : headers.TakesOuterDscp ? XfrmStateFlags.DecapDscp : XfrmStateFlags.None;

    /// <summary>XFRM_SA_XFLAG_* flags.</summary>
    public static XfrmExtraFlags ExtraOf(PolicyDirection direction, TunnelHeaderOptions headers) =>
        direction == PolicyDirection.Outbound && headers.Dscp == 0 ? XfrmExtraFlags.DontEncapDscp : XfrmExtraFlags.None;
}
