using System.Buffers.Binary;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Transit;

/// <summary>Which SA an unprotected path MTU message is about, and what it may make of it. RFC 4301 §6.1.1, §8.2.1.</summary>
public static class PathMtuMessages
{
    /// <summary>The least that a forged message can bring an IPv4 path down to: a safeguard of RFC 4301 §6.1.1.</summary>
    public const int TrustedLeastIpv4Bytes = 552;

    /// <summary>The SA whose packet is quoted, with its new path MTU; null where the message says nothing about any.</summary>
    public static (SecurityAssociation Sa, int MtuBytes)? Map(IcmpError error, IEnumerable<SecurityAssociation> outbound)
    {
        if (!error.IsPathMtu)
        {
            return null;
        }

        SecurityAssociation? sa = outbound.FirstOrDefault(candidate => IsAbout(error.Quoted.Span, candidate));
        int least = error.Source.IsIpv6 ? PathMtu.LeastIpv6Bytes : TrustedLeastIpv4Bytes;
        return sa is null ? null : (sa, (int)Math.Clamp(error.MtuBytes, (uint)least, ushort.MaxValue));
    }

    // Read loosely, because a quotation ends where its sender pleased.
    private static bool IsAbout(ReadOnlySpan<byte> quoted, SecurityAssociation sa)
    {
        if (quoted.IsEmpty || (quoted[0] >> 4 == 6) != sa.Source.IsIpv6)
        {
            return false;
        }

        Ipv4HeaderView four = new(quoted);
        Ipv6HeaderView six = new(quoted);
        (IpAddress source, IpAddress destination, byte protocol, int headerBytes) = sa.Source.IsIpv6
            ? (six.Source, six.Destination, six.NextHeader, Ipv6HeaderView.FixedBytes)
            : (four.Source, four.Destination, four.Protocol, four.HeaderLengthBytes);
        int spiAt = headerBytes + (sa.Encapsulation is null ? 0 : OuterDatagram.UdpHeaderBytes);
        return source == sa.Source && destination == sa.Destination
            && protocol == (sa.Encapsulation is null ? IpProtocol.Esp : IpProtocol.Udp)
            && quoted.Length >= spiAt + 4 && BinaryPrimitives.ReadUInt32BigEndian(quoted[spiAt..]) == sa.Spi.Value;
    }
}
