using System.Buffers.Binary;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>What became of an inbound packet on the protected side.</summary>
public enum Disposition
{
    /// <summary>Its plain packet was delivered.</summary>
    Delivered,

    /// <summary>It was not, and a sentinel sent after it was.</summary>
    Discarded,
}

/// <summary>One conversation with a target: a connection under test, a sentinel beside it, and the model of both.</summary>
/// <remarks>
/// Each step sends a stimulus and then a sentinel on a connection of its own; a discard is proved by the sentinel's
/// arrival. The model's state follows what was observed. Standing invariants are judged on every packet.
/// </remarks>
public sealed partial class EspSession : IRecordedSession, IDisposable
{
    // Only a sentinel that is lost takes this long: a machine that was busy with something else for some seconds is no finding.
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ITarget _target;
    private readonly Keyring _keys = new();
    private readonly SealedMemory _keyring;
    private readonly StandingInvariants _invariants;
    private readonly StepLog _steps = new();
    private readonly Peer _sentinelPeer;
    private readonly PlainPackets _sentinelPlain;
    private ulong _ivState;
    private ulong _sentinelSequence;
    private ReceiverState _receiver;
    private OutboundAssociation _outbound;

    private EspSession(ITarget target, EspScenario scenario, ulong seed)
    {
        _target = target;
        _keyring = new SealedMemory(_keys);
        Scenario = scenario;
        Seed = seed;
        UnderTest = Connection.UnderTest(scenario, seed);
        Sentinel = Connection.Sentinel(scenario, seed);
        _ivState = seed;
        Host = new PlainPackets(UnderTest.Plain.Local, UnderTest.Plain.Remote);
        Peer = new Peer(UnderTest.Inbound, _keyring, FreshIv, new PlainPackets(UnderTest.Plain.Remote, UnderTest.Plain.Local));
        _sentinelPeer = new Peer(Sentinel.Inbound, _keyring, FreshIv, new PlainPackets(Sentinel.Plain.Remote, Sentinel.Plain.Local));
        _sentinelPlain = new PlainPackets(Sentinel.Plain.Local, Sentinel.Plain.Remote);
        _receiver = ReceiverState.Empty.With(InboundAssociation.Create(UnderTest.Inbound)).With(InboundAssociation.Create(Sentinel.Inbound));
        _outbound = OutboundAssociation.Create(UnderTest.Outbound);
        _invariants = new StandingInvariants(this, _keyring);
    }

    /// <summary>What was asked for.</summary>
    public EspScenario Scenario { get; }

    /// <summary>Keys, IVs and payloads follow from it.</summary>
    public ulong Seed { get; }

    /// <summary>The target.</summary>
    public TargetIdentity Target => _target.Identity;

    /// <summary>False for a codec that is handed its outer headers, which are then not its own.</summary>
    internal bool MakesHeaders => _target.Capabilities.HasFlag(Capabilities.HeaderProcessing);

    /// <summary>The SAs under test.</summary>
    public Connection UnderTest { get; }

    /// <summary>The SAs of the sentinel.</summary>
    public Connection Sentinel { get; }

    /// <summary>The tester's end of the connection under test.</summary>
    public Peer Peer { get; }

    /// <summary>Plain packets from behind the target.</summary>
    public PlainPackets Host { get; }

    /// <summary>All steps so far.</summary>
    public IReadOnlyList<Step> Steps => _steps.Read();

    /// <inheritdoc/>
    public IReadOnlyList<XfrmRequest> Requests => [];

    /// <inheritdoc/>
    public IReadOnlyList<SecurityAssociation> Associations =>
        [UnderTest.Inbound, UnderTest.Outbound, Sentinel.Inbound, Sentinel.Outbound];

    /// <summary>Empties the target, installs both connections and proves with one packet each way that they work.</summary>
    /// <exception cref="UnsupportedException">The target cannot do what the scenario asks for.</exception>
    public static EspSession Start(ITarget target, EspScenario scenario, ulong seed)
    {
        if ((scenario.Needs & ~target.Capabilities) is not Capabilities.None and var missing)
        {
            throw new UnsupportedException($"the target lacks {missing}");
        }

        // A codec without a window is judged as a receiver that did not select replay protection. RFC 4303 §2.2.
        EspScenario fitting = target.Capabilities.HasFlag(Capabilities.AntiReplay) ? scenario : scenario with { ReplayWindowPackets = 0 };
        EspSession session = new(target, fitting, seed);
        target.Reset();
        IEnumerable<Command> vlan = scenario.WireVlanId is { } id ? [new Command.SetWireVlan(id)] : [];
        IEnumerable<Command> link = scenario.WireMtuBytes is { } mtu ? [new Command.SetWireMtu(mtu)] : [];
        return target.ExecuteUntilRefused([.. session.Sentinel.Commands, .. session.UnderTest.Commands, .. vlan, .. link]) switch
        {
            null => session,
            (_, CommandOutcome.Unsupported unsupported) => throw new UnsupportedException(unsupported.Reason),
            (_, CommandOutcome.Refused) when target.Observe(TimeSpan.Zero) is Observation.Died died =>
                throw new ConformanceException(FailureKind.Died, null, $"{target.Identity}: {died.How}", session),
            // Which parameters a stack takes is its own affair, as long as it says so; only what it then does is judged.
            (var command, CommandOutcome.Refused refused) => throw new UnsupportedException($"{command.GetType().Name} refused: {refused.Reason}"),
            var (command, outcome) => throw new InvalidOperationException($"{command.GetType().Name}: {outcome}"),
        };
    }

    /// <summary>A packet for the target under SPI and keys of the SA on which the target sends. RFC 4301 §4.1.</summary>
    public SealedPacket SealWithTheOutboundSa(ulong sequence)
    {
        SecurityAssociation turned = UnderTest.Outbound with { Source = UnderTest.Outbound.Destination, Destination = UnderTest.Outbound.Source };
        return new Peer(turned, _keyring, FreshIv, Peer.Plain).Seal(sequence) with { Fault = "with the SA of the other direction" };
    }

    /// <summary>Sends an ESP packet to the target and requires an outcome, which the model must share.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="expected">What must become of it.</param>
    /// <param name="clause">The requirement to accuse; null for the one that the model's reason, or the running test, names.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void Expect(SealedPacket packet, Disposition expected, string? clause = null)
    {
        (ReceiverState next, ReceiveOutcome outcome, FragmentStore fragments) = ModelReceive(packet.Datagram);
        bool modelDelivers = outcome is ReceiveOutcome.Delivered;
        if (modelDelivers != (expected == Disposition.Delivered))
        {
            throw new ConformanceException(FailureKind.TesterDefect, null, $"the test expects {expected}, the model says {outcome}", this);
        }

        bool delivered = Inject(packet, ExpectationOf(packet, outcome), clause);
        if (delivered != modelDelivers)
        {
            throw Disagreement(!delivered && IgnoresHighHalf(packet)
                ? Clauses.HighHalfLeftOut(Scenario.Suite)
                : clause ?? Clauses.BrokenByDelivery(outcome, Scenario.Suite));
        }

        (_receiver, _fragments) = (next, fragments);
        LearnPathMtu(packet.Datagram);
    }

    /// <summary>Sends an ESP packet to the target and requires what the model says of it.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectAsModel(SealedPacket packet, string? clause = null)
    {
        ReceiveOutcome outcome = ModelReceive(packet.Datagram).Outcome;
        Expect(packet, outcome is ReceiveOutcome.Delivered ? Disposition.Delivered : Disposition.Discarded, clause);
    }

    /// <summary>Sends an ESP packet of which more than one outcome conforms; tells what the target did.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="delivering">The receive path under which it is delivered; the model goes on with what was observed.</param>
    public Disposition Offer(SealedPacket packet, EspReceiver delivering)
    {
        (ReceiverState discardedState, ReceiveOutcome strict) = EspReceiver.Rfc.Receive(_receiver, packet.Datagram, _keyring);
        (ReceiverState deliveredState, ReceiveOutcome lenient) = delivering.Receive(_receiver, packet.Datagram, _keyring);
        if (strict is ReceiveOutcome.Delivered || lenient is not ReceiveOutcome.Delivered)
        {
            throw new ConformanceException(FailureKind.TesterDefect, null, $"the packet leaves no choice: {strict}, {lenient}", this);
        }

        bool delivered = Inject(packet, ExpectationOf(packet, strict), null, either: true);
        _receiver = delivered ? deliveredState : discardedState;
        return delivered ? Disposition.Delivered : Disposition.Discarded;
    }

    /// <summary>Lets virtual time pass.</summary>
    public void AdvanceClock(TimeSpan span)
    {
        _target.Send([new Stimulus.AdvanceClock(span)]);
        _receiver = _receiver.Aged(span);
        _outbound = _outbound with { Use = _outbound.Use with { Age = _outbound.Use.Age + span } };
        AgePathMtu(span);
    }

    /// <summary>Runs one recorded stimulus that came alone again and requires what the model says of it now.</summary>
    /// <exception cref="ConformanceException">The target does otherwise.</exception>
    public void Replay(Stimulus stimulus, string description)
    {
        switch (stimulus)
        {
            case Stimulus.FromWire wire:
                ExpectAsModel(SealedPacket.Recorded(wire.Packet.Bytes, description));
                break;
            case Stimulus.FromHost host when ModelSend(host.Packet.Bytes).Outcome is SendOutcome.Sent:
                ExpectSent(host.Packet.Bytes);
                break;
            case Stimulus.FromHost host:
                ExpectNothingSent(host.Packet.Bytes);
                break;
            case Stimulus.AdvanceClock clock:
                AdvanceClock(clock.Span);
                break;
        }
    }

    /// <summary>Requires something of what the last step showed, beyond what the model of the path says.</summary>
    /// <param name="holds">What must be true.</param>
    /// <param name="requirementId">The clause to accuse where it is not.</param>
    /// <param name="otherwise">One sentence for people.</param>
    /// <exception cref="ConformanceException">It is not true.</exception>
    public void Require(bool holds, string requirementId, string otherwise)
    {
        if (!holds)
        {
            throw Disagreement(requirementId, otherwise);
        }
    }

    /// <summary>The target's own counters.</summary>
    public IReadOnlyDictionary<string, long> ReadCounters() => _target.ReadCounters();

    /// <summary>Releases key schedules; the target is left as it is.</summary>
    public void Dispose()
    {
        _keyring.Dispose();
        _keys.Dispose();
    }

    // A refused genuine packet says little. One more probe, sealed as if there were no ESN, tells whether that is the reason.
    private bool IgnoresHighHalf(SealedPacket refused)
    {
        if (!Scenario.ExtendedSequenceNumbers || refused.Fault is not null)
        {
            return false;
        }

        SealedPacket probe = Peer.SealPlain(refused.Plain, refused.Sequence, asIfWithoutEsn: true) with { Fault = "ICV without the high half" };
        return Inject(probe, new Expectation.Discarded(nameof(DiscardReason.IntegrityFailure)), null);
    }

    private static Expectation ExpectationOf(SealedPacket packet, ReceiveOutcome outcome) => outcome switch
    {
        ReceiveOutcome.Delivered delivered => new Expectation.Delivered(delivered.Inner),
        ReceiveOutcome.Discarded discarded => new Expectation.Discarded(discarded.Reason.ToString()),
        _ => new Expectation.Discarded($"{packet} is not ESP"),
    };

    private Stimulus.FromWire Arriving(SealedPacket packet) => new(new Packet(packet.Datagram) { VlanId = packet.VlanId ?? Scenario.WireVlanId });

    private bool Inject(SealedPacket packet, Expectation expected, string? clause, bool either = false)
    {
        Stimulus stimulus = Arriving(packet);
        List<Observation> seen = Exchange([stimulus], towardsHost: true);
        List<ByteString> delivered = [.. seen.OfType<Observation.ToHost>().Select(o => o.Packet.Bytes)];
        ByteString plain = expected is Expectation.Delivered meant ? meant.Plain : packet.Plain;
        bool asMeant = delivered.Count == 1
            && (expected is Expectation.Delivered ? ComparableOnDelivery(plain) == ComparableOnDelivery(delivered[0]) : PacketComparison.SameButForOneHop(plain.Span, delivered[0].Span));
        string observed = delivered.Count == 0 ? "Discarded; sentinel delivered"
            : asMeant || (delivered.Count == 1 && packet.Plain.Length == 0) ? "Delivered"
            : delivered.Count == 1 ? "Delivered with other bytes"
            : $"Delivered {delivered.Count} times";
        _steps.Add(number => new Step(number, stimulus, packet.ToString(), expected, observed, seen));
        if (delivered.Count > 0 && !asMeant && (either || expected is Expectation.Delivered || delivered.Count > 1))
        {
            Violation? field = delivered.Count == 1 && expected is Expectation.Delivered && Scenario.Mode != Spec.Sa.EspMode.Transport
                ? InnerHeaderInvariants.ExplainDelivered(plain, delivered[0], packet.Plain, packet.Datagram)
                : null;
            throw Disagreement(field?.AccusedIn(clause) ?? clause, field?.What);
        }

        return delivered.Count > 0;
    }

    private byte[] FreshIv(int lengthBytes)
    {
        byte[] iv = new byte[lengthBytes];
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (int at = 0; at < lengthBytes; at += sizeof(ulong))
        {
            // SplitMix64: one seed, the same IVs; never the same twice within 2^64 draws of a 64-bit IV.
            ulong z = _ivState += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            z ^= z >> 31;
            BinaryPrimitives.WriteUInt64LittleEndian(word, z);
            word[..Math.Min(word.Length, lengthBytes - at)].CopyTo(iv.AsSpan(at));
        }

        return iv;
    }

    private ConformanceException Disagreement(string? requirementId = null, string? why = null) => DisagreementAt(_steps.Count, requirementId, why);

    private ConformanceException DisagreementAt(int number, string? requirementId, string? why) =>
        new(FailureKind.Disagreement, requirementId, FailureText.Of(this, Steps[number - 1], why), this);
}
