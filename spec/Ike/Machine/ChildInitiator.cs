using Conformance.Spec.Crypto;
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

/// <summary>CREATE_CHILD_SA for a Child SA, at its initiator. RFC 7296 §1.3.1, §1.3.3, §2.8.1.</summary>
internal static class ChildInitiator
{
    private const int NonceBytes = 32;

    /// <summary>Asks for a Child SA, new or in place of another.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="number">Number of the IKE SA.</param>
    /// <param name="configuration">Index of its configuration.</param>
    /// <param name="replaces">Number of the other; null for none.</param>
    /// <param name="method">Method of key exchange that the other side asked for; null at the first try.</param>
    /// <param name="create">The command for a new one.</param>
    public static void Start(Draft draft, int number, int configuration, int? replaces, WireMethod? method, IkeCommand.CreateChild? create = null)
    {
        IkeSa sa = draft.Sa(number);
        ChildConfiguration wanted = AddressClient.Narrowed(draft, number, draft.Configuration.Children[configuration]);
        (OwnKeyExchange? exchange, ByteString publicValue) = KeyExchange(draft, sa, wanted, method ?? wanted.KeyExchange);
        ChildAttempt attempt = new(
            configuration, draft.FreshSpi(sa, sa.NextRequest, "initiator"), draft.Fresh("child initiator's nonce", sa, sa.NextRequest, NonceBytes), exchange, replaces)
        {
            ParameterIndices = Compressions.Fresh(draft, sa, sa.NextRequest, wanted),
            Packet = create?.Packet,
            IsSecondTry = method is not null,
        };
        ChildSa? old = replaces is { } rekeyed ? draft.Peer.Child(rekeyed) : null;
        attempt = ChildOffer.For(sa, wanted, attempt, old, create is { IsOnlyPacket: true });
        Exchanges.Request(draft, number, ExchangeType.CreateChildSa, ChildOffer.InCreation(wanted, attempt, publicValue, old), new ExchangePurpose.CreateChild(attempt));
    }

    /// <summary>Takes the response.</summary>
    public static void Take(Draft draft, int number, ChildAttempt attempt, ValueList<IkePayload> payloads)
    {
        ByteString? nonce = IkePayloads.Find<IkePayload.Nonce>(payloads)?.Data;
        if (nonce is not { } other || Agree(draft, number, attempt, payloads, other) is not { } agreed)
        {
            CloseWrong(draft, number, attempt, payloads);
            Failed(draft, number, attempt, payloads);
            Again(draft, number, attempt, payloads);
            return;
        }

        ValueList<WireMethod> additional = AdditionalKeyExchanges.Of(IkePayloads.Find<IkePayload.SecurityAssociation>(payloads)!.Proposals[0].Transforms);
        if (additional.IsEmpty)
        {
            Finish(draft, number, attempt, agreed);
        }
        else if (FollowUpInitiator.Link(payloads) is { } link)
        {
            FollowUpInitiator.Continue(draft, number, new UnfinishedExchange.Child(agreed, attempt, Lower(draft, attempt.Nonce, other)) { Methods = additional, Link = link });
        }
        else
        {
            Failed(draft, number, attempt, payloads);
        }
    }

    /// <summary>Installs what was agreed, and settles what becomes of the old one.</summary>
    public static void Finish(Draft draft, int number, ChildAttempt attempt, ChildAgreement agreed)
    {
        if (Install(draft, number, attempt, agreed) is { } made && attempt.Replaces is { } replaced)
        {
            Settle(draft, number, attempt, made, replaced);
        }
    }

    /// <summary>Installs what the response of IKE_AUTH agrees to.</summary>
    public static void Accept(Draft draft, int number, ChildAttempt attempt, ValueList<IkePayload> payloads, ByteString responderNonce)
    {
        if (Agree(draft, number, attempt, payloads, responderNonce) is { } agreed)
        {
            Install(draft, number, attempt, agreed);
        }
        else
        {
            CloseWrong(draft, number, attempt, payloads);
        }
    }

    // What a response made and this side does not take is there at the other side: it is told to close it. RFC 7296 §2.21.
    private static void CloseWrong(Draft draft, int number, ChildAttempt attempt, ValueList<IkePayload> payloads)
    {
        bool isMade = IkePayloads.Find<IkePayload.SecurityAssociation>(payloads) is { } answer && answer.Proposals.All(p => AdditionalKeyExchanges.Of(p.Transforms).IsEmpty);
        if (isMade && Exchanges.HasRoom(draft.Sa(number)))
        {
            Exchanges.Request(
                draft, number, ExchangeType.Informational, [IkePayload.Delete.Of(ProtocolId.Esp, [attempt.Inbound])], new ExchangePurpose.DeleteChildren([]));
        }
    }

    private static ChildSa? Install(Draft draft, int number, ChildAttempt attempt, ChildAgreement agreed)
    {
        if (attempt.ClosedBefore.Contains(agreed.Outbound))
        {
            draft.Report("no Child SA: the peer has closed it again");
            return null;
        }

        ChildSa made = ChildOffer.Install(draft, draft.Sa(number), agreed);
        if (draft.Configuration.Children[attempt.Configuration].NeedsTransport && !made.IsTransport)
        {
            draft.Report("tunnel mode will not do");
            Informational.DeleteChild(draft, number, made.Number);
            return null;
        }

        return made;
    }

    private static ChildAgreement? Agree(Draft draft, int number, ChildAttempt attempt, ValueList<IkePayload> payloads, ByteString responderNonce)
    {
        ChildConfiguration wanted = draft.Configuration.Children[attempt.Configuration];

        if (IkePayloads.Find<IkePayload.SecurityAssociation>(payloads) is not { Proposals.Count: 1 } answer
            || !ProposalSelection.IsChoiceOf(answer.Proposals[0], ChildOffer.Proposals(attempt))
            || !AdditionalKeyExchanges.Differ(answer.Proposals[0].Transforms)
            || !Compressions.TryTake(wanted, attempt, payloads, out CompressionAgreement? compression)
            || Suites.OfEsp(answer.Proposals[0].Transforms) is not { } suite
            || Selectors(payloads) is not { } selectors)
        {
            draft.Report($"no Child SA: {string.Join(", ", payloads.Select(p => $"{p}"))}");
            return null;
        }

        // Where NONE was offered beside it, the KE payload may have been in vain.
        ValueList<IkeSecret> shared = [];
        WireMethod? chosen = Suites.KeyExchange(answer.Proposals[0].Transforms);
        if (attempt.KeyExchange is { } own && chosen is not null)
        {
            CryptoMethod method = Suites.Method(own.Method)!;
            if (IkePayloads.Find<IkePayload.KeyExchange>(payloads) is not { } theirs || theirs.Method != own.Method || chosen != own.Method
                || !draft.Cryptography.TryFinishKeyExchange(method, own.PrivateValue, theirs.Data, out IkeSecret agreed, out _))
            {
                draft.Report("no Child SA: the key exchange failed");
                return null;
            }

            shared = [agreed];
        }

        bool isTransport = attempt.IsTransport && IkePayloads.FindNotify(payloads, NotifyType.UseTransportMode) is not null;
        var seen = isTransport && draft.Sa(number).Nat != NatPresence.None ? TransportThroughNat.Seen(draft.Sa(number), selectors.Own, selectors.Peer) : null;
        selectors = seen is { } translated ? (translated.Own, translated.Peer) : selectors;
        if (!SelectorNarrowing.IsWithin(selectors.Own, attempt.Own) || !SelectorNarrowing.IsWithin(selectors.Peer, attempt.Peer))
        {
            draft.Report("no Child SA: selectors that were not offered");
            return null;
        }

        if (IkePayloads.FindNotify(payloads, NotifyType.AdditionalTsPossible) is not null)
        {
            draft.Report("the other side would take more traffic over another Child SA");
        }

        return new ChildAgreement
        {
            Configuration = attempt.Configuration,
            AsInitiator = true,
            Suite = suite,
            IsEsn = Suites.IsEsn(answer.Proposals[0].Transforms),
            Inbound = attempt.Inbound,
            Outbound = SpiBytes.Read(answer.Proposals[0].Spi)!.Value,
            InitiatorNonce = attempt.Nonce,
            ResponderNonce = responderNonce,
            Shared = shared,
            Own = selectors.Own,
            Peer = selectors.Peer,
            IsTransport = isTransport,
            PeerRefusesTfcPadding = IkePayloads.FindNotify(payloads, NotifyType.EspTfcPaddingNotSupported) is not null,
            CarriesFragments = wanted.CarriesFragments && IkePayloads.FindNotify(payloads, NotifyType.NonFirstFragmentsAlso) is not null,
            Original = seen?.Original,
            Compression = compression,
            Replaces = attempt.Replaces,
        };
    }

    /// <summary>The lower of two nonces. RFC 7296 §2.8.1.</summary>
    public static ByteString Lower(Draft draft, ByteString one, ByteString other) => draft.Rules.CompareNonces(one, other) <= 0 ? one : other;

    // This side's part of a key exchange, or nothing.
    private static (OwnKeyExchange? Own, ByteString PublicValue) KeyExchange(Draft draft, IkeSa sa, ChildConfiguration wanted, WireMethod? wish)
    {
        if (wish is not { } name || Suites.Method(name) is not { } method)
        {
            return (null, ByteString.Empty);
        }

        _ = ProposalSelection.Offers(wanted.Offers, name) ? 0 : throw new ArgumentException($"the KE payload is for {name}, which no suite of {wanted.Name} has");

        ByteString randomness = draft.Fresh("child initiator's private value", sa, sa.NextRequest, method.InitiatorRandomnessBytes);
        return draft.Cryptography.TryStartKeyExchange(method, randomness, out KeyExchangeStart start, out var error)
            ? (new OwnKeyExchange(name, start.PrivateValue), start.PublicValue)
            : throw new ArgumentException($"{name}: {error}");
    }

    // Of two successors the one with the lowest nonce goes, and its creator closes it; the other creator closes the old one.
    private static void Settle(Draft draft, int number, ChildAttempt attempt, ChildSa made, int replaced)
    {
        // Whether the other successor is still there says nothing: it may have a successor of its own already.
        bool isRedundant = attempt.Rival is { } rival && draft.Rules.CompareNonces(made.LowestNonce, rival.LowestNonce) < 0;
        int loser = isRedundant ? made.Number : replaced;
        if (isRedundant)
        {
            draft.Put(made with { MaySend = false });
        }

        if (draft.Peer.Child(loser) is not { } child || (isRedundant && !draft.Rules.ClosesOwnRedundantSa))
        {
            return;
        }

        draft.Put(child with { Phase = ChildSaPhase.Replaced, MaySend = false });
        Informational.DeleteChild(draft, number, loser);
    }

    /// <summary>Takes a refusal: the peer may have replaced or closed the old one meanwhile; else it stays. RFC 7296 §2.8.1, §2.25.</summary>
    public static void Failed(Draft draft, int number, ChildAttempt attempt, ValueList<IkePayload> payloads)
    {
        bool isGone = IkePayloads.FindNotify(payloads, NotifyType.ChildSaNotFound) is not null;
        if (isGone && attempt.Rival is null && attempt.Replaces is { } replaced && draft.Peer.Child(replaced) is not null)
        {
            draft.Peer = draft.Peer.WithoutChild(replaced);
            draft.Report($"the peer knows nothing of Child SA {replaced}: it is dropped, and another asked for");
            Commands.Take(draft, new IkeCommand.CreateChild(number, attempt.Configuration));
        }

        if (attempt.Packet is not null && !IsOnlyPacket(attempt) && IkePayloads.FindNotify(payloads, NotifyType.SinglePairRequired) is not null)
        {
            // Now for the addresses of the packet alone. RFC 7296 §2.9.
            Commands.Take(draft, new IkeCommand.CreateChild(number, attempt.Configuration) { Packet = attempt.Packet, IsOnlyPacket = true });
        }

        draft.Report($"CREATE_CHILD_SA over IKE SA {number} was refused: {string.Join(", ", payloads.Select(p => $"{p}"))}");
    }

    // Unless the other side rekeys it as well, there is one more try with the method that it asks for, or a new IKE SA.
    private static void Again(Draft draft, int number, ChildAttempt attempt, ValueList<IkePayload> payloads)
    {
        ValueList<ValueList<Transform>> offered = draft.Configuration.Children[attempt.Configuration].Offers;
        if (attempt.Rival is not null)
        {
            return;
        }

        if (CreationRefused.MethodForSecondTry(draft, payloads, offered, attempt.KeyExchange?.Method, attempt.IsSecondTry) is { } method)
        {
            Commands.Take(draft, attempt.Replaces is { } old
                ? new IkeCommand.RekeyChild(old) { KeyExchange = method }
                : new IkeCommand.CreateChild(number, attempt.Configuration) { KeyExchange = method, Packet = attempt.Packet, IsOnlyPacket = IsOnlyPacket(attempt) });
        }
        else if (attempt.Replaces is not null)
        {
            CreationRefused.BeginAnew(draft, number, payloads);
        }
    }

    private static bool IsOnlyPacket(ChildAttempt attempt) =>
        attempt.Packet is { } packet && attempt.Own == (ValueList<TrafficSelector>)[packet.Own] && attempt.Peer == (ValueList<TrafficSelector>)[packet.Peer];

    private static (ValueList<TrafficSelector> Own, ValueList<TrafficSelector> Peer)? Selectors(ValueList<IkePayload> payloads)
    {
        ValueList<TrafficSelector>? own = null;
        ValueList<TrafficSelector>? peer = null;
        foreach (IkePayload payload in payloads)
        {
            if (payload is IkePayload.TrafficSelectors selectors)
            {
                own = selectors.OfInitiator ? selectors.Selectors : own;
                peer = selectors.OfInitiator ? peer : selectors.Selectors;
            }
        }

        return own is { } first && peer is { } second ? (first, second) : null;
    }
}
