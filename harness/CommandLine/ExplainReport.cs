using Conformance.Harness.Running;
using Conformance.Spec.Requirements;

namespace Conformance.Harness.CommandLine;

/// <summary>What a requirement says and which tests stand for it.</summary>
internal static class ExplainReport
{
    private const string NotBuilt = "the tests are not built; «dotnet build» first, to see which tests stand for it";

    public static int Print(string? id)
    {
        TestIndex? index = TestIndex.FromBuild();
        if (id is null)
        {
            Console.WriteLine(Counts(index));
            foreach (string line in index is null ? [] : index.CountsByDocument().Concat(index.CountsByConcern()))
            {
                Console.WriteLine(line);
            }

            return Cli.ExitGood;
        }

        Requirement requirement = RequirementCatalogue.Find(id) ?? throw new BadInputException(Unknown(id));
        foreach (string line in requirement.Explain(index?.TestsOf(id) ?? []))
        {
            Console.WriteLine(line);
        }

        if (index?.ModelTestsOf(id) is { IsEmpty: false } shown)
        {
            Console.WriteLine($"the model    honours it: {string.Join(", ", shown)}");
        }

        if (index is null)
        {
            Console.WriteLine(NotBuilt);
        }

        return Cli.ExitGood;
    }

    /// <summary>The requirements of a document that show on packets or counters and have no test yet.</summary>
    public static int PrintOpen(string document) =>
        PrintAll(document, (r, index) => r.IsVisible && index.StatusOf(r) == RequirementStatus.Open);

    /// <summary>The requirements of a document that concern messages, keys or state and of which nothing shows that the model honours them.</summary>
    public static int PrintUnhonoured(string document) =>
        PrintAll(document, (r, index) => r.Concerns == RequirementConcern.Messages && !index.IsHonoured(r));

    private static int PrintAll(string document, Func<Requirement, TestIndex, bool> isWanted)
    {
        TestIndex index = TestIndex.FromBuild() ?? throw new BadInputException(NotBuilt);
        string[] known = [.. RequirementCatalogue.All.Select(r => r.Document).Distinct()];
        string name = known.FirstOrDefault(d => string.Equals(Bare(d), Bare(document), StringComparison.OrdinalIgnoreCase))
            ?? throw new BadInputException($"there is no catalogue «{document}»; there are {string.Join(", ", known)}");
        foreach (Requirement wanted in RequirementCatalogue.All.Where(r => r.Document == name && isWanted(r, index)))
        {
            Console.WriteLine($"{wanted.Id}  {wanted.LevelWord}  {wanted.Text}");
        }

        return Cli.ExitGood;
    }

    private static string Bare(string document) => document.Replace(" ", "", StringComparison.Ordinal);

    public static string Counts(TestIndex? index) => index?.Counts() ?? $"catalogue: {RequirementCatalogue.All.Count} requirements; {NotBuilt}";

    private static string Unknown(string id)
    {
        string[] near = [.. RequirementCatalogue.All.Select(r => r.Id).Where(known => known.Contains(id, StringComparison.OrdinalIgnoreCase)).Take(5)];
        return $"there is no requirement «{id}»; {(near.Length > 0 ? $"did you mean {string.Join(", ", near)}?" : $"ids look like {RequirementCatalogue.All.First().Id}")}";
    }
}
