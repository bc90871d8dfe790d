using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_SA_INIT at its responder: no memory before the cookie is back and the method fits. RFC 7296 §1.2, §2.6, §2.7.</summary>
internal static class InitialResponder
{
    private const int NonceBytes = 32;
    private const int CookieBytes = 32;

    /// <summary>Takes a first request.</summary>
    public static void Take(Draft draft, IkeEvent.Received received, IkeMessage message)
    {
        IkeHeader header = message.Header;
        if (draft.Peer.Sas.FirstOrDefault(s => !s.IsInitiator && s.Initial?.Request == received.Datagram && s.Initial.Origin == received.From) is { } known)
        {
            if (known.AnswerTo(0) is { } answer)
            {
                draft.Send(answer.Datagrams, received.To, received.From, "IKE_SA_INIT response again");
            }

            return;
        }

        if (message.Payloads.FirstOrDefault(p => p is IkePayload.Unknown { IsCritical: true }) is { } critical)
        {
            Refuse(draft, received, header, NotifyType.UnsupportedCriticalPayload, ByteString.Adopt([(byte)critical.Type]));
            return;
        }

        if (message.Find<IkePayload.SecurityAssociation>() is not { } offer || message.Find<IkePayload.KeyExchange>() is not { } exchange
            || message.Find<IkePayload.Nonce>() is not { } nonce)
        {
            // INVALID_SYNTAX needs protection (interpretation 0070).
            draft.Report("IKE_SA_INIT without SA, KE or nonce is passed over");
            return;
        }

        if (!HasCookie(draft, received, message, nonce.Data))
        {
            return;
        }

        // Additional key exchanges need IKE_INTERMEDIATE. RFC 9370 §2.2.1.
        ValueList<ValueList<Transform>> suites = Abilities.Read(message.Payloads).HasFlag(PeerAbilities.Intermediate)
            ? draft.Configuration.Offers
            : AdditionalKeyExchanges.Without(new([.. draft.Configuration.Offers.Where(o => !AdditionalKeyExchanges.AreRequired(o))]));
        if (ProposalSelection.Choose(offer.Proposals, suites, ProtocolId.Ike, 0, exchange.Method) is not { } chosen
            || Suites.OfIke(chosen.Transforms) is not { } suite || !suite.Prf.TakesNonce(nonce.Data.Length))
        {
            Refuse(draft, received, header, NotifyType.NoProposalChosen, ByteString.Empty);
            return;
        }

        if (suite.KeyExchange.TransformId != (ushort)exchange.Method)
        {
            Refuse(draft, received, header, NotifyType.InvalidKePayload, new NotifyContent.WantedMethod((WireMethod)suite.KeyExchange.TransformId).ToByteString());
            return;
        }

        Accept(draft, received, message, (chosen, suite, exchange, nonce));
    }

    // The cookie binds nonce, address and SPI, so that nothing need be remembered. RFC 7296 §2.6.
    private static bool HasCookie(Draft draft, IkeEvent.Received received, IkeMessage message, ByteString nonce)
    {
        ByteString due = Cookie(draft, received, message.Header, nonce, draft.Peer.CookieSecret);
        ByteString? given = IkePayloads.FindNotify(message.Payloads, NotifyType.Cookie)?.Data;
        if (given == due)
        {
            return true;
        }

        // The secret before the last one is good for a while, or no more; older ones never are.
        bool isFormer = false;
        for (int age = 1; !isFormer && age <= draft.Peer.CookieSecret && draft.Rules.TakesCookieOfFormerSecret(age); age++)
        {
            isFormer = given == Cookie(draft, received, message.Header, nonce, draft.Peer.CookieSecret - age);
        }

        if (isFormer && draft.Choose("cookie of the former secret: taken, COOKIE", 2) == 0)
        {
            return true;
        }

        bool asks = isFormer || draft.Configuration.AsksForCookie || draft.Choose("first request: answered, COOKIE", 2) == 1;
        if (asks)
        {
            Refuse(draft, received, message.Header, NotifyType.Cookie, due);
        }

        return !asks;
    }

    private static ByteString Cookie(Draft draft, IkeEvent.Received received, IkeHeader header, ByteString nonce, int secret) =>
        draft.Fresh($"cookie {secret} {nonce} {received.From.Address} {header.InitiatorSpi}", CookieBytes);

    private static void Accept(
        Draft draft, IkeEvent.Received received, IkeMessage message, (Proposal Proposal, IkeSuite Suite, IkePayload.KeyExchange Exchange, IkePayload.Nonce Nonce) offer)
    {
        NatPresence? nat = draft.Configuration.DetectsNat
            ? NatDetection.Judge(message.Payloads, message.Header.InitiatorSpi, message.Header.ResponderSpi, received.From, received.To)
            : null;
        if (draft.Configuration.RefusesNat && nat is not (null or NatPresence.None))
        {
            draft.Report("IKE_SA_INIT through a NAT is refused");
            Refuse(draft, received, message.Header, NotifyType.NoProposalChosen, ByteString.Empty);
            return;
        }

        int number = draft.Peer.SasMade;
        IkeSa sa = new()
        {
            Number = number,
            Family = number,
            IsInitiator = false,
            InitiatorSpi = message.Header.InitiatorSpi,
            ResponderSpi = draft.FreshIkeSpi($"responder's SPI {number} {message.Header.InitiatorSpi}"),
            Phase = IkeSaPhase.InitAnswered,
            Older = new([.. draft.Peer.Sas.Where(s => s.Phase is IkeSaPhase.Established or IkeSaPhase.Redundant or IkeSaPhase.Replaced or IkeSaPhase.Deleting).Select(s => s.Number)]),
            Own = received.To,
            Peer = received.From,
        };
        ByteString randomness = draft.Fresh("responder's private value", sa, 0, offer.Suite.KeyExchange.ResponderRandomnessBytes);
        if (!draft.Cryptography.TryAnswerKeyExchange(offer.Suite.KeyExchange, randomness, offer.Exchange.Data, out KeyExchangeAnswer answer, out _))
        {
            draft.Report($"IKE_SA_INIT with a public value that is none of {offer.Suite.KeyExchange} is passed over");
            return;
        }

        ByteString nonce = draft.Fresh("responder's nonce", sa, 0, NonceBytes);
        ValueList<IkePayload> payloads =
        [
            new IkePayload.SecurityAssociation([offer.Proposal]),
            new IkePayload.KeyExchange(offer.Exchange.Method, answer.PublicValue),
            new IkePayload.Nonce(nonce),
            .. nat is null ? [] : NatDetection.Announce(sa.InitiatorSpi, sa.ResponderSpi, sa.Own, sa.Peer),
            .. CertificatePayloads.Request(draft),
            .. Abilities.Announce(draft.Configuration with { FragmentBytes = Abilities.Read(message.Payloads).HasFlag(PeerAbilities.Fragmentation) ? draft.Configuration.FragmentBytes : null }),
            .. Abilities.Read(message.Payloads).HasFlag(PeerAbilities.Intermediate) ? IntermediateMessages.Announce(draft.Configuration) : [],
            .. Abilities.Read(message.Payloads).HasFlag(PeerAbilities.PostQuantumKey) ? PostQuantumKeys.Announce(draft.Configuration) : [],
        ];
        IkeMessage response = new(MessageSealing.Header(sa, ExchangeType.IkeSaInit, isResponse: true, 0), payloads);
        ByteString bytes = ByteString.Adopt(response.ToBytes());
        Freshness freshness = new(offer.Nonce.Data, nonce, sa.InitiatorSpi.Value, sa.ResponderSpi.Value);
        draft.Peer = draft.Peer with { SasMade = number + 1 };
        draft.Put(sa with
        {
            Nat = nat ?? NatPresence.None,
            Suite = offer.Suite,
            Keys = draft.Cryptography.FirstKeys(offer.Suite, answer.Shared, freshness),
            Initial = new InitialExchange(offer.Nonce.Data, nonce, received.Datagram, bytes) { Origin = received.From, Additional = AdditionalKeyExchanges.Of(offer.Proposal.Transforms) },
            Abilities = Abilities.Read(message.Payloads),
            PeerHashes = SignatureHashes.Read(message.Payloads),
            NextExpected = 1,
            Answers = [new GivenAnswer(0, [bytes])],
        });
        draft.Send([bytes], received.To, received.From, $"{response}");
    }

    private static void Refuse(Draft draft, IkeEvent.Received received, IkeHeader header, NotifyType error, ByteString data)
    {
        IkeMessage message = new(header.ForAnswer(), [new IkePayload.Notify(error, data)]);
        draft.Send([ByteString.Adopt(message.ToBytes())], received.To, received.From, $"{message}");
    }
}
