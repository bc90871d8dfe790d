using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>Which SA carries an outbound packet: by its DSCP, and by whose packet it is. RFC 4301 §4.1, §4.4.2.1.</summary>
public class SaChoiceTests : PolicyTest
{
    private const byte Expedited = 46;

    [Requirement("RFC4301-4.4.2.1-17", "RFC4301-4.1-10")]
    [TestCase("RFC4301-4.4.2.1-17")]
    [TestCase("RFC4301-4.1-10")]
    public void TwoSasWithDscpValues_EachClassHasItsOwn(string clause)
    {
        (PolicySession session, _) = StartWithClasses();
        session.ExpectOutbound(Marked(0, outbound: true), Protected, clause);
        session.ExpectOutbound(Marked(Expedited, outbound: true), Protected, clause);
        session.ExpectOutbound(Marked(0, outbound: true), Protected, clause);
        session.ExpectOutbound(Marked(10, outbound: true), Discarded, clause);
    }

    [Requirement("RFC4301-4.4.2.1-18")]
    [Test]
    public void InboundPacketOfAnotherClass_Delivered()
    {
        (PolicySession session, SaPair forDefault) = StartWithClasses();
        session.ExpectOn(forDefault, Marked(0, outbound: false), Protected, "RFC4301-4.4.2.1-18");
        session.ExpectOn(forDefault, Marked(Expedited, outbound: false), Protected, "RFC4301-4.4.2.1-18");
        session.ExpectOn(forDefault, Marked(10, outbound: false), Protected, "RFC4301-4.4.2.1-18");
    }

    // The SA is there and its ends are those of the packet: nothing but the rule keeps the packet back.
    [Requirement("RFC4301-4.1-17", "RFC4301-4.1-30")]
    [Needs(Capabilities.TransportMode | Capabilities.Gateway)]
    [TestCase("RFC4301-4.1-17")]
    [TestCase("RFC4301-4.1-30")]
    public void PacketInTransitUnderATransportEntry_IsNotSent(string clause)
    {
        SpdEntry transport = new()
        {
            Name = "transport",
            Selectors = [Set(upper: To(80))],
            Action = PolicyAction.Protect.With(new ProtectionStep { Mode = EspMode.Transport }),
        };
        SpdEntry tunnel = Protect("tunnel", Set(upper: To(81)));
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [transport, tunnel],
            Pairs = [new(transport) { Ends = (Flow().Local, Flow().Remote) }],
        });
        session.ExpectOutbound(Flow(remoteField: 81), Protected, clause);
        session.ExpectOutbound(Flow(remoteField: 80), Discarded, clause);
    }

    private (PolicySession Session, SaPair ForDefault) StartWithClasses()
    {
        SpdEntry secure = Protect("secure", Set());
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [secure],
            Pairs = [new(secure) { DscpValues = [0] }, new(secure) { DscpValues = [Expedited] }],
        });
        return (session, session.Pairs[1]);
    }

    private static ByteString Marked(byte dscp, bool outbound) => ByteString.Adopt(IpPackets.Udp(
        outbound ? Flow().Local : Flow().Remote, outbound ? Flow().Remote : Flow().Local, 7, 9, new byte[40],
        new IpPacketOptions { TrafficClass = TrafficClasses.Join(dscp, Ecn.NotCapable) }));
}
