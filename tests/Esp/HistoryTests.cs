using Conformance.Generators.Sa;
using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Esp;

/// <summary>Random sequence-number histories, shrunk to the shortest one that disagrees. RFC 4303 §3.4.3.</summary>
[Needs(Capabilities.EspInbound | Capabilities.AntiReplay)]
public class HistoryTests : ConformanceTest
{
    private const int Histories = 60;

    [Requirement("RFC4303-3.4.3-31")]
    [TestCase("ENCR_AES_GCM_16-128")]
    [TestCase("ENCR_NULL/AUTH_HMAC_SHA2_256_128")]
    public void RandomHistory_DecidedAsByTheSetOfSeenNumbers(string suite) =>
        Check(SequenceHistories.PowerOfTwoWindows(SequenceHistories.Ordinary()), Suite(suite));

    [Requirement("RFC4303-3.4.3-17", "RFC4303-3.4.3-31")]
    [Needs(Capabilities.Esn | Capabilities.SequenceSeed)]
    [TestCase("ENCR_AES_GCM_16-128")]
    [TestCase("ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128")]
    public void RandomExtendedHistory_DecidedAsByTheSetOfSeenNumbers(string suite) =>
        Check(SequenceHistories.PowerOfTwoWindows(SequenceHistories.Extended()), Suite(suite) with { ExtendedSequenceNumbers = true });

    [Requirement("RFC4303-3.4.3-31", "RFC4303-3.4.3-08")]
    [Test]
    public void RandomHistory_WindowOfAnySize_DecidedAsByTheSetOfSeenNumbers() =>
        Check(SequenceHistories.Ordinary(), new EspScenario());

    // Apart from the windows above, so that a stack with a ring of W bits is accused once and not in every property.
    [Requirement("RFC4303-3.4.3-31", "RFC4303-3.4.3-17")]
    [Needs(Capabilities.Esn | Capabilities.SequenceSeed)]
    [Test]
    public void RandomExtendedHistory_WindowOfAnySize_DecidedAsByTheSetOfSeenNumbers() =>
        Check(SequenceHistories.Extended(), new EspScenario { ExtendedSequenceNumbers = true });

    private static EspScenario Suite(string name) => new() { Suite = EspCases.Suite(name) };

    private void Check(Arbitrary<SequenceHistory> histories, EspScenario scenario)
    {
        Config config = Config.QuickThrowOnFailure.WithMaxTest(Histories).WithQuietOnSuccess(true).WithReplay(Seed, Seed | 1);
        ConformanceException? smallest = null;
        try
        {
            Prop.ForAll(histories, history =>
            {
                try
                {
                    Play(history, scenario);
                    return true;
                }
                catch (ConformanceException failure)
                {
                    smallest = failure;
                    return false;
                }
            }).Check(config);
        }
        catch (Exception) when (smallest is not null)
        {
            // FsCheck's own report names the generator's seed; the finding of the smallest history says more.
            throw smallest;
        }
    }

    private void Play(SequenceHistory history, EspScenario scenario)
    {
        EspSession session = Start(scenario with { ReplayWindowPackets = history.WindowPackets, InboundRightEdge = history.RightEdge });
        session.ExpectAllAsModel([.. history.Arrivals.Select(n => session.Peer.Seal(n))]);
    }
}
