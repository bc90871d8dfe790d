using Conformance.Harness.Reporting;
using Conformance.Harness.Running;
using Conformance.Spec.Requirements;
using Spectre.Console;

namespace Conformance.Harness.CommandLine;

/// <summary>The table of verdicts per RFC section, and the exit code that follows from it.</summary>
internal static class SuiteReport
{
    private const int LongestFailureList = 20;

    public static bool Failed(TestVerdict verdict) => verdict.Verdict is Verdict.Fail or Verdict.UnexpectedPass or Verdict.NotObserved;

    public static int Print(IReadOnlyList<TestVerdict> verdicts, int suiteExitCode, string run, TimeSpan elapsed)
    {
        AnsiConsole.Write(SectionTable(verdicts));
        foreach (TestVerdict failed in verdicts.Where(Failed).Take(LongestFailureList))
        {
            AnsiConsole.WriteLine($"{failed.Verdict.ToString().ToUpperInvariant()}  {failed.BrokenRequirement}  {failed.Suite}.{failed.Test}");
            foreach (string line in (failed.Detail ?? "").Split('\n'))
            {
                AnsiConsole.WriteLine($"  {line.TrimEnd()}");
            }

            if (failed.Finding is { } directory)
            {
                AnsiConsole.WriteLine($"  capture    {Path.Combine(directory, "trace.pcapng")}");
                AnsiConsole.WriteLine($"  replay     dotnet run --project harness -- replay {Path.Combine(directory, Finding.FileName)}");
            }
        }

        int count = verdicts.Count(Failed);
        if (count > LongestFailureList)
        {
            AnsiConsole.WriteLine($"… and {count - LongestFailureList} more in {Path.Combine(run, Journal.FileName)}");
        }

        foreach (IGrouping<string?, TestVerdict> reason in verdicts.Where(v => v.Verdict == Verdict.Unsupported).GroupBy(v => v.Detail).OrderByDescending(g => g.Count()))
        {
            AnsiConsole.WriteLine($"unsupported, {reason.Count()} tests: {reason.Key}");
        }

        AnsiConsole.WriteLine(CatalogueCounts.Line());
        string tally = string.Join(", ", Enum.GetValues<Verdict>().Select(v => $"{verdicts.Count(x => x.Verdict == v)} {v}"));
        AnsiConsole.WriteLine($"{verdicts.Count} tests in {elapsed.TotalSeconds:0.0} s: {tally}");
        return Conclude(verdicts, suiteExitCode, run);
    }

    private static int Conclude(IReadOnlyList<TestVerdict> verdicts, int suiteExitCode, string run)
    {
        if (!verdicts.Any(v => v.Verdict is not Verdict.Unsupported))
        {
            AnsiConsole.WriteLine($"nothing was judged, which is no pass; see {Path.Combine(run, "suite.log")}");
            return Cli.ExitFailed;
        }

        if (verdicts.Any(Failed))
        {
            return Cli.ExitFailed;
        }

        if (suiteExitCode != 0)
        {
            AnsiConsole.WriteLine($"the suite ended with exit code {suiteExitCode} although no test failed; see {Path.Combine(run, "suite.log")}");
            return Cli.ExitFailed;
        }

        return Cli.ExitGood;
    }

    private static Table SectionTable(IReadOnlyList<TestVerdict> verdicts)
    {
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumn("RFC section");
        foreach (Verdict verdict in Enum.GetValues<Verdict>())
        {
            table.AddColumn(new TableColumn(verdict.ToString()).RightAligned());
        }

        var rows = verdicts
            .SelectMany(v => Sections(v).Select(section => (Section: section, v.Verdict)))
            .GroupBy(x => x.Section)
            .OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            table.AddRow([Markup.Escape(row.Key), .. Enum.GetValues<Verdict>().Select(v => Cell(v, row.Count(x => x.Verdict == v)))]);
        }

        return table;
    }

    // A failure counts where the broken clause stands, everything else where the test's clauses stand.
    private static IEnumerable<string> Sections(TestVerdict verdict)
    {
        IEnumerable<string> ids = Failed(verdict) && verdict.BrokenRequirement is { } broken ? [broken] : verdict.Requirements;
        return ids.Select(id => RequirementCatalogue.Find(id) is { } r ? $"RFC {r.Rfc} §{r.Section}" : "?").Distinct();
    }

    private static string Cell(Verdict verdict, int count) => count == 0 ? "" : verdict switch
    {
        Verdict.Fail or Verdict.UnexpectedPass or Verdict.NotObserved => $"[red]{count}[/]",
        Verdict.Warning or Verdict.KnownDeviation => $"[yellow]{count}[/]",
        Verdict.Pass => $"[green]{count}[/]",
        _ => count.ToString(),
    };
}
