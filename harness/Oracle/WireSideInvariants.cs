using System.Buffers.Binary;
using Conformance.Spec.Esp;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>What must hold of the headers around ESP, and of whatever leaves without being ESP. RFC 4303 §3.1, RFC 3948 §3.</summary>
internal sealed class WireSideInvariants(EspSession session)
{
    private const int Ipv4HeaderBytes = 20;

    /// <summary>The clause of an SA that has UDP encapsulation and sent without, or the other way round.</summary>
    public static Violation EncapsulationMismatch(SecurityAssociation sa) => sa.Encapsulation is null
        ? new Violation("RFC4303-2-01", "ESP is inside UDP although the SA has no encapsulation")
        : new Violation(SendingClause(sa, 1), "ESP is not inside UDP although the SA has encapsulation");

    /// <summary>The headers in front of an ESP packet that opened.</summary>
    public static Violation? JudgeOuterHeaders(SecurityAssociation sa, OpenedPacket opened)
    {
        ReadOnlySpan<byte> datagram = opened.Datagram.Span;
        if (!IpPacketView.TryParse(datagram, out IpPacketView outer, out _))
        {
            return null;
        }

        if (outer.Source != sa.Source || outer.Destination != sa.Destination)
        {
            return sa.Mode == EspMode.Transport
                ? new Violation("RFC4303-3.3-01", $"the packet goes from {outer.Source} to {outer.Destination}", IsPrecise: false)
                : new Violation("RFC4303-3.1.2-01", $"the outer header goes from {outer.Source} to {outer.Destination}")
                {
                    Also = sa.Source.IsIpv6
                        ? ["RFC4301-5.1.2-01", "RFC4301-5.1.2.1-16", "RFC4301-5.1.2.2-07", "RFC4301-5.1.2.2-01"]
                        : ["RFC4301-5.1.2-01", "RFC4301-5.1.2.1-09", "RFC4301-5.1.2.1-16", "RFC4301-5.1.2.1-01"],
                };
        }

        if (sa.Encapsulation is not { } ports)
        {
            return null;
        }

        UdpView udp = new(outer.Payload);
        if (udp.SourcePort != ports.SourcePort || udp.DestinationPort != ports.DestinationPort)
        {
            return new Violation("RFC3948-2.1-02", $"the ports are {udp.SourcePort} and {udp.DestinationPort}");
        }

        return null;
    }

    /// <summary>True when the datagram is ESP of an SA, as far as its SPI tells.</summary>
    public static bool IsEspOf(ByteString datagram, SecurityAssociation sa) =>
        IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _) && BeginsWith(EspPart(packet), sa.Spi);

    /// <summary>A packet that is no ESP as far as its headers tell: some look so because a header is wrong.</summary>
    public Violation? JudgeClear(ByteString datagram)
    {
        if (!IpPacketView.TryParse(datagram.Span, out IpPacketView packet, out _))
        {
            return session.UnderTest.Outbound is { Encapsulation: not null } inUdp && OnlyTheHeaderIsWrong(datagram.Span)
                ? new Violation(SendingClause(inUdp, 2), "length or checksum of the IP header is wrong")
                : session.UnderTest.Outbound is { Encapsulation: null, Mode: EspMode.Tunnel } && OnlyTheHeaderIsWrong(datagram.Span)
                ? new Violation("RFC4301-5.1.2.1-05", "length or checksum of the outer header is wrong") { Also = ["RFC6040-4.1-04"] }
                : new Violation("RFC4303-3.3.1-01", "something that is no IP packet left on the wire side");
        }

        foreach (Connection connection in new[] { session.UnderTest, session.Sentinel })
        {
            if (packet.Source == connection.Plain.Local && packet.Destination == connection.Plain.Remote
                && packet.Protocol == IpProtocol.Experiment253)
            {
                return new Violation("RFC4303-3.3.1-01", "a packet that policy protects left in clear");
            }
        }

        SecurityAssociation sa = session.UnderTest.Outbound;
        if (packet.Protocol == IpProtocol.Udp && sa.Encapsulation is not null)
        {
            return JudgeUdp(packet, sa);
        }

        return BeginsWith(packet.Payload, sa.Spi)
            ? new Violation("RFC4303-2-01", $"the header in front of ESP names protocol {packet.Protocol}")
            {
                Also = ["RFC4301-5.1.2.1-08", "RFC4301-5.1.2.2-06"],
            }
            : null;
    }

    private static Violation? JudgeUdp(IpPacketView packet, SecurityAssociation sa)
    {
        UdpView udp = new(packet.Payload);
        ReadOnlySpan<byte> data = packet.Payload[Math.Min(UdpView.HeaderBytes, packet.Payload.Length)..];

        // ESP in UDP whose length field cuts the ESP packet off looks like anything but ESP.
        if (packet.Payload.Length >= UdpView.HeaderBytes && udp.LengthBytes != packet.Payload.Length)
        {
            return new Violation("RFC3948-2.1-06", $"the UDP length is not that of the {packet.Payload.Length} bytes in the IP packet");
        }

        if (BeginsWith(data, sa.Spi))
        {
            return new Violation("RFC3948-2.1-02", $"ESP in UDP goes to port {udp.DestinationPort}");
        }

        if (data.Length > OuterDatagram.UdpHeaderBytes && data[..4].SequenceEqual(new byte[4]))
        {
            return BeginsWith(data[4..], sa.Spi)
                ? new Violation("RFC3948-2.1-01", "four bytes stand between the UDP header and ESP")
                : new Violation("RFC3948-2.1-05", "ESP in UDP has SPI 0 and reads as a key exchange message");
        }

        return null;
    }

    // RFC 3948 §3.2 speaks of transport mode and §3.4 of tunnel mode, in the same words.
    private static string SendingClause(SecurityAssociation sa, int number) =>
        $"RFC3948-{(sa.Mode == EspMode.Transport ? "3.2" : "3.4")}-0{number}";

    public static ReadOnlySpan<byte> EspPart(IpPacketView packet) =>
        packet.Protocol == IpProtocol.Udp && packet.Payload.Length > UdpView.HeaderBytes
            ? packet.Payload[UdpView.HeaderBytes..]
            : packet.Payload;

    private static bool BeginsWith(ReadOnlySpan<byte> bytes, Spi spi) =>
        bytes.Length >= 8 && BinaryPrimitives.ReadUInt32BigEndian(bytes) == spi.Value;

    private static bool OnlyTheHeaderIsWrong(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < Ipv4HeaderBytes || (datagram[0] & 0x0f) * 4 > datagram.Length || datagram[0] >> 4 is not (4 or 6))
        {
            return false;
        }

        byte[] repaired = datagram.ToArray();
        IpPackets.FinishHeader(repaired);
        return IpPacketView.TryParse(repaired, out IpPacketView packet, out _) && packet.Protocol is IpProtocol.Udp or IpProtocol.Esp;
    }
}
