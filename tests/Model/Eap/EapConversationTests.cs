using Conformance.Spec.Eap;
using Conformance.Spec.Eap.Methods;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using NUnit.Framework;

namespace Conformance.Tests.Model.Eap;

/// <summary>Both ends of EAP: turns, bounds, hostile messages. RFC 3748 §4, §5.</summary>
public class EapConversationTests
{
    private static readonly EapAccount Account = EapAccount.Of("user", "password");
    private static readonly EapPeer Peer = new(Account.Name, [new MsChapV2Peer("user", [Account.Password])]);
    private static readonly ByteString Randomness = ByteString.Adopt(new byte[EapMethod.RandomnessBytes]);

    [Test]
    public void NotificationsWithoutEnd_AreAnsweredLongEnoughAndBounded()
    {
        EapPeerState state = new();
        int rounds = 0;
        EapPeerStep step;
        do
        {
            step = Peer.Step(state, EapMessage.Of(EapCode.Request, (byte)rounds, EapType.Notification, ByteString.Adopt([0x61])), Randomness, isUnproven: false);
            state = step.State;
            rounds++;
        }
        while (step.Progress == EapProgress.Goes);
        Assert.That(rounds, Is.EqualTo(EapPeer.MostRounds + 1));
        Assert.That(EapPeer.MostRounds, Is.GreaterThanOrEqualTo(10));
    }

    [Test]
    public void SameRequestAgain_GetsTheSameResponse()
    {
        EapMessage request = new EapServer([new MsChapV2Server("server", [Account])]).Begin(1, asksIdentity: false, Randomness).Answer;
        EapPeerStep first = Peer.Step(new(), request, Randomness, isUnproven: false);
        EapPeerStep again = Peer.Step(first.State, request, ByteString.Adopt([.. Enumerable.Repeat((byte)9, EapMethod.RandomnessBytes)]), isUnproven: false);
        Assert.That(again.Response, Is.EqualTo(first.Response));
        Assert.That(again.State with { Rounds = 1 }, Is.EqualTo(first.State));
    }

    [Test]
    public void AnotherMethodInTheMiddle_EndsIt()
    {
        EapPeer both = Peer with { Methods = Peer.Methods.Add(new Md5Peer("user", Account.Password)) };
        EapMessage request = new EapServer([new MsChapV2Server("server", [Account])]).Begin(1, asksIdentity: false, Randomness).Answer;
        EapPeerStep first = both.Step(new(), request, Randomness, isUnproven: false);
        EapMessage other = EapMessage.Of(EapCode.Request, 2, EapType.Md5Challenge, ByteString.Adopt([1, 2]));
        Assert.That(both.Step(new(), other, Randomness, isUnproven: false).Progress, Is.EqualTo(EapProgress.Goes), "baseline");
        Assert.That(both.Step(first.State, other, Randomness, isUnproven: false).Progress, Is.EqualTo(EapProgress.Failed));
    }

    [Test]
    public void RequestsAfterTheMethodIsOver_EndIt()
    {
        EapTalk talk = EapTalk.Play(Peer, new EapServer([new MsChapV2Server("server", [Account])]));
        Assert.That(talk.IsDone, talk.Reason);
        Assert.That(Peer.Step(talk.Peer, talk.Messages[0], Randomness, isUnproven: false).Progress, Is.EqualTo(EapProgress.Failed));
        Assert.That(Peer.Step(talk.Peer, EapMessage.End(success: false, 1), Randomness, isUnproven: false).Progress, Is.EqualTo(EapProgress.Failed));
    }

    [Test]
    public void SuccessAfterAFailedMethod_IsNotBelieved()
    {
        EapPeer guessing = new(Account.Name, [new MsChapV2Peer("user", [EapAccount.Of("", "guess").Password])]);
        EapTalk talk = EapTalk.Play(guessing, new EapServer([new MsChapV2Server("server", [Account])]), m => m.Code == EapCode.Failure ? EapMessage.End(success: true, m.Identifier) : m);
        Assert.That(talk.Messages[^1].Code, Is.EqualTo(EapCode.Success));
        Assert.That(talk.IsDone, Is.False);
    }

    [Test]
    public void ResponsesWithoutEnd_AreBounded()
    {
        // A server whose state says that it has heard enough.
        EapServer server = new([new MsChapV2Server("server", [Account])]);
        EapServerStep asked = server.Begin(1, asksIdentity: true, Randomness);
        EapMessage response = EapMessage.Of(EapCode.Response, 1, EapType.Identity, Account.Name);
        Assert.That(server.Step(asked.State, response, Randomness).Progress, Is.EqualTo(EapProgress.Goes), "baseline");
        Assert.That(server.Step(asked.State with { Rounds = EapServer.MostRounds }, response, Randomness).Progress, Is.EqualTo(EapProgress.Failed));
    }

    [TestCase("010700061061", TestName = "ChallengeThatIsCutOff_EndsIt")]
    [TestCase("03070008533d3030", TestName = "SuccessBeforeTheChallenge_EndsIt")]
    [TestCase("03", TestName = "AcknowledgementOfNothing_EndsIt")]
    public void OutOfTurn(string hex) => Assert.That(
        Peer.Step(new(), EapMessage.Of(EapCode.Request, 1, EapType.MsChapV2, ByteString.FromHex(hex)), Randomness, isUnproven: false).Progress, Is.EqualTo(EapProgress.Failed));

    [TestCase("E=691 R=1 C=000102030405060708090A0B0C0D0E0F V=3 M=wrong R=0", 691, true, true)]
    [TestCase("E=691 R=0 C=00 V=3 M=", 691, false, false)]
    [TestCase("E=648", 648, false, false)]
    public void Refusal_ReadsAsItsFields(string message, int error, bool mayRetry, bool hasChallenge)
    {
        MsChapV2Refusal? refusal = MsChapV2Refusal.Read(message);
        Assert.That(refusal, Is.Not.Null);
        Assert.That((refusal!.Error, refusal.MayRetry, refusal.Challenge is not null), Is.EqualTo((error, mayRetry, hasChallenge)));
    }

    [Test]
    public void RefusalWithoutAnError_IsNone() => Assert.That(MsChapV2Refusal.Read("R=1 C=00"), Is.Null);

    [Test]
    public void Md5_GivesNoKey()
    {
        EapTalk talk = EapTalk.Play(new Md5Peer("user", Account.Password), new Md5Server("server", [Account]));
        Assert.That(talk.IsDone, talk.Reason);
        Assert.That(talk.Peer.Key.Length + talk.Server.Key.Length, Is.Zero);
        Assert.That(EapTalk.Play(new Md5Peer("user", EapAccount.Of("", "guess").Password), new Md5Server("server", [Account])).IsDone, Is.False);
    }
}
