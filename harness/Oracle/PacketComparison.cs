using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>Compares a delivered packet with the one that was meant.</summary>
public static class PacketComparison
{
    /// <summary>True for a packet to a group: a stack announces its memberships on its own links (RFC 3810, RFC 4861), which is nothing that came out of ESP.</summary>
    public static bool IsMulticast(ByteString packet) => IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) && view.Destination.IsMulticast;

    private const int Ipv4TtlOffset = 8;
    private const int Ipv4ChecksumOffset = 10;
    private const int Ipv4HeaderBytes = 20;
    private const int Ipv6HopLimitOffset = 7;
    private const int Ipv6HeaderBytes = 40;

    /// <summary>The packet without the fields that BEET mode cannot carry through a header of the other family.</summary>
    /// <remarks>Identification and DF have no place in IPv6, the flow label none in IPv4.</remarks>
    public static ByteString WithoutFieldsOfItsFamily(ByteString packet)
    {
        byte[] bytes = packet.ToArray();
        if (bytes.Length >= Ipv6HeaderBytes && bytes[0] >> 4 == 6)
        {
            (bytes[1], bytes[2], bytes[3]) = ((byte)(bytes[1] & 0xf0), 0, 0);
        }
        else if (bytes.Length >= Ipv4HeaderBytes && bytes[0] >> 4 == 4)
        {
            bytes.AsSpan(4, 4).Clear();
            IpPackets.FinishHeader(bytes);
        }

        return ByteString.Adopt(bytes);
    }

    /// <summary>An IPv6 packet without what stands between its header and the upper layer.</summary>
    public static ByteString WithoutExtensionHeaders(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) || !view.IsIpv6 || view.HeaderBytes == Ipv6HeaderBytes)
        {
            return packet;
        }

        byte[] bare = [.. view.Bytes[..Ipv6HeaderBytes], .. view.Payload];
        bare[6] = view.Protocol;
        IpPackets.FinishHeader(bare);
        return ByteString.Adopt(bare);
    }

    /// <summary>True when both are the same but for a TTL that one forwarding hop may have lowered. RFC 1812 §5.3.1.</summary>
    /// <remarks>A gateway forwards between its two sides; a host does not. Both are conforming targets.</remarks>
    public static bool SameButForOneHop(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> observed)
    {
        if (expected.SequenceEqual(observed))
        {
            return true;
        }

        if (expected.Length != observed.Length || expected.Length < Ipv4HeaderBytes || expected[0] != observed[0])
        {
            return false;
        }

        bool ipv6 = expected[0] >> 4 == 6;
        int hops = ipv6 ? Ipv6HopLimitOffset : Ipv4TtlOffset;
        if (expected.Length < (ipv6 ? Ipv6HeaderBytes : Ipv4HeaderBytes) || observed[hops] != (byte)(expected[hops] - 1))
        {
            return false;
        }

        // Only the header changes on the way; what follows it is compared where it lies.
        int headerBytes = ipv6 ? Ipv6HeaderBytes : Math.Min(Math.Max((expected[0] & 0x0f) * 4, Ipv4HeaderBytes), expected.Length);
        Span<byte> forwarded = stackalloc byte[headerBytes];
        expected[..headerBytes].CopyTo(forwarded);
        forwarded[hops]--;
        if (!ipv6)
        {
            forwarded.Slice(Ipv4ChecksumOffset, 2).Clear();
            BinaryPrimitives.WriteUInt16BigEndian(forwarded[Ipv4ChecksumOffset..], InternetChecksum.Compute(forwarded));
        }

        return observed[..headerBytes].SequenceEqual(forwarded) && observed[headerBytes..].SequenceEqual(expected[headerBytes..]);
    }
}
