using Conformance.Generators.Xfrm;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Xfrm.Misreadings;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Xfrm;

/// <summary>Puts worlds into a target and into the model of the path, and holds them against each other, packet by packet.</summary>
/// <remarks>
/// The target tells apart what comes of each packet. After the last one the databases are emptied, and a packet in clear
/// each way must come out alone: it proves that the target still forwards, and that nothing of the world came late.
/// </remarks>
public sealed class XfrmSession : IRecordedSession, IDisposable
{
    // What a stack puts off may come too late once; the same world again shows whether it was so.
    private const int MostTries = 4;
    private const int SentinelBytes = 32;
    private static readonly XfrmRequest[] Emptying =
    [
        new XfrmRequest.FlushPolicies(), new XfrmRequest.FlushPolicies(XfrmPolicyType.Sub), new XfrmRequest.FlushStates(),
        new XfrmRequest.SetDefault(XfrmAction.Allow, XfrmAction.Allow, XfrmAction.Allow),
    ];

    private readonly PlainPackets _sentinelIn = new(AddressPlan.Ipv4Sentinel.Remote, AddressPlan.Ipv4Sentinel.Protected);
    private readonly PlainPackets _sentinelOut = new(AddressPlan.Ipv4Sentinel.Protected, AddressPlan.Ipv4Sentinel.Remote);
    private readonly ITarget _target;
    private readonly LinuxHost _empty;
    private readonly List<Step> _steps = [];
    private XfrmExperience? _last;
    private Keyring _keyring = new();
    private bool _isBroken;
    private IReadOnlyList<XfrmRequest> _requests = [];
    private IReadOnlyList<SecurityAssociation> _associations = [];

    private XfrmSession(ITarget target, LinuxHost empty, ulong seed)
    {
        _target = target;
        Features = Enum.GetValues<XfrmFeatures>().Aggregate((all, one) => all | one);
        if (target.Execute(new Command.Xfrm(new XfrmRequest.FlushPolicies(XfrmPolicyType.Sub))) is not CommandOutcome.Answered { Answer: XfrmAnswer.Done })
        {
            Features &= ~XfrmFeatures.SubPolicies;
        }

        _empty = empty;
        Seed = seed;
    }

    /// <inheritdoc/>
    public TargetIdentity Target => _target.Identity;

    /// <inheritdoc/>
    public ulong Seed { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Step> Steps => _steps;

    /// <inheritdoc/>
    public EspScenario? Scenario => null;

    /// <inheritdoc/>
    public IReadOnlyList<XfrmRequest> Requests => _requests;

    /// <inheritdoc/>
    public IReadOnlyList<SecurityAssociation> Associations => _associations;

    /// <summary>What worlds may draw for this target: sub policies are a matter of a kernel's configuration.</summary>
    public XfrmFeatures Features { get; }

    /// <summary>Packets judged so far.</summary>
    public int Decisions { get; private set; }

    /// <summary>Packets whose fate the model leaves open because it depends on a hash of the stack.</summary>
    public int OpenDecisions { get; private set; }

    /// <summary>Worlds that had to be asked again.</summary>
    public int Repeated { get; private set; }

    /// <summary>Gives a target the addresses and routes of the worlds.</summary>
    /// <exception cref="UnsupportedException">Its databases are not Linux's, or of a release that the model does not know.</exception>
    public static XfrmSession Start(ITarget target, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!target.Capabilities.HasFlag(Capabilities.XfrmDatabases))
        {
            throw new UnsupportedException($"the target lacks {Capabilities.XfrmDatabases}");
        }

        LinuxHost host = XfrmHosts.For(target.Identity) ?? throw new UnsupportedException($"the model knows no release like {target.Identity}");
        target.Reset();
        foreach (Command command in XfrmHosts.Commands)
        {
            if (target.Execute(command) is not CommandOutcome.Done and var outcome)
            {
                throw new UnsupportedException($"{command}: {outcome}");
            }
        }

        return new XfrmSession(target, host, seed);
    }

    /// <summary>Puts a world in place of the one before and asks all that it asks.</summary>
    /// <exception cref="ConformanceException">The target does otherwise than the model, each time it is asked, or it ends.</exception>
    public void Judge(XfrmWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        for (int tries = 1; Difference(world) is { } difference; tries++)
        {
            if (tries == MostTries)
            {
                throw Disagreement(null, difference);
            }

            Repeated++;
        }

        Decisions += world.Probes.Length;
    }

    /// <summary>Judges a world of which a test knows what becomes of each packet; the model must share that.</summary>
    /// <param name="world">The world.</param>
    /// <param name="fates">What becomes of each packet.</param>
    /// <param name="clause">The rule that the world is about.</param>
    /// <exception cref="ConformanceException">The target does otherwise; it is accused of the rule, unless the reading of another one explains all that it did.</exception>
    public void Judge(XfrmWorld world, IReadOnlyList<XfrmFate> fates, string clause)
    {
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(fates);
        XfrmFate[] model = [.. Predict(world).Select(XfrmFate.Of)];
        if (!model.SequenceEqual(fates))
        {
            string Lines(IEnumerable<XfrmFate> all) => string.Join("\n  ", all);
            throw new ConformanceException(FailureKind.TesterDefect, clause, $"{world}\nthe test expects\n  {Lines(fates)}\nthe model says\n  {Lines(model)}", this);
        }

        try
        {
            Judge(world);
        }
        catch (ConformanceException failure) when (failure.Kind == FailureKind.Disagreement)
        {
            XfrmReading[] explanations = [.. Explanations(XfrmMisreadings.All)];
            bool isOther = explanations.Length > 0 && !explanations.Any(r => r.AlsoBreaks.Prepend(r.Requirement).Contains(clause));
            string[] reads = [.. explanations.Select(r => $"  explained by {r} ({r.Requirement})")];
            throw new ConformanceException(
                FailureKind.Disagreement, isOther ? explanations[0].Requirement : clause, string.Join('\n', reads.Prepend(failure.Message)), this);
        }
    }

    /// <summary>The readings that explain all that the target did in the last world.</summary>
    public IEnumerable<XfrmReading> Explanations(IEnumerable<XfrmReading> among) =>
        _last is { } seen ? among.Where(reading => seen.Compare(_empty, reading).Difference is null) : [];

    /// <summary>Asks a world without judging it.</summary>
    public void Ask(XfrmWorld world) => Difference(world);

    /// <summary>A disagreement with the session's last world.</summary>
    /// <param name="clause">The rule to accuse; null for the first that the running test names.</param>
    /// <param name="what">What differs.</param>
    public ConformanceException Disagreement(string? clause, string what) =>
        new(FailureKind.Disagreement, clause, $"{Target}\n{_last?.Text}\n{what}\n{Dump()}", this);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isBroken)
        {
            _target.Reset();
        }

        _keyring.Dispose();
    }

    /// <summary>Fills the databases anew and holds packets that were made earlier against the model.</summary>
    /// <param name="requests">What empties and fills the databases.</param>
    /// <param name="packets">The packets, with words for them.</param>
    /// <exception cref="ConformanceException">The target does otherwise than the model.</exception>
    public void Replay(IReadOnlyList<XfrmRequest> requests, IReadOnlyList<(Stimulus Stimulus, string Description)> packets)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(packets);
        XfrmWorld databases = new([.. requests.Except(Emptying)], []);
        string[] descriptions = [.. packets.Select(p => p.Description)];
        string text = string.Join("\n  ", descriptions.Prepend(databases.ToString()));
        if (Difference(() => Experience(requests, databases.States, _ => [.. packets.Select(p => p.Stimulus)], descriptions, text), text) is { } difference)
        {
            throw Disagreement(null, difference);
        }
    }

    private string? Difference(XfrmWorld world) => Difference(() => Experience(
        [.. Emptying, .. world.Requests], world.States, peer => [.. world.Probes.Select(p => StimulusOf(p, peer))], [.. world.Probes.Select(p => p.ToString())], world.ToString()), world.ToString());

    private string? Difference(Func<XfrmExperience> live, string text)
    {
        try
        {
            _last = live();
            XfrmAgreement agreement = _last.Compare(_empty, XfrmReading.Linux);
            _steps.Clear();
            _steps.AddRange(agreement.Steps);
            OpenDecisions += agreement.Open;
            return agreement.Difference ?? Late();
        }
        catch (IOException broken)
        {
            _isBroken = true;

            // A target that ended did so in this world; one that is merely slow proves nothing.
            Observation.Died? died = _target.Observe(TimeSpan.Zero) as Observation.Died;
            throw new ConformanceException(died is null ? FailureKind.NotObserved : FailureKind.Died, null, $"{Target}\n{text}\n  {died?.How ?? broken.Message}", this);
        }
    }

    private XfrmExperience Experience(
        IReadOnlyList<XfrmRequest> requests, IReadOnlyList<XfrmState> states, Func<XfrmPeer, Stimulus[]> packets, IReadOnlyList<string> descriptions, string text)
    {
        _keyring.Dispose();
        _keyring = new Keyring();
        _requests = requests;
        XfrmPeer peer = new(states, _keyring);
        _associations = [.. peer.Associations];
        IReadOnlyList<CommandOutcome> outcomes = _target.ExecuteAll([.. _requests.Select(r => new Command.Xfrm(r))]);
        Stimulus[] stimuli = packets(peer);
        IReadOnlyDictionary<string, long> counters = _target.ReadCounters();
        return new XfrmExperience
        {
            Text = text,
            Descriptions = descriptions,
            Requests = _requests,
            Outcomes = outcomes,
            Stimuli = stimuli,
            Counters = counters,
            Effects = Play(stimuli, states.Any(s => s.Limits != XfrmLimits.None)),
            Comparison = new SealedComparison(peer.Associations.ToLookup(sa => sa.Spi), _keyring),
        };
    }

    private List<PathResult> Predict(XfrmWorld world)
    {
        using Keyring keyring = new();
        XfrmPeer peer = new(world.States, keyring);
        LinuxHost host = Emptying.Concat(world.Requests).Aggregate(_empty, (h, request) => h with { Databases = h.Databases.Apply(request, h.Now).Next });
        List<PathResult> results = [];
        foreach (XfrmProbe probe in world.Probes)
        {
            results.Add(XfrmExperience.Allowed(XfrmReading.Linux, host, StimulusOf(probe, peer)).First());
            host = results[^1].Next;
        }

        return results;
    }

    // An SA over its limit goes with a timer that runs once the target is idle: a packet that no stack looks at gives it the time.
    private IReadOnlyList<Effect> Play(Stimulus[] stimuli, bool hasLimits)
    {
        if (!hasLimits)
        {
            return _target.Play(stimuli);
        }

        Stimulus pause = new Stimulus.FromWire(Packet.Adopt(new byte[SentinelBytes]));
        IReadOnlyList<Effect> effects = _target.Play([.. stimuli.SelectMany(s => new[] { s, pause })]);
        return
        [
            .. Enumerable.Range(0, stimuli.Length).Select(i => new Effect(
                [.. effects[2 * i].Observations, .. effects[(2 * i) + 1].Observations.Where(o => o is not Observation.SendRefused)], effects[(2 * i) + 1].Counters)),
        ];
    }

    // What the databases hold before the first packet, as «ip xfrm» says it and trace reads it.
    private string Dump()
    {
        XfrmDatabases databases = _requests.Aggregate(_empty, (h, request) => h with { Databases = h.Databases.Apply(request, h.Now).Next }).Databases;
        return $"  ip xfrm policy\n{PolicyDump.Of(databases.Policies.Dump())}  ip xfrm state\n{StateDump.Of(databases.States.Dump())}";
    }

    // Silence is evidence only where a packet sent afterwards is seen, and nothing before it.
    private string? Late()
    {
        _target.ExecuteAll([.. Emptying.Select(r => new Command.Xfrm(r))]);
        ByteString inwards = _sentinelIn.Next(SentinelBytes);
        ByteString outwards = _sentinelOut.Next(SentinelBytes);
        IReadOnlyList<Effect> effects = _target.Play([new Stimulus.FromWire(new Packet(inwards)), new Stimulus.FromHost(new Packet(outwards))]);
        bool cameIn = effects[0].Observations is [Observation.ToHost { Packet: var first }] && PacketComparison.SameButForOneHop(inwards.Span, first.Bytes.Span);
        bool wentOut = effects[1].Observations is [Observation.ToWire { Packet: var second }] && PacketComparison.SameButForOneHop(outwards.Span, second.Bytes.Span);
        return cameIn && wentOut ? null
            : $"  after the world, packets in clear\n  observed   {string.Join(" / ", effects.Select(e => XfrmJudgement.Describe(e.Observations, new Dictionary<string, long>())))}";
    }

    private static Stimulus StimulusOf(XfrmProbe probe, XfrmPeer peer) => probe switch
    {
        XfrmProbe.Local local => new Stimulus.FromSocket(new Packet(local.Plain), local.Mark, local.HeaderIncluded),
        XfrmProbe.Forwarded forwarded => new Stimulus.FromHost(new Packet(forwarded.Plain)),
        XfrmProbe.Arriving arriving => new Stimulus.FromWire(new Packet(peer.Seal(arriving.Plain, arriving.Layers))),
        _ => throw new InvalidOperationException("a probe of an unknown kind"),
    };
}
