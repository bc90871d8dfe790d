using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Addresses and ports of IKE SAs with a NAT on the path, with real keys. RFC 7296 §2.23.</summary>
public class PathTests
{
    [Honours("RFC7296-2.23-01")]
    [Test]
    public void NoNat_StaysAtPort500()
    {
        PathPair pair = new(c => c with { DetectsNat = true }, isTranslated: false);
        pair.Ask(0, new IkeCommand.Initiate());
        Assert.That(pair.First.Sas[0].Nat, Is.EqualTo(NatPresence.None));
        Assert.That(pair.Second.Sas[0].Peer.Port, Is.EqualTo(Endpoint.IkePort));
        Assert.That(pair.Second.Children[0].IsUdpEncapsulated, Is.False);
    }

    [Honours("RFC7296-2.23-02", "RFC7296-2.23-18", "RFC7296-2.23-19", "RFC7296-2.23-06", "RFC7296-2.23-12", "RFC7296-2.23-13")]
    [Test]
    public void NatBeforeTheInitiator_BothGoToPort4500()
    {
        PathPair pair = Translated();
        Assert.That(pair.First.Sas[0].Nat, Is.EqualTo(NatPresence.BeforeOwn));
        Assert.That(pair.Second.Sas[0].Nat, Is.EqualTo(NatPresence.BeforePeer));
        Assert.That(pair.First.Sas[0].Own.Port, Is.EqualTo(Endpoint.NatTraversalPort));
        Assert.That(pair.Second.Sas[0].Own.Port, Is.EqualTo(Endpoint.NatTraversalPort));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Translation.Outside));
        Assert.That(pair.First.Children[0].IsUdpEncapsulated && pair.Second.Children[0].IsUdpEncapsulated);
    }

    [Test]
    public void NatBeforeTheResponder_BothGoToPort4500()
    {
        PathPair pair = new(c => c with { DetectsNat = true }, isTranslated: true);
        pair.Ask(1, new IkeCommand.Initiate());
        Assert.That(pair.First.Sas[0].Nat, Is.EqualTo(NatPresence.BeforeOwn));
        Assert.That(pair.Second.Sas[0].Nat, Is.EqualTo(NatPresence.BeforePeer));
        Assert.That(pair.First.Children[0].IsUdpEncapsulated && pair.Second.Children[0].IsUdpEncapsulated);
    }

    [Test]
    public void OneSideWithoutDetection_FindsNoNat()
    {
        PathPair pair = new(c => c with { DetectsNat = c.OwnIdentity == Identity.Fqdn("first.example") }, isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate());
        Assert.That(pair.First.Sas[0].Nat, Is.EqualTo(NatPresence.None));
        Assert.That(pair.First.Sas[0].Own.Port, Is.EqualTo(Endpoint.IkePort));
    }

    [Honours("RFC7296-2.23-23", "RFC7296-2.23-24")]
    [Test]
    public void NewPortAtTheNat_IsFollowedByANewMessage()
    {
        PathPair pair = Translated();
        Endpoint before = pair.Second.Sas[0].Peer;
        pair.Nat!.Forget();
        pair.Ask(0, new IkeCommand.Probe(0));
        Assert.That(pair.Second.Sas[0].Peer, Is.Not.EqualTo(before));
        Assert.That(pair.First.Sas[0].Pending, Is.Empty);
    }

    [Honours("RFC7296-2.23-26", "RFC7296-2.11-02")]
    [Test]
    public void RepeatedMessageFromElsewhere_IsAnsweredThereAndNotFollowed()
    {
        PathPair pair = Translated();
        Endpoint before = pair.Second.Sas[0].Peer;
        IkeOutput.Send authentication = pair.Sent.Last(s => s.Notation.StartsWith("IKE_AUTH request", StringComparison.Ordinal));
        Endpoint elsewhere = new(IpAddress.Parse("203.0.113.9"), 4500);
        IkeOutcome outcome = pair.Machines[1].Run(pair.Second, new IkeEvent.Received(authentication.Datagram, elsewhere, pair.Second.Sas[0].Own));
        Assert.That(outcome.Outputs.OfType<IkeOutput.Send>().Single().To, Is.EqualTo(elsewhere));
        Assert.That(outcome.Next.Sas[0].Peer, Is.EqualTo(before));
    }

    [Honours("RFC7296-2.23-25")]
    [Test]
    public void SideBehindTheNat_DoesNotFollow()
    {
        PathPair pair = Translated();
        Endpoint before = pair.First.Sas[0].Peer;
        IkeOutcome asked = pair.Machines[1].Run(pair.Second, new IkeEvent.Asked(new IkeCommand.Probe(0)));
        ByteString request = asked.Outputs.OfType<IkeOutput.Send>().Single().Datagram;
        IkeOutcome outcome = pair.Machines[0].Run(pair.First, new IkeEvent.Received(request, new Endpoint(IpAddress.Parse("203.0.113.9"), 4500), pair.First.Sas[0].Own));
        Assert.That(outcome.Outputs.OfType<IkeOutput.Send>().Single().To.Address, Is.EqualTo(IpAddress.Parse("203.0.113.9")));
        Assert.That(outcome.Next.Sas[0].Peer, Is.EqualTo(before));
    }

    private static PathPair Translated()
    {
        PathPair pair = new(c => c with { DetectsNat = true }, isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate());
        return pair;
    }
}
