using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Offload;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>Segmentation in front of ESP and coalescing behind it: one call of <see cref="ITarget.Send"/> is one poll.</summary>
public sealed partial class ReferenceStack
{
    private readonly bool _offloads;
    private readonly List<Arrival> _poll = [];
    private bool _isPoisoned;

    // A super-packet that cannot be cut goes nowhere, as a packet that is no packet.
    private void TransmitCut(Packet packet)
    {
        if (packet.Offload == PacketOffload.None)
        {
            Transmit(packet.Bytes);
            return;
        }

        if (!Segmenter.TrySegment(packet.Bytes, packet.Offload, out IReadOnlyList<ByteString> segments, out _))
        {
            return;
        }

        ImmutableDictionary<Spi, OutboundAssociation> before = _outbound;
        foreach (ByteString segment in _mutant?.Segments(segments, packet) ?? segments)
        {
            Transmit(segment);
            BetweenSegments();
        }

        if (_mutant is not null)
        {
            _outbound = _outbound.ToImmutableDictionary(e => e.Key, e => _mutant.AfterSuperPacket(before[e.Key], e.Value));
        }
    }

    private void BetweenSegments()
    {
        if (_mutant is null)
        {
            return;
        }

        foreach (OutboundAssociation association in _outbound.Values)
        {
            _outbound = _outbound.SetItem(association.Sa.Spi, _mutant.BetweenSegments(association));
        }
    }

    private void HandOn(ByteString plain, ReceiveContext context)
    {
        if (!_offloads)
        {
            _out.Enqueue(new Observation.ToHost(new Packet(plain)));
            return;
        }

        _poll.Add(new Arrival(plain, ReceiveStages.Found(context).Sa.Spi));
    }

    private void EndPoll()
    {
        if (_poll.Count > 0)
        {
            IReadOnlyList<Handed> handed = _mutant?.AsksPolicyAfterMerging == true ? MergedBeforePolicy() : Coalescer.Coalesce(_poll, new CoalescingLimits());
            foreach (Handed packet in _mutant?.HandOn(handed, _poll, _isPoisoned) ?? handed)
            {
                _out.Enqueue(new Observation.ToHost(new Packet(packet.Datagram) { Offload = packet.Offload }));
            }
        }

        _poll.Clear();
        _isPoisoned = false;
    }

    // As Linux does it: the first packet of a merged one speaks for all of them.
    private List<Handed> MergedBeforePolicy()
    {
        IReadOnlyList<Handed> handed = Coalescer.Coalesce([.. _poll.Select(arrival => arrival with { Spi = _poll[0].Spi })], new CoalescingLimits());
        return [.. handed.Where(packet => Segmenter.TrySegment(packet.Datagram, packet.Offload, out IReadOnlyList<ByteString> pieces, out _)
            && _poll.Any(arrival => arrival.Datagram == pieces[0] && IsAdmitted(_installed.Find(i => i.Sa.Spi == arrival.Spi).Sa, pieces[0])))];
    }
}
