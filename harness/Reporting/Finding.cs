using System.Text.Json.Nodes;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Targets;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Offload;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Reporting;

/// <summary>One step of a stored finding.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Stimulus">fromWire, fromHost, advanceClock or told.</param>
/// <param name="Packet">The datagram in hex, or null.</param>
/// <param name="Seconds">Virtual time that passed, or null.</param>
/// <param name="Description">In words.</param>
/// <param name="Plain">The plain packet that is meant, in hex, or null where nothing may come out.</param>
/// <param name="Sequence">Sequence number expected on the wire, or null.</param>
/// <param name="Expected">What the model allows, in words.</param>
/// <param name="Observed">What the target did, in words.</param>
/// <param name="Output">Packets that came out: side and hex.</param>
/// <param name="Mark">Mark of the socket that sent it, or null for 0.</param>
/// <param name="HeaderIncluded">True for a raw socket that brought its own IP header; null for false.</param>
/// <param name="Offload">What of the packet was left to be done, or null for one that is finished.</param>
/// <param name="Burst">Number of the first step that was sent at once with this one, or null for a step of its own.</param>
/// <param name="Vlan">VLAN of the frame around a packet from the wire, or null for one without tag.</param>
public sealed record FindingStep(
    int Number,
    string Stimulus,
    string? Packet,
    double? Seconds,
    string Description,
    string? Plain,
    ulong? Sequence,
    string Expected,
    string Observed,
    IReadOnlyList<string> Output,
    uint? Mark = null,
    bool? HeaderIncluded = null,
    PacketOffload? Offload = null,
    int? Burst = null,
    ushort? Vlan = null);

/// <summary>A departure from a requirement, with all that is needed to see it again.</summary>
public sealed record Finding
{
    /// <summary>Name of the file in the finding's directory.</summary>
    public const string FileName = "finding.json";

    /// <summary>The clause that is broken.</summary>
    public required string Requirement { get; init; }

    /// <summary>How the step failed.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>Name and version of the target.</summary>
    public required string Target { get; init; }

    /// <summary>How to start it.</summary>
    public required TargetSpec Spec { get; init; }

    /// <summary>The test that found it.</summary>
    public required string Test { get; init; }

    /// <summary>Seed of keys, IVs and payloads.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The SAs under test, or null where the databases were filled otherwise.</summary>
    public ScenarioDocument? Scenario { get; init; }

    /// <summary>The SPD under test with its SAs, or null where there is none.</summary>
    public PolicyDocument? Policy { get; init; }

    /// <summary>What filled databases of Linux's form, in order; null where something else did.</summary>
    public IReadOnlyList<JsonObject>? Requests { get; init; }

    /// <summary>The failure text.</summary>
    public required string Message { get; init; }

    /// <summary>Seed of the whole run.</summary>
    public ulong RunSeed { get; init; }

    /// <summary>All steps of the session.</summary>
    public required IReadOnlyList<FindingStep> Steps { get; init; }

    /// <summary>Takes a finding from a failed session.</summary>
    public static Finding From(ConformanceException failure, IRecordedSession session, TargetSpec spec, ulong runSeed, string requirement, string test) => new()
    {
        Requirement = requirement,
        Kind = failure.Kind,
        Target = session.Target.ToString(),
        Spec = session.UsedOffload ? spec with { NetworkOffload = true, EspOffload = session.EspOffload ?? spec.EspOffload, EthernetWire = session.IsEthernet } : spec,
        Test = test,
        Seed = session.Seed,
        RunSeed = runSeed,
        Scenario = session.Scenario is { } scenario ? ScenarioDocument.From(scenario) : null,
        Policy = session.Policy is { } policy ? PolicyDocument.From(policy) : null,
        Requests = session.Requests.Count > 0 ? [.. session.Requests.Select(XfrmDocument.From)] : null,
        Message = failure.Message,
        Steps = [.. session.Steps.Select(Describe)],
    };

    /// <summary>What a user types to see it again: the steps where there are some and what filled the databases is stored, else the test under the seed of the run.</summary>
    /// <param name="file">Path of the finding.json.</param>
    public string Again(string file) => Steps.Count > 0 && (Scenario is not null || Policy is not null || Requests is not null)
        ? $"dotnet run --project harness -- replay {file}"
        : $"dotnet run --project harness -- run {Spec} --filter {NameOf(Test)} --seed {RunSeed}";

    // Suite(way).Method(arguments): the method alone, since shells and filters take parentheses for their own.
    private static string NameOf(string test)
    {
        int way = test.IndexOf('(', StringComparison.Ordinal);
        int dot = test.IndexOf('.', StringComparison.Ordinal);
        int behindTheWay = test.IndexOf(").", StringComparison.Ordinal);
        string method = way >= 0 && way < dot && behindTheWay >= 0 ? test[(behindTheWay + 2)..] : test[(dot + 1)..];
        return method.Split('(')[0];
    }

    /// <summary>Reads a finding.json; one that ended before its first step has none.</summary>
    /// <exception cref="BadInputException">It is no finding; the message says what and where.</exception>
    public static Finding Read(string path)
    {
        Finding finding = JsonInput.Read<Finding>(path, "a finding");
        return finding.Steps.Any(step => step is null)
            ? throw new BadInputException($"{path}: a finding has steps, and none of them is null")
            : finding;
    }

    private static FindingStep Describe(Step step)
    {
        (string kind, ByteString? packet, double? seconds) = step.Stimulus switch
        {
            Stimulus.FromWire wire => ("fromWire", (ByteString?)wire.Packet.Bytes, (double?)null),
            Stimulus.FromHost host => ("fromHost", host.Packet.Bytes, null),
            Stimulus.FromSocket socket => ("fromSocket", socket.Packet.Bytes, null),
            Stimulus.AdvanceClock clock => ("advanceClock", null, clock.Span.TotalSeconds),
            Stimulus.Told => ("told", null, null),
            _ => throw new InvalidOperationException("a stimulus of an unknown kind"),
        };
        (ByteString? plain, ulong? sequence) = step.Expected switch
        {
            Expectation.Delivered delivered => ((ByteString?)delivered.Plain, (ulong?)null),
            Expectation.Sent sent => (sent.Plain, sent.Sequence),
            Expectation.Crosses crosses => (crosses.Plain, null),
            _ => ((ByteString?)null, (ulong?)null),
        };
        return new FindingStep(
            step.Number, kind, packet?.ToString(), seconds, step.Description, plain?.ToString(), sequence,
            step.Expected.ToString() ?? "", step.Observed,
            [.. Outputs(step)],
            step.Stimulus is Stimulus.FromSocket { Mark: not 0 and var mark } ? mark : null,
            step.Stimulus is Stimulus.FromSocket { HeaderIncluded: true } ? true : null,
            step.Stimulus is Stimulus.FromHost { Packet.Offload: var offload } && offload != PacketOffload.None ? offload : null,
            step.Burst,
            step.Stimulus is Stimulus.FromWire { Packet.VlanId: var vlan } ? vlan : null);
    }

    /// <summary>What came out in a step, as it is stored.</summary>
    public static IEnumerable<string> Outputs(Step step) => step.Observations.Select(o => o switch
    {
        Observation.ToWire wire => $"toWire {wire.Packet.Bytes}{(wire.Packet.VlanId is { } vlan ? $" in VLAN {vlan}" : "")}",
        Observation.ToHost host => $"toHost {host.Packet.Bytes}",
        Observation.ToSocket socket => $"toSocket {socket.Packet.Bytes}",
        _ => o.ToString() ?? "",
    });
}

/// <summary>A scenario in the words of JSON.</summary>
public sealed record ScenarioDocument(
    EspMode Mode,
    bool OuterIpv6,
    bool InnerIpv6,
    string Suite,
    bool ExtendedSequenceNumbers,
    int ReplayWindowPackets,
    bool UdpEncapsulated,
    ulong InboundRightEdge,
    ulong OutboundLastSequence,
    Lifetime InboundLifetime,
    Lifetime OutboundLifetime,
    int? TfcPayloadBytes,
    uint InboundSpi,
    uint OutboundSpi,
    TunnelHeaderOptions? Headers = null,
    int? WireMtuBytes = null,
    ushort? WireVlanId = null)
{
    /// <summary>Writes a scenario down.</summary>
    public static ScenarioDocument From(EspScenario s) => new(
        s.Mode, s.OuterIpv6, s.InnerIpv6, s.Suite.ToString(), s.ExtendedSequenceNumbers, s.ReplayWindowPackets, s.UdpEncapsulated,
        s.InboundRightEdge, s.OutboundLastSequence, s.InboundLifetime, s.OutboundLifetime, s.TfcPayloadBytes, s.InboundSpi, s.OutboundSpi,
        s.Headers == TunnelHeaderOptions.Default ? null : s.Headers, s.WireMtuBytes, s.WireVlanId);

    /// <summary>Reads it back.</summary>
    /// <exception cref="FormatException">A value that no scenario can have; the message names the field.</exception>
    public EspScenario ToScenario() => new()
    {
        Mode = Mode,
        OuterIpv6 = OuterIpv6,
        InnerIpv6 = InnerIpv6,
        Suite = EspSuite.TryParse(Suite ?? "", out EspSuite? suite, out string? error) ? suite : throw new FormatException($"scenario.suite: {error}"),
        ExtendedSequenceNumbers = ExtendedSequenceNumbers,
        ReplayWindowPackets = ReplayWindowPackets is >= 0 and <= AntiReplayWindow.LargestWindowPackets
            ? ReplayWindowPackets
            : throw new FormatException($"scenario.replayWindowPackets: {ReplayWindowPackets} is not in 0 to {AntiReplayWindow.LargestWindowPackets}"),
        UdpEncapsulated = UdpEncapsulated,
        InboundRightEdge = InboundRightEdge,
        OutboundLastSequence = OutboundLastSequence,
        InboundLifetime = InboundLifetime ?? Lifetime.Unlimited,
        OutboundLifetime = OutboundLifetime ?? Lifetime.Unlimited,
        TfcPayloadBytes = TfcPayloadBytes is null or (> 0 and <= ushort.MaxValue)
            ? TfcPayloadBytes
            : throw new FormatException($"scenario.tfcPayloadBytes: {TfcPayloadBytes} is not in 1 to {ushort.MaxValue}"),
        InboundSpi = InboundSpi,
        OutboundSpi = OutboundSpi,
        Headers = Headers ?? TunnelHeaderOptions.Default,
        WireMtuBytes = WireMtuBytes,
        WireVlanId = WireVlanId is null or (>= 1 and <= 4094) ? WireVlanId : throw new FormatException($"scenario.wireVlanId: {WireVlanId} is not in 1 to 4094"),
    };
}
