namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Which list of candidates a policy stands in, in the order in which lookup asks them (xfrm_policy_lookup_bytype).</summary>
public enum XfrmPolicyList
{
    /// <summary>The hash: both prefixes reach the thresholds.</summary>
    Exact,

    /// <summary>Tree keyed by destination, then source (XFRM_POL_CAND_BOTH).</summary>
    ByBoth,

    /// <summary>Tree keyed by source (XFRM_POL_CAND_SADDR).</summary>
    BySource,

    /// <summary>Tree keyed by destination (XFRM_POL_CAND_DADDR).</summary>
    ByDestination,

    /// <summary>Both prefixes too short for a tree (XFRM_POL_CAND_ANY).</summary>
    Any,
}

/// <summary>A policy in the SPD (struct xfrm_policy).</summary>
/// <param name="Policy">The policy as a dump shows it.</param>
/// <param name="List">Its list of candidates.</param>
/// <param name="Created">Order of creation over the whole SPD.</param>
/// <param name="Position">The kernel's pos: among policies of different lists and one priority the lower wins.</param>
/// <param name="Rank">Among policies of one list and one priority the lower wins.</param>
/// <param name="TimerAt">When its timer runs next, in seconds since 1970; null when it does not.</param>
public sealed record XfrmPolicyEntry(XfrmPolicy Policy, XfrmPolicyList List, ulong Created, ulong Position, ulong Rank, ulong? TimerAt)
{
    // From these lengths on a prefix gets a tree node (INEXACT_PREFIXLEN_IPV4, INEXACT_PREFIXLEN_IPV6).
    private const int NodeBitsIpv4 = 16;
    private const int NodeBitsIpv6 = 48;

    /// <summary>The list that a selector belongs to (policy_hash_bysel, xfrm_policy_inexact_alloc_chain).</summary>
    public static XfrmPolicyList ListOf(XfrmSelector selector)
    {
        int full = XfrmFamilies.AddressBits(selector.Family);
        int node = selector.Family == XfrmFamily.Ipv6 ? NodeBitsIpv6 : NodeBitsIpv4;
        if (selector.DestinationBits >= full && selector.SourceBits >= full)
        {
            return XfrmPolicyList.Exact;
        }

        // The address 0 goes without a tree, however long its prefix (xfrm_pol_inexact_addr_use_any_list).
        bool byDestination = selector.DestinationBits >= node && selector.Destination.In(selector.Family).Value != UInt128.Zero;
        bool bySource = selector.SourceBits >= node && selector.Source.In(selector.Family).Value != UInt128.Zero;
        return (byDestination, bySource) switch
        {
            (true, true) => XfrmPolicyList.ByBoth,
            (true, false) => XfrmPolicyList.ByDestination,
            (false, true) => XfrmPolicyList.BySource,
            (false, false) => XfrmPolicyList.Any,
        };
    }

    /// <summary>True when the policy matches (xfrm_policy_match).</summary>
    public bool Matches(XfrmFlow flow, XfrmDirection direction, uint interfaceId, XfrmPolicyType type) =>
        Policy.Direction == direction && Policy.Type == type && Policy.Selector.Family == flow.Family && Policy.InterfaceId == interfaceId
        && Policy.Mark.Accepts(flow.Mark) && Policy.Selector.Matches(flow);

    /// <summary>Why the policy does not match, in a few words; null when it does.</summary>
    public string? Mismatch(XfrmFlow flow, XfrmDirection direction, uint interfaceId, XfrmPolicyType type) =>
        Policy.Direction != direction ? $"direction {Policy.Direction}"
        : Policy.Type != type ? $"type {Policy.Type}"
        : Policy.Selector.Family != flow.Family ? "family"
        : Policy.InterfaceId != interfaceId ? $"if_id {Policy.InterfaceId} is not {interfaceId}"
        : !Policy.Mark.Accepts(flow.Mark) ? $"mark 0x{flow.Mark:x} under 0x{Policy.Mark.Mask:x} is not 0x{Policy.Mark.Value:x}"
        : Policy.Selector.Mismatch(flow);
}
