using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Conformance.Harness.Reporting;
using Conformance.Harness.Targets;

namespace Conformance.Harness.Running;

/// <summary>A departure of one target that is known, with its reason.</summary>
/// <param name="Test">Regular expression that must match the whole test name.</param>
/// <param name="Requirement">Regular expression for the clause that is found broken.</param>
/// <param name="Target">Regular expression for name and version of the target, or null for all.</param>
/// <param name="Reason">Why it is accepted, for people.</param>
/// <param name="Capture">A capture that shows it, as a path in the repository.</param>
public sealed record Deviation(string Test, string Requirement, string? Target, string Reason, string? Capture);

/// <summary>The list of deviations of a target: it must be tight, an entry that passes fails the run.</summary>
public sealed class Deviations
{
    private readonly IReadOnlyList<Deviation> _entries;

    private Deviations(IReadOnlyList<Deviation> entries) => _entries = entries;

    /// <summary>The entries.</summary>
    public IReadOnlyList<Deviation> Entries => _entries;

    /// <summary>Reads the list that is built in for a target and the one that the user gave; a planted fault is never excused.</summary>
    /// <exception cref="BadInputException">The user's list cannot be read.</exception>
    public static Deviations For(TargetSpec spec)
    {
        using Stream? builtIn = spec.Mutant is null ? BuiltIn(spec.Name) : null;
        return new Deviations([.. Checked(Read(builtIn), $"deviations.json of {spec.Name}"), .. ReadGiven(spec.Deviations)]);
    }

    // A target called my-stack has its list in Targets/MyStack.
    private static Stream? BuiltIn(string target)
    {
        Assembly assembly = typeof(Deviations).Assembly;
        string wanted = $"Deviations/{target.Replace("-", "", StringComparison.Ordinal)}/deviations.json";
        string? name = assembly.GetManifestResourceNames().FirstOrDefault(n => n.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        return name is null ? null : assembly.GetManifestResourceStream(name);
    }

    private static List<Deviation> ReadGiven(string? path)
    {
        if (path is null)
        {
            return [];
        }

        string file = path.Length == 0 ? path : Path.Combine(Checkout.UserDirectory, path);
        return Checked(JsonInput.Read<List<Deviation>>(file, "a list of deviations"), file);
    }

    private static List<Deviation> Checked(List<Deviation> entries, string file)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (Fault(entries[i]) is { } fault)
            {
                throw new BadInputException($"{file}: entry {i + 1}: {fault}");
            }
        }

        return entries;
    }

    private static string? Fault(Deviation? entry)
    {
        if (entry is not { Test: not null, Requirement: not null, Reason: not null })
        {
            return "an entry has test, requirement and reason";
        }

        try
        {
            new[] { entry.Test, entry.Requirement, entry.Target ?? "" }.ToList().ForEach(pattern => Matches(pattern, ""));
            return null;
        }
        catch (RegexParseException error)
        {
            return $"no regular expression: {error.Message}";
        }
    }

    private static List<Deviation> Read(Stream? stream)
    {
        try
        {
            return stream is null ? [] : JsonSerializer.Deserialize<List<Deviation>>(stream, Journal.Json) ?? [];
        }
        catch (JsonException error)
        {
            throw new BadInputException($"the target's own deviations.json: {error.Message}", error);
        }
    }

    /// <summary>True when the entry speaks of a clause.</summary>
    public static bool Covers(Deviation deviation, string? requirement) => requirement is not null && Matches(deviation.Requirement, requirement);

    /// <summary>The entry for a test on a target, or null.</summary>
    public Deviation? Find(string test, string target) => _entries.FirstOrDefault(e =>
        Matches(e.Test, test) && (e.Target is null || Matches(e.Target, target)));

    private static bool Matches(string pattern, string text) => Regex.IsMatch(text, $"^(?:{pattern})$", RegexOptions.CultureInvariant);
}
