using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>How SAs come, take each other's place and go. RFC 7296 §1.3, §1.4, §2.8, §2.25.</summary>
public class SaLifeTests
{
    [Honours("RFC7296-1.4.1-01", "RFC7296-2.4-23", "RFC7296-1.4-03")]
    [Test]
    public void DeletedChild_IsClosedInBothDirections()
    {
        ManualPair pair = Established();
        Spi inbound = pair.First.Children[0].Inbound;
        pair.Ask(0, new IkeCommand.DeleteChild(0));
        Assert.That(pair.Sent[0], Is.EqualTo($"INFORMATIONAL request 2: SK {{D(ESP [{inbound}])}}"));
        pair.DeliverAll();
        Assert.That(pair.First.Children, Is.Empty);
        Assert.That(pair.Second.Children, Is.Empty);
    }

    [Honours("RFC7296-1.4.1-07", "RFC7296-1.4.1-08", "RFC7296-1.4.1-12")]
    [Test]
    public void CrossingDeletions_CloseWhatIsReceivedOnWithTheResponse()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.DeleteChild(0));
        pair.Ask(1, new IkeCommand.DeleteChild(0));
        Assert.That((pair.First.Children[0].MaySend, pair.First.Children[0].Phase), Is.EqualTo((false, ChildSaPhase.Deleting)));
        pair.Deliver();
        pair.Deliver();
        Assert.That(pair.First.Children.Single().Phase, Is.EqualTo(ChildSaPhase.Deleting), "the response is still to come");
        Assert.That(pair.Sent.Skip(2), Is.EqualTo(new[] { "INFORMATIONAL response 2: SK {}", "INFORMATIONAL response 0: SK {}" }));
        pair.DeliverAll();
        Assert.That(pair.First.Children.Concat(pair.Second.Children), Is.Empty);
    }

    [Honours("RFC7296-1.3.2-04", "RFC7296-1.3.2-05", "RFC7296-2.8-10", "RFC7296-2.8.3-01", "RFC7296-2.18-04", "RFC7296-2.18-07", "RFC7296-1.4-02")]
    [Test]
    public void RekeyedIkeSa_TakesNothingButItsDeletion_AndWhatWaitedGoesOverTheSuccessor()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        Assert.That(pair.Sent, Has.Count.EqualTo(1), "the child waits");
        pair.DeliverAll();
        Assert.That(pair.Sent[0], Does.StartWith("CREATE_CHILD_SA request 2: SK {SA(1 IKE").And.Contain("KE(").And.Not.Contain("AUTH(").And.Not.Contain("TSi("));
        Assert.That(pair.Sent[1], Does.StartWith("CREATE_CHILD_SA response 2: SK {SA(1 IKE").And.Contain("KE("));
        Assert.That(pair.Sent.Where(s => s.Contains("request", StringComparison.Ordinal)).Skip(1).Order(), Is.EqualTo(new[]
        {
            pair.Sent.Single(s => s.StartsWith("CREATE_CHILD_SA request 0: SK {SA(1 ESP", StringComparison.Ordinal)), "INFORMATIONAL request 3: SK {D(IKE)}",
        }));
        Assert.That(pair.Second.Children, Has.Count.EqualTo(2));
    }

    [Honours("RFC7296-2.8.2-03", "RFC7296-2.8.2-04")]
    [Test]
    public void RekeyOfAnIkeSaThatIsReplaced_FailsForNow()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Deliver();
        CraftedMessage.Ask(pair, ExchangeType.CreateChildSa, Successor());
        Assert.That(pair.Sent[^1], Does.EndWith("SK {N(TEMPORARY_FAILURE)}"));
        pair.DeliverAll();
        Assert.That(pair.Second.Sas.Count(s => s.Phase == IkeSaPhase.Established), Is.EqualTo(1));
    }

    [Honours("RFC7296-2.8.1-04")]
    [TestCase("7fff", "80", true)]
    [TestCase("01", "0100", true)]
    [TestCase("02", "0100", false)]
    public void LowerNonce(string one, string other, bool isLower) =>
        Assert.That(IkeRules.Rfc.CompareNonces(ByteString.FromHex(one), ByteString.FromHex(other)) < 0, Is.EqualTo(isLower));

    [Honours("RFC7296-2.8.1-06", "RFC7296-2.25-05", "RFC7296-2.25-06")]
    [Test]
    public void RekeyOfAChildThatIsGone_IsToldWithoutAnEnd()
    {
        ManualPair pair = Established();
        Spi gone = pair.First.Children[0].Inbound;
        pair.Ask(0, new IkeCommand.DeleteChild(0));
        pair.DeliverAll();
        CraftedMessage.Ask(pair, ExchangeType.CreateChildSa, [IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, gone), .. Child()]);
        Assert.That(pair.Sent[^1], Does.EndWith($"SK {{N(CHILD_SA_NOT_FOUND, ESP {gone})}}"));
        Assert.That(pair.Second.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established));
    }

    [Honours("RFC7296-2.8.1-07")]
    [Test]
    public void ChildSaNotFoundInAKnownCollision_IsPassedOver()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        pair.Ask(1, new IkeCommand.RekeyChild(0));
        pair.Deliver(1);
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([IkePayload.Notify.About(NotifyType.ChildSaNotFound, ProtocolId.Esp, pair.First.Children[0].Inbound)]);
        CraftedMessage.AnswerOnly(pair, first, ByteString.Adopt(content));
        Assert.That(pair.First.Children.Select(c => c.Number), Is.EqualTo(new[] { 0, 1 }), "both stay, and none is asked for");
        Assert.That(pair.Sent.Count(s => s.StartsWith("CREATE_CHILD_SA request", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [Honours("RFC7296-2.8-23")]
    [Test]
    public void SecondRekeyOfAChildThatIsNotYetDeleted_IsAnswered()
    {
        ManualPair pair = Established();
        CraftedMessage.Ask(pair, ExchangeType.CreateChildSa, [IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, pair.First.Children[0].Inbound), .. Child(0x1001)]);
        CraftedMessage.Ask(pair, ExchangeType.CreateChildSa, [IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, pair.First.Children[0].Inbound), .. Child(0x1002)]);
        Assert.That(pair.Sent.Select(s => s.Contains("SA(1 ESP", StringComparison.Ordinal)), Is.EqualTo(new[] { true, true }));
        Assert.That(pair.Second.Children, Has.Count.EqualTo(3));
    }

    [Honours("RFC7296-2.8-15", "RFC7296-2.8-16", "RFC7296-2.8-18", "RFC7296-2.8-19", "RFC7296-2.8-20", "RFC7296-2.8.1-02")]
    [Test]
    public void ResponderReceivesOnTheNewChildAtOnce_AndSendsOnItOnceItIsUsed()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        pair.Deliver();
        ChildSa made = pair.Second.Children[1];
        Assert.That((made.Phase, made.MaySend, pair.Second.Children[0].MaySend), Is.EqualTo((ChildSaPhase.Installed, false, true)));
        pair.Do(1, new IkeEvent.TrafficReceived(made.Inbound));
        Assert.That(pair.Second.Children[1].MaySend);
        pair.Deliver();
        Assert.That(pair.First.Children.Single(c => c.Number == 1).MaySend);
    }

    [Honours("RFC7296-2.4-18", "RFC7296-2.1-04")]
    [Test]
    public void ResponseThatComesAgain_AnswersNoLaterProbe()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.Deliver();
        IkeOutput.Send old = pair.Network[0].Send;
        pair.Deliver();
        Assert.That(pair.First.Sas[0].Pending, Is.Empty, "baseline");
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.Do(0, new IkeEvent.Received(old.Datagram, old.From, old.To));
        Assert.That(pair.First.Sas[0].Pending, Has.Count.EqualTo(1));
    }

    [Honours("RFC7296-3.3.6-10")]
    [Test]
    public void KeyExchangeNone_IsChosenWithoutAnAnswerToTheKePayload()
    {
        ManualPair pair = Established();
        IkePayload.SecurityAssociation offer = new([Proposal.ForEsp(1, new Spi(0x1001), Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(SequenceNumbersTransform.Sequential32), Transform.Of(KeyExchangeMethod.Curve25519), new Transform(TransformType.KeyExchange, 0, []))]);
        CraftedMessage.Ask(pair, ExchangeType.CreateChildSa, [offer, .. Child().Skip(1), new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt([9, .. new byte[31]]))]);
        Assert.That(pair.Sent[^1], Does.Contain("SA(1 ESP").And.Not.Contain("KE("));
        Assert.That(pair.Second.Children, Has.Count.EqualTo(2));
    }

    [Honours("RFC7296-2.8-14")]
    [Test]
    public void ChildrenWithTheSameSelectors_AllStay()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.CreateChild(0, 0));
        pair.DeliverAll();
        pair.Ask(1, new IkeCommand.CreateChild(0, 0));
        pair.DeliverAll();
        Assert.That(pair.First.Children, Has.Count.EqualTo(3));
        Assert.That(pair.Second.Children, Has.Count.EqualTo(3));
    }

    [Honours("RFC7296-2.8.3-02", "RFC7296-2.8.3-03")]
    [Test]
    public void Reauthentication_IsANewIkeSaAndTheEndOfTheOld()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.DeliverAll();
        Assert.That(pair.First.Sas[0].Pending, Is.Empty, "the old one is of use until the new one is there");
        pair.Ask(0, new IkeCommand.DeleteIke(0));
        pair.DeliverAll();
        Assert.That(pair.Sent, Has.None.Contains("REKEY_SA"));
        Assert.That(pair.First.Sas.Single().Number, Is.EqualTo(1));
        Assert.That(pair.Second.Children, Has.Count.EqualTo(1));
    }

    [Honours("RFC7296-1.3-02", "RFC7296-1.3-08", "RFC7296-4-03", "RFC7296-4-06")]
    [Test]
    public void ResponderThatWantsNoMoreChildren_SaysSo_AndTheInitiatorMakesOneAnew()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        IkeOutput.Send request = pair.Network[0].Send;
        IkeOutcome refused = pair.Machines[1].Step(pair.Second, new IkeEvent.Received(request.Datagram, request.From, request.To)).Items[^1];
        IkeOutput.Send answer = refused.Outputs.OfType<IkeOutput.Send>().Single();
        Assert.That(answer.Notation, Does.EndWith("SK {N(NO_ADDITIONAL_SAS)}"));
        pair.Network.Clear();
        pair.Do(0, new IkeEvent.Received(answer.Datagram, answer.From, answer.To));
        Assert.That(pair.First.Children.Single().Phase, Is.EqualTo(ChildSaPhase.Installed));
        pair.Ask(0, new IkeCommand.DeleteChild(0));
        Assert.That(pair.Sent[^1], Does.Contain("D(ESP"));
    }

    private static ManualPair Established() => ManualPair.Established((c, _) => c);

    private static IkePayload[] Child(uint spi = 0x1001) =>
    [
        new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(spi), Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(SequenceNumbersTransform.Sequential32))]),
        new IkePayload.Nonce(ByteString.Adopt([.. Enumerable.Repeat((byte)spi, 32)])),
        new IkePayload.TrafficSelectors(true, ExplorationPair.Configuration("first", "second", 1, 2, 0).Children[0].Own),
        new IkePayload.TrafficSelectors(false, ExplorationPair.Configuration("first", "second", 1, 2, 0).Children[0].Peer),
    ];

    private static IkePayload[] Successor() =>
    [
        new IkePayload.SecurityAssociation([Proposal.ForIkeRekey(1, new IkeSpi(77), [.. ExplorationPair.Configuration("first", "second", 1, 2, 0).Offers[0]])]),
        new IkePayload.Nonce(ByteString.Adopt(new byte[32])),
        new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt([9, .. new byte[31]])),
    ];
}
