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
    // The invariants have opened the packets and tell what is wrong with one that does not open.
    [Requirement(
        "RFC4303-3.3.3-01", "RFC4303-2.2-01", "RFC4303-2.1-15", "RFC4303-2-01", "RFC4303-2-04", "RFC4303-2-07", "RFC4303-2.4-08",
        "RFC4303-2.5-01", "RFC4303-2.8-01", "RFC4303-3.1.2-01", "RFC4303-3.2.1-01", "RFC4303-3.3.2.1-03", "RFC4303-3.3.2.1-04",
        "RFC4303-3.3.2.1-05", "RFC4303-3.3.2.1-06", "RFC4303-3.3.2.2-01", "RFC4303-2.2.1-03", "RFC4303-2.2.1-05", "RFC4303-2.2.1-06",
        "RFC4106-3.1-01", "RFC4106-4-01", "RFC4106-5-01", "RFC4106-5-02", "RFC4106-6-01", "RFC4309-2-03", "RFC4309-2-05",
        "RFC4309-3.1-01", "RFC4309-4-01", "RFC4309-5-01", "RFC4543-3.1-01", "RFC4543-3.2-01", "RFC4543-3.3-01", "RFC4543-3.3-02",
        "RFC4543-3.3-03", "RFC4543-3.4-01", "RFC7634-2-01", "RFC7634-2.1-01", "RFC8750-4-01")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.Matrix))]
    public void FirstPackets_OpenAndCountFromOne(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        OpenedPacket first = session.ExpectSent(session.Host.Next(32));
        OpenedPacket second = session.ExpectSent(session.Host.Next(101));

        session.Require(first.Sequence.Value == 1, "RFC4303-3.3.3-01", $"the first packet has sequence number {first.Sequence}");
        session.Require(second.Sequence.Value == 2, "RFC4303-2.2-01", $"the second packet has sequence number {second.Sequence}");
    }

    [Requirement("RFC4303-2.6-01")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.KindsAndModes))]
    public void NextHeader_NamesWhatIsInside(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        byte inside = scenario.Mode == EspMode.Tunnel
            ? scenario.InnerIpv6 ? IpProtocol.Ipv6 : IpProtocol.Ipv4
            : IpProtocol.Experiment253;
        byte named = session.ExpectSent(session.Host.Next(32)).NextHeader;
        session.Require(named == inside, "RFC4303-2.6-01", $"the next header is {named} and not {inside}");
    }

    [Requirement("RFC4303-2.4-01", "RFC4303-2.4-02", "RFC4303-3.3.2.1-01", "RFC4303-3.3.2.1-02")]
    [TestCaseSource(nameof(SizeCases))]
    public void PayloadOfAnySize_PaddedToTheAlignment(EspScenario scenario, int payloadBytes)
    {
        EspSession session = Start(scenario);
        OpenedPacket sent = session.ExpectSent(session.Host.Next(payloadBytes));
        int ciphertextBytes = sent.Payload.Length + sent.Padding.Length + 2;
        session.Require(ciphertextBytes % 4 == 0, "RFC4303-2.4-02", $"{ciphertextBytes} bytes of ciphertext");
        session.Require(ciphertextBytes % scenario.Suite.AlignmentBytes == 0, "RFC4303-2.4-01", $"{ciphertextBytes} bytes of ciphertext");
    }

    // The first packet ends on the boundary of any cipher, the second does not.
    [Requirement("RFC4303-2.4-06")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void PayloadThatIsNotAligned_Padded(EspScenario scenario)
    {
        EspSession session = Start(scenario with { Mode = EspMode.Transport });
        session.ExpectSent(session.Host.Next(30));
        OpenedPacket padded = session.ExpectSent(session.Host.Next(29));
        session.Require(padded.Padding.Length > 0, "RFC4303-2.4-06", "a payload of 29 bytes left without padding");
    }

    // The invariants judge each IV against those before it.
    [Requirement(
        "RFC4106-3.1-02", "RFC3686-2.1-01", "RFC4309-3.1-02", "RFC4543-3.1-02", "RFC7634-2-02", "RFC3602-3-02", "RFC3602-3-03",
        "RFC3602-3-04", "RFC4312-3-01", "RFC2451-3-01")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.Suites))]
    public void FiftyPackets_EachIvIsNew(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        for (int i = 0; i < 50; i++)
        {
            session.ExpectSent(session.Host.Next(32));
        }
    }

    [Requirement("RFC4303-2-06")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void PayloadsOfManySizesOnOneSa_HaveOneFormat(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(session.Host.Next(500));
        for (int size = 0; size <= 64; size += 8)
        {
            session.ExpectSent(session.Host.Next(size), "RFC4303-2-06");
        }
    }

    [Requirement("RFC4303-2-02")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.KindsAndModes))]
    public void FieldsOfThePacket_InTheOrderOfTheFormat(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(session.Host.Next(40), "RFC4303-2-02");
    }

    [Requirement("RFC4303-3.3.3-02")]
    [Needs(Capabilities.SequenceSeed)]
    [TestCase(1000UL, false)]
    [TestCase(4_000_000_000UL, false)]
    [TestCase(99_000_000_000UL, true)]
    public void NextNumber_IsOneMoreThanTheLast(ulong last, bool extended)
    {
        EspSession session = Start(new EspScenario { OutboundLastSequence = last, ExtendedSequenceNumbers = extended });
        OpenedPacket sent = session.ExpectSent(session.Host.Next(32), "RFC4303-3.3.3-02");
        session.Require(sent.Sequence.Value == last + 1, "RFC4303-3.3.3-02", $"{sent.Sequence} follows {last}");
    }

    [Requirement("RFC4303-2.2-02")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void ReplayProtectionOff_NumbersGoOnAllTheSame(EspScenario scenario)
    {
        EspSession session = Start(scenario with { ReplayWindowPackets = 0 });
        session.ExpectSent(session.Host.Next(32), "RFC4303-2.2-02");
        session.ExpectSent(session.Host.Next(32), "RFC4303-2.2-02");
        session.ExpectSent(session.Host.Next(32), "RFC4303-2.2-02");
    }

    [Requirement("RFC4303-3.3.3-10")]
    [Needs(Capabilities.AntiReplay | Capabilities.SequenceSeed)]
    [Test]
    public void ReplayProtectionOff_NumbersRollOver()
    {
        EspSession session = Start(new EspScenario { ReplayWindowPackets = 0, OutboundLastSequence = uint.MaxValue - 1 });
        session.ExpectSent(session.Host.Next(32));
        OpenedPacket zero = session.ExpectSent(session.Host.Next(32), "RFC4303-3.3.3-10");
        session.ExpectSent(session.Host.Next(32), "RFC4303-3.3.3-10");
        session.Require(zero.Sequence.Value == 0, "RFC4303-3.3.3-10", $"{zero.Sequence} follows the last number");
    }

    // The number makes the nonce, so it must not come again even for a receiver that would not mind.
    [Requirement("RFC8750-4-03")]
    [Needs(Capabilities.SequenceSeed)]
    [TestCase("ENCR_AES_GCM_16_IIV-128")]
    [TestCase("ENCR_CHACHA20_POLY1305_IIV")]
    public void ImplicitIv_StopsAtTheLastNumberWithoutReplayProtectionToo(string suite)
    {
        EspScenario scenario = new() { Suite = EspCases.Suite(suite), ReplayWindowPackets = 0 };
        EspSession session = Start(scenario with { OutboundLastSequence = uint.MaxValue - 1 });
        session.ExpectSent(session.Host.Next(32));
        session.ExpectNothingSent(session.Host.Next(32), "RFC8750-4-03");
    }

    [Requirement("RFC4106-3.2-02")]
    [TestCase(32)]
    [TestCase(33)]
    [TestCase(34)]
    [TestCase(35)]
    public void CounterMode_PaddedNoMoreThanNeeded(int payloadBytes)
    {
        EspSession session = Start(new EspScenario());
        int padding = session.ExpectSent(session.Host.Next(payloadBytes)).Padding.Length;
        if (padding > 3)
        {
            TestVerdicts.Warn("RFC4106-3.2-02", $"{padding} bytes of padding");
        }
    }

    [Requirement("RFC4303-3.3.3-03", "RFC4303-2.2-04")]
    [Needs(Capabilities.EspOutbound | Capabilities.AntiReplay)]
    [TestCase(false, 4_294_967_294UL)]
    [TestCase(true, 18_446_744_073_709_551_614UL)]
    public void AfterTheLastNumber_NothingIsSent(bool extended, ulong lastUsed)
    {
        EspSession session = Start(new EspScenario { ExtendedSequenceNumbers = extended, OutboundLastSequence = lastUsed });
        string clause = extended ? "RFC4303-3.3.3-03" : "RFC4303-2.2-04";
        session.ExpectSent(session.Host.Next(32));
        session.ExpectNothingSent(session.Host.Next(32), clause);
        session.ExpectNothingSent(session.Host.Next(32), clause);
    }

    [Requirement("RFC4303-3.3.3-11")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void AcrossTheBorder_TheHighHalfGoesOn(EspScenario scenario)
    {
        EspSession session = Start(scenario with { ExtendedSequenceNumbers = true, OutboundLastSequence = uint.MaxValue - 2 });
        for (ulong sequence = uint.MaxValue - 1; sequence < (1UL << 32) + 3; sequence++)
        {
            OpenedPacket sent = session.ExpectSent(session.Host.Next(32));
            session.Require(sent.Sequence.Value == sequence, "RFC4303-3.3.3-11", $"{sent.Sequence} is sent where {sequence} comes next");
        }
    }

    private static IEnumerable<TestCaseData> SizeCases =>
        from suite in EspCases.Kinds
        from mode in new[] { EspMode.Transport, EspMode.Tunnel }
        from size in new[] { 1, 2, 3, 4, 5, 13, 14, 15, 16, 17, 500, 1200, 1350 }
        select EspCases.Case(new EspScenario { Suite = suite, Mode = mode }, size);
}
