using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>The headers around ESP and those inside it. RFC 4303 §3.1, §3.3, §3.4.4.1.</summary>
public class HeaderTests : ConformanceTest
{
    // Three times «no operation», then the end of the list: options that nobody acts on. RFC 791 §3.1.
    private static readonly ByteString IdleOptions = new([1, 1, 1, 0]);

    [Requirement("RFC4303-3.1.1-01")]
    [Needs(Capabilities.EspOutbound)]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void TransportPacketWithIpv4Options_EspStandsBehindThem(EspScenario scenario)
    {
        EspSession session = Start(scenario with { Mode = EspMode.Transport });
        OpenedPacket sent = session.ExpectSent(Packet(session.Host, new() { Ipv4Options = IdleOptions, Identification = 7 }),
            "RFC4303-3.1.1-01");
        session.Require(sent.EspOffsetBytes == 24, "RFC4303-3.1.1-01",
            $"ESP starts at byte {sent.EspOffsetBytes} of a packet with 24 bytes of IP header");
    }

    [Requirement("RFC4303-3.3-01")]
    [Needs(Capabilities.EspOutbound)]
    [TestCaseSource(nameof(HeaderFields))]
    public void TransportPacketSent_HeaderKeepsItsFields(IpPacketOptions fields)
    {
        EspSession session = Start(new EspScenario { Mode = EspMode.Transport });
        session.ExpectSent(Packet(session.Host, fields), "RFC4303-3.3-01");
    }

    [Requirement("RFC4303-3.4.4.1-10")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(HeaderFields))]
    public void TransportPacketReceived_DatagramIsRebuilt(IpPacketOptions fields)
    {
        EspSession session = Start(EspCases.CipherAndMac with { Mode = EspMode.Transport });
        session.Expect(session.Peer.SealPlain(Packet(session.Peer.Plain, fields), 1), Delivered, "RFC4303-3.4.4.1-10");
    }

    [Requirement("RFC4303-3.1.2-03")]
    [Needs(Capabilities.EspOutbound)]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void TunnelledPacketWithOptions_ProtectedAsAWhole(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(Packet(session.Host, new() { Ipv4Options = IdleOptions, Identification = 7 }), "RFC4303-3.1.2-03");
    }

    [Requirement("RFC4303-2.1-01")]
    [Needs(Capabilities.EspInbound)]
    [TestCase(0x1001U)]
    [TestCase(0x01020304U)]
    [TestCase(0xffffffffU - 0x4000U)]
    public void SpiAlone_FindsTheSa(uint spi)
    {
        EspSession session = Start(new EspScenario { InboundSpi = spi });
        session.Expect(session.Peer.Seal(1), Delivered, "RFC4303-2.1-01");
        session.Expect(session.Peer.Seal(2), Delivered, "RFC4303-2.1-01");
    }

    private static IEnumerable<TestCaseData> HeaderFields =>
    [
        new TestCaseData(new IpPacketOptions { Identification = 0x1234 }).SetArgDisplayNames("identification"),
        new TestCaseData(new IpPacketOptions { Identification = 5, TrafficClass = 0xb8 }).SetArgDisplayNames("DSCP"),
        new TestCaseData(new IpPacketOptions { Identification = 6, HopLimit = 17 }).SetArgDisplayNames("TTL"),
        new TestCaseData(new IpPacketOptions { Identification = 7, DontFragment = true }).SetArgDisplayNames("DF"),
    ];

    private static ByteString Packet(PlainPackets ends, IpPacketOptions fields) => ByteString.Adopt(IpPackets.Raw(
        ends.Source, ends.Destination, IpProtocol.Experiment253, [.. Enumerable.Range(0, 41).Select(i => (byte)i)], fields));
}
