using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Several requests at a time. RFC 7296 §2.3.</summary>
public class WindowTests
{
    private static readonly IkeCommand Probe = new IkeCommand.Probe(0);

    [Honours("RFC7296-2.3-05", "RFC7296-2.3-08")]
    [Test]
    public void WindowOfFour_LetsFourRequestsGo()
    {
        ManualPair pair = Established(4);
        Ask(pair, 0, 6);
        Assert.That(pair.Network, Has.Count.EqualTo(4));
        Assert.That(pair.First.Sas[0].Waiting, Has.Count.EqualTo(2));
    }

    [Honours("RFC7296-2.3-04", "RFC7296-2.2-06")]
    [Test]
    public void PlainWindow_LetsOneRequestGo()
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => c with { WindowRequests = isFirst ? 4 : 1 });
        Ask(pair, 0, 3);
        Assert.That(pair.Network, Has.Count.EqualTo(1));
        pair.Network.Clear();
        Ask(pair, 1, 5);
        Assert.That(pair.Network, Has.Count.EqualTo(4), "each direction has its own");
    }

    [Honours("RFC7296-2.3-10")]
    [Test]
    public void AnswersInAnyOrder_AreTaken()
    {
        ManualPair pair = Established(4);
        Ask(pair, 0, 4);
        pair.Deliver(3);
        pair.Deliver(1);
        pair.Deliver(0);
        pair.Deliver(0);
        Assert.That(pair.Network.Select(f => f.Send.Notation), Is.All.StartsWith("INFORMATIONAL response"));
        pair.Deliver(2);
        pair.Deliver(0);
        pair.Deliver(1);
        pair.Deliver(0);
        Assert.That(pair.First.Sas[0].Pending, Is.Empty);
        Assert.That(pair.Second.Sas[0].NextExpected, Is.EqualTo(pair.First.Sas[0].NextRequest));
    }

    [Honours("RFC7296-2.3-08")]
    [Test]
    public void AnswersToLaterRequests_DoNotMoveTheWindow()
    {
        ManualPair pair = Established(4);
        Ask(pair, 0, 5);
        pair.Network.RemoveAt(0);
        pair.DeliverAll();
        Assert.That(pair.First.Sas[0].Pending, Has.Count.EqualTo(1), "only the first has no answer");
        Assert.That(pair.First.Sas[0].Waiting, Has.Count.EqualTo(1), "request X waits for the answers up to X - 4");
        pair.Do(0, new IkeEvent.RetransmissionDue(0, pair.First.Sas[0].Pending[0].MessageId));
        pair.DeliverAll();
        Assert.That(pair.First.Sas[0].Waiting, Is.Empty);
        Assert.That(pair.First.Sas[0].Pending, Is.Empty);
    }

    [Honours("RFC7296-2.3-09", "RFC7296-2.1-05")]
    [Test]
    public void AnswerThatWasGivenOutOfOrder_IsKeptAsLongAsItMayBeAskedFor()
    {
        // Of requests 2 to 5 the last comes first and its answer is lost; then the others come, and one more.
        ManualPair pair = Established(4);
        Ask(pair, 0, 5);
        pair.Deliver(3);
        pair.Network.RemoveAt(3);
        uint last = pair.First.Sas[0].Pending[3].MessageId;
        pair.DeliverAll();
        Assert.That(pair.First.Sas[0].Pending.Select(p => p.MessageId), Is.EqualTo(new[] { last }));
        Assert.That(pair.Second.Sas[0].Answers.Select(a => a.MessageId), Has.Member(last));
        pair.Do(0, new IkeEvent.RetransmissionDue(0, last));
        pair.DeliverAll();
        Assert.That(pair.Sent, Has.Some.EqualTo($"response {last} again"));
        Assert.That(pair.First.Sas[0].Pending, Is.Empty);
    }

    [Honours("RFC7296-2.2-08")]
    [TestCase(3u, true, TestName = "LastRequestInTheWindow_IsAnswered")]
    [TestCase(4u, false, TestName = "RequestOutsideOfTheWindow_IsNotAnswered")]
    public void DistantRequest(uint distance, bool isAnswered)
    {
        ManualPair pair = Established(4);
        IkePeer before = pair.Second;
        pair.Do(1, Distant(pair, distance));
        Assert.That(pair.Network, Has.Count.EqualTo(isAnswered ? 1 : 0));
        Assert.That(pair.Second != before, Is.EqualTo(isAnswered));
    }

    [Honours("RFC7296-2.3-11", "RFC7296-2.3-12", "RFC7296-2.3-13", "RFC7296-2.3-14")]
    [Test]
    public void RequestOutsideOfTheWindow_MayBeToldInAnExchangeOfItsOwn_OneAtATime()
    {
        ManualPair pair = Established(4);
        IkeOutcome[] outcomes = [.. pair.Machines[1].Step(pair.Second, Distant(pair, 9))];
        Assert.That(outcomes, Has.Length.EqualTo(2));
        Assert.That(outcomes[0].Outputs, Is.Empty);
        IkeOutput.Send told = outcomes[1].Outputs.OfType<IkeOutput.Send>().Single();
        Assert.That(told.Notation, Does.StartWith("INFORMATIONAL request 0").And.Contains("N(INVALID_MESSAGE_ID, 0x0000000b)"));
        Assert.That(pair.Machines[1].Step(outcomes[1].Next, Distant(pair, 10)), Has.Count.EqualTo(1), "the next is not told before the first is answered");

        // It is an ordinary request to the other side, and changes nothing there.
        pair.Do(0, new IkeEvent.Received(told.Datagram, told.From, told.To));
        Assert.That(pair.Sent[^1], Is.EqualTo("INFORMATIONAL response 0: SK {}"));
    }

    [Test]
    public void ForgedRequestOutsideOfTheWindow_IsNotTold()
    {
        ManualPair pair = Established(4);
        IkeEvent.Received genuine = Distant(pair, 9);
        byte[] forged = genuine.Datagram.ToArray();
        forged[^1] ^= 1;
        Assert.That(pair.Machines[1].Step(pair.Second, genuine with { Datagram = ByteString.Adopt(forged) }).Select(o => o.Outputs.Count), Is.EqualTo(new[] { 0 }));
    }

    [Test]
    public void SmallerWindowToldLater_DoesNotShrinkIt()
    {
        ManualPair pair = Established(4);
        Tell(pair, 2);
        Assert.That(pair.First.Sas[0].PeerWindow, Is.EqualTo(4));
        Tell(pair, 6);
        Assert.That(pair.First.Sas[0].PeerWindow, Is.EqualTo(6), "baseline: a larger one counts");
    }

    [Honours("RFC7296-1.3.2-06")]
    [Test]
    public void Successor_BeginsWithAWindowOfOneUntilItIsTold()
    {
        ManualPair pair = Established(4);
        pair.Ask(0, new IkeCommand.RekeyIke(0));
        pair.Deliver();
        IkeSa made = pair.Second.Sas.Single(s => s.Replaces is not null);
        Assert.That(made.PeerWindow, Is.EqualTo(1));
        pair.DeliverAll();
        IkeSa first = pair.First.Sas.Single(s => s.Phase == IkeSaPhase.Established);
        IkeSa second = pair.Second.Sas.Single(s => s.Phase == IkeSaPhase.Established);
        Assert.That((first.PeerWindow, first.OwnWindow, second.PeerWindow, second.OwnWindow), Is.EqualTo((4, 4, 4, 4)));
        Assert.That(pair.Sent.Count(s => s.Contains("SET_WINDOW_SIZE", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    private static ManualPair Established(int window) => ManualPair.Established((c, _) => c with { WindowRequests = window });

    private static void Ask(ManualPair pair, int side, int times)
    {
        for (int i = 0; i < times; i++)
        {
            pair.Ask(side, Probe);
        }
    }

    private static IkeEvent.Received Distant(ManualPair pair, uint distance)
    {
        IkeSa sa = pair.Second.Sas[0];
        ByteString datagram = SealedMessage.To(pair.Cryptography, sa, ExchangeType.Informational, isResponse: false, sa.NextExpected + distance, PayloadType.None, ByteString.Empty);
        return new IkeEvent.Received(datagram, sa.Peer, sa.Own);
    }

    private static void Tell(ManualPair pair, uint window)
    {
        IkeSa sa = pair.First.Sas[0];
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([new IkePayload.Notify(NotifyType.SetWindowSize, new NotifyContent.Number(window).ToByteString())]);
        ByteString datagram = SealedMessage.To(pair.Cryptography, sa, ExchangeType.Informational, isResponse: false, sa.NextExpected, first, ByteString.Adopt(content));
        pair.Do(0, new IkeEvent.Received(datagram, sa.Peer, sa.Own));
    }
}
