using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Conformance.Generators.Xfrm;
using Conformance.Harness.Contract;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Xfrm;

/// <summary>Lives a history on a kernel and in the model, and compares every answer, dump and notification.</summary>
internal sealed class HistoryReplay
{
    // More SAs would make the kernel grow its hash table, which turns chains around.
    private const int MostStates = 7;
    private const string OverItsLimit = "an SA over its limit";
    private const string BoundInwards = "an SA bound inwards";
    private const ushort NatTraversalPort = 4500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly ITarget _target;
    private readonly LinuxRelease _release;
    private readonly XfrmHistoryPlan _plan;
    private readonly List<string> _told = [];
    private XfrmDatabases _model;
    private IReadOnlyDictionary<string, long> _counters = ImmutableDictionary<string, long>.Empty;
    private uint _lastAcquire;
    private uint _tag;

    public HistoryReplay(ITarget target, LinuxRelease release, XfrmHistoryPlan plan)
    {
        (_target, _release, _plan) = (target, release, plan);
        _model = XfrmDatabases.Empty(release);
    }

    /// <summary>Packets that an SA took which only a collision of hash chains explains.</summary>
    public int Collisions { get; private set; }

    public void Live(XfrmHistory history)
    {
        Begin();
        foreach (XfrmStep step in history.Steps)
        {
            _told.Add(XfrmHistory.Describe(step));
            if (_model.States.Entries.Length >= MostStates)
            {
                Ask(new XfrmRequest.FlushStates());
            }

            if (step is XfrmStep.Send(var flow))
            {
                Send(flow);
            }
            else if (step is XfrmStep.Ask ask)
            {
                Ask(ask.AnswersAcquire ? Answering(ask.Request) : ask.Request);
            }

            CompareDumps();
        }

        Expect([], []);
    }

    private static ulong Now => (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    // Where the kernel's generator of indices stands is seen from the first policy.
    private void Begin()
    {
        _target.Reset();
        _counters = _target.ReadCounters();
        Kernel(new XfrmRequest.FlushPolicies());
        foreach (XfrmPolicy policy in _plan.Policies)
        {
            Kernel(new XfrmRequest.AddPolicy(policy));
            if (_model.Policies.Entries.IsEmpty)
            {
                uint first = ((XfrmAnswer.Policies)Kernel(new XfrmRequest.DumpPolicies())).Entries[0].Index;
                _model = _model with { Policies = _model.Policies with { IndexGenerator = first & ~7u } };
            }

            _model = _model.Apply(new XfrmRequest.AddPolicy(policy), Now).Next;
        }

        CompareDumps();
    }

    private XfrmRequest Answering(XfrmRequest request) => request switch
    {
        XfrmRequest.AddState add => add with { State = add.State with { AcquireSequence = _lastAcquire } },
        XfrmRequest.AllocateSpi allocate => allocate with { State = allocate.State with { AcquireSequence = _lastAcquire } },
        _ => request,
    };

    private XfrmAnswer Kernel(XfrmRequest request) => _target.Execute(new Command.Xfrm(request)) is CommandOutcome.Answered answered
        ? answered.Answer
        : throw new AssertionException(Told($"no answer to {request}"));

    private void Ask(XfrmRequest request)
    {
        XfrmAnswer answer = Kernel(request);
        ulong now = Now;
        if (request is XfrmRequest.AllocateSpi allocate)
        {
            Follow(allocate, answer, now);
            return;
        }

        // Which of two SAs is newer is decided by the kernel's second.
        if (request is XfrmRequest.AddState && answer is XfrmAnswer.Done)
        {
            now = ((XfrmAnswer.States)Kernel(new XfrmRequest.DumpStates())).Entries[0].Use.AddTime;
        }

        (_model, XfrmAnswer expected, ImmutableArray<XfrmNotification> notifications) = _model.Apply(request, now);
        Assert.That(ErrnoOf(answer), Is.EqualTo(ErrnoOf(expected)), () => Told($"errno of the last request; the kernel says {answer}"));
        Expect([.. notifications, .. Collect(now)], []);
    }

    private void Follow(XfrmRequest.AllocateSpi allocate, XfrmAnswer answer, ulong now)
    {
        Assert.That(MayAllocate(allocate, answer, now), Is.True, () => Told($"the kernel answers {answer}"));

        // A refusal leaves the larval SA that it made; SPI 0 is never free.
        Spi chosen = answer is XfrmAnswer.States { Entries: [{ Spi: var spi }] } ? spi : default;
        _model = _model with { States = _model.States.Allocate(allocate, chosen, now).Next };
    }

    private bool MayAllocate(XfrmRequest.AllocateSpi allocate, XfrmAnswer answer, ulong now) =>
        answer is XfrmAnswer.States { Entries: [{ Spi: var spi }] } && _model.States.Allocate(allocate, spi, now).Answer is XfrmAnswer.States expected
            ? _model.States.MayAllocate(allocate, expected, now) && Comparable(expected.Entries[0]) == Comparable(((XfrmAnswer.States)answer).Entries[0])
            : _model.States.MayAllocate(allocate, answer, now);

    private void Send(int place)
    {
        XfrmFlow flow = _plan.Flows[place];
        ByteString plain = XfrmPackets.Of(flow, ++_tag);
        Effect effect = _target.Play([new Stimulus.FromHost(new Packet(plain))])[0];
        ulong now = Now;
        XfrmPolicy policy = _model.Policies.Decide(flow, XfrmDirection.Out).Policies[0];
        XfrmTemplate template = policy.Templates[0];
        XfrmResolution query = new(template, policy, flow, template.Source.In(template.Family), template.Destination.In(template.Family));
        string seen = Seen(effect);
        ImmutableArray<XfrmResolved> allowed = _model.States.AllowedOutbound(query);
        XfrmResolved? resolved = allowed.FirstOrDefault(outcome => Expected(outcome, now) == seen);
        Assert.That(resolved, Is.Not.Null, () => Told($"seen: {seen}; allowed: {string.Join(", or ", allowed.Select(outcome => Expected(outcome, now)))}"));
        Collisions += resolved == allowed[0] ? 0 : 1;

        ImmutableArray<XfrmNotification> notifications = [];
        if (resolved is XfrmResolved.Uses(var id) && !IsBoundInwards(_model.States.Find(id)!))
        {
            (XfrmStateDatabase states, bool passes, notifications) = _model.States.CheckExpire(id, now);
            _model = _model with { States = passes ? states.Use(id, (ulong)plain.Length, now) : states };
        }
        else if (resolved is XfrmResolved.Acquires)
        {
            XfrmAcquire asked = Notices(effect.Observations).OfType<XfrmNotification.Acquired>().Single().Acquire;
            Assert.That(_lastAcquire == 0 || asked.Sequence == _lastAcquire + 1, Is.True, () => Told($"ACQUIRE {asked.Sequence} after {_lastAcquire}"));
            _lastAcquire = asked.Sequence;

            // The number of the device that the route leads to is the kernel's own affair.
            XfrmResolution routed = query with { Flow = flow with { OutputInterface = asked.Flow.InterfaceIndex } };
            (XfrmStateDatabase states, XfrmAcquire expected) = (_model.States with { AcquireSequence = asked.Sequence - 1 }).Acquire(routed, now);
            _model = _model with { States = states };
            notifications = [new XfrmNotification.Acquired(expected)];
        }

        Expect([.. notifications, .. Collect(now)], [.. Notices(effect.Observations)]);
    }

    // What a resolution looks like from outside.
    private string Expected(XfrmResolved resolved, ulong now)
    {
        if (resolved is not XfrmResolved.Uses(var id))
        {
            return resolved is XfrmResolved.Acquires ? "an acquire" : "nothing";
        }

        XfrmStateEntry entry = _model.States.Find(id)!;
        return IsBoundInwards(entry) ? BoundInwards
            : !_model.States.CheckExpire(id, now).Passes ? OverItsLimit
            : $"{(entry.State.Encapsulation is null ? "ESP" : "ESP in UDP")} {entry.State.Spi} {entry.State.SourceAddress} > {entry.State.DestinationAddress}";
    }

    private string Seen(Effect effect)
    {
        IReadOnlyDictionary<string, long> before = _counters;
        _counters = effect.Counters;
        bool Moved(string counter) => _counters.GetValueOrDefault(counter) != before.GetValueOrDefault(counter);
        foreach (Observation.ToWire wire in effect.Observations.OfType<Observation.ToWire>())
        {
            if (IpPacketView.TryParse(wire.Packet.Bytes.Span, out IpPacketView view, out _))
            {
                bool udp = view.Protocol == IpProtocol.Udp && BinaryPrimitives.ReadUInt16BigEndian(view.Payload[2..]) == NatTraversalPort;
                return udp || view.Protocol == IpProtocol.Esp
                    ? $"{(udp ? "ESP in UDP" : "ESP")} {new Spi(BinaryPrimitives.ReadUInt32BigEndian(view.Payload[(udp ? 8 : 0)..]))} {view.Source} > {view.Destination}"
                    : string.Create(CultureInfo.InvariantCulture, $"protocol {view.Protocol} in clear");
            }
        }

        return Moved("XfrmOutStateExpired") ? OverItsLimit
            : Moved("XfrmOutStateDirError") ? BoundInwards
            : Notices(effect.Observations).Any(notice => notice is XfrmNotification.Acquired) ? "an acquire"
            : "nothing";
    }

    private bool IsBoundInwards(XfrmStateEntry entry) => _release.BindsDirections && entry.State.Direction == XfrmDirection.In;

    // An SA over its limit goes with a timer that runs at once.
    private ImmutableArray<XfrmNotification> Collect(ulong now)
    {
        if (_model.States.Entries.FirstOrDefault(entry => entry.Condition == XfrmCondition.Expired) is not { } expired)
        {
            return [];
        }

        (XfrmStateDatabase states, ImmutableArray<XfrmNotification> notifications) = _model.States.Fire(expired.Id, now);
        _model = _model with { States = states };
        return notifications;
    }

    private void Expect(IReadOnlyList<XfrmNotification> expected, List<XfrmNotification> seen)
    {
        Stopwatch watch = Stopwatch.StartNew();
        do
        {
            seen.AddRange(Nudge(_target));
        }
        while (seen.Count < expected.Count && watch.Elapsed < Patience);

        Assert.That(seen.Select(Text), Is.EquivalentTo(expected.Select(Text)), () => Told("notifications"));
    }

    /// <summary>What was announced since: a packet with a wrong checksum, which no stack looks at further, calls for it.</summary>
    public static IEnumerable<XfrmNotification> Nudge(ITarget target)
    {
        byte[] broken = [.. XfrmPackets.Of(new XfrmFlow { Source = AddressPlan.Ipv4.Protected, Destination = AddressPlan.Ipv4.Remote, Protocol = IpProtocol.Experiment253 }, 0).Span];
        broken[10] ^= 1;
        return Notices(target.Play([new Stimulus.FromHost(Packet.Adopt(broken))])[0].Observations);
    }

    private static IEnumerable<XfrmNotification> Notices(IEnumerable<Observation> observations) =>
        observations.OfType<Observation.Notice>().Select(notice => notice.Notification);

    private static string Text(XfrmNotification notification) => notification switch
    {
        XfrmNotification.StateExpired(var state, var hard) => $"{(hard ? "hard" : "soft")} expire of {state.Spi} > {state.DestinationAddress} reqid {state.RequestId}",
        XfrmNotification.Acquired(var acquire) => $"acquire {acquire.Sequence} {acquire.Source} > {acquire.Destination} for {acquire.Flow}",
        _ => notification.ToString(),
    };

    private void CompareDumps()
    {
        ImmutableArray<XfrmState> states = ((XfrmAnswer.States)Kernel(new XfrmRequest.DumpStates())).Entries;
        Assert.That(states.Select(Comparable), Is.EqualTo(_model.States.Dump().Select(Comparable)), () => Told("dump of the SAs"));
        ImmutableArray<XfrmPolicy> policies = ((XfrmAnswer.Policies)Kernel(new XfrmRequest.DumpPolicies())).Entries;
        Assert.That(
            policies.Select(policy => policy with { Use = default }),
            Is.EqualTo(_model.Policies.Dump().Select(policy => policy with { Use = default })),
            () => Told("dump of the policies"));
    }

    // Of times only whether there is one; sequence numbers are compared where packets are opened.
    private static XfrmState Comparable(XfrmState state) => state with
    {
        Use = state.Use with { AddTime = 0, UseTime = Math.Min(state.Use.UseTime, 1) },
        Replay = null,
        Statistics = default,
    };

    private static int ErrnoOf(XfrmAnswer answer) => answer is XfrmAnswer.Refused refused ? refused.Errno : 0;

    private string Told(string what) => $"{what}, after\n{string.Join('\n', _told)}";
}
