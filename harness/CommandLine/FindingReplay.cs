using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Reporting;
using Conformance.Harness.Targets;
using Conformance.Spec.Wire;

namespace Conformance.Harness.CommandLine;

/// <summary>Runs the steps of a finding again, on its own target or on another.</summary>
internal static class FindingReplay
{
    private const double LongestStepSeconds = 1e9;

    public static int Run(string path, TargetSpec? other)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, Finding.FileName) : path;
        Finding finding = Finding.Read(file);
        if (finding.Scenario is not { } document)
        {
            throw new BadInputException($"{file}: databases were found to differ, not a pair of SAs; the test shows it again: {finding.Again(file)}");
        }

        Stimulus[] stimuli = [.. finding.Steps.Select(step => Read(step, file))];
        EspScenario scenario;
        try
        {
            scenario = document.ToScenario();
        }
        catch (FormatException error)
        {
            throw new BadInputException($"{file}: {error.Message}", error);
        }

        // Deviations excuse nothing here, and their file may not have come along.
        TargetSpec spec = other ?? finding.Spec with { Deviations = null };
        TargetCatalogue.Require(spec);
        using ITarget target = TargetCatalogue.Open(spec);
        Console.WriteLine($"{finding.Requirement}  {target.Identity}");
        Console.WriteLine($"  {finding.Test}");
        EspSession? session = null;
        try
        {
            session = EspSession.Start(target, scenario, finding.Seed);
            foreach ((FindingStep step, Stimulus stimulus) in finding.Steps.Zip(stimuli))
            {
                session.Replay(stimulus, step.Description);
                Step done = session.Steps[^1];
                Console.WriteLine($"  step {step.Number}/{finding.Steps.Count}  {step.Description}\n    expected   {step.Expected}\n    observed   {done.Observed}");
            }
        }
        catch (ConformanceException failure)
        {
            Console.WriteLine(failure.Message);
            Console.WriteLine("reproduced");
            return Cli.ExitFailed;
        }
        finally
        {
            session?.Dispose();
        }

        Console.WriteLine("not reproduced: every step was as the model allows");
        return Cli.ExitGood;
    }

    private static Stimulus Read(FindingStep step, string file) => step.Stimulus switch
    {
        "fromWire" => new Stimulus.FromWire(new Packet(Hex(step.Packet, step.Number, file))),
        "fromHost" => new Stimulus.FromHost(new Packet(Hex(step.Packet, step.Number, file))),
        "advanceClock" => new Stimulus.AdvanceClock(TimeSpan.FromSeconds(step.Seconds is >= 0 and <= LongestStepSeconds and var seconds
            ? seconds
            : throw new BadInputException($"{file}: step {step.Number} advances the clock by {step.Seconds?.ToString() ?? "no"} seconds"))),
        _ => throw new BadInputException($"{file}: step {step.Number} has an unknown stimulus «{step.Stimulus}»"),
    };

    private static ByteString Hex(string? text, int number, string file)
    {
        try
        {
            return ByteString.FromHex(text ?? throw new BadInputException($"{file}: step {number} has no packet"));
        }
        catch (FormatException error)
        {
            throw new BadInputException($"{file}: step {number}: the packet is no hex", error);
        }
    }
}
