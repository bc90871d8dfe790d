using System.Text;
using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>The target as initiator against a responder that asks, refuses, or lies. RFC 7296 §1.2, §2.6, §2.7, §2.21.</summary>
[Needs(Capabilities.IkeInitiator)]
public class InitiatorTests : IkeTest
{
    [Requirement("RFC7296-2.6-08", "RFC7296-2.6-10")]
    [Test]
    public void Cookie_SentBackWithTheSameRequest()
    {
        IkeSession session = Start(new IkeScenario());
        IkeArrival first = session.AskOnly(new IkeRequest.Initiate())[0];
        IReadOnlyList<IkeArrival> again = session.AnswerInClear(first, new IkePayload.Notify(NotifyType.Cookie, ByteString.FromHex("c0ffee")));
        session.Require(again is [{ } second] && second.Notify(NotifyType.Cookie)?.Data == ByteString.FromHex("c0ffee"), "RFC7296-2.6-08", $"the cookie does not come back: {(again.Count == 0 ? "nothing" : again[0].ToString())}");
        session.Require(again[0].Payloads!.Value.Skip(1).SequenceEqual(first.Payloads!.Value), "RFC7296-2.6-10", $"another request than before: {again[0]}");
    }

    [Requirement("RFC7296-2.6-11")]
    [TestCase(0)]
    [TestCase(65)]
    public void CookieOfWrongLength_NotSentBack(int bytes)
    {
        IkeSession session = Start(new IkeScenario());
        IkeArrival first = session.AskOnly(new IkeRequest.Initiate())[0];
        IReadOnlyList<IkeArrival> again = session.AnswerInClear(first, new IkePayload.Notify(NotifyType.Cookie, ByteString.Adopt(new byte[bytes])), isAwaited: false);
        session.Require(again.All(a => a.Notify(NotifyType.Cookie) is null), null, $"a cookie of {bytes} octets is sent back");
    }

    [Requirement("RFC7296-2.6-05")]
    [Test]
    public void CookieWithAResponderSpi_SentBack()
    {
        IkeSession session = Start(new IkeScenario());
        IkeArrival first = session.AskOnly(new IkeRequest.Initiate())[0];
        IReadOnlyList<IkeArrival> again = session.AnswerInClear(first, new IkePayload.Notify(NotifyType.Cookie, ByteString.FromHex("c0ffee")), new IkeSpi(7));
        session.Require(again.Any(a => a.Notify(NotifyType.Cookie) is not null), null, "the cookie does not come back");
    }

    [Requirement("RFC7296-1.2-16", "RFC7296-1.2-17")]
    [Test]
    public void InvalidKePayload_TriedAgainWithThatGroup()
    {
        IkeSession session = Start(TwoGroups);
        IkeArrival first = session.AskOnly(new IkeRequest.Initiate())[0];
        IReadOnlyList<IkeArrival> again = session.AnswerInClear(first, new IkePayload.Notify(NotifyType.InvalidKePayload, ByteString.FromHex("0013")));
        session.Require(again is [{ } second] && second.Find<IkePayload.KeyExchange>()?.Method == KeyExchangeMethod.Ecp256, "RFC7296-1.2-16", "KE of group 19 is due");
        session.Require(again[0].Find<IkePayload.SecurityAssociation>() == first.Find<IkePayload.SecurityAssociation>(), "RFC7296-1.2-17", "another offer than before");
    }

    [Requirement("RFC7296-2.6.1-01")]
    [Test]
    public void CookieThenInvalidKePayload_CookieGoesAlong()
    {
        IkeSession session = Start(TwoGroups);
        IkeArrival first = session.AskOnly(new IkeRequest.Initiate())[0];
        session.AnswerInClear(first, new IkePayload.Notify(NotifyType.Cookie, ByteString.FromHex("c0ffee")));
        IReadOnlyList<IkeArrival> again = session.AnswerInClear(first, new IkePayload.Notify(NotifyType.InvalidKePayload, ByteString.FromHex("0013")));
        session.Require(again is [{ } third] && third.Notify(NotifyType.Cookie)?.Data == ByteString.FromHex("c0ffee"), null, "the cookie does not go along with the other group");
    }

    [Requirement("RFC7296-1.2-18")]
    [Test]
    public void InvalidKePayloadWithAForeignGroup_NotFollowed()
    {
        IkeSession session = Start(TwoGroups);
        IkeArrival first = session.AskOnly(new IkeRequest.Initiate())[0];
        IReadOnlyList<IkeArrival> again = session.AnswerInClear(first, new IkePayload.Notify(NotifyType.InvalidKePayload, ByteString.FromHex("0002")), isAwaited: false);
        session.Require(again.All(a => a.Find<IkePayload.KeyExchange>()?.Method != KeyExchangeMethod.Modp1024), null, "the target follows to a group that it did not offer");
    }

    [Requirement("RFC7296-2.21.1-02")]
    [Needs(Capabilities.VirtualClock)]
    [Test]
    public void UnauthenticatedError_DoesNotEndTheAttempt()
    {
        IkeSession session = Start(new IkeScenario());
        IkeArrival first = session.AskOnly(new IkeRequest.Initiate())[0];
        session.AnswerInClear(first, new IkePayload.Notify(NotifyType.NoProposalChosen), isAwaited: false);
        IReadOnlyList<IkeArrival> later = session.AdvanceClock(TimeSpan.FromSeconds(30));
        session.Require(later.Any(a => a.Bytes == first.Bytes), null, "the attempt has ended");
    }

    [Requirement("RFC7296-1.2-14")]
    [TestCase(false)]
    [TestCase(true)]
    public void ResponderWithWrongProof_NotTaken(bool isOtherIdentity)
    {
        IkeSession session = Start(new IkeScenario
        {
            ForPeer = c => isOtherIdentity ? c with { OwnIdentity = Identity.Fqdn("somebody.example") } : c,
        });
        session.Alter = m => !isOtherIdentity && m.IsResponse && m.Has("Authentication") ? m.With("Authentication/data", ByteString.Adopt(new byte[32])) : m;
        session.Ask(new IkeRequest.Initiate());
        RequireNotTaken(session);
    }

    internal static void RequireNotTaken(IkeSession session, string? clause = null)
    {
        bool isTold = session.Arrivals.Any(a => a.Notify(NotifyType.AuthenticationFailed) is not null || a.Payloads?.Any(p => p is IkePayload.Delete { Protocol: ProtocolId.Ike }) == true);
        session.Require(isTold || session.Peer.Children.IsEmpty || session.SendsOn(session.Child) is null, clause, "the target uses a child of one who did not prove his identity");
    }

    [Requirement("RFC7296-2.7-09", "RFC7296-3.3.6-02")]
    [TestCase("RFC7296-2.7-09", "SecurityAssociation/Proposal/Transform/Attribute/value", 256)]
    [TestCase("RFC7296-3.3.6-02", "SecurityAssociation/Proposal/number", 5)]
    public void ChoiceThatWasNotOffered_NoIkeSa(string clause, string field, int value)
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.Is(ExchangeType.IkeSaInit, true) ? m.With(field, (ulong)value) : m;
        session.Ask(new IkeRequest.Initiate());
        session.Require(session.Arrivals.All(a => a.Exchange != ExchangeType.IkeAuth), clause, "IKE_AUTH follows a choice that was not offered");
    }

    [Requirement("RFC7296-2.9-17")]
    [Test]
    public void SelectorsBeyondTheOffer_NoChild()
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.Is(ExchangeType.IkeAuth, true) ? m.With("TrafficSelectorResponder/Selector/last address", ByteString.FromHex("cb0071ff")) : m;
        session.Ask(new IkeRequest.Initiate(), () => session.Peer.ChildrenMade > 0);
        session.Require(session.Peer.Children.IsEmpty || session.SendsOn(session.Child) is null, null, "the target uses a child with selectors that it did not offer");
    }

    [Requirement("RFC7296-2.21-01", "RFC7296-2.21.3-02")]
    [TestCase("RFC7296-2.21-01")]
    [TestCase("RFC7296-2.21.3-02")]
    public void MalformedResponse_NotAnswered(string clause)
    {
        IkeSession session = Established();
        session.Focus = clause;
        IkeArrival request = session.AskSomethingOnly()[0];
        EditableMessage response = session.Message(session.Sa, request.Exchange, isResponse: true, request.MessageId, new IkePayload.Notify((NotifyType)40000)).With("Notify/SPI size", 99);
        IReadOnlyList<IkeArrival> more = session.Send(session.Write(response), "a malformed response");
        session.Require(more.All(a => a.ErrorNotify is null), clause, $"answered by {(more.Count == 0 ? "nothing" : more[0].ToString())}");
    }

    [Requirement("RFC7296-2.2-10")]
    [Needs(Capabilities.VirtualClock)]
    [Test]
    public void ResponseWithAnotherMessageId_Dropped()
    {
        IkeSession session = Established();
        IkeArrival request = session.AskOnly(new IkeRequest.DeleteChild(session.Child.Outbound))[0];
        session.Send(session.Write(session.Message(session.Sa, ExchangeType.Informational, isResponse: true, request.MessageId + 1)), "a response to the next request");
        session.Require(session.AdvanceClock(TimeSpan.FromSeconds(10)).Any(a => a.Bytes == request.Bytes), null, "the request is taken for answered");
    }

    private static IkeScenario TwoGroups => new()
    {
        Suites = [new([.. IkeScenario.Gcm, Transform.Of(KeyExchangeMethod.Ecp256)])],
    };
}
