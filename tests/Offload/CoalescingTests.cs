using Conformance.Generators.Offload;
using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Offload;

/// <summary>Bursts of ESP packets whose flows may be merged: what is handed on stands for exactly the packets that ESP let through.</summary>
[TestFixture(EspPath.Plain)]
[TestFixture(EspPath.Offload)]
[Needs(Capabilities.EspInbound)]
public class CoalescingTests(EspPath path) : OffloadTest(path)
{
    private const int RandomBursts = 230;
    private const int EnoughToMerge = 40;
    private const int MostShrinks = 150;
    private const int Repetitions = 3;
    private static readonly BurstItem Usual = new();

    [Requirement("OFFLOAD-gro-01", "OFFLOAD-gro-08", "OFFLOAD-gro-09", "OFFLOAD-gro-11")]
    [TestCaseSource(nameof(Scenarios))]
    public void RandomBursts_HandedOnAsTheyCame(EspScenario scenario)
    {
        EspSession session = StartOffloading(scenario with { InboundRightEdge = 1000 }, Capabilities.Coalescing);
        Random random = new((int)Seed);
        int proven = 0;
        int merged = 0;
        int bursts = 0;
        for (; proven < RandomBursts && bursts < (merged > 0 ? 2 * RandomBursts : EnoughToMerge); bursts++)
        {
            Burst burst = Burst.Draw(random);
            if (Shrinking.Of(() => session.ExpectHanded(burst)) is { } failure)
            {
                throw Shrinking.Smallest(burst, Burst.Shrink, smaller => Alone(scenario, smaller), MostShrinks) ?? failure;
            }

            proven += IsProven(session) ? 1 : 0;
            merged += session.Pieces;
        }

        TestContext.Out.WriteLine($"{bursts} bursts, {proven} with a sign of the way, {merged} merged packets");
        Require(proven >= RandomBursts && merged > 0, session);
    }

    [Requirement(
        "OFFLOAD-gro-02", "OFFLOAD-gro-03", "OFFLOAD-gro-04", "OFFLOAD-gro-05", "OFFLOAD-gro-06")]
    [TestCaseSource(nameof(Disturbances))]
    public void OneDisturbance_NotMergedAcross(BurstItem disturbed)
    {
        EspSession session = StartOffloading(new EspScenario(), Capabilities.Coalescing);
        session.ExpectHanded(new Burst([Usual, disturbed]));
        Hand(session, new Burst([Usual, Usual, disturbed, Usual, Usual]), Repetitions);
    }

    [Requirement("OFFLOAD-gro-10")]
    [Needs(Capabilities.AntiReplay | Capabilities.SequenceSeed)]
    [Test]
    public void RefusedPacketInABurst_NeighboursGoOn(
        [Values(BurstFault.Forged, BurstFault.Replayed, BurstFault.LeftOfWindow)] BurstFault fault, [Range(0, 3)] int at)
    {
        EspSession session = StartOffloading(new EspScenario { InboundRightEdge = 1000 }, Capabilities.Coalescing);
        BurstItem[] items = [Usual, Usual, Usual, Usual];
        Hand(session, new Burst([.. items]));

        // What is refused leaves no gap in the stream: the next packet carries its bytes again.
        items[at] = items[at] with { Fault = fault };
        if (at < 3)
        {
            items[at + 1] = items[at + 1] with { GapBytes = -Usual.PayloadBytes };
        }

        Hand(session, new Burst([.. items]), Repetitions);
        session.ExpectHanded(new Burst([Usual, Usual]));
    }

    [Requirement("OFFLOAD-gro-08")]
    [Test]
    public void EmptyDatagramBehindAnother_HandedOnBehindIt()
    {
        EspSession session = StartOffloading(new EspScenario(), Capabilities.Coalescing);
        BurstItem datagram = Usual with { Flow = 1 };
        Hand(session, new Burst([Usual, Usual, datagram]));
        Hand(session, new Burst([Usual, Usual, datagram, datagram with { PayloadBytes = 0 }]));
    }

    [Requirement("OFFLOAD-gro-07", "OFFLOAD-gro-10")]
    [Test]
    public void PacketOfAnotherPeerInABurst_NotHandedOn([Range(0, 3)] int at)
    {
        EspSession session = StartOffloading(new EspScenario(), Capabilities.Coalescing);
        BurstItem foreign = Usual with { Carrier = BurstCarrier.OtherPeer };
        session.ExpectHanded(new Burst([foreign]));
        BurstItem[] items = [Usual, Usual, Usual, Usual];
        items[at] = foreign;

        // Around the foreign packet two others follow each other: that they are merged shows that all came in one poll.
        Hand(session, new Burst([.. items]), 2 * Repetitions);
    }

    private static IEnumerable<TestCaseData> Disturbances()
    {
        static TestCaseData Case(string name, BurstItem item) => new TestCaseData(item).SetArgDisplayNames(name);
        yield return Case("gap", Usual with { GapBytes = 100 });
        yield return Case("overlap", Usual with { GapBytes = -100 });
        yield return Case("DSCP", Usual with { TrafficClass = 40 });
        yield return Case("ECN", Usual with { TrafficClass = 2 });
        yield return Case("TTL", Usual with { HopLimit = 63 });
        yield return Case("CWR", Usual with { Control = TcpControl.Ack | TcpControl.Cwr });
        yield return Case("PSH", Usual with { Control = TcpControl.Ack | TcpControl.Psh });
        yield return Case("FIN", Usual with { Control = TcpControl.Ack | TcpControl.Fin });
        yield return Case("ECE", Usual with { Control = TcpControl.Ack | TcpControl.Ece });
        yield return Case("URG", Usual with { Control = TcpControl.Ack | TcpControl.Urg });
        yield return Case("acknowledgment", Usual with { Acknowledgment = 8 });
        yield return Case("options", Usual with { Timestamp = 5 });
        yield return Case("another SA", Usual with { Carrier = BurstCarrier.Successor });
        yield return Case("longer", Usual with { PayloadBytes = 101 });
        yield return Case("shorter", Usual with { PayloadBytes = 1 });
        yield return Case("empty", Usual with { PayloadBytes = 0 });
        yield return Case("identification", Usual with { DontFragment = false, IdentificationStep = 2 });
    }

    // Each candidate gets SAs of its own, so that what it shows depends on it alone.
    private ConformanceException? Alone(EspScenario scenario, Burst burst) =>
        Shrinking.Of(() => StartOffloading(scenario with { InboundRightEdge = 1000 }, Capabilities.Coalescing).ExpectHanded(burst));
}
