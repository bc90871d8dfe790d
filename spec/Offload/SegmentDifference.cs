using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>Where a segment is not the one that was due.</summary>
internal enum SegmentField
{
    /// <summary>It is no packet, or one of another kind.</summary>
    Form,

    /// <summary>DSCP or ECN.</summary>
    TrafficClass,

    /// <summary>TTL or hop limit.</summary>
    HopLimit,

    /// <summary>IPv4 identification.</summary>
    Identification,

    /// <summary>TCP sequence number.</summary>
    Sequence,

    /// <summary>FIN or PSH.</summary>
    Ending,

    /// <summary>CWR.</summary>
    WindowReduced,

    /// <summary>Another control bit, acknowledgment, window, urgent pointer or an option.</summary>
    TcpHeader,

    /// <summary>Length field of UDP.</summary>
    UdpLength,

    /// <summary>How much payload it carries.</summary>
    Size,

    /// <summary>The payload itself.</summary>
    Payload,

    /// <summary>Checksum of TCP or UDP.</summary>
    Checksum,

    /// <summary>Anything else in the headers.</summary>
    Header,
}

/// <summary>The first difference that explains why two packets are not the same.</summary>
/// <param name="Field">Which.</param>
/// <param name="What">Both values, for people.</param>
internal sealed record SegmentDifference(SegmentField Field, string What)
{
    private const TcpControl Ending = TcpControl.Fin | TcpControl.Psh;

    /// <summary>Null where they are the same; identifications of packets that are never fragmented may differ (RFC 6864 §4.1).</summary>
    /// <param name="due">The packet as it should be.</param>
    /// <param name="found">The packet as it is.</param>
    /// <param name="keepsIdentification">False where whoever cuts may choose identifications of its own.</param>
    public static SegmentDifference? Between(ReadOnlySpan<byte> due, ReadOnlySpan<byte> found, bool keepsIdentification)
    {
        if (due.SequenceEqual(found))
        {
            return null;
        }

        if (!IpPacketView.TryParse(found, out IpPacketView is_, out ParseError error))
        {
            return new SegmentDifference(SegmentField.Form, $"{error}");
        }

        if (!IpPacketView.TryParse(due, out IpPacketView was, out _) || was.IsIpv6 != is_.IsIpv6 || was.Protocol != is_.Protocol || was.HeaderBytes != is_.HeaderBytes)
        {
            return new SegmentDifference(SegmentField.Form, $"IPv{found[0] >> 4} with protocol {is_.Protocol} behind {is_.HeaderBytes} bytes");
        }

        return OfIp(was, is_, keepsIdentification) ?? was.Protocol switch
        {
            IpProtocol.Tcp => OfTcp(new TcpView(was.Payload), new TcpView(is_.Payload)),
            IpProtocol.Udp => OfUdp(was.Payload, is_.Payload),
            _ => was.Payload.SequenceEqual(is_.Payload) ? null : new SegmentDifference(SegmentField.Payload, "another payload"),
        } ?? OfTheRest(was, is_, keepsIdentification);
    }

    private static SegmentDifference? OfIp(IpPacketView due, IpPacketView found, bool keepsIdentification)
    {
        if (due.TrafficClass != found.TrafficClass)
        {
            return new SegmentDifference(SegmentField.TrafficClass, $"traffic class {found.TrafficClass} and not {due.TrafficClass}");
        }

        if (due.HopLimit != found.HopLimit)
        {
            return new SegmentDifference(SegmentField.HopLimit, $"TTL {found.HopLimit} and not {due.HopLimit}");
        }

        return keepsIdentification && !due.IsIpv6 && !found.DontFragment && new Ipv4HeaderView(due.Bytes).Identification is var was
            && new Ipv4HeaderView(found.Bytes).Identification is var now && was != now
            ? new SegmentDifference(SegmentField.Identification, $"identification {now} and not {was}")
            : null;
    }

    private static SegmentDifference? OfTcp(TcpView due, TcpView found)
    {
        if (due.Sequence != found.Sequence)
        {
            return new SegmentDifference(SegmentField.Sequence, $"TCP sequence number {found.Sequence} and not {due.Sequence}");
        }

        TcpControl changed = due.Control ^ found.Control;
        if (changed != TcpControl.None)
        {
            SegmentField field = (changed & Ending) != 0 ? SegmentField.Ending
                : (changed & TcpControl.Cwr) != 0 ? SegmentField.WindowReduced
                : SegmentField.TcpHeader;
            return new SegmentDifference(field, $"[{found.Control}] and not [{due.Control}]");
        }

        if (due.Acknowledgment != found.Acknowledgment || due.Window != found.Window || due.UrgentPointer != found.UrgentPointer
            || !due.Options.SequenceEqual(found.Options))
        {
            return new SegmentDifference(SegmentField.TcpHeader, "acknowledgment, window, urgent pointer or options were changed");
        }

        return OfData(due.Data, found.Data) ?? OfChecksum(due.Checksum, found.Checksum);
    }

    private static SegmentDifference? OfUdp(ReadOnlySpan<byte> due, ReadOnlySpan<byte> found)
    {
        UdpView was = new(due);
        UdpView now = new(found);
        return now.LengthBytes != found.Length && was.LengthBytes == due.Length
            ? new SegmentDifference(SegmentField.UdpLength, $"UDP length {now.LengthBytes} of {found.Length} bytes")
            : OfData(due[UdpView.HeaderBytes..], found[UdpView.HeaderBytes..]) ?? OfChecksum(was.Checksum, now.Checksum);
    }

    private static SegmentDifference? OfData(ReadOnlySpan<byte> due, ReadOnlySpan<byte> found) =>
        due.Length != found.Length ? new SegmentDifference(SegmentField.Size, $"{found.Length} bytes of payload and not {due.Length}")
        : !due.SequenceEqual(found) ? new SegmentDifference(SegmentField.Payload, "another payload")
        : null;

    private static SegmentDifference? OfChecksum(ushort due, ushort found) =>
        due == found ? null : new SegmentDifference(SegmentField.Checksum, $"checksum {found:x4} and not {due:x4}");

    // What is left are the fields of the headers that were not looked at one by one.
    private static SegmentDifference? OfTheRest(IpPacketView due, IpPacketView found, bool keepsIdentification)
    {
        byte[] aligned = found.Bytes.ToArray();
        if (!found.IsIpv6 && (found.DontFragment || !keepsIdentification))
        {
            due.Bytes.Slice(4, 2).CopyTo(aligned.AsSpan(4));
            IpPackets.FinishHeader(aligned);
        }

        return due.Bytes.SequenceEqual(aligned) ? null : new SegmentDifference(SegmentField.Header, "another field of the headers was changed");
    }
}
