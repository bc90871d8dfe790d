using System.Buffers.Binary;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>A packet that waits for others of its flow to be appended. Kernel: NAPI_GRO_CB, skb_gro_receive.</summary>
internal sealed class HeldPacket
{
    private const TcpControl EndsThePacket = TcpControl.Fin | TcpControl.Psh;
    private const TcpControl NeverMerged = TcpControl.Syn | TcpControl.Rst | TcpControl.Urg;
    private readonly List<ByteString> _parts = [];
    private readonly Spi _spi;
    private readonly UpperLayer _layer;
    private readonly bool _hasFixedIdentification;
    private int _payloadBytes;
    private TcpControl _ending;
    private bool _isFull;

    private HeldPacket(Arrival first, UpperLayer layer)
    {
        _parts.Add(first.Datagram);
        _spi = first.Spi;
        _layer = layer;
        _payloadBytes = layer.PayloadBytes;
        _hasFixedIdentification = first.Datagram[0] >> 4 == 4 && (first.Datagram[6] & 0x40) != 0;
        _ending = Control(first.Datagram.Span, layer) & EndsThePacket;
        _isFull = _ending != TcpControl.None;
    }

    private ReadOnlySpan<byte> Head => _parts[0].Span;

    /// <summary>Holds a packet that others may follow; null for one that is handed on at once.</summary>
    public static HeldPacket? TryHold(Arrival arrival, CoalescingLimits limits)
    {
        ReadOnlySpan<byte> datagram = arrival.Datagram.Span;
        return UpperLayer.TryFind(datagram, out UpperLayer layer, out _) && layer.PayloadBytes > 0 && layer.EndBytes == datagram.Length
            && layer.ChecksumIsRight(datagram) && !HasIpv4Options(datagram)
            && (layer.Protocol == IpProtocol.Tcp ? (Control(datagram, layer) & NeverMerged) == 0 : limits.MergesUdp && layer.HasChecksum(datagram))
            ? new HeldPacket(arrival, layer)
            : null;
    }

    /// <summary>Appends the next packet of the flow; false where the two must stay apart.</summary>
    public bool TryAppend(Arrival next, CoalescingLimits limits)
    {
        if (_isFull || next.Spi != _spi || TryHold(next, limits) is not { } other || !HeadersAgree(other)
            || other._payloadBytes > _layer.PayloadBytes || _layer.PayloadOffset + _payloadBytes + other._payloadBytes > limits.MaximumBytes)
        {
            return false;
        }

        _parts.Add(next.Datagram);
        _payloadBytes += other._payloadBytes;
        _ending |= other._ending;
        _isFull = other._isFull || other._payloadBytes < _layer.PayloadBytes
            || (_layer.Protocol == IpProtocol.Udp && _parts.Count == limits.MaximumDatagrams);
        return true;
    }

    /// <summary>The packet as it is handed on.</summary>
    public Handed ToHanded()
    {
        if (_parts.Count == 1)
        {
            return new Handed(_parts[0], PacketOffload.None);
        }

        byte[] merged = new byte[_layer.PayloadOffset + _payloadBytes];
        Head[.._layer.PayloadOffset].CopyTo(merged);
        int at = _layer.PayloadOffset;
        foreach (ByteString part in _parts)
        {
            ReadOnlySpan<byte> data = part.Span[_layer.PayloadOffset..];
            data.CopyTo(merged.AsSpan(at));
            at += data.Length;
        }

        UpperLayer whole = _layer with { EndBytes = merged.Length };
        Span<byte> upper = merged.AsSpan(_layer.Offset);
        if (_layer.Protocol == IpProtocol.Tcp)
        {
            upper[13] |= (byte)_ending;
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(upper[4..], (ushort)upper.Length);
        }

        IpPackets.FinishHeader(merged);
        whole.LeaveChecksumPartial(merged);
        return new Handed(ByteString.Adopt(merged), new PacketOffload
        {
            Kind = _layer.Protocol == IpProtocol.Tcp ? SegmentationKind.Tcp : SegmentationKind.Udp,
            SegmentBytes = _layer.PayloadBytes,
            ChecksumIsPartial = true,
        });
    }

    // All that segmentation would repeat must be the same, and all that it counts must go on.
    private bool HeadersAgree(HeldPacket other)
    {
        ReadOnlySpan<byte> mine = Head[.._layer.PayloadOffset];
        ReadOnlySpan<byte> theirs = other.Head[..other._layer.PayloadOffset];
        return mine.Length == theirs.Length && _layer.Offset == other._layer.Offset
            && (mine[0] >> 4 == 6 ? Ipv6HeadersAgree(mine, theirs) : Ipv4HeadersAgree(mine, theirs))
            && (_layer.Protocol == IpProtocol.Udp || TcpHeadersAgree(mine[_layer.Offset..], theirs[_layer.Offset..]));
    }

    private bool Ipv4HeadersAgree(ReadOnlySpan<byte> mine, ReadOnlySpan<byte> theirs)
    {
        ushort first = BinaryPrimitives.ReadUInt16BigEndian(mine[4..]);
        ushort next = BinaryPrimitives.ReadUInt16BigEndian(theirs[4..]);
        return mine[1] == theirs[1] && mine[6] == theirs[6] && mine[8] == theirs[8]
            && (next == (ushort)(first + _parts.Count) || (_hasFixedIdentification && next == first));
    }

    // Version, class and label; then next header and hop limit, addresses and extension headers; not the length.
    private bool Ipv6HeadersAgree(ReadOnlySpan<byte> mine, ReadOnlySpan<byte> theirs) =>
        mine[..4].SequenceEqual(theirs[..4]) && mine[6.._layer.Offset].SequenceEqual(theirs[6.._layer.Offset]);

    private bool TcpHeadersAgree(ReadOnlySpan<byte> mine, ReadOnlySpan<byte> theirs)
    {
        uint due = BinaryPrimitives.ReadUInt32BigEndian(mine[4..]) + (uint)_payloadBytes;
        TcpControl control = (TcpControl)theirs[13];
        TcpControl repeated = ~(EndsThePacket | TcpControl.Cwr);
        return BinaryPrimitives.ReadUInt32BigEndian(theirs[4..]) == due && (control & TcpControl.Cwr) == 0
            && ((TcpControl)mine[13] & repeated) == (control & repeated)
            && mine[8..13].SequenceEqual(theirs[8..13])
            && mine[14..16].SequenceEqual(theirs[14..16])
            && mine[18..].SequenceEqual(theirs[18..]);
    }

    private static bool HasIpv4Options(ReadOnlySpan<byte> datagram) => datagram[0] >> 4 == 4 && (datagram[0] & 0x0f) > 5;

    private static TcpControl Control(ReadOnlySpan<byte> datagram, UpperLayer layer) =>
        layer.Protocol == IpProtocol.Tcp ? (TcpControl)datagram[layer.Offset + 13] : TcpControl.None;
}
