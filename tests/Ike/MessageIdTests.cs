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

/// <summary>Message IDs, windows, repetition and giving up. RFC 7296 §2.1 to §2.4.</summary>
public class MessageIdTests : IkeTest
{
    [Requirement("RFC7296-2.1-03")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RepeatedRequest_SameAnswer()
    {
        IkeSession session = Established();
        EditableMessage request = session.Request(ExchangeType.Informational, new IkePayload.VendorId(ByteString.FromHex("01")));
        IkeArrival first = session.Answer(request, "a request");
        IkeArrival second = session.Answer(request, "the same again", "RFC7296-2.1-03");
        session.Require(first.Bytes == second.Bytes, "RFC7296-2.1-03", "the answer to the repetition is another one");
    }

    [Requirement("RFC7296-2.1-02")]
    [Needs(Capabilities.IkeResponder | Capabilities.CreateChildSa)]
    [Test]
    public void RepeatedRequestForAChild_OneChild()
    {
        IkeSession session = Established();
        IReadOnlyList<IkeArrival> first = session.DoOnly(new IkeCommand.CreateChild(session.Sa.Number, 1));
        ByteString request = session.Sa.Pending[0].Datagrams[0];
        IReadOnlyList<IkeArrival> second = session.Send(request, "the request for a child again", isAwaited: true);
        session.Require(second.Count == 1 && first[0].Bytes == second[0].Bytes, "RFC7296-2.1-02", "the repetition is not answered by the same");
    }

    [Requirement("RFC7296-2.2-08")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase(1u)]
    [TestCase(2u)]
    [TestCase(1000u)]
    public void MessageIdRightOfTheWindow_NotProcessed(uint ahead)
    {
        IkeSession session = Established();
        // A request of its own may tell of it.
        IReadOnlyList<IkeArrival> more = session.Send(session.Write(session.Request(ExchangeType.Informational).With("message ID", i => i + ahead)), $"a request {ahead} ahead");
        session.Require(more.All(a => !a.IsResponse), null, $"answered by {(more.Count == 0 ? "nothing" : more[0].ToString())}");
        session.Require(session.IsAlive(), null, "the request with the right number is not answered");
    }

    [Requirement("RFC7296-2.2-12", "RFC7296-2.1-07")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RequestFromLongAgo_Ignored()
    {
        IkeSession session = Established();
        EditableMessage old = session.Request(ExchangeType.Informational);
        session.Answer(old, "a request");
        session.Answer(session.Request(ExchangeType.Informational), "the next one");
        session.ExpectSilence(old, "the first again", "RFC7296-2.1-07");
        ChildSa child = session.Child;
        EditableMessage replayed = session.Request(ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])).With("message ID", 2);
        session.ExpectSilence(replayed, "a deletion under an old Message ID", "RFC7296-2.2-12");
        session.Require(session.Delivers(child), "RFC7296-2.2-12", "the child is gone");
    }

    [Requirement("RFC7296-3.1-18", "RFC7296-2.2-10")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void ResponseToNothing_Dropped()
    {
        IkeSession session = Established();
        session.ExpectSilence(session.Message(session.Sa, ExchangeType.Informational, isResponse: true, 0), "a response that nobody waits for", "RFC7296-3.1-18");
        ChildSa child = session.Child;
        session.ExpectSilence(
            session.Message(session.Sa, ExchangeType.Informational, isResponse: true, 7, IkePayload.Delete.Of(ProtocolId.Esp, [child.Inbound])), "a response with a Delete payload", "RFC7296-2.2-10");
        session.Require(session.Delivers(child), "RFC7296-2.2-10", "the child is gone");
    }

    [Requirement("RFC7296-2.3-06")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RequestWhileOwnOneIsOpen_Answered()
    {
        IkeSession session = Established();
        IReadOnlyList<IkeArrival> asked = session.AskSomethingOnly();
        session.Answer(session.Request(ExchangeType.Informational), "a request while the target waits", "RFC7296-2.3-06");
        session.Take(asked[0]);
    }

    [Requirement("RFC7296-2.3-04")]
    [Needs(Capabilities.IkeInitiator | Capabilities.VirtualClock)]
    [Test]
    public void SecondRequestInAWindowOfOne_Waits()
    {
        IkeSession session = Established();
        session.AskSomethingOnly();
        session.AskSomethingOnly(messages: 0);
        session.AdvanceClock(TimeSpan.Zero);
    }

    [Requirement("RFC7296-2.1-10", "RFC7296-2.2-01")]
    [Needs(Capabilities.IkeInitiator | Capabilities.VirtualClock)]
    [Test]
    public void UnansweredRequest_SentAgainBitForBit()
    {
        IkeSession session = Established();
        IkeArrival first = session.AskSomethingOnly()[0];
        IReadOnlyList<IkeArrival> again = session.AdvanceClock(TimeSpan.FromSeconds(300));
        session.Require(again.Any(a => a.Bytes == first.Bytes), "RFC7296-2.1-10", "no repetition is the request bit for bit");
    }

    [Requirement("RFC7296-2.1-08", "RFC7296-2.4-14", "RFC7296-2.4-10")]
    [Needs(Capabilities.IkeInitiator | Capabilities.VirtualClock)]
    [Test]
    public void UnansweredRequest_RepeatedAtGrowingIntervals()
    {
        IkeSession session = Established();
        session.AskSomethingOnly();
        List<int> times = [];
        for (int second = 1; second <= 600; second++)
        {
            times.AddRange(session.AdvanceClock(TimeSpan.FromSeconds(1)).Where(a => !a.IsResponse).Select(_ => second));
        }

        session.Require(times.Count >= 2, "RFC7296-2.1-08", $"sent again {times.Count} times in ten minutes");
        int[] pauses = [.. times.Zip(times.Skip(1), (a, b) => b - a)];
        session.Require(pauses.Zip(pauses.Skip(1), (a, b) => b > a).All(grows => grows), "RFC7296-2.4-14", $"repeated after {string.Join(", ", times)} s");
        session.Require(times.Count >= 3, "RFC7296-2.4-10", $"given up after {times.Count} repetitions");
    }

    [Requirement("RFC7296-2.1-09")]
    [Needs(Capabilities.IkeInitiator | Capabilities.VirtualClock)]
    [Test]
    public void GivenUp_IkeSaAndChildrenAreGone()
    {
        IkeSession session = Established();
        ChildSa child = session.Child;
        session.ExpectTraffic(child);
        session.AskSomethingOnly();
        session.AdvanceClock(TimeSpan.FromHours(1));
        session.Require(!session.Delivers(child), "RFC7296-2.1-09", "the Child SA is still open an hour later");
        session.Require(session.Liveness(session.Sa) is null, "RFC7296-2.1-09", "the IKE SA is still open an hour later");
    }
}
