using Conformance.Harness.Targets;
using Conformance.Harness.Targets.Reference;
using Spectre.Console;

namespace Conformance.Harness.CommandLine;

/// <summary>The lists of targets and mutants.</summary>
internal static class TargetsReport
{
    public static int Print()
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("target", "what it is", "here");
        foreach (TargetKind kind in TargetCatalogue.All)
        {
            string here = kind.Availability(new TargetSpec(kind.Name)) ?? "ready";
            table.AddRow(Markup.Escape(kind.Name), Markup.Escape(kind.What), Markup.Escape(here));
        }

        AnsiConsole.Write(table);
        return Cli.ExitGood;
    }

    public static int PrintMutants()
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("mutant", "breaks", "story");
        foreach (Mutant mutant in MutantCatalogue.All)
        {
            table.AddRow(Markup.Escape(mutant.Name), Markup.Escape(mutant.Requirement), Markup.Escape(mutant.Story));
        }

        AnsiConsole.Write(table);
        return Cli.ExitGood;
    }
}
