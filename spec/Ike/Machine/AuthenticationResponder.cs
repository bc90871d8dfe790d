using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_AUTH at its responder. RFC 7296 §1.2, §2.15, §2.21.2.</summary>
internal static class AuthenticationResponder
{
    /// <summary>Takes the request, or one of those that EAP needs.</summary>
    public static void Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (sa.Eap is { IsOver: false })
        {
            EapResponder.Take(draft, number, messageId, payloads);
            return;
        }

        if (sa.Eap is null && ChildResponder.LacksSelectors(payloads))
        {
            Exchanges.Refuse(draft, number, ExchangeType.IkeAuth, messageId, NotifyType.InvalidSyntax);
            draft.Report("IKE_AUTH asks for a Child SA without saying for what traffic");
            return;
        }

        IkePayload.Identification? identification = sa.Eap is { } eap ? eap.Other : IkePayloads.Find<IkePayload.Identification>(payloads);
        IkePayload.Authentication? authentication = IkePayloads.Find<IkePayload.Authentication>(payloads);
        if (sa.Eap is null && authentication is null && identification is { OfInitiator: true } && draft.Configuration.Trust is Trust.Eap trust)
        {
            EapResponder.Start(draft, number, messageId, trust, identification, payloads);
            return;
        }

        if (identification is not { OfInitiator: true } || authentication is null
            || PostQuantumKeys.Asked(draft, sa, authentication, payloads) is not { } asked
            || !draft.Rules.TakesProof(AuthenticationData.Verify(draft, asked.Sa, identification, asked.Authentication, payloads)))
        {
            Refuse(draft, number, messageId, "the initiator did not prove its identity");
            return;
        }

        Admit(draft, number, messageId, asked.Sa, asked.IsUsed, identification, sa.Eap?.First ?? payloads, authentication.Method);
    }

    /// <summary>Answers AUTHENTICATION_FAILED and closes the IKE SA. RFC 7296 §2.21.2.</summary>
    public static void Refuse(Draft draft, int number, uint messageId, string reason)
    {
        Exchanges.Refuse(draft, number, ExchangeType.IkeAuth, messageId, NotifyType.AuthenticationFailed);
        draft.Report(reason);
        Closing.Close(draft, number, keepsAnswers: true);
    }

    // What the first request asked for is answered now: with EAP that was another one. RFC 7296 §2.16.
    private static void Admit(
        Draft draft, int number, uint messageId, IkeSa sa, bool usesPostQuantumKey, IkePayload.Identification identification, ValueList<IkePayload> first, AuthenticationMethod method)
    {
        IkePayload.Identification own = new(OfInitiator: false, draft.Configuration.OwnIdentity);
        if (AuthenticationData.Make(draft, sa, own) is not { } proof)
        {
            Refuse(draft, number, messageId, "this side cannot prove its identity");
            return;
        }

        if (Mobike.HasUnexpectedNat(draft, first))
        {
            Exchanges.Refuse(draft, number, ExchangeType.IkeAuth, messageId, NotifyType.UnexpectedNatDetected);
            draft.Report("a NAT is on the path of a peer that forbids it");
            Closing.Close(draft, number, keepsAnswers: true);
            return;
        }

        ByteString client = sa.Eap?.Server.Name ?? identification.Identity.Data;
        ValueList<IkePayload> answer = sa.Eap is null ? [own, .. CertificatePayloads.Own(draft.Configuration, Abilities.Read(first).HasFlag(PeerAbilities.CertificateLookup))] : [];
        draft.Put(Exchanges.Widened(draft, sa, first) with { Phase = IkeSaPhase.Established, Eap = null, PeerName = client, AuthenticatedBy = messageId });

        // Who proves nothing could drop what others made. RFC 7619 §2.3.
        if (IkePayloads.FindNotify(first, NotifyType.InitialContact) is not null && method != AuthenticationMethod.Null)
        {
            DropOthers(draft, number);
        }

        answer = [.. answer, proof, .. usesPostQuantumKey ? [new IkePayload.Notify(NotifyType.PpkIdentity)] : ValueList.Of<IkePayload>([]), .. Exchanges.Window(draft, sa)];
        (ValueList<IkePayload> configuration, bool isRefused) = AddressGateway.InAuthentication(draft, number, first, client);
        answer = new([.. answer, .. configuration]);
        bool isChildless = IkePayloads.Find<IkePayload.SecurityAssociation>(first) is null;
        if (!isChildless && !isRefused)
        {
            answer = new([.. answer, .. ChildResponder.Make(draft, number, messageId, first, sa.Initial!.InitiatorNonce, sa.Initial.ResponderNonce)]);
        }

        Exchanges.Answer(draft, number, ExchangeType.IkeAuth, messageId, answer);
    }

    // The other side knows of no older IKE SA between the two identities; one that came up meanwhile it does know. RFC 7296 §2.4.
    private static void DropOthers(Draft draft, int number)
    {
        foreach (IkeSa other in draft.Peer.Sas)
        {
            if (draft.Sa(number).Older.Contains(other.Number) && other.PeerName == draft.Sa(number).PeerName)
            {
                Closing.Forget(draft, other.Number, "INITIAL_CONTACT");
            }
        }
    }
}
