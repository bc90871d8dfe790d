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

/// <summary>IKE_AUTH at its responder: who is refused, how it is told, and what becomes of the child. RFC 7296 §1.2, §2.15, §2.21.2, §2.9.</summary>
[Needs(Capabilities.IkeResponder)]
public class AuthenticationTests : IkeTest
{
    private static readonly Credentials Wrong = new Credentials.SharedSecret(new IkeSecret(Encoding.ASCII.GetBytes("another secret")));

    private static TrafficSelector Foreign => new TrafficSelector.Range(0, 0, ushort.MaxValue, IpAddress.Parse("10.77.0.0"), IpAddress.Parse("10.77.0.255"));

    [Requirement("RFC7296-1.2-13", "RFC7296-2.21.2-01")]
    [Test]
    public void WrongSecret_AuthenticationFailed() => RequireFailed(new IkeScenario { ForPeer = c => c with { Credentials = Wrong } }, null, "RFC7296-1.2-13");

    [Requirement("RFC7296-1.2-15")]
    [Test]
    public void RightSecretOfAnotherIdentity_AuthenticationFailed() =>
        RequireFailed(new IkeScenario { ForPeer = c => c with { OwnIdentity = Identity.Fqdn("somebody.example") } }, null, "RFC7296-1.2-15");

    [Requirement("RFC7296-3.8-07", "RFC7296-2.15-06", "RFC7296-2.15-16")]
    [TestCase("RFC7296-3.8-07")]
    [TestCase("RFC7296-2.15-06")]
    [TestCase("RFC7296-2.15-16")]
    public void AuthThatIsNotDue_AuthenticationFailed(string clause) => RequireFailed(
        new IkeScenario(),
        m => !m.Has("Authentication") ? m : clause switch
        {
            "RFC7296-3.8-07" => m.With("Authentication/data", ((RawData)m.Tree["Authentication/data"]).Bytes.Slice(..16)),
            "RFC7296-2.15-06" => m.With("Authentication/data", ByteString.Adopt(new byte[32])),
            _ => m.With("Authentication/method", 13),
        },
        clause);

    [Requirement("RFC7296-1.2-10")]
    [TestCase("Authentication")]
    [TestCase("IdentificationInitiator")]
    public void ProofMissing_NotAuthenticated(string payload)
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.Is(ExchangeType.IkeAuth) ? m.Without(payload) : m;
        session.DoAsFarAsItGoes(new IkeCommand.Initiate());
        session.Require(session.Newcomer() is not null, null, "the target answers nobody");
        session.Require(
            session.Arrivals.All(a => a.Exchange == ExchangeType.IkeSaInit || (a.Find<IkePayload.SecurityAssociation>() is null && a.Find<IkePayload.Authentication>() is null)),
            "RFC7296-1.2-10", $"taken for authenticated: {session.Arrivals[^1]}");
    }

    [Requirement("RFC7296-2.21.2-02", "RFC7296-3.10.1-08")]
    [Test]
    public void RefusedIdentity_IsToldUnderProtection()
    {
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { Credentials = Wrong } });
        session.Do(new IkeCommand.Initiate());
        session.Require(Answered(session).IsSealed, "RFC7296-2.21.2-02", $"in clear: {Answered(session)}");
    }

    [Requirement("RFC7296-1.2-20")]
    [Test]
    public void RefusedIdentity_NoIkeSa()
    {
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { Credentials = Wrong } });
        session.Do(new IkeCommand.Initiate());
        IkeSa half = session.IkeAssociations[^1];
        IkeArrival? answer = session.Offer(session.Message(half, ExchangeType.Informational, isResponse: false, 2), "a request over an IKE SA that never came to be");
        session.Require(answer is null || !answer.IsSealed, "RFC7296-1.2-20", $"answered over it: {answer}");
    }

    [Requirement("RFC7296-1.2-19", "RFC7296-2.9-06")]
    [Test]
    public void ForeignSelectors_NoChildButAnIkeSa()
    {
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { Children = new([.. c.Children.Select(k => k with { Own = [Foreign] })]) } });
        session.Do(new IkeCommand.Initiate());
        session.Require(session.Arrivals[^1].Notify(NotifyType.TsUnacceptable) is not null, "RFC7296-2.9-06", $"TS_UNACCEPTABLE is due: {session.Arrivals[^1]}");
        session.Require(session.IsAlive(), "RFC7296-1.2-19", "the IKE SA is gone with the child");
    }

    [Requirement("RFC7296-5.1-01")]
    [Test]
    public void SelectorsOfOthers_NotGiven()
    {
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { Children = new([.. c.Children.Select(k => k with { Own = [Foreign] })]) } });
        session.Do(new IkeCommand.Initiate());
        session.Require(Answered(session).Find<IkePayload.TrafficSelectors>() is null, null, $"a child for addresses that are not the peer's: {Answered(session)}");
    }

    [Requirement("RFC7296-3.5-08")]
    [TestCase(256)]
    [TestCase(4000)]
    public void LongIdentity_RefusedAndNoHarm(int bytes)
    {
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { OwnIdentity = Identity.KeyId(ByteString.Adopt(new byte[bytes])) } });
        session.Do(new IkeCommand.Initiate());
        session.Require(Answered(session).Find<IkePayload.Authentication>() is null && session.Newcomer() is not null, null, "a long identity does harm");
    }

    [Requirement("RFC7296-2.21.2-06")]
    [Test]
    public void ForeignSuiteOfAChild_NoChildButAnIkeSa()
    {
        ValueList<Transform> other = [Transform.Of(EncryptionTransform.ChaCha20Poly1305), Transform.Of(SequenceNumbersTransform.Sequential32)];
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { Children = new([.. c.Children.Select(k => k with { Offers = [other] })]) } });
        session.Do(new IkeCommand.Initiate());
        session.Require(session.Arrivals[^1].Notify(NotifyType.NoProposalChosen) is not null, null, $"NO_PROPOSAL_CHOSEN is due: {session.Arrivals[^1]}");
        session.Require(session.IsAlive(), null, "the IKE SA is gone with the child");
    }

    [Requirement("RFC7296-2.9-08", "RFC7296-2.9-04", "RFC7296-2.9-16")]
    [Test]
    public void BroadSelectors_NarrowedToThoseAllowedWithTheFirst()
    {
        TrafficSelector all = TrafficSelector.Range.All(isIpv6: false);
        IkeScenario scenario = new();
        TrafficSelector first = TrafficSelector.Range.Host(scenario.Ends.Protected);
        TrafficSelector unknown = new TrafficSelector.Other((TrafficSelectorType)200, 0, ByteString.FromHex("0011223344556677"));
        IkeSession session = Start(scenario with { ForPeer = c => c with { Children = [c.Children[0] with { Own = [all], Peer = [first, unknown, all] }] } });
        session.Establish("RFC7296-2.9-04");
        IkePayload.TrafficSelectors chosen = session.Arrivals[^1].Payloads!.Value.OfType<IkePayload.TrafficSelectors>().First(t => !t.OfInitiator);
        session.Require(chosen.Selectors.All(s => s is TrafficSelector.Range), "RFC7296-2.9-04", $"a selector of unknown type is sent back: {chosen}");
        session.Require(
            chosen.Selectors.OfType<TrafficSelector.Range>().Any(r => r.FirstAddress.Value <= scenario.Ends.Protected.Value && scenario.Ends.Protected.Value <= r.LastAddress.Value),
            "RFC7296-2.9-08", $"the first selector is not in {chosen}");
        session.Require(session.Delivers(session.Child), "RFC7296-2.9-16", "what the selectors allow is not delivered");
        session.Require(!session.DeliversBetween(session.Child, IpAddress.Parse("10.9.9.9"), scenario.Ends.Protected), "RFC7296-2.9-16", "what the selectors do not allow is delivered");
    }

    [Requirement("RFC7296-1.3.1-05")]
    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    public void TransportMode_OnlyWhereBothWant(bool peerWants, bool targetWants)
    {
        IkeSession session = Start(new IkeScenario
        {
            IsTransport = true,
            ForPeer = c => c with { Children = new([.. c.Children.Select(k => k with { IsTransport = peerWants })]) },
            ForTarget = c => c with { Children = new([.. c.Children.Select(k => k with { IsTransport = targetWants })]) },
        });
        session.Establish();
        session.Require(session.Child.IsTransport == (peerWants && targetWants), "RFC7296-1.3.1-05", $"transport mode {session.Child.IsTransport}");
        session.Require(session.DeliversBetween(session.Child, session.Conversation.Ends.Peer, session.Conversation.Ends.Target), "RFC7296-1.3.1-05", "a packet in the mode that was agreed is not delivered");
    }

    [Requirement("RFC7296-1-02", "RFC7296-1.4-01")]
    [TestCase(ExchangeType.CreateChildSa, "RFC7296-1-02")]
    [TestCase(ExchangeType.Informational, "RFC7296-1.4-01")]
    public void OtherExchangeBeforeAuthentication_ChangesNothing(ExchangeType exchange, string clause)
    {
        IkeSession session = Start(new IkeScenario());
        session.TakeOnly(session.DoOnly(new IkeCommand.Initiate())[0]);
        EditableMessage request = exchange == ExchangeType.Informational
            ? session.Message(session.Sa, exchange, isResponse: false, 1, IkePayload.Delete.IkeSa)
            : session.Message(session.Sa, exchange, isResponse: false, 1, new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x1234567), [.. IkeScenario.EspGcm])]), new IkePayload.Nonce(ByteString.Adopt(new byte[32])),
                new IkePayload.TrafficSelectors(true, session.Configuration.Children[0].Own), new IkePayload.TrafficSelectors(false, session.Configuration.Children[0].Peer));
        int before = session.Arrivals.Count;
        session.Send(session.Write(request), $"{Iana.NameOf(exchange)} before IKE_AUTH");
        IkeArrival? answer = session.Arrivals.Skip(before).FirstOrDefault();
        session.Require(answer is null || answer.ErrorNotify is not null, clause, $"answered by {answer}");
    }

    [Requirement("RFC7296-2.21.2-04", "RFC7296-2.21.2-05")]
    [Test]
    public void MalformedPayloadInside_InvalidSyntaxAlone()
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.Has("TrafficSelectorInitiator") ? m.With("TrafficSelectorInitiator/number of selectors", 5) : m;
        session.Do(new IkeCommand.Initiate());
        IkeArrival answer = Answered(session);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null, "RFC7296-2.21.2-04", $"not rejected: {answer}");
        session.Require(answer.Payloads is [IkePayload.Notify { Notification: NotifyType.InvalidSyntax }], "RFC7296-2.21.2-05", $"INVALID_SYNTAX alone is due: {answer}");
    }

    [Requirement("RFC7296-2.15-03")]
    [Test]
    public void UnknownPayloadInFirstRequest_IsCoveredByAuth()
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.Is(ExchangeType.IkeSaInit) ? m.With(new IkePayload.Unknown((PayloadType)201, isCritical: false, ByteString.FromHex("0badcafe"))) : m;
        session.Establish("RFC7296-2.15-03");
    }

    private static IkeArrival Answered(IkeSession session) => session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);

    private void RequireFailed(IkeScenario scenario, Func<EditableMessage, EditableMessage>? change, string clause)
    {
        (IkeSession session, IkeArrival answer) = RequireNotAuthenticated(scenario, change, clause);
        session.Require(answer.Notify(NotifyType.AuthenticationFailed) is not null, "RFC7296-2.21.2-01", $"AUTHENTICATION_FAILED is due: {answer}");
    }

    private (IkeSession Session, IkeArrival Answer) RequireNotAuthenticated(IkeScenario scenario, Func<EditableMessage, EditableMessage>? change, string clause)
    {
        IkeSession session = Start(scenario);
        session.Alter = change;
        session.Do(new IkeCommand.Initiate(), clause);
        IkeArrival answer = Answered(session);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null && answer.Find<IkePayload.Authentication>() is null, clause, $"taken for authenticated: {answer}");
        return (session, answer);
    }
}
