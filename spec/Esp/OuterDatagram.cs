using System.Buffers.Binary;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp;

/// <summary>Puts the outer headers around an ESP packet. RFC 4303 §3.1, RFC 3948 §2.1.</summary>
public static class OuterDatagram
{
    /// <summary>Length of the UDP header, in bytes.</summary>
    public const int UdpHeaderBytes = 8;

    /// <summary>IP header, UDP header where the SA has encapsulation, ESP packet.</summary>
    public static byte[] Build(SecurityAssociation sa, EnclosedPacket enclosed, ReadOnlySpan<byte> esp)
    {
        int headerBytes = enclosed.OuterHeader.Length;
        int udpBytes = sa.Encapsulation is null ? 0 : UdpHeaderBytes;
        byte[] datagram = new byte[headerBytes + udpBytes + esp.Length];
        enclosed.OuterHeader.Span.CopyTo(datagram);
        datagram[enclosed.NextHeaderOffsetBytes] = sa.Encapsulation is null ? IpProtocol.Esp : IpProtocol.Udp;
        esp.CopyTo(datagram.AsSpan(headerBytes + udpBytes));
        if (sa.Encapsulation is { } encapsulation)
        {
            Span<byte> udp = datagram.AsSpan(headerBytes);
            BinaryPrimitives.WriteUInt16BigEndian(udp, encapsulation.SourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(udp[2..], encapsulation.DestinationPort);
            BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
            WriteChecksum(sa, udp);
        }

        IpPackets.FinishHeader(datagram);
        return datagram;
    }

    /// <summary>The same outer headers around other bytes, with all lengths and checksums set right.</summary>
    /// <param name="datagram">A datagram as <see cref="Build"/> makes it.</param>
    /// <param name="espOffsetBytes">Where its ESP packet starts.</param>
    /// <param name="esp">What to put there.</param>
    public static byte[] Resize(ReadOnlySpan<byte> datagram, int espOffsetBytes, ReadOnlySpan<byte> esp)
    {
        byte[] resized = [.. datagram[..espOffsetBytes], .. esp];
        IpPackets.FinishHeader(resized);
        if (IpPacketView.TryParse(resized, out IpPacketView packet, out _) && packet.Protocol == IpProtocol.Udp)
        {
            Span<byte> udp = resized.AsSpan(packet.HeaderBytes);
            bool hasChecksum = BinaryPrimitives.ReadUInt16BigEndian(udp[6..]) != 0;
            BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udp.Length);
            udp.Slice(6, 2).Clear();
            if (hasChecksum)
            {
                ushort checksum = InternetChecksum.Compute(packet.Source, packet.Destination, IpProtocol.Udp, udp);
                BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
            }
        }

        return resized;
    }

    // Zero over IPv4 (RFC 3948 §2.1); IPv6 has no such rule, so the ordinary one holds.
    private static void WriteChecksum(SecurityAssociation sa, Span<byte> udp)
    {
        if (sa.Source.IsIpv6)
        {
            ushort checksum = InternetChecksum.Compute(sa.Source, sa.Destination, IpProtocol.Udp, udp);
            BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
        }
    }
}
