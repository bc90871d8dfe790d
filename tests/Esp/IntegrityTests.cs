using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>What the ICV covers, and that each packet stands for itself. RFC 4303 §3.2, §3.4.3, §3.4.4.</summary>
[Needs(Capabilities.EspInbound)]
public class IntegrityTests : ConformanceTest
{
    [Requirement("RFC4303-3.4.3-20")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void EachBitOfTheIcvFlipped_Discarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        SealedPacket genuine = session.Peer.Seal(1);
        session.ExpectAllAsModel(
            [.. Enumerable.Range(0, 8 * genuine.IcvBytes).Select(bit => WithFlippedIcvBit(genuine, bit))], "RFC4303-3.4.3-20");
        session.Expect(genuine, Delivered);
    }

    [Requirement("RFC4303-3.4.3-23")]
    [Needs(Capabilities.AntiReplay)]
    [Test]
    public void NumberRaisedInClear_DiscardedAndTheWindowStays()
    {
        EspSession session = Start(new EspScenario());
        SealedPacket genuine = session.Peer.Seal(7);

        // Bit 16 of the number.
        session.Expect(genuine.WithFlippedBit(genuine.EspOffsetBytes + 5, 0, "65543 in the place of 7"), Discarded, "RFC4303-3.4.3-23");
        session.Expect(genuine, Delivered, "RFC4303-3.4.3-23");
    }

    [Requirement("RFC4303-3.4.4.1-14")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void ForgeriesAmongGenuinePackets_NoneIsDelivered(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.ExpectAllAsModel(
            [.. Enumerable.Range(1, 200).SelectMany(n => ForgedAndGenuine(session.Peer, (ulong)n))], "RFC4303-3.4.4.1-14");
    }

    [Requirement("RFC4303-3.4.4.1-06")]
    [Needs(Capabilities.Esn)]
    [TestCase(false)]
    [TestCase(true)]
    public void EveryLength_IcvIsComputedOverWhatWasSent(bool extended)
    {
        EspSession session = Start(EspCases.IntegrityOnly with { ExtendedSequenceNumbers = extended });
        session.Expect(session.Peer.Seal(1, payloadBytes: 26), Delivered);
        session.ExpectAllAsModel([.. Enumerable.Range(0, 128).Select(size => session.Peer.Seal((ulong)(2 + size), size))],
            "RFC4303-3.4.4.1-06");
    }

    [Requirement("RFC4303-3.4.4.1-07")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.Ciphers))]
    public void EachCipher_DecryptedWithTheIvOfThePacket(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.Seal(1, payloadBytes: 100), Delivered, "RFC4303-3.4.4.1-07");
        session.Expect(session.Peer.Seal(2, payloadBytes: 100), Delivered, "RFC4303-3.4.4.1-07");
    }

    // Nothing arrives twice, so that also a receiver without a window is asked.
    [Requirement("RFC4303-3.2.1-02", "RFC4303-3.2.2-01", "RFC4303-3.2.3-01", "RFC3602-2.1-01")]
    [TestCase("ENCR_AES_CTR-128/AUTH_HMAC_SHA2_256_128", "RFC4303-3.2.1-02")]
    [TestCase("ENCR_NULL/AUTH_HMAC_SHA2_256_128", "RFC4303-3.2.2-01")]
    [TestCase("ENCR_AES_GCM_16-128", "RFC4303-3.2.3-01")]
    [TestCase("ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128", "RFC3602-2.1-01")]
    public void LossAndReordering_EachPacketOpensAlone(string suite, string clause)
    {
        EspSession session = Start(new EspScenario { Suite = EspCases.Suite(suite) });
        session.Expect(session.Peer.Seal(1), Delivered);
        session.ExpectAllAsModel([.. new ulong[] { 9, 3, 30, 29, 2, 17, 16, 31, 5 }.Select(n => session.Peer.Seal(n, (int)n * 3))], clause);
    }

    [Requirement("RFC4303-3.4.2-01")]
    [TestCaseSource(typeof(EspCases), nameof(EspCases.EachKind))]
    public void SaBesideAnother_ItsOwnEntryDecides(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.Seal(1), Delivered, "RFC4303-3.4.2-01");
    }

    [Requirement("RFC4303-1-01", "RFC2410-2-01")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase("ENCR_NULL/AUTH_HMAC_SHA2_256_128", "RFC4303-1-01")]
    [TestCase("ENCR_NULL/AUTH_HMAC_SHA1_96", "RFC2410-2-01")]
    public void IntegrityWithoutConfidentiality_CarriesTheBytesAsTheyAre(string suite, string clause)
    {
        EspSession session = Start(new EspScenario { Suite = EspCases.Suite(suite) });
        OpenedPacket sent = session.ExpectSent(session.Host.Next(64), clause);
        session.Require(sent.Datagram.Span.IndexOf(sent.Payload.Span) >= 0, clause, "the payload cannot be read in the packet");
        session.Expect(session.Peer.Seal(1), Delivered, clause);
    }

    [Requirement("RFC4303-1-05")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase("ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128")]
    [TestCase("ENCR_AES_GCM_16-128")]
    public void ConfidentialityWithIntegrity_CarriesTrafficBothWays(string suite)
    {
        EspSession session = Start(new EspScenario { Suite = EspCases.Suite(suite) });
        session.ExpectSent(session.Host.Next(64), "RFC4303-1-05");
        session.Expect(session.Peer.Seal(1), Delivered, "RFC4303-1-05");
    }

    private static SealedPacket WithFlippedIcvBit(SealedPacket genuine, int bit) =>
        genuine.WithFlippedBit(genuine.Datagram.Length - 1 - (bit / 8), bit % 8, $"bit {bit} of the ICV");

    private static SealedPacket[] ForgedAndGenuine(Peer peer, ulong sequence) => [peer.Seal(sequence).WithForgedIcv(), peer.Seal(sequence)];
}
