using Conformance.Harness.Running;
using Conformance.Spec.Requirements;

namespace Conformance.Harness.CommandLine;

/// <summary>What a requirement says and which tests stand for it.</summary>
internal static class ExplainReport
{
    public static int Print(string? id)
    {
        if (id is null)
        {
            Console.WriteLine(CatalogueCounts.Line());
            return Cli.ExitGood;
        }

        Requirement requirement = RequirementCatalogue.Find(id)
            ?? throw new BadInputException($"there is no requirement «{id}»; ids look like {RequirementCatalogue.All.First().Id}");
        Console.WriteLine($"{requirement.Id}  {requirement.Level}  RFC {requirement.Rfc} §{requirement.Section}");
        Console.WriteLine(requirement.Text);
        return Cli.ExitGood;
    }
}
