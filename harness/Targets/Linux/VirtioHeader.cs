using System.Buffers.Binary;
using Conformance.Harness.Contract;
using Conformance.Spec.Offload;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Linux;

/// <summary>The header that a TUN device puts in front of packets that are not finished. virtio 1.2 §5.1.6, struct virtio_net_hdr.</summary>
internal static class VirtioHeader
{
    /// <summary>Length in bytes.</summary>
    public const int Bytes = 10;

    private const byte NeedsChecksum = 1;
    private const byte TcpOverIpv4 = 1;
    private const byte TcpOverIpv6 = 4;
    private const byte UdpDatagrams = 5;
    private const byte HasCwr = 0x80;

    /// <summary>The header and the packet.</summary>
    public static byte[] Write(Packet packet)
    {
        byte[] bytes = new byte[Bytes + packet.Bytes.Length];
        packet.Bytes.Span.CopyTo(bytes.AsSpan(Bytes));
        if (packet.Offload == PacketOffload.None || !IpPacketView.TryParse(packet.Bytes.Span, out IpPacketView view, out _))
        {
            return bytes;
        }

        bool isTcp = view.Protocol == IpProtocol.Tcp;
        TcpView tcp = new(view.Payload);
        bytes[0] = packet.Offload.ChecksumIsPartial ? NeedsChecksum : (byte)0;
        if (packet.Offload.Kind != SegmentationKind.None)
        {
            bytes[1] = packet.Offload.Kind == SegmentationKind.Udp ? UdpDatagrams : view.IsIpv6 ? TcpOverIpv6 : TcpOverIpv4;
            bytes[1] |= isTcp && (tcp.Control & TcpControl.Cwr) != 0 ? HasCwr : (byte)0;
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)(view.HeaderBytes + (isTcp ? tcp.DataOffsetBytes : UdpView.HeaderBytes)));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), (ushort)packet.Offload.SegmentBytes);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)view.HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), (ushort)(isTcp ? 16 : 6));
        return bytes;
    }

    /// <summary>Takes a packet out of what the device gave.</summary>
    public static Packet Read(byte[] bytes) => bytes.Length < Bytes
        ? Packet.Adopt(bytes)
        : new Packet(ByteString.Adopt(bytes).Slice(Bytes..))
        {
            Offload = bytes.AsSpan(0, 2) is [0, 0] ? PacketOffload.None : new PacketOffload
            {
                Kind = (bytes[1] & ~HasCwr) switch
                {
                    TcpOverIpv4 or TcpOverIpv6 => SegmentationKind.Tcp,
                    UdpDatagrams => SegmentationKind.Udp,
                    _ => SegmentationKind.None,
                },
                SegmentBytes = bytes[1] == 0 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(4)),
                ChecksumIsPartial = (bytes[0] & NeedsChecksum) != 0,
            },
        };
}
