using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>Traffic that arrives under an SA, or should have. RFC 4301 §4.4.1, §4.4.2, §5.2.</summary>
public class ProtectedTrafficTests : PolicyTest
{
    [Requirement("RFC4301-4.4.1-10")]
    [Test]
    public void InnerPacketOfAWorkingSaInClear_Discarded()
    {
        PolicySession session = Start(Protect("secure", Set()));
        session.ExpectOn(session.Pairs[1], Flow(), Protected);
        session.ExpectInbound(Flow(), Discarded);
    }

    [Requirement("RFC4301-4.4.1-11")]
    [Test]
    public void PacketOfOneEntryOnTheSaOfAnother_Discarded()
    {
        SpdEntry web = Protect("web", Set(upper: To(80)));
        SpdEntry mail = Protect("mail", Set(upper: To(25)));
        PolicySession session = Start(web, mail);
        session.ExpectOn(session.PairOf(web), Flow(remoteField: 80), Protected);
        session.ExpectOn(session.PairOf(mail), Flow(remoteField: 25), Protected);
        session.ExpectOn(session.PairOf(web), Flow(remoteField: 25), Discarded);
        session.ExpectOn(session.PairOf(mail), Flow(remoteField: 80), Discarded);
    }

    [Requirement("RFC4301-4.4.1-39")]
    [Test]
    public void PacketInsideTheSaButOfAnEarlierEntry_Discarded()
    {
        SpdEntry secure = Protect("secure", Set());
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [Bypass("open", Set(upper: To(80))), Discard("closed", Set(upper: To(81))), secure],
            Pairs = [new(secure) { Selectors = secure.Selectors }],
        });
        session.ExpectOn(session.PairOf(secure), Flow(remoteField: 82), Protected);
        session.ExpectOn(session.PairOf(secure), Flow(remoteField: 81), Discarded);
        session.ExpectOn(session.PairOf(secure), Flow(remoteField: 80), Discarded);
    }

    [Requirement("RFC4301-5.2-16")]
    [TestCase(9, 10, 2000, 80)]
    [TestCase(11, 10, 2000, 80)]
    [TestCase(10, 9, 2000, 80)]
    [TestCase(10, 11, 2000, 80)]
    public void InnerAddressBesideTheSelectorsOfTheSa_Discarded(int local, int remote, int localPort, int remotePort)
    {
        (PolicySession session, SaPair pair) = StartNarrow();
        session.ExpectOn(pair, Flow(), Protected);
        session.ExpectOn(pair, Flow(local, remote, IpProtocol.Tcp, localPort, remotePort), Discarded);
        session.ExpectOn(pair, Flow(), Protected);
    }

    [Requirement("RFC4301-4.4.2-04")]
    [TestCase(IpProtocol.Tcp, 1999, 80)]
    [TestCase(IpProtocol.Tcp, 2001, 80)]
    [TestCase(IpProtocol.Tcp, 2000, 79)]
    [TestCase(IpProtocol.Tcp, 2000, 81)]
    [TestCase(IpProtocol.Udp, 2000, 80)]
    public void InnerPortOrProtocolBesideTheSelectorsOfTheSa_Discarded(byte protocol, int localPort, int remotePort)
    {
        (PolicySession session, SaPair pair) = StartNarrow();
        session.ExpectOn(pair, Flow(), Protected);
        session.ExpectOn(pair, Flow(protocol: protocol, localField: localPort, remoteField: remotePort), Discarded);
    }

    // Two SAs of one entry, narrowed to two hosts: each keeps what it was made with.
    [Requirement("RFC4301-4.4.2-03")]
    [Test]
    public void SaOfOneHost_StaysNarrowerThanItsEntry()
    {
        SpdEntry secure = Protect("secure", Set());
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [secure],
            Pairs = [new(secure) { Selectors = [Set(remote: "203.0.113.10")] }, new(secure) { Selectors = [Set(remote: "203.0.113.11")] }],
        });
        session.ExpectOn(session.Pairs[1], Flow(remote: 10), Protected);
        session.ExpectOn(session.Pairs[2], Flow(remote: 11), Protected);
        session.ExpectOn(session.Pairs[1], Flow(remote: 11), Discarded);
        session.ExpectOn(session.Pairs[2], Flow(remote: 10), Discarded);
        session.ExpectOutbound(Flow(remote: 10), Protected);
        session.ExpectOutbound(Flow(remote: 11), Protected);
        session.ExpectOutbound(Flow(remote: 12), Discarded);
    }

    [Requirement("RFC4301-5.2-15")]
    [Test]
    public void InnerMismatch_ForgedOrGenuine_Discarded()
    {
        (PolicySession session, SaPair pair) = StartNarrow();
        ByteString outside = session.Build(Flow(remote: 11), PolicyDirection.Inbound);
        ByteString inside = session.Build(Flow(), PolicyDirection.Inbound);
        SealedPacket forged = session.Seal(pair, inside).WithForgedIcv();
        session.ExpectFromWire(forged.Datagram, null, "forged packet inside the selectors");
        session.ExpectOn(pair, inside, Protected);
        session.ExpectOn(pair, outside, Discarded);
    }

    [Requirement("RFC4301-5.2-17")]
    [Needs(Capabilities.Counters)]
    [Test]
    public void InnerMismatch_IsCounted()
    {
        (PolicySession session, SaPair pair) = StartNarrow();
        session.ExpectOn(pair, Flow(), Protected);
        session.ExpectCounted(() => session.ExpectOn(pair, Flow(remote: 11), Discarded), "RFC4301-5.2-17");
    }

    [Requirement("RFC4301-4.4.1.1-15")]
    [Test]
    public void LaterFragmentOnAnSaWithPorts_Discarded()
    {
        SpdEntry secure = Protect("secure", Set(upper: Ports(IpProtocol.Udp)));
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [secure],
            Pairs = [new(secure) { Selectors = [Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(80)))] }],
        });
        session.ExpectOn(session.Pairs[1], Flow(protocol: IpProtocol.Udp), Protected);
        session.ExpectOn(session.Pairs[1], Flow(protocol: IpProtocol.Udp, localField: null, remoteField: null), Discarded);
    }

    [Requirement("RFC4301-4.1-11", "RFC4301-4.1-12")]
    [TestCase("RFC4301-4.1-11")]
    [TestCase("RFC4301-4.1-12")]
    public void TwoSasWithEqualSelectors_BothReceive(string clause)
    {
        SpdEntry secure = Protect("secure", Set());
        PolicySession session = Start(new PolicyScenario { Entries = [secure], Pairs = [new(secure), new(secure)] });
        for (int round = 0; round < 3; round++)
        {
            session.ExpectOn(session.Pairs[1], Flow(), Protected, clause);
            session.ExpectOn(session.Pairs[2], Flow(), Protected, clause);
        }

        session.ExpectOutbound(Flow(), Protected, clause);
    }

    // RFC 4301 §5.2 step 2: both must hold, the protocol and the destination.
    [Requirement("RFC4301-5.2-04")]
    [Test]
    public void OnlyEspForThisDevice_GoesToTheSad()
    {
        SpdEntry secure = Protect("secure", Set(upper: To(80)));
        PolicySession session = Start(secure, Bypass("transit", Set(upper: new UpperLayerSelector.Protocol(IpProtocol.Esp))), Bypass("open", Set(upper: To(81))));
        session.ExpectOn(session.PairOf(secure), Flow(), Protected);
        session.ExpectInbound(Flow(remoteField: 81), InClear);
        session.ExpectInbound(Transit(session), InClear);
    }

    [Requirement("RFC4301-5.2-05")]
    [Test]
    public void EspInTransitWithTheSpiOfAnSa_IsNeverOpened()
    {
        SpdEntry secure = Protect("secure", Set(upper: To(80)));
        PolicySession session = Start(secure);
        session.ExpectOn(session.PairOf(secure), Flow(), Protected);
        session.ExpectInbound(Transit(session), Discarded);
    }

    // A genuine packet of the SA, sent on to a host behind the device.
    private static ByteString Transit(PolicySession session)
    {
        byte[] datagram = session.Seal(session.Pairs[1], session.Build(Flow(), PolicyDirection.Inbound)).Datagram.ToArray();
        Flow().Remote.WriteTo(datagram.AsSpan(12));
        Flow().Local.WriteTo(datagram.AsSpan(16));
        IpPackets.FinishHeader(datagram);
        return ByteString.Adopt(datagram);
    }

    private (PolicySession Session, SaPair Pair) StartNarrow()
    {
        SpdEntry secure = Protect("secure", Set());
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [secure],
            Pairs = [new(secure) { Selectors = [Set("198.51.100.10", "203.0.113.10", Ports(local: FieldSelector.Only(2000), remote: FieldSelector.Only(80)))] }],
        });
        return (session, session.PairOf(secure));
    }
}
