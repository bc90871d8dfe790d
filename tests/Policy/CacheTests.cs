using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>What was decided before changes no decision. RFC 4301 §4.4.1, §5.</summary>
public class CacheTests : PolicyTest
{
    [Requirement("RFC4301-4.4.1-38", "RFC4301-5-03")]
    [TestCase(true, "RFC4301-4.4.1-38")]
    [TestCase(false, "RFC4301-5-03")]
    public void BroadLaterEntryWarm_NarrowEarlierOneStillDecides(bool inbound, string clause)
    {
        PolicySession session = Start(Discard("narrow", Set(upper: To(80))), Bypass("broad", Set()));
        Expect(session, inbound, 81, InClear, clause);
        Expect(session, inbound, 80, Discarded, clause);
        Expect(session, inbound, 81, InClear, clause);

        session = Start(Discard("narrow", Set(upper: To(80))), Bypass("broad", Set()));
        Expect(session, inbound, 80, Discarded, clause);
        Expect(session, inbound, 81, InClear, clause);
        Expect(session, inbound, 80, Discarded, clause);
    }

    [Requirement("RFC4301-5.1-02")]
    [Test]
    public void SecondOutboundPacketOfAFlow_CrossesAsTheFirst()
    {
        PolicySession session = Start(Protect("secure", Set(upper: To(80))), Bypass("open", Set(upper: To(81))), Discard("closed", Set(upper: To(82))));
        session.ExpectOutbound(Flow(remoteField: 80), Protected);
        session.ExpectOutbound(Flow(remoteField: 80), Protected);
        session.ExpectOutbound(Flow(remoteField: 81), InClear);
        session.ExpectOutbound(Flow(remoteField: 81), InClear);
        session.ExpectOutbound(Flow(remoteField: 82), Discarded);
        session.ExpectOutbound(Flow(remoteField: 82), Discarded);
    }

    [Requirement("RFC4301-5.2-10")]
    [Test]
    public void SecondInboundPacketOfAFlow_CrossesAsTheFirst()
    {
        PolicySession session = Start(Bypass("open", Set(upper: To(81))), Discard("closed", Set(upper: To(82))));
        session.ExpectInbound(Flow(remoteField: 81), InClear);
        session.ExpectInbound(Flow(remoteField: 81), InClear);
        session.ExpectInbound(Flow(remoteField: 82), Discarded);
        session.ExpectInbound(Flow(remoteField: 82), Discarded);
    }

    [Requirement("RFC4301-4.4.1-42")]
    [Test]
    public void ChangedSpd_JudgesTheNextPacketOfAWarmFlow()
    {
        SpdEntry open = Bypass("open", Set());
        PolicySession session = Start(open);
        session.ExpectOutbound(Flow(), InClear);
        session.ExpectInbound(Flow(), InClear);
        session.Change(Discard("closed", Set()));
        session.ExpectOutbound(Flow(), Discarded);
        session.ExpectInbound(Flow(), Discarded);
        session.Change(open);
        session.ExpectOutbound(Flow(), InClear);
    }

    private static void Expect(PolicySession session, bool inbound, int port, Crossing expected, string clause)
    {
        if (inbound)
        {
            session.ExpectInbound(Flow(remoteField: port), expected, clause);
        }
        else
        {
            session.ExpectOutbound(Flow(remoteField: port), expected, clause);
        }
    }
}
