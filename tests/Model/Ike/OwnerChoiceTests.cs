using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>What is left to the owner of a side: when SAs are renewed, closed and made anew, and what is made of refusals. RFC 7296 §1.4, §2.4, §2.8, §2.21.</summary>
public class OwnerChoiceTests
{
    private static readonly PacketSelectors Packet = new(TrafficSelector.Range.Host(IpAddress.Parse("10.1.0.7")), TrafficSelector.Range.Host(IpAddress.Parse("10.2.0.9")));

    [Honours("RFC7296-1.4-06", "RFC7296-1.4-07")]
    [Test]
    public void Probe_IsAnEmptyRequestWithAnEmptyResponse()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.DeliverAll();
        Assert.That(pair.Sent, Is.EqualTo(new[] { "INFORMATIONAL request 2: SK {}", "INFORMATIONAL response 2: SK {}" }));
    }

    [Honours("RFC7296-4-04")]
    [Test]
    public void ChildAtTheEndOfItsLife_MayBeRenewed()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        pair.DeliverAll();
        Assert.That(pair.Sent[0], Does.StartWith("CREATE_CHILD_SA request").And.Contain("N(REKEY_SA"));
        Assert.That(pair.First.Children.Concat(pair.Second.Children).Select(c => c.Number), Is.EqualTo(new[] { 1, 1 }));
    }

    [Honours("RFC7296-2.8-02", "RFC7296-2.8-13", "RFC7296-4-05")]
    [Test]
    public void ChildAtTheEndOfItsLife_MayBeClosedAndMadeAnewWhenAPacketWantsIt()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.DeleteChild(0));
        pair.DeliverAll();
        Assert.That(pair.First.Children.Concat(pair.Second.Children), Is.Empty);
        pair.Ask(0, new IkeCommand.CreateChild(0, 0) { Packet = Packet });
        pair.DeliverAll();
        Assert.That(pair.Sent, Has.None.Contains("REKEY_SA"));
        Assert.That(pair.First.Children.Single().MaySend && pair.Second.Children.Single().Phase == ChildSaPhase.Installed);
    }

    [Honours("RFC7296-2.4-24", "RFC7296-2.4-25", "RFC7296-2.8-04")]
    [Test]
    public void IkeSaWhoseRekeyingFails_IsDeletedWithAWordAndMadeAnew()
    {
        ManualPair pair = Established();
        Refuse(pair, new IkeCommand.RekeyIke(0), NotifyType.NoProposalChosen);
        Assert.That(pair.First.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established), "baseline: it stays until its owner closes it");
        pair.Ask(0, new IkeCommand.DeleteIke(0));
        Assert.That(pair.Sent[^1], Does.EndWith("SK {D(IKE)}"));
        pair.DeliverAll();
        Assert.That(pair.First.Children.Count + pair.First.Sas.Count, Is.Zero);
        AssertMadeAnew(pair);
    }

    [Honours("RFC7296-2.4-01", "RFC7296-2.4-25")]
    [Test]
    public void StateThatTheOtherSideHasForgotten_IsGivenUpInSilence()
    {
        ManualPair pair = Established();
        pair.Do(1, new IkeEvent.GaveUp(0));
        Assert.That(pair.Second.Sas.Count + pair.Second.Children.Count, Is.Zero);
        Assert.That(pair.Sent, Is.Empty);
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.DeliverAll();
        Assert.That(pair.First.Sas[0].Pending, Has.Count.EqualTo(1), "nobody answers");
        pair.Do(0, new IkeEvent.GaveUp(0));
        Assert.That(pair.First.Sas, Is.Empty);
        Assert.That(pair.Sent, Has.None.Contains("D("));
        AssertMadeAnew(pair);
    }

    [Honours("RFC7296-1.4.1-13")]
    [Test]
    public void HalfClosedChild_MayBeCleanedUpByANewIkeSa()
    {
        // The second side answers the deletion without deleting.
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.DeleteChild(0));
        pair.Network.Clear();
        IkeSa sa = pair.First.Sas[0];
        pair.Do(0, new IkeEvent.Received(SealedMessage.To(pair.Cryptography, sa, ExchangeType.Informational, isResponse: true, 2, PayloadType.None, ByteString.Empty), sa.Peer, sa.Own));
        Assert.That((pair.First.Children.Count, pair.Second.Children.Count), Is.EqualTo((0, 1)), "baseline");
        CraftedMessage.Ask(pair, ExchangeType.Informational);
        pair.Network.Clear();
        pair.Ask(0, new IkeCommand.DeleteIke(0));
        pair.DeliverAll();
        Assert.That(pair.Second.Children, Is.Empty);
        AssertMadeAnew(pair);
    }

    [Honours("RFC7296-2.1-06")]
    [Test]
    public void AnswerOfAClosedIkeSa_IsRepeatedUntilItIsForgotten()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.DeleteIke(0));
        pair.Deliver(stays: true);
        pair.Deliver(stays: true);
        Assert.That(pair.Sent[^1], Is.EqualTo("response 2 again"));
        pair.Do(1, new IkeEvent.Forgotten(0));
        pair.Deliver();
        Assert.That(pair.Sent, Has.Count.EqualTo(3));
        Assert.That(pair.Second, Is.EqualTo(IkePeer.Idle with { SasMade = 1, ChildrenMade = 1 }));
    }

    [Honours("RFC7296-2.3-03")]
    [Test]
    public void WindowOfTheInitialExchanges_IsOne()
    {
        ManualPair pair = new((c, _) => c with { WindowRequests = 4 });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        pair.Deliver();
        pair.Ask(0, new IkeCommand.Probe(0));
        Assert.That((pair.First.Sas[0].PeerWindow, pair.First.Sas[0].Pending.Count, pair.Network.Count), Is.EqualTo((1, 1, 1)));
        IkeSa waiting = pair.Second.Sas[0];
        ByteString next = SealedMessage.To(pair.Cryptography, waiting, ExchangeType.IkeAuth, isResponse: false, waiting.NextExpected + 1, PayloadType.None, ByteString.Empty);
        Assert.That(pair.Machines[1].Step(pair.Second, new IkeEvent.Received(next, waiting.Peer, waiting.Own)).Select(o => (o.Next == pair.Second, o.Outputs.Count)), Is.EqualTo(new[] { (true, 0) }));
        pair.DeliverAll();
        Assert.That((pair.First.Sas[0].PeerWindow, pair.Second.Sas[0].PeerWindow), Is.EqualTo((4, 4)), "baseline: afterwards it is what was told");
    }

    [Honours("RFC7296-2.3-07")]
    [Test]
    public void RequestsOfThePeer_AreAnsweredWhileAnOwnOneIsOutstanding()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.Ask(1, new IkeCommand.Probe(0));
        pair.Ask(1, new IkeCommand.Probe(0));
        pair.Deliver(1);
        pair.Deliver(1);
        pair.Deliver(1);
        pair.Deliver(1);
        Assert.That(pair.First.Sas[0].Pending, Has.Count.EqualTo(1));
        Assert.That(pair.Sent.Where(s => s.Contains("response", StringComparison.Ordinal)), Is.EqualTo(new[] { "INFORMATIONAL response 0: SK {}", "INFORMATIONAL response 1: SK {}" }));
        Assert.That(pair.Second.Sas[0].Pending, Is.Empty);
    }

    [Honours("RFC7296-2.4-07")]
    [Test]
    public void InitialContactInALaterMessage_IsPassedOver()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.Initiate());
        pair.DeliverAll();
        CraftedMessage.Ask(pair, ExchangeType.Informational, new IkePayload.Notify(NotifyType.InitialContact));
        Assert.That(pair.Second.Sas.Count(s => s.Phase == IkeSaPhase.Established), Is.EqualTo(2));
    }

    // An ICMP error about a request of the first side: port unreachable, with the datagram that it is about.
    [Honours("RFC7296-2.4-08")]
    [Test]
    public void ErrorOfTheNetwork_EndsNothing()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.Probe(0));
        IkePeer before = pair.First;
        ByteString error = ByteString.Adopt([3, 3, 0, 0, 0, 0, 0, 0, .. pair.Network[0].Send.Datagram.Span]);
        Assert.That(pair.Machines[0].Step(before, new IkeEvent.Received(error, before.Sas[0].Peer, before.Sas[0].Own)).Select(o => o.Next), Is.All.EqualTo(before));
        pair.Network.Clear();
        pair.Do(0, new IkeEvent.RetransmissionDue(0, 2));
        pair.DeliverAll();
        Assert.That(pair.First.Sas.Single().Pending, Is.Empty, "and it is asked again");
    }

    [Honours("RFC7296-2.4-12")]
    [Test]
    public void NotificationWithoutProtection_MayBePassedOver()
    {
        ManualPair pair = Established();
        IkeSa sa = pair.First.Sas[0];
        IkeHeader header = new() { InitiatorSpi = sa.InitiatorSpi, ResponderSpi = sa.ResponderSpi, ExchangeType = ExchangeType.Informational, IsFromInitiator = false, IsResponse = true, MessageId = default };
        IkeEvent.Received received = new(ByteString.Adopt(new IkeMessage(header, [new IkePayload.Notify(NotifyType.InvalidIkeSpi)]).ToBytes()), sa.Peer, sa.Own);
        Assert.That(pair.Machines[0].Step(pair.First, received).Select(o => o.Outputs.OfType<IkeOutput.Send>().Count()), Is.EqualTo(new[] { 1, 0 }), "a probe, or nothing");
    }

    [Honours("RFC7296-2.25-02", "RFC7296-2.25-03")]
    [Test]
    public void TemporaryFailure_IsWaitedOutAndTriedAgain()
    {
        ManualPair pair = Established();
        Refuse(pair, new IkeCommand.RekeyChild(0), NotifyType.TemporaryFailure);
        Assert.That(pair.Sent.Where(s => s.Contains("CREATE_CHILD_SA", StringComparison.Ordinal)), Has.Exactly(1).Items, "nothing more by itself");
        Assert.That(pair.First.Sas[0].Pending.Count + pair.First.Sas[0].Waiting.Count, Is.Zero);
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        pair.DeliverAll();
        Assert.That(pair.First.Children.Single().Number, Is.EqualTo(1));
    }

    [Honours("RFC7296-3.10.1-07")]
    [Test]
    public void NoProposalChosen_IsTakenForAnyReason()
    {
        ManualPair pair = Established();
        CraftedMessage.Answer(pair, new IkeCommand.CreateChild(0, 1), new IkePayload.Notify(NotifyType.NoProposalChosen));
        Assert.That((pair.First.Sas.Single().Phase, pair.First.Children.Count), Is.EqualTo((IkeSaPhase.Established, 1)));
    }

    [Honours("RFC7296-2.21-04", "RFC7296-2.21.2-07")]
    [Test]
    public void IkeSaThatCameUpWithoutWhatWasAskedFor_IsClosedOrKept()
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, ConversationOptions.InnerAddresses, []).Configure(isSymbolic: false);
        ManualPair pair = new((_, isFirst) => isFirst ? first : second with { AddressPool = null });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        pair.Deliver();
        pair.Deliver();
        IkeOutput.Send answer = pair.Network[0].Send;
        IkeOutcome[] outcomes = [.. pair.Machines[0].Step(pair.First, new IkeEvent.Received(answer.Datagram, answer.From, answer.To))];
        Assert.That(outcomes.Select(o => o.Outputs.OfType<IkeOutput.Send>().Any(s => s.Notation.EndsWith("SK {D(IKE)}", StringComparison.Ordinal))), Is.EqualTo(new[] { true, false }));
        Assert.That(outcomes[1].Next.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established));
        IkeOutcome later = pair.Machines[0].Run(outcomes[1].Next, new IkeEvent.Asked(new IkeCommand.DeleteIke(0)));
        Assert.That(later.Outputs.OfType<IkeOutput.Send>().Single().Notation, Does.EndWith("SK {D(IKE)}"));
    }

    [Honours("RFC7296-2.8.2-02")]
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void SurvivorOfTwoSuccessors_InheritsAllChildren(int variant)
    {
        ManualPair pair = ManualPair.Established((c, _) => c, variant: variant);
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.DeliverAll();
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Ask(1, new IkeCommand.RekeyIke(0));
        pair.DeliverAll();
        Assert.That(pair.First.Children.Select(c => c.Owner), Is.EqualTo(Enumerable.Repeat(pair.First.Sas.Single(s => s.Phase == IkeSaPhase.Established).Number, 2)));
        Assert.That(pair.Second.Children.Select(c => c.Owner), Is.EqualTo(Enumerable.Repeat(pair.Second.Sas.Single(s => s.Phase == IkeSaPhase.Established).Number, 2)));
    }

    [Honours("RFC7296-2.12-02")]
    [Test]
    public void PublicValueThatComesAgain_MakesOtherKeys()
    {
        Transform curve = Transform.Of(KeyExchangeMethod.Curve25519);
        ManualPair pair = ManualPair.Established((c, _) => c with { Children = new([.. c.Children.Select(x => x with { Offers = [x.Offers[0].Add(curve)], KeyExchange = KeyExchangeMethod.Curve25519 })]) });
        for (byte i = 1; i <= 2; i++)
        {
            CraftedMessage.Ask(
                pair,
                ExchangeType.CreateChildSa,
                new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x1000u + i), [.. pair.Machines[0].Configuration.Children[0].Offers[0]])]),
                new IkePayload.Nonce(ByteString.Adopt([.. Enumerable.Repeat(i, 32)])),
                new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt([9, .. new byte[31]])),
                new IkePayload.TrafficSelectors(true, pair.Machines[0].Configuration.Children[0].Own),
                new IkePayload.TrafficSelectors(false, pair.Machines[0].Configuration.Children[0].Peer));
        }

        Assert.That(pair.Second.Children.Select(c => c.InboundKeys).Distinct().Count(), Is.EqualTo(3));
    }

    [Honours("RFC7296-2.23-14", "RFC7296-2.23-16")]
    [TestCase(true, true, false)]
    [TestCase(false, true, false)]
    [TestCase(true, false, true)]
    public void SideThatWantsNoNat_BreaksOffWhereOneIs(bool isFirst, bool isTranslated, bool isUp)
    {
        IpAddress wary = ExplorationPair.Configuration("first", "second", 1, 2, 0) is var first && isFirst ? first.Own.Address : first.Peer.Address;
        PathPair pair = new(c => c with { DetectsNat = true, RefusesNat = c.Own.Address == wary }, isTranslated);
        pair.Ask(0, new IkeCommand.Initiate());
        Assert.That(pair.First.Sas.Any(s => s.Phase == IkeSaPhase.Established), Is.EqualTo(isUp));
        Assert.That(pair.Second.Sas.Any(s => s.Phase == IkeSaPhase.Established), Is.EqualTo(isUp));
    }

    // A request that the second side refuses, although nothing in it is wrong.
    private static void Refuse(ManualPair pair, IkeCommand command, NotifyType error)
    {
        pair.Ask(0, command);
        CraftedMessage.Ask(pair, ExchangeType.Informational);
        pair.Network.Clear();
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([new IkePayload.Notify(error)]);
        CraftedMessage.AnswerOnly(pair, first, ByteString.Adopt(content));
    }

    private static void AssertMadeAnew(ManualPair pair)
    {
        pair.Ask(0, new IkeCommand.Initiate());
        pair.DeliverAll();
        Assert.That(pair.Second.Sas.Count(s => s.Phase == IkeSaPhase.Established), Is.EqualTo(1));
        Assert.That(pair.First.Children.Single().Inbound, Is.EqualTo(pair.Second.Children.Single().Outbound));
    }

    private static ManualPair Established() => ManualPair.Established((c, _) => c);
}
