using System.Collections.Immutable;
using System.Reflection;
using Conformance.Spec.Requirements;

namespace Conformance.Harness.Running;

/// <summary>Which tests stand for which requirement, read from the tags in the built test assembly: those against a target, and those of the model.</summary>
public sealed class TestIndex
{
    private const string AttributeName = "RequirementAttribute";
    private const string ModelAttributeName = "HonoursAttribute";
    private readonly ILookup<string, string> _tests;
    private readonly ILookup<string, string> _modelTests;

    private TestIndex(IEnumerable<(string Id, string Test)> tags, IEnumerable<(string Id, string Test)> modelTags)
    {
        _tests = tags.ToLookup(t => t.Id, t => t.Test);
        _modelTests = modelTags.ToLookup(t => t.Id, t => t.Test);
        Tested = [.. _tests.Select(g => g.Key)];
    }

    private HashSet<string> Tested { get; }

    /// <summary>Reads an assembly.</summary>
    public static TestIndex Read(Assembly tests) => new(Tags(tests, AttributeName), Tags(tests, ModelAttributeName));

    /// <summary>Reads the tests that were built beside this program, or null when they were not.</summary>
    public static TestIndex? FromBuild()
    {
        string path = AppContext.BaseDirectory.Replace("Conformance.Harness", "Conformance.Tests", StringComparison.Ordinal);
        string file = Path.Combine(path, "Conformance.Tests.dll");
        return File.Exists(file) ? Read(Assembly.LoadFrom(file)) : null;
    }

    /// <summary>The tests of a requirement.</summary>
    public ImmutableArray<string> TestsOf(string id) => [.. _tests[id].Order(StringComparer.Ordinal)];

    /// <summary>The tests that show that the model honours a requirement.</summary>
    public ImmutableArray<string> ModelTestsOf(string id) => [.. _modelTests[id].Order(StringComparer.Ordinal)];

    /// <summary>How a requirement stands.</summary>
    public RequirementStatus StatusOf(Requirement requirement) => requirement.StatusUnder(Tested);

    /// <summary>Counts of the whole catalogue on one line.</summary>
    public string Counts()
    {
        ILookup<RequirementStatus, Requirement> byStatus = RequirementCatalogue.All.ToLookup(StatusOf);
        return $"catalogue: {RequirementCatalogue.All.Count} requirements, {byStatus[RequirementStatus.Tested].Count()} tested, "
            + $"{byStatus[RequirementStatus.Open].Count()} open, {byStatus[RequirementStatus.Untestable].Count()} untestable; "
            + $"{RequirementCatalogue.All.Count(IsHonoured)} are shown to be honoured by the model";
    }

    /// <summary>For each document, how many of the requirements that show on a wire, a host or a counter are tested.</summary>
    public IEnumerable<string> CountsByDocument() =>
        from requirement in RequirementCatalogue.All
        where requirement.IsVisible
        group requirement by requirement.Document into document
        let tested = document.Count(r => StatusOf(r) == RequirementStatus.Tested)
        let untestable = document.Count(r => StatusOf(r) == RequirementStatus.Untestable)
        let honoured = document.Count(IsHonoured)
        let share = 100 * tested / Math.Max(1, document.Count() - untestable)
        select $"{document.Key}: visible {document.Count()}, tested {tested}, untestable {untestable}, "
            + $"open {document.Count() - tested - untestable}; {share} % of the testable ones tested"
            + (honoured == tested ? "" : $"; honoured by the model {honoured}");

    /// <summary>For each document whose entries say what they concern, how many concern messages, keys or state, and how many of those the model honours.</summary>
    public IEnumerable<string> CountsByConcern() =>
        from requirement in RequirementCatalogue.All
        group requirement by requirement.Document into document
        where document.Any(r => r.Concerns != RequirementConcern.Messages)
        let owed = document.Where(r => r.Concerns == RequirementConcern.Messages).ToList()
        select $"{document.Key}: entries {document.Count()}, concern messages, keys or state {owed.Count}, honoured by the model {owed.Count(IsHonoured)}";

    /// <summary>True if a test shows that the model honours a requirement: the embedded target is the model, and passes what tests a target; the rest its own tests show.</summary>
    public bool IsHonoured(Requirement requirement) => Tested.Contains(requirement.Id) || _modelTests.Contains(requirement.Id);

    private static IEnumerable<(string Id, string Test)> Tags(Assembly tests, string attribute) =>
        from type in tests.GetTypes()
        from method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        from tag in method.GetCustomAttributesData()
        where tag.AttributeType.Name == attribute
        from id in (IReadOnlyCollection<CustomAttributeTypedArgument>)tag.ConstructorArguments[0].Value!
        select ((string)id.Value!, $"{type.Name}.{method.Name}");
}
