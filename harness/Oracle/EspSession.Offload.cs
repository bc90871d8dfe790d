using Conformance.Generators.Offload;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Offload;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>Super-packets on their way out, and bursts on their way in.</summary>
public sealed partial class EspSession
{
    private const uint SecondSpiOffset = 0x100;
    private const ulong LeftOfEveryWindow = 1;
    private ulong _nextInbound;
    private Peer? _secondPeer;
    private ulong _nextOnSecond;

    // What was cut or merged is not shown again by its packets one by one: the test shows it again.
    EspScenario? IRecordedSession.Scenario => UsedOffload ? null : Scenario;

    private bool UsedOffload => CutPackets > 0 || Bursts > 0;

    /// <summary>Super-packets judged so far.</summary>
    public int CutPackets { get; private set; }

    /// <summary>Super-packets that went through IP output whole, by the target's own counters: they were cut behind ESP.</summary>
    public int CutBehindEsp { get; private set; }

    /// <summary>Bursts judged so far.</summary>
    public int Bursts { get; private set; }

    /// <summary>Packets that were handed on merged: without one nothing shows that the target merges at all.</summary>
    public int MergedPackets { get; private set; }

    /// <summary>Sends a super-packet from behind the target and requires what cutting first and sealing each segment gives.</summary>
    /// <param name="packet">The super-packet.</param>
    /// <param name="clause">The requirement to accuse where nothing that was seen names a sharper one; null for the test's own.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectCut(SuperPacket packet, string? clause = null)
    {
        ArgumentNullException.ThrowIfNull(packet);
        CutPackets++;
        ByteString whole = packet.Between(Host.Source, Host.Destination);
        ByteString[] due = [.. Due(whole, packet.Offload).Select(Comparable)];
        ulong left = LastNumber - _outbound.LastSequence.Value;
        Expectation expected = new Expectation.AsModel($"Sent in {due.Length} ESP packets from sequence number {_outbound.LastSequence.Value + 1} on");
        _opened.Clear();
        Stimulus stimulus = new Stimulus.FromHost(new Packet(whole) { Offload = packet.Offload });
        IReadOnlyDictionary<string, long> before = _target.ReadCounters();
        List<Observation> seen = Exchange([stimulus], towardsHost: false, new Pending([], expected, clause));
        OpenedPacket[] opened = [.. _opened.Where(o => o.Spi == UnderTest.Outbound.Spi)];
        Dictionary<string, long> moved = Moved(before);
        CutBehindEsp += moved.GetValueOrDefault("IpOutRequests") + moved.GetValueOrDefault("Ip6OutRequests") is > 0 and var requests && requests < opened.Length ? 1 : 0;
        _steps.Add(number => new Step(number, stimulus, packet.ToString(), expected, $"{opened.Length} ESP packets", seen));
        if (SegmentedBurst.Judge(due, [.. opened.Select(o => Comparable(o.Plain))], mayEndEarly: left < (ulong)due.Length) is { } fault)
        {
            string counters = string.Join(", ", moved.Where(c => c.Key.StartsWith("Xfrm", StringComparison.Ordinal)).Select(c => $"{c.Key} +{c.Value}"));
            throw Disagreement(fault.RequirementId, counters.Length == 0 ? fault.What : $"{fault.What}; {counters}");
        }

        _outbound = _outbound with { LastSequence = opened.Length > 0 ? opened[^1].Sequence : _outbound.LastSequence };
    }

    /// <summary>Sends a burst of ESP packets in one poll and requires that what is handed on stands for exactly the packets that ESP lets through.</summary>
    /// <param name="burst">The plain packets, and what is wrong with the ESP packets around them.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectHanded(Burst burst)
    {
        ArgumentNullException.ThrowIfNull(burst);
        Bursts++;
        SealedPacket[] packets = Seal(burst);
        List<Arrival> arrivals = [];
        List<ByteString> refused = [];
        foreach (SealedPacket packet in packets)
        {
            (_receiver, ReceiveOutcome outcome, _) = ModelReceive(packet.Datagram);
            if (outcome is ReceiveOutcome.Delivered { Inner: var inner } && packet.Spi == Sentinel.Inbound.Spi)
            {
                refused.Add(inner);
            }
            else if (outcome is ReceiveOutcome.Delivered delivered)
            {
                arrivals.Add(new Arrival(Comparable(delivered.Inner), packet.Spi));
            }
        }

        Stimulus[] stimuli = [.. packets.Select(packet => new Stimulus.FromWire(new Packet(packet.Datagram)))];
        _target.Send(stimuli);
        List<Observation> seen = Exchange([], towardsHost: true);
        List<Handed> handed = HandedIn(seen);
        if (handed.Sum(packet => (long)packet.Datagram.Length) < arrivals.Sum(arrival => (long)arrival.Datagram.Length))
        {
            // A merged packet is handed on at the end of a poll, and the sentinel may have come with the last of the burst: one more look.
            seen.AddRange(Exchange([], towardsHost: true));
            handed = HandedIn(seen);
        }

        MergedPackets += handed.Count(packet => packet.Offload.Kind != SegmentationKind.None);
        // What another packet repeats byte for byte cannot be told from it.
        refused.RemoveAll(packet => arrivals.Any(arrival => arrival.Datagram == packet));
        OffloadFault? fault = Smuggled(handed, refused) ?? HandedBurst.Judge(arrivals, handed);
        string observed = fault is null ? $"{arrivals.Count} packets in {handed.Count}" : fault.What;
        for (int i = 0; i < packets.Length; i++)
        {
            int at = i;
            _steps.Add(number => new Step(
                number, stimuli[at], $"{burst.Items[at]} in {packets[at]}", new Expectation.AsModel($"{arrivals.Count} packets handed on, merged or not"),
                observed, at == packets.Length - 1 ? seen : []));
        }

        if (fault is not null)
        {
            bool isRefused = burst.Items.Any(item => item.Fault != BurstFault.None || item.Carrier == BurstCarrier.OtherPeer) && fault.RequirementId is "OFFLOAD-gro-09" or "OFFLOAD-gro-10";
            throw Disagreement(isRefused ? "OFFLOAD-gro-10" : fault.RequirementId, fault.What);
        }
    }

    // What policy refuses shows in the packets that a merged one stands for.
    private static OffloadFault? Smuggled(List<Handed> handed, List<ByteString> refused) => refused.Count > 0
        && handed.FirstOrDefault(packet => Segmenter.TrySegment(packet.Datagram, packet.Offload, out var pieces, out _) && pieces.Any(refused.Contains)) is { Datagram.Length: > 0 } found
        ? new OffloadFault("OFFLOAD-gro-07", $"a packet of the SA of another peer was handed on{(found.Offload.Kind == SegmentationKind.None ? "" : " inside a merged one")}")
        : null;

    // The sentinel is one of the packets that are counted.
    private Dictionary<string, long> Moved(IReadOnlyDictionary<string, long> before) => _target.ReadCounters()
        .Where(c => c.Value != before.GetValueOrDefault(c.Key))
        .ToDictionary(c => c.Key, c => c.Value - before.GetValueOrDefault(c.Key));

    private ulong LastNumber => UnderTest.Outbound.ExtendedSequenceNumbers ? ulong.MaxValue
        : UnderTest.Outbound.ReplayWindowPackets == 0 ? ulong.MaxValue
        : uint.MaxValue;

    private IReadOnlyList<ByteString> Due(ByteString whole, PacketOffload offload)
    {
        ByteString entering = Forwards ? Hop.Forward(whole) ?? whole : whole;
        return Segmenter.TrySegment(entering, offload, out IReadOnlyList<ByteString> segments, out ParseError error)
            ? segments
            : throw new ConformanceException(FailureKind.TesterDefect, null, $"the model cannot cut {offload}: {error}", this);
    }

    private List<Handed> HandedIn(List<Observation> seen) =>
        [.. seen.OfType<Observation.ToHost>().Select(o => new Handed(Comparable(o.Packet.Bytes), o.Packet.Offload))];

    private SealedPacket[] Seal(Burst burst)
    {
        IReadOnlyList<ByteString> plains = burst.Between(Peer.Plain.Source, Peer.Plain.Destination);
        SealedPacket[] packets = new SealedPacket[plains.Count];
        _nextInbound = Math.Max(_nextInbound, Scenario.InboundRightEdge + 1);
        for (int i = 0; i < packets.Length; i++)
        {
            BurstItem item = burst.Items[i];
            if (item.Carrier == BurstCarrier.OtherPeer && Scenario.Mode == EspMode.Tunnel)
            {
                packets[i] = _sentinelPeer.SealPlain(plains[i], ++_sentinelSequence);
                continue;
            }

            // BEET carries no addresses: what comes by another SA has the addresses of that SA, and is another flow.
            bool isFirst = item.Carrier != BurstCarrier.Successor;
            (Peer peer, ulong next) = isFirst ? (Peer, _nextInbound) : (SecondPeer(), _nextOnSecond);
            bool isOld = item.Fault is BurstFault.Replayed or BurstFault.LeftOfWindow;
            ulong sequence = item.Fault == BurstFault.LeftOfWindow ? LeftOfEveryWindow : isOld ? next - 1 : next;
            SealedPacket packet = peer.SealPlain(plains[i], sequence);
            packets[i] = item.Fault == BurstFault.Forged ? packet.WithForgedIcv() : packet;
            if (!isOld)
            {
                _ = isFirst ? _nextInbound++ : _nextOnSecond++;
            }
        }

        return packets;
    }

    // A second SA between the same ends, as there is after a rekey.
    private Peer SecondPeer()
    {
        if (_secondPeer is null)
        {
            SecurityAssociation second = Connection.UnderTest(Scenario, ~Seed).Inbound with { Spi = new Spi(UnderTest.Inbound.Spi.Value + SecondSpiOffset) };
            if (_target.Execute(new Command.InstallSa(Spec.Policy.PolicyDirection.Inbound, second)) is not CommandOutcome.Done and var outcome)
            {
                throw new UnsupportedException($"a second SA between the same ends: {outcome}");
            }

            _receiver = _receiver.With(InboundAssociation.Create(second));
            _secondPeer = new Peer(second, _keyring, FreshIv, Peer.Plain);
            _nextOnSecond = Scenario.InboundRightEdge + 1;
        }

        return _secondPeer;
    }
}
