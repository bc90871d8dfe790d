using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Wire;

/// <summary>What a mutator's valid input is.</summary>
public enum PacketKind
{
    /// <summary>IPv4 packet.</summary>
    Ipv4,

    /// <summary>IPv6 packet.</summary>
    Ipv6,

    /// <summary>IPv6 packet whose chain begins with destination options.</summary>
    Ipv6Chain,

    /// <summary>UDP datagram.</summary>
    Udp,

    /// <summary>TCP segment.</summary>
    Tcp,

    /// <summary>ICMP message.</summary>
    Icmp,

    /// <summary>ESP packet.</summary>
    Esp,
}

/// <summary>One fault in a valid packet, and the field that a parser must name.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Clause">The clause that the result breaks.</param>
/// <param name="Kind">What it is applied to.</param>
/// <param name="Field">Field of the parse error.</param>
/// <param name="OffsetBytes">Offset of that field.</param>
/// <param name="Apply">Makes the fault; may change its argument.</param>
public sealed record PacketMutator(string Name, string Clause, PacketKind Kind, string Field, int OffsetBytes, Func<byte[], byte[]> Apply)
{
    /// <summary>Kind and name.</summary>
    public override string ToString() => $"{Kind}: {Name}";
}

/// <summary>The mutators of the wire formats, one line each.</summary>
public static class PacketMutators
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<PacketMutator> All { get; } =
    [
        new("wrong version", "RFC 791 §3.1", PacketKind.Ipv4, "version", 0, b => Byte(b, 0, (byte)(0x50 | (b[0] & 15)))),
        new("shorter than a header", "RFC 791 §3.1", PacketKind.Ipv4, "header", 0, b => b[..19]),
        new("IHL below 5", "RFC 791 §3.1", PacketKind.Ipv4, "IHL", 0, b => Byte(b, 0, 0x44)),
        new("total length below IHL", "RFC 791 §3.1", PacketKind.Ipv4, "total length", 2, b => Word(b, 2, 19)),
        new("total length beyond the buffer", "RFC 791 §3.1", PacketKind.Ipv4, "total length", 2, b => Word(b, 2, b.Length + 1)),
        new("bad header checksum", "RFC 1122 §3.2.1.2", PacketKind.Ipv4, "header checksum", 10, b => Word(b, 10, BinaryPrimitives.ReadUInt16BigEndian(b.AsSpan(10)) ^ 1)),
        new("reserved flag", "RFC 791 §3.1", PacketKind.Ipv4, "flags", 6, b => Finished(Byte(b, 6, (byte)(b[6] | 0x80)))),
        new("wrong version", "RFC 8200 §3", PacketKind.Ipv6, "version", 0, b => Byte(b, 0, 0x70)),
        new("shorter than a header", "RFC 8200 §3", PacketKind.Ipv6, "header", 0, b => b[..39]),
        new("payload length beyond the buffer", "RFC 8200 §3", PacketKind.Ipv6, "payload length", 4, b => Word(b, 4, b.Length - 39)),
        new("truncated extension header", "RFC 8200 §4.6", PacketKind.Ipv6Chain, "extension header", 40, b => Finished(b[..47])),
        new("extension header longer than the packet", "RFC 8200 §4.6", PacketKind.Ipv6Chain, "extension header", 40, b => Byte(b, 41, 255)),
        new("hop-by-hop options not in front", "RFC 8200 §4.1", PacketKind.Ipv6Chain, "extension header", 48, b => Finished(Byte([.. b[..48], 59, 0, 1, 4, 0, 0, 0, 0], 40, IpProtocol.HopByHopOptions))),
        new("chain that never ends", "RFC 8200 §4", PacketKind.Ipv6Chain, "extension header", 56, b => Finished(Byte(Byte([.. b[..48], .. b[40..48]], 40, 60), 48, 60))),
        new("option longer than its header", "RFC 8200 §4.2", PacketKind.Ipv6Chain, "option length", 43, b => Byte(b, 43, 5)),
        new("length short", "RFC 768", PacketKind.Udp, "length", 4, b => Word(b, 4, 7)),
        new("length long", "RFC 768", PacketKind.Udp, "length", 4, b => Word(b, 4, b.Length + 1)),
        new("shorter than a header", "RFC 768", PacketKind.Udp, "header", 0, b => b[..7]),
        new("bad checksum", "RFC 768", PacketKind.Udp, "checksum", 6, b => Word(b, 6, b[7] == 1 ? 2 : 1)),
        new("data offset below 5", "RFC 9293 §3.1", PacketKind.Tcp, "data offset", 12, b => Byte(b, 12, 0x40)),
        new("data offset beyond the segment", "RFC 9293 §3.1", PacketKind.Tcp, "data offset", 12, b => Byte(b[..20], 12, 0x60)),
        new("shorter than a header", "RFC 9293 §3.1", PacketKind.Tcp, "header", 0, b => b[..19]),
        new("bad checksum", "RFC 9293 §3.1", PacketKind.Tcp, "checksum", 16, b => Word(b, 16, BinaryPrimitives.ReadUInt16BigEndian(b.AsSpan(16)) ^ 1)),
        new("shorter than a header", "RFC 792", PacketKind.Icmp, "header", 0, b => b[..7]),
        new("bad checksum", "RFC 792", PacketKind.Icmp, "checksum", 2, b => Word(b, 2, BinaryPrimitives.ReadUInt16BigEndian(b.AsSpan(2)) ^ 1)),
        new("shorter than SPI and number", "RFC 4303 §2", PacketKind.Esp, "header", 0, b => b[..7]),
        new("SPI 0", "RFC 4303 §2.1", PacketKind.Esp, "SPI", 0, b => Word(Word(b, 0, 0), 2, 0)),
    ];

    private static byte[] Byte(byte[] bytes, int at, byte value)
    {
        bytes[at] = value;
        return bytes;
    }

    private static byte[] Word(byte[] bytes, int at, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)value);
        return bytes;
    }

    private static byte[] Finished(byte[] bytes)
    {
        IpPackets.FinishHeader(bytes);
        return bytes;
    }
}
