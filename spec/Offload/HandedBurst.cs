using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>Judges what became of a burst that ESP opened: cut again, the packets handed on are those that came.</summary>
/// <remarks>
/// An acceptor: a stack may merge less than it might, or not at all, and flows may pass each other. It may not merge
/// what cannot be told apart again, nor packets of two SAs, which policy judges one by one.
/// </remarks>
public static class HandedBurst
{
    /// <summary>Null where no receiver could tell it from the packets one by one.</summary>
    /// <param name="due">The plain packets in the order in which they came.</param>
    /// <param name="handed">What was handed on.</param>
    public static OffloadFault? Judge(IReadOnlyList<Arrival> due, IReadOnlyList<Handed> handed)
    {
        Dictionary<FlowKey, Queue<Arrival>> flows = [];
        List<ByteString> others = [];
        foreach (Arrival arrival in due)
        {
            if (FlowKey.Of(arrival.Datagram.Span) is not { } flow)
            {
                others.Add(arrival.Datagram);
            }
            else if (flows.TryGetValue(flow, out Queue<Arrival>? queue))
            {
                queue.Enqueue(arrival);
            }
            else
            {
                flows.Add(flow, new Queue<Arrival>([arrival]));
            }
        }

        foreach (Handed packet in handed)
        {
            if (Take(packet, flows, others) is { } fault)
            {
                return fault;
            }
        }

        int lost = others.Count + flows.Values.Sum(queue => queue.Count);
        return lost > 0 ? new OffloadFault("OFFLOAD-gro-09", $"{lost} of {due.Count} packets were not handed on") : null;
    }

    private static OffloadFault? Take(Handed packet, Dictionary<FlowKey, Queue<Arrival>> flows, List<ByteString> others)
    {
        if (!Segmenter.TrySegment(packet.Datagram, packet.Offload, out IReadOnlyList<ByteString> pieces, out ParseError error))
        {
            return new OffloadFault("OFFLOAD-gro-11", $"a packet of {packet.Datagram.Length} bytes, {packet.Offload}, cannot be cut: {error}");
        }

        if (FlowKey.Of(packet.Datagram.Span) is not { } flow)
        {
            return others.Remove(packet.Datagram) ? null : new OffloadFault("OFFLOAD-gro-10", $"{packet.Datagram.Length} bytes that nobody sent");
        }

        Spi? spi = null;
        foreach (ByteString piece in pieces)
        {
            if (!flows.TryGetValue(flow, out Queue<Arrival>? queue) || !queue.TryDequeue(out Arrival next))
            {
                return new OffloadFault("OFFLOAD-gro-10", "more packets of a flow than were sent");
            }

            if (SegmentDifference.Between(next.Datagram.Span, piece.Span) is { } difference)
            {
                return queue.Any(later => later.Datagram == piece)
                    ? new OffloadFault("OFFLOAD-gro-08", "a packet overtook another of its flow, or the other is lost")
                    : new OffloadFault(pieces.Count == 1 ? "OFFLOAD-gro-01" : Requirement(difference.Field), difference.What);
            }

            if (spi is { } first && first != next.Spi)
            {
                return new OffloadFault("OFFLOAD-gro-07", $"packets of the SAs {first} and {next.Spi} were merged");
            }

            spi = next.Spi;
        }

        return null;
    }

    private static string Requirement(SegmentField field) => field switch
    {
        SegmentField.Sequence => "OFFLOAD-gro-02",
        SegmentField.TrafficClass => "OFFLOAD-gro-03",
        SegmentField.HopLimit => "OFFLOAD-gro-04",
        SegmentField.Ending or SegmentField.WindowReduced => "OFFLOAD-gro-05",
        SegmentField.TcpHeader => "OFFLOAD-gro-06",
        SegmentField.Size or SegmentField.UdpLength => "OFFLOAD-gro-11",
        _ => "OFFLOAD-gro-01",
    };
}
