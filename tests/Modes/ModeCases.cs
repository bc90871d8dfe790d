using Conformance.Harness.Oracle;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Tests.Esp;

namespace Conformance.Tests.Modes;

/// <summary>Scenarios and packets of the tests of headers.</summary>
internal static class ModeCases
{
    /// <summary>Three times «no operation», then the end of the list: options that nobody acts on. RFC 791 §3.1.</summary>
    public static readonly ByteString IdleOptions = new([1, 1, 1, 0]);

    /// <summary>Eight bytes of padding options, as hop-by-hop or destination options. RFC 8200 §4.2.</summary>
    public static readonly ByteString IdleExtension = new([0, 0, 1, 4, 0, 0, 0, 0]);

    private static readonly byte[] Pattern = [.. Enumerable.Range(0, 2000).Select(i => (byte)(0x40 + i))];

    /// <summary>Tunnel mode with each pair of families.</summary>
    public static IEnumerable<EspScenario> Tunnels =>
        from outer in new[] { false, true }
        from inner in new[] { false, true }
        select new EspScenario { OuterIpv6 = outer, InnerIpv6 = inner };

    /// <summary>Every mode with every pair of families that it has: BEET crosses families too.</summary>
    public static IEnumerable<EspScenario> All =>
    [
        .. EspCases.Modes,
        new() { Mode = EspMode.Beet, OuterIpv6 = true },
        new() { Mode = EspMode.Beet, InnerIpv6 = true },
    ];

    /// <summary>All four values of the ECN field.</summary>
    public static IEnumerable<Ecn> Marks => Enum.GetValues<Ecn>();

    /// <summary>One value for an IPv4 outer header and another for an IPv6 one.</summary>
    public static string ByOuter(EspScenario scenario, string ipv4, string ipv6) => scenario.OuterIpv6 ? ipv6 : ipv4;

    /// <summary>One value for an IPv4 inner header and another for an IPv6 one.</summary>
    public static string ByInner(EspScenario scenario, string ipv4, string ipv6) => scenario.InnerIpv6 ? ipv6 : ipv4;

    /// <summary>A plain packet with chosen header fields.</summary>
    public static ByteString Packet(PlainPackets ends, IpPacketOptions fields, int payloadBytes = 40) => ByteString.Adopt(IpPackets.Raw(
        ends.Source, ends.Destination, IpProtocol.Experiment253, Pattern.AsSpan(0, payloadBytes),
        fields.Identification == IpPacketOptions.Default.Identification ? fields with { Identification = 0x4242 } : fields));

    /// <summary>A plain packet of a total length.</summary>
    public static ByteString OfLength(PlainPackets ends, int totalBytes, bool dontFragment) => Packet(
        ends, new() { DontFragment = dontFragment },
        totalBytes - (ends.Source.IsIpv6 ? Ipv6HeaderView.FixedBytes : Ipv4HeaderView.FixedBytes));

    /// <summary>The same sealed packet with another TOS or traffic class outside, as a router may write it.</summary>
    public static SealedPacket WithOuter(this SealedPacket packet, byte trafficClass) =>
        packet.With(TrafficClasses.Write(packet.Datagram, trafficClass).ToArray(), $"outer traffic class 0x{trafficClass:x2}");

    /// <summary>The same sealed packet with another ECN field outside.</summary>
    public static SealedPacket WithOuter(this SealedPacket packet, Ecn ecn)
    {
        bool readable = IpPacketView.TryParse(packet.Datagram.Span, out IpPacketView outer, out ParseError error);
        return readable
            ? packet.With(
                TrafficClasses.Write(packet.Datagram, TrafficClasses.Join(TrafficClasses.DscpOf(outer.TrafficClass), ecn)).ToArray(), $"outer {ecn}")
            : throw new InvalidOperationException(error.ToString());
    }
}
