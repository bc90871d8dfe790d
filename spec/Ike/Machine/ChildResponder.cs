using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>CREATE_CHILD_SA at its responder. RFC 7296 §1.3, §2.8.1, §2.25.</summary>
internal static class ChildResponder
{
    private enum Mode
    {
        Tunnel,
        Transport,
        Either,
    }

    private const int NonceBytes = 32;

    /// <summary>Takes the request.</summary>
    public static void Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        if (IkePayloads.Find<IkePayload.SecurityAssociation>(payloads) is not { } offer || IkePayloads.Find<IkePayload.Nonce>(payloads) is not { } nonce)
        {
            Refuse(draft, number, messageId, NotifyType.InvalidSyntax);
            return;
        }

        if (offer.Proposals[0].Protocol == ProtocolId.Ike)
        {
            IkeRekeyResponder.Take(draft, number, messageId, payloads, offer, nonce.Data);
            return;
        }

        IkeSa sa = draft.Sa(number);
        bool isRekeyed = sa.RekeyAttempt is not null || sa.Unfinished.Any(u => u is UnfinishedExchange.Ike);
        if (sa.Phase != IkeSaPhase.Established || isRekeyed)
        {
            Refuse(draft, number, messageId, NotifyType.TemporaryFailure);
            return;
        }

        ChildSa? old = null;
        if (IkePayloads.FindNotify(payloads, NotifyType.RekeySa) is { } rekey)
        {
            old = rekey.Protocol == ProtocolId.Esp && SpiBytes.Read(rekey.Spi) is { } spi ? draft.Peer.ChildByOutbound(sa.Family, spi) : null;
            if (old is null && Attempts.Children(sa).Any())
            {
                // The response that makes it may be on its way yet (interpretation 0033).
                Refuse(draft, number, messageId, NotifyType.TemporaryFailure);
                return;
            }

            if (old is null)
            {
                Exchanges.Answer(draft, number, ExchangeType.CreateChildSa, messageId, [new IkePayload.Notify(NotifyType.ChildSaNotFound, rekey.Protocol, rekey.Spi, ByteString.Empty)]);
                return;
            }

            if (old.Phase != ChildSaPhase.Installed)
            {
                Refuse(draft, number, messageId, NotifyType.TemporaryFailure);
                return;
            }
        }

        (ValueList<IkePayload> configuration, bool isWithoutAddress) = old is null ? AddressGateway.InCreation(draft, number, payloads) : ([], false);
        if (isWithoutAddress)
        {
            Exchanges.Answer(draft, number, ExchangeType.CreateChildSa, messageId, configuration);
            return;
        }

        if (IsUnwilling(draft))
        {
            _ = draft.Rules.MakesOnlyWhatIsAnswered ? [] : Make(draft, number, messageId, payloads, nonce.Data, draft.Fresh("child responder's nonce", sa, messageId, NonceBytes), old);
            Refuse(draft, number, messageId, NotifyType.NoAdditionalSas);
            return;
        }

        ByteString own = draft.Fresh("child responder's nonce", sa, messageId, NonceBytes);
        int before = draft.Peer.ChildrenMade;
        ValueList<IkePayload> answer = Make(draft, number, messageId, payloads, nonce.Data, own, old);
        if (answer.Any(p => p is IkePayload.SecurityAssociation) && old is not null)
        {
            NoteRival(draft, number, old.Number, new Rival(null, ChildInitiator.Lower(draft, nonce.Data, own)));
            if (draft.Peer.ChildrenMade > before && !draft.Rules.KeepsOldUntilSuccessorIsUsable)
            {
                draft.Peer = draft.Peer.WithoutChild(old.Number);
            }
        }

        Exchanges.Answer(draft, number, ExchangeType.CreateChildSa, messageId, new([.. configuration, .. answer]));
    }

    /// <summary>True if this side makes no more SAs, and rekeys none. RFC 7296 §1.3.</summary>
    public static bool IsUnwilling(Draft draft) => draft.Configuration.RefusesMoreSas || draft.Choose("CREATE_CHILD_SA: taken, NO_ADDITIONAL_SAS", 2) == 1;

    /// <summary>Installs what a request asks for and gives the payloads of the answer, or one notification. RFC 7296 §1.3.1, §2.9.</summary>
    public static ValueList<IkePayload> Make(
        Draft draft, int number, uint messageId, ValueList<IkePayload> payloads, ByteString initiatorNonce, ByteString responderNonce, ChildSa? old = null)
    {
        IkePayload.TrafficSelectors? theirs = Selectors(payloads, ofInitiator: true);
        IkePayload.TrafficSelectors? ours = Selectors(payloads, ofInitiator: false);
        if (IkePayloads.Find<IkePayload.SecurityAssociation>(payloads) is not { } offer || theirs is null || ours is null)
        {
            return [new IkePayload.Notify(NotifyType.InvalidSyntax)];
        }

        IkeSa sa = draft.Sa(number);
        bool asksForTransport = IkePayloads.FindNotify(payloads, NotifyType.UseTransportMode) is not null;
        if (!asksForTransport || sa.Nat == NatPresence.None)
        {
            return Choose(ours.Selectors, theirs.Selectors, asksForTransport ? Mode.Either : Mode.Tunnel, null);
        }

        // Transport mode for the addresses that this side sees; where no policy has it, tunnel mode for those that were sent. RFC 7296 §2.23.1.
        ValueList<IkePayload>? answer = TransportThroughNat.Seen(sa, ours.Selectors, theirs.Selectors) is { } seen ? Choose(seen.Own, seen.Peer, Mode.Transport, seen.Original) : null;
        bool isUnacceptable = answer is null || IkePayloads.FindNotify(answer.Value, NotifyType.TsUnacceptable) is not null;
        return isUnacceptable ? Choose(ours.Selectors, theirs.Selectors, Mode.Tunnel, null) : answer!.Value;

        ValueList<IkePayload> Choose(ValueList<TrafficSelector> own, ValueList<TrafficSelector> peer, Mode mode, OriginalAddresses? original) =>
            ChildResponder.Choose(draft, number, messageId, payloads, (own, peer, mode, original), offer, (initiatorNonce, responderNonce), old);
    }

    private static ValueList<IkePayload> Choose(
        Draft draft, int number, uint messageId, ValueList<IkePayload> payloads,
        (ValueList<TrafficSelector> Own, ValueList<TrafficSelector> Peer, Mode Mode, OriginalAddresses? Original) asked,
        IkePayload.SecurityAssociation offer, (ByteString Initiator, ByteString Responder) nonces, ChildSa? old)
    {
        bool inAuthentication = draft.Sa(number).Initial?.InitiatorNonce == nonces.Initiator;
        IkePayload.KeyExchange? exchange = inAuthentication ? null : IkePayloads.Find<IkePayload.KeyExchange>(payloads);
        NotifyType error = NotifyType.TsUnacceptable;
        foreach (int i in InOrder(draft, number, asked.Peer, asked.Own))
        {
            ChildConfiguration wanted = AddressClient.Narrowed(draft, number, draft.Configuration.Children[i]);
            ValueList<TrafficSelector> own = SelectorNarrowing.Intersect(asked.Own, wanted.Own);
            ValueList<TrafficSelector> peer = SelectorNarrowing.Intersect(asked.Peer, wanted.Peer);
            bool isTransport = wanted.IsTransport && asked.Mode != Mode.Tunnel;
            if (!SelectorNarrowing.ShareFamily(own, peer) || !Suits(wanted, asked.Mode) || (old is not null && old.Configuration != i))
            {
                continue;
            }

            if (wanted.IsForOnePair)
            {
                // The successor is for the pair of the old one. RFC 7296 §2.9.2.
                bool isSame = old is not null && SelectorNarrowing.IsWithin(old.Own, own) && SelectorNarrowing.IsWithin(old.Peer, peer);
                if ((isSame ? (old!.Own, old.Peer) : SelectorNarrowing.OnePair(own, peer, asked.Own[0], asked.Peer[0])) is not { } pair)
                {
                    error = NotifyType.SinglePairRequired;
                    continue;
                }

                (own, peer) = pair;
            }

            // The algorithms of the old one go before others. RFC 7296 §2.8.
            Proposal? chosen = (old is null ? null : Suitable(ProposalSelection.InUse(SuitesOf(wanted), old.Suite, old.IsEsn))) ?? Suitable(SuitesOf(wanted));
            if (chosen is null || Suites.OfEsp(chosen.Transforms) is not { } suite)
            {
                error = NotifyType.NoProposalChosen;
                continue;
            }

            if (exchange is not null && Suites.KeyExchange(chosen.Transforms) is { } method && method != exchange.Method)
            {
                return [new IkePayload.Notify(NotifyType.InvalidKePayload, new NotifyContent.WantedMethod(method).ToByteString())];
            }

            ValueList<IkePayload> answer = Accept(draft, number, messageId, payloads, (i, chosen, suite, exchange, nonces.Initiator, nonces.Responder, own, peer, old, isTransport, asked.Original));
            bool isMore = old is null && AdditionalTraffic.IsPossible(
                draft, number, (asked.Own, asked.Peer), (own, peer), c => Suits(c, asked.Mode) && ProposalSelection.Choose(offer.Proposals, SuitesOf(c), ProtocolId.Esp, SpiBytes.LengthBytes, exchange?.Method) is not null);
            return draft.Rules.MayTellOfMoreTraffic(isMore) && answer[^1] is IkePayload.TrafficSelectors && draft.Choose("more traffic over another Child SA: told, not told", 2) == 0
                ? answer.Add(new IkePayload.Notify(NotifyType.AdditionalTsPossible))
                : answer;
        }

        return [new IkePayload.Notify(error)];

        ValueList<ValueList<Transform>> SuitesOf(ChildConfiguration wanted) => exchange is null ? ProposalSelection.WithoutKeyExchange(wanted.Offers) : wanted.Offers;

        Proposal? Suitable(ValueList<ValueList<Transform>> suites) => ProposalSelection.Choose(offer.Proposals, suites, ProtocolId.Esp, SpiBytes.LengthBytes, exchange?.Method);
    }

    private static bool Suits(ChildConfiguration wanted, Mode mode) => (wanted.IsTransport && mode != Mode.Tunnel) || (mode != Mode.Transport && !wanted.NeedsTransport);

    /// <summary>True if payloads ask for a Child SA and do not say for what traffic.</summary>
    public static bool LacksSelectors(ValueList<IkePayload> payloads) => IkePayloads.Find<IkePayload.SecurityAssociation>(payloads) is not null
        && (Selectors(payloads, ofInitiator: true) is null || Selectors(payloads, ofInitiator: false) is null);

    // Policies that allow the first selectors, which may be those of a packet, go before others. RFC 7296 §2.9.
    private static IEnumerable<int> InOrder(Draft draft, int number, ValueList<TrafficSelector> theirs, ValueList<TrafficSelector> ours)
    {
        return Enumerable.Range(0, draft.Configuration.Children.Count).OrderBy(i => AllowsFirst(i) ? 0 : 1);

        bool AllowsFirst(int configuration)
        {
            ChildConfiguration wanted = AddressClient.Narrowed(draft, number, draft.Configuration.Children[configuration]);
            return SelectorNarrowing.IsWithin([theirs[0]], wanted.Peer) && SelectorNarrowing.IsWithin([ours[0]], wanted.Own);
        }
    }

    private static ValueList<IkePayload> Accept(
        Draft draft, int number, uint messageId, ValueList<IkePayload> payloads,
        (int Configuration, Proposal Chosen, EspSuite Suite, IkePayload.KeyExchange? Exchange, ByteString InitiatorNonce, ByteString ResponderNonce,
            ValueList<TrafficSelector> Own, ValueList<TrafficSelector> Peer, ChildSa? Old, bool IsTransport, OriginalAddresses? Original) made)
    {
        IkeSa sa = draft.Sa(number);
        KeyExchangeAnswer? answer = null;
        if (made.Exchange is { } theirs && Suites.KeyExchange(made.Chosen.Transforms) is { } name)
        {
            var method = Suites.Method(name)!;
            ByteString randomness = draft.Fresh("child responder's private value", sa, messageId, method.ResponderRandomnessBytes);
            if (!draft.Cryptography.TryAnswerKeyExchange(method, randomness, theirs.Data, out KeyExchangeAnswer computed, out _))
            {
                return [new IkePayload.Notify(NotifyType.InvalidSyntax)];
            }

            answer = computed;
        }

        ChildConfiguration wanted = draft.Configuration.Children[made.Configuration];
        bool carriesFragments = wanted.CarriesFragments && IkePayloads.FindNotify(payloads, NotifyType.NonFirstFragmentsAlso) is not null;
        Spi inbound = draft.FreshSpi(sa, messageId, "responder");
        ChildAgreement agreed = new()
        {
            Configuration = made.Configuration,
            AsInitiator = false,
            Suite = made.Suite,
            IsEsn = Suites.IsEsn(made.Chosen.Transforms),
            Inbound = inbound,
            Outbound = SpiBytes.Read(made.Chosen.Spi)!.Value,
            InitiatorNonce = made.InitiatorNonce,
            ResponderNonce = made.ResponderNonce,
            Shared = answer is { } first ? [first.Shared] : [],
            Own = made.Own,
            Peer = made.Peer,
            IsTransport = made.IsTransport,
            PeerRefusesTfcPadding = IkePayloads.FindNotify(payloads, NotifyType.EspTfcPaddingNotSupported) is not null,
            CarriesFragments = carriesFragments,
            Original = made.Original,
            Compression = Compressions.Choose(draft, sa, messageId, wanted, payloads),
            Replaces = made.Old?.Number,
        };

        // With further key exchanges it is there only after the last of them. RFC 9370 §2.2.4.
        ValueList<WireMethod> additional = AdditionalKeyExchanges.Of(made.Chosen.Transforms);
        ValueList<IkePayload> link = [];
        if (additional.IsEmpty)
        {
            ChildOffer.Install(draft, sa, agreed);
        }
        else
        {
            ByteString lowest = ChildInitiator.Lower(draft, made.InitiatorNonce, made.ResponderNonce);
            link = [FollowUpResponder.Begin(draft, number, messageId, l => new UnfinishedExchange.Child(agreed, null, lowest) { Methods = additional, Link = l })];
        }

        bool inAuthentication = sa.Initial?.InitiatorNonce == made.InitiatorNonce;
        ValueList<IkePayload> mode = ChildOffer.Modes(made.IsTransport, wanted.RefusesTfcPadding, carriesFragments);
        ValueList<IkePayload> nonce = inAuthentication ? [] : [new IkePayload.Nonce(made.ResponderNonce)];
        ValueList<IkePayload> exchange = answer is { } given ? [new IkePayload.KeyExchange(made.Exchange!.Method, given.PublicValue)] : [];
        return
        [
            .. Compressions.Answer(agreed.Compression), .. mode,
            new IkePayload.SecurityAssociation([new Proposal(made.Chosen.Number, ProtocolId.Esp, SpiBytes.Of(inbound), made.Chosen.Transforms)]),
            .. nonce, .. exchange, .. link,
            new IkePayload.TrafficSelectors(ofInitiator: true, made.Peer), new IkePayload.TrafficSelectors(ofInitiator: false, made.Own),
        ];
    }

    // The own attempt remembers the peer's, to be settled when its response is there. RFC 7296 §2.8.1.
    private static void NoteRival(Draft draft, int number, int old, Rival rival)
    {
        draft.Put(Attempts.Change(draft.Sa(number), (ChildAttempt a) => a.Replaces == old ? a with { Rival = rival } : a));
    }

    private static IkePayload.TrafficSelectors? Selectors(ValueList<IkePayload> payloads, bool ofInitiator) =>
        payloads.OfType<IkePayload.TrafficSelectors>().FirstOrDefault(s => s.OfInitiator == ofInitiator);

    private static void Refuse(Draft draft, int number, uint messageId, NotifyType error) =>
        Exchanges.Refuse(draft, number, ExchangeType.CreateChildSa, messageId, error);
}
