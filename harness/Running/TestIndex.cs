using System.Collections.Immutable;
using System.Reflection;
using Conformance.Spec.Requirements;

namespace Conformance.Harness.Running;

/// <summary>Which tests stand for which requirement, read from the tags in the built test assembly.</summary>
public sealed class TestIndex
{
    private const string AttributeName = "RequirementAttribute";
    private readonly ILookup<string, string> _tests;

    private TestIndex(IEnumerable<(string Id, string Test)> tags)
    {
        _tests = tags.ToLookup(t => t.Id, t => t.Test);
        Tested = [.. _tests.Select(g => g.Key)];
    }

    private HashSet<string> Tested { get; }

    /// <summary>Reads an assembly.</summary>
    public static TestIndex Read(Assembly tests) => new(
        from type in tests.GetTypes()
        from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        from tag in method.GetCustomAttributesData()
        where tag.AttributeType.Name == AttributeName
        from id in (IReadOnlyCollection<CustomAttributeTypedArgument>)tag.ConstructorArguments[0].Value!
        select ((string)id.Value!, $"{type.Name}.{method.Name}"));

    /// <summary>Reads the tests that were built beside this program, or null when they were not.</summary>
    public static TestIndex? FromBuild()
    {
        string path = AppContext.BaseDirectory.Replace("Conformance.Harness", "Conformance.Tests", StringComparison.Ordinal);
        string file = Path.Combine(path, "Conformance.Tests.dll");
        return File.Exists(file) ? Read(Assembly.LoadFrom(file)) : null;
    }

    /// <summary>The tests of a requirement.</summary>
    public ImmutableArray<string> TestsOf(string id) => [.. _tests[id].Order(StringComparer.Ordinal)];

    /// <summary>How a requirement stands.</summary>
    public RequirementStatus StatusOf(Requirement requirement) => requirement.StatusUnder(Tested);

    /// <summary>Counts of the whole catalogue on one line.</summary>
    public string Counts()
    {
        ILookup<RequirementStatus, Requirement> byStatus = RequirementCatalogue.All.ToLookup(StatusOf);
        return $"catalogue: {RequirementCatalogue.All.Count} requirements, {byStatus[RequirementStatus.Tested].Count()} tested, "
            + $"{byStatus[RequirementStatus.Open].Count()} open, {byStatus[RequirementStatus.Untestable].Count()} untestable";
    }

    /// <summary>For each document, how many of the requirements that show on a wire, a host or a counter are tested.</summary>
    public IEnumerable<string> CountsByDocument() =>
        from requirement in RequirementCatalogue.All
        where requirement.IsVisible
        group StatusOf(requirement) by requirement.Document into document
        let tested = document.Count(status => status == RequirementStatus.Tested)
        let untestable = document.Count(status => status == RequirementStatus.Untestable)
        let share = 100 * tested / Math.Max(1, document.Count() - untestable)
        select $"{document.Key}: visible {document.Count()}, tested {tested}, untestable {untestable}, "
            + $"open {document.Count() - tested - untestable}; {share} % of the testable ones tested";
}
