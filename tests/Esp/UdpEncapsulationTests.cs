using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>ESP inside UDP. RFC 3948.</summary>
[Needs(Capabilities.EspInbound | Capabilities.UdpEncap)]
public class UdpEncapsulationTests : ConformanceTest
{
    [Requirement("RFC3948-3.3-01", "RFC3948-3.5-01")]
    [TestCaseSource(nameof(Cases))]
    public void GenuineForgedGenuine_DeliveredDiscardedDelivered(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        SealedPacket second = session.Peer.Seal(2);
        string clause = scenario.Mode == EspMode.Transport ? "RFC3948-3.3-01" : "RFC3948-3.5-01";
        session.Expect(session.Peer.Seal(1, payloadBytes: 200), Delivered, clause);
        session.Expect(second.WithForgedIcv(), Discarded);
        session.Expect(second, Delivered, "RFC4303-3.4.3-09");
    }

    [Requirement("RFC3948-3.3-03")]
    [Needs(Capabilities.EspInbound | Capabilities.UdpEncap | Capabilities.AntiReplay)]
    [TestCaseSource(nameof(Cases))]
    public void Repeated_Discarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        SealedPacket first = session.Peer.Seal(1);
        session.Expect(first, Delivered);
        session.Expect(first, Discarded, "RFC3948-3.3-03");
    }

    // The invariants judge the headers in front of each packet.
    [Requirement(
        "RFC3948-2.1-01", "RFC3948-2.1-02", "RFC3948-2.1-05", "RFC3948-2.1-06", "RFC3948-3.2-01", "RFC3948-3.2-02", "RFC3948-3.4-01",
        "RFC3948-3.4-02")]
    [Needs(Capabilities.EspOutbound)]
    [TestCaseSource(nameof(Cases))]
    public void Sent_InsideUdpOnThePortsOfTheSa(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(session.Host.Next(64));
    }

    [Requirement("RFC3948-1-02", "RFC3948-1-03")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase(EspMode.Tunnel, "RFC3948-1-02")]
    [TestCase(EspMode.Transport, "RFC3948-1-03")]
    public void ModeInUdp_CarriesTrafficBothWays(EspMode mode, string clause)
    {
        EspSession session = Start(new EspScenario { Mode = mode, UdpEncapsulated = true });
        session.ExpectSent(session.Host.Next(64), clause);
        session.Expect(session.Peer.Seal(1), Delivered, clause);
    }

    [Requirement("RFC3948-2.1-03")]
    [Needs(Capabilities.EspOutbound)]
    [Test]
    public void Sent_ChecksumShouldBeZeroOverIpv4()
    {
        EspSession session = Start(new EspScenario { UdpEncapsulated = true });
        OpenedPacket sent = session.ExpectSent(session.Host.Next(64));
        if (sent.Datagram[sent.EspOffsetBytes - 2] != 0 || sent.Datagram[sent.EspOffsetBytes - 1] != 0)
        {
            TestVerdicts.Warn("RFC3948-2.1-03", "the UDP checksum over IPv4 is not zero");
        }
    }

    [Requirement("RFC3948-2.3-05")]
    [TestCase(false)]
    [TestCase(true)]
    public void KeepAlive_IsEatenAndHarmsNothing(bool outerIpv6)
    {
        EspSession session = Start(new EspScenario { UdpEncapsulated = true, OuterIpv6 = outerIpv6 });
        SealedPacket genuine = session.Peer.Seal(1);
        session.Expect(genuine.WithEsp([0xff], "NAT keepalive"), Discarded);
        session.Expect(genuine, Delivered);
    }

    [Requirement("RFC3948-2.3-03")]
    [TestCase(false)]
    [TestCase(true)]
    public void KeepAliveWithAChecksum_IsEatenToo(bool outerIpv6)
    {
        EspSession session = Start(new EspScenario { UdpEncapsulated = true, OuterIpv6 = outerIpv6 });
        SealedPacket genuine = session.Peer.Seal(1);
        session.Expect(genuine.WithEsp([0xff], "NAT keepalive").WithUdpChecksum(), Discarded, "RFC3948-2.3-03");
        session.Expect(genuine, Delivered, "RFC3948-2.3-03");
    }

    [Requirement("RFC3948-2.2-02")]
    [Test]
    public void NonEspMarker_IsNotEsp()
    {
        EspSession session = Start(new EspScenario { UdpEncapsulated = true });
        SealedPacket genuine = session.Peer.Seal(1);
        session.Expect(genuine.WithEsp([0, 0, 0, 0, .. genuine.Datagram.Span[genuine.EspOffsetBytes..]], "behind a non-ESP marker"), Discarded);
        session.Expect(genuine, Delivered);
    }

    [Requirement("RFC3948-2.1-04")]
    [Test]
    public void ChecksumThatIsNotZero_Delivered()
    {
        EspSession session = Start(new EspScenario { UdpEncapsulated = true });
        session.Expect(session.Peer.Seal(1).WithUdpChecksum(), Delivered);
    }

    private static IEnumerable<TestCaseData> Cases =>
        from suite in EspCases.Kinds
        from mode in EspCases.Modes
        where mode.Mode != EspMode.Beet
        from extended in new[] { false, true }
        select EspCases.Case(mode with { Suite = suite, UdpEncapsulated = true, ExtendedSequenceNumbers = extended });
}
