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

/// <summary>When a stack asks key management for an SA, and what leaves meanwhile. RFC 4301 §5.1, §5.2, §6.2.</summary>
[Needs(Capabilities.Acquire)]
public class AcquireTests : PolicyTest
{
    // Another host than that of the packets before, so that it cannot be taken for one of them.
    private static readonly FlowSelectors Probe = Flow(remote: 30, remoteField: 99);

    [Requirement("RFC4301-5.1-05")]
    [Test]
    public void FirstPacketOfAnEntryWithoutSa_AsksForOne()
    {
        PolicySession session = StartWithout(Protect("web", Set(upper: To(80))));
        session.ExpectAcquire(session.Build(Flow(), PolicyDirection.Outbound), "RFC4301-5.1-05");
    }

    // Nobody answers: the SA never comes.
    [Requirement("RFC4301-5.1-06")]
    [Test]
    public void SaThatIsNeverMade_NothingLeavesInClear()
    {
        PolicySession session = StartWithout(Protect("web", Set(upper: To(80))), Bypass("rest", Set()));
        session.ExpectOutbound(Flow(remoteField: 81), InClear, "RFC4301-5.1-06");
        for (int i = 0; i < 5; i++)
        {
            session.ExpectOutbound(Flow(localField: 2000 + i), Discarded, "RFC4301-5.1-06");
        }
    }

    [Requirement("RFC4301-5.2-11")]
    [Test]
    public void ClearPacketThatShouldHaveComeProtected_AsksForNone()
    {
        PolicySession session = StartWithout(Protect("web", Set(upper: To(80))));
        session.ExpectInbound(Flow(), Discarded, "RFC4301-5.2-11");
        session.ExpectNoAcquireBut(Probe, "RFC4301-5.2-11");
    }

    [Requirement("RFC4301-6.2-05")]
    [Needs(Capabilities.Icmp)]
    [Test]
    public void OutboundErrorUnderAnEntryOfItsOwn_AsksForAnSa()
    {
        PolicySession session = StartWithout(Protect("errors", Set(upper: new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpType(3)))));
        session.ExpectAcquire(ErrorPackets.Outbound(Flow(), 20), "RFC4301-6.2-05");
    }

    [Requirement("RFC4301-6.2-09")]
    [Needs(Capabilities.Icmp)]
    [Test]
    public void OutboundErrorWithoutEntryOrSa_AsksForNone()
    {
        PolicySession session = StartWithout(Protect("web", Set(upper: To(80))));
        session.ExpectOutbound(ErrorPackets.Outbound(Flow(), 20), Discarded, "RFC4301-6.2-09");
        session.ExpectNoAcquireBut(Probe, "RFC4301-6.2-09");
    }

    // The entry of the probe stands first and has no SA either.
    private PolicySession StartWithout(SpdEntry wanting, params SpdEntry[] others)
    {
        SpdEntry probe = Protect("probe", Set(upper: To(99)));
        return Start(new PolicyScenario
        {
            Entries = [probe, wanting, .. others],
            Pairs = [new(probe) { IsInstalled = false }, new(wanting) { IsInstalled = false }],
        });
    }
}
