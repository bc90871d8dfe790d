namespace Conformance.Harness.Oracle;

/// <summary>A clause that a packet breaks, whatever the test was about.</summary>
/// <param name="RequirementId">The clause.</param>
/// <param name="What">One sentence for people.</param>
/// <param name="IsPrecise">True when the fault itself was found, false when only its consequence was seen.</param>
internal sealed record Violation(string RequirementId, string What, bool IsPrecise = true);
