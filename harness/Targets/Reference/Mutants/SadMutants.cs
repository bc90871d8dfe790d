using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The SA of another entry is used.</summary>
public sealed record SaOfAnyEntry() : Mutant("sa-of-any-entry", "RFC4301-4.4.1-09", "the first SA to the same peer")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Select = (sad, entry, step, flow, _) => sad.Outbound.FirstOrDefault(e => step.IsMetBy(e.Sa, PolicyDirection.Outbound) && e.Accepts(flow)),
    };
}

/// <summary>A packet in clear is let in where it should have been protected.</summary>
public sealed record ClearAcceptedWhereProtected() : Mutant("clear-accepted-where-protected", "RFC4301-4.4.1-10", "policy is asked when sending only")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) => engine.Decide(database, direction, flow) is PolicyDecision.Discard { Reason: PolicyDiscardReason.ArrivedInClear, Entry: { } entry }
            ? new PolicyDecision.Bypass(entry)
            : engine.Decide(database, direction, flow),
    };
}

/// <summary>After decapsulation the SPD is not asked.</summary>
public sealed record PolicyUncheckedAfterEsp() : Mutant("policy-unchecked-after-esp", "RFC4301-4.4.1-11", "what came out of ESP is trusted")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.1-39"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Check = (_, sa, flow) => sa.Accepts(flow) ? ProtectedPacketVerdict.Accepted : ProtectedPacketVerdict.OutsideSaSelectors,
    };
}

/// <summary>The selectors of the SA are not looked at.</summary>
public sealed record SaSelectorsIgnored() : Mutant("sa-selectors-ignored", "RFC4301-5.2-16", "only the entry is compared")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.2-04", "RFC4301-5.2-15"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Check = (database, sa, flow) => engine.Check(database, sa with { Selectors = [SelectorSet.Any] }, flow),
    };
}

/// <summary>An SA takes the selectors of its entry in place of its own.</summary>
public sealed record SaTakesSelectorsOfEntry() : Mutant("sa-takes-selectors-of-entry", "RFC4301-4.4.2-03", "narrowing is negotiated and forgotten")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Keep = entry => entry with { Selectors = entry.Origin?.Selectors ?? entry.Selectors } };
}

/// <summary>A packet outside the selectors of its SA is dropped without a trace.</summary>
public sealed record SelectorMismatchNotCounted() : Mutant("selector-mismatch-not-counted", "RFC4301-5.2-17", "no event for what was decrypted")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-7.3-07"];

    /// <inheritdoc/>
    public override bool Counts(string reason) => reason != nameof(ProtectedPacketVerdict.OutsideSaSelectors);
}

/// <summary>A second SA of an entry takes the place of the first.</summary>
public sealed record OneSaAnEntry() : Mutant("one-sa-an-entry", "RFC4301-4.1-11", "SAs kept by selector")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.1-12"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine)
    {
        Dictionary<SpdEntry, SadEntry> newest = [];
        return engine with
        {
            Keep = entry =>
            {
                if (entry.Origin is { } origin && entry.Sa.Destination == AddressPlan.Ipv4.Target)
                {
                    newest[origin] = entry;
                }

                return entry;
            },
            Check = (database, sa, flow) => sa.Origin is { } origin && newest.TryGetValue(origin, out SadEntry? last) && last.Sa.Spi != sa.Sa.Spi
                ? ProtectedPacketVerdict.PolicyAsksOtherwise
                : engine.Check(database, sa, flow),
        };
    }
}

/// <summary>ESP is opened whatever its destination.</summary>
public sealed record TransitEspOpened() : Mutant("transit-esp-opened", "RFC4301-5.2-04", "SPIs are looked up before addresses")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.2-05"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { IsOwn = _ => true };
}
