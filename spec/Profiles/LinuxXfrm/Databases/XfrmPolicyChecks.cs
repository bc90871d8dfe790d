using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>What a new policy must satisfy (verify_newpolicy_info, validate_tmpl).</summary>
public static class XfrmPolicyChecks
{
    /// <summary>XFRM_MAX_DEPTH.</summary>
    public const int MaxTemplates = 6;

    private const byte LargestShare = 3;
    private const uint DirectionOfIndex = 7;

    /// <summary>The first thing wrong with a policy, or null.</summary>
    public static XfrmAnswer.Refused? Check(XfrmPolicy policy, LinuxRelease release)
    {
        string? fault = Fault(policy) ?? FaultOfTemplates(policy, release);
        return fault is null ? null : new XfrmAnswer.Refused(Errno.Einval, fault);
    }

    private static string? Fault(XfrmPolicy policy)
    {
        int bits = XfrmFamilies.AddressBits(policy.Selector.Family);
        return policy.Share > LargestShare ? "Invalid policy share"
            : policy.Action is not (XfrmAction.Allow or XfrmAction.Block) ? "Invalid policy action"
            : policy.Selector.Family is not (XfrmFamily.Ipv4 or XfrmFamily.Ipv6) ? "Invalid selector family"
            : policy.Selector.DestinationBits > bits || policy.Selector.SourceBits > bits ? "Invalid prefix length in selector"
            : policy.Direction is not (XfrmDirection.In or XfrmDirection.Out or XfrmDirection.Forward) ? "Invalid policy direction"
            : policy.Index != 0 && (policy.Index & DirectionOfIndex) != (uint)policy.Direction ? "Policy index doesn't match direction"
            : policy.Type is not (XfrmPolicyType.Main or XfrmPolicyType.Sub) ? "Invalid policy type"
            : null;
    }

    private static string? FaultOfTemplates(XfrmPolicy policy, LinuxRelease release)
    {
        if (policy.Templates.Length > MaxTemplates)
        {
            return "Template count must be <= XFRM_MAX_DEPTH (6)";
        }

        XfrmFamily previous = policy.Selector.Family;
        foreach (XfrmTemplate template in policy.Templates)
        {
            XfrmFamily family = template.Family == XfrmFamily.Unspecified ? policy.Selector.Family : template.Family;
            bool own = template.HasOwnAddresses;
            string? fault =
                own && template.Optional && policy.Direction == XfrmDirection.Out
                    ? "Mode in optional template not allowed in outbound policy"
                : !own && family != previous ? "Mode in template doesn't support a family change"
                : !IsMode(template.Mode, release) ? "Mode in template is out of range"
                : family is not (XfrmFamily.Ipv4 or XfrmFamily.Ipv6) ? "Invalid family in template"
                : template.Protocol is not (IpProtocol.Ah or IpProtocol.Esp or IpProtocol.IpComp or IpProtocol.Routing or IpProtocol.DestinationOptions)
                    ? "Invalid XFRM protocol in template"
                : null;
            if (fault is not null)
            {
                return fault;
            }

            previous = family;
        }

        return null;
    }

    private static bool IsMode(XfrmMode mode, LinuxRelease release) => mode <= XfrmMode.Beet || (mode == XfrmMode.IpTfs && release.KnowsIpTfs);

    /// <summary>A policy as it is stored: mark under its mask, families of templates filled in, share forgotten.</summary>
    public static XfrmPolicy Normalized(XfrmPolicy policy) => policy with
    {
        Mark = policy.Mark with { Value = policy.Mark.Value & policy.Mark.Mask },
        Share = 0,
        Templates = policy.Templates
            .Select(template => template.Family == XfrmFamily.Unspecified ? template with { Family = policy.Selector.Family } : template)
            .ToImmutableArray(),
    };
}
