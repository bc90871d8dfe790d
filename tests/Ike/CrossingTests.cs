using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Requests of both sides that cross on the way. RFC 7296 §1.4.1, §2.8, §2.25.</summary>
[Needs(Capabilities.IkeInitiator | Capabilities.IkeResponder | Capabilities.CreateChildSa | Capabilities.IkeRekey)]
public class CrossingTests : IkeTest
{
    [Requirement("RFC7296-1.4.1-02", "RFC7296-1.4.1-05")]
    [Test]
    public void TargetClosesAChild_NamesItsInboundSpiOnly()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        IkeArrival request = session.AskOnly(new IkeRequest.DeleteChild(child.Outbound))[0];
        Spi[] named = [.. request.Payloads!.Value.OfType<IkePayload.Delete>().SelectMany(d => d.Spis.Items)];
        session.Require(named.Contains(child.Outbound), "RFC7296-1.4.1-02", $"{child.Outbound} is due: {request}");
        session.Require(!named.Contains(child.Inbound), "RFC7296-1.4.1-05", $"both halves are named: {request}");
        session.Take(request);
    }

    [Requirement("RFC7296-1.4.1-08")]
    [Test]
    public void DeletesOfOneChildCross_NeitherAnswerNamesIt()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        IkeArrival theirs = session.AskOnly(new IkeRequest.DeleteChild(child.Outbound))[0];
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])), "a Delete that crosses");
        session.Require(answer.Find<IkePayload.Delete>() is null, null, $"the answer names an SA that its sender closes itself: {answer}");
        session.Take(theirs);
        session.Require(session.IsAlive(), null, "the IKE SA is gone");
    }

    [Requirement("RFC7296-2.25.1-02")]
    [Test]
    public void RekeyingOfAChildThatTheTargetRekeys_Accepted()
    {
        IkeSession session = Established();
        session.AskOnly(new IkeRequest.RekeyChild(session.Child.Outbound));
        IkeArrival answer = session.DoOnly(new IkeCommand.RekeyChild(session.Child.Number))[0];
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is not null, null, $"not accepted: {answer}");
    }

    [Requirement("RFC7296-2.25.1-03")]
    [Test]
    public void DeleteOfAChildThatTheTargetRekeys_Answered()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        session.AskOnly(new IkeRequest.RekeyChild(child.Outbound));
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])), "a Delete of what the target rekeys");
        session.Require(answer.Find<IkePayload.Delete>()?.Spis.Contains(child.Outbound) == true, null, $"the paired SPI is due: {answer}");
    }

    [Requirement("RFC7296-2.25.1-05")]
    [Test]
    public void RekeyingOfTheIkeSaWhileAChildIsRekeyed_TemporaryFailure()
    {
        IkeSession session = Established();
        session.AskOnly(new IkeRequest.RekeyChild(session.Child.Outbound));
        IkeArrival answer = session.DoOnly(new IkeCommand.RekeyIke(session.Sa.Number))[0];
        session.Require(answer.Notify(NotifyType.TemporaryFailure) is not null, null, $"TEMPORARY_FAILURE is due: {answer}");
    }

    [Requirement("RFC7296-2.25.2-01")]
    [Test]
    public void RekeyingOfTheIkeSaThatTheTargetRekeys_Accepted()
    {
        IkeSession session = Established();
        session.AskOnly(new IkeRequest.RekeyIke(session.Name));
        IkeArrival answer = session.DoOnly(new IkeCommand.RekeyIke(session.Sa.Number))[0];
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is not null, null, $"not accepted: {answer}");
    }

    [Requirement("RFC7296-2.25.2-03", "RFC7296-2.25.2-04")]
    [TestCase(true, "RFC7296-2.25.2-03")]
    [TestCase(false, "RFC7296-2.25.2-04")]
    public void DeleteOfTheIkeSaThatTheTargetRekeysOrCloses_Answered(bool isRekeyed, string clause)
    {
        IkeSession session = Established();
        session.AskOnly(isRekeyed ? new IkeRequest.RekeyIke(session.Name) : new IkeRequest.DeleteIke(session.Name));
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.IkeSa), "a Delete of the IKE SA that crosses", clause);
        session.Require(answer.Payloads is [], clause, $"an empty answer is due: {answer}");
    }

    [Requirement("RFC7296-2.8.2-01")]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public void SimultaneousRekeyingOfTheIkeSa_OneSuccessorRemains(int variant)
    {
        IkeSession session = Established(new IkeScenario { ForPeer = c => c with { Seed = ByteString.Adopt([.. c.Seed.Span, (byte)variant]) } });
        IkeArrival theirs = session.AskOnly(new IkeRequest.RekeyIke(session.Name))[0];
        IkeArrival answer = session.DoOnly(new IkeCommand.RekeyIke(session.Sa.Number))[0];
        session.TakeOnly(theirs);
        session.TakeOnly(answer);
        session.Release(() => session.Peer.Sas.Count(s => s.Phase == IkeSaPhase.Established) == 1 && session.Peer.Sas.All(s => s.Phase != IkeSaPhase.Redundant));
        IkeSa[] left = [.. session.Peer.Sas.Where(s => s.Phase == IkeSaPhase.Established)];
        session.Require(left.Length == 1 && session.Peer.Sas.All(s => s.Phase != IkeSaPhase.Redundant), null, $"{left.Length} IKE SAs remain: {string.Join(", ", session.Peer.Sas.Select(s => s.Phase))}");
        session.Require(session.IsAlive() && session.Delivers(session.Child), null, "the survivor, or its child, does not work");
    }

    [Requirement("RFC7296-2.8-19")]
    [Test]
    public void TesterRekeysAChild_TargetSendsOnTheOldOneUntilTheNewOneIsUsed()
    {
        IkeSession session = Established();
        ChildSa old = session.Child;
        session.ExpectTraffic(old);
        session.TakeOnly(session.DoOnly(new IkeCommand.RekeyChild(old.Number))[0]);
        session.Require(session.SendsOn(old) == old.Inbound, "RFC7296-2.8-19", "the target changes over before the new SA is used");
        session.Require(session.Delivers(session.Child), null, "the successor does not receive");
        session.Require(session.SendsOn(session.Child) == session.Child.Inbound, "RFC7296-2.8-19", "the target does not change over");
        session.Release();
    }

    [Requirement("RFC7296-2.25-01", "RFC7296-2.8.2-04")]
    [Test]
    public void TemporaryFailure_NotAskedAgainAtOnce()
    {
        IkeSession session = Established();
        IkeArrival request = session.AskOnly(new IkeRequest.RekeyChild(session.Child.Outbound))[0];
        EditableMessage refusal = session.Message(session.Sa, ExchangeType.CreateChildSa, isResponse: true, request.MessageId, new IkePayload.Notify(NotifyType.TemporaryFailure));
        IReadOnlyList<IkeArrival> more = session.Send(session.Write(refusal), "TEMPORARY_FAILURE");
        session.Require(more.All(a => a.Exchange != ExchangeType.CreateChildSa), "RFC7296-2.25-01", "the target asks again at once");
        session.Require(session.IsAlive() && session.Delivers(session.Child), "RFC7296-2.8.2-04", "the IKE SA, or the child, is gone");
    }

    [Requirement("RFC7296-2.25-07")]
    [Test]
    public void ChildSaNotFound_ChildDroppedInSilence()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        session.ExpectTraffic(child);
        IkeArrival request = session.AskOnly(new IkeRequest.RekeyChild(child.Outbound))[0];
        EditableMessage refusal = session.Message(session.Sa, ExchangeType.CreateChildSa, isResponse: true, request.MessageId, IkePayload.Notify.About(NotifyType.ChildSaNotFound, ProtocolId.Esp, child.Outbound));
        session.Send(session.Write(refusal), "CHILD_SA_NOT_FOUND");
        session.Require(session.SendsOn(child) is null, null, "the target goes on sending on the child");
    }

    [Requirement("RFC7296-2.6-01")]
    [Test]
    public void TwoFirstRequests_TwoResponderSpis()
    {
        IkeSession session = Start(new IkeScenario());
        session.Require(session.Newcomer()?.ResponderSpi != session.Newcomer()?.ResponderSpi, null, "both have one responder's SPI");
    }

    [Requirement("RFC7296-2.8.3-03")]
    [Test]
    public void SecondIkeSaOfOnePeer_FirstStaysUsable()
    {
        IkeSession session = Established();
        IkeSa first = session.Sa;
        session.Do(new IkeCommand.Initiate());
        session.Require(session.Liveness(first) is not null, "RFC7296-2.8.3-03", "the first IKE SA is gone");
    }

    [Requirement("RFC7296-1.4-04")]
    [Test]
    public void DeleteUnderAnotherIkeSa_WithoutEffect()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        session.Do(new IkeCommand.Initiate());
        session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])), "a Delete under an unrelated IKE SA");
        session.Require(session.Delivers(child), null, "the child is gone");
    }

    [Requirement("RFC7296-2.4-04")]
    [Test]
    public void InitialContactWithoutProof_WithoutEffect()
    {
        IkeSession session = Established(new IkeScenario());
        IkeSa first = session.Sa;
        session.Alter = m => m.Is(ExchangeType.IkeAuth) && m.Has("Authentication") && !m.IsResponse ? m.With("Authentication/data", ByteString.Adopt(new byte[32])).With(new IkePayload.Notify(NotifyType.InitialContact)) : m;
        session.Do(new IkeCommand.Initiate());
        session.Alter = null;
        session.Require(session.Liveness(first) is not null, null, "INITIAL_CONTACT of somebody who proves nothing ends the IKE SA");
    }
}
