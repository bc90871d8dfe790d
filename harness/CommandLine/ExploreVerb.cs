using System.CommandLine;
using System.Globalization;
using Conformance.Harness.Targets.Reference.Mutants;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;

namespace Conformance.Harness.CommandLine;

/// <summary>The verb that explores IKEv2 exhaustively. RFC 7296 §2.8, §2.25.</summary>
internal sealed class ExploreVerb
{
    private const int DefaultVariants = 2;
    private const double LeastSeconds = 1e-6;
    private readonly Option<string?> _scenario = new("--scenario") { Description = "One scenario; without it all are explored" };
    private readonly Option<int> _depth = new("--depth") { Description = "Most moves from the start", DefaultValueFactory = _ => int.MaxValue };
    private readonly Option<int> _variants = new("--variants") { Description = "How often, each time with other nonces", DefaultValueFactory = _ => DefaultVariants };

    private readonly Option<string?> _mutant = new("--mutant") { Description = "Plant a fault in both sides" };

    public Command Create()
    {
        Command verb = new("explore", "Explore what two sides of IKEv2 and a network between them can do") { _scenario, _depth, _variants, _mutant };
        verb.SetAction(Run);
        return verb;
    }

    private int Run(ParseResult parsed)
    {
        IkeMutant? mutant = parsed.GetValue(_mutant) is { } fault ? FindMutant(fault) : null;
        Scenario[] chosen = Chosen(parsed.GetValue(_scenario) ?? mutant?.Scenario);
        bool isGood = true;
        (long states, long transitions, double seconds) = (0, 0, 0);
        Console.Out.WriteLine($"{"scenario",-24} {"variant",7} {"states",11} {"transitions",12} {"depth",6} {"at rest",9} {"states/s",11}");
        foreach (Scenario scenario in chosen)
        {
            for (int variant = 0; variant < parsed.GetValue(_variants); variant++)
            {
                (IkeMachine first, IkeMachine second) = ExplorationPair.Create(variant, new SymbolicCryptography(), mutant?.Rules, scenario);
                TimeSpan before = Environment.CpuUsage.TotalTime;
                ExplorationReport report = new Explorer(scenario, first, second).Run(parsed.GetValue(_depth));
                double taken = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
                Print(report, variant, taken);
                (states, transitions, seconds) = (states + report.States, transitions + report.Transitions, seconds + taken);
                isGood &= report.Violation is null;
            }
        }

        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{states:N0} states, {transitions:N0} transitions, {states / Math.Max(seconds, LeastSeconds):N0} states a second of processor time"));
        return isGood ? Cli.ExitGood : Cli.ExitFailed;
    }

    private static Scenario[] Chosen(string? name) => name is null
        ? [.. Scenario.All]
        : [Scenario.Find(name) ?? throw new BadInputException($"--scenario: there is no '{name}'; there are {string.Join(", ", Scenario.All.Select(s => s.Name))}")];

    private static IkeMutant FindMutant(string name) => IkeMutants.All.FirstOrDefault(m => m.Name == name)
        ?? throw new BadInputException($"--mutant: there is no '{name}'; there are {string.Join(", ", IkeMutants.All.Select(m => m.Name))}");

    private static void Print(ExplorationReport report, int variant, double seconds)
    {
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Scenario.Name,-24} {variant,7} {report.States,11:N0} {report.Transitions,12:N0} {report.Depth,6}{(report.IsWhole ? " " : "+")}{report.Restful,9:N0} {report.States / Math.Max(seconds, LeastSeconds),11:N0}"));
        if (report.Violation is { } violation)
        {
            Console.Out.WriteLine($"VIOLATION  {violation}");
            foreach (string line in report.Path)
            {
                Console.Out.WriteLine($"  {line}");
            }
        }
    }
}
