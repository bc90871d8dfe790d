using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Crypto;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>What the three actions do, and what becomes of packets without an entry. RFC 4301 §3, §4.4.1, §5.</summary>
public class ActionTests : PolicyTest
{
    private static readonly byte[] Protocols = [IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp, IpProtocol.Gre, IpProtocol.Esp, IpProtocol.Ah, IpProtocol.Experiment253];

    [Requirement("RFC4301-3-01")]
    [Test]
    public void OnePacketForEachAction_ProtectedInClearOrAbsent()
    {
        PolicySession session = Start(Protect("secure", Set(upper: To(80))), Bypass("open", Set(upper: To(81))), Discard("closed", Set(upper: To(82))));
        session.ExpectOutbound(Flow(remoteField: 80), Protected);
        session.ExpectOutbound(Flow(remoteField: 81), InClear);
        session.ExpectOutbound(Flow(remoteField: 82), Discarded);
        session.ExpectInbound(Flow(remoteField: 81), InClear);
        session.ExpectInbound(Flow(remoteField: 82), Discarded);
        session.ExpectOn(session.Pairs[1], Flow(remoteField: 80), Protected);
    }

    [Requirement("RFC4301-2.1-01")]
    [Test]
    public void TrafficOfEveryOtherKind_StaysOutside()
    {
        PolicySession session = Start(Protect("secure", Set(upper: To(80))), Bypass("open", Set(upper: To(81))));
        session.ExpectOutbound(Flow(remoteField: 80), Protected);
        session.ExpectOutbound(Flow(remoteField: 81), InClear);
        foreach (byte protocol in Protocols)
        {
            session.ExpectOutbound(Of(protocol), Discarded);
            session.ExpectInbound(Of(protocol), Discarded);
        }
    }

    // Key exchange in transit is traffic like any other. RFC 4301 §4.4.1.
    [Requirement("RFC4301-4.4.1-01", "RFC4301-5-01")]
    [TestCase(500)]
    [TestCase(4500)]
    public void KeyExchangeWithoutAnEntry_DoesNotCross(int port)
    {
        FlowSelectors exchange = Flow(protocol: IpProtocol.Udp, localField: port, remoteField: port);
        PolicySession session = Start(Bypass("key exchange", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only((ushort)port)))));
        session.ExpectOutbound(exchange, InClear, "RFC4301-5-01");
        session.ExpectInbound(exchange, InClear, "RFC4301-4.4.1-01");

        session = Start(Bypass("something else", Set(upper: To(80))));
        session.ExpectInbound(exchange, Discarded, "RFC4301-4.4.1-01");
        session.ExpectOutbound(exchange, Discarded, "RFC4301-5-01");
    }

    [Requirement("RFC4301-5-01")]
    [TestCase(500)]
    [TestCase(4500)]
    public void KeyExchangeThatNoEntryNames_DoesNotLeave(int port)
    {
        PolicySession session = Start(Bypass("something else", Set(upper: To(80))));
        session.ExpectOutbound(Flow(), InClear);
        session.ExpectOutbound(Flow(protocol: IpProtocol.Udp, localField: port, remoteField: port), Discarded);
    }

    [Requirement("RFC4301-5-02")]
    [Test]
    public void PacketThatNoEntryNames_Discarded()
    {
        PolicySession session = Start(Bypass("open", Set(upper: To(80))));
        session.ExpectOutbound(Flow(), InClear);
        session.ExpectOutbound(Flow(remoteField: 81), Discarded);
        session.ExpectInbound(Flow(remoteField: 81), Discarded);
    }

    [Requirement("RFC4301-4.4.1-12")]
    [Test]
    public void ClearPacketWithoutAnInboundEntry_Discarded()
    {
        PolicySession session = Start(Bypass("out", Set(remote: "203.0.113.10")) with { Directions = EntryDirections.Outbound }, Bypass("both", Set(remote: "203.0.113.11")));
        session.ExpectInbound(Flow(remote: 11), InClear);
        session.ExpectInbound(Flow(remote: 10), Discarded);
        session.ExpectInbound(Flow(remote: 12), Discarded);
    }

    [Requirement("RFC4301-4.4.1-15")]
    [Test]
    public void EmptySpd_LetsNothingCross()
    {
        PolicySession session = Start([]);
        session.ExpectOutbound(Flow(), Discarded);
        session.ExpectInbound(Flow(), Discarded);
    }

    [Requirement("RFC4301-5.2-12")]
    [Needs(Capabilities.Counters)]
    [Test]
    public void ClearPacketWithoutMatch_DiscardedAndCounted()
    {
        PolicySession session = Start(Bypass("open", Set(upper: To(80))));
        session.ExpectInbound(Flow(), InClear);
        session.ExpectCounted(() => session.ExpectInbound(Flow(remoteField: 81), Discarded), "RFC4301-5.2-12");
    }

    [Requirement("RFC4301-4.4.1-07")]
    [Test]
    public void DiscardOfOneDirection_LeavesTheOtherAlone()
    {
        PolicySession session = Start(Discard("no answers", Set()) with { Directions = EntryDirections.Inbound }, Bypass("open", Set()));
        session.ExpectOutbound(Flow(), InClear);
        session.ExpectInbound(Flow(), Discarded);

        session = Start(Discard("no questions", Set()) with { Directions = EntryDirections.Outbound }, Bypass("open", Set()));
        session.ExpectOutbound(Flow(), Discarded);
        session.ExpectInbound(Flow(), InClear);
    }

    [Requirement("RFC4301-4.4.1-20")]
    [Test]
    public void BypassOfOneDirection_OpensNoOther()
    {
        PolicySession session = Start(Bypass("in", Set()) with { Directions = EntryDirections.Inbound });
        session.ExpectInbound(Flow(), InClear);
        session.ExpectOutbound(Flow(), Discarded);
    }

    [Requirement("RFC4301-5.1-04")]
    [Test]
    public void OutboundBypass_OpensTheWayBackThatTheSpdProvidesAndNoOther()
    {
        PolicySession session = Start(
            Bypass("both ways", Set(remote: "203.0.113.10")), Bypass("out only", Set(remote: "203.0.113.11")) with { Directions = EntryDirections.Outbound });
        session.ExpectOutbound(Flow(remote: 10), InClear, "RFC4301-5.1-04");
        session.ExpectInbound(Flow(remote: 10), InClear, "RFC4301-5.1-04");
        session.ExpectOutbound(Flow(remote: 11), InClear, "RFC4301-5.1-04");
        session.ExpectInbound(Flow(remote: 11), Discarded, "RFC4301-5.1-04");
    }

    [Requirement("RFC4301-6-01")]
    [Needs(Capabilities.Icmp)]
    [TestCase(8)]
    [TestCase(13)]
    public void IcmpThatIsNoError_CrossesByItsEntryOnly(int type)
    {
        FlowSelectors request = Flow(protocol: IpProtocol.Icmp, localField: type << 8, remoteField: null);
        PolicySession session = Start(Bypass("requests", Set(remote: "203.0.113.20", upper: new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpType((byte)type)))), Bypass("tcp", Set(upper: Ports())));
        session.ExpectOutbound(request with { Remote = Flow(remote: 20).Remote }, InClear, "RFC4301-6-01");
        session.ExpectInbound(request with { Remote = Flow(remote: 20).Remote }, InClear, "RFC4301-6-01");
        session.ExpectOutbound(request, Discarded, "RFC4301-6-01");
        session.ExpectInbound(request, Discarded, "RFC4301-6-01");
    }

    [Requirement("RFC4301-4.4.1-08")]
    [TestCase(0)]
    [TestCase(0xb8)]
    public void BypassedPacket_IsUnchanged(byte trafficClass)
    {
        PolicySession session = Start(Bypass("open", Set()));
        byte[] plain = IpPackets.Udp(Flow().Local, Flow().Remote, 7, 9, new byte[64], new IpPacketOptions { TrafficClass = trafficClass, Identification = 4301, DontFragment = true });
        session.ExpectOutbound(ByteString.Adopt(plain), InClear);
        session.ExpectInbound(session.Build(Flow(), PolicyDirection.Inbound), InClear);
    }

    // The other entry's transforms and ends are as good as any, but they are not what this one asks for.
    [Requirement("RFC4301-4.4.1-09")]
    [Test]
    public void EachProtectEntry_UsesItsOwnSa()
    {
        SpdEntry combined = Protect("combined", Set(upper: To(80)));
        SpdEntry separate = Protect("separate", Set(upper: To(81)));
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [combined, separate],
            Pairs = [new(separate) { Suite = EspSuites.All.First(s => s.ToString() == "ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128") }],
        });
        session.ExpectOutbound(Flow(remoteField: 80), Protected);
        session.ExpectOutbound(Flow(remoteField: 81), Protected);
        session.ExpectOn(session.PairOf(separate), Flow(remoteField: 81), Protected);
    }

    [Requirement("RFC4301-5.1-03")]
    [Test]
    public void FirstPacketOfAFlow_FollowsTheSpd()
    {
        SpdEntry pending = Protect("without an SA", Set(upper: To(83)));
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [Protect("secure", Set(upper: To(80))), Bypass("open", Set(upper: To(81))), Discard("closed", Set(upper: To(82))), pending],
            Pairs = [new(pending) { IsInstalled = false }],
        });
        session.ExpectOutbound(Flow(remoteField: 81), InClear);
        session.ExpectOutbound(Flow(remoteField: 80), Protected);
        session.ExpectOutbound(Flow(remoteField: 82), Discarded);
        session.ExpectOutbound(Flow(remoteField: 83), Discarded);
    }

    [Requirement("RFC4301-4.4.1.2-07")]
    [Test]
    public void EachSelectorSetOfAnEntry_Matches()
    {
        PolicySession session = Start(Protect("two", Set(upper: To(80)), Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(53)))));
        session.ExpectOutbound(Flow(remoteField: 80), Protected);
        session.ExpectOutbound(Flow(protocol: IpProtocol.Udp, remoteField: 53), Protected);
        session.ExpectOutbound(Flow(protocol: IpProtocol.Udp, remoteField: 80), Discarded);
    }

    [Requirement("RFC4301-4.4.1.2-08")]
    [Test]
    public void AllSelectorSetsOfAnEntry_HaveItsAction()
    {
        PolicySession session = Start(Discard("two", Set(upper: To(80)), Set(remote: "203.0.113.20")), Bypass("rest", Set()));
        session.ExpectOutbound(Flow(remoteField: 81), InClear);
        session.ExpectOutbound(Flow(remoteField: 80), Discarded);
        session.ExpectOutbound(Flow(remote: 20, remoteField: 81), Discarded);
        session.ExpectInbound(Flow(remote: 20, remoteField: 81), Discarded);
    }

    private static FlowSelectors Of(byte protocol) =>
        FlowSelectors.HasPorts(protocol) ? Flow(protocol: protocol, remoteField: 500) : Flow(protocol: protocol, localField: null, remoteField: null);
}
