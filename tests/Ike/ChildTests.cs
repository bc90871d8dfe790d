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

/// <summary>CREATE_CHILD_SA: further children, rekeying of children and of the IKE SA, and what is refused. RFC 7296 §1.3, §2.8, §2.17, §2.18, §2.25.</summary>
[Needs(Capabilities.CreateChildSa | Capabilities.IkeRekey)]
public class ChildTests : IkeTest
{
    [Requirement("RFC7296-1.3-09")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("SecurityAssociation")]
    [TestCase("Nonce")]
    [TestCase("TrafficSelectorInitiator")]
    public void PayloadMissing_RefusedAndTheIkeSaStays(string payload)
    {
        IkeSession session = Established();
        IkeArrival answer = session.Answer(Wanted(session).Without(payload), $"a request for a child without {payload}");
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null && answer.ErrorNotify is not null, null, $"not refused: {answer}");
    }

    [Requirement("RFC7296-1.3.1-12")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RefusedChild_LeavesTheIkeSa()
    {
        IkeSession session = Established();
        EditableMessage request = Wanted(session).Without("SecurityAssociation").WithFirst(new IkePayload.SecurityAssociation(
            [Proposal.ForEsp(1, new Spi(0x01020304), Transform.Of(EncryptionTransform.ChaCha20Poly1305), Transform.Of(SequenceNumbersTransform.Sequential32))]));
        IkeArrival answer = session.Answer(request, "a child with another suite");
        session.Require(answer.Notify(NotifyType.NoProposalChosen) is not null, "RFC7296-2.7-04", $"NO_PROPOSAL_CHOSEN is due: {answer}");
        session.Require(session.IsAlive(), null, "the IKE SA is gone");
    }

    [Requirement("RFC7296-2.10-05")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase(15)]
    [TestCase(257)]
    public void NonceOfWrongLength_NoChild(int bytes)
    {
        IkeSession session = Established();
        IkeArrival answer = session.Answer(Wanted(session).With("Nonce/data", ByteString.Adopt(new byte[bytes])), $"a nonce of {bytes} octets");
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null, null, $"a child is made: {answer}");
    }

    [Requirement("RFC7296-1.3-06")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void KeyOfAnotherGroup_InvalidKePayload()
    {
        IkeSession session = Established(new IkeScenario { ForwardSecrecy = KeyExchangeMethod.Curve25519 });
        EditableMessage request = Wanted(session, Transform.Of(KeyExchangeMethod.Ecp256), Transform.Of(KeyExchangeMethod.Curve25519))
            .With(new IkePayload.KeyExchange(KeyExchangeMethod.Ecp256, BasePoint));
        IkeArrival answer = session.Answer(request, "KE of another group");
        session.Require(answer.Notify(NotifyType.InvalidKePayload)?.Data == ByteString.FromHex("001f"), null, $"INVALID_KE_PAYLOAD with group 31 is due: {answer}");
    }

    // The base point of the curve is a public key as good as any. FIPS 186-4 §D.1.2.3.
    private static ByteString BasePoint => ByteString.FromHex(
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");

    [Requirement("RFC7296-2.17-02", "RFC7296-2.17-03")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase(false, "RFC7296-2.17-02")]
    [TestCase(true, "RFC7296-2.17-03")]
    public void RekeyedChild_HasKeysOfItsExchange(bool forwardSecrecy, string clause)
    {
        IkeSession session = Established(new IkeScenario { ForwardSecrecy = forwardSecrecy ? KeyExchangeMethod.Curve25519 : null });
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.ExpectTraffic(session.Child, clause);
    }

    [Requirement("RFC7296-2.17-01")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void FirstChild_HasKeysOfTheFirstNonces()
    {
        IkeSession session = Established();
        session.ExpectTraffic(session.Child, "RFC7296-2.17-01");
    }

    [Requirement("RFC7296-2.18-08", "RFC7296-2.8-08")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RekeyedIkeSa_NewKeysAndOldChildren()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Require(session.Sa.Replaces is not null, null, $"not rekeyed: {string.Join("; ", session.Reports)}");
        session.Require(session.Liveness(session.Sa)?.Opened is not null, "RFC7296-2.18-08", "the successor is not answered over by its keys");
        session.Require(session.Delivers(child), "RFC7296-2.8-08", "the child did not go over to the successor");
        session.Do(new IkeCommand.DeleteChild(child.Number));
        session.Require(!session.Delivers(child), "RFC7296-2.8-08", "the successor cannot close the child");
    }

    [Requirement("RFC7296-2.17-08")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void ChildAfterRekeyingOfTheIkeSa_HasKeysOfTheSuccessor()
    {
        IkeSession session = Established();
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.ExpectTraffic(session.Child, "RFC7296-2.17-08");
    }

    [Requirement("RFC7296-1.3.2-02", "RFC7296-2.18-06", "RFC7296-2.18-09")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC7296-1.3.2-02")]
    [TestCase("RFC7296-2.18-06")]
    [TestCase("RFC7296-2.18-09")]
    public void RekeyingOfTheIkeSaThatIsNotDue_Refused(string clause)
    {
        IkeSession session = Established();
        Transform[] transforms = [.. IkeScenario.Gcm.Items.Select(t => clause == "RFC7296-2.18-06" && t.Type == TransformType.KeyExchange ? new Transform(t.Type, 0, []) : t)];
        EditableMessage request = session.Request(
            ExchangeType.CreateChildSa,
            new IkePayload.SecurityAssociation([new Proposal(1, ProtocolId.Ike, clause == "RFC7296-2.18-09" ? ByteString.Empty : new IkeSpi(0x1122334455667788).ToByteString(), ValueList.Of<Transform>(transforms))]),
            new IkePayload.Nonce(ByteString.Adopt(new byte[32])));
        request = clause == "RFC7296-2.18-09" ? request.With(new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt([9, .. new byte[31]]))) : request;
        session.Focus = clause;
        IkeArrival answer = session.Answer(request, "a rekeying of the IKE SA that lacks something", clause);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null, clause, $"accepted: {answer}");
    }

    [Requirement("RFC7296-2.25-05", "RFC7296-2.25-06")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RekeyingOfAnUnknownChild_ChildSaNotFound()
    {
        IkeSession session = Established();
        Spi unknown = new(0x0f0f0f0f);
        IkeArrival answer = session.Answer(Wanted(session).WithFirst(IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, unknown)), "a rekeying of a child that is not there");
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null && answer.Notify(NotifyType.ChildSaNotFound) is not null, "RFC7296-2.25-05", $"CHILD_SA_NOT_FOUND is due: {answer}");
        IkePayload.Notify told = answer.Notify(NotifyType.ChildSaNotFound)!;
        session.Require(told.Protocol == ProtocolId.Esp && told.Spi == SpiBytes.Of(unknown), "RFC7296-2.25-06", $"protocol and SPI of REKEY_SA are due: {answer}");
    }

    [Requirement("RFC7296-1.3.3-04")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RekeySa_NamesTheInboundSpiOfItsSender()
    {
        IkeSession session = Established();
        IkeArrival wrong = session.Answer(Wanted(session).WithFirst(IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, session.Child.Outbound)), "REKEY_SA with the target's own SPI");
        session.Require(wrong.Find<IkePayload.SecurityAssociation>() is null, null, $"found by the wrong SPI: {wrong}");
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.Require(session.Peer.Children is [{ Replaces: not null }], null, "nor is it found by the right one");
    }

    [Requirement("RFC7296-2.8-07")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void Rekeying_OldChildStaysUntilItIsDeleted()
    {
        IkeSession session = Established();
        ChildSa old = session.Child;
        IkeArrival answer = session.DoOnly(new IkeCommand.RekeyChild(old.Number))[0];
        session.Require(session.Delivers(old), "RFC7296-2.8-07", "the old child is closed as soon as its successor is there");
        session.TakeOnly(answer);
        session.Require(session.Delivers(session.Child), "RFC7296-2.8-07", "the successor does not receive");
        session.Release();
        session.Require(session.SendsOn(old) != old.Inbound, null, "the target sends on the old child although it was deleted");
    }

    [Requirement("RFC7296-2.8.1-02")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void TwoChildrenDuringARekeying_PacketsTakenOnEither()
    {
        IkeSession session = Established();
        ChildSa old = session.Child;
        session.TakeOnly(session.DoOnly(new IkeCommand.RekeyChild(old.Number))[0]);
        session.Require(session.Delivers(session.Child) && session.Delivers(old), null, "one of the two does not receive");
        session.Release();
    }

    [Requirement("RFC7296-2.8-14")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void SecondChildWithTheSameSelectors_FirstStays()
    {
        IkeSession session = Established();
        ChildSa first = session.Child;
        session.Do(new IkeCommand.CreateChild(session.Sa.Number, 0));
        session.Require(session.Peer.Children.Count == 2, null, $"no second child: {string.Join("; ", session.Reports)}");
        session.Require(session.Delivers(first), null, "the first child is gone");
    }

    [Requirement("RFC7296-2.8-06", "RFC7296-1.3.3-01", "RFC7296-2.9.2-02")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void TargetRekeysAChild_NamesItKeepsItsSelectorsAndDeletesIt()
    {
        IkeSession session = Start(new IkeScenario());
        session.Accept();
        ChildSa old = session.Child;
        IkeArrival request = session.AskOnly(new IkeRequest.RekeyChild(old.Outbound))[0];
        session.Require(request.Notify(NotifyType.RekeySa)?.Spi == SpiBytes.Of(old.Outbound), "RFC7296-1.3.3-01", $"REKEY_SA with {old.Outbound} is due: {request}");
        IkePayload.TrafficSelectors[] selectors = [.. request.Payloads!.Value.OfType<IkePayload.TrafficSelectors>()];
        session.Require(selectors.Length == 2 && Spec.Ike.Negotiation.SelectorNarrowing.IsWithin(old.Peer, selectors[0].Selectors) && Spec.Ike.Negotiation.SelectorNarrowing.IsWithin(old.Own, selectors[1].Selectors), "RFC7296-2.9.2-02", $"narrower than those in use: {request}");
        session.Take(request, () => session.Peer.Child(old.Number) is null);
        session.Require(session.Peer.Child(old.Number) is null, "RFC7296-2.8-06", "the old child is not deleted");
    }

    [Requirement("RFC7296-1.3.2-01", "RFC7296-2.8-09", "RFC7296-2.18-01")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void TargetRekeysTheIkeSa_WithKeAndDeletesTheOldOne()
    {
        IkeSession session = Start(new IkeScenario());
        session.Accept();
        IkeSa old = session.Sa;
        IkeArrival request = session.AskOnly(new IkeRequest.RekeyIke(session.Name))[0];
        session.Require(request.Find<IkePayload.KeyExchange>() is not null, "RFC7296-1.3.2-01", $"KE is missing: {request}");
        session.Require(request.Find<IkePayload.TrafficSelectors>() is null, "RFC7296-2.18-01", $"traffic selectors in a rekeying of the IKE SA: {request}");
        bool IsClosed() => session.Peer.Sas.All(s => s.Number != old.Number || s.Phase == IkeSaPhase.Closed);
        session.Take(request, IsClosed);
        session.Require(IsClosed(), "RFC7296-2.8-09", "the old IKE SA is not deleted");
    }

    [Requirement("RFC7296-2.25.1-01")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void RekeyingOfAChildThatIsBeingClosed_TemporaryFailure()
    {
        IkeSession session = Established();
        IkeArrival closing = session.AskOnly(new IkeRequest.DeleteChild(session.Child.Outbound))[0];
        IkeArrival answer = session.Answer(Wanted(session).WithFirst(IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, session.Child.Inbound)), "a rekeying of a child that the target closes");
        session.Require(answer.Notify(NotifyType.TemporaryFailure) is not null, null, $"TEMPORARY_FAILURE is due: {answer}");
        session.Take(closing);
    }

    [Requirement("RFC7296-2.25.2-02")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void RekeyingOfAnIkeSaThatIsBeingClosed_TemporaryFailure()
    {
        IkeSession session = Established();
        session.AskOnly(new IkeRequest.DeleteIke(session.Name));
        session.DoOnly(new IkeCommand.RekeyIke(session.Sa.Number));
        IkeArrival answer = session.Arrivals[^1];
        session.Require(answer.Notify(NotifyType.TemporaryFailure) is not null, null, $"TEMPORARY_FAILURE is due: {answer}");
    }

    [Requirement("RFC7296-2.25.2-05")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void ChildWhileTheIkeSaIsBeingRekeyed_TemporaryFailure()
    {
        IkeSession session = Established();
        session.AskOnly(new IkeRequest.RekeyIke(session.Name));
        IkeArrival answer = session.Answer(Wanted(session), "a child while the target rekeys the IKE SA");
        session.Require(answer.Notify(NotifyType.TemporaryFailure) is not null, null, $"TEMPORARY_FAILURE is due: {answer}");
    }

    [Requirement("RFC7296-2.25.2-06")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void DeleteOfAChildWhileTheIkeSaIsBeingRekeyed_Answered()
    {
        IkeSession session = Established();
        session.AskOnly(new IkeRequest.RekeyIke(session.Name));
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [session.Child.Inbound])), "a Delete while the target rekeys the IKE SA");
        session.Require(answer.Find<IkePayload.Delete>()?.Spis.Contains(session.Child.Outbound) == true, null, $"the paired SPI is due: {answer}");
    }

    [Requirement("RFC7296-2.8.1-03")]
    [Needs(Capabilities.IkeInitiator | Capabilities.IkeResponder)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public void SimultaneousRekeyingOfAChild_OneSuccessorRemains(int variant)
    {
        IkeSession session = Established(new IkeScenario { ForPeer = c => c with { Seed = ByteString.Adopt([.. c.Seed.Span, (byte)variant]) } });
        ChildSa old = session.Child;
        IkeArrival theirs = session.AskOnly(new IkeRequest.RekeyChild(old.Outbound))[0];
        IkeArrival answer = session.DoOnly(new IkeCommand.RekeyChild(old.Number))[0];
        session.TakeOnly(theirs);
        session.TakeOnly(answer);
        session.Release(() => session.Peer.Children.Count == 1);
        session.Require(session.Peer.Children is [{ Replaces: not null }], "RFC7296-2.8.1-03", $"{session.Peer.Children.Count} children remain");
        session.ExpectTraffic(session.Child, "RFC7296-2.8.1-03");
    }
}
