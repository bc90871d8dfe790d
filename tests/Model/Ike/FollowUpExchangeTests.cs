using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Additional key exchanges in CREATE_CHILD_SA, by IKE_FOLLOWUP_KE. RFC 9370 §2.2.4.</summary>
public class FollowUpExchangeTests
{
    private static readonly Transform Curve = Transform.Of(KeyExchangeMethod.Curve25519);
    private static readonly Transform MlKem = AdditionalKeyExchanges.At(1, KeyExchangeMethod.MlKem768);
    private static readonly Transform Point = AdditionalKeyExchanges.At(3, KeyExchangeMethod.Ecp384);

    [Honours("RFC9370-2.2.4-01", "RFC9370-2.2.4-02", "RFC9370-2.2.4-03", "RFC9370-2.2.4-04")]
    [Test]
    public void RekeyedChild_TakesOneFollowUpForEachMethodInOrder()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, Point, MlKem));
        Spi old = pair.First.Children[0].Inbound;
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        pair.DeliverAll();
        string[] steps = [.. pair.Sent.Take(6)];
        Assert.That(steps[1], Does.StartWith("CREATE_CHILD_SA response").And.Contains("ADDITIONAL_KEY_EXCHANGE"));
        Assert.That(steps[2], Does.StartWith("IKE_FOLLOWUP_KE request").And.Contains(Iana.NameOf(KeyExchangeMethod.MlKem768)).And.Contains("ADDITIONAL_KEY_EXCHANGE"));
        Assert.That(steps[3], Does.StartWith("IKE_FOLLOWUP_KE response").And.Contains("ADDITIONAL_KEY_EXCHANGE"));
        Assert.That(steps[4], Does.StartWith("IKE_FOLLOWUP_KE request").And.Contains(Iana.NameOf(KeyExchangeMethod.Ecp384)));
        Assert.That(steps[5], Does.StartWith("IKE_FOLLOWUP_KE response").And.Not.Contains("ADDITIONAL_KEY_EXCHANGE"));
        AssertOneChild(pair);
        Assert.That(pair.First.Children[0].Inbound, Is.Not.EqualTo(old));
    }

    [Honours("RFC9370-2.2.4-10")]
    [Test]
    public void RekeyedIkeSa_HasTheSameKeysAtBothSides()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem, Point));
        pair.Ask(1, new IkeCommand.RekeyIke(0));
        pair.DeliverAll();
        Assert.That(pair.Sent.Count(s => s.StartsWith("IKE_FOLLOWUP_KE request", StringComparison.Ordinal)), Is.EqualTo(2));
        IkeSa first = pair.First.Sas.Single(s => s.Phase == IkeSaPhase.Established);
        IkeSa second = pair.Second.Sas.Single(s => s.Phase == IkeSaPhase.Established);
        Assert.That(second.IsInitiator);
        Assert.That(first.Number, Is.Not.Zero);
        Assert.That(first.Keys, Is.EqualTo(second.Keys));
        AssertOneChild(pair);
    }

    [Honours("RFC9370-2.2.4-08")]
    [Test]
    public void WithoutAnAnswerToTheLast_NeitherSideHasTheChild()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem));
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.Deliver();
        Assert.That(pair.Second.Children, Has.Count.EqualTo(1), "CREATE_CHILD_SA is answered");
        pair.Deliver();
        Assert.That(pair.First.Children, Has.Count.EqualTo(1), "its response is there");
        pair.Deliver();
        Assert.That(pair.Second.Children, Has.Count.EqualTo(2), "it can receive before it answers the last request");
        pair.Deliver();
        Assert.That(pair.First.Children, Has.Count.EqualTo(2));
    }

    [Honours("RFC9370-2.2.4-09")]
    [Test]
    public void KeysOfTheChild_ComeFromBothSecretsAroundTheNonces()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem));
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.Deliver();
        pair.Deliver();
        pair.Deliver();
        IkeSa sa = pair.First.Sas[0];
        var purpose = (ExchangePurpose.FollowUp)sa.Pending[0].Purpose;
        ChildAgreement agreed = ((UnfinishedExchange.Child)purpose.Exchange).Agreement;
        (_, PayloadType type, ByteString content) = SealedMessage.Open(pair.Cryptography, sa, pair.Network[0].Send.Datagram)!.Value;
        Assert.That(IkePayloads.TryParse(type, content, out ValueList<IkePayload> payloads, out _));
        ByteString ciphertext = IkePayloads.Find<IkePayload.KeyExchange>(payloads)!.Data;
        Assert.That(pair.Cryptography.TryFinishKeyExchange(Suites.Method(KeyExchangeMethod.MlKem768)!, purpose.KeyExchange.PrivateValue, ciphertext, out IkeSecret second, out _));
        ChildKeys due = pair.Cryptography.ChildKeys(
            sa.Suite!.Prf, sa.Keys!.Derivation, [agreed.Shared[0], second], agreed.InitiatorNonce, agreed.ResponderNonce, agreed.Suite);
        pair.Deliver();
        Assert.That(pair.First.Children[1].OutboundKeys.Encryption, Is.EqualTo(due.InitiatorEncryption));
        Assert.That(pair.First.Children[1].InboundKeys.Encryption, Is.EqualTo(due.ResponderEncryption));
    }

    [Honours("RFC9370-2.2.4-05", "RFC9370-2.2.4-06")]
    [Test]
    public void ForgottenState_IsNotFound_AndTheInitiatorBeginsAnew([Values] bool ofIkeSa)
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem));
        pair.Ask(0, ofIkeSa ? new IkeCommand.RekeyIke(0) : new IkeCommand.RekeyChild(0));
        pair.Deliver();
        pair.Do(1, new IkeEvent.Forgotten(0));
        pair.DeliverAll();
        Assert.That(pair.Sent[3], Is.EqualTo("IKE_FOLLOWUP_KE response 4: SK {N(STATE_NOT_FOUND)}"));
        Assert.That(pair.Sent[4], Does.StartWith("CREATE_CHILD_SA request 5"));
        Assert.That(pair.Sent[6], Does.StartWith("IKE_FOLLOWUP_KE request 6"));
        AssertOneChild(pair);
        Assert.That(pair.First.Sas.Single(s => s.Phase == IkeSaPhase.Established).Number, Is.EqualTo(ofIkeSa ? 1 : 0));
    }

    [Honours("RFC9370-2.2.4-13")]
    [Test]
    public void FollowUpWithoutABeginning_FindsNoState()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem));
        IkePeer before = pair.Second;
        IkeSa sa = before.Sas[0];
        (PayloadType first, byte[] content) = IkePayloads.ToBytes(
            [new IkePayload.KeyExchange(KeyExchangeMethod.MlKem768, ByteString.Adopt(new byte[1184])), new IkePayload.Notify(NotifyType.AdditionalKeyExchange, ByteString.Adopt([1, 2, 3]))]);
        ByteString datagram = SealedMessage.To(pair.Cryptography, sa, ExchangeType.IkeFollowupKe, isResponse: false, sa.NextExpected, first, ByteString.Adopt(content));
        pair.Do(1, new IkeEvent.Received(datagram, sa.Peer, sa.Own));
        Assert.That(pair.Sent.Single(), Does.Contain("STATE_NOT_FOUND"));
        Assert.That(pair.Second.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established));
        Assert.That(pair.Second.Children, Has.Count.EqualTo(before.Children.Count));
    }

    [Test]
    public void RequestsWhileTheIkeSaIsRekeyed_AreAnsweredAsWithoutFollowUps()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem));

        // The second side has sent its requests before it gets the first one to rekey.
        pair.Ask(1, new IkeCommand.DeleteChild(0));
        (int To, IkeOutput.Send Send) delete = pair.Network[0];
        pair.Network.Clear();
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Network.Add(delete);
        pair.Deliver();
        Assert.That(pair.Sent[^1], Is.EqualTo("CREATE_CHILD_SA response 3: SK {N(TEMPORARY_FAILURE)}"), "a Child SA is being closed");
        pair.Deliver();
        Assert.That(pair.Sent[^1], Does.StartWith("INFORMATIONAL response 0").And.Contains("D("), "a Child SA may be closed while the IKE SA is rekeyed");
    }

    [Test]
    public void ChildAskedForWhileTheIkeSaIsRekeyed_FailsForNow()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem));
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Deliver();
        pair.Deliver();
        Assert.That(pair.First.Sas[0].Pending[0].Purpose, Is.TypeOf<ExchangePurpose.FollowUp>());

        // Over this IKE SA the second side would wait; a second side that does not gets the answer of RFC 7296 §2.25.2.
        IkeSa sa = pair.First.Sas[0];
        (PayloadType first, byte[] content) = IkePayloads.ToBytes(
        [
            new IkePayload.SecurityAssociation(ProposalSelection.Offer(ProtocolId.Esp, SpiBytes.Of(new Spi(4096)), pair.Machines[1].Configuration.Children[1].Offers)),
            new IkePayload.Nonce(ByteString.Adopt(new byte[32])),
        ]);
        ByteString datagram = SealedMessage.To(pair.Cryptography, sa, ExchangeType.CreateChildSa, isResponse: false, 0, first, ByteString.Adopt(content));
        pair.Do(0, new IkeEvent.Received(datagram, sa.Peer, sa.Own));
        Assert.That(pair.Sent[^1], Is.EqualTo("CREATE_CHILD_SA response 0: SK {N(TEMPORARY_FAILURE)}"));
        pair.Ask(1, new IkeCommand.CreateChild(0, 1));
        Assert.That(pair.Second.Sas[0].Waiting, Has.Count.EqualTo(1), "who has been asked for a successor begins nothing on the old IKE SA");
        pair.DeliverAll();
        Assert.That(pair.First.Children, Has.Count.EqualTo(2), "it went over the successor");
    }

    [Test]
    public void WhileTheOtherSideRekeysTheIkeSa_ASideMayShowThatItIsThere()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem));
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Deliver();
        pair.Ask(1, new IkeCommand.Probe(0));
        Assert.That(pair.Sent[^1], Is.EqualTo("INFORMATIONAL request 0: SK {}"));
        pair.DeliverAll();
        Assert.That(pair.First.Sas.Single(s => s.Phase == IkeSaPhase.Established).Number, Is.EqualTo(1));
        AssertOneChild(pair);
    }

    [Test]
    public void TwoUnfinishedExchanges_AreToldApartByTheirLinks()
    {
        ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem) with { WindowRequests = 4 });
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        pair.Deliver();
        pair.Deliver();
        ByteString[] links = [.. pair.Second.Sas[0].Unfinished.Select(u => u.Link)];
        Assert.That(links, Has.Length.EqualTo(2).And.Unique);
        pair.Deliver(1);
        pair.DeliverAll();
        AssertPaired(pair, 2);
        Assert.That(pair.First.Children[0].InboundKeys, Is.Not.EqualTo(pair.First.Children[1].InboundKeys));
    }

    [Test]
    public void CollidingRekeys_TheNoncesOfCreateChildSaSayWhichSideWins([Values] bool ofIkeSa)
    {
        bool[] winners = [.. Enumerable.Range(0, 16).Select(variant =>
        {
            ManualPair pair = ManualPair.Established((c, _) => Hybrid(c, MlKem), new SymbolicCryptography(), variant);
            pair.Ask(0, ofIkeSa ? new IkeCommand.RekeyIke(0) : new IkeCommand.RekeyChild(0));
            pair.Ask(1, ofIkeSa ? new IkeCommand.RekeyIke(0) : new IkeCommand.RekeyChild(0));
            ByteString[] nonces = [.. pair.First.Sas[0].Pending.Concat(pair.Second.Sas[0].Pending).Select(NonceOf)];
            pair.Deliver();
            pair.Deliver();
            ByteString[] lowest = [.. pair.Second.Sas[0].Unfinished.Concat(pair.First.Sas[0].Unfinished).Select(u => u.LowestNonce)];
            Assert.That(nonces, Has.Length.EqualTo(2));
            pair.DeliverAll();
            AssertOneChild(pair);
            bool firstWins = lowest[0].Span.SequenceCompareTo(lowest[1].Span) > 0;
            bool isFirst = ofIkeSa ? pair.First.Sas.Single(s => s.Phase == IkeSaPhase.Established).IsInitiator : pair.First.Children[0].IsInitiator;
            Assert.That(isFirst, Is.EqualTo(firstWins));
            return isFirst;
        }).Distinct()];
        Assert.That(winners, Has.Length.EqualTo(2), "of sixteen collisions either side wins some");
    }

    [Test]
    public void WrongMethod_MakesNothing()
    {
        TamperedConversation played = TamperedConversation.Play(Hybrid(First(), MlKem), Hybrid(Second(), MlKem));
        Assert.That(played.IsUp, "baseline");
        played.Do(0, new IkeCommand.CreateChild(0, 1), ExchangeType.IkeFollowupKe, p => p is IkePayload.KeyExchange k ? new IkePayload.KeyExchange(KeyExchangeMethod.MlKem1024, k.Data) : p);
        Assert.That(played.Notations, Has.Some.StartsWith("IKE_FOLLOWUP_KE response").And.Contains(Iana.NameOf(NotifyType.InvalidSyntax)));
        Assert.That(played.Second.Children, Is.Empty, "INVALID_SYNTAX ends the IKE SA");
        Assert.That(played.Second.Sas[0].Unfinished, Is.Empty);
    }

    [Test]
    public void RepeatedFollowUp_GetsTheSameAnswer()
    {
        TamperedConversation played = TamperedConversation.Play(Hybrid(First(), MlKem), Hybrid(Second(), MlKem), repeats: true);
        played.Do(0, new IkeCommand.RekeyChild(0));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.Some.EqualTo("response 4 again"));
    }

    private static IkeConfiguration First() => Conformance.Spec.Ike.Exploration.ExplorationPair.Configuration("first", "second", 1, 2, 0);

    private static IkeConfiguration Second() => Conformance.Spec.Ike.Exploration.ExplorationPair.Configuration("second", "first", 2, 1, 0);

    private static IkeConfiguration Hybrid(IkeConfiguration plain, params Transform[] additional) => plain with
    {
        Offers = [new ValueList<Transform>([.. plain.Offers[0], .. additional])],
        Children = new([.. plain.Children.Select(c => c with
        {
            Offers = [new ValueList<Transform>([.. c.Offers[0], Curve, .. additional])],
            KeyExchange = KeyExchangeMethod.Curve25519,
        })]),
    };

    private static ByteString NonceOf(PendingRequest pending) => pending.Purpose switch
    {
        ExchangePurpose.CreateChild create => create.Attempt.Nonce,
        ExchangePurpose.RekeyIke rekey => rekey.Attempt.Nonce,
        _ => ByteString.Empty,
    };

    private static void AssertOneChild(ManualPair pair) => AssertPaired(pair, 1);

    private static void AssertPaired(ManualPair pair, int count)
    {
        Assert.That(pair.First.Children, Has.Count.EqualTo(count), string.Join('\n', pair.Sent.Concat(pair.Reports)));
        Assert.That(pair.Second.Children, Has.Count.EqualTo(count));
        foreach (ChildSa child in pair.First.Children)
        {
            ChildSa other = pair.Second.Children.Single(c => c.Inbound == child.Outbound);
            Assert.That(other.InboundKeys, Is.EqualTo(child.OutboundKeys));
            Assert.That(other.OutboundKeys, Is.EqualTo(child.InboundKeys));
        }
    }
}
