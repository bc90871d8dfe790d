using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>64-bit sequence numbers of which only half travels. RFC 4303 §2.2.1, appendix A2.</summary>
[Needs(Capabilities.EspInbound | Capabilities.AntiReplay | Capabilities.Esn | Capabilities.SequenceSeed)]
public class ExtendedSequenceNumberTests : ConformanceTest
{
    private const ulong Border = 1UL << 32;

    [Requirement("RFC4303-A2.2-02", "RFC4303-A2.3-02")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.KindsAndModes))]
    public void NumbersAcrossTheBorder_Delivered(EspScenario scenario)
    {
        EspSession session = Start(scenario with { ExtendedSequenceNumbers = true, InboundRightEdge = Border - 3 });
        session.Expect(session.Peer.Seal(Border - 2), Delivered);
        session.Expect(session.Peer.Seal(Border - 1), Delivered);
        session.Expect(session.Peer.Seal(Border), Delivered, "RFC4303-A2.3-02");
        session.Expect(session.Peer.Seal(Border + 1), Delivered);
        session.Expect(session.Peer.Seal(Border + 2), Delivered);
        session.Expect(session.Peer.Seal(Border - 1), Discarded);
    }

    [Requirement("RFC4303-3.4.3-18", "RFC4303-A2.2-02")]
    [TestCase(10UL, 5UL, "RFC4303-3.4.3-18")]
    [TestCase(64UL, 1UL, "RFC4303-3.4.3-18")]
    [TestCase(1UL, (1UL << 32) - 70, "RFC4303-A2.2-02")]
    public void LowHalfBelowTheWindow_IsOfTheNextSpace(ulong below, ulong beyond, string clause)
    {
        EspSession session = Start(Extended(64, Border - below));
        session.Expect(session.Peer.Seal(Border + beyond), Delivered, clause);
    }

    [Requirement("RFC4303-A2-01")]
    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1)]
    public void RightEdgeWhereTheWindowLeavesItsSpace_NextNumberIsFound(int beyond)
    {
        const int Window = 64;
        ulong right = (3 * Border) + (ulong)(Window - 1 + beyond);
        EspSession session = Start(Extended(Window, right));
        session.Expect(session.Peer.Seal(right + 1), Delivered, "RFC4303-A2-01");
        session.Expect(session.Peer.Seal(right - 1), Delivered, "RFC4303-A2-01");
    }

    [Requirement("RFC4303-A2.1-02")]
    [TestCase(32)]
    [TestCase(64)]
    public void RepeatInsideOneSpace_Discarded(int windowPackets)
    {
        ulong right = (5 * Border) + 10_000;
        EspSession session = Start(Extended(windowPackets, right));
        SealedPacket[] edges = [session.Peer.Seal(right + 1), session.Peer.Seal(right + 2 - (ulong)windowPackets)];
        session.Expect(edges[0], Delivered);
        session.Expect(edges[1], Delivered);
        session.Expect(edges[0], Discarded, "RFC4303-A2.1-02");
        session.Expect(edges[1], Discarded, "RFC4303-A2.1-02");
    }

    [Requirement("RFC4303-A2.2-01")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void LowHalfFromTheLeftEdgeOn_IsOfTheCurrentSpace(EspScenario scenario)
    {
        EspSession session = Start(scenario with { ExtendedSequenceNumbers = true, InboundRightEdge = (7 * Border) + 1000 });
        session.Expect(session.Peer.Seal((7 * Border) + 1001), Delivered, "RFC4303-A2.2-01");
        session.Expect(session.Peer.Seal((7 * Border) + 1001 - 63), Delivered, "RFC4303-A2.2-01");
    }

    [Requirement("RFC4303-A2.2-03", "RFC4303-A2.2-04")]
    [TestCase(32)]
    [TestCase(64)]
    [TestCase(128)]
    [TestCase(1024)]
    public void LatePacketFromBeforeTheBorder_DeliveredOnce(int windowPackets)
    {
        EspSession session = Start(Extended(windowPackets, Border - 10));
        session.Expect(session.Peer.Seal(Border + 3), Delivered);
        session.Expect(session.Peer.Seal(Border - 2), Delivered);
        session.Expect(session.Peer.Seal(Border - 2), Discarded);
        session.Expect(session.Peer.Seal(Border + 3), Discarded);
        session.Expect(session.Peer.Seal(Border + 4), Delivered, "RFC4303-A2.2-04");
    }

    [Requirement("RFC4303-A2.1-03")]
    [TestCase(5)]
    [TestCase(48)]
    [TestCase(96)]
    [TestCase(100)]
    [TestCase(1000)]
    [TestCase(64)]
    [TestCase(4096)]
    public void RepeatAcrossTheBorder_WindowOfAnySize_Discarded(int windowPackets)
    {
        EspSession session = Start(Extended(windowPackets, Border - 10));
        SealedPacket before = session.Peer.Seal(Border - 2);
        session.Expect(before, Delivered);
        session.Expect(session.Peer.Seal(Border + 1), Delivered);
        session.Expect(before, Discarded, "RFC4303-A2.1-03");
    }

    [Requirement("RFC4303-3.4.3-14")]
    [TestCase(48)]
    [TestCase(96)]
    [TestCase(100)]
    [TestCase(64)]
    public void UnseenNumberBehindTheBorder_WindowOfAnySize_Delivered(int windowPackets)
    {
        EspSession session = Start(Extended(windowPackets, Border - 40));
        session.ExpectAllAsModel([.. Enumerable.Range(0, 20).Select(i => session.Peer.Seal(Border - 39 + (ulong)(2 * i)))]);
        session.Expect(session.Peer.Seal(Border + 1), Delivered);
        session.ExpectAllAsModel([.. Enumerable.Range(0, 20).Select(i => session.Peer.Seal(Border - 38 + (ulong)(2 * i)))]);
    }

    [Requirement("RFC4303-2.2.1-04")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void SealedWithAnotherHighHalf_Discarded(EspScenario scenario)
    {
        EspSession session = Start(scenario with { ExtendedSequenceNumbers = true, InboundRightEdge = (7 * Border) + 1000 });
        session.Expect(session.Peer.Seal((7 * Border) + 1001, options: new() { SequenceHighField = 0 }), Discarded, "RFC4303-2.2.1-04");
        session.Expect(session.Peer.Seal((7 * Border) + 1001, options: new() { SequenceHighField = 8 }), Discarded, "RFC4303-2.2.1-04");
        session.Expect(session.Peer.Seal((7 * Border) + 1001), Delivered);
    }

    [Requirement("RFC4303-A2.2-05")]
    [TestCase(32)]
    [TestCase(64)]
    public void FreshSa_LowHalfThatWouldNeedAHalfBelowZero_Discarded(int windowPackets)
    {
        EspSession session = Start(Extended(windowPackets, 0));
        session.Expect(session.Peer.Seal(1), Delivered);
        session.Expect(session.Peer.Seal(uint.MaxValue, options: new() { SequenceHighField = 0 }), Discarded, "RFC4303-A2.2-05");
        session.Expect(session.Peer.Seal(2), Delivered);
    }

    [Requirement("RFC4303-A2.3-01")]
    [TestCase(64)]
    public void ForgedPacketOfTheNextSpace_LeavesTheHighHalf(int windowPackets)
    {
        EspSession session = Start(Extended(windowPackets, Border + 5000));
        session.Expect(session.Peer.Seal((2 * Border) + 10).WithForgedIcv(), Discarded);
        session.Expect(session.Peer.Seal(Border + 5001), Delivered);
        session.Expect(session.Peer.Seal((2 * Border) + 10), Delivered, "RFC4303-A2.3-01");
    }

    private static EspScenario Extended(int windowPackets, ulong rightEdge) =>
        new() { ExtendedSequenceNumbers = true, ReplayWindowPackets = windowPackets, InboundRightEdge = rightEdge };
}
