using System.Buffers.Binary;
using Conformance.Harness.Contract;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Linux;

/// <summary>Ethernet frames around datagrams, with a VLAN tag or without. IEEE 802.3, 802.1Q.</summary>
/// <param name="hardwareAddress">Of the stack's device, six bytes.</param>
internal sealed class EthernetFraming(byte[] hardwareAddress)
{
    private const int HeaderBytes = 14;
    private const int TagBytes = 4;
    private const ushort Ipv4 = 0x0800;
    private const ushort Ipv6 = 0x86dd;
    private const ushort Tag = 0x8100;
    private const ushort VlanIdMask = 0x0fff;
    private static readonly byte[] PeerHardwareAddress = [0x02, 0, 0, 0, 0x99, 0x01];

    /// <summary>The frame in which a datagram arrives; what is empty stays so.</summary>
    public ByteString Frame(Packet packet)
    {
        if (packet.Bytes.Length == 0)
        {
            return packet.Bytes;
        }

        int header = HeaderBytes + (packet.VlanId is null ? 0 : TagBytes);
        byte[] frame = new byte[header + packet.Bytes.Length];
        hardwareAddress.CopyTo(frame, 0);
        PeerHardwareAddress.CopyTo(frame, hardwareAddress.Length);
        if (packet.VlanId is { } vlan)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(HeaderBytes - 2), Tag);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(HeaderBytes), vlan);
        }

        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(header - 2), packet.Bytes[0] >> 4 == 6 ? Ipv6 : Ipv4);
        packet.Bytes.Span.CopyTo(frame.AsSpan(header));
        return ByteString.Adopt(frame);
    }

    /// <summary>The datagram in a frame that left; empty where it holds none.</summary>
    public static Packet Unframe(ByteString frame)
    {
        ushort? vlan = TypeAt(frame, HeaderBytes) == Tag && frame.Length >= HeaderBytes + TagBytes
            ? (ushort)(BinaryPrimitives.ReadUInt16BigEndian(frame.Span[HeaderBytes..]) & VlanIdMask)
            : null;
        int header = HeaderBytes + (vlan is null ? 0 : TagBytes);
        return new Packet(TypeAt(frame, header) is Ipv4 or Ipv6 ? frame.Slice(header..) : ByteString.Empty) { VlanId = vlan };
    }

    private static int TypeAt(ByteString frame, int header) => frame.Length > header ? BinaryPrimitives.ReadUInt16BigEndian(frame.Span[(header - 2)..]) : 0;
}
