using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Generators.Policy;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Policy;

/// <summary>How a packet crosses the boundary. RFC 4301 §3.</summary>
public enum Crossing
{
    /// <summary>Under an SA that serves the entry.</summary>
    Protected,

    /// <summary>In clear and unchanged.</summary>
    InClear,

    /// <summary>Not at all.</summary>
    Discarded,
}

/// <summary>One conversation with a target about an ordered SPD: what the model decides is required of every packet.</summary>
/// <remarks>As in <see cref="EspSession"/> a discard is proved by a sentinel, a packet of an entry and of SAs of its own.</remarks>
public sealed partial class PolicySession : IRecordedSession, IDisposable
{
    private readonly ITarget _target;
    private readonly Keyring _keys = new();
    private readonly StepLog _steps = new();
    private readonly Dictionary<SaPair, (Peer Peer, ulong Sequence)> _peers = new(ReferenceEqualityComparer.Instance);
    private readonly SaPair _sentinel;
    private readonly PlainPackets _sentinelIn;
    private readonly PlainPackets _sentinelOut;
    private SecurityAssociationDatabase _sad = SecurityAssociationDatabase.Empty;
    private ReceiverState _opener = ReceiverState.Empty;
    private ulong _ivState;
    private byte _fill;
    private bool _isBeyondSteps;

    private PolicySession(ITarget target, PolicyScenario scenario, ulong seed)
    {
        _target = target;
        Policies = scenario;
        Seed = seed;
        _ivState = seed;
        Pairs = [.. scenario.CreatePairs(seed)];
        _sentinel = Pairs[0];
        (IpAddress local, IpAddress remote) = scenario.SentinelEnds;
        (_sentinelIn, _sentinelOut) = (new PlainPackets(remote, local), new PlainPackets(local, remote));
    }

    /// <summary>The SPD and its SAs.</summary>
    public PolicyScenario Policies { get; private set; }

    /// <summary>The SAs, those of the sentinel first.</summary>
    public ImmutableArray<SaPair> Pairs { get; }

    /// <inheritdoc/>
    public TargetIdentity Target => _target.Identity;

    /// <inheritdoc/>
    public ulong Seed { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Step> Steps => _steps.Read();

    /// <inheritdoc/>
    public EspScenario? Scenario => null;

    /// <inheritdoc/>
    public PolicyScenario? Policy => _isBeyondSteps ? null : Policies;

    /// <inheritdoc/>
    public IReadOnlyList<XfrmRequest> Requests => [];

    /// <inheritdoc/>
    public IReadOnlyList<SecurityAssociation> Associations => [.. Pairs.SelectMany(p => new[] { p.Inbound.Sa, p.Outbound.Sa })];

    /// <summary>Empties the target, installs SPD and SAs, and proves with one packet each way that the sentinel works.</summary>
    /// <exception cref="UnsupportedException">The target cannot hold this SPD.</exception>
    public static PolicySession Start(ITarget target, PolicyScenario scenario, ulong seed)
    {
        if (!target.Capabilities.HasFlag(Capabilities.Spd))
        {
            throw new UnsupportedException($"the target lacks {Capabilities.Spd}");
        }

        PolicySession session = new(target, scenario, seed);
        target.Reset();
        foreach (bool ipv6 in target.Capabilities.HasFlag(Capabilities.Ipv6) ? [false, true] : new[] { false })
        {
            session.Execute(new Command.AddRoute(AddressPlan.ProtectedNetwork(ipv6), TowardsWire: false));
            session.Execute(new Command.AddRoute(AddressPlan.RemoteNetwork(ipv6), TowardsWire: true));
        }

        foreach (IpAddress address in scenario.Addresses)
        {
            session.Execute(new Command.AddAddress(address));
        }

        session.Execute(new Command.InstallSpd(scenario.Database, scenario.KeyedByHand));
        foreach (SaPair pair in session.Pairs)
        {
            session.Install(PolicyDirection.Inbound, pair.Inbound);
            session.Install(PolicyDirection.Outbound, pair.Outbound);
            session._opener = session._opener.With(InboundAssociation.Create(pair.Outbound.Sa));
            session._peers[pair] = (new Peer(pair.Inbound.Sa, session._keys, session.FreshIv, new PlainPackets(AddressPlan.Ipv4.Remote, AddressPlan.Ipv4.Protected)), 0);
        }

        return session;
    }

    /// <summary>The SAs that serve an entry.</summary>
    public SaPair PairOf(SpdEntry entry) => Pairs.First(p => p.Entry == entry);

    /// <summary>Replaces the SPD and keeps the SAs.</summary>
    public void Change(params ImmutableArray<SpdEntry> entries)
    {
        _isBeyondSteps = true;
        Policies = Policies with { Entries = entries };
        Execute(new Command.InstallSpd(Policies.Database, Policies.KeyedByHand));
    }

    /// <summary>A packet leaves the protected side that shows a flow; requires how it crosses, which the model must share.</summary>
    /// <param name="flow">The flow, local and remote.</param>
    /// <param name="expected">How it must cross.</param>
    /// <param name="clause">The requirement to accuse; null for the first that the running test names.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectOutbound(FlowSelectors flow, Crossing expected, string? clause = null) =>
        ExpectOutbound(Build(flow, PolicyDirection.Outbound), expected, clause);

    /// <summary>The same with a packet of the test's own.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectOutbound(ByteString plain, Crossing expected, string? clause = null)
    {
        FlowSelectors flow = FlowOf(plain, PolicyDirection.Outbound);
        (PolicyDecision decision, SadEntry[] candidates) = Choose(plain, flow);
        RequireModel(expected, ModelCrossing(decision, candidates), decision);
        JudgeOutbound(plain, flow, expected, decision, candidates, clause);
    }

    /// <summary>Requires what the model says of a packet from the protected side.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectOutboundAsModel(FlowSelectors flow, string? clause = null) => ExpectOutboundAsModel(Build(flow, PolicyDirection.Outbound), clause);

    /// <summary>The same with a packet of the test's own.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectOutboundAsModel(ByteString plain, string? clause = null)
    {
        (PolicyDecision decision, SadEntry[] candidates) = Choose(plain, FlowOf(plain, PolicyDirection.Outbound));
        ExpectOutbound(plain, ModelCrossing(decision, candidates), clause);
    }

    /// <summary>A packet in clear arrives on the wire; requires how it crosses, which the model must share.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectInbound(FlowSelectors flow, Crossing expected, string? clause = null) =>
        ExpectInbound(Build(flow, PolicyDirection.Inbound), expected, clause);

    /// <summary>The same with a packet of the test's own.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectInbound(ByteString clear, Crossing expected, string? clause = null)
    {
        FlowSelectors flow = FlowOf(clear, PolicyDirection.Inbound);
        PolicyDecision decision = Judge(PolicyDirection.Inbound, clear, flow);
        RequireModel(expected, decision is PolicyDecision.Bypass ? Crossing.InClear : Crossing.Discarded, decision);
        JudgeInbound(clear, clear, $"in clear {flow}", expected, decision.ToString()!, clause);
    }

    /// <summary>Requires what the model says of a packet that arrives in clear.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectInboundAsModel(FlowSelectors flow, string? clause = null) =>
        ExpectInbound(flow, Policies.Database.Decide(PolicyDirection.Inbound, flow) is PolicyDecision.Bypass ? Crossing.InClear : Crossing.Discarded, clause);

    /// <summary>A packet arrives on an SA; requires whether it crosses, which the model must share.</summary>
    /// <param name="pair">Its inbound SA carries the packet.</param>
    /// <param name="flow">The packet inside.</param>
    /// <param name="expected">Protected when it must be delivered.</param>
    /// <param name="clause">The requirement to accuse; null for the first that the running test names.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectOn(SaPair pair, FlowSelectors flow, Crossing expected, string? clause = null) =>
        ExpectOn(pair, Build(flow, PolicyDirection.Inbound), expected, clause);

    /// <summary>The same with a packet of the test's own.</summary>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectOn(SaPair pair, ByteString inner, Crossing expected, string? clause = null)
    {
        FlowSelectors flow = FlowOf(inner, PolicyDirection.Inbound);
        ProtectedPacketVerdict verdict = ProtectedPacketCheck.OfError(
            Policies.Database, pair.Inbound, flow, ReturnFlows.Of(inner, PolicyDirection.Inbound), ProtectedPacketCheck.Check(Policies.Database, pair.Inbound, flow, FragmentOf(inner)));
        RequireModel(expected, verdict == ProtectedPacketVerdict.Accepted ? Crossing.Protected : Crossing.Discarded, verdict);
        JudgeInbound(Seal(pair, inner).Datagram, inner, $"on the SA of {pair.Name}{Narrowed(pair.Inbound)} {flow}", expected, verdict.ToString(), clause);
    }

    /// <summary>Sends a datagram to the wire side of which a test knows better than the model of policy what must follow.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="delivered">What must come out on the protected side, or null for nothing.</param>
    /// <param name="description">In words.</param>
    /// <param name="clause">The requirement to accuse.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectFromWire(ByteString datagram, ByteString? delivered, string description, string? clause = null) =>
        JudgeInbound(datagram, delivered ?? datagram, description, delivered is null ? Crossing.Discarded : Crossing.Protected, description, clause);

    /// <summary>Sends a recorded packet again, and requires what was required of it when it was recorded.</summary>
    /// <param name="stimulus">The packet and its side.</param>
    /// <param name="delivered">For a packet from the wire: what must come out on the protected side, or null for nothing.</param>
    /// <param name="description">In words.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void Replay(Stimulus stimulus, ByteString? delivered, string description)
    {
        if (stimulus is Stimulus.FromHost host)
        {
            ExpectOutboundAsModel(host.Packet.Bytes);
        }
        else if (stimulus is Stimulus.FromWire wire)
        {
            ExpectFromWire(wire.Packet.Bytes, delivered, description);
        }
    }

    /// <summary>Seals a packet under the inbound SA of a pair, with the next number.</summary>
    public SealedPacket Seal(SaPair pair, ByteString inner)
    {
        (Peer peer, ulong sequence) = _peers[pair];
        _peers[pair] = (peer, sequence + 1);
        return peer.SealPlain(inner, sequence + 1);
    }

    /// <summary>Seals a fresh packet with the keys and the next number of the inbound SA of a pair, under another SPI.</summary>
    public SealedPacket SealAs(SaPair pair, Spi spi)
    {
        (Peer peer, ulong sequence) = _peers[pair];
        _peers[pair] = (peer, sequence + 1);
        return peer.SealAs(spi, sequence + 1);
    }

    /// <summary>True when the SAD of the model has an SA for ESP with this SPI that arrives from the peer. RFC 4301 §4.1.</summary>
    public bool Knows(Spi spi) => _sad.FindInbound(spi, AddressPlan.Ipv4.Target, AddressPlan.Ipv4.Peer) is not null;

    /// <summary>Requires that some counter of the target goes up during a step.</summary>
    /// <exception cref="ConformanceException">None did.</exception>
    public void ExpectCounted(Action step, string clause)
    {
        IReadOnlyDictionary<string, long> before = _target.ReadCounters();
        step();
        if (!_target.ReadCounters().Any(c => c.Value > before.GetValueOrDefault(c.Key)))
        {
            throw Disagreement(clause, "no counter of the target went up");
        }
    }

    /// <summary>A packet that shows a flow; no two are alike.</summary>
    public ByteString Build(FlowSelectors flow, PolicyDirection direction) => ByteString.Adopt(FlowPackets.Build(flow, direction, ++_fill));

    /// <summary>Releases key schedules; the target is left as it is.</summary>
    public void Dispose() => _keys.Dispose();

    private (PolicyDecision Decision, SadEntry[] Candidates) Choose(ByteString plain, FlowSelectors flow)
    {
        OutboundChoice choice = OutboundChoice.Of(
            one => Judge(PolicyDirection.Outbound, plain, one), flow, ReturnFlows.Of(plain, PolicyDirection.Outbound));
        return (choice.Decision, choice.Decision is PolicyDecision.Protect { Entry: var entry } ? [.. Candidates(entry, choice.Flow, DscpOf(plain))] : []);
    }

    private static Crossing ModelCrossing(PolicyDecision decision, SadEntry[] candidates) =>
        decision is PolicyDecision.Bypass ? Crossing.InClear : candidates.Length > 0 ? Crossing.Protected : Crossing.Discarded;

    private PolicyDecision Judge(PolicyDirection direction, ByteString packet, FlowSelectors flow)
    {
        (_followed, PolicyDecision decision) = _followed.Follow(packet, Policies.Database.Decide(direction, flow));
        return decision;
    }

    // RFC 4301 §4.1: a system that forwards has transport mode for its own packets only.
    private IEnumerable<SadEntry> Candidates(SpdEntry entry, FlowSelectors flow, byte dscp)
    {
        ProtectionStep step = ((PolicyAction.Protect)entry.Action).Steps[0];
        return step.MayCarry(IsOwn(flow.Local)) ? _sad.OutboundCandidates(entry, step, flow, dscp) : [];
    }

    private static bool IsOwn(IpAddress address) => address == AddressPlan.Of(address.IsIpv6, false).Target || address == AddressPlan.Of(address.IsIpv6, true).Target;

    private static byte DscpOf(ByteString packet) =>
        IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) ? TrafficClasses.DscpOf(view.TrafficClass) : (byte)0;

    private static FragmentInfo FragmentOf(ByteString packet) => IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) ? view.Fragment : default;

    private static FlowSelectors FlowOf(ByteString packet, PolicyDirection direction) =>
        IpPacketView.TryParse(packet.Span, out IpPacketView view, out ParseError error)
            ? FlowSelectors.Of(view, direction)
            : throw new InvalidOperationException($"a test made a packet that cannot be read: {error}");

    private static string Narrowed(SadEntry sa) => sa.Selectors is [var only] && only == SelectorSet.Any ? "" : $" for [{string.Join(" | ", sa.Selectors)}]";

    private void RequireModel(Crossing expected, Crossing model, object reason)
    {
        if (expected != model)
        {
            throw new ConformanceException(FailureKind.TesterDefect, null, $"the test expects {expected}, the model says {model}: {reason}", this);
        }
    }

    private void Install(PolicyDirection direction, SadEntry entry)
    {
        Execute(new Command.InstallSadEntry(direction, entry));
        _sad = _sad.With(direction, entry);
    }

    private void Execute(Command command)
    {
        switch (_target.Execute(command))
        {
            case CommandOutcome.Unsupported unsupported:
                throw new UnsupportedException(unsupported.Reason);
            case CommandOutcome.Refused when _target.Observe(TimeSpan.Zero) is Observation.Died died:
                throw new ConformanceException(FailureKind.Died, null, $"{_target.Identity}: {died.How}", this);
            case CommandOutcome.Refused refused:
                throw new UnsupportedException($"{command.GetType().Name} refused: {refused.Reason}");
        }
    }

    private byte[] FreshIv(int lengthBytes)
    {
        byte[] iv = new byte[lengthBytes];
        if (lengthBytes >= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64BigEndian(iv.AsSpan(lengthBytes - sizeof(ulong)), ++_ivState);
        }

        return iv;
    }
}
