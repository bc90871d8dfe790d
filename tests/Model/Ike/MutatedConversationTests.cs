using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Each message of whole conversations with each small change in it, in both roles: what must hold whatever the other side sends. RFC 7296 §2.4, §2.5, §2.21.</summary>
public class MutatedConversationTests
{
    // An answer, and what this side asks for itself because of it.
    private const int MostMessages = 4;
    private const int MostBytes = 20_000;

    private static readonly SymbolicCryptography Symbolic = new();

    /// <summary>A message on its way, and both sides as they are when it comes.</summary>
    private sealed record Delivery(int To, IkePeer Sender, IkePeer Receiver, IkeOutput.Send Send)
    {
        public ExchangeType Exchange => new IkeHeaderView(Send.Datagram.Span).ExchangeType;

        public bool IsResponse => new IkeHeaderView(Send.Datagram.Span).IsResponse;
    }

    private static IEnumerable<ConversationOptions> Cases =>
    [
        ConversationOptions.None,
        ConversationOptions.ForwardSecrecy | ConversationOptions.WrongGuessLater | ConversationOptions.TwoPolicies | ConversationOptions.Compression | ConversationOptions.Transport,
        ConversationOptions.FirstSigns | ConversationOptions.SecondCertified | ConversationOptions.Cookie | ConversationOptions.WrongGuess,
        ConversationOptions.Eap | ConversationOptions.EapWithoutKey,
        ConversationOptions.Eap | ConversationOptions.EapTls | ConversationOptions.InnerAddresses,
        ConversationOptions.AdditionalKeyExchange | ConversationOptions.FurtherKeyExchange | ConversationOptions.FollowUp | ConversationOptions.Window,
        ConversationOptions.Mobike | ConversationOptions.NatDetection | ConversationOptions.PostQuantumKey,
        ConversationOptions.NoMoreSas | ConversationOptions.InitialContact,
    ];

    [Honours("RFC7296-2.21-03", "RFC7296-2.1-02")]
    [TestCaseSource(nameof(Cases))]
    public void AuthenticMessageWithASmallChange_DoesNoMoreThanItIsAnsweredWith(ConversationOptions options)
    {
        IkeMachine[] machines = Machines(options);
        Dictionary<string, int> counts = [];
        foreach (Delivery delivery in Conversation(machines))
        {
            if (Open(delivery) is not { } opened)
            {
                continue;
            }

            (EditableMessage message, IkeSa? sa) = opened;

            string kind = $"{delivery.Exchange} {(delivery.IsResponse ? "response" : "request")}";
            foreach ((string name, EditableMessage changed) in SmallChanges.Of(message))
            {
                ByteString datagram = message.IsSealed ? changed.ToBytes(Symbolic, sa!.Suite, sa.InboundKeys) : changed.ToBytes();
                IkeEvent.Received received = new(datagram, delivery.Send.From, delivery.Send.To);
                IkeOutcome outcome = Run(machines[delivery.To], delivery.Receiver, received, $"{options}: {kind}, {name}");
                AssertBounded(delivery, outcome, $"{options}: {kind}, {name}");
                if (!delivery.IsResponse)
                {
                    AssertAnswered(delivery, outcome, $"{options}: {kind}, {name}");
                    AssertRepeated(machines[delivery.To], outcome, received, $"{options}: {kind}, {name}");
                }

                counts[kind] = counts.GetValueOrDefault(kind) + 1;
            }
        }

        TestContext.Out.WriteLine(string.Join("; ", counts.Select(c => $"{c.Key} {c.Value}")));
        Assert.That(counts, Has.Count.GreaterThan(6));
    }

    [Honours("RFC7296-2.4-07", "RFC7296-2.21.1-02")]
    [TestCaseSource(nameof(Cases))]
    public void BytesThatNothingProves_ChangeNothing(ConversationOptions options)
    {
        IkeMachine[] machines = Machines(options);
        Random random = new(7);
        foreach (Delivery delivery in Conversation(machines).Where(d => d.Exchange != ExchangeType.IkeSaInit))
        {
            for (int i = 0; i < 200; i++)
            {
                byte[] bytes = delivery.Send.Datagram.ToArray();
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                bytes = random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
                IkeOutcome outcome = Run(machines[delivery.To], delivery.Receiver, new IkeEvent.Received(ByteString.Adopt(bytes), delivery.Send.From, delivery.Send.To), $"{options}: {delivery.Send.Notation}");
                Assert.That(outcome.Next, Is.EqualTo(delivery.Receiver), $"{options}: {delivery.Send.Notation} as {Convert.ToHexStringLower(bytes)}");
                Assert.That(outcome.Outputs.OfType<IkeOutput.Send>().Where(s => !s.Notation.Contains("INVALID_MAJOR_VERSION", StringComparison.Ordinal)), Is.Empty);
            }
        }
    }

    [Honours("RFC7296-2.15-05", "RFC7296-2.21.1-01")]
    [TestCaseSource(nameof(Cases))]
    public void FirstMessageWithASmallChange_LeadsToNoSaThatOnlyOneSideHas(ConversationOptions options)
    {
        IkeMachine[] machines = Machines(options);
        int established = 0;
        int tried = 0;
        foreach (Delivery delivery in Conversation(machines).Where(d => d.Exchange == ExchangeType.IkeSaInit).Take(MostMessages + 2))
        {
            foreach ((string name, EditableMessage changed) in SmallChanges.Of(EditableMessage.Of(delivery.Send.Datagram)))
            {
                string what = $"{options}: {delivery.Send.Notation}, {name}";
                IkePeer[] peers = new IkePeer[2];
                (peers[delivery.To], peers[1 - delivery.To]) = (delivery.Receiver, delivery.Sender);
                Queue<(int To, IkeOutput.Send Send)> network = new([(delivery.To, delivery.Send with { Datagram = changed.ToBytes() })]);
                Settle(machines, peers, network, what);
                AssertSame(peers[0], peers[1], what);
                AssertSame(peers[1], peers[0], what);
                established += peers[0].Sas.Any(s => s.Phase == IkeSaPhase.Established) ? 1 : 0;
                tried++;
            }
        }

        TestContext.Out.WriteLine($"{tried} first messages, after {established} of them there is an IKE SA");
        Assert.That(established, Is.InRange(1, tried - 1));
    }

    private static IkeMachine[] Machines(ConversationOptions options)
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(2, options, []).Configure(isSymbolic: true);
        return [new IkeMachine(first, Symbolic, PlantedRules.Current), new IkeMachine(second, Symbolic, PlantedRules.Current)];
    }

    private static IkeOutcome Run(IkeMachine machine, IkePeer peer, IkeEvent happening, string what)
    {
        try
        {
            return machine.Run(peer, happening);
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
            throw new AssertionException($"{what}: {exception}", exception);
        }
    }

    // From the first message to the last: each side asks for everything once.
    private static List<Delivery> Conversation(IkeMachine[] machines)
    {
        List<Delivery> all = [];
        IkePeer[] peers = [IkePeer.Idle, IkePeer.Idle];
        Ask(0, _ => new IkeCommand.Initiate());
        for (int side = 1; side >= 0; side--)
        {
            Ask(side, p => new IkeCommand.CreateChild(Sa(p), 1));
            Ask(side, p => new IkeCommand.RekeyChild(p.Children[0].Number));
            Ask(side, p => new IkeCommand.AskConfiguration(Sa(p)));
            Ask(side, p => new IkeCommand.Probe(Sa(p)));
            Ask(side, p => new IkeCommand.CheckReturn(Sa(p)));
            Ask(side, p => new IkeCommand.RekeyIke(Sa(p)));
            Ask(side, p => new IkeCommand.MoveTo(Sa(p), Translation.Elsewhere(p.Sas[0].Own)));
            Ask(side, p => new IkeCommand.DeleteChild(p.Children[^1].Number));
        }

        Ask(0, p => new IkeCommand.DeleteIke(Sa(p)));
        return all;

        void Ask(int side, Func<IkePeer, IkeCommand> command)
        {
            Queue<(int To, IkeOutput.Send Send)> network = new();
            Step(side, new IkeEvent.Asked(command(peers[side])));
            while (network.TryDequeue(out (int To, IkeOutput.Send Send) flight))
            {
                all.Add(new(flight.To, peers[1 - flight.To], peers[flight.To], flight.Send));
                Step(flight.To, new IkeEvent.Received(flight.Send.Datagram, flight.Send.From, flight.Send.To));
            }

            void Step(int at, IkeEvent happening)
            {
                IkeOutcome outcome = machines[at].Run(peers[at], happening);
                peers[at] = outcome.Next;
                foreach (IkeOutput.Send send in outcome.Outputs.OfType<IkeOutput.Send>())
                {
                    network.Enqueue((1 - at, send));
                }
            }
        }

        static int Sa(IkePeer peer) => peer.Sas.Last(s => s.Phase == IkeSaPhase.Established).Number;
    }

    private static (EditableMessage Message, IkeSa? Sa)? Open(Delivery delivery)
    {
        if (delivery.Exchange == ExchangeType.IkeSaInit)
        {
            return (EditableMessage.Of(delivery.Send.Datagram), null);
        }

        IkeHeaderView header = new(delivery.Send.Datagram.Span);
        IkeSa? sa = delivery.Receiver.Find(header.IsFromInitiator, header.InitiatorSpi, header.ResponderSpi);
        return sa is not null && EditableMessage.Open(delivery.Send.Datagram, Symbolic, sa.Suite!, sa.InboundKeys!) is { } message ? (message, sa) : null;
    }

    private static void AssertBounded(Delivery delivery, IkeOutcome outcome, string what)
    {
        IkeOutput.Send[] sent = [.. outcome.Outputs.OfType<IkeOutput.Send>()];
        Assert.That(sent, Has.Length.AtMost(MostMessages), what);
        Assert.That(sent.Sum(s => s.Datagram.Length), Is.LessThan(MostBytes), what);
        Assert.That(outcome.Next.ChildrenMade - delivery.Receiver.ChildrenMade, Is.AtMost(1), what);
        Assert.That(outcome.Next.SasMade - delivery.Receiver.SasMade, Is.AtMost(1), what);
    }

    // What is refused, or dropped without a word, makes nothing: the other side has nothing of it either.
    private static void AssertAnswered(Delivery delivery, IkeOutcome outcome, string what)
    {
        bool makes = outcome.Next.ChildrenMade > delivery.Receiver.ChildrenMade || outcome.Next.SasMade > delivery.Receiver.SasMade;
        bool isPositive = outcome.Outputs.OfType<IkeOutput.Send>().Any(s => s.Notation.Contains(" response ", StringComparison.Ordinal)
            && (s.Notation.Contains("SA(", StringComparison.Ordinal) || s.Notation.StartsWith("IKE_FOLLOWUP_KE response", StringComparison.Ordinal)));
        Assert.That(!makes || isPositive, $"{what} makes an SA, and the answer is {string.Join(", ", outcome.Outputs)}");
        bool isNew = outcome.Next.Sas.Any(s => s.Phase == IkeSaPhase.Established && delivery.Receiver.Sa(s.Number)?.Phase == IkeSaPhase.InitAnswered);
        Assert.That(!isNew || outcome.Outputs.OfType<IkeOutput.Send>().Any(s => s.Notation.Contains("AUTH(", StringComparison.Ordinal)), $"{what} is not answered by AUTH");
    }

    // The same bytes again bring the same answer, or none, and change nothing more.
    private static void AssertRepeated(IkeMachine machine, IkeOutcome outcome, IkeEvent.Received received, string what)
    {
        IkeOutcome again = Run(machine, outcome.Next, received, $"{what}, again");
        bool isKept = outcome.Next.Sas.Any(s => s.Phase != IkeSaPhase.InitRequested);
        if (isKept && outcome.Outputs.OfType<IkeOutput.Send>().FirstOrDefault(s => s.Notation.Contains(" response ", StringComparison.Ordinal)) is { } answer
            && again.Outputs.OfType<IkeOutput.Send>().FirstOrDefault() is { } same)
        {
            Assert.That(same.Datagram, Is.EqualTo(answer.Datagram), $"{what}, again: {same.Notation} after {answer.Notation}");
            Assert.That(again.Next, Is.EqualTo(outcome.Next), $"{what}, again");
        }
    }

    // All that is sent arrives, what has no answer is sent again twice, and at last given up.
    private static void Settle(IkeMachine[] machines, IkePeer[] peers, Queue<(int To, IkeOutput.Send Send)> network, string what)
    {
        for (int round = 0; round < 4; round++)
        {
            while (network.TryDequeue(out (int To, IkeOutput.Send Send) flight))
            {
                Do(flight.To, new IkeEvent.Received(flight.Send.Datagram, flight.Send.From, flight.Send.To));
            }

            foreach (int side in (int[])[0, 1])
            {
                foreach (IkeSa sa in peers[side].Sas.Items.Where(s => !s.Pending.IsEmpty))
                {
                    Do(side, round < 2 ? new IkeEvent.RetransmissionDue(sa.Number, sa.Pending[0].MessageId) : new IkeEvent.GaveUp(sa.Number));
                }
            }
        }

        void Do(int side, IkeEvent happening)
        {
            IkeOutcome outcome = Run(machines[side], peers[side], happening, what);
            peers[side] = outcome.Next;
            foreach (IkeOutput.Send send in outcome.Outputs.OfType<IkeOutput.Send>())
            {
                network.Enqueue((1 - side, send));
            }
        }
    }

    private static void AssertSame(IkePeer one, IkePeer other, string what)
    {
        foreach (IkeSa sa in one.Sas.Items.Where(s => s.Phase == IkeSaPhase.Established))
        {
            IkeSa? same = other.Sas.FirstOrDefault(s => s.InitiatorSpi == sa.InitiatorSpi && s.ResponderSpi == sa.ResponderSpi && s.Phase == IkeSaPhase.Established);
            Assert.That(same?.Keys, Is.EqualTo(sa.Keys), $"{what}: only one side has IKE SA {sa.InitiatorSpi} {sa.ResponderSpi}");
            Assert.That((same!.Initial!.Request, same.Initial.Response), Is.EqualTo((sa.Initial!.Request, sa.Initial.Response)), $"{what}: the sides have seen different first messages, and believe each other");
        }

        foreach (ChildSa child in one.Children)
        {
            Assert.That(other.Children.FirstOrDefault(c => c.Inbound == child.Outbound)?.InboundKeys, Is.EqualTo(child.OutboundKeys), $"{what}: only one side has Child SA {child.Inbound}");
        }
    }
}
