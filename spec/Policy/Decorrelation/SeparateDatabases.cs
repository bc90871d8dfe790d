using System.Collections.Immutable;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Policy.Decorrelation;

/// <summary>The SPD as its three logical parts, which can be searched in any order once decorrelated. RFC 4301 §4.4.1.</summary>
/// <param name="Secured">SPD-S: PROTECT entries.</param>
/// <param name="Outbound">SPD-O: outbound BYPASS and DISCARD entries.</param>
/// <param name="Inbound">SPD-I: inbound BYPASS and DISCARD entries.</param>
public sealed record SeparateDatabases(
    ImmutableArray<DecorrelatedEntry> Secured, ImmutableArray<DecorrelatedEntry> Outbound, ImmutableArray<DecorrelatedEntry> Inbound)
{
    private SecurityPolicyDatabase Ordered { get; init; } = SecurityPolicyDatabase.Empty;

    /// <summary>Decorrelates an SPD and deals its parts out.</summary>
    public static SeparateDatabases Of(SecurityPolicyDatabase ordered)
    {
        DecorrelatedDatabase outbound = DecorrelatedDatabase.Of(ordered, PolicyDirection.Outbound);
        DecorrelatedDatabase inbound = DecorrelatedDatabase.Of(ordered, PolicyDirection.Inbound);
        bool IsSecured(DecorrelatedEntry entry) => ordered.Entries[entry.Origin].Action is PolicyAction.Protect;
        return new SeparateDatabases(
            [.. outbound.Entries.Where(IsSecured)],
            [.. outbound.Entries.Where(e => !IsSecured(e))],
            [.. inbound.Entries.Where(e => !IsSecured(e))])
        {
            Ordered = ordered,
        };
    }

    /// <summary>Outbound: one part, then the other where the first is silent. RFC 4301 §5.1.</summary>
    /// <param name="flow">The packet.</param>
    /// <param name="securedFirst">Which part is searched first; it makes no difference.</param>
    public PolicyDecision DecideOutbound(FlowSelectors flow, bool securedFirst = true)
    {
        (ImmutableArray<DecorrelatedEntry> first, ImmutableArray<DecorrelatedEntry> second) = securedFirst ? (Secured, Outbound) : (Outbound, Secured);
        return Decision(Find(first, flow) ?? Find(second, flow), PolicyDirection.Outbound);
    }

    /// <summary>Inbound in clear: SPD-I alone; what it does not know is discarded. RFC 4301 §5.2 step 3b.</summary>
    public PolicyDecision DecideInbound(FlowSelectors flow) => Decision(Find(Inbound, flow), PolicyDirection.Inbound);

    private static DecorrelatedEntry? Find(ImmutableArray<DecorrelatedEntry> part, FlowSelectors flow) => part.FirstOrDefault(e => e.Box.Contains(flow));

    private PolicyDecision Decision(DecorrelatedEntry? found, PolicyDirection direction) =>
        PolicyDecision.Of(found is null ? null : Ordered.Entries[found.Origin], direction);
}
