using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using CryptoMethod = Conformance.Spec.Crypto.Ike.KeyExchange.KeyExchangeMethod;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_SA_INIT at its initiator: cookies and another method until there is an answer. RFC 7296 §1.2, §2.6, §2.7.</summary>
internal static class InitialInitiator
{
    private const int NonceBytes = 32;

    // Each answer may change the request once or twice; who asks for ever is not followed. RFC 7296 §2.6.1.
    private const int MostAttempts = 6;

    // Each that is followed costs a key exchange, and anybody may answer. RFC 7296 §2.4.
    private const int MostFollowed = 8;

    /// <summary>Sends the first request.</summary>
    public static void Start(Draft draft, IkeCommand.Initiate command)
    {
        // Made anew it begins where the old one is now.
        IkeSa? old = command.Instead is { } replaced ? draft.Peer.Sa(replaced) : null;
        (Endpoint own, Endpoint peer) = (draft.Configuration.Own, draft.Configuration.Peer);
        int number = draft.Peer.SasMade;
        IkeSa sa = new()
        {
            Number = number,
            Family = number,
            IsOriginalInitiator = true,
            IsInitiator = true,
            InitiatorSpi = draft.FreshIkeSpi($"initiator's SPI {number}"),
            Phase = IkeSaPhase.InitRequested,
            Own = old is null ? own : own with { Address = old.Own.Address },
            Peer = old is null ? peer : peer with { Address = old.Peer.Address },
            Packet = command.Packet,
            Instead = old?.Family,
            Failures = command.Failures,
        };
        draft.Peer = draft.Peer with { SasMade = number + 1 };
        ByteString nonce = draft.Fresh("initiator's nonce", sa, 0, NonceBytes);
        Send(draft, sa, nonce, draft.Configuration.KeyExchange, ByteString.Empty, 0);
    }

    /// <summary>Takes an answer to it, which nothing protects.</summary>
    public static void Take(Draft draft, IkeEvent.Received received, IkeMessage message)
    {
        IkeSa? sa = draft.Peer.Sas.FirstOrDefault(s => s.IsInitiator && s.Phase == IkeSaPhase.InitRequested && s.InitiatorSpi == message.Header.InitiatorSpi);
        IkeSa[] followed = [.. draft.Peer.Sas.Where(s => s.IsInitiator && s.InitiatorSpi == message.Header.InitiatorSpi && s.Phase != IkeSaPhase.InitRequested)];
        if (followed.Length >= MostFollowed || followed.Any(s => s.ResponderSpi == message.Header.ResponderSpi))
        {
            return;
        }

        if (sa is null || message.Header.MessageId.Value != 0 || sa.PendingOf(0)?.Purpose is not ExchangePurpose.Initialize purpose)
        {
            return;
        }

        if (message.Payloads.Any(p => p is IkePayload.Unknown { IsCritical: true }))
        {
            return;
        }

        bool hasFailed = message.Payloads.Any(p => p is IkePayload.Notify { IsError: true } notify && !Iana.IsKnown(notify.Notification));
        if (message.Find<IkePayload.SecurityAssociation>() is { } answer && !hasFailed)
        {
            Accept(draft, received, message, sa, purpose, answer);
        }
        else
        {
            TakeNotification(draft, message, sa, purpose);
        }
    }

    // Cookies and wishes for another method are followed; errors are noted, for anybody could have sent them. RFC 7296 §2.6, §2.7, §2.21.1.
    private static void TakeNotification(Draft draft, IkeMessage message, IkeSa sa, ExchangePurpose.Initialize purpose)
    {
        ByteString nonce = sa.Initial!.InitiatorNonce;
        if (purpose.Attempt + 1 < MostAttempts && IkePayloads.FindNotify(message.Payloads, NotifyType.Cookie) is { Data.Length: >= 1 and <= 64 } cookie)
        {
            // The cookie that was sent already answers an earlier copy of the request.
            if (cookie.Data != purpose.Cookie)
            {
                Send(draft, sa, nonce, purpose.Method, cookie.Data, purpose.Attempt + 1);
            }
        }
        else if (purpose.Attempt + 1 < MostAttempts && IkePayloads.FindNotify(message.Payloads, NotifyType.InvalidKePayload) is { Data.Length: 2 } other)
        {
            WireMethod wanted = (WireMethod)LooseFields.Word(other.Data.Span, 0);
            bool isOffered = draft.Configuration.Offers.Any(o => o.Any(t => t.Type == TransformType.KeyExchange && t.Id == (ushort)wanted));
            if (isOffered && wanted != purpose.Method)
            {
                // The cookie goes along: that saves a round. RFC 7296 §2.6.1.
                Send(draft, sa, nonce, wanted, purpose.Cookie, purpose.Attempt + 1);
            }
        }
        else if (message.Payloads.FirstOrDefault(p => p is IkePayload.Notify { IsError: true }) is { } error)
        {
            draft.Report($"IKE_SA_INIT was answered by {error}");
        }
    }

    private static void Send(Draft draft, IkeSa sa, ByteString nonce, WireMethod method, ByteString cookie, int attempt)
    {
        CryptoMethod exchange = Suites.Method(method) ?? throw new ArgumentException($"this model has no key exchange {method}");
        _ = ProposalSelection.Offers(draft.Configuration.Offers, method) ? 0 : throw new ArgumentException($"the KE payload is for {method}, which no suite has");
        ByteString randomness = draft.Fresh($"initiator's private value {method}", sa, 0, exchange.InitiatorRandomnessBytes);
        if (!draft.Cryptography.TryStartKeyExchange(exchange, randomness, out KeyExchangeStart start, out var error))
        {
            throw new ArgumentException($"{method}: {error}");
        }

        ValueList<IkePayload> payloads =
        [
            new IkePayload.SecurityAssociation(ProposalSelection.Offer(ProtocolId.Ike, ByteString.Empty, draft.Configuration.Offers)),
            new IkePayload.KeyExchange(method, start.PublicValue),
            new IkePayload.Nonce(nonce),
        ];
        payloads = cookie.Length == 0 ? payloads : payloads.Insert(0, new IkePayload.Notify(NotifyType.Cookie, cookie));
        payloads = draft.Configuration.DetectsNat ? new([.. payloads, .. NatDetection.Announce(sa.InitiatorSpi, default, sa.Own, sa.Peer, Sources(draft, sa))]) : payloads;
        payloads = new([.. payloads, .. Abilities.Announce(draft.Configuration), .. IntermediateMessages.Announce(draft.Configuration), .. PostQuantumKeys.Announce(draft.Configuration)]);
        IkeMessage request = new(MessageSealing.Header(sa, ExchangeType.IkeSaInit, isResponse: false, 0), payloads);
        ByteString bytes = ByteString.Adopt(request.ToBytes());
        ExchangePurpose.Initialize purpose = new(method, start.PrivateValue, cookie, attempt);
        draft.Put(sa with
        {
            Initial = new InitialExchange(nonce, ByteString.Empty, bytes, ByteString.Empty),
            NextRequest = 1,
            Pending = [new PendingRequest(0, [bytes], purpose)],
        });
        draft.Send([bytes], sa.Own, sa.Peer, $"{request}");
    }

    // Of several pairs of addresses the one that works is that of the answer. RFC 4555 §3.1.
    private static IkeSa Answered(Draft draft, IkeSa sa, IkeEvent.Received received)
    {
        bool isOwn = PathSearch.Sources(draft.Configuration).Contains(received.To.Address);
        bool isPeer = received.From.Address == draft.Configuration.Peer.Address || draft.Configuration.Mobike!.Known.Contains(received.From.Address);
        return sa with { Own = isOwn ? sa.Own with { Address = received.To.Address } : sa.Own, Peer = isPeer ? sa.Peer with { Address = received.From.Address } : sa.Peer };
    }

    private static ValueList<IpAddress> Sources(Draft draft, IkeSa sa) => new([.. PathSearch.Sources(draft.Configuration).Where(a => a != sa.Own.Address)]);

    private static void Accept(
        Draft draft, IkeEvent.Received received, IkeMessage message, IkeSa sa, ExchangePurpose.Initialize purpose, IkePayload.SecurityAssociation answer)
    {
        ValueList<Proposal> offered = ProposalSelection.Offer(ProtocolId.Ike, ByteString.Empty, draft.Configuration.Offers);
        bool isRight = answer.Proposals.Count == 1 && ProposalSelection.IsChoiceOf(answer.Proposals[0], offered) && !message.Header.ResponderSpi.IsZero;
        ValueList<WireMethod> additional = isRight ? AdditionalKeyExchanges.Of(answer.Proposals[0].Transforms) : [];
        isRight = isRight && AdditionalKeyExchanges.Differ(answer.Proposals[0].Transforms)
            && (additional.IsEmpty || Abilities.Read(message.Payloads).HasFlag(PeerAbilities.Intermediate));
        IkeSuite? suite = isRight ? Suites.OfIke(answer.Proposals[0].Transforms) : null;
        if (suite is null
            || message.Find<IkePayload.KeyExchange>() is not { } exchange || exchange.Method != purpose.Method || suite.KeyExchange.TransformId != (ushort)purpose.Method
            || message.Find<IkePayload.Nonce>() is not { } nonce || !suite.Prf.TakesNonce(nonce.Data.Length)
            || !draft.Cryptography.TryFinishKeyExchange(suite.KeyExchange, purpose.PrivateValue, exchange.Data, out IkeSecret shared, out _))
        {
            draft.Report("an answer to IKE_SA_INIT that is none is passed over");
            return;
        }

        IkeSpi responderSpi = message.Header.ResponderSpi;
        InitialExchange initial = sa.Initial! with { ResponderNonce = nonce.Data, Response = received.Datagram, Additional = additional };
        Freshness freshness = new(initial.InitiatorNonce, nonce.Data, sa.InitiatorSpi.Value, responderSpi.Value);
        NatPresence? nat = draft.Configuration.DetectsNat ? NatDetection.Judge(message.Payloads, sa.InitiatorSpi, responderSpi, received.From, received.To) : null;
        if (draft.Configuration.RefusesNat && nat is not (null or NatPresence.None))
        {
            Closing.Forget(draft, sa.Number, "a NAT is on the path");
            return;
        }

        int followed = Followed(draft, sa);
        // Who may move goes to port 4500 although no NAT is there yet (interpretation 0061).
        bool floats = nat is not null and not NatPresence.None || (nat is not null && draft.Configuration.Mobike is not null);
        sa = draft.Configuration.Mobike is null ? sa : Answered(draft, sa, received);
        draft.Put(sa with
        {
            Number = followed,
            Family = followed,
            SeenAt = Mobike.Seen(message.Payloads) ?? ByteString.Empty,
            ResponderSpi = responderSpi,
            Own = !floats ? sa.Own : NatDetection.AtTraversalPort(sa.Own),
            Peer = !floats ? sa.Peer : NatDetection.AtTraversalPort(sa.Peer),
            Nat = nat ?? NatPresence.None,
            Suite = suite,
            Keys = draft.Cryptography.FirstKeys(suite, shared, freshness),
            Initial = initial,
            Abilities = Abilities.Read(message.Payloads),
            PeerHashes = SignatureHashes.Read(message.Payloads),
            Phase = IkeSaPhase.AuthRequested,
            Pending = [],
        });
        if (draft.Configuration.NeedsPostQuantumKey && PostQuantumKeys.OfInitiator(draft, draft.Sa(followed)) is null)
        {
            Closing.Forget(draft, followed, "the other side uses no post-quantum key");
            return;
        }

        IntermediateInitiator.Continue(draft, followed);
    }

    // The number under which an answer is followed: the attempt's own, or another, beside which the attempt waits for further answers. RFC 7296 §2.4.
    private static int Followed(Draft draft, IkeSa attempt)
    {
        if (!draft.Configuration.FollowsEveryAnswer)
        {
            return attempt.Number;
        }

        int number = draft.Peer.SasMade;
        draft.Peer = draft.Peer with { SasMade = number + 1 };
        return number;
    }

    /// <summary>One answer has proven genuine: the attempt and what else was made of its answers are dropped. RFC 7296 §2.4.</summary>
    public static void Settle(Draft draft, int number)
    {
        IkeSa genuine = draft.Sa(number);
        foreach (IkeSa other in draft.Peer.Sas)
        {
            if (other.Number != number && other.InitiatorSpi == genuine.InitiatorSpi && other is { IsInitiator: true, Phase: IkeSaPhase.InitRequested or IkeSaPhase.AuthRequested })
            {
                draft.Peer = draft.Peer.WithoutSa(other.Number);
            }
        }
    }
}
