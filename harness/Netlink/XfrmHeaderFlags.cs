using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Netlink;

/// <summary>How XFRM says what becomes of DF, DSCP and ECN: flags of the SA (linux/xfrm.h).</summary>
internal static class XfrmHeaderFlags
{
    private const byte NoEcn = 1;
    private const byte DecapsulateDscp = 2;
    private const byte NoPathMtuDiscovery = 4;

    /// <summary>Extra flag: the outer DSCP is 0.</summary>
    public const uint DoNotEncapsulateDscp = 1;

    /// <summary>What XFRM has no flag for, or null.</summary>
    public static string? Lacking(SecurityAssociation sa) => sa.Headers switch
    {
        { DontFragment: DontFragmentRule.Set } => "XFRM cannot set DF, only copy or clear it",
        { Dscp: not null and not 0 } => "XFRM copies the DSCP or sends 0",
        { FlowLabel: not null and not 0 } => "XFRM copies the flow label",
        _ => null,
    };

    /// <summary>Flags of xfrm_usersa_info.</summary>
    public static byte Of(PolicyDirection direction, TunnelHeaderOptions headers) => direction == PolicyDirection.Outbound
        ? (byte)((headers.Ecn == EcnMode.Compatibility ? NoEcn : 0) | (headers.DontFragment == DontFragmentRule.Clear ? NoPathMtuDiscovery : 0))
        : (byte)(headers.TakesOuterDscp ? DecapsulateDscp : 0);

    /// <summary>XFRMA_SA_EXTRA_FLAGS.</summary>
    public static uint ExtraOf(PolicyDirection direction, TunnelHeaderOptions headers) =>
        direction == PolicyDirection.Outbound && headers.Dscp == 0 ? DoNotEncapsulateDscp : 0;
}
