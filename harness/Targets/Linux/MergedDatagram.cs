using System.Buffers.Binary;
using Conformance.Spec.Offload;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Linux;

/// <summary>UDP as a program gets it that takes merged datagrams. Kernel: UDP_GRO, udp_cmsg_recv.</summary>
/// <param name="Key">Source address, source port and payload, by which the packet of a raw socket is found.</param>
/// <param name="Offload">How it is cut again.</param>
internal readonly record struct MergedDatagram(ByteString Key, PacketOffload Offload)
{
    private const int AddressBytes = 16;
    private const int SizeAt = AddressBytes + sizeof(ushort);
    private const int PayloadAt = SizeAt + sizeof(ushort);

    /// <summary>Reads what the agent sends on: address (16 bytes), port, size, payload.</summary>
    public static MergedDatagram Read(ReadOnlySpan<byte> told)
    {
        int size = BinaryPrimitives.ReadUInt16LittleEndian(told[SizeAt..]);
        return new MergedDatagram(
            ByteString.Adopt([.. told[..SizeAt], .. told[PayloadAt..]]),
            size == 0 ? PacketOffload.None : new PacketOffload { Kind = SegmentationKind.Udp, SegmentBytes = size, ChecksumIsPartial = true });
    }

    /// <summary>The key of a packet; null where it is no UDP.</summary>
    public static ByteString? KeyOf(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) || view.Protocol != IpProtocol.Udp || view.Payload.Length < UdpView.HeaderBytes)
        {
            return null;
        }

        byte[] key = new byte[SizeAt + view.Payload.Length - UdpView.HeaderBytes];
        view.Source.ToBytes().CopyTo(key, 0);
        view.Payload[..sizeof(ushort)].CopyTo(key.AsSpan(AddressBytes));
        view.Payload[UdpView.HeaderBytes..].CopyTo(key.AsSpan(SizeAt));
        return ByteString.Adopt(key);
    }
}
