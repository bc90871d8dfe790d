using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>The receive side: what opens, what is refused. RFC 4303 §3.4.</summary>
[Needs(Capabilities.EspInbound)]
public class ReceiveTests : ConformanceTest
{
    [Requirement(
        "RFC4303-2.2.1-05", "RFC4303-2.2.1-06", "RFC4303-3.4.4.1-01", "RFC4303-3.4.4.2-01", "RFC4303-3.4.4.1-03", "RFC4303-3.4.4.2-02",
        "RFC4303-3.4.3-09")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.Matrix))]
    public void GenuineForgedGenuine_DeliveredDiscardedDelivered(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        SealedPacket second = session.Peer.Seal(2, payloadBytes: 101);

        string opens = IsCombined(scenario) ? "RFC4303-3.4.4.2-01" : "RFC4303-3.4.4.1-01";
        session.Expect(session.Peer.Seal(1, payloadBytes: 101), Delivered, opens);
        session.Expect(second.WithForgedIcv(), Discarded);
        session.Expect(second, Delivered, "RFC4303-3.4.3-09");
    }

    [Requirement("RFC4303-3.4.3-01")]
    [Needs(Capabilities.AntiReplay)]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.KindsAndModes))]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.Suites))]
    public void Repeated_Discarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        SealedPacket first = session.Peer.Seal(1);

        session.Expect(first, Delivered);
        session.Expect(first, Discarded, "RFC4303-3.4.3-01");
    }

    [Requirement("RFC4303-2.2-03")]
    [Needs(Capabilities.AntiReplay | Capabilities.EspOutbound)]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void NumbersAreMadeAndChecked(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        SealedPacket first = session.Peer.Seal(1);
        session.Expect(first, Delivered);
        session.ExpectSent(session.Host.Next(32));
        session.Expect(session.Peer.Seal(2), Delivered);
        session.ExpectSent(session.Host.Next(32), "RFC4303-2.2-03");
        session.Expect(first, Discarded, "RFC4303-2.2-03");
    }

    [Requirement("RFC4303-2.4-07")]
    [TestCaseSource(nameof(PaddingCases))]
    public void AnyValidAmountOfPadding_Delivered(EspScenario scenario, int paddingBytes)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.Seal(1, payloadBytes: 32, new() { PaddingBytes = paddingBytes }), Delivered);
    }

    // 14 and 30 bytes leave room for exactly the trailer, whatever the alignment.
    [Requirement("RFC4303-2.5-02")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void PayloadThatNeedsNoPadding_PadLengthIsThereAllTheSame(EspScenario scenario)
    {
        EspSession session = Start(scenario with { Mode = EspMode.Transport });
        session.Expect(session.Peer.Seal(1, payloadBytes: 29), Delivered);
        session.Expect(session.Peer.Seal(2, payloadBytes: 30), Delivered, "RFC4303-2.5-02");
        session.Expect(session.Peer.Seal(3, payloadBytes: 14), Delivered, "RFC4303-2.5-02");
    }

    [Requirement("RFC4303-2-03", "RFC4303-2-05", "RFC4303-3.4.4.1-02", "RFC4303-3.4.4.1-03")]
    [TestCaseSource(nameof(FlippedBitCases))]
    public void OneFlippedBit_Discarded(EspScenario scenario, string region, int fromEspStart, int fromEnd, string clause)
    {
        EspSession session = Start(scenario);
        SealedPacket genuine = session.Peer.Seal(7);
        int offset = fromEnd > 0 ? genuine.Datagram.Length - fromEnd : genuine.EspOffsetBytes + fromEspStart;

        session.Expect(genuine.WithFlippedBit(offset, 0, $"one bit of {region} flipped"), Discarded, clause);
        session.Expect(genuine, Delivered);
    }

    [Requirement("RFC4303-2.8-02")]
    [TestCaseSource(nameof(ShortCases))]
    public void PacketCutShort_Discarded(EspScenario scenario, int espBytes)
    {
        EspSession session = Start(scenario);
        SealedPacket genuine = session.Peer.Seal(1, payloadBytes: 64);

        session.Expect(genuine.WithEspCutTo(espBytes), Discarded, "RFC4303-2.8-02");
        session.Expect(genuine, Delivered);
    }

    [Requirement("RFC4303-2.5-03")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.KindsAndModes))]
    public void PadLengthBeyondThePayload_Discarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.Seal(1, payloadBytes: 16, new() { PadLengthField = 255 }), Discarded);
        session.Expect(session.Peer.Seal(2, payloadBytes: 16), Delivered);
    }

    [Requirement("RFC4303-3.4.2-02")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.KindsAndModes))]
    public void UnknownSpi_Discarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.SealAs(new Spi(0xdeadbeef), 1), Discarded);
        session.Expect(session.Peer.Seal(2), Delivered);
    }

    // ESP in UDP with SPI 0 is a key exchange message by definition, so only plain ESP is asked.
    [Requirement("RFC4303-2.1-16")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void SpiZeroSealedWithTheKeysOfAnSa_Discarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        SealedPacket genuine = session.Peer.Seal(1);

        session.Expect(session.Peer.SealAs(new Spi(0), 2), Discarded, "RFC4303-2.1-16");
        session.Expect(genuine, Delivered);
    }

    [Requirement("RFC4303-2.4-09", "RFC4303-3.4.4.1-08")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void WrongPadBytes_ShouldBeDiscarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.Seal(1, payloadBytes: 16, new() { PaddingBytes = 10 }), Delivered);

        SealedPacket wrong = session.Peer.Seal(2, payloadBytes: 16, new() { PaddingBytes = 10, PaddingFault = 0x55 });
        if (session.Offer(wrong, Leniency.PaddingUnchecked) == Delivered)
        {
            string clause = IsCombined(scenario) ? "RFC4303-2.4-09" : "RFC4303-3.4.4.1-08";
            TestVerdicts.Warn(clause, "pad bytes that are not 1, 2, 3 … were accepted");
        }
    }

    [Requirement("RFC4303-3.4.4.1-09", "RFC4303-3.4.4.2-05")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.KindsAndModes))]
    public void DummyPacket_Discarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        string clause = IsCombined(scenario) ? "RFC4303-3.4.4.2-05" : "RFC4303-3.4.4.1-09";
        session.Expect(session.Peer.Seal(1, payloadBytes: 48, new() { NextHeaderField = IpProtocol.NoNextHeader }), Discarded, clause);
        session.Expect(session.Peer.Seal(2), Delivered);
    }

    [Requirement("RFC4303-2.7-06", "RFC4303-3.4.4.1-13")]
    [TestCaseSource(nameof(TfcCases))]
    public void TfcPaddingBehindTheInnerPacket_Dropped(EspScenario scenario, int tfcBytes)
    {
        EspSession session = Start(scenario);
        string clause = IsCombined(scenario) ? "RFC4303-2.7-06" : "RFC4303-3.4.4.1-13";
        session.Expect(session.Peer.Seal(1, payloadBytes: 40, new() { TfcPaddingBytes = tfcBytes }), Delivered, clause);
    }

    [Requirement("RFC4303-2.6-02")]
    [TestCase(IpProtocol.Udp)]
    [TestCase(IpProtocol.Tcp)]
    [TestCase((byte)0xfe)]
    public void TunnelWithANextHeaderThatIsNoIp_Discarded(byte nextHeader)
    {
        EspSession session = Start(new EspScenario());
        session.Expect(session.Peer.Seal(1, payloadBytes: 40, new() { NextHeaderField = nextHeader }), Discarded);
        session.Expect(session.Peer.Seal(2), Delivered);
    }

    [Requirement("RFC4303-3.4.1-02")]
    [TestCase(0, true)]
    [TestCase(8, false)]
    [TestCase(8, true)]
    public void EspThatLooksLikeAFragment_Discarded(int offsetBytes, bool moreFragments)
    {
        EspSession session = Start(new EspScenario());
        SealedPacket genuine = session.Peer.Seal(1);
        session.Expect(genuine.WithFragmentFields(offsetBytes, moreFragments), Discarded);
        session.Expect(genuine, Delivered);
    }

    [Requirement("RFC4303-3.4.4.1-11")]
    [TestCaseSource(nameof(SizeCases))]
    public void PayloadOfAnySize_Delivered(EspScenario scenario, int payloadBytes)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.Seal(1, payloadBytes), Delivered);
    }

    private static bool IsCombined(EspScenario scenario) => scenario.Suite.Encryption.IsCombinedMode;

    private static IEnumerable<TestCaseData> PaddingCases =>
        from suite in EspCases.Kinds
        let scenario = new EspScenario { Suite = suite }
        from count in new[] { 0, 1, 3, 5, 100, 239, 254, 255 }
        // The inner packet has 52 bytes; the trailer has 2.
        let aligned = count - ((52 + 2 + count) % suite.AlignmentBytes)
        where aligned >= 0
        select EspCases.Case(scenario, aligned);

    private static IEnumerable<TestCaseData> FlippedBitCases =>
        from suite in EspCases.Kinds
        let scenario = new EspScenario { Suite = suite }
        from region in new (string Name, int FromStart, int FromEnd, string Clause)[]
        {
            ("the sequence number", 7, 0, suite.Encryption.IsCombinedMode ? "RFC4303-2-05" : "RFC4303-2-03"),
            ("the payload", 8 + suite.IvBytes + 30, 0, "RFC4303-2-03"),
            ("the next header", 0, suite.IcvBytes + 1, "RFC4303-2-03"),
            ("the pad length", 0, suite.IcvBytes + 2, "RFC4303-2-03"),
            ("the first ICV byte", 0, suite.IcvBytes, "RFC4303-3.4.4.1-03"),
            ("the fifth ICV byte", 0, suite.IcvBytes - 4, "RFC4303-3.4.4.1-02"),
            ("the last ICV byte", 0, 1, "RFC4303-3.4.4.1-02"),
            ("the IV", 8, 0, "RFC4303-2-03"),
        }
        where region.Name != "the IV" || suite.IvBytes > 0
        select EspCases.Case(scenario, region.Name, region.FromStart, region.FromEnd, region.Clause);

    private static IEnumerable<TestCaseData> ShortCases =>
        from suite in EspCases.Kinds
        let fixedBytes = 8 + suite.IvBytes + suite.IcvBytes
        from length in new[] { 8, 9, 8 + suite.IvBytes, fixedBytes - 1, fixedBytes, fixedBytes + 1, fixedBytes + 2, fixedBytes + suite.AlignmentBytes }
        select EspCases.Case(new EspScenario { Suite = suite }, length);

    private static IEnumerable<TestCaseData> TfcCases =>
        from suite in EspCases.Kinds
        from inner in new[] { false, true }
        from bytes in new[] { 1, 4, 16, 300, 1000 }
        select EspCases.Case(new EspScenario { Suite = suite, InnerIpv6 = inner }, bytes);

    private static IEnumerable<TestCaseData> SizeCases =>
        from suite in EspCases.Kinds
        from size in new[] { 1, 2, 3, 4, 15, 16, 17, 1279, 1280, 1350 }
        select EspCases.Case(new EspScenario { Suite = suite }, size);
}
