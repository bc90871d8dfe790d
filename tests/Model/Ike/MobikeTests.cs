using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>IKE SAs that move, with real keys. RFC 4555.</summary>
public class MobikeTests
{
    private static readonly IpAddress Another = IpAddress.Parse("192.0.2.77");

    [Honours("RFC4555-3.5-04", "RFC4555-3.5-07", "RFC4555-3.5-10", "RFC4555-3.5-11", "RFC4555-3.5-14", "RFC4555-3.7-02")]
    [Test]
    public void Initiator_MovesBothSides()
    {
        PathPair pair = Established(c => c);
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.First.Sas[0].Own.Address, Is.EqualTo(Another));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Another));
        IkeOutput.Send request = pair.Sent.Single(s => s.Notation.Contains("UPDATE_SA_ADDRESSES", StringComparison.Ordinal));
        Assert.That(request.From.Address, Is.EqualTo(Another));
        Assert.That(pair.Sent[^1].Notation, Does.StartWith("INFORMATIONAL response").And.Contain("NAT_DETECTION_SOURCE_IP").And.Contain("NAT_DETECTION_DESTINATION_IP"), "and no check of the path, which it may leave out");
        Assert.That(pair.Sent[^1].To.Address, Is.EqualTo(Another));
    }

    [Honours("RFC4555-3.2-03")]
    [Test]
    public void WithoutMobikeOnTheOtherSide_NothingMoves()
    {
        PathPair pair = new(c => c with { DetectsNat = true, Mobike = c.Own.Address == IpAddress.Parse("192.0.2.1") ? new MobikeConfiguration() : null }, isTranslated: false);
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.First.Sas[0].Own.Address, Is.Not.EqualTo(Another));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.Not.EqualTo(Another));
    }

    [Honours("RFC4555-3.5-01", "RFC4555-3.5-15")]
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

    [Honours("RFC4555-3.7-05", "RFC4555-3.7-06", "RFC4555-4.2.5-03")]
    [Test]
    public void Responder_ChecksTheNewPath()
    {
        PathPair pair = Established(c => c with { Mobike = new MobikeConfiguration { ChecksReturn = true } });
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        IkeOutput.Send check = pair.Sent.Single(s => s.Notation.StartsWith("INFORMATIONAL request 0: SK {N(COOKIE2", StringComparison.Ordinal));
        Assert.That(check.To.Address, Is.EqualTo(Another));
        Assert.That(pair.Second.Sas[0].Pending, Is.Empty);
    }

    [Honours("RFC4555-3.5-09", "RFC4555-3.5-13")]
    [Test]
    public void AddressThatIsNotAcceptable_IsRefused()
    {
        PathPair pair = Established(c => c with { Mobike = new MobikeConfiguration { Acceptable = [] } });
        Endpoint before = pair.Second.Sas[0].Peer;
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.Second.Sas[0].Peer, Is.EqualTo(before));
        Assert.That(pair.Reports, Has.Some.Contains("UNACCEPTABLE_ADDRESSES"));
    }

    [Honours("RFC4555-3.9-01", "RFC4555-3.9-03", "RFC4555-3.9-04", "RFC4555-3.9-05", "RFC4555-3.9-07", "RFC4555-3.9-08", "RFC4555-3.9-09")]
    [Test]
    public void ForbiddenNat_EndsIkeAuth()
    {
        PathPair pair = new(c => c with { Mobike = new MobikeConfiguration { ForbidsNat = true } }, isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate());
        Assert.That(pair.Sent.Where(s => s.Notation.StartsWith("IKE_AUTH request", StringComparison.Ordinal)).Select(s => s.Notation), Is.All.Contains("NO_NATS_ALLOWED").And.Exactly(3).Items, "it is tried several times");
        IkeOutput.Send[] answers = [.. pair.Sent.Where(s => s.Notation.StartsWith("IKE_AUTH response", StringComparison.Ordinal))];
        Assert.That(answers.Select(a => a.Notation), Is.All.EqualTo("IKE_AUTH response 1: SK {N(UNEXPECTED_NAT_DETECTED)}"));
        Assert.That(answers.Select(a => a.To.Address), Is.All.EqualTo(Translation.Outside), "it goes to where the request came from");
        Assert.That(pair.Sent.Select(s => s.To.Address), Has.None.EqualTo(pair.Machines[0].Configuration.Own.Address), "not to what only the notification says");
        Assert.That(pair.First.Sas, Is.Empty);
        Assert.That(pair.Second.Children, Is.Empty);
    }

    [Honours("RFC4555-3.9-02", "RFC4555-3.9-03", "RFC4555-3.9-04", "RFC4555-3.9-06", "RFC4555-3.9-08")]
    [Test]
    public void ForbiddenNatThatAppearsLater_IsDetectedInTheUpdate()
    {
        PathPair pair = new(c => c with { Mobike = new MobikeConfiguration { ForbidsNat = true } }, isTranslated: false);
        pair.Ask(0, new IkeCommand.Initiate());
        Endpoint before = pair.Second.Sas[0].Peer;
        pair.Nat = new Translation(Another);
        pair.Ask(0, new IkeCommand.MoveTo(0, Elsewhere(pair)));
        Assert.That(pair.Reports.Count(r => r.Contains("UNEXPECTED_NAT_DETECTED", StringComparison.Ordinal)), Is.EqualTo(3));
        Assert.That(pair.Sent.Where(s => s.Notation.Contains("UPDATE_SA_ADDRESSES", StringComparison.Ordinal)).Select(s => s.Notation), Is.All.Contains("NO_NATS_ALLOWED").And.Exactly(3).Items);
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

    [Honours("RFC4555-3.4-01", "RFC4555-3.4-03")]
    [Test]
    public void AdditionalAddresses_AreKept()
    {
        PathPair pair = Established(c => c with { Mobike = new MobikeConfiguration { Additional = [Another, IpAddress.Parse("2001:db8::1")] } });
        Assert.That(pair.First.Sas[0].PeerAddresses, Has.Count.EqualTo(2));
        Assert.That(pair.Second.Sas[0].PeerAddresses, Has.Count.EqualTo(2));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(pair.Machines[0].Configuration.Own.Address), "and change nothing");
    }

    [Honours("RFC4555-3.8-06", "RFC4555-3.8-07")]
    [Test]
    public void NewPortAtTheNat_IsNotFollowedWithoutARequestToMove()
    {
        PathPair pair = new(c => c with { DetectsNat = true, Mobike = new MobikeConfiguration() }, isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate());
        Endpoint before = pair.Second.Sas[0].Peer;
        pair.Nat!.Forget();
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        Assert.That(pair.Second.Sas[0].Peer, Is.EqualTo(before));
        pair.Ask(0, new IkeCommand.UpdateAddresses(0));
        Assert.That(pair.Second.Sas[0].Peer, Is.Not.EqualTo(before));
    }

    [Honours("RFC4555-3.3-03", "RFC4555-3.3-04")]
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
