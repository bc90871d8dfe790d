using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Both sides do as the RFC has it, in every exchange: each message of the target is held against all rules. RFC 7296 §1.</summary>
[Needs(Capabilities.CreateChildSa | Capabilities.IkeRekey)]
public class HonestConversationTests : IkeTest
{
    private static readonly ValueList<Transform> Modp =
        [Transform.Of(EncryptionTransform.AesGcm16, 256), Transform.Of(PrfTransform.HmacSha2x512), Transform.Of(KeyExchangeMethod.Modp2048)];

    private static IEnumerable<IkeScenario> Scenarios =>
    [
        new(),
        new() { Suites = [IkeScenario.Cbc, IkeScenario.Gcm] },
        new() { IsIpv6 = true },
        new() { ForwardSecrecy = KeyExchangeMethod.Curve25519 },
        new() { IsTransport = true },
        new() { DetectsNat = true },
        new() { Suites = [Modp] },
        new() { WindowRequests = 4 },
        new() { ForTarget = c => c with { OwnIdentity = Identity.Mail("target@example") }, ForPeer = c => c with { PeerIdentity = Identity.Mail("target@example") } },
    ];

    private static IEnumerable<IkeScenario> WithTargetCookie => [.. Scenarios, new() { TargetAsksForCookie = true }];

    private static IEnumerable<IkeScenario> WithPeerCookie => [.. Scenarios, new() { ForPeer = c => c with { AsksForCookie = true } }];

    [Requirement(
        "RFC7296-4-01", "RFC7296-1-05", "RFC7296-1.2-02", "RFC7296-1.2-04", "RFC7296-1.2-05", "RFC7296-1.2-09", "RFC7296-1.2-21",
        "RFC7296-1.2-24", "RFC7296-1.3.1-01", "RFC7296-1.3.1-02", "RFC7296-1.3.1-08", "RFC7296-2.3-01", "RFC7296-1.3.2-03", "RFC7296-1.4.1-10", "RFC7296-2-06", "RFC7296-2.1-01", "RFC7296-2.2-05", "RFC7296-2.2-07",
        "RFC7296-2.5-16", "RFC7296-2.6-04", "RFC7296-2.6-07", "RFC7296-2.7-01", "RFC7296-2.7-02", "RFC7296-2.7-03", "RFC7296-2.7-05", "RFC7296-2.9-01", "RFC7296-2.9-03",
        "RFC7296-2.10-02", "RFC7296-2.11-03", "RFC7296-2.23-01", "RFC7296-2.23-09", "RFC7296-2.23-11", "RFC7296-3.1-03", "RFC7296-3.1-05",
        "RFC7296-3.1-11", "RFC7296-3.1-13", "RFC7296-3.1-15", "RFC7296-3.1-17", "RFC7296-3.1-19", "RFC7296-3.1-21", "RFC7296-3.1-23", "RFC7296-3.2-07", "RFC7296-3.2-09",
        "RFC7296-3.3-05", "RFC7296-3.3.1-01", "RFC7296-3.3.1-02", "RFC7296-3.3.1-04", "RFC7296-3.3.1-05", "RFC7296-3.3.1-06", "RFC7296-3.3.1-07", "RFC7296-3.3.1-09", "RFC7296-3.3.2-02",
        "RFC7296-3.3.6-01", "RFC7296-3.4-01", "RFC7296-3.4-09", "RFC7296-3.5-01", "RFC7296-3.5-04", "RFC7296-3.5-05", "RFC7296-3.8-06", "RFC7296-3.9-01", "RFC7296-3.9-02", "RFC7296-3.10-02", "RFC7296-3.10-03",
        "RFC7296-3.11-05", "RFC7296-3.13-01", "RFC7296-3.13-03", "RFC7296-3.13.1-01", "RFC7296-3.13.1-02", "RFC7296-3.13.1-03", "RFC7296-3.14-02", "RFC7296-3.14-06", "RFC7296-3.14-09")]
    [Needs(Capabilities.IkeResponder)]
    [TestCaseSource(nameof(WithTargetCookie))]
    public void TesterInitiates_EveryMessageAsTheRulesHaveIt(IkeScenario scenario)
    {
        IkeSession session = Established(scenario);
        session.ExpectTraffic(session.Child);
        session.Do(new IkeCommand.Probe(session.Sa.Number));
        session.AskIfItCan(new IkeRequest.Probe(session.Name));
        session.Do(new IkeCommand.CreateChild(session.Sa.Number, 1));
        session.Do(new IkeCommand.RekeyChild(session.Peer.Children[0].Number));
        session.ExpectTraffic(session.Child);
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.Probe(session.Sa.Number));
        session.Do(new IkeCommand.DeleteChild(session.Child.Number));
        session.Do(new IkeCommand.DeleteIke(session.Sa.Number));
    }

    [Requirement("RFC7296-1-04", "RFC7296-1.3.2-07", "RFC7296-2.2-06", "RFC7296-2.5-09", "RFC7296-2.10-01", "RFC7296-2.14-07", "RFC7296-3.1-02")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void TesterInitiates_RulesOverSeveralFields()
    {
        IkeSession session = Established();
        session.AskSomething();
        session.Do(new IkeCommand.CreateChild(session.Sa.Number, 1));
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.AskSomething();
    }

    [Requirement(
        "RFC7296-4-01", "RFC7296-1.2-01", "RFC7296-1.2-22", "RFC7296-1.2-23", "RFC7296-1.3.3-02", "RFC7296-1.3.3-03", "RFC7296-2.2-02", "RFC7296-2.2-04", "RFC7296-2.6-09", "RFC7296-2.7-07",
        "RFC7296-2.10-03", "RFC7296-2.18-05", "RFC7296-2.18-07", "RFC7296-3.1-07", "RFC7296-3.1-09", "RFC7296-3.1-22", "RFC7296-3.2-02", "RFC7296-3.3-06", "RFC7296-3.3-07", "RFC7296-3.3-09", "RFC7296-3.3-12", "RFC7296-3.3.3-03", "RFC7296-3.3.3-04",
        "RFC7296-3.3.5-01", "RFC7296-3.3.5-04", "RFC7296-3.3.5-07", "RFC7296-3.4-04", "RFC7296-3.4-05", "RFC7296-3.4-06")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCaseSource(nameof(WithPeerCookie))]
    public void TargetInitiates_EveryMessageAsTheRulesHaveIt(IkeScenario scenario)
    {
        IkeSession session = Start(scenario);
        session.Accept();
        session.ExpectTraffic(session.Child);
        session.AskIfItCan(new IkeRequest.Probe(session.Name));
        session.Ask(new IkeRequest.CreateChild(session.Name, IkeScenario.SecondChild));
        session.Ask(new IkeRequest.RekeyChild(session.Peer.Children[0].Outbound));
        session.ExpectTraffic(session.Child);
        session.Ask(new IkeRequest.RekeyIke(session.Name));
        session.AskIfItCan(new IkeRequest.Probe(session.Name));
        session.Ask(new IkeRequest.DeleteChild(session.Child.Outbound));
        session.Ask(new IkeRequest.DeleteIke(session.Name));
    }
}
