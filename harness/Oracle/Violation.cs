namespace Conformance.Harness.Oracle;

/// <summary>A clause that a packet breaks, whatever the test was about.</summary>
/// <param name="RequirementId">The clause.</param>
/// <param name="What">One sentence for people.</param>
/// <param name="IsPrecise">True when the fault itself was found, false when only its consequence was seen.</param>
internal sealed record Violation(string RequirementId, string What, bool IsPrecise = true)
{
    /// <summary>Other clauses that the same fault breaks: a test that is about one of them accuses that one.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    /// <summary>The clause to accuse in a test that names one, or none.</summary>
    public string AccusedIn(string? clause) => clause is not null && (!IsPrecise || Also.Contains(clause)) ? clause : RequirementId;
}
