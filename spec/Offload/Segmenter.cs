using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>Cuts a super-packet into the packets that its sender would have sent one by one. Kernel: tcp_gso_segment, __udp_gso_segment.</summary>
/// <remarks>
/// TCP: numbers go on by the payload; FIN and PSH belong to the last segment (RFC 9293 §3.1), CWR to the first (RFC 3168 §6.1.2); all
/// else is repeated. UDP: each datagram has its own length and checksum. IPv4 identifications count up, as those of packets sent one by one do.
/// </remarks>
public static class Segmenter
{
    private const int ControlOffset = 13;

    /// <summary>The segments in order, each whole and with its checksums; one where the payload fits a segment.</summary>
    /// <param name="datagram">An IPv4 or IPv6 packet, unfragmented.</param>
    /// <param name="offload">What is to be done with it.</param>
    /// <param name="segments">The segments; empty where there is an error.</param>
    /// <param name="error">What cannot be cut: a kind that is not the packet's, a header that is none.</param>
    public static bool TrySegment(ByteString datagram, PacketOffload offload, out IReadOnlyList<ByteString> segments, out ParseError error)
    {
        segments = [];
        error = default;
        if (offload is { Kind: SegmentationKind.None, ChecksumIsPartial: false })
        {
            segments = [datagram];
            return true;
        }

        if (!UpperLayer.TryFind(datagram.Span, out UpperLayer layer, out error))
        {
            return false;
        }

        if (offload.Kind != SegmentationKind.None && (layer.Protocol == IpProtocol.Tcp) != (offload.Kind == SegmentationKind.Tcp))
        {
            error = new ParseError("protocol", 0, $"{layer.Protocol} is not to be cut as {offload.Kind}");
            return false;
        }

        if (offload.Kind != SegmentationKind.None && offload.SegmentBytes <= 0)
        {
            error = new ParseError("segment size", 0, $"{offload.SegmentBytes} bytes");
            return false;
        }

        segments = Cut(datagram.Span, layer, offload);
        return true;
    }

    private static ByteString[] Cut(ReadOnlySpan<byte> datagram, UpperLayer layer, PacketOffload offload)
    {
        int size = offload.Kind == SegmentationKind.None ? Math.Max(layer.PayloadBytes, 1) : offload.SegmentBytes;
        int count = Math.Max(1, (layer.PayloadBytes + size - 1) / size);
        ByteString[] segments = new ByteString[count];
        for (int i = 0; i < count; i++)
        {
            int at = i * size;
            int length = Math.Min(size, layer.PayloadBytes - at);
            byte[] segment = new byte[layer.PayloadOffset + length];
            datagram[..layer.PayloadOffset].CopyTo(segment);
            datagram.Slice(layer.PayloadOffset + at, length).CopyTo(segment.AsSpan(layer.PayloadOffset));
            Adapt(segment, layer with { EndBytes = segment.Length }, at, i, isLast: i == count - 1, offload.ChecksumIsPartial);
            segments[i] = ByteString.Adopt(segment);
        }

        return segments;
    }

    private static void Adapt(Span<byte> segment, UpperLayer layer, int payloadBefore, int index, bool isLast, bool isPartial)
    {
        if (segment[0] >> 4 == 4)
        {
            ushort identification = BinaryPrimitives.ReadUInt16BigEndian(segment[4..]);
            BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)(identification + index));
        }

        Span<byte> upper = segment[layer.Offset..];
        if (layer.Protocol == IpProtocol.Tcp)
        {
            uint sequence = BinaryPrimitives.ReadUInt32BigEndian(upper[4..]);
            BinaryPrimitives.WriteUInt32BigEndian(upper[4..], sequence + (uint)payloadBefore);
            TcpControl control = (TcpControl)upper[ControlOffset];
            control &= isLast ? control : ~(TcpControl.Fin | TcpControl.Psh);
            control &= index == 0 ? control : ~TcpControl.Cwr;
            upper[ControlOffset] = (byte)control;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(upper[4..], (ushort)upper.Length);
        }

        IpPackets.FinishHeader(segment);
        layer.FinishChecksum(segment, isPartial);
    }
}
