using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Policy.Databases;

/// <summary>Which entry an outbound packet comes under, ICMP errors that no entry accommodates included. RFC 4301 §6.2.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Flow">The traffic whose SA carries the packet.</param>
/// <param name="IsReturned">True for an error that goes by the SA of the traffic that it answers; no SA is made for it.</param>
public readonly record struct OutboundChoice(PolicyDecision Decision, FlowSelectors Flow, bool IsReturned)
{
    /// <summary>By the packet's own header; an error without an entry by the header inside it.</summary>
    /// <param name="decide">The ordered search.</param>
    /// <param name="own">What the packet itself shows.</param>
    /// <param name="back">The return traffic where the packet is an error; see <see cref="ReturnFlows"/>.</param>
    public static OutboundChoice Of(Func<FlowSelectors, PolicyDecision> decide, FlowSelectors own, FlowSelectors? back)
    {
        PolicyDecision decision = decide(own);
        return decision is PolicyDecision.Discard { Reason: PolicyDiscardReason.NoMatch } && back is { } returned && decide(returned) is PolicyDecision.Protect protect
            ? new OutboundChoice(protect, returned, true)
            : new OutboundChoice(decision, own, false);
    }
}
