using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Transit;

/// <summary>Cuts a datagram into pieces that fit a link. RFC 791 §3.2, RFC 8200 §4.5.</summary>
public static class Fragmenter
{
    private const int UnitBytes = 8;
    private const byte CopiedOption = 0x80;

    /// <summary>The pieces in order; the datagram itself where it fits or cannot be cut any smaller.</summary>
    /// <param name="datagram">A whole datagram.</param>
    /// <param name="mtuBytes">What the link carries.</param>
    /// <param name="identification">Tells the pieces of IPv6 datagrams apart; IPv4 has its own.</param>
    public static IReadOnlyList<ByteString> Split(ByteString datagram, int mtuBytes, uint identification)
    {
        if (datagram.Length <= mtuBytes || !IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _) || packet.Fragment.IsFragment)
        {
            return [datagram];
        }

        int headerBytes = packet.IsIpv6 ? UnfragmentableBytes(packet.Bytes) + Ipv6ExtensionHeaderView.FragmentBytes : packet.HeaderBytes;
        int pieceBytes = (mtuBytes - headerBytes) / UnitBytes * UnitBytes;
        return pieceBytes < UnitBytes ? [datagram] : Cut(datagram, pieceBytes, identification);
    }

    /// <summary>The pieces of a given size, which is a multiple of 8 bytes, whatever the link.</summary>
    public static IReadOnlyList<ByteString> Cut(ByteString datagram, int pieceBytes, uint identification)
    {
        if (!IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _))
        {
            return [datagram];
        }

        int start = packet.IsIpv6 ? UnfragmentableBytes(packet.Bytes) : packet.HeaderBytes;
        int total = packet.Bytes.Length - start;
        List<ByteString> pieces = [];
        for (int at = 0; at < total; at += pieceBytes)
        {
            int length = Math.Min(pieceBytes, total - at);
            bool more = at + length < total;
            ReadOnlySpan<byte> data = packet.Bytes.Slice(start + at, length);
            pieces.Add(packet.IsIpv6
                ? Ipv6Piece(packet.Bytes[..start], data, at, more, identification)
                : Ipv4Piece(packet.Bytes[..start], data, at, more));
        }

        return pieces;
    }

    /// <summary>Length of what every piece repeats: the header with hop-by-hop and routing headers. RFC 8200 §4.5.</summary>
    public static int UnfragmentableBytes(ReadOnlySpan<byte> packet)
    {
        int at = Ipv6HeaderView.FixedBytes;
        int end = at;
        byte next = packet[6];
        while (next is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions && at + UnitBytes <= packet.Length)
        {
            bool repeated = next != IpProtocol.DestinationOptions;
            next = packet[at];
            at += new Ipv6ExtensionHeaderView(packet[at..]).LengthBytes;
            end = repeated ? at : end;
        }

        return Math.Min(end, packet.Length);
    }

    private static ByteString Ipv4Piece(ReadOnlySpan<byte> header, ReadOnlySpan<byte> data, int offsetBytes, bool more)
    {
        byte[] piece = [.. offsetBytes == 0 ? header : LaterHeader(header), .. data];
        int flags = piece[6] & 0xc0;
        BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(6), (ushort)((flags << 8) | (more ? 0x2000 : 0) | (offsetBytes / UnitBytes)));
        IpPackets.FinishHeader(piece);
        return ByteString.Adopt(piece);
    }

    // Options without the copied flag stand in the first piece only. RFC 791 §3.1.
    private static byte[] LaterHeader(ReadOnlySpan<byte> header)
    {
        List<byte> options = [];
        bool readable = OptionList.TryParse(header[Ipv4HeaderView.FixedBytes..], Ipv4HeaderView.FixedBytes, out IReadOnlyList<HeaderOption> all, out _);
        foreach (HeaderOption option in readable ? all : [])
        {
            if ((option.Type & CopiedOption) != 0)
            {
                options.AddRange([option.Type, (byte)(option.Data.Length + 2), .. option.Data.Span]);
            }
        }

        options.AddRange(new byte[(4 - (options.Count % 4)) % 4]);
        byte[] later = [.. header[..Ipv4HeaderView.FixedBytes], .. options];
        later[0] = (byte)(0x40 | (later.Length / 4));
        return later;
    }

    private static ByteString Ipv6Piece(ReadOnlySpan<byte> head, ReadOnlySpan<byte> data, int offsetBytes, bool more, uint identification)
    {
        byte[] piece = [.. head, .. new byte[Ipv6ExtensionHeaderView.FragmentBytes], .. data];
        int named = LastNextHeaderOffset(head);
        Span<byte> fragment = piece.AsSpan(head.Length);
        fragment[0] = piece[named];
        piece[named] = IpProtocol.Fragment;
        BinaryPrimitives.WriteUInt16BigEndian(fragment[2..], (ushort)(offsetBytes | (more ? 1 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(fragment[4..], identification);
        IpPackets.FinishHeader(piece);
        return ByteString.Adopt(piece);
    }

    private static int LastNextHeaderOffset(ReadOnlySpan<byte> head)
    {
        int named = 6;
        int at = Ipv6HeaderView.FixedBytes;
        while (at < head.Length)
        {
            named = at;
            at += new Ipv6ExtensionHeaderView(head[at..]).LengthBytes;
        }

        return named;
    }
}
