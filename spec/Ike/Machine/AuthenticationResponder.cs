using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_AUTH at its responder. RFC 7296 §1.2, §2.15, §2.21.2.</summary>
internal static class AuthenticationResponder
{
    /// <summary>Takes the request.</summary>
    public static void Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (IkePayloads.Find<IkePayload.Identification>(payloads) is not { OfInitiator: true } identification
            || IkePayloads.Find<IkePayload.Authentication>(payloads) is not { } authentication
            || PostQuantumKeys.Asked(draft, sa, authentication, payloads) is not { } asked
            || !draft.Rules.TakesProof(AuthenticationData.Verify(draft, asked.Sa, identification, asked.Authentication, payloads)))
        {
            Refuse(draft, number, messageId, "the initiator did not prove its identity");
            return;
        }

        sa = asked.Sa;
        IkePayload.Identification own = new(OfInitiator: false, draft.Configuration.OwnIdentity);
        if (AuthenticationData.Make(draft, sa, own) is not { } proof)
        {
            Refuse(draft, number, messageId, "this side cannot prove its identity");
            return;
        }

        draft.Put(Exchanges.Widened(sa, payloads) with { Phase = IkeSaPhase.Established });
        // Who proves nothing could drop what others made. RFC 7619 §2.3.
        if (IkePayloads.FindNotify(payloads, NotifyType.InitialContact) is not null && authentication.Method != AuthenticationMethod.Null)
        {
            DropOthers(draft, number);
        }

        ValueList<IkePayload> answer = [own, .. CertificatePayloads.Own(draft.Configuration), proof, .. asked.IsUsed ? [new IkePayload.Notify(NotifyType.PpkIdentity)] : ValueList.Of<IkePayload>([]), .. Exchanges.Window(draft)];
        bool isChildless = IkePayloads.Find<IkePayload.SecurityAssociation>(payloads) is null;
        if (!isChildless)
        {
            answer = new([.. answer, .. ChildResponder.Make(draft, number, messageId, payloads, sa.Initial!.InitiatorNonce, sa.Initial.ResponderNonce)]);
        }

        Exchanges.Answer(draft, number, ExchangeType.IkeAuth, messageId, answer);
    }

    private static void Refuse(Draft draft, int number, uint messageId, string reason)
    {
        Exchanges.Refuse(draft, number, ExchangeType.IkeAuth, messageId, NotifyType.AuthenticationFailed);
        draft.Report(reason);
        Closing.Close(draft, number, keepsAnswers: true);
    }

    // The other side knows of no older IKE SA between the two identities; one that came up meanwhile it does know. RFC 7296 §2.4.
    private static void DropOthers(Draft draft, int number)
    {
        foreach (IkeSa other in draft.Peer.Sas)
        {
            if (draft.Sa(number).Older.Contains(other.Number))
            {
                Closing.Forget(draft, other.Number, "INITIAL_CONTACT");
            }
        }
    }
}
