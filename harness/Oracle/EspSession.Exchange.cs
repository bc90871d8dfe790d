using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Requirements;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

public sealed partial class EspSession
{
    private readonly List<OpenedPacket> _opened = [];
    private List<Observation> _seenLast = [];

    /// <summary>Sends a plain packet from behind the target and requires one ESP packet that opens to it.</summary>
    /// <param name="plain">The plain packet.</param>
    /// <param name="clause">The requirement to accuse where nothing that was seen names a sharper one; null for the test's own.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public OpenedPacket ExpectSent(ByteString plain, string? clause = null)
    {
        (OutboundAssociation next, SendOutcome outcome) = ModelSend(plain);
        if (outcome is not SendOutcome.Sent sent)
        {
            throw new ConformanceException(FailureKind.TesterDefect, null, $"the test expects a packet, the model says {outcome}", this);
        }

        List<OpenedPacket> opened = Emit(plain, new Expectation.Sent(plain, sent.Sequence.Value), clause);
        List<OpenedPacket> real = [.. opened.Where(o => !o.IsDummy)];
        if (real.Count != 1)
        {
            throw Disagreement(clause, real.Count == 0 ? "no ESP packet left" : $"{real.Count} ESP packets left");
        }

        // Dummies use up numbers of their own (RFC 4303 §2.6); the invariants have checked that numbers are consecutive.
        _outbound = next with { LastSequence = real[0].Sequence };
        return real[0];
    }

    /// <summary>Sends a plain packet from behind the target and requires that nothing leaves.</summary>
    /// <param name="plain">The plain packet.</param>
    /// <param name="clause">The requirement to accuse; null for the one that the running test names.</param>
    /// <exception cref="ConformanceException">Something left.</exception>
    public void ExpectNothingSent(ByteString plain, string? clause = null)
    {
        (OutboundAssociation next, SendOutcome outcome) = ModelSend(plain);
        if (outcome is not SendOutcome.Refused refused)
        {
            throw new ConformanceException(FailureKind.TesterDefect, null, $"the test expects nothing, the model says {outcome}", this);
        }

        if (Emit(plain, new Expectation.NothingSent(refused.Reason.ToString()), clause).Any(o => !o.IsDummy))
        {
            throw Disagreement(clause);
        }

        if (_target.Capabilities.HasFlag(Capabilities.Icmp | Capabilities.EspInbound))
        {
            // The two sides of a target keep no common order: what the host is told is complete when a sentinel has come out there.
            List<Observation> late = Exchange([], towardsHost: true);
            _seenLast.AddRange(late);
            Answers = [.. Answers, .. ErrorsIn(late)];
        }

        _outbound = next;
    }

    /// <summary>Sends many ESP packets at once and requires of each what the model says; for histories under a generator.</summary>
    /// <remarks>One sentinel for the whole burst: deliveries keep their order, so each can be told by its bytes.</remarks>
    /// <param name="packets">In the order of sending.</param>
    /// <param name="accused">The requirement to accuse; null for the one that the model's reason, or the running test, names.</param>
    /// <exception cref="ConformanceException">The target did otherwise with one of them.</exception>
    public void ExpectAllAsModel(IReadOnlyList<SealedPacket> packets, string? accused = null)
    {
        ReceiveOutcome[] outcomes = new ReceiveOutcome[packets.Count];
        Stimulus[] stimuli = new Stimulus[packets.Count];
        ReceiverState state = _receiver;
        for (int i = 0; i < packets.Count; i++)
        {
            (state, outcomes[i]) = EspReceiver.Rfc.Receive(state, packets[i].Datagram, _keyring);
            stimuli[i] = Arriving(packets[i]);
        }

        List<Observation> seen = Exchange(stimuli, towardsHost: true);
        Queue<ByteString> delivered = new(seen.OfType<Observation.ToHost>().Select(o => o.Packet.Bytes));
        bool agree = true;
        int judged = 0;
        bool[] deliveredAt = new bool[packets.Count];
        string? clause = accused;
        for (int i = 0; i < packets.Count && agree; i++)
        {
            bool isNext = delivered.TryPeek(out ByteString next) && PacketComparison.SameButForOneHop(packets[i].Plain.Span, next.Span);
            if (isNext)
            {
                delivered.Dequeue();
            }

            agree = isNext == outcomes[i] is ReceiveOutcome.Delivered;
            clause = agree ? accused : accused ?? Clauses.BrokenByDelivery(outcomes[i], Scenario.Suite);
            deliveredAt[i] = isNext;
            judged++;
        }

        _steps.AddBurst(judged, (i, number) => new Step(
            number, stimuli[i], packets[i].ToString(), ExpectationOf(packets[i], outcomes[i]),
            deliveredAt[i] ? "Delivered" : "Discarded; sentinel delivered", []));

        if (!agree || delivered.Count > 0)
        {
            throw Disagreement(clause, agree ? $"{delivered.Count} deliveries that nothing sent explains" : null);
        }

        _receiver = state;
    }

    private List<OpenedPacket> Emit(ByteString plain, Expectation expected, string? clause = null)
    {
        _opened.Clear();
        Stimulus stimulus = new Stimulus.FromHost(new Packet(plain));
        List<Observation> seen = Exchange([stimulus], towardsHost: false, new Pending([plain], expected, clause));
        _seenLast = seen;
        Answers = ErrorsIn(seen);
        List<OpenedPacket> opened = [.. _opened.Where(o => o.Spi == UnderTest.Outbound.Spi)];
        string observed = opened.Count == 0
            ? "Nothing sent; sentinel sent"
            : string.Join(", ", opened.Select(o => $"ESP spi={o.Spi} seq={o.Sequence}{(o.IsDummy ? " dummy" : "")}"));
        _steps.Add(number => new Step(number, stimulus, $"plain packet of {plain.Length} bytes", expected, observed, seen));
        return opened;
    }

    private static IReadOnlyList<IcmpError> ErrorsIn(IEnumerable<Observation> seen) =>
        [.. seen.OfType<Observation.ToHost>().Select(o => IcmpErrors.TryRead(o.Packet.Bytes)).OfType<IcmpError>()];

    /// <summary>Sends stimuli and a sentinel after them; returns what was seen before the sentinel came out.</summary>
    private List<Observation> Exchange(
        Stimulus[] stimuli, bool towardsHost, Pending? pending = null)
    {
        ByteString mark;
        Stimulus sentinel;
        if (towardsHost)
        {
            SealedPacket packet = _sentinelPeer.Seal(++_sentinelSequence);
            mark = packet.Plain;
            sentinel = Arriving(packet);
        }
        else
        {
            mark = _sentinelPlain.Next(32);
            sentinel = new Stimulus.FromHost(new Packet(mark));
        }

        if (_target.Capabilities.HasFlag(Capabilities.Coalescing) && stimuli.Length > 0)
        {
            // In one poll what coalescing opens overtakes what it leaves to IP, fragments for one: then the sentinel would prove nothing.
            _target.Send(stimuli);
            _target.Send([sentinel]);
        }
        else
        {
            _target.Send([.. stimuli, sentinel]);
        }

        List<Observation> seen = [];
        while (true)
        {
            Observation observation = _target.Observe(Patience) ?? throw new ConformanceException(
                FailureKind.NotObserved, null, $"{Target}: {Scenario}\nthe sentinel was not seen within {Patience.TotalSeconds:0} s, so nothing can be said of the packet before it", this);
            if (observation is Observation.Died died)
            {
                throw new ConformanceException(FailureKind.Died, null, $"{Target}: {died.How}", this);
            }

            if (observation is Observation.ToWire toWire)
            {
                (OpenedPacket? opened, Violation? violation) = _invariants.Judge(toWire.Packet.Bytes);
                if (violation is null && opened is not null && toWire.Packet.VlanId != Scenario.WireVlanId)
                {
                    violation = new Violation("OFFLOAD-vlan-02", $"ESP left {(toWire.Packet.VlanId is { } vlan ? $"in VLAN {vlan}" : "without a VLAN tag")} on a link {(Scenario.WireVlanId is { } own ? $"in VLAN {own}" : "in no VLAN")}");
                }

                if (pending is { Plains: [var hidden] } && _invariants.JudgeConfidentiality(toWire.Packet.Bytes, hidden) is { } leak)
                {
                    violation = leak;
                }

                if (violation is null && opened is not null && pending is { Plains: [var asked] })
                {
                    violation = _invariants.JudgeContent(opened, [asked, mark]);
                }

                if (violation is not null)
                {
                    seen.Add(observation);
                    _steps.Add(number => new Step(
                        number, stimuli.Append(sentinel).First(), pending is null ? "ESP packet" : pending.ToString(),
                        pending?.Expected ?? new Expectation.NothingSent("no packet of the host is under way"), violation.What, seen,
                        pending?.SuperPacket is null ? null : number));
                    // What was diagnosed says more than what the test is about, unless nothing may leave at all.
                    bool mayLeave = pending?.Expected is not Expectation.NothingSent;
                    string? clause = pending?.Clause;
                    throw Disagreement(mayLeave ? violation.AccusedIn(clause) : clause ?? violation.RequirementId, violation.What);
                }

                if (opened is not null)
                {
                    if (!towardsHost && opened.Spi == Sentinel.Outbound.Spi && PacketComparison.SameButForOneHop(Comparable(mark).Span, Comparable(opened.Plain).Span))
                    {
                        return seen;
                    }

                    _opened.Add(opened);
                }
            }
            else if (towardsHost && observation is Observation.ToHost toHost && PacketComparison.SameButForOneHop(Comparable(mark).Span, Comparable(toHost.Packet.Bytes).Span))
            {
                return seen;
            }

            if (!IsLinkControl(observation))
            {
                seen.Add(observation);
            }
        }
    }

    /// <summary>What of the host is under way; of a super-packet no segment is judged alone.</summary>
    private sealed record Pending(IReadOnlyList<ByteString> Plains, Expectation Expected, string? Clause, string? SuperPacket = null)
    {
        public override string ToString() => SuperPacket ?? $"plain packet of {Plains[0].Length} bytes";
    }

    private static bool IsLinkControl(Observation observation) => observation is Observation.ToHost { Packet: var packet } && PacketComparison.IsMulticast(packet.Bytes);
}
