using Conformance.Spec.Requirements;

namespace Conformance.Tests.Infrastructure;

/// <summary>What a test says beside pass and fail: the target departs from a SHOULD.</summary>
public static class TestVerdicts
{
    [ThreadStatic]
    private static string? _warning;

    [ThreadStatic]
    private static string? _warnedRequirement;

    internal static string? Warning => _warning;

    internal static string? WarnedRequirement => _warnedRequirement;

    /// <summary>Notes that a SHOULD was not followed; the test goes on.</summary>
    /// <exception cref="ArgumentException">The clause is no SHOULD: breaking a MUST is a failure.</exception>
    public static void Warn(string requirementId, string what)
    {
        Requirement requirement = RequirementCatalogue.Find(requirementId)
            ?? throw new ArgumentException($"unknown requirement {requirementId}", nameof(requirementId));
        if (requirement.Level is RequirementLevel.Must or RequirementLevel.MustNot)
        {
            throw new ArgumentException($"{requirementId} is a MUST, breaking it is no warning", nameof(requirementId));
        }

        _warnedRequirement ??= requirementId;
        _warning = _warning is null ? $"{requirementId}: {what}" : $"{_warning}; {requirementId}: {what}";
    }

    internal static void Begin() => (_warning, _warnedRequirement) = (null, null);
}
