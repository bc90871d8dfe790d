using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The selectors of an SA hold every packet of the family that they do not speak of.</summary>
public sealed record SelectorOfAnotherFamily() : Mutant("selector-of-another-family", "RFC4301-5.2-16", "a prefix of 128 bits shifted as if it had 32")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Check = (database, sa, flow) => engine.Check(database, sa.Selectors.All(set => set.Local.In(flow.Local.IsIpv6).IsEmpty) ? sa with { Selectors = [SelectorSet.Any] } : sa, flow),
    };
}

/// <summary>Of the source of an IPv6 tunnel only as much is compared as an IPv4 address is long, when the packet inside is one of IPv4.</summary>
public sealed record TunnelSourceOfTheInnerFamily() : Mutant("tunnel-source-of-the-inner-family", "RFC4301-4.4.1-11", "one family for both headers")
{
    private const int OtherBits = 96;

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Check = (database, sa, flow) =>
        {
            int match = database.FirstMatch(PolicyDirection.Inbound, flow);
            bool looksAlike = match >= 0 && database.Entries[match].Action is PolicyAction.Protect { Steps: [{ TunnelRemote: { IsIpv6: true } remote }] }
                && sa.Sa.Source.IsIpv6 && !flow.Local.IsIpv6 && remote.Value >> OtherBits == sa.Sa.Source.Value >> OtherBits;
            return engine.Check(database, looksAlike ? sa with { Sa = sa.Sa with { Source = Remote(database.Entries[match]) } } : sa, flow);
        },
    };

    private static IpAddress Remote(SpdEntry entry) => ((PolicyAction.Protect)entry.Action).Steps[0].TunnelRemote!.Value;
}

/// <summary>An SA to the right peer is used whatever local address it begins at.</summary>
public sealed record SaOfAnyLocalAddress() : Mutant("sa-of-any-local-address", "RFC4301-4.4.1-09", "a search for any source that finds those of others")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Select = (sad, entry, step, flow, dscp) => engine.Select(sad, entry, step, flow, dscp) ?? engine.Select(sad, entry, step with { TunnelLocal = null }, flow, dscp),
    };
}

/// <summary>What may come in clear may come under any SA of transport mode.</summary>
public sealed record ProtectedWherePlainWouldDo() : Mutant("protected-where-plain-would-do", "RFC4301-4.4.1-39", "more protection than was asked for")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Check = (database, sa, flow) => database.Decide(PolicyDirection.Inbound, flow) is PolicyDecision.Bypass && sa.Accepts(flow)
            ? ProtectedPacketVerdict.Accepted
            : engine.Check(database, sa, flow),
    };
}
