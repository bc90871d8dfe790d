using System.Text.Json;
using System.Text.RegularExpressions;
using Conformance.Harness.Reporting;
using Conformance.Harness.Targets;

namespace Conformance.Harness.Running;

/// <summary>A departure of one target that is known, with its reason.</summary>
/// <param name="Test">Regular expression that must match the whole test name.</param>
/// <param name="Requirement">Regular expression for the clause that is found broken.</param>
/// <param name="Versions">Regular expression for the versions of the target, or null for all.</param>
/// <param name="Reason">Why it is accepted, for people.</param>
/// <param name="Capture">A capture that shows it, as a path in the repository.</param>
public sealed record Deviation(string Test, string Requirement, string? Versions, string Reason, string? Capture);

/// <summary>The list of deviations of a target: it must be tight, an entry that passes fails the run.</summary>
public sealed class Deviations
{
    private readonly IReadOnlyList<Deviation> _entries;

    private Deviations(IReadOnlyList<Deviation> entries) => _entries = entries;

    /// <summary>The entries.</summary>
    public IReadOnlyList<Deviation> Entries => _entries;

    /// <summary>Reads the list that is built in for a target; a planted fault is never excused.</summary>
    public static Deviations For(TargetSpec spec)
    {
        using Stream? stream = spec.Mutant is null
            ? typeof(Deviations).Assembly.GetManifestResourceStream($"Deviations/{spec.Name}.json")
            : null;
        return new Deviations(stream is null ? [] : JsonSerializer.Deserialize<List<Deviation>>(stream, Journal.Json) ?? []);
    }

    /// <summary>True when the entry speaks of a clause.</summary>
    public static bool Covers(Deviation deviation, string? requirement) => requirement is not null && Matches(deviation.Requirement, requirement);

    /// <summary>The entry for a test on a version of the target, or null.</summary>
    public Deviation? Find(string test, string version) => _entries.FirstOrDefault(e =>
        Matches(e.Test, test) && (e.Versions is null || Matches(e.Versions, version)));

    private static bool Matches(string pattern, string text) => Regex.IsMatch(text, $"^(?:{pattern})$", RegexOptions.CultureInvariant);
}
