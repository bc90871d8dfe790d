using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>IKE_INTERMEDIATE and additional key exchanges before IKE_AUTH, with real keys. RFC 9242, RFC 9370 §2.2.2.</summary>
public class IntermediateExchangeTests
{
    private static readonly Transform MlKem = AdditionalKeyExchanges.At(1, KeyExchangeMethod.MlKem768);
    private static readonly Transform Point = AdditionalKeyExchanges.At(3, KeyExchangeMethod.Ecp384);
    private static readonly Transform NoPoint = AdditionalKeyExchanges.At(3, null);

    [Test]
    public void AdditionalKeyExchanges_TakePlaceInOrder()
    {
        TamperedConversation played = TamperedConversation.Play(First(Point, MlKem), Second(MlKem, Point));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        string[] intermediate = [.. played.Notations.Where(n => n.StartsWith("IKE_INTERMEDIATE", StringComparison.Ordinal))];
        Assert.That(intermediate, Has.Length.EqualTo(4));
        Assert.That(intermediate[0], Does.Contain(Iana.NameOf(KeyExchangeMethod.MlKem768)));
        Assert.That(intermediate[2], Does.Contain(Iana.NameOf(KeyExchangeMethod.Ecp384)));
        Assert.That(played.First.Sas[0].Initial!.EarlierKeys[0], Is.Not.EqualTo(played.First.Sas[0].Keys));
    }

    [Test]
    public void ResponderThatCannot_ChoosesNone()
    {
        TamperedConversation played = TamperedConversation.Play(First(Point, NoPoint), Second());
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.None.StartsWith("IKE_INTERMEDIATE"));
    }

    [Test]
    public void ResponderThatMustHave_RefusesWhoHasNot()
    {
        Assert.That(TamperedConversation.Play(First(MlKem), Second(MlKem)).IsUp, "baseline");
        TamperedConversation played = TamperedConversation.Play(First(), Second(MlKem));
        Assert.That(played.IsUp, Is.False);
        Assert.That(played.Notations, Has.Some.Contains(Iana.NameOf(NotifyType.NoProposalChosen)));
    }

    [Test]
    public void SameMethodTwice_IsNotChosen()
    {
        Transform again = AdditionalKeyExchanges.At(2, KeyExchangeMethod.MlKem768);
        Assert.That(TamperedConversation.Play(First(MlKem, again, AdditionalKeyExchanges.At(2, null)), Second(MlKem, again, AdditionalKeyExchanges.At(2, null))).IsUp, "baseline");
        Assert.That(TamperedConversation.Play(First(MlKem, again), Second(MlKem, again)).Notations, Has.Some.Contains(Iana.NameOf(NotifyType.NoProposalChosen)));
    }

    [Test]
    public void ChangedIntermediate_ShowsInAuth()
    {
        // A payload more that both sides pass over: only IntAuth tells.
        Assert.That(TamperedConversation.Play(First(MlKem), Second(MlKem), ExchangeType.IkeIntermediate, p => p).IsUp, "baseline");
        TamperedConversation played = TamperedConversation.Play(
            First(MlKem, Point), Second(MlKem, Point), ExchangeType.IkeIntermediate, p => p, extra: new IkePayload.VendorId(ByteString.Adopt([1, 2, 3, 4])));
        Assert.That(played.IsUp, Is.False);
        Assert.That(played.Notations, Has.Some.Contains(Iana.NameOf(NotifyType.AuthenticationFailed)));
    }

    [Test]
    public void RequestThatComesAgain_GetsTheSameAnswerUnderItsOldKeys()
    {
        TamperedConversation played = TamperedConversation.Play(First(MlKem, Point), Second(MlKem, Point), repeats: true);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.Some.EqualTo("response 1 again").And.Some.EqualTo("response 2 again").And.Some.EqualTo("response 3 again"));
    }

    [Test]
    public void AuthenticationBeforeAllKeyExchanges_ChangesNothing()
    {
        ManualPair pair = new((c, _) => With(c, [MlKem]));
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        pair.Deliver();
        IkePeer before = pair.Second;
        IkeSa sa = before.Sas[0];
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([new IkePayload.Identification(OfInitiator: true, Identity.Fqdn("first.example"))]);
        ByteString early = SealedMessage.To(pair.Cryptography, sa, ExchangeType.IkeAuth, isResponse: false, 1, first, ByteString.Adopt(content));
        int sent = pair.Sent.Count;
        pair.Do(1, new IkeEvent.Received(early, sa.Peer, sa.Own));
        Assert.That(pair.Sent, Has.Count.EqualTo(sent), "no answer");
        Assert.That(pair.Second.Sas[0].NextExpected, Is.EqualTo(sa.NextExpected));
        pair.DeliverAll();
        Assert.That(pair.Second.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established), "baseline: the genuine exchanges go on");
    }

    [Test]
    public void AllExtensionsTogether_GiveBothSidesTheSameKeys()
    {
        const ConversationOptions All = ConversationOptions.FirstSigns | ConversationOptions.SecondCertified | ConversationOptions.Fragments | ConversationOptions.Cookie
            | ConversationOptions.WrongGuess | ConversationOptions.AdditionalKeyExchange | ConversationOptions.FurtherKeyExchange | ConversationOptions.PostQuantumKey;
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, All, []).Configure(isSymbolic: false);
        TamperedConversation played = TamperedConversation.Play(first, second);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.Some.Contains("CERT(").And.Some.Contains("PPK_IDENTITY").And.Some.StartsWith("IKE_INTERMEDIATE response 2"));
    }

    [Test]
    public void WrongMethod_EndsTheAttempt()
    {
        TamperedConversation played = TamperedConversation.Play(
            First(MlKem), Second(MlKem), ExchangeType.IkeIntermediate, p => p is IkePayload.KeyExchange k ? new IkePayload.KeyExchange(KeyExchangeMethod.MlKem1024, k.Data) : p);
        Assert.That(played.IsUp, Is.False);
        Assert.That(played.Notations, Has.Some.Contains(Iana.NameOf(NotifyType.InvalidSyntax)));
        Assert.That(played.First.Sas, Is.Empty);
    }

    [Test]
    public void FragmentsOfEachSize_CountAsTheirMessage([Values(250, 400, 1280)] int bytes)
    {
        IkeConfiguration first = First(MlKem) with { FragmentBytes = bytes };
        TamperedConversation played = TamperedConversation.Play(first, Second(MlKem) with { FragmentBytes = 300 });
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
    }

    [Test]
    public void RekeyedIkeSa_StandsOnTheNewKeys()
    {
        TamperedConversation played = TamperedConversation.Play(First(MlKem), Second(MlKem));
        played.Do(0, new IkeCommand.RekeyIke(0));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
    }

    private static IkeConfiguration First(params Transform[] additional) => With(ExplorationPair.Configuration("first", "second", 1, 2, 0), additional);

    private static IkeConfiguration Second(params Transform[] additional) => With(ExplorationPair.Configuration("second", "first", 2, 1, 0), additional);

    private static IkeConfiguration With(IkeConfiguration plain, Transform[] additional) =>
        plain with { Offers = [new ValueList<Transform>([.. plain.Offers[0], .. additional])] };
}
