using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>The model's initiator against its responder with real keys, without a loss.</summary>
public class ConversationTests
{
    private static readonly IIkeCryptography Real = new RealCryptography();

    [Honours("RFC7296-4-01", "RFC7296-1.2-01", "RFC7296-1.2-02")]
    [Test]
    public void FirstExchanges_GiveBothSidesTheSameKeys()
    {
        (IkePeer first, IkePeer second) = Establish(out _);
        Assert.That(first.Sas, Has.Count.EqualTo(1));
        Assert.That(first.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established));
        Assert.That(second.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established));
        Assert.That(first.Sas[0].Keys, Is.EqualTo(second.Sas[0].Keys));
        AssertPaired(first, second, 1);
    }

    [Honours("RFC7296-1-03", "RFC7296-1.3-01")]
    [Test]
    public void SecondChild_IsItsOwn()
    {
        (IkePeer first, IkePeer second) = Establish(out (IkeMachine First, IkeMachine Second) sides);
        (first, second) = Conversation.Play(sides.First, sides.Second, first, second, new IkeCommand.CreateChild(0, 1));
        AssertPaired(first, second, 2);
        Assert.That(first.Children[0].InboundKeys, Is.Not.EqualTo(first.Children[1].InboundKeys));
    }

    [Honours("RFC7296-1.3.3-01", "RFC7296-1.3.3-04", "RFC7296-2.8-06", "RFC7296-2.9.2-02")]
    [Test]
    public void RekeyedChild_TakesThePlaceOfTheOld()
    {
        (IkePeer first, IkePeer second) = Establish(out (IkeMachine First, IkeMachine Second) sides);
        ChildSa old = first.Children[0];
        (first, second) = Conversation.Play(sides.First, sides.Second, first, second, new IkeCommand.RekeyChild(old.Number));
        AssertPaired(first, second, 1);
        Assert.That(first.Children[0].Inbound, Is.Not.EqualTo(old.Inbound));
        Assert.That(first.Children[0].Own, Is.EqualTo(old.Own));
    }

    [Honours("RFC7296-2.8-08", "RFC7296-2.8-09")]
    [Test]
    public void RekeyedIkeSa_InheritsTheChild()
    {
        (IkePeer first, IkePeer second) = Establish(out (IkeMachine First, IkeMachine Second) sides);
        (second, first) = Conversation.Play(sides.Second, sides.First, second, first, new IkeCommand.RekeyIke(0));
        IkeSa survivor = second.Sas.Single(s => s.Phase == IkeSaPhase.Established);
        Assert.That(survivor.IsInitiator);
        Assert.That(survivor.Keys, Is.EqualTo(first.Sas.Single(s => s.Phase == IkeSaPhase.Established).Keys));
        Assert.That(second.Children.Single().Owner, Is.EqualTo(survivor.Number));
        AssertPaired(first, second, 1);
    }

    [Honours("RFC7296-2.8.1-03", "RFC7296-2.8.1-05", "RFC7296-2.8.1-09")]
    [Test]
    public void CollidingRekeys_TheNoncesSayWhichSideWins()
    {
        bool[] winners = [.. Enumerable.Range(0, 16).Select(variant =>
        {
            (IkeMachine one, IkeMachine other) = ExplorationPair.Create(variant, new SymbolicCryptography());
            (IkePeer first, IkePeer second) = Conversation.Establish(one, other);
            (first, second) = Conversation.Play(one, other, first, second, new IkeCommand.RekeyChild(0), new IkeCommand.RekeyChild(0));
            AssertPaired(first, second, 1);
            return first.Children[0].IsInitiator;
        }).Distinct()];
        Assert.That(winners, Has.Length.EqualTo(2), "of sixteen collisions either side wins some");
    }

    [Honours("RFC7296-2.6-06", "RFC7296-2.6-12")]
    [Test]
    public void Step_GivesEveryOutcomeThatTheRfcAllows_FirstTheOneThatRunTakes()
    {
        (IkeMachine first, IkeMachine second) = ExplorationPair.Create(0, new SymbolicCryptography());
        IkeOutput.Send request = first.Run(IkePeer.Idle, new IkeEvent.Asked(new IkeCommand.Initiate())).Outputs.OfType<IkeOutput.Send>().Single();
        IkeEvent received = new IkeEvent.Received(request.Datagram, request.From, request.To);
        IkeOutcome[] outcomes = [.. second.Step(IkePeer.Idle, received)];
        Assert.That(outcomes, Has.Length.EqualTo(2), "it is answered, or a cookie is asked for");
        Assert.That(outcomes[0], Is.EqualTo(second.Run(IkePeer.Idle, received)));
        Assert.That(outcomes[0].Next.Sas, Has.Count.EqualTo(1));
        Assert.That(outcomes[1].Next, Is.EqualTo(IkePeer.Idle), "who asks for a cookie remembers nothing");
        Assert.That(outcomes[1].Outputs.OfType<IkeOutput.Send>().Single().Notation, Does.Contain("COOKIE"));
    }

    [Honours("RFC7296-1.4.1-09")]
    [Test]
    public void ClosedIkeSa_TakesItsChildrenAlong()
    {
        (IkePeer first, IkePeer second) = Establish(out (IkeMachine First, IkeMachine Second) sides);
        (first, second) = Conversation.Play(sides.First, sides.Second, first, second, new IkeCommand.DeleteIke(0));
        Assert.That(first.Sas, Is.Empty);
        Assert.That(second.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Closed));
        Assert.That(first.Children, Is.Empty);
        Assert.That(second.Children, Is.Empty);
    }

    private static (IkePeer First, IkePeer Second) Establish(out (IkeMachine First, IkeMachine Second) sides)
    {
        sides = ExplorationPair.Create(0, Real);
        return Conversation.Establish(sides.First, sides.Second);
    }

    private static void AssertPaired(IkePeer first, IkePeer second, int count)
    {
        Assert.That(first.Children, Has.Count.EqualTo(count));
        Assert.That(second.Children, Has.Count.EqualTo(count));
        foreach (ChildSa child in first.Children)
        {
            ChildSa other = second.Children.Single(c => c.Inbound == child.Outbound);
            Assert.That(other.InboundKeys, Is.EqualTo(child.OutboundKeys));
            Assert.That(other.OutboundKeys, Is.EqualTo(child.InboundKeys));
            Assert.That(other.Own, Is.EqualTo(child.Peer));
        }
    }
}
