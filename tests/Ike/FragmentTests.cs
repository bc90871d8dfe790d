using Conformance.Generators.Ike;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>IKE messages in fragments: what is sent, and what is made of pieces that come in any way. RFC 7383 §2.</summary>
[Needs(Capabilities.IkeResponder | Capabilities.IkeFragmentation)]
public class FragmentTests : IkeTest
{
    private const int PieceBytes = 200;

    private static IkeScenario Fragmenting => new() { FragmentBytes = PieceBytes };

    [Requirement("RFC7383-2.5-03", "RFC7383-2.5-06", "RFC7383-2.5-11", "RFC7383-2.5-14", "RFC7383-2.6-11")]
    [Needs(Capabilities.CreateChildSa | Capabilities.IkeRekey)]
    [Test]
    public void BothAnnounceFragments_LongMessagesInFragments()
    {
        IkeSession session = Start(Fragmenting);
        session.Establish("RFC7383-2.6-11");
        session.Require(session.Arrivals.Any(a => a.Fragment is { Total: > 1 }), null, "the long answer of IKE_AUTH is not cut");
        session.ExpectTraffic(session.Child, "RFC7383-2.6-11");
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.Probe(session.Sa.Number));
    }

    [Requirement("RFC7383-2.3-03")]
    [Test]
    public void FragmentsNotAnnounced_NotAnnouncedBack()
    {
        IkeSession session = Start(Fragmenting with { ForPeer = c => c with { FragmentBytes = null } });
        IkeArrival answer = session.Answer(session.InitialRequest(), "a first request without fragments");
        session.Require(answer.Notify(NotifyType.FragmentationSupported) is null, null, $"announced unasked: {answer}");
    }

    [Requirement("RFC7383-2.3-05", "RFC7383-2.3-06")]
    [Test]
    public void FragmentsNotAgreed_NeitherSentNorTaken()
    {
        IkeSession session = Established(Fragmenting with { ForPeer = c => c with { FragmentBytes = null } });
        ChildSa child = session.Child;
        session.ExpectSilence(session.Fragment(session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])), 1, 1), "a fragment that was not agreed", "RFC7383-2.3-06");
        session.Require(session.Delivers(child), "RFC7383-2.3-06", "the fragment took effect");
    }

    [Requirement("RFC7383-2.6-10", "RFC7383-2.6-13", "RFC7383-2.6-14", "RFC7383-2.6-08")]
    [TestCase("RFC7383-2.6-10")]
    [TestCase("RFC7383-2.6-13")]
    [TestCase("RFC7383-2.6-14")]
    [TestCase("RFC7383-2.6-08")]
    public void PiecesThatMakeAMessage_Answered(string clause)
    {
        IkeSession session = Established(Fragmenting);
        EditableMessage request = Request(session);
        ByteString[] pieces = clause switch
        {
            "RFC7383-2.6-10" => [session.Fragment(request, 3, 3), session.Fragment(request, 1, 3), session.Fragment(request, 2, 3)],
            "RFC7383-2.6-13" => [session.Fragment(request, 1, 1)],
            "RFC7383-2.6-14" => [session.Fragment(request, 1, 2, whole: true), session.Fragment(request, 2, 2, empty: true)],
            _ => [session.Fragment(request, 1, 2), session.Fragment(request, 1, 3), session.Fragment(request, 2, 3), session.Fragment(request, 3, 3)],
        };
        session.Require(session.SendAll(pieces, "pieces").Any(a => a.IsResponse && a.MessageId == request["message ID"]), clause, "the pieces are not answered");
    }

    [Requirement("RFC7383-2.5-07")]
    [Test]
    public void TypeInALaterPiece_IgnoredOrThePieceDiscarded()
    {
        IkeSession session = Established(Fragmenting);
        EditableMessage request = Request(session);
        session.Send(session.Fragment(request, 1, 2), "the first piece");
        IReadOnlyList<IkeArrival> answers = session.Send(session.Fragment(request, 2, 2, first: PayloadType.Nonce), "a second piece with a type");
        answers = answers.Count > 0 ? answers : session.SendAll([session.Fragment(request, 2, 2)], "a second piece without one");
        session.Require(answers.Any(a => a.IsResponse && a.MessageId == request["message ID"] && a.ErrorNotify is null), null, "the message is not what the first piece says");
    }

    [Requirement("RFC7383-2.6-11")]
    [Test]
    public void InformationalInPieces_Answered()
    {
        IkeSession session = Established(Fragmenting);
        EditableMessage request = session.Request(ExchangeType.Informational, new IkePayload.VendorId(ByteString.Adopt(new byte[60])));
        session.Require(
            session.SendAll([session.Fragment(request, 1, 2), session.Fragment(request, 2, 2)], "both pieces").Any(a => a.IsResponse && a.MessageId == request["message ID"]), null, "the pieces are not answered");
    }

    [Requirement("RFC7383-2.6-04", "RFC7383-2.6-07", "RFC7383-2.6-09")]
    [TestCase("RFC7383-2.6-04")]
    [TestCase("RFC7383-2.6-07")]
    [TestCase("RFC7383-2.6-09")]
    public void PieceThatDoesNotBelong_DiscardedAndTheOthersStay(string clause)
    {
        IkeSession session = Established(Fragmenting);
        EditableMessage request = Request(session);
        ByteString odd = clause switch
        {
            "RFC7383-2.6-04" => session.Fragment(request, 2, 2),
            "RFC7383-2.6-07" => Forged(session.Fragment(request, 2, 3)),
            _ => Forged(session.Fragment(request, 1, 4)),
        };
        IReadOnlyList<IkeArrival> answers = session.SendAll([session.Fragment(request, 1, 3), odd, session.Fragment(request, 2, 3), session.Fragment(request, 3, 3)], "pieces with an odd one");
        session.Require(answers.Any(a => a.IsResponse && a.MessageId == request["message ID"] && a.ErrorNotify is null), clause, "the odd piece spoils the others");
    }

    [Requirement("RFC7383-2.6-01", "RFC7383-2.6-02", "RFC7383-2.6-03")]
    [TestCase("RFC7383-2.6-01", 0, 2)]
    [TestCase("RFC7383-2.6-02", 1, 0)]
    [TestCase("RFC7383-2.6-03", 3, 2)]
    public void NumbersThatCannotBe_Discarded(string clause, int number, int total)
    {
        IkeSession session = Established(Fragmenting);
        session.Focus = clause;
        session.ExpectSilence(session.Fragment(Request(session), number, total), $"piece {number} of {total}", clause);
    }

    [Requirement("RFC7383-2.6.1-02", "RFC7383-2.6.1-03", "RFC7383-2.6.1-04")]
    [Test]
    public void PiecesOfAnAnsweredRequest_OnlyTheFirstBringsTheAnswerBack()
    {
        IkeSession session = Established(Fragmenting);
        EditableMessage request = Request(session);
        (ByteString first, ByteString second) = (session.Fragment(request, 1, 2), session.Fragment(request, 2, 2));
        IReadOnlyList<IkeArrival> answers = session.SendAll([first, second], "both pieces");
        session.Focus = "RFC7383-2.6.1-03";
        session.Require(session.Send(second, "the second piece again").Count == 0, "RFC7383-2.6.1-03", "the second piece brings the answer back");
        session.Focus = "RFC7383-2.6.1-04";
        IReadOnlyList<IkeArrival> again = session.SendAll([first], "the first piece again");
        session.Require(again.Count > 0, "RFC7383-2.6.1-02", "the first piece does not bring the answer back");
        session.Require(again.Select(a => a.Bytes).SequenceEqual(answers.Select(a => a.Bytes)), "RFC7383-2.6.1-04", "another answer than before");
    }

    private static EditableMessage Request(IkeSession session) => Wanted(session);

    private static ByteString Forged(ByteString piece)
    {
        byte[] bytes = piece.ToArray();
        bytes[^1] ^= 1;
        return ByteString.Adopt(bytes);
    }
}
