using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Policy;
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
        (FindingStep Step, Stimulus Stimulus, ByteString? Plain)[] steps = [.. finding.Steps.Select(step => Read(step, file))];
        Func<ITarget, Conversation> start;
        try
        {
            start = Start(finding, file);
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
        Conversation? session = null;
        bool sameOutput = false;
        try
        {
            session = start(target);
            foreach ((FindingStep step, Stimulus stimulus, ByteString? plain) in steps)
            {
                session.Replay(stimulus, plain, step.Description);
                Console.WriteLine($"  step {step.Number}/{finding.Steps.Count}  {step.Description}\n    expected   {step.Expected}\n    observed   {session.Recorded.Steps[^1].Observed}");
                sameOutput = stimulus is not Stimulus.AdvanceClock && step.Output.Count > 0 && step.Output.Select(WithoutDrawnFields).SequenceEqual(Finding.Outputs(session.Recorded.Steps[^1]).Select(WithoutDrawnFields));
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
            session?.End.Dispose();
        }

        // What a test requires of a packet beyond the step, for example of the number in an ICMP error, holds for the same packet.
        if (sameOutput)
        {
            Console.WriteLine($"the last step gives the same packets again, of which the finding says:\n{finding.Message}\nreproduced");
            return Cli.ExitFailed;
        }

        Console.WriteLine("not reproduced: every step was as the model allows");
        return Cli.ExitGood;
    }

    private static Func<ITarget, Conversation> Start(Finding finding, string file)
    {
        if (finding.Scenario?.ToScenario() is { } scenario)
        {
            return target =>
            {
                EspSession session = EspSession.Start(target, scenario, finding.Seed);
                return new Conversation(session, session, (stimulus, _, description) => session.Replay(stimulus, description));
            };
        }

        if (finding.Policy?.ToScenario() is { } policy)
        {
            return target =>
            {
                PolicySession session = PolicySession.Start(target, policy, finding.Seed);
                return new Conversation(session, session, session.Replay);
            };
        }

        throw new BadInputException($"{file}: it holds no scenario: databases were found to differ, not SAs; the test shows it again: {finding.Again(file)}");
    }

    private static (FindingStep Step, Stimulus Stimulus, ByteString? Plain) Read(FindingStep step, string file)
    {
        Stimulus stimulus = step.Stimulus switch
        {
            "fromWire" => new Stimulus.FromWire(new Packet(Hex(step.Packet, step.Number, file))),
            "fromHost" => new Stimulus.FromHost(new Packet(Hex(step.Packet, step.Number, file))),
            "fromSocket" => new Stimulus.FromSocket(new Packet(Hex(step.Packet, step.Number, file))),
            "advanceClock" => new Stimulus.AdvanceClock(TimeSpan.FromSeconds(step.Seconds is >= 0 and <= LongestStepSeconds and var seconds
                ? seconds
                : throw new BadInputException($"{file}: step {step.Number} advances the clock by {step.Seconds?.ToString() ?? "no"} seconds"))),
            _ => throw new BadInputException($"{file}: step {step.Number} has an unknown stimulus «{step.Stimulus}»"),
        };
        return (step, stimulus, step.Plain is null ? null : Hex(step.Plain, step.Number, file));
    }

    // A stack draws identifications of IPv4 and flow labels of IPv6 for its own messages.
    private static string WithoutDrawnFields(string output)
    {
        string[] parts = output.Split(' ');
        if (parts is not [var side, ['4' or '6', ..] hex] || hex.Length < 2 * Ipv4HeaderView.FixedBytes)
        {
            return output;
        }

        return hex[0] == '6' ? $"{side} {hex[..3]}00000{hex[8..]}" : $"{side} {hex[..8]}0000{hex[12..20]}0000{hex[24..]}";
    }

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

    /// <summary>A session of either kind: what it recorded, how it ends, and how it takes a step again.</summary>
    private sealed record Conversation(IRecordedSession Recorded, IDisposable End, Action<Stimulus, ByteString?, string> Replay);
}
