using Conformance.Spec.Requirements;

namespace Conformance.Harness.Running;

/// <summary>How many requirements are tested, open and untestable.</summary>
public static class CatalogueCounts
{
    /// <summary>One line.</summary>
    public static string Line() => $"catalogue: {RequirementCatalogue.All.Count()} requirements";
}
