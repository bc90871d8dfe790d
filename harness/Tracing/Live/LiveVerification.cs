using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Harness.Targets.Linux;
using Conformance.Spec.Policy;
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
    private const int ProtectedBitsIpv4 = 24;
    private const int ProtectedBitsIpv6 = 64;

    // Transport mode delivers in a work item, which a busy machine may put off.
    private static readonly TimeSpan DeliveryPatience = TimeSpan.FromSeconds(2);

    /// <summary>A request as the surroundings of a live kernel have it: its MTU, and networks that it routes in any case.</summary>
    public static TraceRequest Around(TraceRequest request, LinuxRelease release) => request with
    {
        MtuBytes = (int)LinuxNetwork.MtuBytes,
        Release = release,
        ProtectedNetworks =
        [
            new AddressPrefix(AddressPlan.Ipv4.Protected, ProtectedBitsIpv4),
            new AddressPrefix(AddressPlan.Ipv6.Protected, ProtectedBitsIpv6),
        ],
    };

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
        int compared = 0;
        bool agrees = Order(target, requests, lines);
        XfrmState[] states = [.. request.States.Entries.Concat(request.LaterStates?.Entries ?? []).Select(e => e.State)];
        PacketMeaning meaning = new(states);
        foreach (PacketTrace packet in trace.Packets)
        {
            if (packet.Number == 2 && request.LaterStates is { } later)
            {
                agrees &= Order(target, [.. later.Entries.Reverse().Select(e => new XfrmRequest.AddState(e.State))], lines);
            }

            if (packet.HasSender && !CanSend(request.Policies, packet.Bytes))
            {
                lines.Add($"packet {packet.Number} not compared: the live host would send it through a raw socket, which tells policies no ports");
                continue;
            }

            compared++;
            ObservedFacts model = ObservedFacts.OfModel(packet, meaning);
            string[] differences = [.. model.Differences(Observe(request, packet, target, meaning))];
            agrees &= differences.Length == 0;
            lines.Add($"packet {packet.Number} {(differences.Length == 0 ? "agrees" : "DIFFERS")}: {model.Summary()}");
            lines.AddRange(differences.Select(d => $"  {d}"));
        }

        agrees &= compared > 0;
        lines.Add(compared == 0 ? "nothing was compared" : agrees ? "model and kernel agree" : "model and kernel differ");
        return new LiveReport(agrees, [.. lines]);
    }

    // raw_sendmsg describes its flow without ports, whatever the packet has in their place.
    private static bool CanSend(PolicyDump policies, ByteString packet)
    {
        byte protocol = IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) ? view.Protocol : (byte)0;
        return protocol is not (IpProtocol.Tcp or IpProtocol.Sctp)
            || policies.Entries.All(e => e.Policy.Selector is { SourcePortMask: 0, DestinationPortMask: 0 } || (e.Policy.Selector.Protocol is not 0 && e.Policy.Selector.Protocol != protocol));
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
        uint mark = request.Packets[packet.Number - 1].Expression?.Mark ?? 0;
        if (mark != 0 && !packet.HasSender)
        {
            throw new BadInputException($"--verify: packet {packet.Number} has a mark, which only a program of the live host can give it");
        }

        Stimulus stimulus = request.Receives ? new Stimulus.FromWire(bytes) : packet.HasSender ? new Stimulus.FromSocket(bytes, mark) : new Stimulus.FromHost(bytes);
        Effect effect = target.Play([stimulus])[0];
        List<Observation> observations = [.. effect.Observations];
        bool expected = packet.Result.Events.Any(e => e is PathEvent.Delivered);
        while (expected && !Evidence(packet, observations, meaning).Any(o => o is Observation.ToSocket) && target.Observe(DeliveryPatience) is { } late)
        {
            observations.Add(late);
        }

        return ObservedFacts.OfKernel([.. Evidence(packet, observations, meaning)], before, effect.Counters, meaning);
    }

    // Nobody listens in the live host: that a packet got through shows in what its upper layer answers. Multicast of its own is no effect of a packet.
    private static IEnumerable<Observation> Evidence(PacketTrace packet, IReadOnlyList<Observation> observations, PacketMeaning meaning)
    {
        ByteString[] delivered = [.. packet.Result.Events.OfType<PathEvent.Delivered>().Select(d => d.Packet)];
        bool seen = observations.Any(o => o is Observation.ToSocket);
        foreach (Observation observation in observations)
        {
            if (Packet(observation) is not { } bytes || !IpPacketView.TryParse(bytes.Span, out IpPacketView view, out _))
            {
                yield return observation;
                continue;
            }

            (IpAddress from, IpAddress to) = (view.Source, view.Destination);
            if (observation is Observation.ToHost late && delivered.Any(d => IsBetween(d, from, to)))
            {
                seen = true;
                yield return new Observation.ToSocket(late.Packet);
                continue;
            }

            ByteString? answered = meaning.Ends(bytes) is { } ends
                ? delivered.Where(d => IsBetween(d, ends.Destination, ends.Source)).Select(d => (ByteString?)d).FirstOrDefault() : null;
            if (answered is { } known)
            {
                if (!seen)
                {
                    yield return new Observation.ToSocket(new Packet(known));
                }

                seen = true;
            }
            else if (!to.IsMulticast)
            {
                yield return observation;
            }
        }
    }

    private static ByteString? Packet(Observation observation) => observation switch
    {
        Observation.ToWire wire => wire.Packet.Bytes,
        Observation.ToHost host => host.Packet.Bytes,
        _ => null,
    };

    private static bool IsBetween(ByteString packet, IpAddress source, IpAddress destination) =>
        IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) && view.Source == source && view.Destination == destination;
}
