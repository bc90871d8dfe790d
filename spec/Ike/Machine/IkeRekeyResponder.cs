using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>CREATE_CHILD_SA for a successor of the IKE SA, at its responder. RFC 7296 §1.3.2, §2.8.2, §2.25.</summary>
internal static class IkeRekeyResponder
{
    private const int NonceBytes = 32;

    /// <summary>Takes the request.</summary>
    public static void Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads, IkePayload.SecurityAssociation offer, ByteString initiatorNonce)
    {
        IkeSa old = draft.Sa(number);
        bool isBusy = old.Phase != IkeSaPhase.Established
            || Attempts.Children(old).Any()
            || old.Pending.Any(p => p.Purpose is ExchangePurpose.DeleteChildren or ExchangePurpose.DeleteIke)
            || draft.Peer.Children.Any(c => c.Owner == number && c.Phase == ChildSaPhase.Replaced);
        if (isBusy)
        {
            Exchanges.Refuse(draft, number, ExchangeType.CreateChildSa, messageId, NotifyType.TemporaryFailure);
            return;
        }

        if (IkePayloads.Find<IkePayload.KeyExchange>(payloads) is not { } theirs)
        {
            Exchanges.Refuse(draft, number, ExchangeType.CreateChildSa, messageId, NotifyType.InvalidSyntax);
            return;
        }

        if (ChildResponder.IsUnwilling(draft))
        {
            Exchanges.Refuse(draft, number, ExchangeType.CreateChildSa, messageId, NotifyType.NoAdditionalSas);
            return;
        }

        if (ProposalSelection.Choose(offer.Proposals, draft.Configuration.Offers, ProtocolId.Ike, IkeSpi.LengthBytes, theirs.Method) is not { } chosen
            || Suites.OfIke(chosen.Transforms) is not { } suite || !suite.Prf.TakesNonce(initiatorNonce.Length))
        {
            Exchanges.Refuse(draft, number, ExchangeType.CreateChildSa, messageId, NotifyType.NoProposalChosen);
            return;
        }

        if (suite.KeyExchange.TransformId != (ushort)theirs.Method)
        {
            ByteString wanted = new NotifyContent.WantedMethod((WireMethod)suite.KeyExchange.TransformId).ToByteString();
            Exchanges.Refuse(draft, number, ExchangeType.CreateChildSa, messageId, NotifyType.InvalidKePayload, wanted);
            return;
        }

        ByteString randomness = draft.Fresh("successor responder's private value", old, messageId, suite.KeyExchange.ResponderRandomnessBytes);
        if (!draft.Cryptography.TryAnswerKeyExchange(suite.KeyExchange, randomness, theirs.Data, out KeyExchangeAnswer answer, out _))
        {
            Exchanges.Refuse(draft, number, ExchangeType.CreateChildSa, messageId, NotifyType.InvalidSyntax);
            return;
        }

        IkeSpi initiatorSpi = IkeSpi.FromBytes(chosen.Spi);
        IkeSpi responderSpi = draft.FreshIkeSpi($"successor responder's SPI {number} {initiatorSpi} {messageId}");
        ByteString nonce = draft.Fresh("successor responder's nonce", old, messageId, NonceBytes);
        Freshness freshness = new(initiatorNonce, nonce, initiatorSpi.Value, responderSpi.Value);
        IkeAgreement agreed = new(suite, initiatorSpi, responderSpi, freshness, [answer.Shared]);
        ValueList<WireMethod> additional = AdditionalKeyExchanges.Of(chosen.Transforms);
        ByteString lowest = ChildInitiator.Lower(draft, initiatorNonce, nonce);
        draft.Put(Attempts.Change(old, (IkeRekeyAttempt a) => a with { Rival = new Rival(null, lowest) }));

        // With further key exchanges it is there only after the last of them. RFC 9370 §2.2.4.
        IkeSa? made = additional.IsEmpty ? IkeRekeyInitiator.Successor(draft, old, isInitiator: false, agreed) : null;
        ValueList<IkePayload> link = additional.IsEmpty
            ? []
            : [FollowUpResponder.Begin(draft, number, messageId, l => new UnfinishedExchange.Ike(agreed, null, lowest) { Methods = additional, Link = l })];
        Exchanges.Answer(
            draft,
            number,
            ExchangeType.CreateChildSa,
            messageId,
            [
                new IkePayload.SecurityAssociation([new Proposal(chosen.Number, ProtocolId.Ike, responderSpi.ToByteString(), chosen.Transforms)]),
                new IkePayload.Nonce(nonce),
                new IkePayload.KeyExchange(theirs.Method, answer.PublicValue),
                .. link,
            ]);
        if (made is not null)
        {
            Settle(draft, number, made);
        }
    }

    /// <summary>Without an own attempt the successor inherits at once; with one it waits until both are known. RFC 7296 §2.8.2.</summary>
    public static void Settle(Draft draft, int number, IkeSa made)
    {
        IkeSa old = draft.Sa(number);
        if (old.RekeyAttempt is null)
        {
            IkeRekeyInitiator.Yield(draft, number, made.Number, closes: false);
            return;
        }

        draft.Put(Attempts.Change(old, (IkeRekeyAttempt a) => a with { Rival = new Rival(made.Number, made.LowestNonce) }));
    }
}
