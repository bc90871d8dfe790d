using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Additional key exchanges in IKE_INTERMEDIATE and IKE_FOLLOWUP_KE. RFC 9242, RFC 9370.</summary>
[Needs(Capabilities.MultipleKeyExchanges)]
public class AdditionalKeyExchangeTests : IkeTest
{
    private static readonly Transform MlKem = AdditionalKeyExchanges.At(1, KeyExchangeMethod.MlKem768);
    private static readonly Transform None = AdditionalKeyExchanges.At(1, null);

    [Requirement("RFC9370-2.2.1-03", "RFC9370-2.2.2-02", "RFC9370-2.2.2-06", "RFC9370-2.2.2-07", "RFC9370-2.2.4-10", "RFC9242-3.3.2-01")]
    [Needs(Capabilities.IkeResponder | Capabilities.CreateChildSa | Capabilities.IkeRekey)]
    [Test]
    public void TesterInitiates_KeysOfBothExchanges()
    {
        IkeSession session = Start(With(MlKem));
        session.DoAsFarAsItGoes(new IkeCommand.Initiate());
        session.Require(session.Arrivals[0].Find<IkePayload.SecurityAssociation>()?.Proposals[0].Transforms.Contains(MlKem) == true, "RFC9370-2.2.1-03", $"the additional method is due: {session.Arrivals[0]}");
        session.Require(session.Arrivals.Any(a => a.Exchange == ExchangeType.IkeIntermediate && a.Find<IkePayload.KeyExchange>() is { Method: KeyExchangeMethod.MlKem768 }), "RFC9370-2.2.2-02", "KE of the additional method is due in IKE_INTERMEDIATE");
        session.Require(session.Peer.Children.Count > 0, null, $"no child: {string.Join("; ", session.Reports)}");
        session.ExpectTraffic(session.Child, "RFC9370-2.2.2-06");
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.Probe(session.Sa.Number), "RFC9370-2.2.4-10");
    }

    [Requirement("RFC9370-2.2.1-02", "RFC9370-2.2.2-06", "RFC9370-2.2.2-07", "RFC9370-2.2.2-08", "RFC9370-2.2.4-10", "RFC9242-3.3.2-01", "RFC9242-3.2-04")]
    [Needs(Capabilities.IkeInitiator | Capabilities.IkeRekey)]
    [Test]
    public void TargetInitiates_KeysOfBothExchanges()
    {
        IkeArrival first = Start(With(MlKem)).AskOnly(new IkeRequest.Initiate())[0];
        IkeSession session = Start(With(MlKem));
        session.Require(first.Notify(NotifyType.IntermediateExchangeSupported) is not null, "RFC9370-2.2.1-02", $"INTERMEDIATE_EXCHANGE_SUPPORTED is due: {first}");
        session.Ask(new IkeRequest.Initiate(), () => session.Peer.Children.Count > 0, "RFC9370-2.2.2-08");
        session.ExpectTraffic(session.Child, "RFC9370-2.2.2-06");
        session.Ask(new IkeRequest.RekeyIke(session.Name));
        session.Ask(new IkeRequest.Probe(session.Name));
    }

    [Requirement("RFC9242-3.1-02")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void NotAnnouncedByTheTester_NotAnnouncedBack()
    {
        IkeSession session = Start(new IkeScenario().Also(c => c with { Offers = [new([.. IkeScenario.Gcm, MlKem, None])] }, null));
        IkeArrival answer = session.Answer(session.InitialRequest(), "a first request without it");
        session.Require(answer.Notify(NotifyType.IntermediateExchangeSupported) is null, null, $"announced unasked: {answer}");
    }

    [Requirement("RFC9370-2.2.2-03", "RFC9370-2.2.2-05")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC9370-2.2.2-03")]
    [TestCase("RFC9370-2.2.2-05")]
    public void KeyThatIsNotDue_NoAnswerToBuildOn(string clause)
    {
        IkeSession session = Start(With(MlKem));
        session.Alter = m => !m.Is(ExchangeType.IkeIntermediate, isResponse: false) ? m
            : clause == "RFC9370-2.2.2-03" ? m.With("KeyExchange/method", (ulong)KeyExchangeMethod.MlKem1024)
            : m.With("KeyExchange/data", ((RawData)m.Tree["KeyExchange/data"]).Bytes.Slice(..^1));
        session.DoAsFarAsItGoes(new IkeCommand.Initiate());
        session.Require(session.Arrivals.All(a => a.Exchange != ExchangeType.IkeIntermediate || a.Find<IkePayload.KeyExchange>() is null), clause, $"answered by KE: {session.Arrivals[^1]}");
        session.Require(session.Newcomer() is not null, clause, "nobody is answered any more");
    }

    [Requirement("RFC9242-3.3.2-06")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void IntermediateChangedOnTheWay_ShowsInAuth()
    {
        IkeSession session = Start(With(MlKem));
        session.Alter = m => m.Is(ExchangeType.IkeIntermediate, isResponse: false) ? m.With(new IkePayload.VendorId(ByteString.FromHex("01020304"))) : m;
        session.DoAsFarAsItGoes(new IkeCommand.Initiate());
        session.Require(session.Arrivals.All(a => a.Exchange != ExchangeType.IkeAuth || a.Find<IkePayload.Authentication>() is null), null, $"taken for authenticated: {session.Arrivals[^1]}");
        Start(With(MlKem)).Establish();
    }

    [Requirement("RFC9370-2.2.4-05")]
    [Needs(Capabilities.IkeResponder | Capabilities.CreateChildSa)]
    [Test]
    public void FollowUpWithAForeignLink_StateNotFound()
    {
        IkeSession session = Start(With(MlKem));
        session.Establish();
        IkeArrival answer = session.Answer(
            session.Request(ExchangeType.IkeFollowupKe, new IkePayload.KeyExchange(KeyExchangeMethod.MlKem768, ByteString.Adopt(new byte[1184])), new IkePayload.Notify(NotifyType.AdditionalKeyExchange, ByteString.FromHex("0badcafe"))), "IKE_FOLLOWUP_KE that nothing went before");
        session.Require(answer.Notify(NotifyType.StateNotFound) is not null, null, $"STATE_NOT_FOUND is due: {answer}");
        session.Require(session.IsAlive(), null, "the IKE SA is gone");
    }

    private static IkeScenario With(params Transform[] additional) => new() { Suites = [new([.. IkeScenario.Gcm, .. additional])] };
}
