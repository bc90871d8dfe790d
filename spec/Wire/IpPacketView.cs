using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>Where a packet stands in its datagram. RFC 791 §3.1, RFC 8200 §4.5.</summary>
/// <param name="OffsetBytes">Offset of this piece.</param>
/// <param name="MoreFragments">True when another piece follows.</param>
public readonly record struct FragmentInfo(int OffsetBytes, bool MoreFragments)
{
    /// <summary>True when this is a piece and not a whole datagram.</summary>
    public bool IsFragment => OffsetBytes != 0 || MoreFragments;
}

/// <summary>An IPv4 or IPv6 packet over a span, as far as IPsec looks at it. RFC 791 §3.1, RFC 8200 §3 and §4.</summary>
/// <remarks>Bytes behind the packet's own length are no part of it.</remarks>
public readonly ref struct IpPacketView
{
    private const int Ipv4HeaderBytes = 20;
    private const int Ipv6HeaderBytes = 40;
    private const int FragmentHeaderBytes = 8;
    private readonly ReadOnlySpan<byte> _packet;

    private IpPacketView(ReadOnlySpan<byte> packet, int headerBytes, int nextHeaderOffsetBytes, FragmentInfo fragment)
    {
        _packet = packet;
        HeaderBytes = headerBytes;
        NextHeaderOffsetBytes = nextHeaderOffsetBytes;
        Fragment = fragment;
    }

    /// <summary>Family.</summary>
    public bool IsIpv6 => _packet[0] >> 4 == 6;

    /// <summary>From the IP header to the end by the packet's own length.</summary>
    public ReadOnlySpan<byte> Bytes => _packet;

    /// <summary>Length of the IP header with options or extension headers, in bytes.</summary>
    public int HeaderBytes { get; }

    /// <summary>Offset of the field that names <see cref="Protocol"/>, in bytes.</summary>
    public int NextHeaderOffsetBytes { get; }

    /// <summary>Fragment fields; all zero for a whole datagram.</summary>
    public FragmentInfo Fragment { get; }

    /// <summary>Protocol behind the headers.</summary>
    public byte Protocol => _packet[NextHeaderOffsetBytes];

    /// <summary>What follows the headers.</summary>
    public ReadOnlySpan<byte> Payload => _packet[HeaderBytes..];

    /// <summary>Source address.</summary>
    public IpAddress Source => IpAddress.FromBytes(IsIpv6 ? _packet.Slice(8, 16) : _packet.Slice(12, 4));

    /// <summary>Destination address of the IP header.</summary>
    public IpAddress Destination => IpAddress.FromBytes(IsIpv6 ? _packet.Slice(24, 16) : _packet.Slice(16, 4));

    /// <summary>TOS or traffic class: DSCP in the upper six bits, ECN in the lower two. RFC 2474, RFC 3168.</summary>
    public byte TrafficClass => IsIpv6 ? (byte)(BinaryPrimitives.ReadUInt16BigEndian(_packet) >> 4) : _packet[1];

    /// <summary>TTL or hop limit.</summary>
    public byte HopLimit => IsIpv6 ? _packet[7] : _packet[8];

    /// <summary>DF of IPv4; IPv6 routers never fragment, so true there.</summary>
    public bool DontFragment => IsIpv6 || (_packet[6] & 0x40) != 0;

    /// <summary>Flow label of IPv6, else 0.</summary>
    public uint FlowLabel => IsIpv6 ? BinaryPrimitives.ReadUInt32BigEndian(_packet) & 0xfffff : 0;

    /// <summary>Reads a packet; walks IPv6 extension headers up to the first that is none, at most once over the bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out IpPacketView packet, out ParseError error)
    {
        packet = default;
        if (bytes.IsEmpty)
        {
            error = new ParseError("version", 0, "no bytes");
            return false;
        }

        switch (bytes[0] >> 4)
        {
            case 4:
                return TryParseIpv4(bytes, out packet, out error);
            case 6:
                return TryParseIpv6(bytes, out packet, out error);
            default:
                error = new ParseError("version", 0, $"{bytes[0] >> 4} is neither 4 nor 6");
                return false;
        }
    }

    private static bool TryParseIpv4(ReadOnlySpan<byte> bytes, out IpPacketView packet, out ParseError error)
    {
        packet = default;
        error = default;
        if (bytes.Length < Ipv4HeaderBytes)
        {
            error = new ParseError("header", 0, $"{bytes.Length} bytes, a header has 20");
            return false;
        }

        int headerBytes = (bytes[0] & 0x0f) * 4;
        if (headerBytes < Ipv4HeaderBytes || headerBytes > bytes.Length)
        {
            error = new ParseError("IHL", 0, $"{headerBytes} bytes of header");
            return false;
        }

        int total = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (total < headerBytes || total > bytes.Length)
        {
            error = new ParseError("total length", 2, $"{total} of {bytes.Length} bytes");
            return false;
        }

        if (InternetChecksum.Compute(bytes[..headerBytes]) != 0)
        {
            error = new ParseError("header checksum", 10, "wrong");
            return false;
        }

        ushort fragment = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        packet = new IpPacketView(bytes[..total], headerBytes, 9, new FragmentInfo((fragment & 0x1fff) * 8, (fragment & 0x2000) != 0));
        return true;
    }

    private static bool TryParseIpv6(ReadOnlySpan<byte> bytes, out IpPacketView packet, out ParseError error)
    {
        packet = default;
        error = default;
        if (bytes.Length < Ipv6HeaderBytes)
        {
            error = new ParseError("header", 0, $"{bytes.Length} bytes, a header has 40");
            return false;
        }

        int total = Ipv6HeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (total > bytes.Length)
        {
            error = new ParseError("payload length", 4, $"{total - Ipv6HeaderBytes} bytes, {bytes.Length - Ipv6HeaderBytes} are there");
            return false;
        }

        bytes = bytes[..total];
        int nextHeader = 6;
        int at = Ipv6HeaderBytes;
        FragmentInfo fragment = default;
        while (bytes[nextHeader] is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions or IpProtocol.Fragment)
        {
            bool isFragment = bytes[nextHeader] == IpProtocol.Fragment;
            int length = at + 2 > total ? 2 : isFragment ? FragmentHeaderBytes : (bytes[at + 1] + 1) * 8;
            if (at + length > total)
            {
                error = new ParseError("extension header", at, $"{length} bytes, {total - at} are there");
                return false;
            }

            if (isFragment)
            {
                ushort field = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
                fragment = new FragmentInfo(field & 0xfff8, (field & 1) != 0);
            }

            nextHeader = at;
            at += length;
            if (fragment.OffsetBytes != 0)
            {
                // Only the first fragment goes on with headers.
                break;
            }
        }

        packet = new IpPacketView(bytes, at, nextHeader, fragment);
        return true;
    }
}
