using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>Traffic flow confidentiality: padding behind the payload, and dummy packets. RFC 4303 §2.6, §2.7.</summary>
public class TrafficFlowTests : ConformanceTest
{
    [Requirement("RFC4303-2.7-07")]
    [Needs(Capabilities.EspInbound)]
    [TestCase(0x01)]
    [TestCase(0x45)]
    [TestCase(0x55)]
    [TestCase(0xff)]
    public void TfcPaddingOfAnyValue_Dropped(byte value)
    {
        EspSession session = Start(new EspScenario());
        session.Expect(session.Peer.Seal(1, payloadBytes: 40, new() { TfcPaddingBytes = 100 }), Delivered, "RFC4303-2.7-06");
        SealedPacket filled = session.Peer.Seal(2, payloadBytes: 40, new() { TfcPaddingBytes = 100, TfcPaddingByte = value });
        session.Expect(filled, Delivered, "RFC4303-2.7-07");
    }

    // Read from the end of the inner packet the trailer would be that of a dummy.
    [Requirement("RFC4303-2.7-08")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void TfcPaddingThatLooksLikeATrailer_RealTrailerDecides(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.Seal(1, payloadBytes: 40, new() { TfcPaddingBytes = 64 }), Delivered, "RFC4303-2.7-06");
        SealedPacket misleading = session.Peer.Seal(
            2, payloadBytes: 40, new() { TfcPaddingBytes = 64, TfcPaddingByte = IpProtocol.NoNextHeader });
        session.Expect(misleading, Delivered, "RFC4303-2.7-08");
    }

    // The invariants have opened the packet: whatever was added, the inner packet came out as it went in.
    [Requirement("RFC4303-2.7-01", "RFC4303-2.7-03")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase(200, 32)]
    [TestCase(1000, 32)]
    [TestCase(100, 400)]
    public void TfcTarget_PayloadIsFilledUpBehindTheInnerPacket(int target, int payloadBytes)
    {
        EspSession session = Start(new EspScenario { TfcPayloadBytes = target });
        OpenedPacket sent = session.ExpectSent(session.Host.Next(payloadBytes), "RFC4303-2.7-03");
        if (sent.Payload.Length < target)
        {
            TestVerdicts.Warn("RFC4303-2.7-01", $"the payload has {sent.Payload.Length} bytes although the SA asks for {target}");
        }
    }

    // Protocol 253 has no length of its own, so its receiver could not tell padding from data.
    [Requirement("RFC4303-2.7-02")]
    [Needs(Capabilities.EspOutbound)]
    [Test]
    public void TfcTargetOfATransportSa_NothingIsAddedToAPayloadWithoutLength()
    {
        EspSession session = Start(new EspScenario { Mode = EspMode.Transport, TfcPayloadBytes = 200 });
        session.ExpectSent(session.Host.Next(32), "RFC4303-2.7-02");
    }

    [Requirement("RFC4303-2.6-07")]
    [Needs(Capabilities.EspInbound)]
    [TestCase(0, 0, 0x00)]
    [TestCase(1, 0, 0x00)]
    [TestCase(700, 0, 0x00)]
    [TestCase(48, 300, 0xff)]
    public void DummyOfAnyContent_Discarded(int payloadBytes, int moreBytes, byte filling)
    {
        // In transport mode the payload is all there is: it makes no IP packet.
        EspSession session = Start(new EspScenario { Mode = EspMode.Transport });
        session.Expect(session.Peer.Seal(1, 48, new() { NextHeaderField = IpProtocol.NoNextHeader }), Discarded, "RFC4303-2.6-05");
        SealedPacket dummy = session.Peer.Seal(
            2, payloadBytes, new() { NextHeaderField = IpProtocol.NoNextHeader, TfcPaddingBytes = moreBytes, TfcPaddingByte = filling });
        session.Expect(dummy, Discarded, "RFC4303-2.6-07");
        session.Expect(session.Peer.Seal(3), Delivered, "RFC4303-2.6-07");
    }

    [Requirement("RFC4303-2.6-05")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void DummiesAmongRealPackets_OnlyTheRealOnesAreDelivered(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.ExpectAllAsModel(
            [
                .. Enumerable.Range(1, 40).Select(n =>
                    session.Peer.Seal((ulong)n, 48, n % 3 == 0 ? new() { NextHeaderField = IpProtocol.NoNextHeader } : null)),
            ],
            "RFC4303-2.6-05");
    }

    // Without encryption a receiver can see that it is a dummy before it has looked at the ICV.
    [Requirement("RFC4303-2.6-08")]
    [Needs(Capabilities.EspInbound | Capabilities.AntiReplay)]
    [Test]
    public void ForgedDummy_MovesNoWindow()
    {
        EspSession session = Start(EspCases.IntegrityOnly);
        session.Expect(session.Peer.Seal(1), Delivered);
        session.Expect(session.Peer.Seal(5000, 48, new() { NextHeaderField = IpProtocol.NoNextHeader }).WithForgedIcv(), Discarded);
        session.Expect(session.Peer.Seal(2), Delivered, "RFC4303-2.6-08");
    }
}
