using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>Judges what became of a burst that ESP opened: cut again, the packets handed on are those that came.</summary>
/// <remarks>
/// An acceptor: a stack may merge less than it might, or not at all, and flows may pass each other. It may not merge
/// what cannot be told apart again. Packets of two SAs may be merged where policy admits both, as after a rekey: no
/// receiver can tell. Those that policy refuses are not among the packets that are due.
/// </remarks>
public static class HandedBurst
{
    /// <summary>Null where no receiver could tell it from the packets one by one.</summary>
    /// <param name="due">The plain packets in the order in which they came.</param>
    /// <param name="handed">What was handed on.</param>
    /// <param name="keepsIdentification">False where the receiver makes the IPv4 header anew, as BEET between families does.</param>
    public static OffloadFault? Judge(IReadOnlyList<Arrival> due, IReadOnlyList<Handed> handed, bool keepsIdentification = true)
    {
        Dictionary<FlowKey, List<Queue<Due>>> flows = [];
        List<(ByteString Datagram, int Number)> others = [];
        for (int i = 0; i < due.Count; i++)
        {
            Arrival arrival = due[i];
            if (FlowKey.Of(arrival.Datagram.Span) is not { } flow)
            {
                others.Add((arrival.Datagram, i));
            }
            else
            {
                Enqueue(flows, flow, new Due(arrival, i));
            }
        }

        foreach (Handed packet in handed)
        {
            if (Take(packet, flows, others, keepsIdentification) is { } fault)
            {
                return fault;
            }
        }

        int[] lost = [.. others.Select(packet => packet.Number), .. flows.Values.SelectMany(queues => queues).SelectMany(queue => queue).Select(waiting => waiting.Number)];
        return lost.Length > 0 ? new OffloadFault("OFFLOAD-gro-09", $"{lost.Length} of {due.Count} packets were not handed on", lost.Min()) : null;
    }

    // Packets of two SAs may pass each other: each SA has a queue of its own. Of two that are the same the older is taken first.
    private static void Enqueue(Dictionary<FlowKey, List<Queue<Due>>> flows, FlowKey flow, Due arrival)
    {
        if (!flows.TryGetValue(flow, out List<Queue<Due>>? queues))
        {
            flows.Add(flow, queues = []);
        }

        if (queues.Find(queue => queue.Peek().Packet.Spi == arrival.Packet.Spi) is { } own)
        {
            own.Enqueue(arrival);
        }
        else
        {
            queues.Add(new Queue<Due>([arrival]));
        }
    }

    private static OffloadFault? Take(Handed packet, Dictionary<FlowKey, List<Queue<Due>>> flows, List<(ByteString Datagram, int Number)> others, bool keepsIdentification)
    {
        if (!Segmenter.TrySegment(packet.Datagram, packet.Offload, out IReadOnlyList<ByteString> pieces, out ParseError error))
        {
            return new OffloadFault("OFFLOAD-gro-11", $"a packet of {packet.Datagram.Length} bytes, {packet.Offload}, cannot be cut: {error}");
        }

        if (FlowKey.Of(packet.Datagram.Span) is not { } flow)
        {
            int found = others.FindIndex(other => other.Datagram == packet.Datagram);
            if (found >= 0)
            {
                others.RemoveAt(found);
            }

            return found >= 0 ? null : new OffloadFault("OFFLOAD-gro-10", $"{packet.Datagram.Length} bytes that nobody sent");
        }

        foreach (ByteString piece in pieces)
        {
            Queue<Due>[] waiting = flows.TryGetValue(flow, out List<Queue<Due>>? queues) ? [.. queues.Where(queue => queue.Count > 0).OrderBy(queue => queue.Peek().Number)] : [];
            if (waiting.Length == 0)
            {
                return new OffloadFault("OFFLOAD-gro-10", "more packets of a flow than were sent");
            }

            if (Array.Find(waiting, queue => SegmentDifference.Between(queue.Peek().Packet.Datagram.Span, piece.Span, keepsIdentification) is null) is { } own)
            {
                own.Dequeue();
                continue;
            }

            Due first = waiting[0].Peek();
            SegmentDifference? difference = SegmentDifference.Between(first.Packet.Datagram.Span, piece.Span, keepsIdentification);
            return waiting.Any(queue => queue.Any(later => later.Packet.Datagram == piece))
                ? new OffloadFault("OFFLOAD-gro-08", "a packet overtook another of its flow, or the other is lost", first.Number)
                : new OffloadFault(pieces.Count == 1 ? "OFFLOAD-gro-01" : Requirement(difference!.Field), difference!.What, first.Number);
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

    private readonly record struct Due(Arrival Packet, int Number);
}
