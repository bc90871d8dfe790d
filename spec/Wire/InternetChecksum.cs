using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>The one's complement sum that IPv4, UDP, TCP and ICMP share. RFC 1071 §1.</summary>
public static class InternetChecksum
{
    /// <summary>The checksum of some bytes; an odd last byte counts as if a zero followed.</summary>
    public static ushort Compute(ReadOnlySpan<byte> bytes) => Finish(Sum(bytes));

    /// <summary>The checksum of an upper-layer packet with its pseudo header. RFC 768, RFC 8200 §8.1.</summary>
    /// <param name="source">Source address.</param>
    /// <param name="destination">Final destination address.</param>
    /// <param name="protocol">Upper-layer protocol.</param>
    /// <param name="segment">Header and data, checksum field as it stands.</param>
    public static ushort Compute(IpAddress source, IpAddress destination, byte protocol, ReadOnlySpan<byte> segment)
    {
        Span<byte> addresses = stackalloc byte[32];
        source.WriteTo(addresses);
        destination.WriteTo(addresses[source.LengthBytes..]);
        ulong sum = Sum(addresses[..(source.LengthBytes + destination.LengthBytes)]) + (uint)segment.Length + protocol;
        return Finish(sum + Sum(segment));
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        while (bytes.Length >= 4)
        {
            sum += BinaryPrimitives.ReadUInt32BigEndian(bytes);
            bytes = bytes[4..];
        }

        if (bytes.Length >= 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
            bytes = bytes[2..];
        }

        return bytes.Length == 1 ? sum + ((uint)bytes[0] << 8) : sum;
    }

    // Words of 32 bits fold into 16 as well, since 2^16 is 1 modulo 2^16 - 1.
    private static ushort Finish(ulong sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum >> 16) + (sum & ushort.MaxValue);
        }

        return (ushort)~sum;
    }
}
