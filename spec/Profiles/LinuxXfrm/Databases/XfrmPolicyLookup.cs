using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>The policies that apply to a flow (xfrm_policy_lookup with xfrm_expand_policies).</summary>
/// <param name="Policies">None, one, or a sub policy and the main one behind it.</param>
/// <param name="FromSocket">True when the first is the socket's own, which is not in the SPD.</param>
/// <param name="Default">What happens when there is none.</param>
public sealed record XfrmPolicyDecision(ImmutableArray<XfrmPolicy> Policies, bool FromSocket, XfrmAction Default)
{
    /// <summary>True when no policy matched.</summary>
    public bool IsDefault => Policies.IsEmpty;

    /// <summary>True when a policy blocks, or none matched and the default does.</summary>
    public bool Blocks => IsDefault ? Default == XfrmAction.Block : Policies.Any(policy => policy.Action == XfrmAction.Block);

    /// <summary>Templates of all policies, those of the sub policy first.</summary>
    public ImmutableArray<XfrmTemplate> Templates => [.. Policies.SelectMany(policy => policy.Templates)];
}

public sealed partial record XfrmPolicyDatabase
{
    /// <summary>The policy of one type that wins for a flow, or null (xfrm_policy_lookup_bytype).</summary>
    public XfrmPolicyEntry? Lookup(XfrmFlow flow, XfrmDirection direction, uint interfaceId = 0, XfrmPolicyType type = XfrmPolicyType.Main)
    {
        Span<int> best = [-1, -1, -1, -1, -1];
        for (int i = 0; i < Entries.Length; i++)
        {
            XfrmPolicyEntry entry = Entries[i];
            ref int first = ref best[(int)entry.List];
            if ((first < 0 || (entry.Policy.Priority, entry.Rank).CompareTo((Entries[first].Policy.Priority, Entries[first].Rank)) < 0)
                && entry.Matches(flow, direction, interfaceId, type))
            {
                first = i;
            }
        }

        XfrmPolicyEntry? winner = null;
        foreach (int index in best)
        {
            if (index >= 0 && (winner is null || Beats(Entries[index], winner)))
            {
                winner = Entries[index];
            }
        }

        return winner;
    }

    /// <summary>The policies that apply to a flow, the socket's own first, sub before main.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="direction">Direction.</param>
    /// <param name="interfaceId">XFRM interface of the packet, or 0.</param>
    /// <param name="socketPolicy">The policy that the socket has for this direction, or null.</param>
    /// <param name="socketMark">The socket's mark, which its own policy is compared with.</param>
    public XfrmPolicyDecision Decide(XfrmFlow flow, XfrmDirection direction, uint interfaceId = 0, XfrmPolicy? socketPolicy = null, uint socketMark = 0)
    {
        bool own = socketPolicy is not null && MatchesSocket(socketPolicy, flow, interfaceId, socketMark);
        XfrmPolicy? first = own ? socketPolicy : (Lookup(flow, direction, interfaceId, XfrmPolicyType.Sub) ?? Lookup(flow, direction, interfaceId))?.Policy;
        ImmutableArray<XfrmPolicy> policies = first is null ? [] : [first];

        // The main policy behind a sub policy is looked up as one of direction in by every inbound check, for forwarding too.
        if (first is { Type: XfrmPolicyType.Sub, Action: XfrmAction.Allow }
            && Lookup(flow, direction == XfrmDirection.Out ? XfrmDirection.Out : XfrmDirection.In, interfaceId) is { } main)
        {
            policies = policies.Add(main.Policy);
        }

        return new XfrmPolicyDecision(policies, own, Defaults.For(direction));
    }

    /// <summary>True when a socket's policy applies (xfrm_sk_policy_lookup).</summary>
    public static bool MatchesSocket(XfrmPolicy policy, XfrmFlow flow, uint interfaceId, uint socketMark) =>
        policy.Selector.Family == flow.Family && policy.Selector.Matches(flow) && policy.Mark.Accepts(socketMark) && policy.InterfaceId == interfaceId;

    /// <summary>Why each policy of a direction lost or did not match, one line each, and which one won.</summary>
    public ImmutableArray<string> Explain(XfrmFlow flow, XfrmDirection direction, uint interfaceId = 0, XfrmPolicyType type = XfrmPolicyType.Main)
    {
        XfrmPolicyEntry? winner = Lookup(flow, direction, interfaceId, type);
        return
        [
            .. Entries.Where(entry => entry.Policy.Direction == direction).OrderBy(entry => entry.Policy.Priority).ThenBy(entry => entry.Position)
                .Select(entry => $"index {entry.Policy.Index} priority {entry.Policy.Priority}: "
                    + (entry == winner ? "wins" : entry.Mismatch(flow, direction, interfaceId, type) ?? LostBy(entry, winner!))),
            winner is null ? $"default {direction}: {Defaults.For(direction)}" : $"index {winner.Policy.Index}: {winner.Policy.Action}",
        ];
    }

    private static string LostBy(XfrmPolicyEntry entry, XfrmPolicyEntry winner) =>
        entry.Policy.Priority > winner.Policy.Priority ? "matches, but its priority is a higher number" : $"matches, but stands behind in the order ({entry.List} after {winner.List})";

    // __xfrm_policy_eval_candidates: a list's first match replaces the choice so far by priority, and at equal priority unless the choice is older.
    private static bool Beats(XfrmPolicyEntry candidate, XfrmPolicyEntry winner) =>
        candidate.Policy.Priority < winner.Policy.Priority
        || (candidate.Policy.Priority == winner.Policy.Priority && winner.Position >= candidate.Position);
}
