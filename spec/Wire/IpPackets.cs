using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>Header fields of a packet to be built; the defaults are those of an ordinary host.</summary>
public sealed record IpPacketOptions
{
    /// <summary>All defaults.</summary>
    public static IpPacketOptions Default { get; } = new();

    /// <summary>TTL or hop limit.</summary>
    public byte HopLimit { get; init; } = 64;

    /// <summary>TOS or traffic class.</summary>
    public byte TrafficClass { get; init; }

    /// <summary>IPv4 identification.</summary>
    public ushort Identification { get; init; } = 1;

    /// <summary>IPv4 DF.</summary>
    public bool DontFragment { get; init; }

    /// <summary>IPv4 more-fragments.</summary>
    public bool MoreFragments { get; init; }

    /// <summary>IPv4 fragment offset in bytes, a multiple of 8.</summary>
    public int FragmentOffsetBytes { get; init; }

    /// <summary>IPv4 options, a multiple of 4 bytes.</summary>
    public ByteString Ipv4Options { get; init; }

    /// <summary>IPv6 flow label, 20 bits.</summary>
    public uint FlowLabel { get; init; }

    /// <summary>IPv6 extension headers in order: protocol and whole bytes, whose first byte is set to the next protocol.</summary>
    public IReadOnlyList<(byte Protocol, ByteString Header)> ExtensionHeaders { get; init; } = [];
}

/// <summary>Builds whole IP packets. RFC 791 §3.1, RFC 8200 §3.</summary>
public static class IpPackets
{
    /// <summary>A packet of the family of its addresses with any upper protocol.</summary>
    public static byte[] Raw(IpAddress source, IpAddress destination, byte protocol, ReadOnlySpan<byte> payload, IpPacketOptions? options = null) =>
        source.IsIpv6
            ? Ipv6(source, destination, protocol, payload, options ?? IpPacketOptions.Default)
            : Ipv4(source, destination, protocol, payload, options ?? IpPacketOptions.Default);

    /// <summary>A UDP datagram with its checksum. RFC 768.</summary>
    public static byte[] Udp(
        IpAddress source, IpAddress destination, ushort sourcePort, ushort destinationPort, ReadOnlySpan<byte> data, IpPacketOptions? options = null)
    {
        byte[] segment = new byte[8 + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), destinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(4), (ushort)segment.Length);
        data.CopyTo(segment.AsSpan(8));
        ushort checksum = InternetChecksum.Compute(source, destination, IpProtocol.Udp, segment);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(6), checksum == 0 ? ushort.MaxValue : checksum);
        return Raw(source, destination, IpProtocol.Udp, segment, options);
    }

    /// <summary>Sets total or payload length and the IPv4 header checksum after a header was changed.</summary>
    public static void FinishHeader(Span<byte> packet)
    {
        if (packet[0] >> 4 == 6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - 40));
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet.Slice(10, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Compute(packet[..((packet[0] & 0x0f) * 4)]));
    }

    private static byte[] Ipv4(IpAddress source, IpAddress destination, byte protocol, ReadOnlySpan<byte> payload, IpPacketOptions options)
    {
        int headerBytes = 20 + options.Ipv4Options.Length;
        byte[] packet = new byte[headerBytes + payload.Length];
        packet[0] = (byte)(0x40 | (headerBytes / 4));
        packet[1] = options.TrafficClass;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), options.Identification);
        int fragment = (options.FragmentOffsetBytes / 8) | (options.MoreFragments ? 0x2000 : 0) | (options.DontFragment ? 0x4000 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)fragment);
        packet[8] = options.HopLimit;
        packet[9] = protocol;
        source.WriteTo(packet.AsSpan(12));
        destination.WriteTo(packet.AsSpan(16));
        options.Ipv4Options.Span.CopyTo(packet.AsSpan(20));
        payload.CopyTo(packet.AsSpan(headerBytes));
        FinishHeader(packet);
        return packet;
    }

    private static byte[] Ipv6(IpAddress source, IpAddress destination, byte protocol, ReadOnlySpan<byte> payload, IpPacketOptions options)
    {
        int extensionBytes = options.ExtensionHeaders.Sum(h => h.Header.Length);
        byte[] packet = new byte[40 + extensionBytes + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(packet, 0x60000000 | ((uint)options.TrafficClass << 20) | (options.FlowLabel & 0xfffff));
        packet[7] = options.HopLimit;
        source.WriteTo(packet.AsSpan(8));
        destination.WriteTo(packet.AsSpan(24));
        int nextHeader = 6;
        int at = 40;
        foreach ((byte headerProtocol, ByteString header) in options.ExtensionHeaders)
        {
            packet[nextHeader] = headerProtocol;
            header.Span.CopyTo(packet.AsSpan(at));
            nextHeader = at;
            at += header.Length;
        }

        packet[nextHeader] = protocol;
        payload.CopyTo(packet.AsSpan(at));
        FinishHeader(packet);
        return packet;
    }
}
