using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>What the databases are asked with (struct flowi): a packet's selectors and where it goes.</summary>
public sealed record XfrmFlow
{
    /// <summary>Source address.</summary>
    public required IpAddress Source { get; init; }

    /// <summary>Destination address.</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>Upper protocol.</summary>
    public byte Protocol { get; init; }

    /// <summary>Source port, ICMP or mobility type, high half of a GRE key; 0 where there is none.</summary>
    public ushort SourcePort { get; init; }

    /// <summary>Destination port, ICMP code, low half of a GRE key; 0 where there is none.</summary>
    public ushort DestinationPort { get; init; }

    /// <summary>Index of the device of the packet's route.</summary>
    public int OutputInterface { get; init; }

    /// <summary>The packet's mark.</summary>
    public uint Mark { get; init; }

    /// <summary>Family.</summary>
    public XfrmFamily Family => XfrmFamilies.Of(Source);

    /// <summary>The flow of a packet that was forwarded or received (__xfrm_decode_session).</summary>
    /// <remarks>Fragments have no ports, the first one neither; IPv6 extension headers are skipped; a mobility type reads 0.</remarks>
    public static XfrmFlow OfPacket(IpPacketView packet, int outputInterface = 0, uint mark = 0)
    {
        (ushort source, ushort destination) = packet.Fragment.IsFragment ? default : Ports(packet.Protocol, packet.Payload);
        return new XfrmFlow
        {
            Source = packet.Source,
            Destination = packet.Destination,
            Protocol = packet.Protocol,
            SourcePort = source,
            DestinationPort = destination,
            OutputInterface = outputInterface,
            Mark = mark,
        };
    }

    /// <summary>The flow of the answer: addresses and ports swapped, ICMP type and code in place.</summary>
    public XfrmFlow Reversed()
    {
        bool icmp = Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6;
        return this with
        {
            Source = Destination,
            Destination = Source,
            SourcePort = icmp ? SourcePort : DestinationPort,
            DestinationPort = icmp ? DestinationPort : SourcePort,
        };
    }

    private static (ushort Source, ushort Destination) Ports(byte protocol, ReadOnlySpan<byte> payload) => protocol switch
    {
        IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.UdpLite or IpProtocol.Sctp when payload.Length >= 4 =>
            (BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt16BigEndian(payload[2..])),
        IpProtocol.Icmp or IpProtocol.IcmpV6 when payload.Length >= 2 => (payload[0], payload[1]),
        IpProtocol.Gre => GreKey(payload),
        _ => default,
    };

    private static (ushort High, ushort Low) GreKey(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 4 || (payload[0] & 0x20) == 0)
        {
            return default;
        }

        // The checksum field, when present, stands before the key. RFC 2890 §2.
        int at = (payload[0] & 0x80) != 0 ? 8 : 4;
        return payload.Length < at + 4
            ? default
            : (BinaryPrimitives.ReadUInt16BigEndian(payload[at..]), BinaryPrimitives.ReadUInt16BigEndian(payload[(at + 2)..]));
    }
}
