using Conformance.Spec.Eap;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>EAP in IKE_AUTH at its responder, from the first request to EAP Success. RFC 7296 §2.16, RFC 5998 §3.</summary>
internal static class EapResponder
{
    /// <summary>Takes the first request, which has no AUTH: SA and selectors wait until the end.</summary>
    public static void Start(Draft draft, int number, uint messageId, Trust.Eap trust, IkePayload.Identification identification, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        bool isUnproven = trust.AllowsOnly && IkePayloads.FindNotify(payloads, NotifyType.EapOnlyAuthentication) is not null && trust.Server.Methods.Any(m => m.IsSafeAlone);
        IkePayload.Identification own = new(OfInitiator: false, draft.Configuration.OwnIdentity);
        ValueList<IkePayload> proof = [];
        if (!isUnproven)
        {
            if (AuthenticationData.Make(draft, sa, own) is not { } made)
            {
                AuthenticationResponder.Refuse(draft, number, messageId, "this side cannot prove its identity");
                return;
            }

            proof = [.. CertificatePayloads.Own(draft.Configuration, Abilities.Read(payloads).HasFlag(PeerAbilities.CertificateLookup)), made];
        }

        bool asksIdentity = trust.AsksIdentity || draft.Choose("EAP: a method at once, Identity first", 2) == 1;
        draft.Put(sa with { Eap = new EapExchange { First = payloads, Other = identification, IsUnproven = isUnproven } });
        Go(draft, number, messageId, Server(trust, isUnproven).Begin(draft.Fresh("EAP identifier", sa, messageId, 1)[0], asksIdentity, Randomness(draft, sa, messageId)), [own, .. proof]);
    }

    /// <summary>Takes a request before EAP is over.</summary>
    public static void Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        EapExchange eap = sa.Eap!;
        if (draft.Configuration.Trust is not Trust.Eap trust || IkePayloads.Find<IkePayload.Eap>(payloads) is not { Message: { } message })
        {
            AuthenticationResponder.Refuse(draft, number, messageId, "a request without EAP before it is over");
            return;
        }

        Go(draft, number, messageId, Server(trust, eap.IsUnproven).Step(eap.Server, message, Randomness(draft, sa, messageId)), []);
    }

    // EAP Failure ends all, and says so alone. RFC 7296 §2.16, §2.21.2.
    private static void Go(Draft draft, int number, uint messageId, EapServerStep step, ValueList<IkePayload> before)
    {
        IkeSa sa = draft.Sa(number);
        bool isKeyless = sa.Eap!.IsUnproven && step.Progress == EapProgress.Done && step.State.Key.Length == 0;
        bool isFailed = step.Progress == EapProgress.Failed || isKeyless;
        EapMessage answer = isKeyless ? EapMessage.End(success: false, step.Answer.Identifier) : step.Answer;
        draft.Put(sa with { Eap = sa.Eap with { Server = step.State, IsOver = step.Progress == EapProgress.Done && !isFailed, Key = step.State.Key } });
        Exchanges.Answer(draft, number, ExchangeType.IkeAuth, messageId, new([.. before, new IkePayload.Eap(answer)]));
        if (isFailed)
        {
            draft.Report($"EAP failed: {step.Reason ?? "it made no key"}");
            Closing.Close(draft, number, keepsAnswers: true);
        }
    }

    // Alone, only methods that prove both sides and make a key. RFC 5998 §4.
    private static EapServer Server(Trust.Eap trust, bool isUnproven) =>
        isUnproven ? trust.Server with { Methods = new([.. trust.Server.Methods.Where(m => m.IsSafeAlone)]) } : trust.Server;

    private static ByteString Randomness(Draft draft, IkeSa sa, uint messageId) => draft.Fresh("EAP server", sa, messageId, EapMethod.RandomnessBytes);
}
