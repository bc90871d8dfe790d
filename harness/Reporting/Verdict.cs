namespace Conformance.Harness.Reporting;

/// <summary>What a test says of a target.</summary>
public enum Verdict
{
    /// <summary>The target did what the model allows.</summary>
    Pass,

    /// <summary>The target departs from a SHOULD; conforming, with its own column.</summary>
    Warning,

    /// <summary>The target departs from a MUST.</summary>
    Fail,

    /// <summary>A capability is missing; nothing was judged.</summary>
    Unsupported,

    /// <summary>It fails, and is listed for this target with a reason.</summary>
    KnownDeviation,

    /// <summary>It is listed as a deviation, but passes: the list is out of date, the run fails.</summary>
    UnexpectedPass,

    /// <summary>The sentinel never came: nothing can be said, the run fails.</summary>
    NotObserved,
}

/// <summary>One line of the journal: a test against a target.</summary>
/// <param name="Test">Name with its arguments.</param>
/// <param name="Suite">Fixture.</param>
/// <param name="Requirements">The clauses that the test stands for.</param>
/// <param name="Verdict">Outcome.</param>
/// <param name="BrokenRequirement">The clause that was found broken; may be another than those of the test.</param>
/// <param name="Detail">Reason or failure text.</param>
/// <param name="Finding">Directory of the finding, or null.</param>
/// <param name="Milliseconds">Duration.</param>
public sealed record TestVerdict(
    string Test,
    string Suite,
    IReadOnlyList<string> Requirements,
    Verdict Verdict,
    string? BrokenRequirement,
    string? Detail,
    string? Finding,
    double Milliseconds);
