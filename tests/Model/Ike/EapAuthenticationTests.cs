using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Eap;
using Conformance.Spec.Eap.Methods;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>EAP in IKE_AUTH with real keys, and what hostile sides make of it. RFC 7296 §2.16, §3.16.</summary>
public class EapAuthenticationTests
{
    [Honours("RFC7296-2.16-03", "RFC7296-2.16-05", "RFC7296-2.16-12", "RFC7296-2.16-06", "RFC7296-2.16-08", "RFC7296-2.16-15")]
    [Test]
    public void MsChapV2_ProvesTheInitiatorAfterTheResponder()
    {
        TamperedConversation played = EapPair.Play();
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        string[] messages = [.. played.Notations.Where(n => n.StartsWith("IKE_AUTH", StringComparison.Ordinal))];
        Assert.That(messages, Has.Length.EqualTo(8), "challenge, success, EAP Success, AUTH: nobody asks for a name");
        Assert.That(messages[0], Does.Contain("IDi(").And.Contain("SA(").And.Not.Contain("AUTH("));
        Assert.That(messages[1], Does.Contain("IDr(").And.Contain("AUTH(").And.Contain("EAP Request").And.Not.Contain("SA("));
        Assert.That(messages[5], Does.Match("SK [{]EAP Success [0-9]+[}]$"), "alone");
        Assert.That(messages[^2], Does.Contain("SK {AUTH(").And.Not.Contain("SA("));
        Assert.That(messages[^1], Does.Contain("SK {AUTH(").And.Contain("SA(").And.Contain("TSi(").And.Contain("TSr("));
        Assert.That(messages.Select(m => m.Split(' ')[2].TrimEnd(':')), Is.EqualTo(new[] { "1", "1", "2", "2", "3", "3", "4", "4" }));
        Assert.That(played.First.Sas[0].Eap, Is.Null, "the key of EAP serves no other purpose");
    }

    [TestCase(ConversationOptions.None)]
    [TestCase(ConversationOptions.EapWithoutKey)]
    [TestCase(ConversationOptions.EapTls)]
    [TestCase(ConversationOptions.EapTls | ConversationOptions.EapWithoutKey)]
    [TestCase(ConversationOptions.SecondCertified)]
    [TestCase(ConversationOptions.PostQuantumKey)]
    [TestCase(ConversationOptions.InnerAddresses | ConversationOptions.Fragments)]
    [TestCase(ConversationOptions.AdditionalKeyExchange | ConversationOptions.EapTls)]
    public void EachMethodWithEachExtension_GivesBothSidesTheSameKeys(ConversationOptions options)
    {
        for (int variant = 0; variant < 16; variant++)
        {
            TamperedConversation played = EapPair.Play(options, variant);
            Assert.That(played.IsUp, $"variant {variant}\n{string.Join('\n', played.Notations)}\n{string.Join('\n', played.Reports)}");
        }
    }

    [Test]
    public void EachDatagramTwice_MakesNoDifference()
    {
        (IkeConfiguration first, IkeConfiguration second) = EapPair.Sides();
        Assert.That(TamperedConversation.Play(first, second, repeats: true).IsUp);
    }

    [Honours("RFC7296-1-02", "RFC7296-2.16-02")]
    [TestCase(ExchangeType.CreateChildSa)]
    [TestCase(ExchangeType.Informational)]
    public void OtherExchangeBeforeEapIsOver_HasNoEffect(ExchangeType exchange)
    {
        RealCryptography real = new();
        (IkeConfiguration one, IkeConfiguration other) = EapPair.Sides();
        IkeMachine first = new(one, real);
        IkeMachine second = new(other, real);
        IkeOutcome asked = first.Run(IkePeer.Idle, new IkeEvent.Asked(new IkeCommand.Initiate()));
        IkeOutcome answered = second.Run(IkePeer.Idle, EapPair.Arrival(asked));
        IkePeer waiting = second.Run(answered.Next, EapPair.Arrival(first.Run(asked.Next, EapPair.Arrival(answered)))).Next;
        Assert.That(waiting.Sas[0].Eap, Is.Not.Null);
        (PayloadType type, byte[] content) = IkePayloads.ToBytes([IkePayload.Delete.IkeSa]);
        ByteString request = SealedMessage.To(real, waiting.Sas[0], exchange, isResponse: false, waiting.Sas[0].NextExpected, type, ByteString.Adopt(content));
        IkeOutcome outcome = second.Run(waiting, new IkeEvent.Received(request, other.Peer, other.Own));
        Assert.That(outcome.Next, Is.EqualTo(waiting));
        Assert.That(outcome.Outputs, Is.Empty);
        ByteString proper = SealedMessage.To(real, waiting.Sas[0], ExchangeType.IkeAuth, isResponse: false, waiting.Sas[0].NextExpected, type, ByteString.Adopt(content));
        Assert.That(second.Run(waiting, new IkeEvent.Received(proper, other.Peer, other.Own)).Outputs, Is.Not.Empty, "baseline: the message opens");
    }

    [Honours("RFC7296-2.16-13", "RFC7296-2.21-05")]
    [Test]
    public void WrongPassword_EndsWithEapFailureAlone()
    {
        TamperedConversation played = EapPair.Play(change: null, first: c => EapPair.With(c, new MsChapV2Peer("first", [EapAccount.Of("", "guess").Password])));
        AssertNoSa(played);
        Assert.That(played.Notations[^1], Does.Match("SK [{]EAP Failure [0-9]+[}]$"), "alone");
        Assert.That(played.Notations, Has.None.Contains("AUTHENTICATION_FAILED"));
    }

    [Test]
    public void SecondPassword_IsTriedWhereTheServerGrantsIt()
    {
        EapAccount account = EapAccount.Of("first", "clientPass");
        MsChapV2Peer guessing = new("first", [EapAccount.Of("", "guess").Password, account.Password]);
        Assert.That(EapPair.Play(first: c => EapPair.With(c, guessing), second: c => EapPair.With(c, new MsChapV2Server("second", [account], Retries: 1))).IsUp);
        AssertNoSa(EapPair.Play(first: c => EapPair.With(c, guessing), second: c => EapPair.With(c, new MsChapV2Server("second", [account]))));
    }

    [Test]
    public void ServerThatDoesNotKnowThePassword_IsNotBelieved()
    {
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Eap { Message: { Code: EapCode.Request, Type: EapType.MsChapV2 } m } && m.Data[0] == 3
            ? new IkePayload.Eap(EapMessage.Of(m.Code, m.Identifier, EapType.MsChapV2, Flipped(m.Data, 8)))
            : p);
        AssertNoSa(played);
        Assert.That(played.Reports, Has.Some.Contains("the server does not know the password"));
    }

    [Honours("RFC7296-2.16-18")]
    [Test]
    public void AuthOfTheResponder_IsCheckedBeforeEap([Values] bool isMissing)
    {
        Assert.That(EapPair.Play().IsUp, "baseline");
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.EcdsaP256 } a
            ? isMissing ? EapPair.Nothing : a with { Data = Flipped(a.Data, a.Data.Length - 1) }
            : p);
        AssertNoSa(played);
        Assert.That(Requests(played), Is.EqualTo(1), "no EAP response");
    }

    [Honours("RFC7296-2.16-01")]
    [Test]
    public void SharedKeyOfTheResponder_IsTakenOnlyWhereTold()
    {
        (IkeConfiguration first, IkeConfiguration second) = EapPair.Sides(variant: 1);
        Assert.That(TamperedConversation.Play(first, second).IsUp, "baseline");
        TamperedConversation played = TamperedConversation.Play(first with { Credentials = (Credentials.Eap)first.Credentials with { TakesSharedKey = false } }, second);
        AssertNoSa(played);
        Assert.That(Requests(played), Is.EqualTo(1));
    }

    [Honours("RFC7296-2.16-17")]
    [Test]
    public void EapSuccessInsteadOfAMethod_EndsTheAttempt()
    {
        TamperedConversation played = EapPair.Play(change: Early);
        AssertNoSa(played);
        Assert.That(Requests(played), Is.EqualTo(1));
        Assert.That(played.Reports, Has.Some.Contains("EAP Success before the method is over"));

        // A side that believes it goes on to AUTH under a key that anybody has.
        Assert.That(Requests(EapPair.Play(change: Early, firstRules: new BelievesEarlySuccess())), Is.EqualTo(2));
    }

    [Honours("RFC7296-2.16-17")]
    [Test]
    public void EapSuccessInTheMiddleOfAMethod_EndsTheAttempt()
    {
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Eap { Message: { Code: EapCode.Request, Type: EapType.MsChapV2 } m } && m.Data[0] == 3
            ? new IkePayload.Eap(EapMessage.End(success: true, m.Identifier))
            : p);
        AssertNoSa(played);
        Assert.That(Requests(played), Is.EqualTo(2));
    }

    [Test]
    public void MoreEapAfterSuccess_IsRefused()
    {
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.SharedKey }
            ? new IkePayload.Eap(EapMessage.Of(EapCode.Response, 1, EapType.MsChapV2, ByteString.Adopt([3])))
            : p);
        AssertNoSa(played);
        Assert.That(played.Notations[^1], Does.Contain("AUTHENTICATION_FAILED"));
    }

    [Honours("RFC7296-3.16-08")]
    [TestCase(EapCode.Request)]
    [TestCase(EapCode.Initiate)]
    [TestCase(EapCode.Success)]
    public void CodeOfTheWrongDirection_IsRefused(EapCode code)
    {
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Eap { Message: { Code: EapCode.Response } m }
            ? new IkePayload.Eap(code == EapCode.Success ? EapMessage.End(success: true, m.Identifier) : EapMessage.Of(code, m.Identifier, m.Type!.Value, m.Data))
            : p);
        AssertNoSa(played);
        Assert.That(played.Notations[^1], Does.Contain("EAP Failure"));
    }

    [Honours("RFC7296-3.16-01")]
    [Test]
    public void IdentifierOfAnotherRequest_IsRefused()
    {
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Eap { Message: { Code: EapCode.Response } m }
            ? new IkePayload.Eap(EapMessage.Of(m.Code, (byte)(m.Identifier + 1), m.Type!.Value, m.Data))
            : p);
        AssertNoSa(played);
        Assert.That(played.Notations[^1], Does.Contain("EAP Failure"));
    }

    [Test]
    public void AuthInsteadOfEap_IsRefused()
    {
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Eap { Message.Code: EapCode.Response }
            ? new IkePayload.Authentication(AuthenticationMethod.SharedKey, ByteString.Adopt(new byte[32]))
            : p);
        AssertNoSa(played);
        Assert.That(played.Notations[^1], Does.Contain("AUTHENTICATION_FAILED"));
    }

    [Honours("RFC7296-2.16-16")]
    [TestCase(false)]
    [TestCase(true)]
    public void LastAuthOfTheInitiator_WrongOrMissing_IsRefused(bool isMissing)
    {
        int seen = 0;
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.SharedKey } a && seen++ == 0
            ? isMissing ? EapPair.Nothing : a with { Data = Flipped(a.Data, 0) }
            : p);
        AssertNoSa(played);
        Assert.That(played.Notations[^1], Does.Contain("AUTHENTICATION_FAILED"));
    }

    [Honours("RFC7296-2.16-19")]
    [TestCase(false)]
    [TestCase(true)]
    public void LastAuthOfTheResponder_WrongOrMissing_IsRefused(bool isMissing)
    {
        int seen = 0;
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.SharedKey } a && seen++ == 1
            ? isMissing ? EapPair.Nothing : a with { Data = Flipped(a.Data, 0) }
            : p);
        Assert.That(played.IsUp, Is.False);
        Assert.That(played.First.Children, Is.Empty);
        Assert.That(played.First.Sas.Where(s => s.Phase == IkeSaPhase.Established), Is.Empty);
    }

    [Honours("RFC7296-3.16-05", "RFC7296-2.16-09")]
    [Test]
    public void UnwantedMethod_IsAnsweredWithNak()
    {
        ValueList<EapAccount> accounts = [EapAccount.Of("first", "clientPass")];
        TamperedConversation played = EapPair.Play(second: c => EapPair.With(c, new Md5Server("second", accounts), new MsChapV2Server("second", accounts)));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.Some.Contains("EAP Response").And.Some.Contains(Iana.NameOf(EapType.Nak)));
        AssertNoSa(EapPair.Play(second: c => EapPair.With(c, new Md5Server("second", accounts))));
    }

    [Honours("RFC7296-3.16-07", "RFC7296-3.16-06")]
    [Test]
    public void IdentityRequest_IsAnswered()
    {
        TamperedConversation played = EapPair.Play(second: c => c with { Trust = (Trust.Eap)c.Trust! with { AsksIdentity = true } });
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.Some.Contains("EAP Request").And.Some.Contains(Iana.NameOf(EapType.Identity)));
        Assert.That(EapPair.Play().Notations, Has.None.Contains(Iana.NameOf(EapType.Identity)), "by itself it asks for none");
    }

    [Test]
    public void UnknownUser_IsRefused() =>
        AssertNoSa(EapPair.Play(first: c => EapPair.With(c, new MsChapV2Peer("third", [EapAccount.Of("", "clientPass").Password]))));

    [Test]
    public void DomainBeforeTheName_IsPassedOver() =>
        Assert.That(EapPair.Play(first: c => EapPair.With(c, new MsChapV2Peer("HOME\\first", [EapAccount.Of("", "clientPass").Password]))).IsUp);

    [Honours("RFC7296-2.16-20", "RFC7296-3.5-16")]
    [Test]
    public void AddressesAreThoseOfWhomEapAuthenticates_WhateverIdiSays()
    {
        TamperedConversation played = EapPair.Play(ConversationOptions.InnerAddresses, first: c => c with { OwnIdentity = Identity.Nai("odd~name@@elsewhere") });
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Second.Leases.Single().Client, Is.EqualTo(EapAccount.Of("first", "").Name));
    }

    [Honours("RFC7296-3.5-14", "RFC7296-3.5-15")]
    [TestCase("user@realm.example", IdentityType.Rfc822Address)]
    [TestCase("user", IdentityType.KeyId)]
    public void NetworkAccessIdentifier_HasTheKindThatFits(string name, IdentityType kind) => Assert.That(Identity.Nai(name).Type, Is.EqualTo(kind));

    [Honours("RFC7296-2.16-10")]
    [Test]
    public void WithoutAKey_AuthIsMadeWithSkp()
    {
        IkePayload.Authentication? last = null;
        TamperedConversation played = EapPair.Play(ConversationOptions.EapWithoutKey, change: p => last is null && p is IkePayload.Authentication { Method: AuthenticationMethod.SharedKey } a ? last = a : p);
        Assert.That(played.IsUp, "baseline");
        Assert.That(last, Is.EqualTo(EapPair.AuthOfInitiator(played, played.First.Sas[0].Keys!.InitiatorAuthentication)));
        last = null;
        TamperedConversation other = EapPair.Play(change: p => last is null && p is IkePayload.Authentication { Method: AuthenticationMethod.SharedKey } a ? last = a : p);
        Assert.That(other.IsUp, "baseline");
        Assert.That(last, Is.Not.EqualTo(EapPair.AuthOfInitiator(other, other.First.Sas[0].Keys!.InitiatorAuthentication)));
    }

    [Honours("RFC7296-2.16-07")]
    [TestCase(ConversationOptions.None, 0)]
    [TestCase(ConversationOptions.EapTls, 2)]
    public void WithAKey_AuthUnderSkpIsRefused(ConversationOptions options, int variant)
    {
        TamperedConversation baseline = EapPair.Play(options, variant);
        Assert.That(baseline.IsUp, "baseline");
        int seen = 0;
        IkePayload.Authentication forged = EapPair.AuthOfInitiator(baseline, baseline.First.Sas[0].Keys!.InitiatorAuthentication);
        TamperedConversation played = EapPair.Play(options, variant, change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.SharedKey } && seen++ == 0 ? forged : p);
        AssertNoSa(played);
        Assert.That(played.Notations[^1], Does.Contain("AUTHENTICATION_FAILED"));
    }

    [Test]
    public void KeyOfAnotherConversation_IsRefused()
    {
        TamperedConversation baseline = EapPair.Play();
        int seen = 0;
        IkeSecret[] keys = [EapPair.KeyOf(0), EapPair.KeyOf(2)];
        Assert.That(PlayWith(keys[0]).IsUp, "baseline: the key of this one");
        seen = 0;
        AssertNoSa(PlayWith(keys[1]));

        TamperedConversation PlayWith(IkeSecret key) => EapPair.Play(
            change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.SharedKey } && seen++ == 0 ? EapPair.AuthOfInitiator(baseline, key) : p);
    }

    [Test]
    public void PostQuantumKey_IsNamedInTheLastExchange()
    {
        string[] messages = [.. EapPair.Play(ConversationOptions.PostQuantumKey).Notations.Where(n => n.StartsWith("IKE_AUTH", StringComparison.Ordinal))];
        Assert.That(messages[..^2], Has.None.Contains("PPK"));
        Assert.That(messages[^2], Does.Contain("PPK_IDENTITY"));
        Assert.That(messages[^1], Does.Contain("PPK_IDENTITY"));
    }

    [Test]
    public void Childless_LeavesOutWhatMakesAChildAtBothEnds()
    {
        TamperedConversation played = EapPair.Play(ConversationOptions.Childless);
        Assert.That(played.First.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established));
        Assert.That(played.Notations.Where(n => n.StartsWith("IKE_AUTH", StringComparison.Ordinal)), Has.None.Contains("SA(").And.None.Contains("TSi("));
    }

    [Honours("RFC7296-2.19-04")]
    [Test]
    public void ConfigurationPayloads_AreInTheMessagesThatHaveTheSa()
    {
        string[] messages = [.. EapPair.Play(ConversationOptions.InnerAddresses).Notations.Where(n => n.StartsWith("IKE_AUTH", StringComparison.Ordinal))];
        Assert.That(messages[0], Does.Contain("CP(CFG_REQUEST"));
        Assert.That(messages[1..^1], Has.None.Contains("CP("));
        Assert.That(messages[^1], Does.Contain("CP(CFG_REPLY"));
    }

    private sealed class BelievesEarlySuccess : IkeRules
    {
        public override bool WaitsForEndOfEapMethod => false;
    }

    private static IkePayload Early(IkePayload payload) =>
        payload is IkePayload.Eap { Message: { Code: EapCode.Request } m } ? new IkePayload.Eap(EapMessage.End(success: true, m.Identifier)) : payload;

    private static int Requests(TamperedConversation played) => played.Notations.Count(n => n.StartsWith("IKE_AUTH request", StringComparison.Ordinal));

    private static void AssertNoSa(TamperedConversation played)
    {
        Assert.That(played.First.Sas.Concat(played.Second.Sas).Where(s => s.Phase == IkeSaPhase.Established), Is.Empty, string.Join('\n', played.Notations));
        Assert.That(played.First.Children.Concat(played.Second.Children), Is.Empty);
    }

    private static ByteString Flipped(ByteString data, int at)
    {
        byte[] bytes = data.ToArray();
        bytes[at] ^= 1;
        return ByteString.Adopt(bytes);
    }
}
