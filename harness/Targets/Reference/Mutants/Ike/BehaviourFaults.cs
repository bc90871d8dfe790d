using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults in what is done over an IKE SA: Message IDs, windows, repetition. RFC 7296 §2.1 to §2.4.</summary>
internal static class BehaviourFaults
{
    public static ImmutableArray<IkeFault> All { get; } =
    [
        new("ike-never-authenticates", "RFC7296-4-01", "IKE_AUTH is not understood") { Takes = m => m.Is(ExchangeType.IkeAuth) ? null : m },
        new("ike-request-handled-twice", "RFC7296-2.1-02", "a request is handled before its Message ID is looked at") { Steps = HandledTwice },
        new("ike-window-not-looked-at", "RFC7296-2.2-08", "any higher Message ID is taken") { Steps = AnyNumber },
        new("ike-old-answers-kept", "RFC7296-2.1-07", "an old request is answered as new") { Steps = OldAnswered },
        new("ike-old-deletes-done", "RFC7296-2.2-12", "Delete payloads are done before the Message ID is looked at") { Steps = (machine, peer, happening) => DoesDeletes(machine, peer, happening, ofResponses: false) },
        new("ike-responses-done", "RFC7296-2.2-10", "Delete payloads of any response are done") { Steps = (machine, peer, happening) => DoesDeletes(machine, peer, happening, ofResponses: true) },
        new("ike-response-answered", "RFC7296-3.1-18", "R is not looked at") { Steps = AnswersResponses },
        new("ike-waits-for-its-answer", "RFC7296-2.3-06", "nothing is answered while a request is open") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && peer.Sas.Any(s => !s.Pending.IsEmpty && s.Phase == IkeSaPhase.Established) && !IsResponse(received) ? Nothing(peer) : machine.Run(peer, happening) },
        new("ike-window-of-the-peer-ignored", "RFC7296-2.3-04", "requests are sent as they come") { Steps = (machine, peer, happening) => machine.Run(happening is IkeEvent.Asked ? peer with { Sas = new([.. peer.Sas.Select(s => s with { PeerWindow = 9 })]) } : peer, happening) },
        new("ike-repeated-with-new-number", "RFC7296-2.2-01", "each repetition has a number of its own") { Steps = Renumbered },
        new("ike-never-repeats", "RFC7296-2.1-08", "nothing is sent again") { Pauses = (_, _) => null },
        new("ike-repeats-every-second", "RFC7296-2.4-14", "one pause for all") { Pauses = (times, _) => times > 20 ? null : TimeSpan.FromSeconds(1) },
        new("ike-gives-up-early", "RFC7296-2.4-10", "two repetitions are enough") { Pauses = (times, right) => times > 2 ? null : right },
        new("ike-dead-peer-kept", "RFC7296-2.1-09", "what is given up is forgotten only as a request") { Steps = (machine, peer, happening) => happening is IkeEvent.GaveUp gone ? new IkeOutcome(peer.With(peer.Sa(gone.Sa)! with { Pending = [] }), [], []) : machine.Run(peer, happening) },
    ];

    /// <summary>Nothing happens.</summary>
    internal static IkeOutcome Nothing(IkePeer peer) => new(peer, [], []);

    /// <summary>What an event means to one who opens it; null where it is no message or does not open.</summary>
    internal static (EditableMessage Message, IkeSa Sa)? Read(IkeMachine machine, IkePeer peer, IkeEvent happening) =>
        happening is IkeEvent.Received received && IkeFault.Open(machine, [peer], received.Datagram, inbound: true) is ({ IsSealed: true } message, { } sa) ? (message, sa) : null;

    private static bool IsResponse(IkeEvent.Received received) => new Spec.Wire.Ike.Views.IkeHeaderView(received.Datagram.Span).IsResponse;

    private static IkeOutcome HandledTwice(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (Read(machine, peer, happening) is ({ } message, { } sa) && !message.IsResponse && sa.AnswerTo((uint)message["message ID"]) is not null)
        {
            peer = peer.With(sa with { Answers = [], NextExpected = (uint)message["message ID"] });
        }

        return machine.Run(peer, happening);
    }

    private static IkeOutcome AnyNumber(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (Read(machine, peer, happening) is ({ } message, { } sa) && !message.IsResponse && message["message ID"] > sa.NextExpected)
        {
            peer = peer.With(sa with { NextExpected = (uint)message["message ID"] });
        }

        return machine.Run(peer, happening);
    }

    private static IkeOutcome OldAnswered(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (Read(machine, peer, happening) is ({ } message, { } sa) && !message.IsResponse && message["message ID"] < sa.NextExpected && sa.AnswerTo((uint)message["message ID"]) is null)
        {
            IkeOutcome outcome = machine.Run(peer.With(sa with { Answers = [], NextExpected = (uint)message["message ID"] }), happening);
            return outcome with { Next = peer };
        }

        return machine.Run(peer, happening);
    }

    private static IkeOutcome DoesDeletes(IkeMachine machine, IkePeer peer, IkeEvent happening, bool ofResponses)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        if (outcome.Outputs.Count == 0 && Read(machine, peer, happening) is ({ } message, _) && message.IsResponse == ofResponses && message.Has("Delete/SPI"))
        {
            Spi closed = SpiBytes.Read(((Spec.Wire.Ike.Raw.RawData)message.Tree["Delete/SPI"]).Bytes)!.Value;
            return outcome with { Next = outcome.Next with { Children = new([.. outcome.Next.Children.Where(c => c.Outbound != closed)]) } };
        }

        return outcome;
    }

    private static IkeOutcome AnswersResponses(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        if (Read(machine, peer, happening) is not ({ } message, { } sa) || !message.IsResponse || !sa.Pending.IsEmpty)
        {
            return outcome;
        }

        EditableMessage answer = message.Repaired(t => t with { Parts = new(t.Parts.Items[..8]) }).With("flags", f => f ^ 0x08) with { Iv = ByteString.Adopt([.. Enumerable.Repeat((byte)0xee, sa.Suite!.IvBytes)]) };
        IkeEvent.Received received = (IkeEvent.Received)happening;
        return outcome with { Outputs = outcome.Outputs.Add(new IkeOutput.Send(answer.ToBytes(machine.Cryptography, sa.Suite, sa.OutboundKeys), received.To, received.From, "an answer")) };
    }

    private static IkeOutcome Renumbered(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        return happening is not IkeEvent.RetransmissionDue ? outcome
            : new IkeFault("", "", "") { Sends = (m, _) => m.IsSealed ? m.With("message ID", i => i + 1) : m, Steps = (_, _, _) => outcome }.Ike(machine, peer, happening);
    }
}
