using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Esp;

/// <summary>The send side: every packet is opened and its fields judged. RFC 4303 §3.3.</summary>
[Needs(Capabilities.EspOutbound)]
public class SendTests : ConformanceTest
{
    [Requirement("RFC4303-2-02", "RFC4303-3.3.3-01", "RFC4303-2.2-01", "RFC4303-2.4-08", "RFC4303-3.3.2.1-05", "RFC4303-3.3.2.2-01", "RFC4303-2.2.1-05", "RFC4303-2.2.1-06")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.Matrix))]
    public void FirstPackets_OpenAndCountFromOne(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        OpenedPacket first = session.ExpectSent(session.Host.Next(32));
        OpenedPacket second = session.ExpectSent(session.Host.Next(101));

        Assert.That(first.Sequence.Value, Is.EqualTo(1));
        Assert.That(second.Sequence.Value, Is.EqualTo(2));
    }

    [Requirement("RFC4303-2.6-01", "RFC4303-3.1.2-03")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.KindsAndModes))]
    public void NextHeader_NamesWhatIsInside(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        byte inside = scenario.Mode == EspMode.Tunnel
            ? scenario.InnerIpv6 ? IpProtocol.Ipv6 : IpProtocol.Ipv4
            : IpProtocol.Experiment253;
        Assert.That(session.ExpectSent(session.Host.Next(32)).NextHeader, Is.EqualTo(inside));
    }

    [Requirement("RFC4303-2.4-01", "RFC4303-2.4-02", "RFC4303-2.4-03", "RFC4303-3.3.2.1-01", "RFC4303-3.3.2.1-02")]
    [TestCaseSource(nameof(SizeCases))]
    public void PayloadOfAnySize_PaddedToTheAlignment(EspScenario scenario, int payloadBytes)
    {
        EspSession session = Start(scenario);
        OpenedPacket sent = session.ExpectSent(session.Host.Next(payloadBytes));
        int ciphertextBytes = sent.Payload.Length + sent.Padding.Length + 2;
        Assert.That(ciphertextBytes % scenario.Suite.AlignmentBytes, Is.Zero);
    }

    [Requirement("RFC4106-3.1-02", "RFC3686-2.1-01", "RFC4309-3.1-02", "RFC4543-3.1-02", "RFC7634-2-02", "RFC3602-3-03")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.Suites))]
    public void FiftyPackets_NoIvTwice(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        HashSet<ByteString> ivs = [];
        for (int i = 0; i < 50; i++)
        {
            ivs.Add(session.ExpectSent(session.Host.Next(32)).Iv);
        }

        Assert.That(ivs, Has.Count.EqualTo(scenario.Suite.IvBytes == 0 ? 1 : 50));
    }

    [Requirement("RFC4303-3.3.3-03")]
    [Needs(Capabilities.EspOutbound | Capabilities.AntiReplay)]
    [TestCase(false, 4_294_967_294UL)]
    [TestCase(true, 18_446_744_073_709_551_614UL)]
    public void AfterTheLastNumber_NothingIsSent(bool extended, ulong lastUsed)
    {
        EspSession session = Start(new EspScenario { ExtendedSequenceNumbers = extended, OutboundLastSequence = lastUsed });
        session.ExpectSent(session.Host.Next(32));
        session.ExpectNothingSent(session.Host.Next(32), "RFC4303-3.3.3-03");
        session.ExpectNothingSent(session.Host.Next(32), "RFC4303-3.3.3-03");
    }

    [Requirement("RFC4303-2.2.1-03", "RFC4303-3.3.3-11", "RFC4303-2.2.1-04")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void AcrossTheBorder_TheHighHalfGoesOn(EspScenario scenario)
    {
        EspSession session = Start(scenario with { ExtendedSequenceNumbers = true, OutboundLastSequence = uint.MaxValue - 2 });
        for (ulong sequence = uint.MaxValue - 1; sequence < (1UL << 32) + 3; sequence++)
        {
            Assert.That(session.ExpectSent(session.Host.Next(32)).Sequence.Value, Is.EqualTo(sequence));
        }
    }

    // The invariants have opened the packet: whatever was added, the inner packet came out as it went in.
    [Requirement("RFC4303-2.7-01")]
    [TestCase(200, 32)]
    [TestCase(1000, 32)]
    [TestCase(100, 400)]
    public void TfcTarget_PayloadIsFilledUpBehindTheInnerPacket(int target, int payloadBytes)
    {
        EspSession session = Start(new EspScenario { TfcPayloadBytes = target });
        OpenedPacket sent = session.ExpectSent(session.Host.Next(payloadBytes));
        if (sent.Payload.Length < target)
        {
            TestVerdicts.Warn("RFC4303-2.7-01", $"the payload has {sent.Payload.Length} bytes although the SA asks for {target}");
        }
    }

    private static IEnumerable<TestCaseData> SizeCases =>
        from suite in EspCases.Kinds
        from mode in new[] { EspMode.Transport, EspMode.Tunnel }
        from size in new[] { 1, 2, 3, 4, 5, 13, 14, 15, 16, 17, 500, 1200, 1350 }
        select EspCases.Case(new EspScenario { Suite = suite, Mode = mode }, size);
}
