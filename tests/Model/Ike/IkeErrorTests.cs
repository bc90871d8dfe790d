using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Errors in protected messages: what they end, and what they leave alone. RFC 7296 §2.21, §3.10.1.</summary>
public class IkeErrorTests
{
    private static readonly IkePayload Strange = new IkePayload.Unknown((PayloadType)200, true, ByteString.Empty);

    [Honours("RFC7296-1.3-09", "RFC7296-2.21.3-01", "RFC7296-2.21.3-03", "RFC7296-3.10.1-05")]
    [TestCase(PayloadType.SecurityAssociation)]
    [TestCase(PayloadType.Nonce)]
    [TestCase(PayloadType.TrafficSelectorInitiator)]
    [TestCase(PayloadType.TrafficSelectorResponder)]
    public void RequestThatLacksAPayload_EndsTheIkeSaAtBothSides(PayloadType missing)
    {
        TamperedConversation played = Played();
        Assert.That(played.IsUp, "baseline");
        played.Do(0, new IkeCommand.CreateChild(0, 1), ExchangeType.CreateChildSa, p => p.Type == missing ? EapPair.Nothing : p);
        Assert.That(played.Notations[^1], Does.EndWith("SK {N(INVALID_SYNTAX)}"));
        Assert.That(played.First.Sas, Is.Empty);
        Assert.That(played.Second.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Closed));
        Assert.That(played.First.Children.Count + played.Second.Children.Count, Is.Zero);
    }

    [Honours("RFC7296-2.21.2-04", "RFC7296-2.21.2-05")]
    [Test]
    public void AuthenticationWithoutSelectors_IsRefusedWhole()
    {
        TamperedConversation played = TamperedConversation.Play(Side(0), Side(1), change: p => p is IkePayload.TrafficSelectors { OfInitiator: false } ? EapPair.Nothing : p);
        Assert.That(played.Notations[^1], Does.EndWith("SK {N(INVALID_SYNTAX)}"));
        Assert.That(played.First.Sas, Is.Empty);
        Assert.That(played.Second.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Closed));
    }

    [Honours("RFC7296-2.5-13", "RFC7296-2.5-14", "RFC7296-2.5-15", "RFC7296-2.21.2-08")]
    [Test]
    public void CriticalPayloadInAuthentication_EndsTheAttempt()
    {
        TamperedConversation played = TamperedConversation.Play(Side(0), Side(1), change: p => p, extra: Strange);
        Assert.That(played.Notations[^1], Does.Contain("N(UNSUPPORTED_CRITICAL_PAYLOAD, 0xc8)"));
        Assert.That(played.First.Sas, Is.Empty);
        Assert.That(played.Second.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Closed), "and is not half open for another try");
    }

    [Honours("RFC7296-2.5-13")]
    [TestCase(true, "N(UNSUPPORTED_CRITICAL_PAYLOAD, 0xc8)", TestName = "CriticalPayloadBeforeTheEncryptedOne_IsRefused")]
    [TestCase(false, "SK {}", TestName = "OtherPayloadBeforeTheEncryptedOne_IsPassedOver")]
    public void PayloadInClear(bool isCritical, string answer)
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkeSa sa = pair.Second.Sas[0];
        int padding = pair.Cryptography.LeastPaddingBytes(sa.Suite!, 0);
        ByteString room = ByteString.Adopt(new byte[pair.Cryptography.SealedBytes(sa.Suite!, 0, padding)]);
        IkeHeader header = new() { InitiatorSpi = sa.InitiatorSpi, ResponderSpi = sa.ResponderSpi, ExchangeType = ExchangeType.Informational, IsFromInitiator = true, IsResponse = false, MessageId = new(sa.NextExpected) };
        byte[] bytes = new IkeMessage(header, [new IkePayload.Unknown((PayloadType)200, isCritical, ByteString.Empty), new IkePayload.Encrypted(PayloadType.None, room)]).ToBytes();
        ByteString associated = new(bytes.AsSpan(0, bytes.Length - room.Length));
        pair.Cryptography.Seal(sa.Suite!, sa.InboundKeys!, associated, ByteString.Empty, ByteString.Adopt(new byte[sa.Suite!.IvBytes]), ByteString.Adopt(new byte[padding])).Span.CopyTo(bytes.AsSpan(associated.Length));
        pair.Do(1, new IkeEvent.Received(ByteString.Adopt(bytes), sa.Peer, sa.Own));
        Assert.That(pair.Sent[^1], Does.Contain(answer));
        Assert.That(pair.Second.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established));
    }

    [Honours("RFC7296-2.21-01", "RFC7296-2.21-03", "RFC7296-2.21.3-02")]
    [Test]
    public void ResponseThatCannotBeRead_ClosesTheIkeSaByDelete()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        CraftedMessage.Answer(pair, new IkeCommand.Probe(0), PayloadType.Nonce, ByteString.FromHex("00000005aa"));
        Assert.That(pair.Sent[^1], Is.EqualTo("INFORMATIONAL request 3: SK {D(IKE)}"));
        pair.DeliverAll();
        Assert.That(pair.First.Sas, Is.Empty);
    }

    [Honours("RFC7296-3.10.1-01")]
    [TestCase(8000, 1, TestName = "UnknownErrorBesideAnAnswer_FailsTheRequest")]
    [TestCase(40000, 2, TestName = "UnknownStatusBesideAnAnswer_IsPassedOver")]
    public void UnknownNotification(int type, int children)
    {
        TamperedConversation played = Played();
        played.Do(0, new IkeCommand.CreateChild(0, 1), ExchangeType.CreateChildSa, p => p, new IkePayload.Notify((NotifyType)type), isOnlyAnswers: true);
        Assert.That(played.First.Children, Has.Count.EqualTo(children));
        Assert.That(played.First.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established));
    }

    [Honours("RFC7296-3.10.1-02", "RFC7296-3.10.1-03")]
    [TestCase(8000)]
    [TestCase(40000)]
    public void UnknownNotificationInARequest_IsPassedOver(int type)
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        CraftedMessage.Ask(pair, ExchangeType.Informational, new IkePayload.Notify((NotifyType)type));
        Assert.That(pair.Sent[^1], Does.EndWith("SK {}"));
        Assert.That(pair.Second.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established));
    }

    [Honours("RFC7296-2.21.2-03", "RFC7296-2.21.2-08")]
    [TestCase(NotifyType.AuthenticationFailed, 0, true)]
    [TestCase(NotifyType.InvalidSyntax, 0, true)]
    [TestCase(NotifyType.UnsupportedCriticalPayload, 0, true)]
    [TestCase(NotifyType.TsUnacceptable, 0, false)]
    [TestCase(NotifyType.AuthenticationFailed, 1, false)]
    [TestCase(NotifyType.InvalidSyntax, 1, false)]
    public void ErrorInTheNextExchange_EndsTheIkeSa_OnlyRightAfterAuthentication(NotifyType type, int exchangesBetween, bool ends)
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        for (int i = 0; i < exchangesBetween; i++)
        {
            CraftedMessage.Ask(pair, ExchangeType.Informational);
        }

        CraftedMessage.Ask(pair, ExchangeType.Informational, new IkePayload.Notify(type));
        Assert.That(pair.Sent[^1], Does.EndWith("SK {}"));
        Assert.That(pair.Second.Sas[0].Phase, Is.EqualTo(ends ? IkeSaPhase.Closed : IkeSaPhase.Established));
    }

    [Honours("RFC7296-2.21-02", "RFC7296-2.7-09", "RFC7296-3.3.6-02", "RFC7296-3.3.6-03")]
    [Test]
    public void AnswerThatWasNotOffered_MakesNothingAndIsClosed()
    {
        TamperedConversation played = Played();
        played.Do(0, new IkeCommand.CreateChild(0, 1), ExchangeType.CreateChildSa, p => p is IkePayload.SecurityAssociation s
            ? new IkePayload.SecurityAssociation([new Proposal(1, ProtocolId.Esp, s.Proposals[0].Spi, [Transform.Of(EncryptionTransform.AesGcm16, 256), Transform.Of(SequenceNumbersTransform.Sequential32)])])
            : p, isOnlyAnswers: true);
        Assert.That(played.Notations, Has.Some.StartsWith("INFORMATIONAL request").And.Contains("D(ESP"));
        Assert.That(played.IsUp, "the first Child SA stays, the other is gone at both sides");
    }

    [Honours("RFC7296-2.25-07", "RFC7296-2.25-08")]
    [Test]
    public void ChildSaThatThePeerDoesNotKnow_IsDroppedAndMadeAnew()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([IkePayload.Notify.About(NotifyType.ChildSaNotFound, ProtocolId.Esp, pair.First.Children[0].Inbound)]);
        CraftedMessage.Answer(pair, new IkeCommand.RekeyChild(0), first, ByteString.Adopt(content));
        Assert.That(pair.First.Children, Is.Empty);
        Assert.That(pair.Sent[^1], Does.StartWith("CREATE_CHILD_SA request").And.Not.Contains("REKEY_SA"));
    }

    private static IkeConfiguration Side(int side) => side == 0
        ? ExplorationPair.Configuration("first", "second", 1, 2, 0)
        : ExplorationPair.Configuration("second", "first", 2, 1, 0);

    private static TamperedConversation Played() => TamperedConversation.Play(Side(0), Side(1));
}
