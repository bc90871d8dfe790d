using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Policy;
using Conformance.Harness.Oracle.Xfrm;
using Conformance.Harness.Reporting;
using Conformance.Harness.Targets;
using Conformance.Spec.Offload;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
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
        if (finding.Steps.Count == 0)
        {
            throw new BadInputException($"{file}: a finding has steps to play again, and this one ended before its first; the test shows it: {finding.Again(file)}");
        }

        ReplayStep[] steps = [.. finding.Steps.Select(step => Read(step, file))];
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
        TargetSpec spec = other is null
            ? finding.Spec with { Deviations = null }
            : other with
            {
                NetworkOffload = other.NetworkOffload || finding.Spec.NetworkOffload,
                EspOffload = other.EspOffload || (other.Name == finding.Spec.Name && finding.Spec.EspOffload),
                EthernetWire = other.Name == "linux" && finding.Spec.EthernetWire,
            };
        TargetCatalogue.Require(spec);
        using ITarget target = TargetCatalogue.Open(spec);
        Console.WriteLine($"{finding.Requirement}  {target.Identity}");
        Console.WriteLine($"  {finding.Test}");
        Conversation? session = null;
        bool sameOutput = false;
        try
        {
            session = start(target);
            foreach ((ReplayStep step, Step seen) in session.Replay(steps))
            {
                Console.WriteLine($"  step {step.Found.Number}/{finding.Steps.Count}  {step.Found.Description}\n    expected   {step.Found.Expected}\n    observed   {seen.Observed}");
                sameOutput = finding.Requests is null && step.Stimulus is not Stimulus.AdvanceClock && step.Found.Output.Count > 0 && step.Found.Output.Select(WithoutDrawnFields).SequenceEqual(Finding.Outputs(seen).Select(WithoutDrawnFields));
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
                return new Conversation(session, steps => Bursts(steps).SelectMany(burst =>
                {
                    if (burst[0].Found.Burst is null)
                    {
                        session.Replay(burst[0].Stimulus, burst[0].Found.Description);
                    }
                    else
                    {
                        session.ReplayTogether([.. burst.Select(step => (step.Stimulus, step.Found.Description))]);
                    }

                    return burst.Zip(session.Steps.TakeLast(burst.Count));
                }));
            };
        }

        if (finding.Policy?.ToScenario() is { } policy)
        {
            return target =>
            {
                PolicySession session = PolicySession.Start(target, policy, finding.Seed);
                return new Conversation(session, steps => steps.Select(step =>
                {
                    session.Replay(step.Stimulus, step.Plain, step.Found.Description);
                    return (step, session.Steps[^1]);
                }));
            };
        }

        if (finding.Requests is { Count: > 0 } documents)
        {
            XfrmRequest[] requests = [.. documents.Select((d, i) => Part.Read($"requests[{i}]", () => XfrmDocument.ToRequest(d)))];
            return target =>
            {
                XfrmSession session = XfrmSession.Start(target, finding.Seed);
                return new Conversation(session, steps =>
                {
                    session.Replay(requests, [.. steps.Select(s => (s.Stimulus, s.Found.Description))]);
                    return steps.Zip(session.Steps);
                });
            };
        }

        throw new BadInputException($"{file}: it does not say what filled the databases; the test shows it again: {finding.Again(file)}");
    }

    // Steps that were sent at once stand side by side.
    private static IEnumerable<IReadOnlyList<ReplayStep>> Bursts(IReadOnlyList<ReplayStep> steps)
    {
        for (int at = 0; at < steps.Count;)
        {
            int? burst = steps[at].Found.Burst;
            ReplayStep[] together = burst is null ? [steps[at]] : [.. steps.Skip(at).TakeWhile(step => step.Found.Burst == burst)];
            at += together.Length;
            yield return together;
        }
    }

    private static ReplayStep Read(FindingStep step, string file)
    {
        Stimulus stimulus = step.Stimulus switch
        {
            "fromWire" => new Stimulus.FromWire(new Packet(Hex(step.Packet, step.Number, file)) { VlanId = step.Vlan }),
            "fromHost" => new Stimulus.FromHost(new Packet(Hex(step.Packet, step.Number, file)) { Offload = step.Offload ?? PacketOffload.None }),
            "fromSocket" => new Stimulus.FromSocket(new Packet(Hex(step.Packet, step.Number, file)), step.Mark ?? 0, step.HeaderIncluded ?? false),
            "advanceClock" => new Stimulus.AdvanceClock(TimeSpan.FromSeconds(step.Seconds is >= 0 and <= LongestStepSeconds and var seconds
                ? seconds
                : throw new BadInputException($"{file}: step {step.Number} advances the clock by {step.Seconds?.ToString() ?? "no"} seconds"))),
            _ => throw new BadInputException($"{file}: step {step.Number} has an unknown stimulus «{step.Stimulus}»"),
        };
        return new ReplayStep(step, stimulus, step.Plain is null ? null : Hex(step.Plain, step.Number, file));
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

    /// <summary>A stored step, as it is played again.</summary>
    private sealed record ReplayStep(FindingStep Found, Stimulus Stimulus, ByteString? Plain);

    /// <summary>A session of any kind: how it ends, and how it takes steps again and tells what it saw.</summary>
    private sealed record Conversation(IDisposable End, Func<IReadOnlyList<ReplayStep>, IEnumerable<(ReplayStep Step, Step Seen)>> Replay);
}
