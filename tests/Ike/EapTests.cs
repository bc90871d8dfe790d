using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>EAP-MSCHAPv2 inside IKE_AUTH, the target as gateway and as client. RFC 7296 §2.16, §3.16.</summary>
[Needs(Capabilities.IkeEap | Capabilities.IkeCertificates)]
public class EapTests : IkeTest
{
    private static readonly RealCryptography Real = new();

    private static IkeScenario Gateway => new IkeScenario().WithEap(targetIsGateway: true);

    private static IkeScenario Client => new IkeScenario().WithEap(targetIsGateway: false);

    [Requirement("RFC7296-2.16-01", "RFC7296-2.16-05", "RFC7296-2.16-07", "RFC7296-2.16-12", "RFC7296-2.16-15")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RightPassword_IkeSaAndChild()
    {
        IkeSession session = Start(Gateway);
        session.Do(new IkeCommand.Initiate(), "RFC7296-2.16-05");
        IkeArrival[] answers = [.. session.Arrivals.Where(a => a.Exchange == ExchangeType.IkeAuth)];
        session.Require(answers[0].Find<IkePayload.Eap>() is not null && answers[0].Find<IkePayload.Identification>() is not null, "RFC7296-2.16-05", $"IDr and EAP are due: {answers[0]}");
        session.Require(answers[0].Find<IkePayload.Authentication>() is { Method: not AuthenticationMethod.SharedKey }, "RFC7296-2.16-01", $"AUTH by a signature is due: {answers[0]}");
        IkeArrival? success = answers.FirstOrDefault(a => a.Find<IkePayload.Eap>()?.Message.Code == EapCode.Success);
        session.Require(success is not null && success.Find<IkePayload.Authentication>() is null, "RFC7296-2.16-12", $"EAP Success, and no AUTH beside it, is due: {success?.ToString() ?? "none"}");
        session.Require(session.Peer.Sas.Any(s => s.Phase == IkeSaPhase.Established) && session.Peer.Children.Count > 0, "RFC7296-2.16-15", $"no IKE SA, or no child: {string.Join("; ", session.Reports)}");
        session.ExpectTraffic(session.Child);
    }

    [Requirement("RFC7296-2.16-13")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void WrongPassword_EapFailureAndNoIkeSa()
    {
        IkeSession session = Start(new IkeScenario().WithEap(targetIsGateway: true, password: "guess"));
        session.Do(new IkeCommand.Initiate());
        session.Require(session.Arrivals.All(a => a.Find<IkePayload.SecurityAssociation>() is null || a.Exchange != ExchangeType.IkeAuth), null, "a child for who does not know the password");
        session.Require(session.Arrivals.Any(a => a.Find<IkePayload.Eap>()?.Message.Code == EapCode.Failure), null, $"EAP Failure is due: {session.Arrivals[^1]}");
    }

    [Requirement("RFC7296-3.16-01", "RFC7296-3.16-08")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC7296-3.16-01")]
    [TestCase("RFC7296-3.16-08")]
    public void EapOutOfPlace_NotTaken(string clause)
    {
        IkeSession session = Start(Gateway);
        session.Alter = m => !m.Has("Eap") || m.IsResponse ? m : clause == "RFC7296-3.16-01" ? m.With("Eap/identifier", i => (i + 1) & 0xff) : m.With("Eap/code", (ulong)EapCode.Request);
        Exchange(session);
        session.Require(session.Arrivals.All(a => a.Find<IkePayload.Eap>()?.Message.Code != EapCode.Success), clause, "EAP goes on to Success");
        session.Require(session.Newcomer() is not null, clause, "nobody is answered any more");
    }

    [Requirement("RFC7296-2.16-16", "RFC7296-2.16-07")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC7296-2.16-16", false)]
    [TestCase("RFC7296-2.16-16", true)]
    [TestCase("RFC7296-2.16-07", false)]
    public void LastAuthThatIsNotDue_NoIkeSa(string clause, bool isMissing)
    {
        IkeSession session = Start(Gateway);
        session.Alter = m => m.IsResponse || !m.Has("Authentication") ? m
            : isMissing ? m.Without("Authentication")
            : m.With("Authentication/data", clause == "RFC7296-2.16-07" ? BySkp(session) : Flipped(m));
        Exchange(session);
        IkeArrival last = session.Arrivals.Last(a => a.Exchange == ExchangeType.IkeAuth);
        session.Require(last.Find<IkePayload.SecurityAssociation>() is null && last.Find<IkePayload.Authentication>() is null, clause, $"taken for authenticated: {last}");
    }

    [Requirement("RFC7296-2.16-02")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase(ExchangeType.CreateChildSa)]
    [TestCase(ExchangeType.Informational)]
    public void OtherExchangeBeforeEapIsOver_ChangesNothing(ExchangeType exchange)
    {
        IkeSession session = Start(Gateway);
        session.TakeOnly(session.DoOnly(new IkeCommand.Initiate())[0]);
        session.ReleaseOnly();
        IkeSa sa = session.Sa;
        IkePayload[] payloads = exchange == ExchangeType.Informational ? [IkePayload.Delete.IkeSa]
            : [new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x1234567), [.. IkeScenario.EspGcm])]), new IkePayload.Nonce(ByteString.Adopt(new byte[32])),
                new IkePayload.TrafficSelectors(true, session.Configuration.Children[0].Own), new IkePayload.TrafficSelectors(false, session.Configuration.Children[0].Peer)];
        int before = session.Arrivals.Count;
        session.Send(session.Write(session.Message(sa, exchange, isResponse: false, 2, payloads)), $"{Iana.NameOf(exchange)} before EAP is over");
        IkeArrival? answer = session.Arrivals.Skip(before).FirstOrDefault();
        session.Require(answer is null || answer.ErrorNotify is not null, null, $"answered by {answer}");
    }

    [Requirement("RFC7296-2.16-03", "RFC7296-2.16-07")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void TargetIsTheClient_AsksByLeavingOutAuth()
    {
        IkeSession session = Start(Client);
        session.Ask(new IkeRequest.Initiate(), () => session.Peer.Children.Count > 0, "RFC7296-2.16-03");
        IkeArrival first = session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);
        session.Require(first.Find<IkePayload.Authentication>() is null && first.Find<IkePayload.Identification>() is not null, "RFC7296-2.16-03", $"IDi without AUTH is due: {first}");
        session.ExpectTraffic(session.Child);
    }

    [Requirement("RFC7296-2.16-17", "RFC7296-2.16-18")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCase("RFC7296-2.16-17")]
    [TestCase("RFC7296-2.16-18")]
    public void GatewayThatDoesNotPlayByTheRules_ClientGoesNoFurther(string clause)
    {
        IkeSession session = Start(Client);
        session.Alter = m => !m.IsResponse || !m.Has("Eap") || !m.Has("Authentication") ? m
            : clause == "RFC7296-2.16-18" ? m.With("Authentication/data", Flipped(m))
            : m.Without("Eap").With(new IkePayload.Eap(EapMessage.End(success: true, (byte)m["Eap/identifier"])));
        session.Ask(new IkeRequest.Initiate(), () => session.Arrivals.Any(a => a.Exchange == ExchangeType.IkeAuth));
        session.Sentinel("what the gateway may not say", clause);
        session.Require(session.Arrivals.Count(a => a is { Exchange: ExchangeType.IkeAuth, IsResponse: false }) < 2, clause, $"the client goes on: {session.Arrivals[^1]}");
    }

    [Requirement("RFC7296-2.16-19")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCase(false)]
    [TestCase(true)]
    public void LastAuthOfTheGatewayThatIsNotDue_ChildNotUsed(bool isMissing)
    {
        IkeSession session = Start(Client);
        session.Alter = m => !m.IsResponse || m.Has("Eap") || !m.Has("Authentication") ? m : isMissing ? m.Without("Authentication") : m.With("Authentication/data", Flipped(m));
        session.Ask(new IkeRequest.Initiate(), () => session.Peer.ChildrenMade > 0);
        InitiatorTests.RequireNotTaken(session);
    }

    // The end may be an error, EAP Failure, or silence.
    private static void Exchange(IkeSession session) => session.DoAsFarAsItGoes(new IkeCommand.Initiate());

    private static ByteString Flipped(EditableMessage message)
    {
        ByteString data = ((RawData)message.Tree["Authentication/data"]).Bytes;
        return ByteString.Adopt([.. data.Span[..^1], (byte)(data[^1] ^ 1)]);
    }

    private static ByteString BySkp(IkeSession session)
    {
        IkeSa sa = session.Sa;
        IkePayload.Identification own = new(OfInitiator: true, session.Configuration.OwnIdentity);
        IkeSecret key = sa.Keys!.InitiatorAuthentication;
        return Real.SharedKeyAuth(sa.Suite!.Prf, key, Real.SignedOctets(sa.Suite.Prf, sa.Initial!.Request, sa.Initial.ResponderNonce, own.BodyToBytes(), key, ByteString.Empty));
    }
}
