using Conformance.Generators.Offload;
using Conformance.Harness.Oracle;
using Conformance.Spec.Offload;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Offload;

/// <summary>Super-packets of TCP and UDP into ESP: on the wire is what cutting first and sealing each segment gives.</summary>
[TestFixture(EspPath.Plain)]
[TestFixture(EspPath.Offload)]
[Needs(Capabilities.EspOutbound)]
public class SegmentationTests(EspPath path) : OffloadTest(path)
{
    private const int RandomPackets = 52;
    private const int MostShrinks = 60;
    private const ulong Border = 1UL << 32;

    [Requirement("OFFLOAD-seg-01", "OFFLOAD-seg-02", "OFFLOAD-seg-05", "OFFLOAD-seg-12")]
    [TestCaseSource(nameof(Scenarios))]
    public void RandomSuperPackets_LeaveAsIfCutFirst(EspScenario scenario)
    {
        // SAs of its own for each, so that what one shows does not come from the one before.
        Random random = new((int)Seed);
        int proven = 0;
        EspSession? session = null;
        for (int i = 0; proven < RandomPackets && i < 2 * RandomPackets; i++)
        {
            session = StartOffloading(scenario, Capabilities.Segmentation);
            SuperPacket packet = Tcp(SuperPacket.Draw(random));
            if (Shrinking.Of(() => session.ExpectCut(packet)) is { } failure)
            {
                throw Shrinking.Smallest(packet, Smaller, candidate => Alone(scenario, candidate), MostShrinks) ?? failure;
            }

            proven += IsProven(session) ? 1 : 0;
        }

        TestContext.Out.WriteLine($"{proven} super-packets with a sign of the way");
        Require(proven >= RandomPackets, session!);
    }

    [Requirement("OFFLOAD-seg-08")]
    [Test]
    public void UdpSuperPacket_EachDatagramHasItsOwnLength([ValueSource(nameof(Scenarios))] EspScenario scenario, [Values(1, 99, 100)] int lastBytes) =>
        Cut(StartOffloading(scenario, Capabilities.Segmentation | Capabilities.UdpSegmentation), new SuperPacket { Kind = SegmentationKind.Udp, PayloadBytes = 400 + lastBytes }, "OFFLOAD-seg-08");

    [Requirement("OFFLOAD-seg-14")]
    [TestCaseSource(nameof(Scenarios))]
    public void SecondSuperPacket_NumbersGoOnBehindTheFirst(EspScenario scenario)
    {
        EspSession session = StartOffloading(scenario, Capabilities.Segmentation);
        Cut(session, new SuperPacket { PayloadBytes = 300 }, "OFFLOAD-seg-14");
        Cut(session, new SuperPacket { PayloadBytes = 300, Sequence = 301 }, "OFFLOAD-seg-14");
        session.ExpectSent(session.Host.Next(40), "OFFLOAD-seg-14");
    }

    [Requirement("OFFLOAD-seg-03", "OFFLOAD-seg-04")]
    [TestCase(TcpControl.Psh, "OFFLOAD-seg-03")]
    [TestCase(TcpControl.Fin, "OFFLOAD-seg-03")]
    [TestCase(TcpControl.Psh | TcpControl.Fin, "OFFLOAD-seg-03")]
    [TestCase(TcpControl.Cwr, "OFFLOAD-seg-04")]
    [TestCase(TcpControl.Cwr | TcpControl.Ece, "OFFLOAD-seg-04")]
    public void ControlBits_StandWhereTheyBelong(TcpControl control, string clause) =>
        Cut(StartOffloading(new EspScenario(), Capabilities.Segmentation), new SuperPacket { PayloadBytes = 350, Control = TcpControl.Ack | control }, clause);

    [Requirement("OFFLOAD-seg-06")]
    [TestCase(0)]
    [TestCase(ushort.MaxValue)]
    public void Ipv4WithoutDf_IdentificationsCountUp(int first) =>
        Cut(StartOffloading(new EspScenario(), Capabilities.Segmentation), new SuperPacket { PayloadBytes = 500, Identification = (ushort)first }, "OFFLOAD-seg-06");

    [Requirement("OFFLOAD-seg-07")]
    [TestCaseSource(nameof(Scenarios))]
    public void PartialChecksum_FinishedInEachSegment(EspScenario scenario) =>
        Cut(StartOffloading(scenario, Capabilities.Segmentation), new SuperPacket { PayloadBytes = 333 }, "OFFLOAD-seg-07");

    [Requirement("OFFLOAD-seg-07")]
    [TestCaseSource(nameof(Scenarios))]
    public void PartialChecksumOfOnePacket_Finished(EspScenario scenario)
    {
        Prove(scenario);
        StartOffloading(scenario, Capabilities.Segmentation).ExpectCut(new SuperPacket { SegmentBytes = 100, PayloadBytes = 100 }, "OFFLOAD-seg-07");
    }

    [Requirement("OFFLOAD-seg-09")]
    [TestCase(100, 201)]
    [TestCase(100, 299)]
    [TestCase(100, 300)]
    [TestCase(88, 176)]
    [TestCase(1240, 62000)]
    public void AnySizes_AllSegmentsLeaveAtOnce(int segmentBytes, int payloadBytes) =>
        Cut(StartOffloading(new EspScenario(), Capabilities.Segmentation), new SuperPacket { SegmentBytes = segmentBytes, PayloadBytes = payloadBytes }, "OFFLOAD-seg-09");

    [Requirement("OFFLOAD-seg-09")]
    [TestCaseSource(nameof(SmallSegments))]
    public void SmallSegmentsThatMayNotBeFragmented_Leave(EspScenario scenario, int segmentBytes)
    {
        Prove(scenario);
        StartOffloading(scenario, Capabilities.Segmentation).ExpectCut(
            new SuperPacket { SegmentBytes = segmentBytes, PayloadBytes = (3 * segmentBytes) - 1, DontFragment = true }, "OFFLOAD-seg-09");
    }

    [Requirement("OFFLOAD-seg-10")]
    [Needs(Capabilities.Esn | Capabilities.SequenceSeed)]
    [Test]
    public void SegmentsAcrossTheBorder_NumbersGoOn([Range(0, 6)] int before)
    {
        EspSession session = StartOffloading(new EspScenario { ExtendedSequenceNumbers = true, OutboundLastSequence = Border - 1 - (ulong)before }, Capabilities.Segmentation);
        Cut(session, new SuperPacket { PayloadBytes = 550 }, "OFFLOAD-seg-10");
    }

    [Requirement("OFFLOAD-seg-11")]
    [Needs(Capabilities.Ipv6)]
    [TestCaseSource(nameof(Scenarios))]
    public void AnyFamilies_EachSegmentIsOfItsOwnFamily(EspScenario scenario) =>
        Cut(StartOffloading(scenario, Capabilities.Segmentation), new SuperPacket { PayloadBytes = 900 }, "OFFLOAD-seg-11");

    [Requirement("OFFLOAD-seg-13")]
    [Needs(Capabilities.SequenceSeed)]
    [Test]
    public void NumbersRunOut_NoneIsUsedTwice([Values] bool esn, [Range(0, 4)] int left)
    {
        ulong last = esn ? ulong.MaxValue : uint.MaxValue;
        Prove(new EspScenario { ExtendedSequenceNumbers = esn });
        EspSession session = StartOffloading(new EspScenario { ExtendedSequenceNumbers = esn, OutboundLastSequence = last - (ulong)left }, Capabilities.Segmentation);
        session.ExpectCut(new SuperPacket { PayloadBytes = 350 }, "OFFLOAD-seg-13");
    }

    private static IEnumerable<TestCaseData> SmallSegments() =>
        from scenario in new[] { new EspScenario(), new EspScenario { OuterIpv6 = true, InnerIpv6 = true } }
        from bytes in new[] { 8, 40, 48, 56, 63, 64, 72, 80, 88 }
        select new TestCaseData(scenario, bytes);

    // Some kernels take super-packets of TCP only; UDP has a test of its own.
    private static SuperPacket Tcp(SuperPacket packet) => packet with { Kind = SegmentationKind.Tcp };

    private static IEnumerable<SuperPacket> Smaller(SuperPacket packet) => SuperPacket.Shrink(packet).Where(candidate => candidate.Kind == SegmentationKind.Tcp);

    // Each candidate gets SAs of its own, so that what it shows depends on it alone.
    private ConformanceException? Alone(EspScenario scenario, SuperPacket packet) =>
        Shrinking.Of(() => StartOffloading(scenario, Capabilities.Segmentation).ExpectCut(packet));
}
