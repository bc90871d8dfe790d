using Conformance.Harness.Contract;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Harness.Oracle.Ike;

/// <summary>What is held against every message of a target, whatever the test is about. RFC 7296 §1 to §3.</summary>
internal sealed class IkeInvariants(IkeConfiguration configuration)
{
    private readonly List<SentMessage> _requests = [];
    private readonly List<SentMessage> _responses = [];
    private readonly Dictionary<(IkeSpi, IkeSpi, uint), ByteString> _theirRequests = [];
    private readonly Dictionary<(IkeSpi, IkeSpi), (uint Next, HashSet<uint> Open)> _theirNumbers = [];
    private readonly HashSet<(IkeSpi, IkeSpi, bool, ByteString)> _ivs = [];
    private readonly HashSet<ByteString> _datagrams = [];
    private readonly Dictionary<(IkeSpi, bool, bool, uint), int> _totals = [];
    private readonly Dictionary<ByteString, ByteString> _nonces = [];

    /// <summary>Takes note of a message of the tester.</summary>
    public void NoteSent(IkeDatagram datagram, ValueList<IkePayload>? payloads)
    {
        IkeHeaderView header = new(datagram.Message.Span);
        List<SentMessage> sent = header.IsResponse ? _responses : _requests;
        if (sent.FirstOrDefault(m => m.Datagram.Message == datagram.Message && m.Datagram.From == datagram.From) is { } again)
        {
            again.Times++;
        }
        else
        {
            sent.Add(new SentMessage(datagram, payloads));
        }

        if (header.IsResponse && _theirNumbers.TryGetValue((header.InitiatorSpi, header.ResponderSpi), out (uint Next, HashSet<uint> Open) numbers))
        {
            numbers.Open.Remove(header.MessageId.Value);
        }
    }

    /// <summary>The request of the tester that a message answers, or null.</summary>
    public SentMessage? RequestOf(IkeArrival arrival) => !arrival.IsResponse ? null
        : _requests.LastOrDefault(r => Fits(r, arrival) && r.Header.MessageId.Value == arrival.MessageId && r.Header.ExchangeType == arrival.Exchange && r.Datagram.From == arrival.Datagram.To)
        ?? _requests.LastOrDefault(r => Fits(r, arrival) && r.Header.MessageId.Value == arrival.MessageId && r.Header.ExchangeType == arrival.Exchange);

    /// <summary>All clauses that a message breaks.</summary>
    public IEnumerable<Violation> Judge(IkeArrival arrival, IkeSa? sa)
    {
        IkeContext context = new(arrival, RequestOf(arrival), sa, configuration);
        Violation[] found =
        [
            .. HeaderRules.Judge(context),
            .. arrival.IsResponse ? Answers(context) : Requests(context),
            .. FormatRules.Judge(context),
            .. NegotiationRules.Judge(context),
            .. NotifyRules.Judge(context),
            .. CredentialRules.Judge(context),
            .. ConfigurationRules.Judge(context),
            .. MobikeRules.Judge(context),
            .. Freshness(context),
        ];
        _datagrams.Add(arrival.Bytes);
        return found;
    }

    // SPIs of a request may grow on the way: that of the responder is new in the answer.
    private static bool Fits(SentMessage message, IkeArrival arrival) =>
        message.Header.InitiatorSpi == arrival.InitiatorSpi && (message.Header.ResponderSpi == arrival.ResponderSpi || message.Header.ExchangeType == ExchangeType.IkeSaInit);

    private IEnumerable<Violation> Answers(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        if (context.Request is not { } request)
        {
            SentMessage[] near = [.. _requests.Where(r => r.Header.InitiatorSpi == arrival.InitiatorSpi)];
            if (_responses.Any(r => Fits(r, arrival) && r.Header.MessageId.Value == arrival.MessageId && r.Header.ExchangeType == arrival.Exchange))
            {
                yield return new("RFC7296-3.1-18", "a response is answered") { Also = ["RFC7296-2.21.4-02"] };
            }
            else if (near.Any(r => r.Header.MessageId.Value == arrival.MessageId && r.Header.ExchangeType != arrival.Exchange))
            {
                yield return new("RFC7296-1-05", $"an answer of exchange type {Iana.NameOf(arrival.Exchange)} to another one") { Also = ["RFC7296-1-04", "RFC7296-3.1-14"] };
            }
            else if (near.Length > 0)
            {
                yield return new("RFC7296-2.2-05", $"an answer with Message ID {arrival.MessageId}, which no request has") { Also = ["RFC7296-1-04", "RFC7296-1.5-06"] };
            }
            else
            {
                yield return new("RFC7296-2.1-01", "a response to nothing");
            }

            yield break;
        }

        request.Answers.Add(arrival.Bytes);
        bool isPiece = arrival.Outermost == PayloadType.EncryptedFragment;
        if (!isPiece && request.Answers.Count > request.Times)
        {
            yield return new("RFC7296-2.1-01", $"{request.Answers.Count} responses to a request that came {request.Times} times") { Also = ["RFC7383-2.6.1-03"] };
        }
        else if (!isPiece && arrival.IsSealed && request.Answers[0] != arrival.Bytes)
        {
            yield return new("RFC7296-2.1-03", "the response to the repeated request is another one") { Also = ["RFC7296-2.1-02", "RFC7296-2.1-11", "RFC7296-2.3-09", "RFC7383-2.6.1-04"] };
        }
    }

    private IEnumerable<Violation> Requests(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        (IkeSpi, IkeSpi, uint) key = (arrival.InitiatorSpi, arrival.ResponderSpi, arrival.MessageId);
        bool isPiece = arrival.Outermost == PayloadType.EncryptedFragment;
        if (arrival.Exchange == ExchangeType.IkeSaInit)
        {
            if (_requests.Any(r => r.Header.ExchangeType == ExchangeType.IkeSaInit && r.Header.InitiatorSpi == arrival.InitiatorSpi))
            {
                yield return new("RFC7296-3.1-17", "the answer to IKE_SA_INIT has the flag R clear");
            }

            // A cookie or another group makes it another message; where both are the same it is the same one.
            if (!_theirRequests.ContainsValue(arrival.Bytes) && _theirRequests.TryGetValue(key, out ByteString before) && !HasReasonToChange(context))
            {
                yield return new("RFC7296-2.1-10", $"IKE_SA_INIT again with other content than the {before.Length} octets before");
            }

            _theirRequests[key] = arrival.Bytes;
            yield break;
        }

        if (!isPiece && _theirRequests.TryGetValue(key, out ByteString known))
        {
            if (known != arrival.Bytes)
            {
                yield return new("RFC7296-2.1-10", $"two requests with Message ID {arrival.MessageId}") { Also = ["RFC7296-2.2-01", "RFC7296-2.2-06"] };
            }

            yield break;
        }

        _theirRequests[key] = arrival.Bytes;
        bool isFirst = !_theirNumbers.TryGetValue((arrival.InitiatorSpi, arrival.ResponderSpi), out (uint Next, HashSet<uint> Open) numbers);
        if (isFirst)
        {
            uint first = context.Sa is { IsInitiator: false, Replaces: null } ? 1u : 0u;
            numbers = (first, []);
        }

        if (!isPiece && arrival.MessageId != numbers.Next)
        {
            string clause = !isFirst || numbers.Next == 1 ? "RFC7296-2.2-04" : context.Sa?.Replaces is null ? "RFC7296-2.2-07" : "RFC7296-2.18-07";
            yield return new(clause, $"a request with Message ID {arrival.MessageId} where {numbers.Next} is next") { Also = ["RFC7296-2.2-06", "RFC7296-1.3.2-05", "RFC9242-3.2-04"] };
        }

        numbers.Open.Add(arrival.MessageId);
        _theirNumbers[(arrival.InitiatorSpi, arrival.ResponderSpi)] = (arrival.MessageId + 1, numbers.Open);
        int window = context.Sa?.Phase is IkeSaPhase.InitAnswered || context.Sa?.Replaces is not null ? 1 : configuration.WindowRequests;
        if (numbers.Open.Count > window)
        {
            yield return new(window == 1 ? "RFC7296-2.3-04" : "RFC7296-2.3-08", $"{numbers.Open.Count} requests at a time in a window of {window}") { Also = ["RFC7296-2.3-08", "RFC7296-2.2-01"] };
        }
    }

    private bool HasReasonToChange(IkeContext context) =>
        _responses.Any(r => r.Header.InitiatorSpi == context.Arrival.InitiatorSpi && r.Find<IkePayload.SecurityAssociation>() is null);

    private IEnumerable<Violation> Pieces(IkeContext context, FragmentMark piece)
    {
        IkeArrival arrival = context.Arrival;
        if (configuration.FragmentBytes is null)
        {
            yield return new("RFC7383-2.3-05", "a fragment, which the tester did not announce");
        }

        if (piece is { Number: > 1, First: not PayloadType.None })
        {
            yield return new("RFC7383-2.5-06", $"fragment {piece.Number} names a payload, {Iana.NameOf(piece.First)}");
        }

        (IkeSpi, bool, bool, uint) message = (arrival.InitiatorSpi, arrival.IsFromInitiator, arrival.IsResponse, arrival.MessageId);
        if (_totals.TryGetValue(message, out int total) && total != piece.Total && piece.Number > 1)
        {
            yield return new("RFC7383-2.5-11", $"{piece.Total} fragments in all, and {total} before");
        }

        _totals[message] = piece.Total;
        if (!_ivs.Add((arrival.InitiatorSpi, arrival.ResponderSpi, arrival.IsFromInitiator, piece.Iv)))
        {
            yield return new("RFC7383-2.5-14", $"IV {piece.Iv} a second time");
        }

        if (!piece.Opens)
        {
            yield return new("RFC7383-2.5-03", "a fragment does not open");
        }
    }

    private IEnumerable<Violation> Freshness(IkeContext context)
    {
        IkeArrival arrival = context.Arrival;
        if (_datagrams.Contains(arrival.Bytes))
        {
            yield break;
        }

        if (arrival.Fragment is { } piece)
        {
            foreach (Violation violation in Pieces(context, piece))
            {
                yield return violation;
            }
        }

        if (arrival.Opened?.Iv is { Length: > 0 } iv && !_ivs.Add((arrival.InitiatorSpi, arrival.ResponderSpi, arrival.IsFromInitiator, iv)))
        {
            yield return new("RFC7296-3.14-02", $"IV {iv} a second time under one key");
        }

        if (arrival.Find<IkePayload.Nonce>() is { } nonce)
        {
            // An initiator that is asked for a cookie or another group keeps its nonce.
            ByteString owner = ByteString.Adopt([.. arrival.Bytes.Span[..8], (byte)arrival.Exchange, (byte)arrival.MessageId, arrival.IsResponse ? (byte)1 : (byte)0]);
            if (_nonces.TryGetValue(nonce.Data, out ByteString other) && other != owner)
            {
                yield return new("RFC7296-3.9-02", "a nonce a second time") { Also = ["RFC7296-2.10-01"] };
            }

            _nonces[nonce.Data] = owner;
        }
    }
}
