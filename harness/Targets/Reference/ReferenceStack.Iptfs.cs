using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>AGGFRAG mode: what one <see cref="ITarget.Send"/> brings for an SA shares payloads. RFC 9347.</summary>
public sealed partial class ReferenceStack
{
    private readonly Dictionary<Spi, (ReorderWindow Window, ReassemblyState State, ReceiveContext Last)> _reassembly = [];
    private readonly Dictionary<Spi, List<ByteString>> _queues = [];

    private void ForgetAggregation()
    {
        _reassembly.Clear();
        _queues.Clear();
    }

    private void ReceiveAggregated(ReceiveContext context)
    {
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        bool isKnown = AggFragPayload.TryParse(context.Inner.Span, out AggFragPayload? payload, out _);
        if (_mutant is not null)
        {
            payload = _mutant.Understand(context.Inner, payload);
        }

        if (payload is null)
        {
            Count(isKnown ? nameof(DiscardReason.InnerMalformed) : nameof(DiscardReason.NextHeaderInvalid));
            return;
        }

        int window = sa.Aggregation.ReorderWindowPackets;
        (ReorderWindow reorder, ReassemblyState state, _) = _reassembly.TryGetValue(sa.Spi, out var kept)
            ? kept
            : (ReorderWindow.Create(_mutant?.ReorderWindow(window) ?? window), ReassemblyState.Empty, context);
        (reorder, ImmutableArray<(ulong, AggFragPayload)> released) = reorder.Accept(context.Sequence.Value, payload);
        _reassembly[sa.Spi] = (reorder, Extract(context, state, released), context);
    }

    private ReassemblyState Extract(ReceiveContext context, ReassemblyState state, ImmutableArray<(ulong Sequence, AggFragPayload Payload)> payloads)
    {
        SecurityAssociation sa = ReceiveStages.Found(context).Sa;
        foreach ((ulong sequence, AggFragPayload payload) in payloads)
        {
            Extraction extraction = _mutant?.Extract(state, sequence, payload) ?? Reassembler.Receive(state, sequence, payload);
            state = extraction.Next;
            for (int i = 0; i < extraction.Packets.Length; i++)
            {
                ByteString inner = extraction.Packets[i];
                bool isWhole = IpPacketView.TryParse(inner.Span, out _, out _);
                if (!isWhole || ((i == 0 || _mutant?.ChecksEveryInnerPacket != false) && !HasPolicyFor(sa, inner)))
                {
                    Count(isWhole ? nameof(DiscardReason.SelectorMismatch) : nameof(DiscardReason.InnerMalformed));
                }
                else if (_gateway.ToHost(inner) is { } delivered)
                {
                    HandOn(delivered, context);
                }
            }
        }

        return state;
    }

    // RFC 4301 §5.2 step 4; what no entry names is refused.
    private bool HasPolicyFor(SecurityAssociation sa, ByteString inner) =>
        IpPacketView.TryParse(inner.Span, out IpPacketView packet, out _)
        && Admits(packet.Source, packet.Destination) && IsAdmitted(sa, inner);

    private bool Admits(IpAddress source, IpAddress destination) =>
        _policies.Any(p => p.Direction == Spec.Policy.PolicyDirection.Inbound && p.Source.Contains(source) && p.Destination.Contains(destination));

    private void Queue(SecurityAssociation sa, ByteString packet)
    {
        if (!_queues.TryGetValue(sa.Spi, out List<ByteString>? queue))
        {
            _queues.Add(sa.Spi, queue = []);
        }

        queue.AddRange(sa.Aggregation.DontFragment && _mutant?.DropsWhatIsTooLong != true
            ? Fragmenter.Split(packet, CapacityBytes(sa), (uint)_iv)
            : [packet]);
    }

    // Nothing that is held back on either side outlives a call: time is the tester's. RFC 9347 §2.2.3.
    private void SendQueued()
    {
        foreach ((Spi spi, (ReorderWindow window, ReassemblyState state, ReceiveContext last)) in _reassembly.ToArray())
        {
            (ReorderWindow next, ImmutableArray<(ulong, AggFragPayload)> released) = window.GiveUp();
            _reassembly[spi] = (next, Extract(last, state, released), last);
        }

        foreach ((Spi spi, List<ByteString> packets) in _queues)
        {
            if (packets.Count > 0 && _outbound.TryGetValue(spi, out OutboundAssociation? association))
            {
                ByteString[] payloads = [.. Framer.Fill(packets, CapacityBytes(association.Sa), !association.Sa.Aggregation.DontFragment).Select(payload => payload.ToBytes())];
                foreach (ByteString payload in _mutant?.Payloads(payloads, packets) ?? payloads)
                {
                    SealToWire(_outbound[spi], payload);
                }
            }

            packets.Clear();
        }
    }

    private int CapacityBytes(SecurityAssociation sa) =>
        PathMtu.LargestPlainBytes(sa, Math.Min(_gateway.PathMtuOf(sa), sa.Aggregation.OuterBytes ?? ushort.MaxValue), 0);
}
