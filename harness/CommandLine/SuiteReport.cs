using Conformance.Harness.Reporting;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Spectre.Console;

namespace Conformance.Harness.CommandLine;

/// <summary>The table of verdicts per RFC section, and the exit code that follows from it.</summary>
internal static class SuiteReport
{
    private const int MostExamples = 4;

    public static bool Failed(TestVerdict verdict) => verdict.Verdict is Verdict.Fail or Verdict.UnexpectedPass or Verdict.NotObserved;

    public static int Print(IReadOnlyList<TestVerdict> verdicts, int suiteExitCode, string run, TimeSpan elapsed)
    {
        AnsiConsole.Write(SectionTable(verdicts));
        foreach (IGrouping<string?, TestVerdict> broken in verdicts.Where(Failed).GroupBy(v => v.BrokenRequirement).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            PrintFailure(broken.Key, [.. broken], run);
        }

        PrintExcused(verdicts, run);
        foreach (IGrouping<string?, TestVerdict> reason in verdicts.Where(v => v.Verdict == Verdict.Unsupported).GroupBy(v => v.Detail).OrderByDescending(g => g.Count()))
        {
            Console.WriteLine($"unsupported, {reason.Count()} tests: {reason.Key}");
        }

        Console.WriteLine(ExplainReport.Counts(TestIndex.FromBuild()));
        string tally = string.Join(", ", Enum.GetValues<Verdict>().Select(v => $"{verdicts.Count(x => x.Verdict == v)} {v}"));
        Console.WriteLine($"{verdicts.Count} tests in {elapsed.TotalSeconds:0.0} s: {tally}");
        return Conclude(verdicts, suiteExitCode, run);
    }

    // What does not fail the run is shown whole where there is little of it, as with a filter; else by its clause.
    private static void PrintExcused(IReadOnlyList<TestVerdict> verdicts, string run)
    {
        var groups = verdicts.Where(v => v.Verdict is Verdict.Warning or Verdict.KnownDeviation)
            .GroupBy(v => (v.Verdict, v.BrokenRequirement))
            .OrderBy(g => g.Key.BrokenRequirement, StringComparer.Ordinal)
            .ToArray();
        foreach (var excused in groups)
        {
            if (groups.Length <= MostExamples)
            {
                PrintFailure(excused.Key.BrokenRequirement, [.. excused], run);
            }
            else
            {
                string kind = excused.Key.Verdict == Verdict.Warning ? "warning" : "known deviation";
                Console.WriteLine($"{kind} {excused.Key.BrokenRequirement}, {excused.Count()} tests: {excused.First().Suite}.{excused.First().Test}");
            }
        }
    }

    // One example for each broken requirement; the journal has them all.
    private static void PrintFailure(string? id, IReadOnlyList<TestVerdict> failures, string run)
    {
        TestVerdict example = failures[0];
        Requirement? requirement = id is null ? null : RequirementCatalogue.Find(id);
        Console.WriteLine();
        Console.WriteLine($"{example.Verdict.ToString().ToUpperInvariant()}  {id}  {requirement?.LevelWord}".TrimEnd());
        Console.WriteLine($"  {example.Suite}.{example.Test}");
        if (requirement is not null)
        {
            Console.WriteLine($"  {requirement.Text}");
        }

        foreach (string line in (example.Detail ?? "").Split('\n'))
        {
            Console.WriteLine($"  {line.TrimEnd()}");
        }

        if (example.Finding is { } directory)
        {
            Console.WriteLine($"  capture    {Path.Combine(directory, "trace.pcapng")}");
            string file = Path.Combine(directory, Finding.FileName);
            Console.WriteLine($"  replay     {Finding.Read(file).Again(file)}");
        }

        if (failures.Count > 1)
        {
            Console.WriteLine($"  and {failures.Count - 1} more tests, in {Path.Combine(run, Journal.FileName)}");
        }
    }

    private static int Conclude(IReadOnlyList<TestVerdict> verdicts, int suiteExitCode, string run)
    {
        if (!verdicts.Any(v => v.Verdict is not Verdict.Unsupported))
        {
            Console.WriteLine($"nothing was judged, which is no pass; see {Path.Combine(run, "suite.log")}");
            return Cli.ExitFailed;
        }

        if (verdicts.Any(Failed))
        {
            return Cli.ExitFailed;
        }

        if (suiteExitCode != 0)
        {
            Console.WriteLine($"the suite ended with exit code {suiteExitCode} although no test failed; see {Path.Combine(run, "suite.log")}");
            return Cli.ExitFailed;
        }

        return Cli.ExitGood;
    }

    private static Table SectionTable(IReadOnlyList<TestVerdict> verdicts)
    {
        // Columns in which nothing stands are left out: most runs have two or three.
        Verdict[] columns = [.. Enum.GetValues<Verdict>().Where(v => v == Verdict.Pass || verdicts.Any(x => x.Verdict == v))];
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("section").NoWrap());
        foreach (Verdict verdict in columns)
        {
            table.AddColumn(new TableColumn(verdict.ToString()).RightAligned().NoWrap());
        }

        var rows = verdicts
            .SelectMany(v => Sections(v).Select(section => (Section: section, v.Verdict)))
            .GroupBy(x => x.Section)
            .OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            table.AddRow([Markup.Escape(row.Key), .. columns.Select(v => Cell(v, row.Count(x => x.Verdict == v)))]);
        }

        return table;
    }

    // A failure counts where the broken clause stands, everything else where the test's clauses stand.
    private static IEnumerable<string> Sections(TestVerdict verdict)
    {
        IEnumerable<string> ids = Failed(verdict) && verdict.BrokenRequirement is { } broken ? [broken] : verdict.Requirements;
        return ids.Select(id => RequirementCatalogue.Find(id) is { } r ? $"{r.Document} §{r.Section}" : "?").Distinct();
    }

    private static string Cell(Verdict verdict, int count) => count == 0 ? "" : verdict switch
    {
        Verdict.Fail or Verdict.UnexpectedPass or Verdict.NotObserved => $"[red]{count}[/]",
        Verdict.Warning or Verdict.KnownDeviation => $"[yellow]{count}[/]",
        Verdict.Pass => $"[green]{count}[/]",
        _ => count.ToString(),
    };
}
