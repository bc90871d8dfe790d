using Conformance.Spec.Eap;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>EAP in IKE_AUTH at its initiator, from the first response to EAP Success. RFC 7296 §2.16, RFC 5998 §3.</summary>
internal static class EapInitiator
{
    /// <summary>What stands in the first request instead of AUTH.</summary>
    public static ValueList<IkePayload> Propose(Credentials.Eap own) => own.ProposesOnly ? [new IkePayload.Notify(NotifyType.EapOnlyAuthentication)] : [];

    /// <summary>Takes a response before EAP is over.</summary>
    public static void Take(Draft draft, int number, ExchangePurpose.Authenticate purpose, ValueList<IkePayload> payloads)
    {
        Credentials.Eap own = (Credentials.Eap)draft.Configuration.Credentials;
        if (IkePayloads.Find<IkePayload.Eap>(payloads) is not { Message: { } message })
        {
            Closing.Forget(draft, number, $"IKE_AUTH was refused: {string.Join(", ", payloads.Select(p => $"{p}"))}");
            return;
        }

        if (draft.Sa(number).Eap!.Other is null && !TakeFirst(draft, number, own, payloads))
        {
            Closing.Forget(draft, number, "the responder did not prove its identity");
            return;
        }

        IkeSa sa = draft.Sa(number);
        EapExchange eap = sa.Eap!;
        EapPeerStep step = own.Peer.Step(eap.Peer, message, draft.Fresh("EAP peer", sa, sa.NextRequest, EapMethod.RandomnessBytes), eap.IsUnproven);
        bool isEarly = message.Code == EapCode.Success && step.Progress == EapProgress.Failed;
        EapProgress progress = isEarly && !draft.Rules.WaitsForEndOfEapMethod ? EapProgress.Done : step.Progress;
        draft.Put(sa with { Eap = eap with { Peer = step.State, IsOver = progress == EapProgress.Done, Key = step.State.Key } });
        switch (progress)
        {
            case EapProgress.Goes when step.Response is { } response:
                Exchanges.Request(draft, number, ExchangeType.IkeAuth, [new IkePayload.Eap(response)], purpose);
                break;
            case EapProgress.Done when eap.IsUnproven && step.State.Key.Length == 0:
                Closing.Forget(draft, number, "EAP made no key, and nothing else proves the responder");
                break;
            case EapProgress.Done:
                AuthenticationInitiator.Prove(draft, number, purpose);
                break;
            default:
                Closing.Forget(draft, number, $"EAP failed: {step.Reason}");
                break;
        }
    }

    // Before EAP the responder proves itself by a signature, unless both do without. RFC 7296 §2.16, RFC 5998 §3.
    private static bool TakeFirst(Draft draft, int number, Credentials.Eap own, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (IkePayloads.Find<IkePayload.Identification>(payloads) is not { OfInitiator: false } identification)
        {
            return false;
        }

        IkePayload.Authentication? authentication = IkePayloads.Find<IkePayload.Authentication>(payloads);
        draft.Put(sa with { Eap = sa.Eap! with { Other = identification, IsUnproven = authentication is null } });
        if (authentication is null)
        {
            return own.ProposesOnly && identification.Identity == draft.Configuration.PeerIdentity;
        }

        bool isSigned = authentication.Method is not (AuthenticationMethod.SharedKey or AuthenticationMethod.Null) || own.TakesSharedKey;
        return draft.Rules.TakesProofBeforeEap(isSigned) && AuthenticationData.Verify(draft, sa, identification, authentication, payloads);
    }
}
