using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>IKE SAs that move, with real keys. RFC 4555.</summary>
public class MobikeTests
{
    private static readonly IpAddress Another = IpAddress.Parse("192.0.2.77");

    [Test]
    public void Initiator_MovesBothSides()
    {
        PathPair pair = Established(c => c);
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.First.Sas[0].Own.Address, Is.EqualTo(Another));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Another));
        Assert.That(pair.Sent.Any(s => s.Notation.Contains("UPDATE_SA_ADDRESSES", StringComparison.Ordinal)));
    }

    [Test]
    public void WithoutMobikeOnTheOtherSide_NothingMoves()
    {
        PathPair pair = new(c => c with { DetectsNat = true, Mobike = c.Own.Address == IpAddress.Parse("192.0.2.1") ? new MobikeConfiguration() : null }, isTranslated: false);
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.First.Sas[0].Own.Address, Is.Not.EqualTo(Another));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.Not.EqualTo(Another));
    }

    [Test]
    public void Responder_DoesNotMoveEvenAfterItsOwnRekeying()
    {
        PathPair pair = Established(c => c);
        pair.Ask(1, new IkeCommand.RekeyIke(0));
        IkeSa successor = pair.Second.Sas.Single(s => s.Phase == IkeSaPhase.Established);
        Endpoint before = successor.Own;
        pair.Ask(1, new IkeCommand.MoveTo(successor.Number, before with { Address = Another }));
        Assert.That(pair.Second.Sa(successor.Number)!.Own, Is.EqualTo(before));
        Assert.That(pair.Reports, Has.Some.Contains("moves it"));
    }

    [Test]
    public void Responder_ChecksTheNewPath()
    {
        PathPair pair = Established(c => c with { Mobike = new MobikeConfiguration { ChecksReturn = true } });
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        IkeOutput.Send check = pair.Sent.Single(s => s.Notation.StartsWith("INFORMATIONAL request 0: SK {N(COOKIE2", StringComparison.Ordinal));
        Assert.That(check.To.Address, Is.EqualTo(Another));
        Assert.That(pair.Second.Sas[0].Pending, Is.Empty);
    }

    [Test]
    public void AddressThatIsNotAcceptable_IsRefused()
    {
        PathPair pair = Established(c => c with { Mobike = new MobikeConfiguration { Acceptable = [] } });
        Endpoint before = pair.Second.Sas[0].Peer;
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.Second.Sas[0].Peer, Is.EqualTo(before));
        Assert.That(pair.Reports, Has.Some.Contains("UNACCEPTABLE_ADDRESSES"));
    }

    [Test]
    public void ForbiddenNat_EndsIkeAuth()
    {
        PathPair pair = new(c => c with { Mobike = new MobikeConfiguration { ForbidsNat = true } }, isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate());
        Assert.That(pair.Sent.Single(s => s.Notation.StartsWith("IKE_AUTH request", StringComparison.Ordinal)).Notation, Does.Contain("NO_NATS_ALLOWED"));
        IkeOutput.Send answer = pair.Sent.Single(s => s.Notation.StartsWith("IKE_AUTH response", StringComparison.Ordinal));
        Assert.That(answer.Notation, Is.EqualTo("IKE_AUTH response 1: SK {N(UNEXPECTED_NAT_DETECTED)}"));
        Assert.That(answer.To.Address, Is.EqualTo(Translation.Outside), "it goes to where the request came from");
        Assert.That(pair.First.Sas, Is.Empty);
        Assert.That(pair.Second.Children, Is.Empty);
    }

    [Test]
    public void ForbiddenNatThatAppearsLater_IsDetectedInTheUpdate()
    {
        PathPair pair = new(c => c with { Mobike = new MobikeConfiguration { ForbidsNat = true } }, isTranslated: false);
        pair.Ask(0, new IkeCommand.Initiate());
        Endpoint before = pair.Second.Sas[0].Peer;
        pair.Nat = new Translation(Another);
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.Reports, Has.Some.Contains("UNEXPECTED_NAT_DETECTED"));
        Assert.That(pair.Second.Sas[0].Peer, Is.EqualTo(before));
    }

    [Test]
    public void ForbiddenNatThatIsNotThere_LetsMove()
    {
        PathPair pair = new(c => c with { Mobike = new MobikeConfiguration { ForbidsNat = true } }, isTranslated: false);
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Another));
    }

    [Test]
    public void MoveThatIsLostWhileTheOtherSideRekeys_IsToldOverTheSuccessor()
    {
        ManualPair pair = ManualPair.Established((c, _) => c with { Mobike = new MobikeConfiguration() });
        pair.Ask(0, new IkeCommand.MoveTo(0, pair.First.Sas[0].Own with { Address = Another }));
        pair.Network.Clear();
        pair.Ask(1, new IkeCommand.RekeyIke(0));
        pair.DeliverAll();
        IkeSa successor = pair.Second.Sas.Single(s => s.Phase == IkeSaPhase.Established);
        Assert.That(successor.Number, Is.Not.Zero);
        Assert.That(successor.Peer.Address, Is.EqualTo(Another));
    }

    [Test]
    public void AdditionalAddresses_AreKept()
    {
        PathPair pair = Established(c => c with { Mobike = new MobikeConfiguration { Additional = [Another, IpAddress.Parse("2001:db8::1")] } });
        Assert.That(pair.First.Sas[0].PeerAddresses, Has.Count.EqualTo(2));
        Assert.That(pair.Second.Sas[0].PeerAddresses, Has.Count.EqualTo(2));
    }

    [Test]
    public void NewPortAtTheNat_IsNotFollowedWithoutARequestToMove()
    {
        PathPair pair = new(c => c with { DetectsNat = true, Mobike = new MobikeConfiguration() }, isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate());
        Endpoint before = pair.Second.Sas[0].Peer;
        pair.Nat!.Forget();
        pair.Ask(0, new IkeCommand.Probe(0));
        Assert.That(pair.Second.Sas[0].Peer, Is.EqualTo(before));
        pair.Ask(0, new IkeCommand.UpdateAddresses(0));
        Assert.That(pair.Second.Sas[0].Peer, Is.Not.EqualTo(before));
    }

    [Test]
    public void WithoutANat_BothGoToPort4500()
    {
        PathPair pair = Established(c => c);
        Assert.That(pair.First.Sas[0].Nat, Is.EqualTo(NatPresence.None));
        Assert.That(pair.First.Sas[0].Own.Port, Is.EqualTo(Endpoint.NatTraversalPort));
        Assert.That(pair.Second.Sas[0].Own.Port, Is.EqualTo(Endpoint.NatTraversalPort));
        Assert.That(pair.First.Children[0].IsUdpEncapsulated, Is.False);
    }

    private static Endpoint Elsewhere(PathPair pair) => pair.First.Sas[0].Own with { Address = Another };

    private static PathPair Established(Func<IkeConfiguration, IkeConfiguration> configure)
    {
        PathPair pair = new(c => configure(c with { DetectsNat = true, Mobike = new MobikeConfiguration() }), isTranslated: false);
        pair.Ask(0, new IkeCommand.Initiate());
        return pair;
    }
}
