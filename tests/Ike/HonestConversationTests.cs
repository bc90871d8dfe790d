using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Both sides do as the RFC has it, in every exchange: each message of the target is held against all rules. RFC 7296 §1.</summary>
[Needs(Capabilities.IkeResponder)]
public class HonestConversationTests : IkeTest
{
    private static IEnumerable<IkeScenario> Scenarios =>
    [
        new(),
        new() { Suites = [IkeScenario.Cbc] },
        new() { IsIpv6 = true },
        new() { ForwardSecrecy = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod.Curve25519 },
        new() { IsTransport = true },
        new() { DetectsNat = true },
        new() { TargetAsksForCookie = true },
    ];

    [Requirement("RFC7296-4-01")]
    [TestCaseSource(nameof(Scenarios))]
    public void TesterInitiates_AllExchanges(IkeScenario scenario)
    {
        IkeSession session = Established(scenario);
        session.ExpectTraffic(session.Child);
        session.Do(new IkeCommand.Probe(session.Sa.Number));
        session.Do(new IkeCommand.CreateChild(session.Sa.Number, 1));
        session.Do(new IkeCommand.RekeyChild(session.Peer.Children[0].Number));
        session.ExpectTraffic(session.Child);
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.Probe(session.Sa.Number));
        session.Do(new IkeCommand.DeleteChild(session.Child.Number));
        session.Do(new IkeCommand.DeleteIke(session.Sa.Number));
    }

    [Requirement("RFC7296-4-01")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCaseSource(nameof(Scenarios))]
    public void TargetInitiates_AllExchanges(IkeScenario scenario)
    {
        IkeSession session = Start(scenario);
        session.Accept();
        session.ExpectTraffic(session.Child);
        session.Ask(new IkeRequest.Probe(session.Name));
        session.Ask(new IkeRequest.CreateChild(session.Name, IkeScenario.SecondChild));
        session.Ask(new IkeRequest.RekeyChild(session.Peer.Children[0].Outbound));
        session.ExpectTraffic(session.Child);
        session.Ask(new IkeRequest.RekeyIke(session.Name));
        session.Ask(new IkeRequest.Probe(session.Name));
        session.Ask(new IkeRequest.DeleteChild(session.Child.Outbound));
        session.Ask(new IkeRequest.DeleteIke(session.Name));
    }
}
