using Conformance.Generators.Ike;
using Conformance.Spec.Eap;
using Conformance.Spec.Eap.Methods;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>EAP without an own AUTH of the responder. RFC 5998.</summary>
public class EapOnlyTests
{
    private const int Only = 2;

    [Test]
    public void BothWilling_NoAuthBeforeEap()
    {
        TamperedConversation played = EapPair.Play(ConversationOptions.EapTls, Only);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        string[] messages = [.. played.Notations.Where(n => n.StartsWith("IKE_AUTH", StringComparison.Ordinal))];
        Assert.That(messages[0], Does.Contain("N(EAP_ONLY_AUTHENTICATION)"), "no data, no SPI");
        Assert.That(messages[1], Does.Contain("EAP Request").And.Not.Contain("AUTH(").And.Not.Contain("CERT("));
        Assert.That(messages[^1], Does.Contain("AUTH("));
    }

    [Test]
    public void ResponderThatDoesNotWant_SendsAuth()
    {
        TamperedConversation played = EapPair.Play(ConversationOptions.EapTls, Only, second: c => c with { Trust = (Trust.Eap)c.Trust! with { AllowsOnly = false } });
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.Some.Contains("AUTH(ECDSA").And.Some.Contains("EAP_ONLY_AUTHENTICATION"));
    }

    [Test]
    public void InitiatorThatDidNotOffer_TakesNoResponderWithoutAuth()
    {
        TamperedConversation played = EapPair.Play(ConversationOptions.EapTls, change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.EcdsaP256 } ? EapPair.Nothing : p);
        AssertEndsAtOnce(played);
    }

    [Test]
    public void AuthThatIsThereAllTheSame_IsChecked()
    {
        TamperedConversation played = EapPair.Play(
            ConversationOptions.EapTls, Only, p => p is IkePayload.Authentication { Method: AuthenticationMethod.EcdsaP256 } a ? a with { Data = ByteString.Adopt(new byte[90]) } : p,
            second: c => c with { Trust = (Trust.Eap)c.Trust! with { AllowsOnly = false } });
        AssertEndsAtOnce(played);
    }

    [Test]
    public void MethodThatIsNotSafe_EndsTheAttemptAtOnce()
    {
        // The method would do beside a signature.
        ValueList<EapAccount> accounts = [EapAccount.Of("first", "clientPass")];
        EapMethod weak = new MsChapV2Peer("first", [accounts[0].Password]);
        Assert.That(EapPair.Play(ConversationOptions.EapTls, Only, first: c => EapPair.With(c, weak), second: c => EapPair.With(c, new MsChapV2Server("second", accounts))).IsUp, "baseline");
        TamperedConversation played = EapPair.Play(
            ConversationOptions.EapTls, Only, p => p is IkePayload.Authentication { Method: AuthenticationMethod.EcdsaP256 } ? EapPair.Nothing : p,
            first: c => EapPair.With(c, weak), second: c => EapPair.With(c, new MsChapV2Server("second", accounts)));
        AssertEndsAtOnce(played);
    }

    [Test]
    public void ResponderAlone_OffersOnlySafeMethods()
    {
        EapMethod tls = ((Trust.Eap)EapPair.Sides(ConversationOptions.EapTls, Only).Second.Trust!).Server.Methods[0];
        TamperedConversation played = EapPair.Play(ConversationOptions.EapTls, Only, second: c => EapPair.With(c, new Md5Server("second", []), tls));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.None.Contains(Iana.NameOf(EapType.Md5Challenge)));
    }

    [Test]
    public void AnotherIdentity_IsRefused()
    {
        TamperedConversation played = EapPair.Play(ConversationOptions.EapTls, Only, second: c => c with { OwnIdentity = Identity.Fqdn("third.example") });
        AssertEndsAtOnce(played);
    }

    private static void AssertEndsAtOnce(TamperedConversation played)
    {
        Assert.That(played.Notations.Count(n => n.StartsWith("IKE_AUTH request", StringComparison.Ordinal)), Is.EqualTo(1), string.Join('\n', played.Notations));
        Assert.That(played.First.Sas, Is.Empty);
        Assert.That(played.Second.Sas.Where(s => s.Phase == IkeSaPhase.Established), Is.Empty);
    }
}
