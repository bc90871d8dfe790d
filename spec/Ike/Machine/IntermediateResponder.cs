using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using CryptoMethod = Conformance.Spec.Crypto.Ike.KeyExchange.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_INTERMEDIATE at its responder. RFC 9242 §3.2, RFC 9370 §2.2.2.</summary>
internal static class IntermediateResponder
{
    // Seven key exchanges and a few for other ends; who goes on for ever is not followed. RFC 9242 §5.
    private const int MostExchanges = 12;

    /// <summary>True if a request has a place here.</summary>
    public static bool IsDue(Draft draft, IkeSa sa) => sa.Phase == IkeSaPhase.InitAnswered
        && sa.Abilities.HasFlag(PeerAbilities.Intermediate) && AdditionalKeyExchanges.AreWanted(draft.Configuration)
        && sa.Initial!.EarlierKeys.Count < MostExchanges;

    /// <summary>Takes the request.</summary>
    public static void Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads, OpenedMessage opened)
    {
        IkeSa sa = IntermediateMessages.Received(draft, draft.Sa(number), opened);
        ValueList<IkePayload> answer = [];
        IkeSecret? shared = null;
        if (sa.Initial!.NextAdditional is { } name)
        {
            CryptoMethod method = Suites.Method(name)!;
            ByteString randomness = draft.Fresh($"responder's additional private value {name}", sa, messageId, method.ResponderRandomnessBytes);
            if (IkePayloads.Find<IkePayload.KeyExchange>(payloads) is not { } theirs || theirs.Method != name
                || !draft.Cryptography.TryAnswerKeyExchange(method, randomness, theirs.Data, out KeyExchangeAnswer computed, out _))
            {
                // As in IKE_AUTH an error is the end. RFC 9242 §3.4.
                Exchanges.Refuse(draft, number, ExchangeType.IkeIntermediate, messageId, NotifyType.InvalidSyntax);
                draft.Report($"IKE_INTERMEDIATE has no key exchange by {Iana.NameOf(name)}");
                return;
            }

            answer = [new IkePayload.KeyExchange(name, computed.PublicValue)];
            shared = computed.Shared;
        }

        // The response still has the keys of the request. RFC 9242 §3.3.1.
        IkeHeader header = MessageSealing.Header(sa, ExchangeType.IkeIntermediate, isResponse: true, messageId);
        draft.Put(IntermediateMessages.Sent(draft, sa, header, answer));
        Exchanges.Answer(draft, number, ExchangeType.IkeIntermediate, messageId, answer);
        draft.Put(IntermediateMessages.Over(draft, draft.Sa(number), shared));
    }
}
