using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Requests and answers over an IKE SA: Message IDs, windows, and what is kept to be sent again. RFC 7296 §2.1 to §2.3.</summary>
internal static class Exchanges
{
    /// <summary>True if the window has room for a request of this side. RFC 7296 §2.3.</summary>
    public static bool HasRoom(IkeSa sa) => sa.NextRequest < uint.MaxValue && (sa.Pending.IsEmpty || sa.NextRequest - sa.Pending[0].MessageId < sa.PeerWindow);

    /// <summary>True if so few Message IDs are left that nothing but a rekey or the end may use them. RFC 7296 §2.2.</summary>
    public static bool IsWornOut(IkeSa sa) => sa.NextRequest > uint.MaxValue - 16;

    /// <summary>Sends a protected request and keeps it.</summary>
    public static void Request(Draft draft, int number, ExchangeType exchange, ValueList<IkePayload> payloads, ExchangePurpose purpose)
    {
        IkeSa sa = draft.Sa(number);
        uint id = sa.NextRequest;
        IkeHeader header = MessageSealing.Header(sa, exchange, isResponse: false, id);
        ValueList<ByteString> datagrams = MessageSealing.Seal(draft, sa, header, payloads);
        draft.Put(Promised(sa, payloads) with { NextRequest = id + 1, Pending = sa.Pending.Add(new PendingRequest(id, datagrams, purpose)) });
        draft.Send(datagrams, sa.Own, sa.Peer, Notation(header, payloads));
    }

    /// <summary>Answers the request of a Message ID and keeps the answer.</summary>
    public static void Answer(Draft draft, int number, ExchangeType exchange, uint messageId, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        IkeHeader header = MessageSealing.Header(sa, exchange, isResponse: true, messageId);
        ValueList<ByteString> datagrams = MessageSealing.Seal(draft, sa, header, payloads);
        draft.Put(Keep(draft, Promised(sa, payloads), new GivenAnswer(messageId, datagrams)));
        (Configuration.Endpoint own, Configuration.Endpoint peer) = draft.AnswerPath ?? (sa.Own, sa.Peer);
        draft.Send(datagrams, own, peer, Notation(header, payloads));
        if (IkePayloads.FindNotify(payloads, NotifyType.InvalidSyntax) is not null && draft.Rules.ClosesWithInvalidSyntax)
        {
            // That ends the IKE SA at both sides without a Delete payload. RFC 7296 §2.21.2, §2.21.3.
            Closing.Close(draft, number, keepsAnswers: true);
        }
    }

    /// <summary>Answers with one error and keeps the answer.</summary>
    public static void Refuse(Draft draft, int number, ExchangeType exchange, uint messageId, NotifyType error, ByteString data = default) =>
        Answer(draft, number, exchange, messageId, [new IkePayload.Notify(error, data)]);

    /// <summary>The IKE SA with an answer among those that are kept: as many of the highest Message IDs as its window. RFC 7296 §2.1, §2.3.</summary>
    public static IkeSa Keep(Draft draft, IkeSa sa, GivenAnswer answer)
    {
        ValueList<GivenAnswer> answers = sa.Answers.Add(answer);
        uint newest = answers.Max(a => a.MessageId);
        uint next = draft.Rules.WaitsForMissingRequests ? sa.NextExpected : newest;
        while (next < uint.MaxValue && answers.Any(a => a.MessageId == next))
        {
            next++;
        }

        return sa with { Answers = new([.. answers.Where(a => newest - a.MessageId < draft.Rules.AnswersKept(sa.OwnWindow))]), NextExpected = next };
    }

    /// <summary>The IKE SA without a request that has its response.</summary>
    public static void Finish(Draft draft, int number, PendingRequest pending)
    {
        IkeSa sa = draft.Sa(number);
        draft.Put(sa with { Pending = new([.. sa.Pending.Where(p => p.MessageId != pending.MessageId)]) });
    }

    /// <summary>What tells the other side that this one can move, and how many requests it takes at a time. RFC 7296 §2.3, RFC 4555 §3.2.</summary>
    public static ValueList<IkePayload> Window(Draft draft, IkeSa sa) => draft.Configuration.WindowRequests == 1
        ? Mobike.Announce(draft.Configuration, sa, draft.Rules)
        : [.. Mobike.Announce(draft.Configuration, sa, draft.Rules), WindowSize(draft)];

    /// <summary>Tells the other side how many requests this one takes at a time. RFC 7296 §2.3.</summary>
    public static void Widen(Draft draft, int number) => Request(draft, number, ExchangeType.Informational, [WindowSize(draft)], new ExchangePurpose.Tell());

    private static IkePayload.Notify WindowSize(Draft draft) =>
        new(NotifyType.SetWindowSize, new NotifyContent.Number((uint)draft.Configuration.WindowRequests).ToByteString());

    /// <summary>The IKE SA after what the other side told in IKE_AUTH. RFC 7296 §2.3, RFC 4555 §3.2.</summary>
    public static IkeSa Widened(Draft draft, IkeSa sa, ValueList<IkePayload> payloads) => Mobike.Read(Told(draft, sa, payloads), payloads);

    /// <summary>The IKE SA after SET_WINDOW_SIZE of the other side: a window only grows. RFC 7296 §2.3.</summary>
    public static IkeSa Told(Draft draft, IkeSa sa, ValueList<IkePayload> payloads)
    {
        const int MostRequests = 1024;
        int told = (int)Math.Min(WindowOf(payloads), MostRequests);
        return told == 0 ? sa : sa with { PeerWindow = Math.Max(sa.PeerWindow, draft.Rules.WindowTold(told)) };
    }

    // What was told is promised. RFC 7296 §2.3.
    private static IkeSa Promised(IkeSa sa, ValueList<IkePayload> payloads) => sa with { OwnWindow = Math.Max(sa.OwnWindow, (int)WindowOf(payloads)) };

    private static uint WindowOf(ValueList<IkePayload> payloads) =>
        IkePayloads.FindNotify(payloads, NotifyType.SetWindowSize) is { Data.Length: 4 } notify ? LooseFields.Long(notify.Data.Span, 0) : 0;

    /// <summary>A message as the RFC writes it.</summary>
    public static string Notation(IkeHeader header, ValueList<IkePayload> payloads) =>
        $"{Iana.NameOf(header.ExchangeType)} {(header.IsResponse ? "response" : "request")} {header.MessageId}: SK {{{string.Join(", ", payloads.Select(p => $"{p}"))}}}";
}
