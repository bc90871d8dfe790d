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
    public static void Start(Draft draft, int number)
    {
        IkeSa sa = draft.Sa(number);
        CryptoMethod method = sa.Suite!.KeyExchange;
        ByteString randomness = draft.Fresh("successor's private value", sa, sa.NextRequest, method.InitiatorRandomnessBytes);
        if (!draft.Cryptography.TryStartKeyExchange(method, randomness, out KeyExchangeStart start, out var error))
        {
            throw new ArgumentException($"{method}: {error}");
        }

        IkeSpi spi = draft.FreshIkeSpi($"successor's SPI {sa.Number} {sa.InitiatorSpi} {sa.ResponderSpi} {sa.NextRequest} {sa.IsInitiator}");
        ByteString nonce = draft.Fresh("successor's nonce", sa, sa.NextRequest, NonceBytes);
        IkeRekeyAttempt attempt = new(spi, nonce, new OwnKeyExchange((WireMethod)method.TransformId, start.PrivateValue));
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
            || IkePayloads.Find<IkePayload.Nonce>(payloads) is not { } nonce
            || IkePayloads.Find<IkePayload.KeyExchange>(payloads) is not { } theirs || theirs.Method != attempt.KeyExchange.Method
            || !draft.Cryptography.TryFinishKeyExchange(suite.KeyExchange, attempt.KeyExchange.PrivateValue, theirs.Data, out IkeSecret shared, out _))
        {
            draft.Report($"IKE SA {number} was not rekeyed: {string.Join(", ", payloads.Select(p => $"{p}"))}");
            if (attempt.Rival is { } rival && Latest(draft.Peer, rival.Number) is { } winner)
            {
                // The other side did not notice the collision: its successor is the only one. RFC 7296 §2.8.2.
                Yield(draft, number, winner.Number, closes: false);
                Commands.Resume(draft, winner.Number);
            }

            return;
        }

        IkeSpi responderSpi = IkeSpi.FromBytes(answer.Proposals[0].Spi);
        Freshness freshness = new(attempt.Nonce, nonce.Data, attempt.Spi.Value, responderSpi.Value);
        IkeSa made = Successor(draft, old, suite, isInitiator: true, (attempt.Spi, responderSpi), shared, freshness);
        Settle(draft, number, attempt, made);
    }

    /// <summary>A new IKE SA in the family of an old one. RFC 7296 §2.8, §2.18.</summary>
    public static IkeSa Successor(Draft draft, IkeSa old, IkeSuite suite, bool isInitiator, (IkeSpi Initiator, IkeSpi Responder) spis, IkeSecret shared, Freshness freshness)
    {
        int number = draft.Peer.SasMade;
        IkeSa made = new()
        {
            Number = number,
            Family = old.Family,
            IsInitiator = isInitiator,
            InitiatorSpi = spis.Initiator,
            ResponderSpi = spis.Responder,
            Phase = IkeSaPhase.Established,
            Own = old.Own,
            Peer = old.Peer,
            Suite = suite,
            Keys = draft.Cryptography.RekeyedKeys(suite, old.Suite!.Prf, old.Keys!.Derivation, [shared], freshness),
            Nat = old.Nat,
            IsOriginalInitiator = old.IsOriginalInitiator,
            PeerAddresses = old.PeerAddresses,
            Abilities = old.Abilities,
            Replaces = old.Number,
            LowestNonce = ChildInitiator.Lower(draft, freshness.InitiatorNonce, freshness.ResponderNonce),
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
        IkeSa? other = rival is null ? null : Latest(draft.Peer, rival.Number);
        bool isRedundant = other is not null && draft.Rules.CompareNonces(made.LowestNonce, rival!.LowestNonce) < 0;
        int heir = isRedundant ? other!.Number : made.Number;
        if (isRedundant && draft.Rules.ClosesOwnRedundantSa)
        {
            Informational.DeleteIke(draft, made.Number, []);
        }

        Yield(draft, number, heir, closes: !isRedundant);
        if (isRedundant)
        {
            Commands.Resume(draft, heir);
        }
        else if (rival is not null && draft.Peer.Sa(rival.Number) is { Phase: IkeSaPhase.Established } loser)
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
        draft.Put(draft.Sa(old) with { Phase = IkeSaPhase.Replaced, Waiting = [] });
        if (closes)
        {
            Informational.DeleteIke(draft, old, []);
        }

        Commands.HandOver(draft, waiting, heir);
    }

    private static ValueList<Proposal> Offer(Draft draft, IkeRekeyAttempt attempt) =>
        ProposalSelection.Offer(ProtocolId.Ike, attempt.Spi.ToByteString(), draft.Configuration.Offers);
}
