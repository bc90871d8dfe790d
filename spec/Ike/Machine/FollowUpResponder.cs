using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using CryptoMethod = Conformance.Spec.Crypto.Ike.KeyExchange.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_FOLLOWUP_KE at its responder: the SAs come to be with the last of them. RFC 9370 §2.2.4.</summary>
internal static class FollowUpResponder
{
    private const int LinkBytes = 8;

    // Who begins and never ends is not followed: the oldest goes.
    private const int MostExchanges = 8;

    /// <summary>Keeps what CREATE_CHILD_SA agreed and gives the notification that links the next exchange to it.</summary>
    public static IkePayload.Notify Begin(Draft draft, int number, uint messageId, Func<ByteString, UnfinishedExchange> agreed)
    {
        IkeSa sa = draft.Sa(number);
        ByteString link = FreshLink(draft, sa, messageId);
        UnfinishedExchange exchange = agreed(link);

        // An IKE SA has one successor: who asks anew has given the former up.
        ValueList<UnfinishedExchange> kept = new([.. sa.Unfinished.Where(u => exchange is UnfinishedExchange.Child || u is UnfinishedExchange.Child)]);
        kept = kept.Count < MostExchanges ? kept : kept.RemoveAt(0);
        draft.Put(sa with { Unfinished = kept.Add(exchange) });
        return new IkePayload.Notify(NotifyType.AdditionalKeyExchange, link);
    }

    /// <summary>Takes the request.</summary>
    public static void Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (sa.Phase != IkeSaPhase.Established)
        {
            Exchanges.Refuse(draft, number, ExchangeType.IkeFollowupKe, messageId, NotifyType.TemporaryFailure);
            return;
        }

        ByteString? link = FollowUpInitiator.Link(payloads);
        if (sa.Unfinished.FirstOrDefault(u => draft.Rules.IsLinked(u.Link, link)) is not { } exchange)
        {
            Exchanges.Refuse(draft, number, ExchangeType.IkeFollowupKe, messageId, NotifyType.StateNotFound);
            return;
        }

        sa = sa with { Unfinished = new([.. sa.Unfinished.Where(u => u != exchange)]) };
        draft.Put(sa);
        KeyExchangeMethod name = exchange.Next!.Value;
        CryptoMethod method = Suites.Method(name)!;
        ByteString randomness = draft.Fresh("follow-up responder's private value", sa, messageId, method.ResponderRandomnessBytes);
        if (IkePayloads.Find<IkePayload.KeyExchange>(payloads) is not { } theirs || theirs.Method != name
            || !draft.Cryptography.TryAnswerKeyExchange(method, randomness, theirs.Data, out KeyExchangeAnswer answer, out _))
        {
            Exchanges.Refuse(draft, number, ExchangeType.IkeFollowupKe, messageId, NotifyType.InvalidSyntax);
            return;
        }

        exchange = exchange.With(answer.Shared);
        IkePayload.KeyExchange own = new(name, answer.PublicValue);
        if (exchange.Next is not null)
        {
            ByteString next = FreshLink(draft, sa, messageId);
            draft.Put(sa with { Unfinished = sa.Unfinished.Add(exchange with { Link = next }) });
            Exchanges.Answer(draft, number, ExchangeType.IkeFollowupKe, messageId, [own, new IkePayload.Notify(NotifyType.AdditionalKeyExchange, next)]);
            return;
        }

        // The SAs can receive before the last response goes. RFC 7296 §2.8.
        Action settle = Finish(draft, number, exchange);
        Exchanges.Answer(draft, number, ExchangeType.IkeFollowupKe, messageId, [own]);
        settle();
        Commands.Resume(draft, number);
    }

    /// <summary>Forgets the other side's unfinished exchanges: their next requests find nothing. RFC 9370 §2.2.4.</summary>
    public static void Forget(Draft draft, int number)
    {
        IkeSa sa = draft.Sa(number);
        ValueList<UnfinishedExchange> gone = sa.Unfinished;
        sa = sa with { Unfinished = [] };

        // What never comes to be is nobody's rival.
        sa = Attempts.Change(sa, (ChildAttempt a) => gone.Any(u => u.LowestNonce == a.Rival?.LowestNonce) ? a with { Rival = null } : a);
        draft.Put(Attempts.Change(sa, (IkeRekeyAttempt a) => gone.Any(u => u.LowestNonce == a.Rival?.LowestNonce) ? a with { Rival = null } : a));
        Commands.Resume(draft, number);
    }

    private static Action Finish(Draft draft, int number, UnfinishedExchange exchange)
    {
        switch (exchange)
        {
            case UnfinishedExchange.Child child:
                ChildOffer.Install(draft, draft.Sa(number), child.Agreement with { Shared = draft.Rules.SecretsInOrder(child.Agreement.Shared, child.Secrets, asInitiator: false) });
                return () => { };
            case UnfinishedExchange.Ike ike:
                IkeAgreement agreement = ike.Agreement with { Shared = draft.Rules.SecretsInOrder(ike.Agreement.Shared, ike.Secrets, asInitiator: false) };
                IkeSa made = IkeRekeyInitiator.Successor(draft, draft.Sa(number), isInitiator: false, agreement);
                return () => IkeRekeyResponder.Settle(draft, number, made);
            default:
                throw new InvalidOperationException($"{exchange}");
        }
    }

    private static ByteString FreshLink(Draft draft, IkeSa sa, uint messageId) => draft.Fresh("link", sa, messageId, LinkBytes);
}
