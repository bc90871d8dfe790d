using Conformance.Spec.Crypto;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Headers;

/// <summary>How much of a path MTU an SA leaves for plain packets. RFC 4301 §8.2.1.</summary>
public static class PathMtu
{
    /// <summary>No IPv6 node is told less, and no path is smaller. RFC 8200 §5, RFC 8201 §4.</summary>
    public const int LeastIpv6Bytes = 1280;

    /// <summary>No IPv4 path is smaller. RFC 791 §3.2, RFC 1191 §3.</summary>
    public const int LeastIpv4Bytes = 68;

    /// <summary>Length of the datagram that a plain packet becomes, in bytes.</summary>
    /// <param name="sa">The SA.</param>
    /// <param name="plainBytes">Length of the plain packet.</param>
    /// <param name="plainHeaderBytes">Length of the IP header that transport and BEET mode take off it.</param>
    public static int DatagramBytes(SecurityAssociation sa, int plainBytes, int plainHeaderBytes)
    {
        int payload = sa.Mode switch
        {
            EspMode.Tunnel => plainBytes,
            EspMode.AggFrag => plainBytes + AggFragView.BasicHeaderBytes,
            _ => plainBytes - plainHeaderBytes,
        };
        int filled = Math.Max(payload, sa.Mode == EspMode.Tunnel ? sa.TfcPayloadBytes ?? 0 : 0);
        return OuterBytes(sa, plainHeaderBytes) + EspProtection.HeaderBytes + sa.Suite.IvBytes + filled
            + EspPacket.LeastPaddingBytes(filled, sa.Suite.AlignmentBytes) + EspPacket.TrailerBytes + sa.Suite.IcvBytes;
    }

    /// <summary>Length of the longest plain packet whose datagram fits a path MTU, in bytes.</summary>
    public static int LargestPlainBytes(SecurityAssociation sa, int pathMtuBytes, int plainHeaderBytes)
    {
        int room = pathMtuBytes - OuterBytes(sa, plainHeaderBytes) - EspProtection.HeaderBytes - sa.Suite.IvBytes - sa.Suite.IcvBytes;
        int payload = (room / sa.Suite.AlignmentBytes * sa.Suite.AlignmentBytes) - EspPacket.TrailerBytes;
        return sa.Mode switch
        {
            EspMode.Tunnel => payload,
            EspMode.AggFrag => payload - AggFragView.BasicHeaderBytes,
            _ => payload + plainHeaderBytes,
        };
    }

    private static int OuterBytes(SecurityAssociation sa, int plainHeaderBytes) =>
        (sa.Mode == EspMode.Transport ? plainHeaderBytes : sa.Source.IsIpv6 ? Ipv6HeaderView.FixedBytes : Ipv4HeaderView.FixedBytes)
        + (sa.Encapsulation is null ? 0 : OuterDatagram.UdpHeaderBytes);
}
