using Conformance.Harness.Oracle;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Esp;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Modes;

/// <summary>What a sender learns of the size that a tunnel leaves it, and how the tunnel learns. RFC 4301 §6.1.1, §8.2.</summary>
[Needs(Capabilities.EspOutbound | Capabilities.TunnelMode | Capabilities.Gateway | Capabilities.Pmtu | Capabilities.Icmp)]
public class PathMtuTests : ConformanceTest
{
    private const int LinkBytes = 1400;
    private const int LearnedBytes = 1000;

    [Requirement("RFC4301-8.2.1-03", "RFC4303-3.3.4-06")]
    [Needs(Capabilities.LinkMtu)]
    [TestCaseSource(nameof(Suites))]
    public void SizeThatTheSourceIsTold_FitsTheLinkWhenSealed(EspScenario scenario, string clause)
    {
        EspSession session = Start(scenario with { WireMtuBytes = LinkBytes });
        session.ExpectNothingSent(ModeCases.OfLength(session.Host, LinkBytes - 4, dontFragment: true), clause);
        int told = Told(session, clause);
        int headerBytes = scenario.InnerIpv6 ? Ipv6HeaderView.FixedBytes : Ipv4HeaderView.FixedBytes;
        int sealedBytes = PathMtu.DatagramBytes(session.UnderTest.Outbound, told, headerBytes);
        session.Require(sealedBytes <= LinkBytes, clause, $"the source was told {told} bytes, which become {sealedBytes} on a link of {LinkBytes}");
        OpenedPacket sent = session.ExpectSent(ModeCases.OfLength(session.Host, told, dontFragment: true), clause);
        session.Require(sent.Pieces == 1, clause, $"a packet of the {told} bytes told left in {sent.Pieces} pieces");
    }

    [Requirement("RFC4301-8.2.1-06", "RFC4301-8.2.1-09")]
    [Needs(Capabilities.LinkMtu)]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void PacketThatMayNotBeFragmented_DiscardedAndItsSourceTold(EspScenario scenario)
    {
        EspSession session = Start(scenario with { WireMtuBytes = LinkBytes });
        string clause = ModeCases.ByInner(scenario, "RFC4301-8.2.1-06", "RFC4301-8.2.1-09");
        session.ExpectNothingSent(ModeCases.OfLength(session.Host, LinkBytes - 4, dontFragment: true), clause);
        Told(session, clause);
        session.ExpectSent(ModeCases.OfLength(session.Host, 1000, dontFragment: true), clause);
    }

    // Nothing below 1280 is told, and what is no longer gets through. RFC 8200 §5, RFC 2473 §7.1.
    [Requirement("RFC4301-8.2.1-09")]
    [Needs(Capabilities.LinkMtu)]
    [TestCase(false)]
    [TestCase(true)]
    public void Ipv6PathTooSmallForTheLeastMtu_SourceIsTold1280AndThatPasses(bool outerIpv6)
    {
        EspSession session = Start(new EspScenario { OuterIpv6 = outerIpv6, InnerIpv6 = true, WireMtuBytes = 1300 });
        session.ExpectNothingSent(ModeCases.OfLength(session.Host, 1299, dontFragment: true), "RFC4301-8.2.1-09");
        int told = Told(session, "RFC4301-8.2.1-09");
        session.Require(told == PathMtu.LeastIpv6Bytes, "RFC4301-8.2.1-09", $"an IPv6 source was told {told} bytes");
        session.ExpectSent(ModeCases.OfLength(session.Host, PathMtu.LeastIpv6Bytes, dontFragment: true), "RFC4301-8.2.1-09");
    }

    [Requirement("RFC4301-8.2.1-01", "RFC4301-8.2.1-04", "RFC4301-6.1.1-06")]
    [TestCase("RFC4301-8.2.1-01")]
    [TestCase("RFC4301-8.2.1-04")]
    [TestCase("RFC4301-6.1.1-06")]
    public void PathMtuMessage_ReachesTheNextSenderThatIsTooBig(string clause)
    {
        EspSession session = Start(new EspScenario());
        OpenedPacket lost = session.ExpectSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true));
        session.Notify(TooBig(session, lost.Datagram, LearnedBytes), "fragmentation needed", clause);
        session.ExpectNothingSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true), clause);
        int told = Told(session, clause);
        int sealedBytes = PathMtu.DatagramBytes(session.UnderTest.Outbound, told, Ipv4HeaderView.FixedBytes);
        session.Require(sealedBytes <= LearnedBytes, clause, $"the source was told {told} bytes, which become {sealedBytes} on a path of {LearnedBytes}");
        session.ExpectSent(ModeCases.OfLength(session.Host, told, dontFragment: true), clause);
    }

    [Requirement("RFC4301-8.2.1-01")]
    [Needs(Capabilities.Ipv6)]
    [Test]
    public void PathMtuMessageOfIpv6_ReachesTheNextSenderThatIsTooBig()
    {
        EspSession session = Start(new EspScenario { OuterIpv6 = true });
        OpenedPacket lost = session.ExpectSent(ModeCases.OfLength(session.Host, 1390, dontFragment: true));
        session.Notify(TooBig(session, lost.Datagram, 1300), "packet too big", "RFC4301-8.2.1-01");
        session.ExpectNothingSent(ModeCases.OfLength(session.Host, 1390, dontFragment: true), "RFC4301-8.2.1-01");
        Told(session, "RFC4301-8.2.1-01");
    }

    [Requirement("RFC4301-6.1.1-05")]
    [Test]
    public void PathMtuMessage_FragmentsOfEspAreAsSmall()
    {
        EspSession session = Start(new EspScenario());
        ByteString plain = ModeCases.OfLength(session.Host, 1300, dontFragment: false);
        OpenedPacket whole = session.ExpectSent(plain);
        session.Require(whole.Pieces == 1, "RFC4301-6.1.1-05", "the first packet left in pieces on a link that carries it");
        session.Notify(TooBig(session, whole.Datagram, LearnedBytes), "fragmentation needed", "RFC4301-6.1.1-05");
        OpenedPacket cut = session.ExpectSent(plain, "RFC4301-6.1.1-05");
        session.Require(cut.Pieces > 1, "RFC4301-6.1.1-05", "the next packet left whole");
    }

    // «Host unreachable», and a message about an SA that nobody has.
    [Requirement("RFC4301-8.2.1-02")]
    [Test]
    public void PathMtuMessageAboutAnotherSpi_ChangesNothing()
    {
        EspSession session = Start(new EspScenario());
        OpenedPacket sent = session.ExpectSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true));
        byte[] foreign = sent.Datagram.ToArray();
        foreign[sent.EspOffsetBytes] ^= 0x40;
        session.Notify(TooBig(session, ByteString.Adopt(foreign), LearnedBytes), "fragmentation needed about another SPI", "RFC4301-8.2.1-02");
        session.ExpectSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true), "RFC4301-8.2.1-02");
    }

    [Requirement("RFC4301-8.2.1-01")]
    [TestCase(1)]
    [TestCase(3)]
    public void AnotherCodeOfUnreachable_IsNoPathMtuMessage(byte code)
    {
        EspSession session = Start(new EspScenario());
        OpenedPacket sent = session.ExpectSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true));
        byte[] message = new IcmpMessage.Other(3, code, LearnedBytes, sent.Datagram.Slice(..64)).ToBytes();
        session.Notify(
            ByteString.Adopt(IpPackets.Raw(session.UnderTest.Outbound.Destination, session.UnderTest.Outbound.Source, IpProtocol.Icmp, message)),
            $"unreachable, code {code}", "RFC4301-8.2.1-01");
        session.ExpectSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true), "RFC4301-8.2.1-01");
    }

    [Requirement("RFC4301-6.1.1-04")]
    [Test]
    public void TrivialPathMtu_ShouldNotBeObeyed()
    {
        EspSession session = Start(new EspScenario());
        OpenedPacket sent = session.ExpectSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true));
        session.Notify(TooBig(session, sent.Datagram, 68), "fragmentation needed, MTU 68", "RFC4301-6.1.1-04");
        session.ExpectSent(ModeCases.OfLength(session.Host, 400, dontFragment: true), "RFC4301-6.1.1-04");
    }

    [Requirement("RFC4301-8.2.2-01", "RFC4301-8.2.2-02")]
    [Needs(Capabilities.VirtualClock)]
    [TestCase("RFC4301-8.2.2-01")]
    [TestCase("RFC4301-8.2.2-02")]
    public void PathMtuThatWasLearned_AgesAway(string clause)
    {
        EspSession session = Start(new EspScenario());
        OpenedPacket lost = session.ExpectSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true));
        session.Notify(TooBig(session, lost.Datagram, LearnedBytes), "fragmentation needed", clause);
        session.ExpectNothingSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true), clause);
        session.AdvanceClock(TimeSpan.FromMinutes(11));
        session.ExpectSent(ModeCases.OfLength(session.Host, 1300, dontFragment: true), clause);
    }

    private static int Told(EspSession session, string clause)
    {
        IcmpError? error = session.Answers.FirstOrDefault(a => a.IsPathMtu);
        session.Require(error is not null, clause, session.Answers.Count == 0 ? "the source was told nothing" : $"the source was told {session.Answers[0]}");
        return (int)error!.MtuBytes;
    }

    private static ByteString TooBig(EspSession session, ByteString datagram, int mtuBytes) =>
        IcmpErrors.TooBig(session.UnderTest.Outbound.Destination, datagram, mtuBytes);

    private static IEnumerable<TestCaseData> Suites =>
    [
        .. from suite in EspCases.Kinds
           from scenario in ModeCases.Tunnels.Append(new() { Mode = EspMode.Beet }).Append(new() { UdpEncapsulated = true })
           select new TestCaseData(scenario with { Suite = suite }, "RFC4301-8.2.1-03"),
        .. from scenario in ModeCases.Tunnels select new TestCaseData(scenario, "RFC4303-3.3.4-06"),
    ];
}
