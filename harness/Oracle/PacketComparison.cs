using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>Compares a delivered packet with the one that was meant.</summary>
public static class PacketComparison
{
    private const int Ipv4TtlOffset = 8;
    private const int Ipv4ChecksumOffset = 10;
    private const int Ipv4HeaderBytes = 20;
    private const int Ipv6HopLimitOffset = 7;
    private const int Ipv6HeaderBytes = 40;

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

        Span<byte> forwarded = expected.ToArray();
        forwarded[hops]--;
        if (!ipv6)
        {
            int headerBytes = Math.Min((forwarded[0] & 0x0f) * 4, forwarded.Length);
            forwarded.Slice(Ipv4ChecksumOffset, 2).Clear();
            BinaryPrimitives.WriteUInt16BigEndian(forwarded[Ipv4ChecksumOffset..], InternetChecksum.Compute(forwarded[..headerBytes]));
        }

        return observed.SequenceEqual(forwarded);
    }
}
