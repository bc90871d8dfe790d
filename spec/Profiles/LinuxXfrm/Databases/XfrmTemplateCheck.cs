using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Whether the SAs that opened a packet satisfy the templates of its policy (xfrm_policy_ok, xfrm_state_ok).</summary>
public static class XfrmTemplateCheck
{
    private const int NoMatch = -1;

    /// <summary>True when an SA satisfies a template, as the kernel has it.</summary>
    /// <param name="template">Template.</param>
    /// <param name="state">SA.</param>
    /// <param name="family">Family of the packet after decapsulation: the kernel compares the outer source in this one.</param>
    /// <param name="interfaceId">XFRM interface of the check; 0 compares none.</param>
    public static bool Satisfies(XfrmTemplate template, XfrmState state, XfrmFamily family, uint interfaceId = 0) =>
        Agrees(template, state, interfaceId)
        && (template.Mode == XfrmMode.Transport || SourceAgrees(template, state, family));

    /// <summary>True when an SA satisfies a template as RFC 4301 §5.2 asks: the outer source compared whole.</summary>
    public static bool SatisfiesRfc(XfrmTemplate template, XfrmState state, uint interfaceId = 0) =>
        Agrees(template, state, interfaceId)
        && (template.Mode == XfrmMode.Transport || template.Source.IsZero || template.Source.In(state.Family) == state.Source.In(state.Family));

    /// <summary>Holds a security path against templates.</summary>
    /// <param name="templates">Innermost first.</param>
    /// <param name="path">SAs in order of decryption, outermost first.</param>
    /// <param name="family">Family of the packet after decapsulation.</param>
    /// <param name="interfaceId">XFRM interface of the check, or 0.</param>
    /// <param name="verified">SAs that an earlier check of the same packet has accounted for (verified_cnt).</param>
    /// <returns>The number of SAs accounted for now, or null for XfrmInTmplMismatch.</returns>
    public static int? Check(ImmutableArray<XfrmTemplate> templates, ImmutableArray<XfrmState> path, XfrmFamily family, uint interfaceId = 0, int verified = 0) =>
        Check(templates, path, verified, (template, state) => Satisfies(template, state, family, interfaceId));

    /// <summary>The same with the comparison of RFC 4301.</summary>
    public static int? CheckRfc(ImmutableArray<XfrmTemplate> templates, ImmutableArray<XfrmState> path, uint interfaceId = 0, int verified = 0) =>
        Check(templates, path, verified, (template, state) => SatisfiesRfc(template, state, interfaceId));

    private static int? Check(ImmutableArray<XfrmTemplate> templates, ImmutableArray<XfrmState> path, int verified, Func<XfrmTemplate, XfrmState, bool> satisfies)
    {
        int next = 0;
        foreach (XfrmTemplate template in templates.Reverse())
        {
            int after = Step(template, path, next, verified, satisfies);
            if (after == NoMatch)
            {
                return null;
            }

            next = after;
        }

        // A tunnel that no template asked for is refused (secpath_has_nontransport).
        return path.Skip(next).Any(state => state.Mode != XfrmMode.Transport) ? null : next;
    }

    private static int Step(XfrmTemplate template, ImmutableArray<XfrmState> path, int start, int verified, Func<XfrmTemplate, XfrmState, bool> satisfies)
    {
        if (template is { Optional: true, Mode: XfrmMode.Transport })
        {
            return start;
        }

        for (int i = start; i < path.Length; i++)
        {
            if (satisfies(template, path[i]))
            {
                return i + 1;
            }

            if (path[i].Mode != XfrmMode.Transport && i >= verified)
            {
                break;
            }
        }

        return template.Optional ? start : NoMatch;
    }

    private static bool Agrees(XfrmTemplate template, XfrmState state, uint interfaceId) =>
        state.Protocol == template.Protocol
        && (template.Spi.Value == 0 || template.Spi == state.Spi)
        && (template.RequestId == 0 || template.RequestId == state.RequestId)
        && state.Mode == template.Mode
        && (template.AllAlgorithms || state.Protocol is not (IpProtocol.Ah or IpProtocol.Esp or IpProtocol.IpComp)
            || (template.IntegrityAlgorithms & (1u << XfrmAlgorithmTable.IntegrityNumber(state))) != 0)
        && (interfaceId == 0 || interfaceId == state.InterfaceId);

    // xfrm_state_addr_cmp takes the family of the inner packet for both comparisons. With an IPv4 packet in an IPv6 tunnel
    // that leaves the first four bytes of the outer source; with an IPv6 packet in an IPv4 tunnel all sixteen, the rest being zero.
    private static bool SourceAgrees(XfrmTemplate template, XfrmState state, XfrmFamily family) => family switch
    {
        XfrmFamily.Ipv4 => template.Source.In(family).Value == 0 || template.Source.In(family) == state.Source.In(family),
        _ => template.Source.IsZero || template.Source == state.Source,
    };
}
