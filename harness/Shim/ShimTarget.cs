using System.Text.Json;
using System.Text.Json.Nodes;
using Conformance.Harness.Contract;
using Conformance.Harness.Targets;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Shim;

/// <summary>Any program that speaks the shim protocol, behind the contract.</summary>
internal sealed class ShimTarget : ITarget
{
    /// <summary>How long a shim may take for one answer.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(5);

    // What the protocol has no messages for, whatever the program says of itself.
    private const Capabilities WithoutMessages = Capabilities.XfrmDatabases | Capabilities.Iptfs
        | Capabilities.Segmentation | Capabilities.UdpSegmentation | Capabilities.Coalescing | Capabilities.VlanTags;

    private readonly ShimProcess _process;
    private readonly Queue<Observation> _observations = new();

    private ShimTarget(ShimProcess process)
    {
        _process = process;
        JsonObject hello = Ask("hello", new JsonObject { ["protocol"] = ShimMessages.Version })
            ?? throw new TargetUnavailableException(_process.Broken ?? "the shim gave no greeting");
        try
        {
            Identity = new TargetIdentity(ShimMessages.Text(hello, "name"), ShimMessages.Text(hello, "version"));
            foreach (JsonNode? word in hello["capabilities"] as JsonArray ?? throw new FormatException("capabilities: a list is wanted"))
            {
                Capabilities |= Enum.TryParse(word?.ToString(), out Capabilities capability)
                    ? capability
                    : throw new FormatException($"capabilities: «{word}» is unknown; known: {string.Join(", ", Enum.GetNames<Capabilities>().Where(name => name != nameof(Capabilities.None)))}");
            }

            Capabilities &= ~WithoutMessages;
        }
        catch (FormatException error)
        {
            _process.Dispose();
            throw new TargetUnavailableException($"the shim's greeting makes no sense: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public TargetIdentity Identity { get; }

    /// <inheritdoc/>
    public Capabilities Capabilities { get; }

    /// <summary>Starts the program of a target specification.</summary>
    public static ShimTarget Open(TargetSpec spec) => Open(spec, DefaultPatience);

    /// <summary>Starts the program and waits for its greeting.</summary>
    /// <exception cref="BadInputException">There is no command.</exception>
    /// <exception cref="TargetUnavailableException">It does not greet as it should.</exception>
    public static ShimTarget Open(TargetSpec spec, TimeSpan patience)
    {
        ShimProcess process = ShimProcess.Start(spec.Command ?? throw new BadInputException("--target shim needs --command 'program arguments'"), patience);
        try
        {
            return new ShimTarget(process);
        }
        catch (TargetUnavailableException)
        {
            process.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        Ask("reset", []);
        _observations.Clear();
    }

    /// <inheritdoc/>
    public CommandOutcome Execute(Command command)
    {
        if (command is Command.ConfigureIke or Command.AskIke)
        {
            return new CommandOutcome.Unsupported("the shim protocol has no IKE");
        }

        JsonObject? answer = command switch
        {
            Command.InstallSa install => Ask("installSa", new JsonObject { ["sa"] = ShimMessages.Write(install.Direction, install.Sa) }),
            Command.DeleteSa delete => Ask("deleteSa", new JsonObject { ["sa"] = ShimMessages.Write(delete.Direction, delete.Sa) }),
            Command.InstallPolicy install => Ask("installPolicy", new JsonObject { ["policy"] = ShimMessages.Write(install.Policy) }),
            Command.InstallSpd install => Ask("installSpd", ShimPolicyMessages.Write(install)),
            Command.InstallSadEntry install => Ask("installSadEntry", ShimPolicyMessages.Write(install.Direction, install.Entry)),
            Command.AddAddress add => Ask("addAddress", new JsonObject { ["address"] = add.Address.ToString() }),
            Command.AddRoute add => Ask("addRoute", ShimPolicyMessages.Write(add)),
            Command.SetWireMtu link => Ask("setWireMtu", new JsonObject { ["bytes"] = link.Bytes }),
            _ => throw new NotSupportedException(command.GetType().Name),
        };
        return answer switch
        {
            null => new CommandOutcome.Refused(_process.Broken ?? "no answer"),
            _ when answer["unsupported"] is { } reason => new CommandOutcome.Unsupported(reason.ToString()),
            _ when answer["refused"] is { } reason => new CommandOutcome.Refused(reason.ToString()),
            _ => new CommandOutcome.Done(),
        };
    }

    /// <inheritdoc/>
    public void Send(IReadOnlyList<Stimulus> stimuli)
    {
        foreach (Stimulus stimulus in stimuli)
        {
            JsonObject? answer = stimulus switch
            {
                Stimulus.FromWire wire => Ask("fromWire", new JsonObject { ["packet"] = wire.Packet.Bytes.ToString() }),
                Stimulus.FromHost host => Ask("fromHost", new JsonObject { ["packet"] = host.Packet.Bytes.ToString() }),
                Stimulus.FromSocket socket => Ask("fromSocket", new JsonObject
                {
                    ["packet"] = socket.Packet.Bytes.ToString(),
                    ["mark"] = socket.Mark,
                    ["headerIncluded"] = socket.HeaderIncluded,
                }),
                Stimulus.AdvanceClock clock => Ask("advanceClock", new JsonObject { ["seconds"] = clock.Span.TotalSeconds }),
                _ => throw new NotSupportedException(stimulus.GetType().Name),
            };
            if (answer is null)
            {
                return;
            }

            Collect(answer, "toWire", packet => new Observation.ToWire(packet));
            Collect(answer, "toHost", packet => new Observation.ToHost(packet));
            Collect(answer, "toSocket", packet => new Observation.ToSocket(packet));
            CollectAcquires(answer);
            if (answer["sendRefused"] is JsonValue refused && refused.TryGetValue(out int errno))
            {
                _observations.Enqueue(new Observation.SendRefused(errno));
            }
        }
    }

    /// <inheritdoc/>
    public Observation? Observe(TimeSpan timeout)
    {
        if (_observations.TryDequeue(out Observation? observation))
        {
            return observation;
        }

        // A shim answers each stimulus with all that it caused: nothing more will come.
        return _process.Broken is { } how ? new Observation.Died(how) : null;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> ReadCounters() => Ask("counters", [])?["counters"] is JsonObject counters
        ? counters.ToDictionary(c => c.Key, c => c.Value?.GetValue<long>() ?? 0)
        : new Dictionary<string, long>();

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private JsonObject? Ask(string request, JsonObject members)
    {
        members.Insert(0, "request", request);
        string? line = _process.Ask(members.ToJsonString());
        if (line is null)
        {
            return null;
        }

        try
        {
            JsonObject answer = JsonNode.Parse(line) as JsonObject ?? throw new JsonException("no object");
            if (answer["error"] is { } error)
            {
                _process.Break($"the shim reports an error for {request}: {error}");
                return null;
            }

            return answer;
        }
        catch (JsonException)
        {
            _process.Break($"the shim babbles: the answer to {request} is no JSON object: {(line.Length <= 80 ? line : line[..80] + "…")}");
            return null;
        }
    }

    private void CollectAcquires(JsonObject answer)
    {
        foreach (JsonNode? acquire in answer["acquires"] as JsonArray ?? [])
        {
            try
            {
                _observations.Enqueue(new Observation.Acquire(ShimPolicyMessages.ReadFlow(acquire as JsonObject ?? throw new FormatException("an object is wanted"))));
            }
            catch (FormatException error)
            {
                _process.Break($"the shim babbles: acquires: {error.Message}");
                return;
            }
        }
    }

    private void Collect(JsonObject answer, string side, Func<Packet, Observation> observe)
    {
        if (answer[side] is not JsonArray packets)
        {
            return;
        }

        foreach (JsonNode? packet in packets)
        {
            try
            {
                _observations.Enqueue(observe(new Packet(ByteString.FromHex(packet?.ToString() ?? ""))));
            }
            catch (FormatException)
            {
                _process.Break($"the shim babbles: a packet of {side} is no hex");
                return;
            }
        }
    }
}
