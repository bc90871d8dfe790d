using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>Which SA opens a packet from the wire. RFC 4301 §4.1, §5.2 step 3a.</summary>
public class SaLookupTests : PolicyTest
{
    private const int Associations = 20;
    private const int Packets = 60;

    [Requirement("RFC4301-4.1-03", "RFC4301-4.4.2-02", "RFC4301-5.2-07", "RFC4301-4.4.2.1-02")]
    [TestCase("RFC4301-4.1-03")]
    [TestCase("RFC4301-4.4.2-02")]
    [TestCase("RFC4301-5.2-07")]
    [TestCase("RFC4301-4.4.2.1-02")]
    public void TwoSasOfOnePeer_EachPacketIsOpenedByTheOneItNames(string clause)
    {
        (SpdEntry first, SpdEntry second) = (Protect("first", Set(upper: To(80))), Protect("second", Set(upper: To(81))));
        PolicySession session = Start(first, second);
        session.ExpectOn(session.PairOf(first), Flow(remoteField: 80), Protected, clause);
        session.ExpectOn(session.PairOf(second), Flow(remoteField: 81), Protected, clause);
        session.ExpectOn(session.PairOf(first), Flow(remoteField: 81), Discarded, clause);

        SealedPacket mixed = session.Seal(session.PairOf(first), session.Build(Flow(remoteField: 80), PolicyDirection.Inbound));
        session.ExpectFromWire(mixed.WithSpi(session.PairOf(second).Inbound.Sa.Spi).Datagram, null, "keys of one SA under the SPI of the other", clause);
        session.ExpectOn(session.PairOf(first), Flow(remoteField: 80), Protected, clause);
    }

    // The defining form walks the SAD; SPIs that end alike, and such as differ in one bit from one that is there, find its shortcuts.
    [Requirement("RFC4301-4.1-07")]
    [Test]
    public void ManySas_FoundAsByTheOrderedSearch()
    {
        SpdEntry secure = Protect("secure", Set());
        PolicySession session = Start(new PolicyScenario { Entries = [secure], Pairs = [.. Enumerable.Repeat(new SaPairPlan(secure), Associations)] });
        Random random = new((int)Seed);
        for (int i = 0; i < Packets; i++)
        {
            SaPair pair = session.Pairs[1 + random.Next(Associations)];
            session.ExpectOn(pair, Flow(), Protected, "RFC4301-4.1-07");
            Spi near = new(pair.Inbound.Sa.Spi.Value ^ (1u << random.Next(32)));
            if (!session.Knows(near))
            {
                session.ExpectFromWire(session.SealAs(pair, near).Datagram, null, $"SPI {near}, which no SA has", "RFC4301-4.1-07");
            }
        }
    }

    [Requirement("RFC4301-4.1-08", "RFC4301-5.2-08")]
    [Needs(Capabilities.Counters)]
    [TestCase("RFC4301-4.1-08")]
    [TestCase("RFC4301-5.2-08")]
    public void PacketWithoutSa_DiscardedAndCounted(string clause)
    {
        SpdEntry secure = Protect("secure", Set());
        PolicySession session = Start(secure);
        session.ExpectOn(session.PairOf(secure), Flow(), Protected);
        session.ExpectCounted(
            () => session.ExpectFromWire(session.SealAs(session.PairOf(secure), new Spi(0xdeadbeef)).Datagram, null, "SPI of no SA", clause), clause);
    }
}
