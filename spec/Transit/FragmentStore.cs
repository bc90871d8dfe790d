using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Transit;

/// <summary>What makes pieces belong together. RFC 791 §3.2, RFC 8200 §4.5.</summary>
/// <param name="Source">Source address.</param>
/// <param name="Destination">Destination address.</param>
/// <param name="Protocol">Protocol of the datagram; 0 for IPv6, which does not look at it.</param>
/// <param name="Identification">Identification.</param>
public readonly record struct FragmentKey(IpAddress Source, IpAddress Destination, byte Protocol, uint Identification);

/// <summary>One piece of a datagram, taken apart.</summary>
/// <param name="Key">What it belongs to.</param>
/// <param name="OffsetBytes">Where it stands.</param>
/// <param name="More">True when it is not the last one.</param>
/// <param name="Head">What stands in front of the data in the whole datagram, lengths as they were.</param>
/// <param name="NamedAt">Where the head names what follows it.</param>
/// <param name="NextHeader">What follows it.</param>
/// <param name="Data">The data.</param>
public sealed record FragmentPiece(
    FragmentKey Key, int OffsetBytes, bool More, ByteString Head, int NamedAt, byte NextHeader, ByteString Data);

/// <summary>The pieces that a host waits with until a datagram is whole. RFC 791 §3.2, RFC 8200 §4.5.</summary>
/// <remarks>Pieces that overlap end the datagram, in IPv4 too: RFC 5722 §4 demands it for IPv6, RFC 1858 warns for IPv4.</remarks>
/// <param name="Waiting">The pieces of each datagram in the order of arrival; an empty list is a datagram that was given up.</param>
public sealed record FragmentStore(ImmutableDictionary<FragmentKey, ImmutableList<FragmentPiece>> Waiting)
{
    /// <summary>Nothing waits.</summary>
    public static FragmentStore Empty { get; } = new(ImmutableDictionary<FragmentKey, ImmutableList<FragmentPiece>>.Empty);

    /// <summary>Takes a piece; gives the datagram back when it was the last one missing.</summary>
    public (FragmentStore Store, ByteString? Whole) Add(ByteString fragment)
    {
        if (Read(fragment) is not { } piece || (piece.More && piece.Data.Length % 8 != 0))
        {
            return (this, null);
        }

        ImmutableList<FragmentPiece> before = Waiting.GetValueOrDefault(piece.Key, []);
        if (Waiting.ContainsKey(piece.Key) && before.IsEmpty)
        {
            return (this, null);
        }

        if (before.Any(p => p.OffsetBytes == piece.OffsetBytes && p.More == piece.More && p.Data == piece.Data))
        {
            // The same piece again is no overlap: networks repeat packets.
            return (this, null);
        }

        ImmutableList<FragmentPiece> pieces = before.Any(p => Overlap(p, piece)) ? [] : before.Add(piece);
        return Join(pieces) is { } whole
            ? (new FragmentStore(Waiting.Remove(piece.Key)), whole)
            : (new FragmentStore(Waiting.SetItem(piece.Key, pieces)), null);
    }

    /// <summary>Takes a piece apart; null for a whole datagram or none.</summary>
    public static FragmentPiece? Read(ByteString datagram)
    {
        if (!IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _) || !packet.Fragment.IsFragment)
        {
            return null;
        }

        if (!packet.IsIpv6)
        {
            uint identification = BinaryPrimitives.ReadUInt16BigEndian(packet.Bytes[4..]);
            return new FragmentPiece(
                new FragmentKey(packet.Source, packet.Destination, packet.Protocol, identification),
                packet.Fragment.OffsetBytes, packet.Fragment.MoreFragments,
                datagram.Slice(..packet.HeaderBytes), 9, packet.Protocol, datagram.Slice(packet.HeaderBytes..packet.Bytes.Length));
        }

        return FragmentHeader(packet.Bytes) is not { } found ? null : new FragmentPiece(
            new FragmentKey(packet.Source, packet.Destination, 0, BinaryPrimitives.ReadUInt32BigEndian(packet.Bytes[(found.At + 4)..])),
            packet.Fragment.OffsetBytes, packet.Fragment.MoreFragments,
            datagram.Slice(..found.At), found.NamedAt, packet.Bytes[found.At],
            datagram.Slice((found.At + Ipv6ExtensionHeaderView.FragmentBytes)..packet.Bytes.Length));
    }

    private static (int At, int NamedAt)? FragmentHeader(ReadOnlySpan<byte> packet)
    {
        int named = 6;
        int at = Ipv6HeaderView.FixedBytes;
        while (packet[named] is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions)
        {
            named = at;
            at += new Ipv6ExtensionHeaderView(packet[at..]).LengthBytes;
        }

        return packet[named] == IpProtocol.Fragment ? (at, named) : null;
    }

    private static bool Overlap(FragmentPiece one, FragmentPiece other) =>
        one.OffsetBytes < other.OffsetBytes + other.Data.Length && other.OffsetBytes < one.OffsetBytes + one.Data.Length;

    private static ByteString? Join(ImmutableList<FragmentPiece> pieces)
    {
        FragmentPiece[] inOrder = [.. pieces.OrderBy(p => p.OffsetBytes)];
        int next = 0;
        foreach (FragmentPiece piece in inOrder)
        {
            if (piece.OffsetBytes != next)
            {
                return null;
            }

            next += piece.Data.Length;
        }

        if (inOrder.Length == 0 || inOrder[^1].More || inOrder[..^1].Any(p => !p.More))
        {
            return null;
        }

        FragmentPiece first = inOrder[0];
        byte[] whole = new byte[first.Head.Length + next];
        if (whole.Length > ushort.MaxValue)
        {
            return null;
        }

        first.Head.Span.CopyTo(whole);
        foreach (FragmentPiece piece in inOrder)
        {
            piece.Data.Span.CopyTo(whole.AsSpan(first.Head.Length + piece.OffsetBytes));
        }

        whole[first.NamedAt] = first.NextHeader;
        if (whole[0] >> 4 == 4)
        {
            whole[6] &= 0xc0;
            whole[7] = 0;
        }

        IpPackets.FinishHeader(whole);
        return ByteString.Adopt(whole);
    }
}
