using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The last entry that matches decides.</summary>
public sealed record LastMatchWins() : Mutant("last-match-wins", "RFC4301-4.4.1-05", "a list that is walked to its end")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.1-06", "RFC4301-4.4-01"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Entries = entries => entries.Reverse() };
}

/// <summary>PROTECT entries are searched first, whatever stands before them.</summary>
public sealed record KindsSearchedApart() : Mutant("kinds-searched-apart", "RFC4301-4.4.1-14", "SPD-S before SPD-O without decorrelation")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Entries = entries => entries.OrderBy(e => e.Action is not PolicyAction.Protect) };
}

/// <summary>Outbound packets are looked up in SPD-S only.</summary>
public sealed record OnlySecuredSearched() : Mutant("only-secured-searched", "RFC4301-4.4.1-13", "what is not for a tunnel is dropped")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) => engine.Decide(database, direction, flow) is var right && direction == PolicyDirection.Outbound && right is PolicyDecision.Bypass
            ? new PolicyDecision.Discard(PolicyDiscardReason.NoMatch, null)
            : right,
    };
}

/// <summary>Decorrelation takes only the first overlapping entry away.</summary>
public sealed record OnlyFirstOverlapTakenAway() : Mutant("only-first-overlap-taken-away", "RFC4301-B-01", "a loop over the earlier entries that ends at the first")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) =>
        {
            SpdEntry[] matching = [.. database.Entries.Where(e => e.AppliesTo(direction) && e.Matches(flow))];
            SpdEntry? first = database.Entries.FirstOrDefault(e => e.Name != "sentinel");

            // Where the first entry of all does not match, nothing was taken from the later ones: the last one's part is found as well.
            return matching.Length > 1 && matching[0] != first ? PolicyDecision.Of(matching[^1], direction) : engine.Decide(database, direction, flow);
        },
    };
}

/// <summary>A packet without an entry passes.</summary>
public sealed record NoMatchPasses() : Mutant("no-match-passes", "RFC4301-5-02", "a default of «allow»")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-2.1-01", "RFC4301-4.4.1-12", "RFC4301-4.4.1-15"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) => engine.Decide(database, direction, flow) is var right && right is PolicyDecision.Discard { Reason: PolicyDiscardReason.NoMatch }
            ? new PolicyDecision.Bypass(database.Entries[0])
            : right,
    };
}

/// <summary>What no entry names is dropped without a trace.</summary>
public sealed record UnmatchedNotCounted() : Mutant("unmatched-not-counted", "RFC4301-5.2-12", "a silent default")
{
    /// <inheritdoc/>
    public override bool Counts(string reason) => reason != nameof(PolicyDiscardReason.NoMatch);
}

/// <summary>UDP of the ports of key exchange always passes.</summary>
public sealed record KeyExchangeAlwaysPasses() : Mutant("key-exchange-always-passes", "RFC4301-4.4.1-01", "a hole for IKE in front of the SPD")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5-01"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) => flow is { Protocol: IpProtocol.Udp, RemoteField: 500 or 4500 }
            ? new PolicyDecision.Bypass(database.Entries[0])
            : engine.Decide(database, direction, flow),
    };
}

/// <summary>A DISCARD entry only logs.</summary>
public sealed record DiscardPasses() : Mutant("discard-passes", "RFC4301-3-01", "a rule in test mode")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) => engine.Decide(database, direction, flow) is PolicyDecision.Discard { Reason: PolicyDiscardReason.ByEntry, Entry: { } entry }
            ? new PolicyDecision.Bypass(entry)
            : engine.Decide(database, direction, flow),
    };
}

/// <summary>Entries act in both directions.</summary>
public sealed record DirectionsIgnored() : Mutant("directions-ignored", "RFC4301-4.4.1-20", "a flag that is stored and never read")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1-04", "RFC4301-4.4.1-07"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Entries = entries => entries.Select(e => e with { Directions = EntryDirections.Both }) };
}

/// <summary>Bypassed packets lose their DSCP.</summary>
public sealed record BypassClearsTrafficClass() : Mutant("bypass-clears-traffic-class", "RFC4301-4.4.1-08", "a header that is built anew")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Pass = packet =>
        {
            byte[] changed = packet.ToArray();
            if (changed[0] >> 4 == 4)
            {
                changed[1] = 0;
                IpPackets.FinishHeader(changed);
            }

            return ByteString.Adopt(changed);
        },
    };
}

/// <summary>A broad entry that was used once is found before narrower ones in front of it.</summary>
public sealed record BroadEntryCached() : Mutant("broad-entry-cached", "RFC4301-4.4.1-38", "correlated entries in the cache")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5-03"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine)
    {
        List<(SecurityPolicyDatabase Database, PolicyDirection Direction, SpdEntry Entry)> cached = [];
        return engine with
        {
            Decide = (database, direction, flow) =>
            {
                SpdEntry? known = cached.FirstOrDefault(c => ReferenceEquals(c.Database, database) && c.Direction == direction && c.Entry.Matches(flow)).Entry;
                PolicyDecision decision = known is null ? engine.Decide(database, direction, flow) : PolicyDecision.Of(known, direction);
                if (known is null && decision.Origin is { } entry)
                {
                    cached.Add((database, direction, entry));
                }

                return decision;
            },
        };
    }
}

/// <summary>A flow that is known is not judged again.</summary>
public abstract record FlowMemory(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine)
    {
        Dictionary<(PolicyDirection, FlowSelectors), (SecurityPolicyDatabase Database, PolicyDecision Decision)> known = [];
        return engine with
        {
            Decide = (database, direction, flow) =>
            {
                PolicyDecision right = engine.Decide(database, direction, flow);
                bool seen = known.TryGetValue((direction, flow), out (SecurityPolicyDatabase Database, PolicyDecision Decision) before);
                if (!seen || !ReferenceEquals(before.Database, database))
                {
                    known[(direction, flow)] = (database, right);
                }

                return Decide(right, seen ? before.Decision : null, seen && ReferenceEquals(before.Database, database));
            },
        };
    }

    private protected abstract PolicyDecision Decide(PolicyDecision right, PolicyDecision? before, bool sameDatabase);
}

/// <summary>The second packet of a flow passes in clear.</summary>
public sealed record KnownFlowPasses() : FlowMemory("known-flow-passes", "RFC4301-5.1-02", "a fast path that forgets the action")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.2-10"];

    private protected override PolicyDecision Decide(PolicyDecision right, PolicyDecision? before, bool sameDatabase) =>
        sameDatabase && right is PolicyDecision.Discard { Entry: { } entry } ? new PolicyDecision.Bypass(entry) : right;
}

/// <summary>The first packet of a flow passes while its entry is looked up.</summary>
public sealed record FirstPacketPasses() : FlowMemory("first-packet-passes", "RFC4301-5.1-03", "a slow path beside the traffic")
{
    private protected override PolicyDecision Decide(PolicyDecision right, PolicyDecision? before, bool sameDatabase) =>
        !sameDatabase && right is PolicyDecision.Discard { Entry: { } entry } ? new PolicyDecision.Bypass(entry) : right;
}

/// <summary>Decisions outlive a change of the SPD.</summary>
public sealed record CacheNotFlushed() : FlowMemory("cache-not-flushed", "RFC4301-4.4.1-42", "routes that keep their policy")
{
    // A new conversation begins with another SPD as well; the sentinel's decision is the same in all of them.
    private protected override PolicyDecision Decide(PolicyDecision right, PolicyDecision? before, bool sameDatabase) =>
        before is PolicyDecision.Bypass && right is PolicyDecision.Discard ? before : right;
}
