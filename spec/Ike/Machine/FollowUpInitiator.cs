using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using CryptoMethod = Conformance.Spec.Crypto.Ike.KeyExchange.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_FOLLOWUP_KE at its initiator: one for each additional key exchange of CREATE_CHILD_SA. RFC 9370 §2.2.4.</summary>
internal static class FollowUpInitiator
{
    /// <summary>Asks for the next key exchange, at once or when there is room.</summary>
    public static void Continue(Draft draft, int number, UnfinishedExchange exchange)
    {
        IkeSa sa = draft.Sa(number);
        if (!Exchanges.HasRoom(sa))
        {
            draft.Put(sa with { Unsent = sa.Unsent.Add(exchange) });
            return;
        }

        KeyExchangeMethod name = exchange.Next!.Value;
        CryptoMethod method = Suites.Method(name) ?? throw new ArgumentException($"this model has no key exchange {name}");
        ByteString randomness = draft.Fresh("follow-up initiator's private value", sa, sa.NextRequest, method.InitiatorRandomnessBytes);
        if (!draft.Cryptography.TryStartKeyExchange(method, randomness, out KeyExchangeStart start, out var error))
        {
            throw new ArgumentException($"{method}: {error}");
        }

        Exchanges.Request(
            draft,
            number,
            ExchangeType.IkeFollowupKe,
            [new IkePayload.KeyExchange(name, start.PublicValue), new IkePayload.Notify(NotifyType.AdditionalKeyExchange, exchange.Link)],
            new ExchangePurpose.FollowUp(new OwnKeyExchange(name, start.PrivateValue), exchange));
    }

    /// <summary>Sends what had no room, as far as there is room now.</summary>
    public static void Resume(Draft draft, int number)
    {
        while (draft.Peer.Sa(number) is { Unsent.IsEmpty: false } sa && Exchanges.HasRoom(sa))
        {
            UnfinishedExchange next = sa.Unsent[0];
            draft.Put(sa with { Unsent = sa.Unsent.RemoveAt(0) });
            Continue(draft, number, next);
        }
    }

    /// <summary>Takes the response.</summary>
    public static void Take(Draft draft, int number, ExchangePurpose.FollowUp purpose, ValueList<IkePayload> payloads)
    {
        OwnKeyExchange own = purpose.KeyExchange;
        if (IkePayloads.Find<IkePayload.KeyExchange>(payloads) is not { } theirs || theirs.Method != own.Method
            || !draft.Cryptography.TryFinishKeyExchange(Suites.Method(own.Method)!, own.PrivateValue, theirs.Data, out IkeSecret shared, out _))
        {
            Failed(draft, number, purpose.Exchange, payloads);
            return;
        }

        UnfinishedExchange exchange = purpose.Exchange.With(shared);
        if (exchange.Next is null)
        {
            Finish(draft, number, exchange);
        }
        else if (Link(payloads) is { } link)
        {
            Continue(draft, number, exchange with { Link = link });
        }
        else
        {
            Failed(draft, number, exchange, payloads);
        }
    }

    /// <summary>The link of a message, or null.</summary>
    public static ByteString? Link(ValueList<IkePayload> payloads) => IkePayloads.FindNotify(payloads, NotifyType.AdditionalKeyExchange) is { Data.Length: > 0 } notify ? notify.Data : null;

    private static void Finish(Draft draft, int number, UnfinishedExchange exchange)
    {
        switch (exchange)
        {
            case UnfinishedExchange.Child child:
                ChildInitiator.Finish(draft, number, child.Attempt!, child.Agreement with { Shared = draft.Rules.SecretsInOrder(child.Agreement.Shared, child.Secrets, asInitiator: true) });
                break;
            case UnfinishedExchange.Ike ike:
                IkeRekeyInitiator.Finish(draft, number, ike.Attempt!, ike.Agreement with { Shared = draft.Rules.SecretsInOrder(ike.Agreement.Shared, ike.Secrets, asInitiator: true) });
                break;
        }
    }

    // Where the other side has lost what was agreed, all begins anew; where it rekeys itself, its exchange is enough (interpretation 0064).
    private static void Failed(Draft draft, int number, UnfinishedExchange exchange, ValueList<IkePayload> payloads)
    {
        bool isLost = IkePayloads.FindNotify(payloads, NotifyType.StateNotFound) is not null;
        switch (exchange)
        {
            case UnfinishedExchange.Child { Attempt: { } attempt }:
                ChildInitiator.Failed(draft, number, attempt, payloads);
                if (isLost && attempt.Rival is null && draft.Rules.BeginsAnewWhereStateIsLost)
                {
                    Commands.Take(draft, attempt.Replaces is { } old ? new IkeCommand.RekeyChild(old) : new IkeCommand.CreateChild(number, attempt.Configuration));
                }

                break;
            case UnfinishedExchange.Ike { Attempt: { } attempt } when !isLost:
                IkeRekeyInitiator.Failed(draft, number, attempt, payloads);
                break;
            case UnfinishedExchange.Ike { Attempt: { } attempt }:
                // Whether its own successor or the old one stays, the other side tells by the one that it deletes.
                draft.Report($"IKE SA {number} was not rekeyed: the other side has lost what was agreed");
                if (attempt.Rival is null && draft.Rules.BeginsAnewWhereStateIsLost)
                {
                    Commands.Take(draft, new IkeCommand.RekeyIke(number));
                }

                break;
        }
    }
}
