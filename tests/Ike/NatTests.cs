using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>NAT detection, port 4500 and ESP in UDP. RFC 7296 §2.23.</summary>
[Needs(Capabilities.Nat | Capabilities.UdpEncap)]
public class NatTests : IkeTest
{
    [Requirement("RFC7296-2.23-20", "RFC7296-2.23-19", "RFC7296-2.23-06")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void TesterBehindANat_AllGoesOnAtPort4500()
    {
        IkeSession session = BehindNat();
        session.Establish("RFC7296-2.23-19");
        session.Require(session.Arrivals[^1].Datagram.From.Port == Endpoint.NatTraversalPort, "RFC7296-2.23-19", $"{session.Arrivals[^1]} came from {session.Arrivals[^1].Datagram.From}");
        session.Require(session.Child.IsUdpEncapsulated, null, "the tester saw no NAT");
        session.Require(session.Delivers(session.Child), "RFC7296-2.23-06", "ESP in UDP is not taken");
        session.Require(session.SendsOn(session.Child) == session.Child.Inbound, "RFC7296-2.23-06", "nothing is sent");
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.Require(session.Delivers(session.Child), "RFC7296-2.23-06", "ESP in UDP is not taken on the successor");
    }

    [Requirement("RFC7296-2-04")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void MessagesAtPort4500_StartWithFourZeroOctets()
    {
        IkeSession session = BehindNat();
        session.Establish();
    }

    [Requirement("RFC7296-2.23-18", "RFC7296-2.23-02")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void TargetFindsANat_GoesToPort4500()
    {
        IkeSession session = BehindNat();
        session.Ask(new IkeRequest.Initiate(), () => session.Peer.Children.Count > 0, "RFC7296-2.23-18");
        IkeArrival auth = session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);
        session.Require(auth.Datagram is { From.Port: Endpoint.NatTraversalPort, To.Port: Endpoint.NatTraversalPort }, "RFC7296-2.23-18", $"IKE_AUTH goes from {auth.Datagram.From} to {auth.Datagram.To}");
        session.AskSomething();
        session.Require(session.Arrivals[^1].Datagram.From.Port == Endpoint.NatTraversalPort, "RFC7296-2.23-02", $"a later request comes from {session.Arrivals[^1].Datagram.From}");
    }

    [Requirement("RFC7296-2.23-07")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void FirstAnswer_HasNatDetection()
    {
        IkeSession session = Start(new IkeScenario { DetectsNat = true });
        IkeArrival answer = session.Answer(session.InitialRequest(), "a first request with NAT detection");
        session.Require(
            answer.Notify(NotifyType.NatDetectionSourceIp) is not null && answer.Notify(NotifyType.NatDetectionDestinationIp) is not null, "RFC7296-2.23-07", $"NAT detection is missing: {answer}");
    }

    [Requirement("RFC7296-2.23-23", "RFC7296-2.23-26")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void NatMovesToAnotherPort_TargetFollowsWhatIsAuthenticOnly()
    {
        IkeSession session = BehindNat();
        session.Establish();
        Endpoint before = session.Outside(session.Sa.Own);
        Endpoint moved = before with { Port = 34567 };
        session.Send(session.Write(session.Request(ExchangeType.Informational) with { IsForged = true }), "a forged request from another port", moved);
        IkeArrival first = session.AskSomethingOnly()[0];
        session.Require(first.Datagram.To == before, "RFC7296-2.23-26", $"the target follows a forged message to {first.Datagram.To}");
        session.Take(first);
        session.Answer(session.Request(ExchangeType.Informational), "a request from another port", "RFC7296-2.23-23", moved);
        IkeArrival after = session.AskSomethingOnly()[0];
        session.Require(after.Datagram.To == moved, "RFC7296-2.23-23", $"the target sends to {after.Datagram.To}, the NAT is at {moved}");
    }

    private IkeSession BehindNat() => Start(new IkeScenario { IsBehindNat = true });
}
