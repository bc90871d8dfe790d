using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using CryptoMethod = Conformance.Spec.Crypto.Ike.KeyExchange.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_INTERMEDIATE at its initiator: one for each additional key exchange, then IKE_AUTH. RFC 9370 §2.2.2.</summary>
internal static class IntermediateInitiator
{
    /// <summary>Sends what comes next.</summary>
    public static void Continue(Draft draft, int number)
    {
        IkeSa sa = draft.Sa(number);
        if (sa.Initial!.NextAdditional is not { } name)
        {
            AuthenticationInitiator.Start(draft, number);
            return;
        }

        CryptoMethod method = Suites.Method(name) ?? throw new ArgumentException($"this model has no key exchange {name}");
        ByteString randomness = draft.Fresh($"initiator's additional private value {name}", sa, sa.NextRequest, method.InitiatorRandomnessBytes);
        if (!draft.Cryptography.TryStartKeyExchange(method, randomness, out KeyExchangeStart start, out var error))
        {
            throw new ArgumentException($"{method}: {error}");
        }

        IkeHeader header = MessageSealing.Header(sa, ExchangeType.IkeIntermediate, isResponse: false, sa.NextRequest);
        ValueList<IkePayload> payloads = [new IkePayload.KeyExchange(name, start.PublicValue)];
        Exchanges.Request(draft, number, ExchangeType.IkeIntermediate, payloads, new ExchangePurpose.Intermediate(new OwnKeyExchange(name, start.PrivateValue)));
        draft.Put(IntermediateMessages.Sent(draft, draft.Sa(number), header, payloads));
    }

    /// <summary>Takes the response.</summary>
    public static void Take(Draft draft, int number, ExchangePurpose.Intermediate purpose, ValueList<IkePayload> payloads, OpenedMessage opened)
    {
        OwnKeyExchange own = purpose.KeyExchange;
        if (IkePayloads.Find<IkePayload.KeyExchange>(payloads) is not { } theirs || theirs.Method != own.Method
            || !draft.Cryptography.TryFinishKeyExchange(Suites.Method(own.Method)!, own.PrivateValue, theirs.Data, out IkeSecret shared, out _))
        {
            Closing.Forget(draft, number, $"IKE_INTERMEDIATE failed: {string.Join(", ", payloads.Select(p => $"{p}"))}");
            return;
        }

        IkeSa sa = IntermediateMessages.Received(draft, draft.Sa(number), opened);
        draft.Put(IntermediateMessages.Over(draft, sa, shared));
        Continue(draft, number);
    }
}
