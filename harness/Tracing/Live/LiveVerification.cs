using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing.Live;

/// <summary>What came of the comparison.</summary>
/// <param name="Agrees">True when every packet had the same visible effects.</param>
/// <param name="Lines">One line a packet, with the differences below it.</param>
public sealed record LiveReport(bool Agrees, ImmutableArray<string> Lines);

/// <summary>Does in a live kernel what a trace did in the model, and compares what the world sees of both.</summary>
public static class LiveVerification
{
    /// <summary>Runs the packets of a trace through a target with the XFRM databases.</summary>
    /// <exception cref="TargetUnavailableException">The target lacks what this needs.</exception>
    /// <exception cref="BadInputException">The input has devices, which a live kernel names otherwise.</exception>
    public static LiveReport Run(TraceRequest request, Trace trace, ITarget target)
    {
        if (!target.Capabilities.HasFlag(Capabilities.XfrmDatabases))
        {
            throw new TargetUnavailableException($"{target.Identity} has no XFRM databases");
        }

        target.Reset();
        Configure(trace, target);
        List<string> lines = [$"live kernel: {target.Identity}"];
        ImmutableArray<XfrmRequest> requests = [.. Requests(request)];
        bool agrees = Order(target, requests, lines);
        XfrmState[] states = [.. request.States.Entries.Concat(request.LaterStates?.Entries ?? []).Select(e => e.State)];
        PacketMeaning meaning = new(states);
        foreach (PacketTrace packet in trace.Packets)
        {
            if (packet.Number == 2 && request.LaterStates is { } later)
            {
                agrees &= Order(target, [.. later.Entries.Reverse().Select(e => new XfrmRequest.AddState(e.State))], lines);
            }

            ObservedFacts model = ObservedFacts.OfModel(packet, meaning);
            string[] differences = [.. model.Differences(Observe(request, packet, target, meaning))];
            agrees &= differences.Length == 0;
            lines.Add($"packet {packet.Number} {(differences.Length == 0 ? "agrees" : "DIFFERS")}: {model.Summary()}");
            lines.AddRange(differences.Select(d => $"  {d}"));
        }

        lines.Add(agrees ? "model and kernel agree" : "model and kernel differ");
        return new LiveReport(agrees, [.. lines]);
    }

    // What a target has already it refuses; it has it for its life.
    private static void Configure(Trace trace, ITarget target)
    {
        LinuxHost host = trace.Host;
        int inner = TraceHost.Inner(host).Index;
        IEnumerable<Command> commands =
        [
            .. TraceHost.Wire(host).Addresses.Select(a => new Command.AddAddress(a)),
            .. host.Routes.Select(r => new Command.AddRoute(r.Destination, r.Device != inner, r.Source)),
        ];
        foreach (Command command in commands)
        {
            if (target.Execute(command) is CommandOutcome.Unsupported unsupported)
            {
                throw new TargetUnavailableException($"{target.Identity}: {command}: {unsupported.Reason}");
            }
        }
    }

    private static IEnumerable<XfrmRequest> Requests(TraceRequest request)
    {
        foreach (PolicyEntry entry in request.Policies.Entries.Reverse().Where(e => !e.OfSocket))
        {
            RequireNoDevice(entry.Policy.Selector, entry.Line);
            yield return new XfrmRequest.AddPolicy(entry.Policy);
        }

        if (request.Policies.Defaults is { } defaults)
        {
            yield return new XfrmRequest.SetDefault(defaults.In, defaults.Forward, defaults.Out);
        }

        foreach (StateEntry entry in request.States.Entries.Reverse())
        {
            RequireNoDevice(entry.State.Selector, entry.Line);
            bool installed = entry.State is not { Combined: null, Encryption: null, Integrity: null, Compression: null };
            if (installed)
            {
                yield return new XfrmRequest.AddState(entry.State);
            }
        }
    }

    private static void RequireNoDevice(XfrmSelector selector, int line)
    {
        if (selector.InterfaceIndex != 0)
        {
            throw new BadInputException($"--verify: line {line} names a device, which the live kernel does not have");
        }
    }

    private static bool Order(ITarget target, ImmutableArray<XfrmRequest> requests, List<string> lines)
    {
        IReadOnlyList<CommandOutcome> outcomes = target.ExecuteAll([.. requests.Select(r => new Command.Xfrm(r))]);
        bool good = true;
        for (int i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i] is not (CommandOutcome.Done or CommandOutcome.Answered { Answer: XfrmAnswer.Done }))
            {
                good = false;
                lines.Add($"the kernel does not take what the model took: {requests[i].GetType().Name} {i + 1}: {outcomes[i]}");
            }
        }

        return good;
    }

    private static ObservedFacts Observe(TraceRequest request, PacketTrace packet, ITarget target, PacketMeaning meaning)
    {
        IReadOnlyDictionary<string, long> before = target.ReadCounters();
        Packet bytes = new(packet.Bytes);
        bool local = !request.Receives && packet.Result.Reports[0].Stage == "route lookup";
        Stimulus stimulus =
            request.Receives ? new Stimulus.FromWire(bytes)
            : local ? new Stimulus.FromSocket(bytes, request.Packets[packet.Number - 1].Expression?.Mark ?? 0)
            : new Stimulus.FromHost(bytes);
        Effect effect = target.Play([stimulus])[0];
        return ObservedFacts.OfKernel(effect.Observations, before, effect.Counters, meaning);
    }
}
