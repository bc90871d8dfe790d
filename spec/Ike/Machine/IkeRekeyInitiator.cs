using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using CryptoMethod = Conformance.Spec.Crypto.Ike.KeyExchange.KeyExchangeMethod;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>CREATE_CHILD_SA for a successor of the IKE SA, at its initiator. RFC 7296 §1.3.2, §2.8.2, §2.18.</summary>
internal static class IkeRekeyInitiator
{
    private const int NonceBytes = 32;

    /// <summary>Asks for a successor.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="number">Number of the IKE SA.</param>
    /// <param name="again">Method of key exchange that the other side asked for; null at the first try.</param>
    public static void Start(Draft draft, int number, WireMethod? again)
    {
        IkeSa sa = draft.Sa(number);
        WireMethod name = again ?? draft.Configuration.SuccessorKeyExchange ?? (WireMethod)sa.Suite!.KeyExchange.TransformId;
        CryptoMethod method = Suites.Method(name) ?? throw new ArgumentException($"this model has no key exchange {name}");
        _ = ProposalSelection.Offers(draft.Configuration.Offers, name) ? 0 : throw new ArgumentException($"the KE payload is for {name}, which no suite has");
        ByteString randomness = draft.Fresh("successor's private value", sa, sa.NextRequest, method.InitiatorRandomnessBytes);
        if (!draft.Cryptography.TryStartKeyExchange(method, randomness, out KeyExchangeStart start, out var error))
        {
            throw new ArgumentException($"{method}: {error}");
        }

        IkeSpi spi = draft.FreshIkeSpi($"successor's SPI {sa.Number} {sa.InitiatorSpi} {sa.ResponderSpi} {sa.NextRequest} {sa.IsInitiator}");
        ByteString nonce = draft.Fresh("successor's nonce", sa, sa.NextRequest, NonceBytes);
        IkeRekeyAttempt attempt = new(spi, nonce, new OwnKeyExchange(name, start.PrivateValue)) { IsSecondTry = again is not null };
        ValueList<IkePayload> payloads =
        [
            new IkePayload.SecurityAssociation(Offer(draft, attempt)),
            new IkePayload.Nonce(nonce),
            new IkePayload.KeyExchange(attempt.KeyExchange.Method, start.PublicValue),
        ];
        Exchanges.Request(draft, number, ExchangeType.CreateChildSa, payloads, new ExchangePurpose.RekeyIke(attempt));
    }

    /// <summary>Takes the response.</summary>
    public static void Take(Draft draft, int number, IkeRekeyAttempt attempt, ValueList<IkePayload> payloads)
    {
        IkeSa old = draft.Sa(number);
        if (IkePayloads.Find<IkePayload.SecurityAssociation>(payloads) is not { Proposals.Count: 1 } answer
            || !ProposalSelection.IsChoiceOf(answer.Proposals[0], Offer(draft, attempt))
            || Suites.OfIke(answer.Proposals[0].Transforms) is not { } suite
            || IkePayloads.Find<IkePayload.Nonce>(payloads) is not { } nonce || !suite.Prf.TakesNonce(nonce.Data.Length)
            || IkePayloads.Find<IkePayload.KeyExchange>(payloads) is not { } theirs || theirs.Method != attempt.KeyExchange.Method || suite.KeyExchange.TransformId != (ushort)theirs.Method
            || !AdditionalKeyExchanges.Differ(answer.Proposals[0].Transforms)
            || !draft.Cryptography.TryFinishKeyExchange(suite.KeyExchange, attempt.KeyExchange.PrivateValue, theirs.Data, out IkeSecret shared, out _))
        {
            Failed(draft, number, attempt, payloads);
            Again(draft, number, attempt, payloads);
            return;
        }

        IkeSpi responderSpi = IkeSpi.FromBytes(answer.Proposals[0].Spi);
        Freshness freshness = new(attempt.Nonce, nonce.Data, attempt.Spi.Value, responderSpi.Value);
        IkeAgreement agreed = new(suite, attempt.Spi, responderSpi, freshness, [shared]);
        ValueList<WireMethod> additional = AdditionalKeyExchanges.Of(answer.Proposals[0].Transforms);
        if (additional.IsEmpty)
        {
            Finish(draft, number, attempt, agreed);
        }
        else if (FollowUpInitiator.Link(payloads) is { } link)
        {
            ByteString lowest = ChildInitiator.Lower(draft, attempt.Nonce, nonce.Data);
            FollowUpInitiator.Continue(draft, number, new UnfinishedExchange.Ike(agreed, attempt, lowest) { Methods = additional, Link = link });
        }
        else
        {
            Failed(draft, number, attempt, payloads);
        }
    }

    /// <summary>Makes the successor that was agreed, and settles what becomes of the old one.</summary>
    public static void Finish(Draft draft, int number, IkeRekeyAttempt attempt, IkeAgreement agreed) =>
        Settle(draft, number, attempt, Successor(draft, draft.Sa(number), isInitiator: true, agreed));

    /// <summary>Takes a refusal.</summary>
    public static void Failed(Draft draft, int number, IkeRekeyAttempt attempt, ValueList<IkePayload> payloads)
    {
        draft.Report($"IKE SA {number} was not rekeyed: {string.Join(", ", payloads.Select(p => $"{p}"))}");
        if (attempt.Rival?.Number is { } rival && Latest(draft.Peer, rival) is { } winner)
        {
            // The other side did not notice the collision: its successor is the only one. RFC 7296 §2.8.2.
            Yield(draft, number, winner.Number, closes: false);
            Commands.Resume(draft, winner.Number);
        }
    }

    // Unless the other side rekeys it as well, there is one more try with the method that it asks for, or a new IKE SA.
    private static void Again(Draft draft, int number, IkeRekeyAttempt attempt, ValueList<IkePayload> payloads)
    {
        if (attempt.Rival is not null)
        {
            return;
        }

        if (CreationRefused.MethodForSecondTry(draft, payloads, draft.Configuration.Offers, attempt.KeyExchange.Method, attempt.IsSecondTry) is { } method)
        {
            Commands.Take(draft, new IkeCommand.RekeyIke(number) { KeyExchange = method });
        }
        else
        {
            CreationRefused.BeginAnew(draft, number, payloads);
        }
    }

    /// <summary>A new IKE SA in the family of an old one. RFC 7296 §2.8, §2.18.</summary>
    public static IkeSa Successor(Draft draft, IkeSa old, bool isInitiator, IkeAgreement agreed)
    {
        int number = draft.Peer.SasMade;
        IkeSa made = new()
        {
            Number = number,
            Family = old.Family,
            IsInitiator = isInitiator,
            InitiatorSpi = agreed.InitiatorSpi,
            ResponderSpi = agreed.ResponderSpi,
            Phase = IkeSaPhase.Established,
            PeerWindow = draft.Rules.WindowOfSuccessor(old.PeerWindow),
            Own = old.Own,
            Peer = old.Peer,
            Suite = agreed.Suite,
            Keys = draft.Cryptography.RekeyedKeys(agreed.Suite, old.Suite!.Prf, old.Keys!.Derivation, agreed.Shared.Items, agreed.Freshness),
            Nat = old.Nat,
            IsOriginalInitiator = old.IsOriginalInitiator,
            PeerName = old.PeerName,
            PeerAddresses = old.PeerAddresses,
            OwnAddresses = old.OwnAddresses,
            Traffic = old.Traffic,
            SeenAt = old.SeenAt,
            Abilities = old.Abilities,
            Replaces = old.Number,
            LowestNonce = ChildInitiator.Lower(draft, agreed.Freshness.InitiatorNonce, agreed.Freshness.ResponderNonce),
        };
        draft.Peer = draft.Peer with { SasMade = number + 1 };
        draft.Put(made);
        return made;
    }

    // Of two successors the one with the lowest nonce goes, and its creator closes it; the other inherits and closes the old one. RFC 7296 §2.8.2.
    // A creator that never got its response has nothing to close: the other side forgets the redundant one in time (interpretation 0032).
    private static void Settle(Draft draft, int number, IkeRekeyAttempt attempt, IkeSa made)
    {
        Rival? rival = attempt.Rival;
        IkeSa? other = rival?.Number is { } known ? Latest(draft.Peer, known) : null;
        bool isToCome = rival is { Number: null } && draft.Sa(number).Unfinished.Any(u => u is UnfinishedExchange.Ike);
        bool isRedundant = (other is not null || isToCome) && draft.Rules.CompareNonces(made.LowestNonce, rival!.LowestNonce) < 0;
        if (isRedundant && draft.Rules.ClosesOwnRedundantSa)
        {
            Informational.DeleteIke(draft, made.Number, []);
        }

        if (isRedundant && other is null)
        {
            // The old one stays until the last IKE_FOLLOWUP_KE brings the other (interpretation 0064).
            Commands.Resume(draft, number);
            return;
        }

        int heir = isRedundant ? other!.Number : made.Number;
        Yield(draft, number, heir, closes: !isRedundant);
        if (isRedundant)
        {
            Commands.Resume(draft, heir);
        }
        else if (rival?.Number is { } created && draft.Peer.Sa(created) is { Phase: IkeSaPhase.Established } loser)
        {
            draft.Put(loser with { Phase = IkeSaPhase.Redundant, Waiting = [] });
            Commands.HandOver(draft, loser.Waiting, made.Number);
        }
    }

    // An IKE SA, or what has replaced it meanwhile; null if that is closed.
    private static IkeSa? Latest(IkePeer peer, int number)
    {
        IkeSa? latest = peer.Sa(number);
        foreach (IkeSa sa in peer.Sas)
        {
            latest = sa.Replaces == latest?.Number ? sa : latest;
        }

        return latest is { Phase: IkeSaPhase.Established } ? latest : null;
    }

    /// <summary>A successor takes over all that an IKE SA controls; what is left is to delete the old one. RFC 7296 §2.8.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="old">Number of the old IKE SA.</param>
    /// <param name="heir">Number of the successor.</param>
    /// <param name="closes">True if this side is to delete the old one.</param>
    public static void Yield(Draft draft, int old, int heir, bool closes)
    {
        Closing.Inherit(draft, old, heir);
        ValueList<IkeCommand> waiting = draft.Sa(old).Waiting;
        draft.Put(draft.Sa(old) with { Phase = IkeSaPhase.Replaced, Waiting = [], Unfinished = [] });
        if (closes)
        {
            Informational.DeleteIke(draft, old, []);
        }

        Commands.HandOver(draft, waiting, heir);
        if (draft.Configuration.WindowRequests > draft.Sa(heir).OwnWindow)
        {
            // A successor begins with a window of one. RFC 7296 §2.3.
            Commands.Take(draft, new IkeCommand.Widen(heir));
        }
    }

    private static ValueList<Proposal> Offer(Draft draft, IkeRekeyAttempt attempt) =>
        ProposalSelection.Offer(ProtocolId.Ike, attempt.Spi.ToByteString(), draft.Configuration.Offers);
}
