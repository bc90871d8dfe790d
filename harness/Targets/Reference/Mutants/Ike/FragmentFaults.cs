using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults of IKE fragments. RFC 7383 §2.</summary>
internal static class FragmentFaults
{
    private const int FirstOffset = 28;
    private const int NumberOffset = 32;
    private const int TotalOffset = 34;

    /// <summary>A piece as its header tells.</summary>
    /// <param name="Sa">IKE SA.</param>
    /// <param name="Buffer">Pieces of its message so far; null for none.</param>
    /// <param name="Id">Message ID.</param>
    /// <param name="Number">Fragment Number.</param>
    /// <param name="Total">Total Fragments.</param>
    private sealed record Piece(IkeSa Sa, FragmentBuffer? Buffer, uint Id, int Number, int Total);

    public static ImmutableArray<IkeFault> All { get; } =
    [
        new("ike-pieces-not-joined", "RFC7383-2.6-11", "fragments are announced and never read") { Steps = (machine, peer, happening) => Read(peer, happening) is null ? machine.Run(peer, happening) : BehaviourFaults.Nothing(peer) },
        Sent("pieces-forged", "RFC7383-2.5-03", "the checksum leaves the numbers out", (bytes, _) => bytes[^1] ^= 1),
        Sent("type-in-every-piece", "RFC7383-2.5-06", "the header is copied to every piece", (bytes, first) => bytes[FirstOffset] = bytes[NumberOffset + 1] > 1 ? (byte)40 : first[FirstOffset]),
        Sent("totals-differ", "RFC7383-2.5-11", "the total is what is left", (bytes, _) => bytes[TotalOffset + 1] += (byte)(bytes[NumberOffset + 1] - 1)),
        Sent("one-iv-for-all-pieces", "RFC7383-2.5-14", "the IV is drawn once for a message", (bytes, first) => first.Span.Slice(36, 8).CopyTo(bytes.AsSpan(36))),
        new("ike-fragments-announced-unasked", "RFC7383-2.3-03", "the announcement does not look at the request") { Sends = (m, _) => m.Is(ExchangeType.IkeSaInit, true) && m.Has("SecurityAssociation") && m.PathOf(NotifyType.FragmentationSupported) is null ? m.With(new IkePayload.Notify(NotifyType.FragmentationSupported)) : m },
        new("ike-fragments-whatever-was-agreed", "RFC7383-2.3-05", "the own ability decides") { Steps = (machine, peer, happening) => machine.Run(peer with { Sas = new([.. peer.Sas.Select(s => s with { Abilities = s.Abilities | PeerAbilities.Fragmentation })]) }, happening) },
        new("ike-fragments-taken-anyway", "RFC7383-2.3-06", "a piece is a piece") { Rules = new TakesAnyFragment() },
        Dropped("pieces-in-order-only", "RFC7383-2.6-10", "the next number is waited for", p => p.Number != (p.Buffer?.Pieces.Count ?? 0) + 1),
        Dropped("one-of-one-refused", "RFC7383-2.6-13", "a fragmented message has two pieces at least", p => p.Total == 1),
        new("ike-empty-piece-refused", "RFC7383-2.6-14", "a piece has some content") { Steps = (machine, peer, happening) => Read(peer, happening) is not null && happening is IkeEvent.Received { Datagram.Length: <= 36 + 8 + 1 + 16 } ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-type-in-later-piece-refused", "RFC7383-2.5-07", "the type must be 0") { Steps = (machine, peer, happening) => Read(peer, happening) is { Number: > 1 } && ((IkeEvent.Received)happening).Datagram[FirstOffset] != 0 ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        Dropped("finer-cut-refused", "RFC7383-2.6-08", "the total is that of the first piece", p => p.Buffer is { } buffer && p.Total > buffer.Total),
        Restarted("coarser-cut-taken", "RFC7383-2.6-04", "any other total begins anew", p => p.Buffer is { } buffer && p.Total < buffer.Total),
        Restarted("finer-cut-before-its-checksum", "RFC7383-2.6-09", "the total is compared before the checksum", p => p.Buffer is { } buffer && p.Total > buffer.Total),
        new("ike-forged-piece-takes-a-place", "RFC7383-2.6-07", "a piece has its place before its checksum is looked at") { Steps = ForgedTakesPlace },
        new("ike-impossible-pieces-told", "RFC7383-2.6-01", "malformed is malformed") { Steps = Tells, Also = ["RFC7383-2.6-02", "RFC7383-2.6-03"] },
        Dropped("first-piece-again-ignored", "RFC7383-2.6.1-02", "an answered request is over", p => p.Number == 1 && p.Sa.AnswerTo(p.Id) is not null),
        new("ike-any-piece-brings-the-answer", "RFC7383-2.6.1-03", "every piece is a repetition") { Steps = (machine, peer, happening) => Read(peer, happening) is { Number: > 1 } p && p.Sa.AnswerTo(p.Id) is { } answer && happening is IkeEvent.Received received ? new IkeOutcome(peer, [.. answer.Datagrams.Select(d => new IkeOutput.Send(d, received.To, received.From, "again"))], []) : machine.Run(peer, happening) },
        new("ike-answer-to-pieces-made-anew", "RFC7383-2.6.1-04", "the answer is sealed each time") { Steps = (machine, peer, happening) => Read(peer, happening) is { Number: 1 } p && p.Sa.AnswerTo(p.Id) is not null ? Padded(machine, peer, happening) : machine.Run(peer, happening) },
    ];

    private static Piece? Read(IkePeer peer, IkeEvent happening)
    {
        if (happening is not IkeEvent.Received { Datagram: { Length: > TotalOffset + 1 } datagram } || datagram[16] != (byte)PayloadType.EncryptedFragment)
        {
            return null;
        }

        IkeHeaderView header = new(datagram.Span);
        (IkeSpi initiator, IkeSpi responder, uint id) = (header.InitiatorSpi, header.ResponderSpi, header.MessageId.Value);
        return peer.Sas.FirstOrDefault(s => s.InitiatorSpi == initiator && s.ResponderSpi == responder) is { } sa
            ? new Piece(sa, sa.Fragments.FirstOrDefault(f => f.MessageId == id), id, Word(datagram, NumberOffset), Word(datagram, TotalOffset)) : null;
    }

    private static int Word(ByteString datagram, int offset) => (datagram[offset] << 8) | datagram[offset + 1];

    private static IkeFault Dropped(string name, string requirement, string story, Func<Piece, bool> which) =>
        new($"ike-{name}", requirement, story) { Steps = (machine, peer, happening) => Read(peer, happening) is { } piece && which(piece) ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) };

    private static IkeFault Restarted(string name, string requirement, string story, Func<Piece, bool> which) =>
        new($"ike-{name}", requirement, story) { Steps = (machine, peer, happening) => machine.Run(Read(peer, happening) is { } piece && which(piece) ? peer.With(piece.Sa with { Fragments = [] }) : peer, happening) };

    // Pieces that are not sealed anew do not open any more, which is looked at last.
    private static IkeFault Sent(string name, string requirement, string story, Action<byte[], ByteString> change) => new($"ike-{name}", requirement, story)
    {
        Steps = (machine, peer, happening) =>
        {
            IkeOutcome outcome = machine.Run(peer, happening);
            ByteString first = outcome.Outputs.OfType<IkeOutput.Send>().Select(s => s.Datagram).FirstOrDefault(d => d[16] == (byte)PayloadType.EncryptedFragment);
            return outcome with { Outputs = new([.. outcome.Outputs.Select(o => o is IkeOutput.Send { Datagram: var d } send && d[16] == (byte)PayloadType.EncryptedFragment ? send with { Datagram = Changed(d, first, change) } : o)]) };
        },
    };

    private static ByteString Changed(ByteString datagram, ByteString first, Action<byte[], ByteString> change)
    {
        byte[] bytes = datagram.ToArray();
        change(bytes, first);
        return ByteString.Adopt(bytes);
    }

    private static IkeOutcome ForgedTakesPlace(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        if (Read(peer, happening) is not { Buffer: { } buffer } piece || outcome.Next != peer || piece.Total != buffer.Total || buffer.Pieces.Any(p => p.Number == piece.Number))
        {
            return outcome;
        }

        FragmentBuffer filled = buffer with { Pieces = buffer.Pieces.Add(new FragmentPiece(piece.Number, PayloadType.None, ByteString.FromHex("ffff"))) };
        return outcome with { Next = peer.With(piece.Sa with { Fragments = [filled] }) };
    }

    private static IkeOutcome Tells(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (Read(peer, happening) is not { } piece || (piece.Number >= 1 && piece.Number <= piece.Total))
        {
            return machine.Run(peer, happening);
        }

        IkeEvent.Received received = (IkeEvent.Received)happening;
        IkeHeader header = new() { InitiatorSpi = piece.Sa.InitiatorSpi, ResponderSpi = piece.Sa.ResponderSpi, ExchangeType = new Spec.Wire.Ike.Views.IkeHeaderView(received.Datagram.Span).ExchangeType, IsFromInitiator = piece.Sa.IsInitiator, IsResponse = true, MessageId = new MessageId(piece.Id) };
        return new IkeOutcome(peer, [new IkeOutput.Send(ByteString.Adopt(new IkeMessage(header, [new IkePayload.Notify(NotifyType.InvalidSyntax)]).ToBytes()), received.To, received.From, "told")], []);
    }

    private static IkeOutcome Padded(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        return new IkeFault("", "", "") { Sends = (m, _) => m.IsSealed ? m with { Padding = ByteString.Adopt(new byte[3]) } : m, Steps = (_, _, _) => outcome }.Ike(machine, peer, happening);
    }

    private sealed class TakesAnyFragment : IkeRules
    {
        public override bool TakesFragments(bool isAgreed) => true;
    }
}
