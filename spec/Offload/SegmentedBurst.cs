using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>Judges what a super-packet became: the plain packets that were opened from the wire, in order.</summary>
public static class SegmentedBurst
{
    /// <summary>Null where it is what cutting first and sealing each segment would have sent.</summary>
    /// <param name="due">The segments that the super-packet stands for.</param>
    /// <param name="opened">What the ESP packets held, in order of their sequence numbers.</param>
    /// <param name="mayEndEarly">True where sequence numbers run out: the first segments may have left, or none.</param>
    public static OffloadFault? Judge(IReadOnlyList<ByteString> due, IReadOnlyList<ByteString> opened, bool mayEndEarly = false)
    {
        for (int i = 0; i < Math.Min(due.Count, opened.Count); i++)
        {
            if (SegmentDifference.Between(due[i].Span, opened[i].Span, keepsIdentification: false) is not { } difference)
            {
                continue;
            }

            string where = $"segment {i + 1} of {due.Count}: {difference.What}";
            return IndexOf(due, opened[i]) is >= 0 and var other && other != i
                ? new OffloadFault("OFFLOAD-seg-10", $"segment {i + 1} of {due.Count}: it is segment {other + 1}")
                : new OffloadFault(Requirement(difference.Field), where);
        }

        return opened.Count > due.Count ? new OffloadFault("OFFLOAD-seg-12", $"{opened.Count} packets for {due.Count} segments")
            : opened.Count < due.Count && !mayEndEarly ? new OffloadFault("OFFLOAD-seg-09", $"{opened.Count} packets for {due.Count} segments")
            : HasRepeatedIdentification(opened) && !HasRepeatedIdentification(due)
                ? new OffloadFault("OFFLOAD-seg-06", "two segments that may be fragmented have the same identification")
            : null;
    }

    // RFC 6864 §4: identifications of datagrams that may be fragmented are not used twice; which they are is the sender's
    // affair. Where a mode carries none, there are none to compare.
    private static bool HasRepeatedIdentification(IReadOnlyList<ByteString> opened)
    {
        HashSet<ushort> seen = [];
        return opened.Any(packet => packet.Length > 0 && packet[0] >> 4 == 4 && new Ipv4HeaderView(packet.Span) is { DontFragment: false } header && !seen.Add(header.Identification));
    }

    private static int IndexOf(IReadOnlyList<ByteString> due, ByteString found)
    {
        for (int i = 0; i < due.Count; i++)
        {
            if (due[i] == found)
            {
                return i;
            }
        }

        return -1;
    }

    private static string Requirement(SegmentField field) => field switch
    {
        SegmentField.Form => "OFFLOAD-seg-11",
        SegmentField.Sequence => "OFFLOAD-seg-02",
        SegmentField.Ending => "OFFLOAD-seg-03",
        SegmentField.WindowReduced => "OFFLOAD-seg-04",
        SegmentField.TcpHeader => "OFFLOAD-seg-05",
        SegmentField.Checksum => "OFFLOAD-seg-07",
        SegmentField.UdpLength => "OFFLOAD-seg-08",
        SegmentField.Size => "OFFLOAD-seg-09",
        _ => "OFFLOAD-seg-01",
    };
}
