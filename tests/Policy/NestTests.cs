using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>ESP inside ESP: the packet between the layers is held against the selectors of the outer SA. RFC 4301 §5.2.</summary>
public class NestTests : PolicyTest
{
    // Between the layers stands an ESP packet from gateway to gateway, for which the outer SA was not made.
    [Requirement("RFC4301-5.2-16")]
    [TestCase(false)]
    [TestCase(true)]
    public void EspInsideAnSaThatIsNotForIt_Discarded(bool outerIsForWhatIsInside)
    {
        SpdEntry inner = Protect("inner", Set(remote: "203.0.113.10"));
        SpdEntry outer = Protect("outer", PolicyScenario.Tunnel(AddressPlan.Ipv4 with { Peer = AddressPlan.Ipv4Sentinel.Peer }), Set(remote: "203.0.113.11"));
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [inner, outer],
            Pairs = [new(outer) { Selectors = [outerIsForWhatIsInside ? Set() : Set(remote: "203.0.113.11")] }],
        });
        session.ExpectOn(session.PairOf(inner), Flow(remote: 10), Protected);
        session.ExpectOn(session.PairOf(outer), Flow(remote: 11), Protected);
        ByteString plain = session.Build(Flow(remote: 10), PolicyDirection.Inbound);
        ByteString between = session.Seal(session.PairOf(inner), plain).Datagram;
        session.ExpectFromWire(session.Seal(session.PairOf(outer), between).Datagram, null, "ESP of inner inside ESP of outer");
    }
}
