using Conformance.Generators.Xfrm;
using Conformance.Harness.Contract;
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
    private Keyring _keyring = new();
    private IReadOnlyList<XfrmRequest> _requests = [];
    private string _dump = "";
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
    /// <exception cref="ConformanceException">The target does otherwise than the model, each time it is asked.</exception>
    public void Judge(XfrmWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        for (int tries = 1; Difference(world) is { } difference; tries++)
        {
            if (tries == MostTries)
            {
                throw new ConformanceException(FailureKind.Disagreement, null, $"{Target}\n{world}\n{difference}\n\n{_dump}", this);
            }

            Repeated++;
        }

        Decisions += world.Probes.Length;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _target.Reset();
        _keyring.Dispose();
    }

    private string? Difference(XfrmWorld world)
    {
        _keyring.Dispose();
        _keyring = new Keyring();
        _steps.Clear();
        _requests = [.. Emptying, .. world.Requests];
        XfrmPeer peer = new(world.States, _keyring);
        _associations = [.. peer.Associations];
        (LinuxHost host, string? refused) = Fill();
        _dump = $"ip xfrm policy\n{PolicyDump.Of(host.Databases.Policies.Dump())}\nip xfrm state\n{StateDump.Of(host.Databases.States.Dump())}";
        if (refused is not null)
        {
            return refused;
        }

        Stimulus[] stimuli = [.. world.Probes.Select(p => StimulusOf(p, peer))];
        IReadOnlyDictionary<string, long> counters = _target.ReadCounters();
        IReadOnlyList<Effect> effects = Play(stimuli, world.States.Any(s => s.Limits != XfrmLimits.None));
        SealedComparison comparison = new(peer.Associations.ToLookup(sa => sa.Spi), _keyring);
        for (int i = 0; i < stimuli.Length; i++)
        {
            IReadOnlyDictionary<string, long> moved = Moved(counters, effects[i].Counters);
            counters = effects[i].Counters;
            XfrmJudgement judgement = new(comparison.For(world.Probes[i] is XfrmProbe.Local { HeaderIncluded: false }), stimuli[i] is Stimulus.FromSocket);
            (PathResult? agreed, PathResult likely, string? difference) = Agreed(judgement, host, stimuli[i], effects[i].Observations, moved);
            _steps.Add(new Step(
                i + 1, stimuli[i], world.Probes[i].ToString(), new Expectation.AsModel(XfrmJudgement.Describe(agreed ?? likely)),
                XfrmJudgement.Describe(effects[i].Observations, moved), effects[i].Observations));
            if (agreed is null)
            {
                return $"  packet {i + 1}: {world.Probes[i]}\n  expected   {XfrmJudgement.Describe(likely)}\n  observed   {XfrmJudgement.Describe(effects[i].Observations, moved)}\n  differs    {difference}";
            }

            host = agreed.Next;
        }

        return Late();
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

    // The target's answers are the model's, refusals with their errno.
    private (LinuxHost Host, string? Difference) Fill()
    {
        LinuxHost host = _empty;
        IReadOnlyList<CommandOutcome> outcomes = _target.ExecuteAll([.. _requests.Select(r => new Command.Xfrm(r))]);
        for (int i = 0; i < outcomes.Count; i++)
        {
            (XfrmDatabases next, XfrmAnswer wanted, _) = host.Databases.Apply(_requests[i], host.Now);
            host = host with { Databases = next };
            int? errno = outcomes[i] is CommandOutcome.Answered { Answer: var answer } ? ErrnoOf(answer) : null;

            // A flush of what is empty is told apart by no one, and one of sub policies refused where there are none.
            if (errno != ErrnoOf(wanted) && _requests[i] is not (XfrmRequest.FlushPolicies or XfrmRequest.FlushStates))
            {
                return (host, $"  {_requests[i]}\n  expected   {wanted}\n  observed   {outcomes[i]}");
            }
        }

        return (host, null);
    }

    private static int ErrnoOf(XfrmAnswer answer) => answer is XfrmAnswer.Refused refused ? refused.Errno : 0;

    private (PathResult? Agreed, PathResult Likely, string? Difference) Agreed(
        XfrmJudgement judgement, LinuxHost host, Stimulus stimulus, IReadOnlyList<Observation> observations, IReadOnlyDictionary<string, long> moved)
    {
        PathResult? likely = null;
        string? first = null;
        foreach (PathResult allowed in Allowed(host, stimulus))
        {
            if (likely is not null)
            {
                OpenDecisions++;
            }

            likely ??= allowed;
            string? difference = judgement.Difference(host, allowed, observations, moved);
            if (difference is null)
            {
                return (allowed, likely, null);
            }

            first ??= difference;
        }

        return (null, likely!, first);
    }

    private static IEnumerable<PathResult> Allowed(LinuxHost host, Stimulus stimulus) => stimulus switch
    {
        Stimulus.FromWire wire => ReceivePath.Linux.ReceiveAllowed(host, wire.Packet.Bytes, XfrmHosts.Wire),
        Stimulus.FromHost inner => ReceivePath.Linux.ReceiveAllowed(host, inner.Packet.Bytes, XfrmHosts.Protected),
        Stimulus.FromSocket socket => TransmitPath.Linux.SendAllowed(
            host, socket.Packet.Bytes, new PacketOrigin.Local(socket.HeaderIncluded ? SocketKind.HeaderIncluded : SocketKind.Ordinary, socket.Mark)),
        _ => throw new InvalidOperationException($"no way for {stimulus.GetType().Name}"),
    };

    private static Stimulus StimulusOf(XfrmProbe probe, XfrmPeer peer) => probe switch
    {
        XfrmProbe.Local local => new Stimulus.FromSocket(new Packet(local.Plain), local.Mark, local.HeaderIncluded),
        XfrmProbe.Forwarded forwarded => new Stimulus.FromHost(new Packet(forwarded.Plain)),
        XfrmProbe.Arriving arriving => new Stimulus.FromWire(new Packet(peer.Seal(arriving.Plain, arriving.Layers))),
        _ => throw new InvalidOperationException("a probe of an unknown kind"),
    };

    private static Dictionary<string, long> Moved(IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after) =>
        after.Where(c => c.Value != before.GetValueOrDefault(c.Key)).ToDictionary(c => c.Key, c => c.Value - before.GetValueOrDefault(c.Key));
}
