using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Offload;

/// <summary>Where TCP or UDP lies in a whole, unfragmented IP packet.</summary>
/// <param name="Protocol">6 or 17.</param>
/// <param name="Offset">From the IP header to the ports, in bytes.</param>
/// <param name="HeaderBytes">Length of the TCP or UDP header.</param>
/// <param name="EndBytes">Where the packet ends by its own length.</param>
internal readonly record struct UpperLayer(byte Protocol, int Offset, int HeaderBytes, int EndBytes)
{
    public int PayloadOffset => Offset + HeaderBytes;

    public int PayloadBytes => EndBytes - PayloadOffset;

    private int ChecksumOffset => Offset + (Protocol == IpProtocol.Tcp ? 16 : 6);

    /// <summary>Finds it; the error names what stands in the way.</summary>
    public static bool TryFind(ReadOnlySpan<byte> datagram, out UpperLayer layer, out ParseError error)
    {
        layer = default;
        if (!IpPacketView.TryParse(datagram, out IpPacketView packet, out error))
        {
            return false;
        }

        if (packet.Fragment.IsFragment)
        {
            error = new ParseError("fragment", 6, "a piece of a datagram");
            return false;
        }

        ReadOnlySpan<byte> payload = packet.Payload;
        int header = packet.Protocol switch
        {
            IpProtocol.Tcp => new TcpView(payload).DataOffsetBytes,
            IpProtocol.Udp => UdpView.HeaderBytes,
            _ => 0,
        };
        int least = packet.Protocol == IpProtocol.Tcp ? TcpView.FixedBytes : UdpView.HeaderBytes;
        if (header < least || header > payload.Length)
        {
            error = new ParseError("upper layer", packet.HeaderBytes, $"protocol {packet.Protocol} with a header of {header} in {payload.Length} bytes");
            return false;
        }

        layer = new UpperLayer(packet.Protocol, packet.HeaderBytes, header, packet.Bytes.Length);
        return true;
    }

    /// <summary>False for a UDP datagram that says it has none.</summary>
    public bool HasChecksum(ReadOnlySpan<byte> datagram) =>
        Protocol == IpProtocol.Tcp || BinaryPrimitives.ReadUInt16BigEndian(datagram[ChecksumOffset..]) != 0;

    /// <summary>True where it is right or there is none.</summary>
    public bool ChecksumIsRight(ReadOnlySpan<byte> datagram) => !HasChecksum(datagram) || Sum(datagram, datagram[Offset..EndBytes]) == 0;

    /// <summary>Writes the whole checksum; a UDP datagram over IPv4 that has none keeps none.</summary>
    public void FinishChecksum(Span<byte> datagram, bool isPartial)
    {
        Span<byte> field = datagram.Slice(ChecksumOffset, 2);
        if (Protocol == IpProtocol.Udp && !isPartial && BinaryPrimitives.ReadUInt16BigEndian(field) == 0)
        {
            return;
        }

        field.Clear();
        ushort checksum = Sum(datagram, datagram[Offset..EndBytes]);
        BinaryPrimitives.WriteUInt16BigEndian(field, Protocol == IpProtocol.Udp && checksum == 0 ? ushort.MaxValue : checksum);
    }

    /// <summary>Writes the sum of the pseudo header alone, for a later stage to add the rest.</summary>
    public void LeaveChecksumPartial(Span<byte> datagram)
    {
        Span<byte> nothing = stackalloc byte[2];
        (IpAddress source, IpAddress destination) = Addresses(datagram);
        // The length belongs to the pseudo header, which is asked for with a segment of two zero bytes.
        ushort short2 = InternetChecksum.Compute(source, destination, Protocol, nothing);
        uint sum = (uint)(ushort)~short2 + (uint)(EndBytes - Offset) - 2;
        sum = (sum >> 16) + (sum & ushort.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(datagram[ChecksumOffset..], (ushort)((sum >> 16) + sum));
    }

    private ushort Sum(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> segment)
    {
        (IpAddress source, IpAddress destination) = Addresses(datagram);
        return InternetChecksum.Compute(source, destination, Protocol, segment);
    }

    private static (IpAddress Source, IpAddress Destination) Addresses(ReadOnlySpan<byte> datagram) => datagram[0] >> 4 == 6
        ? (IpAddress.FromBytes(datagram.Slice(8, 16)), IpAddress.FromBytes(datagram.Slice(24, 16)))
        : (IpAddress.FromBytes(datagram.Slice(12, 4)), IpAddress.FromBytes(datagram.Slice(16, 4)));
}
