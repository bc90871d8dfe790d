using Conformance.Generators.Offload;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Offload;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>Super-packets on their way out, and bursts on their way in.</summary>
public sealed partial class EspSession
{
    private const uint SecondSpiOffset = 0x100;
    private const ulong LeftOfEveryWindow = 1;

    // Numbers that no sentinel has reached when a packet of a finding comes again.
    private const ulong RoomForSentinels = 1000;
    private ulong _nextInbound;
    private Peer? _secondPeer;
    private ulong _nextOnSecond;

    /// <inheritdoc/>
    public bool UsedOffload { get; private set; }

    /// <inheritdoc/>
    public bool? EspOffload => _target.EspOffload;

    /// <inheritdoc/>
    public bool IsEthernet => _target.IsEthernet == true;

    /// <summary>The way that the last super-packet or burst took, by the target's own counters; null where they show none.</summary>
    public EspPath? Way { get; private set; }

    /// <summary>False for a target that has no such counters.</summary>
    public bool TellsWay { get; private set; }

    /// <summary>Packets that the last super-packet left in, or packets of the last burst that were handed on merged.</summary>
    public int Pieces { get; private set; }

    /// <summary>What the counters said of the last super-packet or burst, in words.</summary>
    public string Signs { get; private set; } = "";

    /// <summary>Sends a super-packet from behind the target and requires what cutting first and sealing each segment gives.</summary>
    /// <param name="packet">The super-packet.</param>
    /// <param name="clause">The requirement to accuse where nothing that was seen names a sharper one; null for the test's own.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectCut(SuperPacket packet, string? clause = null)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ExpectCut(new Packet(packet.Between(Host.Source, Host.Destination)) { Offload = packet.Offload }, packet.ToString(), clause);
    }

    /// <summary>Sends a burst of ESP packets in one poll and requires that what is handed on stands for exactly the packets that ESP lets through.</summary>
    /// <param name="burst">The plain packets, and what is wrong with the ESP packets around them.</param>
    /// <exception cref="ConformanceException">The target did otherwise.</exception>
    public void ExpectHanded(Burst burst)
    {
        ArgumentNullException.ThrowIfNull(burst);
        SealedPacket[] packets = Seal(burst);
        ExpectHanded(packets, [.. packets.Select((packet, i) => $"{burst.Items[i]} in {packet}")]);
    }

    /// <summary>Sends packets of a finding again, all at once where there are several, and requires what the model says of them now.</summary>
    /// <exception cref="ConformanceException">The target does otherwise.</exception>
    /// <exception cref="UnsupportedException">The target cuts or merges nothing.</exception>
    public void ReplayTogether(IReadOnlyList<(Stimulus Stimulus, string Description)> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        Capabilities needed = steps.Count > 1 || steps[0].Stimulus is Stimulus.FromWire ? Capabilities.Coalescing : Capabilities.Segmentation;
        if (!_target.Capabilities.HasFlag(needed))
        {
            throw new UnsupportedException($"the target lacks {needed}");
        }

        if (steps is [(Stimulus.FromHost host, var description)])
        {
            ExpectCut(host.Packet, description, clause: null);
            return;
        }

        SealedPacket[] packets = [.. steps.Select(step => step.Stimulus is Stimulus.FromWire wire
            ? Recognized(wire.Packet.Bytes, step.Description) with { VlanId = wire.Packet.VlanId }
            : throw new ConformanceException(FailureKind.TesterDefect, null, "a burst comes from the wire", this))];
        ExpectHanded(packets, [.. steps.Select(step => step.Description)]);
    }

    private void ExpectCut(Packet packet, string description, string? clause)
    {
        UsedOffload = true;
        ByteString[] due = [.. Due(packet.Bytes, packet.Offload).Select(Comparable)];
        ulong left = LastNumber - _outbound.LastSequence.Value;
        Expectation expected = new Expectation.AsModel($"Sent in {due.Length} ESP packets from sequence number {_outbound.LastSequence.Value + 1} on");
        _opened.Clear();
        Stimulus stimulus = new Stimulus.FromHost(packet);
        IReadOnlyDictionary<string, long> before = _target.ReadCounters();
        WaySigns? way = _target.ReadWay();
        List<Observation> seen = Exchange([stimulus], towardsHost: false, new Pending([], expected, clause, description));
        OpenedPacket[] opened = [.. _opened.Where(o => o.Spi == UnderTest.Outbound.Spi)];
        NoteCut(way, due.Length, opened.Length);
        OffloadFault? fault = SegmentedBurst.Judge(due, [.. opened.Select(o => Comparable(o.Plain))], mayEndEarly: left < (ulong)due.Length);
        string observed = fault is null ? $"Sent in {opened.Length} ESP packets" : $"{opened.Length} ESP packets; {fault.What}";
        _steps.Add(number => new Step(number, stimulus, description, expected, observed, seen, number));
        if (fault is not null)
        {
            string counters = string.Join(", ", Moved(before).Where(c => c.Key.StartsWith("Xfrm", StringComparison.Ordinal)).Select(c => $"{c.Key} +{c.Value}"));
            throw Disagreement(fault.RequirementId, counters.Length == 0 ? fault.What : $"{fault.What}; {counters}");
        }

        _outbound = _outbound with { LastSequence = opened.Length > 0 ? opened[^1].Sequence : _outbound.LastSequence };
    }

    private void ExpectHanded(SealedPacket[] packets, string[] descriptions)
    {
        UsedOffload = true;
        List<Arrival> arrivals = [];
        List<int> numbers = [];
        List<(ByteString Inner, int Number, string Clause)> refused = [];
        Expectation[] expected = new Expectation[packets.Length];
        for (int i = 0; i < packets.Length; i++)
        {
            if (packets[i].VlanId is { } vlan && vlan != Scenario.WireVlanId)
            {
                expected[i] = new Expectation.Discarded($"the stack is in no VLAN {vlan}");
                refused.Add((Comparable(ModelReceive(packets[i].Datagram).Outcome is ReceiveOutcome.Delivered strayed ? strayed.Inner : packets[i].Plain), i, "OFFLOAD-vlan-01"));
                continue;
            }

            (_receiver, ReceiveOutcome outcome, _) = ModelReceive(packets[i].Datagram);
            expected[i] = ExpectationOf(packets[i], outcome);
            if (outcome is ReceiveOutcome.Delivered { Inner: var inner } && packets[i].Spi == Sentinel.Inbound.Spi)
            {
                expected[i] = new Expectation.Discarded("policy does not admit it by this SA");
                refused.Add((inner, i, "OFFLOAD-gro-07"));
            }
            else if (outcome is ReceiveOutcome.Delivered delivered)
            {
                arrivals.Add(new Arrival(Comparable(delivered.Inner), packets[i].Spi));
                numbers.Add(i);
            }
        }

        WaySigns? way = _target.ReadWay();
        Stimulus[] stimuli = [.. packets.Select(Arriving)];
        _target.Send(stimuli);
        List<Observation> seen = Exchange([], towardsHost: true);
        List<Handed> handed = HandedIn(seen);
        if (handed.Sum(packet => (long)packet.Datagram.Length) < arrivals.Sum(arrival => (long)arrival.Datagram.Length))
        {
            // A merged packet is handed on at the end of a poll, and the sentinel may have come with the last of the burst: one more look.
            seen.AddRange(Exchange([], towardsHost: true));
            handed = HandedIn(seen);
        }

        NoteHanded(way, packets.Length, handed);

        // What another packet repeats byte for byte cannot be told from it.
        refused.RemoveAll(packet => arrivals.Any(arrival => arrival.Datagram == packet.Inner));
        OffloadFault? smuggled = Smuggled(handed, refused);
        OffloadFault? fault = smuggled ?? HandedBurst.Judge(arrivals, handed, keepsIdentification: Scenario.Mode != EspMode.Beet || Scenario.InnerIpv6 == Scenario.OuterIpv6);
        int failing = fault is null ? -1 : smuggled is not null ? smuggled.At!.Value : fault.At is { } due ? numbers[due] : packets.Length - 1;
        int first = _steps.Count + 1;
        for (int i = 0; i < packets.Length; i++)
        {
            int at = i;
            string observed = at == failing ? fault!.What
                : fault is not null ? "part of a burst that was not handed on as it came"
                : expected[at] is Expectation.Delivered ? "Delivered" : "Discarded; sentinel delivered";
            _steps.Add(number => new Step(number, stimuli[at], descriptions[at], expected[at], observed, at == packets.Length - 1 ? seen : [], first));
        }

        if (fault is not null)
        {
            bool hasRefused = arrivals.Count < packets.Length && fault.RequirementId is "OFFLOAD-gro-09" or "OFFLOAD-gro-10";
            throw DisagreementAt(first + failing, hasRefused ? "OFFLOAD-gro-10" : fault.RequirementId, fault.What);
        }
    }

    // What policy refuses shows in the packets that a merged one stands for.
    private static OffloadFault? Smuggled(List<Handed> handed, List<(ByteString Inner, int Number, string Clause)> refused)
    {
        foreach (Handed packet in refused.Count > 0 ? handed : [])
        {
            bool cut = Segmenter.TrySegment(packet.Datagram, packet.Offload, out IReadOnlyList<ByteString> pieces, out _);
            int found = cut ? refused.FindIndex(one => pieces.Contains(one.Inner)) : -1;
            if (found >= 0)
            {
                string how = packet.Offload.Kind == SegmentationKind.None ? "" : " inside a merged one";
                string what = refused[found].Clause == "OFFLOAD-vlan-01" ? "a packet in a VLAN that the stack is not in" : "a packet of the SA of another peer";
                return new OffloadFault(refused[found].Clause, $"{what} was handed on{how}", refused[found].Number);
            }
        }

        return null;
    }

    // The sentinel is one of the packets that are counted. A packet that is not cut goes the same way as any.
    private void NoteCut(WaySigns? before, int due, int opened)
    {
        long uses = before is null ? 0 : _target.ReadWay()!.SaUses - before.SaUses - 1;
        Pieces = opened;
        TellsWay = before is not null;
        Way = !TellsWay || due < 2 ? null : uses == 1 ? EspPath.Offload : uses == due ? EspPath.Plain : null;
        Signs = TellsWay ? $"the SA was used {uses} times for {due} segments" : $"{opened} ESP packets for {due} segments";
    }

    private void NoteHanded(WaySigns? before, int sent, List<Handed> handed)
    {
        long arrived = before is null ? 0 : _target.ReadWay()!.EspAtIp - before.EspAtIp;
        Pieces = handed.Count(packet => packet.Offload.Kind != SegmentationKind.None);
        TellsWay = before is not null;
        Way = !TellsWay ? null : arrived == 0 ? EspPath.Offload : arrived > sent ? EspPath.Plain : null;
        Signs = (TellsWay ? $"{arrived} ESP packets of {sent} and a sentinel at IP, " : "") + $"{Pieces} merged packets";
    }

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
        _sentinelSequence += burst.Items.Any(item => item.Carrier == BurstCarrier.OtherPeer) ? RoomForSentinels : 0;
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
            packets[i] = (item.Fault == BurstFault.Forged ? packet.WithForgedIcv() : packet) with { VlanId = item.VlanId };
            if (!isOld)
            {
                _ = isFirst ? _nextInbound++ : _nextOnSecond++;
            }
        }

        return packets;
    }

    // The SA of a recorded packet is the one of its SPI; what the burst needed beside the SAs under test is made anew.
    private SealedPacket Recognized(ByteString datagram, string description)
    {
        SealedPacket packet = SealedPacket.Recorded(datagram, description);
        if (!IpPacketView.TryParse(datagram.Span, out IpPacketView outer, out _) || !EspHeader.TryParse(WireSideInvariants.EspPart(outer), out EspHeader? header, out _))
        {
            return packet;
        }

        if (header!.Spi == SecondSpi)
        {
            SecondPeer();
        }
        else if (header.Spi == Sentinel.Inbound.Spi)
        {
            _sentinelSequence = Math.Max(_sentinelSequence, header.SequenceLow);
        }

        return packet with { Spi = header.Spi };
    }

    private Spi SecondSpi => new(UnderTest.Inbound.Spi.Value + SecondSpiOffset);

    // A second SA between the same ends, as there is after a rekey.
    private Peer SecondPeer()
    {
        if (_secondPeer is null)
        {
            SecurityAssociation second = Connection.UnderTest(Scenario, ~Seed).Inbound with { Spi = SecondSpi };
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
