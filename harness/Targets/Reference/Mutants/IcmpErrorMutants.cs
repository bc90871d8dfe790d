using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>ICMP errors are packets like any other.</summary>
public sealed record ErrorsNotMapped() : Mutant("errors-not-mapped", "RFC4301-6.2-07", "no look at the header inside")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-6.2-08", "RFC4301-6.2-10"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Back = (_, _) => null };
}

/// <summary>Errors of ICMPv6 are packets like any other.</summary>
public sealed record Icmpv6ErrorsNotMapped() : Mutant("icmpv6-errors-not-mapped", "RFC4301-6-03", "types of ICMPv4 looked for in both families")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Back = (packet, direction) => packet[0] >> 4 == 6 ? null : engine.Back(packet, direction) };
}

/// <summary>The header inside an error is taken as it stands.</summary>
public sealed record QuotedHeaderNotReversed() : Mutant("quoted-header-not-reversed", "RFC4301-6.2-08", "ends of the packet that failed taken for those of its answer")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-6.2-10"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Back = (packet, direction) => engine.Back(packet, direction)?.Swapped() };
}

/// <summary>What is inside an error on an SA is not looked at.</summary>
public sealed record QuotedHeaderUnchecked() : Mutant("quoted-header-unchecked", "RFC4301-6.2-11", "errors trusted because they came on an SA")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-6.2-01"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { CheckError = (_, _, _, back, own) => back is null ? own : ProtectedPacketVerdict.Accepted };
}

/// <summary>What is inside an error must fit even where an entry lets errors pass.</summary>
public sealed record ErrorsAlwaysInspected() : Mutant("errors-always-inspected", "RFC4301-6.2-06", "a check that cannot be switched off")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-6.2-02"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        CheckError = (database, sa, inner, back, own) => back is { } returned && own == ProtectedPacketVerdict.Accepted
            ? ProtectedPacketCheck.Check(database, sa, returned) == ProtectedPacketVerdict.Accepted ? own : ProtectedPacketVerdict.QuotedPacketOutside
            : engine.CheckError(database, sa, inner, back, own),
    };
}

/// <summary>Errors go by the SA of the traffic that they answer, whatever entry they have themselves.</summary>
public sealed record ErrorsByTheQuotedFlow() : Mutant("errors-by-the-quoted-flow", "RFC4301-6.2-04", "the special case is tried first")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { OwnHeaderFirst = false };
}

/// <summary>An error about a packet of another SA is dropped without a trace.</summary>
public sealed record ForeignErrorNotCounted() : Mutant("foreign-error-not-counted", "RFC4301-6.2-12", "no event for a forged error")
{
    /// <inheritdoc/>
    public override bool Counts(string reason) => reason != nameof(ProtectedPacketVerdict.QuotedPacketOutside);
}

/// <summary>Unprotected ICMP errors are heard whatever the SPD says.</summary>
public sealed record UnprotectedIcmpAlwaysHeard() : Mutant("unprotected-icmp-always-heard", "RFC4301-6.1.1-01", "ICMP is handled in front of policy")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.2-14"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Hears = _ => true };
}

/// <summary>The type of ICMP is not looked at.</summary>
public sealed record IcmpTypeIgnored() : FieldMutant("icmp-type-ignored", "RFC4301-6.1.1-02", "one switch for all of ICMP")
{
    private protected override FieldSelector ChangeType(FieldSelector type) => FieldSelector.Any;
}

/// <summary>Nobody is asked for an SA.</summary>
public sealed record NoSaAskedFor() : Mutant("no-sa-asked-for", "RFC4301-5.1-05", "the listener is not there yet")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-6.2-05"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { AsksForSa = _ => false };
}

/// <summary>An SA is asked for to carry an error.</summary>
public sealed record SaAskedForAnError() : Mutant("sa-asked-for-an-error", "RFC4301-6.2-09", "a forged error starts a key exchange")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { AsksForSa = _ => true };
}

/// <summary>An SA is asked for because a packet came without one.</summary>
public sealed record SaAskedForInbound() : Mutant("sa-asked-for-inbound", "RFC4301-5.2-11", "anybody can start key exchanges")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { AsksForInbound = true };
}

/// <summary>What has no SA yet leaves in clear.</summary>
public sealed record ClearWhileSaIsMissing() : Mutant("clear-while-sa-is-missing", "RFC4301-5.1-06", "opportunistic encryption by default")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { SendsClearWithoutSa = true };
}
