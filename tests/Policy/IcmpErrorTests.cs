using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>ICMP errors that cross the boundary on SAs. RFC 4301 §6.2.</summary>
[Needs(Capabilities.Icmp | Capabilities.Gateway)]
public class IcmpErrorTests : PolicyTest
{
    private const int Router = 99;
    private static readonly UpperLayerSelector Unreachable = new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpType(3));

    [Requirement("RFC4301-6.2-10", "RFC4301-6.2-01", "RFC4301-6-03")]
    [TestCase("RFC4301-6.2-10", false)]
    [TestCase("RFC4301-6.2-01", false)]
    [TestCase("RFC4301-6-03", true)]
    public void ErrorAboutAPacketOfTheSa_Delivered(string clause, bool ipv6)
    {
        RequireIpv6Where(ipv6);
        (PolicySession session, SaPair pair) = StartWithOneFlow(ipv6);
        FlowSelectors flow = ipv6 ? Flow6() : Flow();
        session.ExpectOn(pair, flow, Protected, clause);
        session.ExpectOn(pair, ErrorPackets.Inbound(flow, Router), Protected, clause);
    }

    // Each field of the packet inside is wrong in turn; at last it is not reversed, and too short to show its ports.
    [Requirement("RFC4301-6.2-11", "RFC4301-6.2-01")]
    [TestCase("RFC4301-6.2-11")]
    [TestCase("RFC4301-6.2-01")]
    public void ErrorAboutAnotherPacket_Discarded(string clause)
    {
        (PolicySession session, SaPair pair) = StartWithOneFlow(ipv6: false);
        session.ExpectOn(pair, Flow(), Protected, clause);
        session.ExpectOn(pair, ErrorPackets.Inbound(Flow(local: 11), Router), Discarded, clause);
        session.ExpectOn(pair, ErrorPackets.Inbound(Flow(remote: 11), Router), Discarded, clause);
        session.ExpectOn(pair, ErrorPackets.Inbound(Flow(localField: 2001), Router), Discarded, clause);
        session.ExpectOn(pair, ErrorPackets.Inbound(Flow(remoteField: 81), Router), Discarded, clause);
        session.ExpectOn(pair, ErrorPackets.Inbound(Flow(protocol: IpProtocol.Udp), Router), Discarded, clause);
        session.ExpectOn(pair, ErrorPackets.Inbound(Flow(), Router, isReversed: false), Discarded, clause);
        session.ExpectOn(pair, ErrorPackets.Inbound(Flow(), Router, quotedBytes: Ipv4HeaderView.FixedBytes), Discarded, clause);
    }

    [Requirement("RFC4301-6.2-12")]
    [Needs(Capabilities.Counters)]
    [Test]
    public void ErrorAboutAnotherPacket_IsCounted()
    {
        (PolicySession session, SaPair pair) = StartWithOneFlow(ipv6: false);
        session.ExpectOn(pair, Flow(), Protected);
        session.ExpectCounted(() => session.ExpectOn(pair, ErrorPackets.Inbound(Flow(remote: 11), Router), Discarded, "RFC4301-6.2-12"), "RFC4301-6.2-12");
    }

    // An entry for errors says that nobody need look inside.
    [Requirement("RFC4301-6.2-06", "RFC4301-6.2-02")]
    [TestCase("RFC4301-6.2-06")]
    [TestCase("RFC4301-6.2-02")]
    public void ErrorUnderAnEntryOfItsOwn_DeliveredWhateverIsInside(string clause)
    {
        SpdEntry errors = Protect("errors", Set(upper: Unreachable));
        PolicySession session = Start(new PolicyScenario { Entries = [errors], Pairs = [new(errors) { Selectors = errors.Selectors }] });
        session.ExpectOn(session.PairOf(errors), ErrorPackets.Inbound(Flow(), Router), Protected, clause);
        session.ExpectOn(session.PairOf(errors), ErrorPackets.Inbound(Flow(local: 11, remote: 12, protocol: IpProtocol.Udp), Router), Protected, clause);
        session.ExpectOn(session.PairOf(errors), Flow(), Discarded, clause);
    }

    [Requirement("RFC4301-6.2-04")]
    [Test]
    public void OutboundErrorUnderAnEntryOfItsOwn_GoesByItsSa()
    {
        PolicySession session = Start(Protect("web", Set(upper: To(80))), Protect("errors", Set(upper: Unreachable)));
        session.ExpectOutbound(Flow(), Protected, "RFC4301-6.2-04");
        session.ExpectOutbound(ErrorPackets.Outbound(Flow(), Router), Protected, "RFC4301-6.2-04");
        session.ExpectOutbound(ErrorPackets.Outbound(Flow(remoteField: 81), Router), Protected, "RFC4301-6.2-04");
    }

    // A router behind the gateway reports about a packet that came on the SA.
    [Requirement("RFC4301-6.2-07", "RFC4301-6-03")]
    [TestCase("RFC4301-6.2-07", false)]
    [TestCase("RFC4301-6-03", true)]
    public void OutboundErrorOfARouter_GoesByTheSaOfThePacketThatItIsAbout(string clause, bool ipv6)
    {
        RequireIpv6Where(ipv6);
        PolicySession session = Start(Protect("web", ipv6 ? Set(Local6, Remote6, To(80)) : Set(upper: To(80))));
        FlowSelectors flow = ipv6 ? Flow6() : Flow();
        session.ExpectOutbound(flow, Protected, clause);
        session.ExpectOutbound(ErrorPackets.Outbound(flow, Router), Protected, clause);
    }

    // The gateway itself reports: the packet came on the SA, and has no hop left.
    [Requirement("RFC4301-6.2-07")]
    [Test]
    public void OwnError_GoesByTheSaOfThePacketThatItIsAbout()
    {
        SpdEntry web = Protect("web", Set(upper: To(80)));
        PolicySession session = Start(web);
        session.ExpectOn(session.PairOf(web), Flow(), Protected, "RFC4301-6.2-07");
        session.ExpectTimeExceededOn(session.PairOf(web), ErrorPackets.WithLastHop(session, Flow()), "RFC4301-6.2-07");
    }

    [Requirement("RFC4301-6.2-08")]
    [Test]
    public void OutboundErrorAboutEachFlow_FindsItsSaByTheReversedHeader()
    {
        PolicySession session = Start(
            Protect("web", Set(upper: Ports(local: FieldSelector.Only(2000), remote: FieldSelector.Only(80)))),
            Protect("names", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(53)))),
            Protect("no ports", Set(upper: new UpperLayerSelector.Protocol(IpProtocol.Gre))));
        session.ExpectOutbound(ErrorPackets.Outbound(Flow(), Router), Protected, "RFC4301-6.2-08");
        session.ExpectOutbound(ErrorPackets.Outbound(Flow(protocol: IpProtocol.Udp, remoteField: 53), Router), Protected, "RFC4301-6.2-08");
        session.ExpectOutbound(ErrorPackets.Outbound(Flow(protocol: IpProtocol.Gre, localField: null, remoteField: null), Router), Protected, "RFC4301-6.2-08");
        session.ExpectOutbound(ErrorPackets.Outbound(Flow(localField: 80, remoteField: 2000), Router), Discarded, "RFC4301-6.2-08");
        session.ExpectOutbound(ErrorPackets.Outbound(Flow(), Router, isReversed: false), Discarded, "RFC4301-6.2-08");
    }

    private (PolicySession Session, SaPair Pair) StartWithOneFlow(bool ipv6)
    {
        UpperLayerSelector upper = Ports(local: FieldSelector.Only(2000), remote: FieldSelector.Only(80));
        SpdEntry web = Protect("web", ipv6 ? Set("2001:db8:0:2::10", "2001:db8:0:3::10", upper) : Set("198.51.100.10", "203.0.113.10", upper));
        PolicySession session = Start(new PolicyScenario { Entries = [web], Pairs = [new(web) { Selectors = web.Selectors }] });
        return (session, session.PairOf(web));
    }
}
