using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Payloads that ask for a Child SA, and the pair of SAs that comes of them. RFC 7296 §1.3.1, §2.17.</summary>
internal static class ChildOffer
{
    /// <summary>SA, TSi and TSr as IKE_AUTH has them: without nonce and key exchange. RFC 7296 §1.2.</summary>
    public static ValueList<IkePayload> InAuthentication(ChildConfiguration wanted, ChildAttempt attempt) =>
        WithMode(wanted, attempt, []);

    /// <summary>A Child SA in the making with the traffic and the mode that are asked for. RFC 7296 §2.9.</summary>
    /// <param name="sa">The IKE SA.</param>
    /// <param name="wanted">Its configuration.</param>
    /// <param name="attempt">The rest.</param>
    /// <param name="old">What it takes the place of, or null.</param>
    /// <param name="isOnlyPacket">True if nothing but the packet's selectors is asked for.</param>
    public static ChildAttempt For(IkeSa sa, ChildConfiguration wanted, ChildAttempt attempt, ChildSa? old = null, bool isOnlyPacket = false)
    {
        bool isTranslated = sa.Nat != NatPresence.None;
        ValueList<ValueList<Transform>> suites = attempt.KeyExchange is null ? ProposalSelection.WithoutKeyExchange(wanted.Offers) : wanted.Offers;
        attempt = attempt with { Offers = old is null ? suites : ProposalSelection.InUse(suites, old.Suite, old.IsEsn) };
        if (old is not null)
        {
            // The selectors and algorithms of the successor are those of the old one. RFC 7296 §2.8, §2.9.2.
            return attempt with { Own = old.Own, Peer = old.Peer, IsTransport = isTranslated ? old.IsTransport : wanted.IsTransport };
        }

        (ValueList<TrafficSelector> own, ValueList<TrafficSelector> peer) = (wanted.Own, wanted.Peer);
        // What the own policy does not allow is not proposed, whatever the packet. RFC 7296 §2.9.1.
        if (attempt.Packet is { } packet && SelectorNarrowing.IsWithin([packet.Own], own) && SelectorNarrowing.IsWithin([packet.Peer], peer))
        {
            (own, peer) = isOnlyPacket ? ([packet.Own], [packet.Peer]) : (own.Insert(0, packet.Own), peer.Insert(0, packet.Peer));
        }

        return !wanted.IsTransport || !isTranslated ? attempt with { Own = own, Peer = peer, IsTransport = wanted.IsTransport }
            : TransportThroughNat.Offer(sa, own, peer) is { } between ? attempt with { Own = between.Own, Peer = between.Peer, IsTransport = true }
            : attempt with { Own = own, Peer = peer };
    }

    /// <summary>SA, Ni, KEi, TSi and TSr as CREATE_CHILD_SA has them. RFC 7296 §1.3.1, §1.3.3.</summary>
    public static ValueList<IkePayload> InCreation(ChildConfiguration wanted, ChildAttempt attempt, ByteString publicValue, ChildSa? old)
    {
        ValueList<IkePayload> fresh = [new IkePayload.Nonce(attempt.Nonce)];
        fresh = attempt.KeyExchange is { } exchange ? fresh.Add(new IkePayload.KeyExchange(exchange.Method, publicValue)) : fresh;

        ValueList<IkePayload> payloads = WithMode(wanted, attempt, fresh);
        return old is null ? payloads : payloads.Insert(0, IkePayload.Notify.About(NotifyType.RekeySa, ProtocolId.Esp, old.Inbound));
    }

    /// <summary>What was offered: without methods of key exchange where there is no KE payload.</summary>
    public static ValueList<Proposal> Proposals(ChildAttempt attempt) => ProposalSelection.Offer(ProtocolId.Esp, SpiBytes.Of(attempt.Inbound), attempt.Offers);

    /// <summary>The pair of SAs of an exchange.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="sa">The IKE SA over which it was made.</param>
    /// <param name="made">What was agreed.</param>
    public static ChildSa Install(Draft draft, IkeSa sa, ChildAgreement made)
    {
        EspSuite suite = made.Suite;
        ChildKeys keys = draft.Cryptography.ChildKeys(sa.Suite!.Prf, sa.Keys!.Derivation, made.Shared.Items, made.InitiatorNonce, made.ResponderNonce, suite);
        ChildSaKeys fromInitiator = new(keys.InitiatorEncryption, keys.InitiatorIntegrity);
        ChildSaKeys fromResponder = new(keys.ResponderEncryption, keys.ResponderIntegrity);
        int number = draft.Peer.ChildrenMade;
        ChildSa child = new()
        {
            Number = number,
            Owner = sa.Number,
            Configuration = made.Configuration,
            Inbound = made.Inbound,
            Outbound = made.Outbound,
            Suite = suite,
            IsEsn = made.IsEsn,
            InboundKeys = made.AsInitiator ? fromResponder : fromInitiator,
            OutboundKeys = made.AsInitiator ? fromInitiator : fromResponder,
            Own = made.Own,
            Peer = made.Peer,
            IsTransport = made.IsTransport,
            PeerRefusesTfcPadding = made.PeerRefusesTfcPadding,
            CarriesFragments = made.CarriesFragments,
            Original = made.Original,
            Compression = made.Compression,
            IsUdpEncapsulated = sa.Nat != NatPresence.None,

            // Its initiator has the response; its responder waits for a sign that the initiator has it too. RFC 7296 §2.8.
            MaySend = made.AsInitiator,
            Replaces = made.Replaces,
            IsInitiator = made.AsInitiator,
            LowestNonce = ChildInitiator.Lower(draft, made.InitiatorNonce, made.ResponderNonce),
        };
        draft.Peer = draft.Peer with { ChildrenMade = number + 1 };
        draft.Put(child);
        return child;
    }

    /// <summary>Notifications about a Child SA, in the order in which the RFC lists them. RFC 7296 §1.3.1, appendix C.</summary>
    public static ValueList<IkePayload> Modes(bool isTransport, bool refusesTfcPadding, bool carriesFragments)
    {
        List<IkePayload> all = [];
        if (isTransport)
        {
            all.Add(new IkePayload.Notify(NotifyType.UseTransportMode));
        }

        if (refusesTfcPadding)
        {
            all.Add(new IkePayload.Notify(NotifyType.EspTfcPaddingNotSupported));
        }

        if (carriesFragments)
        {
            all.Add(new IkePayload.Notify(NotifyType.NonFirstFragmentsAlso));
        }

        return [.. all];
    }

    private static ValueList<IkePayload> WithMode(ChildConfiguration wanted, ChildAttempt attempt, ValueList<IkePayload> fresh) =>
    [
        .. Compressions.Offer(wanted, attempt), .. Modes(attempt.IsTransport, wanted.RefusesTfcPadding, wanted.CarriesFragments),
        new IkePayload.SecurityAssociation(Proposals(attempt)), .. fresh,
        new IkePayload.TrafficSelectors(ofInitiator: true, attempt.Own), new IkePayload.TrafficSelectors(ofInitiator: false, attempt.Peer),
    ];
}
