using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>The receive window with 32-bit numbers. RFC 4303 §3.4.3.</summary>
[Needs(Capabilities.EspInbound | Capabilities.AntiReplay)]
public class ReplayTests : ConformanceTest
{
    // Sizes that divide 2^32, and small ones; others have tests of their own, so that one defect is not reported as ten.
    private static readonly int[] Windows = [1, 2, 4, 31, 32, 64, 128, 1024, 4096];

    [Requirement("RFC4303-3.4.3-09", "RFC4303-3.4.3-12")]
    [TestCase(64, 65UL)]
    [TestCase(64, 1_000_000UL)]
    [TestCase(64, 4_294_967_295UL)]
    [TestCase(32, 33UL)]
    public void ForgedPacketRightOfWindow_LeavesWindowUnchanged(int windowPackets, ulong forgedSequence)
    {
        // An SA whose window holds exactly { 1 }.
        EspSession session = Start(new EspScenario { ReplayWindowPackets = windowPackets });
        session.Expect(session.Peer.Seal(1), Delivered);

        // Right SPI, sequence right of the window, one ICV bit flipped.
        SealedPacket genuine = session.Peer.Seal(forgedSequence);
        session.Expect(genuine.WithForgedIcv(), Discarded);

        // The left edge has not moved, 1 is remembered, and the forged number is not spent.
        session.Expect(session.Peer.Seal(2), Delivered, "RFC4303-3.4.3-09");
        session.Expect(session.Peer.Seal(1), Discarded);
        session.Expect(genuine, Delivered, "RFC4303-3.4.3-12");
    }

    [Requirement("RFC4303-3.4.3-13", "RFC4303-3.4.3-14", "RFC4303-3.4.3-16")]
    [TestCaseSource(nameof(Windows))]
    public void LeftEdge_LastNumberInsideDelivered_FirstOutsideDiscarded(int windowPackets)
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = windowPackets });
        ulong right = 10_000;
        ulong left = right - (ulong)windowPackets + 1;
        session.Expect(session.Peer.Seal(right), Delivered);

        session.Expect(session.Peer.Seal(left - 1), Discarded);
        session.ExpectAsModel(session.Peer.Seal(left), "RFC4303-3.4.3-14");
        session.Expect(session.Peer.Seal(left), Discarded);
        session.Expect(session.Peer.Seal(right), Discarded, "RFC4303-3.4.3-16");
        session.Expect(session.Peer.Seal(right + 1), Delivered);
        session.Expect(session.Peer.Seal(left), Discarded);
    }

    [Requirement("RFC4303-3.4.3-08", "RFC4303-3.4.3-31")]
    [TestCase(32)]
    [TestCase(33)]
    [TestCase(48)]
    [TestCase(64)]
    [TestCase(96)]
    [TestCase(100)]
    [TestCase(128)]
    [TestCase(1000)]
    [TestCase(4095)]
    [TestCase(4096)]
    public void FirstPacketOfANewSaRepeated_WindowOfAnySize_Discarded(int windowPackets)
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = windowPackets });
        SealedPacket first = session.Peer.Seal(1);
        session.Expect(first, Delivered);
        session.Expect(first, Discarded);
        session.Expect(session.Peer.Seal(2), Delivered);
        session.Expect(first, Discarded);
    }

    [Requirement("RFC4303-3.4.3-08", "RFC4303-3.4.3-31")]
    [Needs(Capabilities.Esn)]
    [TestCase(64)]
    [TestCase(96)]
    [TestCase(100)]
    [TestCase(1000)]
    public void FirstPacketOfANewExtendedSaRepeated_WindowOfAnySize_Discarded(int windowPackets)
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = windowPackets, ExtendedSequenceNumbers = true });
        SealedPacket first = session.Peer.Seal(1);
        session.Expect(first, Delivered);
        session.Expect(first, Discarded);
    }

    [Requirement("RFC4303-A2.1-01", "RFC4303-3.4.3-15")]
    [TestCaseSource(nameof(Windows))]
    public void JumpToTheRight_NumbersBetweenAreStillUnseen(int windowPackets)
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = windowPackets });
        session.Expect(session.Peer.Seal(1), Delivered);
        ulong jump = (ulong)windowPackets;
        session.Expect(session.Peer.Seal(1 + jump), Delivered);
        session.Expect(session.Peer.Seal(1), Discarded);
        session.ExpectAsModel(session.Peer.Seal(jump), "RFC4303-A2.1-01");
        session.ExpectAsModel(session.Peer.Seal(2), "RFC4303-A2.1-01");
        session.Expect(session.Peer.Seal(1 + jump + 1_000_000), Delivered, "RFC4303-3.4.3-15");
        session.ExpectAsModel(session.Peer.Seal(1 + jump + 1_000_000 - (jump - 1)));
        session.Expect(session.Peer.Seal(1 + jump), Discarded);
    }

    [Requirement("RFC4303-3.4.3-30")]
    [TestCase(1)]
    [TestCase(32)]
    [TestCase(64)]
    public void NumberZeroOnAFreshSa_Discarded(int windowPackets)
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = windowPackets });
        session.Expect(session.Peer.Seal(0), Discarded, "RFC4303-3.4.3-30");
        session.Expect(session.Peer.Seal(1), Delivered);
        session.Expect(session.Peer.Seal(0), Discarded, "RFC4303-3.4.3-30");
    }

    [Requirement("RFC4303-3.4.3-29")]
    [Needs(Capabilities.SequenceSeed)]
    [TestCase(32)]
    [TestCase(64)]
    [TestCase(100)]
    public void AfterTheLastNumber_SmallNumbersAreNotNew(int windowPackets)
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = windowPackets, InboundRightEdge = uint.MaxValue - 3 });
        session.Expect(session.Peer.Seal(uint.MaxValue), Delivered);
        session.Expect(session.Peer.Seal(1), Discarded, "RFC4303-3.4.3-29");
        session.Expect(session.Peer.Seal(2), Discarded, "RFC4303-3.4.3-29");
        session.Expect(session.Peer.Seal(uint.MaxValue), Discarded);
        session.ExpectAsModel(session.Peer.Seal(uint.MaxValue - 1));
    }

    [Requirement("RFC4303-3.4.3-05")]
    [Test]
    public void WindowOff_RepeatedAndOldNumbersAreDelivered()
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = 0 });
        session.Expect(session.Peer.Seal(100), Delivered);
        session.Expect(session.Peer.Seal(100), Delivered);
        session.Expect(session.Peer.Seal(1), Delivered);
        session.Expect(session.Peer.Seal(uint.MaxValue), Delivered);
        session.Expect(session.Peer.Seal(1), Delivered);
    }

    // The sentinel's SA has a window; the one under test has none.
    [Requirement("RFC4303-3.4.3-02")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void WindowOffBesideAnSaWithAWindow_RepeatedIsDelivered(EspScenario scenario)
    {
        EspSession session = Start(scenario with { ReplayWindowPackets = 0 });
        SealedPacket packet = session.Peer.Seal(7);
        session.Expect(packet, Delivered);
        session.Expect(packet, Delivered, "RFC4303-3.4.3-02");
    }

    [Requirement("RFC4303-3.4.3-07")]
    [TestCase(1UL)]
    [TestCase(2UL)]
    [TestCase(1_000_000UL)]
    public void FirstPacketOfAnSa_IsNewWhateverItsNumber(ulong first)
    {
        EspSession session = Start(new EspScenario());
        session.Expect(session.Peer.Seal(first), Delivered, "RFC4303-3.4.3-07");
    }

    [Requirement("RFC4303-3.4.3-24")]
    [Test]
    public void WindowOf32_HoldsThirtyTwoNumbers()
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = 32 });
        session.Expect(session.Peer.Seal(32), Delivered);
        session.ExpectAllAsModel([.. Enumerable.Range(1, 31).Reverse().Select(n => session.Peer.Seal((ulong)n))]);
        session.ExpectAllAsModel([.. Enumerable.Range(1, 32).Select(n => session.Peer.Seal((ulong)n))]);
    }
}
