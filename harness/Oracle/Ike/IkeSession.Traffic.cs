using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>ESP over what was negotiated. RFC 7296 §2.8, §2.17.</summary>
public sealed partial class IkeSession
{
    private readonly Dictionary<Spi, SecurityAssociation> _associations = [];
    private readonly Dictionary<Spi, ulong> _sequences = [];
    private readonly Dictionary<Spi, ChildSa> _children = [];
    private readonly List<ByteString> _delivered = [];
    private ReceiverState _opener = ReceiverState.Empty;
    private (Spi Spi, ByteString Plain)? _opened;
    private uint _plain;
    private ByteString? _sentInside;

    // A stack may still be putting in the SA that a packet is for, and drop it: only packet after packet shows that it has none.
    private static readonly TimeSpan[] Pauses = [.. new[] { 50, 200, 750, 2000 }.Select(m => TimeSpan.FromMilliseconds(m))];

    /// <summary>True if a packet that the tester seals on a Child SA is delivered behind the target.</summary>
    public bool Delivers(ChildSa child)
    {
        (IpAddress source, IpAddress destination) = Ends(child);
        return DeliversBetween(child, source, destination);
    }

    /// <summary>True if a packet between two hosts that the tester seals on a Child SA is delivered behind the target; false where none was, and the target answered afterwards.</summary>
    public bool DeliversBetween(ChildSa child, IpAddress source, IpAddress destination)
    {
        bool isDelivered = DeliversBetween(_associations[child.Outbound], source, destination);
        if (!isDelivered)
        {
            RequireLife("packets of ESP");
        }

        return isDelivered;
    }

    private bool DeliversBetween(SecurityAssociation sa, IpAddress source, IpAddress destination)
    {
        _delivered.Clear();
        List<ByteString> sent = [];
        bool IsDelivered() => sent.Exists(plain => _delivered.Exists(d => PacketComparison.SameButForOneHop(plain.Span, d.Span) || d == plain));
        foreach (TimeSpan pause in Pauses)
        {
            sent.Add(Plain(source, destination));
            ulong sequence = _sequences[sa.Spi] = _sequences.GetValueOrDefault(sa.Spi) + 1;
            SealedPacket packet = new Peer(sa, _keys, EspIv, new PlainPackets(source, destination)).SealPlain(sent[^1], sequence);
            Stimulus stimulus = new Stimulus.FromWire(new Packet(packet.Datagram));
            _steps.Add(new IkeStep(stimulus, $"-> {packet}"));
            _target.Send([stimulus]);
            Collect(IsDelivered, pause);
            if (IsDelivered())
            {
                return true;
            }
        }

        return false;
    }

    // The wire keeps its order: who answers afterwards has had the packets.
    private void RequireLife(string after)
    {
        if (Newcomer() is null)
        {
            throw new ConformanceException(FailureKind.NotObserved, null, Text($"after {after} the target answers nobody"), this);
        }
    }

    /// <summary>The SPI of the Child SA on which the target sends a packet from behind it; null where it sends none, or sends it in clear.</summary>
    public Spi? SendsOn(ChildSa child)
    {
        (IpAddress source, IpAddress destination) = Ends(child);
        ByteString plain = Plain(destination, source);
        (_opened, _sentInside) = (null, plain);
        Stimulus stimulus = new Stimulus.FromHost(new Packet(plain));
        _steps.Add(new IkeStep(stimulus, "-> host a plain packet"));
        _target.Send([stimulus]);
        Collect(() => _opened is not null || _sentInside is null, Pauses[^1]);
        if (_opened is null && _sentInside is not null)
        {
            RequireLife("a plain packet");
        }

        Require(_opened is not { } seen || PacketComparison.SameButForOneHop(plain.Span, seen.Plain.Span) || seen.Plain == plain, "RFC7296-2.17-01", "the packet inside is another one");
        return _opened?.Spi;
    }

    /// <summary>Requires that packets cross a Child SA both ways.</summary>
    public void ExpectTraffic(ChildSa child, string? clause = null)
    {
        AwaitTarget();
        if (!Delivers(child))
        {
            Violation? mistake = MistakeOfReceiver(child);
            throw Disagreement(mistake?.RequirementId ?? clause, $"a packet on {child.Outbound} is not delivered{(mistake is null ? "" : $"; one sealed as by a mistake is: {mistake.What}")}");
        }

        Spi? used = SendsOn(child);
        Require(used == child.Inbound, clause, $"the target sends on {used?.ToString() ?? "nothing"}, not on {child.Inbound}");
    }

    // A target that was answered last may not have done yet what the answer lets it do: when it answers, it has.
    private void AwaitTarget()
    {
        if (_answeredLast && Peer.Sas.LastOrDefault(s => s.Phase == IkeSaPhase.Established && s.Pending.IsEmpty) is { } sa)
        {
            Do(new IkeCommand.Probe(sa.Number));
        }
    }

    private void NoteAssociations(IkePeer peer, ChildSa child)
    {
        if (peer.Sa(child.Owner) is not { } owner)
        {
            return;
        }

        (_children[child.Inbound], _children[child.Outbound]) = (child, child);

        foreach (bool isInbound in new[] { true, false })
        {
            (Endpoint source, Endpoint destination) = isInbound ? (owner.Peer, Outside(owner.Own)) : (Outside(owner.Own), owner.Peer);
            ChildSaKeys keys = isInbound ? child.InboundKeys : child.OutboundKeys;
            SecurityAssociation sa = new()
            {
                Spi = isInbound ? child.Inbound : child.Outbound,
                Mode = child.IsTransport ? EspMode.Transport : EspMode.Tunnel,
                Source = source.Address,
                Destination = destination.Address,
                Suite = child.Suite,
                EncryptionKey = new ByteString(keys.Encryption.Span),
                IntegrityKey = new ByteString(keys.Integrity.Span),
                ExtendedSequenceNumbers = child.IsEsn,
                Encapsulation = child.IsUdpEncapsulated ? new UdpEncapsulation(source.Port, destination.Port) : null,
            };
            bool isNew = !_associations.TryGetValue(sa.Spi, out SecurityAssociation? known);
            if (isNew || known != sa)
            {
                _associations[sa.Spi] = sa;
                _opener = isInbound ? _opener.With(InboundAssociation.Create(sa)) : _opener;
            }
        }
    }

    private void TakePacket(Observation observation, IkeStep step)
    {
        switch (observation)
        {
            case Observation.ToHost { Packet.Bytes: var group } when PacketComparison.IsMulticast(group):
            case Observation.ToWire { Packet.Bytes: var announced } when PacketComparison.IsMulticast(announced):
                break;
            case Observation.ToHost host:
                _delivered.Add(host.Packet.Bytes);
                step.Words.Add("a packet is delivered");
                break;
            case Observation.ToWire wire when _sentInside is { } plain && (wire.Packet.Bytes == plain || PacketComparison.SameButForOneHop(plain.Span, wire.Packet.Bytes.Span)):
                // Where no Child SA is, what goes in clear is a matter of policy, which IKE does not have.
                _sentInside = null;
                step.Words.Add("<- a packet in clear");
                break;
            case Observation.ToWire wire:
                ByteString bytes = wire.Packet.Bytes;
                (_opener, ReceiveOutcome outcome) = EspReceiver.Rfc.Receive(_opener, bytes, _keys);
                if (outcome is ReceiveOutcome.Delivered delivered)
                {
                    _opened = (SpiOf(bytes), delivered.Inner);
                    step.Words.Add($"<- ESP {_opened.Value.Spi}");
                }
                else
                {
                    Violation? mistake = MistakeIn(bytes);
                    throw Disagreement(mistake?.RequirementId ?? "RFC7296-2.17-01", $"a packet on the wire that is no IKE and opens on no Child SA: {mistake?.What ?? $"{outcome}"}");
                }

                break;
        }
    }

    private static Spi SpiOf(ByteString packet)
    {
        bool isRead = IpPacketView.TryParse(packet.Span, out IpPacketView ip, out _);
        ReadOnlySpan<byte> esp = !isRead ? default : ip.Protocol == IpProtocol.Udp ? new UdpView(ip.Payload).Data : ip.Payload;
        return new Spi(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(esp));
    }

    private (IpAddress Source, IpAddress Destination) Ends(ChildSa child) => child.IsTransport
        ? (Conversation.Ends.Peer, Conversation.Ends.Target)
        : (Conversation.Ends.Remote, Conversation.Ends.Protected);

    private ByteString Plain(IpAddress source, IpAddress destination) =>
        ByteString.Adopt(IpPackets.Raw(source, destination, IpProtocol.Experiment253, [0, 0, 0, (byte)++_plain, 5, 6, 7, 8], new IpPacketOptions { Identification = (ushort)_plain }));

    private byte[] EspIv(int lengthBytes)
    {
        byte[] iv = new byte[lengthBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(iv, ++_iv);
        return iv;
    }
}
