using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>Cuts a packet into fragments. RFC 791 §3.2, RFC 8200 §4.5.</summary>
public static class IpFragments
{
    private const int UnitBytes = 8;
    private const int CopiedOption = 0x80;
    private const byte NoOperation = 1;

    /// <summary>Fragments that fit into an MTU, in order; the packet itself when it fits.</summary>
    /// <param name="packet">A valid packet; an IPv4 one may be a fragment itself.</param>
    /// <param name="mtuBytes">Most bytes of one piece.</param>
    /// <param name="identification">Identification of the IPv6 fragment headers; IPv4 keeps the packet's own.</param>
    public static IEnumerable<ByteString> Cut(ByteString packet, int mtuBytes, uint identification) =>
        packet.Length <= mtuBytes ? [packet]
        : packet[0] >> 4 == 6 ? CutIpv6(packet, mtuBytes, identification)
        : CutIpv4(packet, mtuBytes);

    /// <summary>Fragments of an IPv6 packet, also where the first one holds all of it: an atomic fragment. RFC 6946.</summary>
    public static IEnumerable<ByteString> CutAlways(ByteString packet, int mtuBytes, uint identification) => CutIpv6(packet, mtuBytes, identification);

    private static List<ByteString> CutIpv4(ByteString packet, int mtuBytes)
    {
        List<ByteString> pieces = [];
        ReadOnlySpan<byte> bytes = packet.Span;
        int headerBytes = (bytes[0] & 0x0f) * 4;
        ushort field = BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]);
        int room = (mtuBytes - headerBytes) / UnitBytes * UnitBytes;
        for (int at = headerBytes; at < bytes.Length; at += room)
        {
            bool last = at + room >= bytes.Length;
            byte[] piece = [.. bytes[..headerBytes], .. bytes[at..(last ? bytes.Length : at + room)]];
            int offset = (field & 0x1fff) + ((at - headerBytes) / UnitBytes);
            int flags = (field & 0xc000) | (last ? field & 0x2000 : 0x2000);
            BinaryPrimitives.WriteUInt16BigEndian(piece.AsSpan(6), (ushort)(flags | offset));
            if (offset != 0)
            {
                KeepCopiedOptions(piece.AsSpan(Ipv4HeaderView.FixedBytes..headerBytes));
            }

            IpPackets.FinishHeader(piece);
            pieces.Add(ByteString.Adopt(piece));
        }

        return pieces;
    }

    // Options without the copied flag stand in the first fragment only; elsewhere they become no-operation.
    private static void KeepCopiedOptions(Span<byte> options)
    {
        int at = 0;
        while (at < options.Length && options[at] != 0)
        {
            int length = options[at] == NoOperation || at + 1 == options.Length ? 1 : Math.Clamp((int)options[at + 1], 1, options.Length - at);
            if ((options[at] & CopiedOption) == 0)
            {
                options.Slice(at, length).Fill(NoOperation);
            }

            at += length;
        }
    }

    private static List<ByteString> CutIpv6(ByteString packet, int mtuBytes, uint identification)
    {
        List<ByteString> pieces = [];
        ReadOnlySpan<byte> bytes = packet.Span;
        (int unfragmentable, int nextHeader) = Unfragmentable(bytes);
        byte protocol = bytes[nextHeader];
        int room = (mtuBytes - unfragmentable - Ipv6ExtensionHeaderView.FragmentBytes) / UnitBytes * UnitBytes;
        for (int at = unfragmentable; at < bytes.Length; at += room)
        {
            bool last = at + room >= bytes.Length;
            byte[] piece = [.. bytes[..unfragmentable], .. new byte[Ipv6ExtensionHeaderView.FragmentBytes], .. bytes[at..(last ? bytes.Length : at + room)]];
            piece[nextHeader] = IpProtocol.Fragment;
            Span<byte> header = piece.AsSpan(unfragmentable);
            header[0] = protocol;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)((at - unfragmentable) | (last ? 0 : 1)));
            BinaryPrimitives.WriteUInt32BigEndian(header[4..], identification);
            IpPackets.FinishHeader(piece);
            pieces.Add(ByteString.Adopt(piece));
        }

        return pieces;
    }

    // Headers up to the last routing or hop-by-hop one stand in every fragment. RFC 8200 §4.5.
    private static (int Bytes, int NextHeaderOffset) Unfragmentable(ReadOnlySpan<byte> bytes)
    {
        (int at, int nextHeader) = (Ipv6HeaderView.FixedBytes, 6);
        (int Bytes, int NextHeaderOffset) part = (at, nextHeader);
        while (at < bytes.Length && bytes[nextHeader] is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions)
        {
            bool stays = bytes[nextHeader] != IpProtocol.DestinationOptions;
            (at, nextHeader) = (at + new Ipv6ExtensionHeaderView(bytes[at..]).LengthBytes, at);
            part = stays ? (at, nextHeader) : part;
        }

        return part;
    }
}
