using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>IKE_AUTH at its initiator. RFC 7296 §1.2, §2.15, §2.21.2.</summary>
internal static class AuthenticationInitiator
{
    /// <summary>Sends the request.</summary>
    public static void Start(Draft draft, int number)
    {
        IkeSa sa = draft.Sa(number);
        IkePayload.Identification identification = new(OfInitiator: true, draft.Configuration.OwnIdentity);
        bool isChildless = draft.Configuration.IsChildless && sa.Abilities.HasFlag(PeerAbilities.Childless);
        ValueList<IkePayload> payloads = [identification];
        // True only while the other side can have no other one: what is asked for there may be answered already.
        bool isOnly = draft.Peer.Sas.All(s => s.Number == number || s.Phase is IkeSaPhase.InitRequested or IkeSaPhase.InitAnswered);
        payloads = draft.Configuration is { SendsInitialContact: true, Credentials: not Credentials.Null } && isOnly ? payloads.Add(new IkePayload.Notify(NotifyType.InitialContact)) : payloads;
        PostQuantumKey? key = PostQuantumKeys.OfInitiator(draft, sa);
        if (AuthenticationData.Make(draft, key is null ? sa : PostQuantumKeys.Mixed(draft, sa, key), identification) is not { } proof)
        {
            Closing.Forget(draft, number, "this side cannot prove its identity");
            return;
        }

        payloads =
        [
            .. payloads, .. CertificatePayloads.Own(draft.Configuration), .. CertificatePayloads.Request(draft), proof,
            .. PostQuantumKeys.Notes(draft, sa, identification, key), .. Exchanges.Window(draft),
        ];
        ChildAttempt? attempt = null;
        if (!isChildless)
        {
            attempt = new ChildAttempt(0, draft.FreshSpi(sa, sa.NextRequest, "initiator"), sa.Initial!.InitiatorNonce, null, null)
            {
                ParameterIndices = Compressions.Fresh(draft, sa, sa.NextRequest, draft.Configuration.Children[0]),
            };
            payloads = new([.. payloads, .. ChildOffer.InAuthentication(draft.Configuration.Children[0], attempt)]);
        }

        Exchanges.Request(draft, number, ExchangeType.IkeAuth, payloads, new ExchangePurpose.Authenticate(attempt));
    }

    /// <summary>Takes the response.</summary>
    public static void Take(Draft draft, int number, ExchangePurpose.Authenticate purpose, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (IkePayloads.Find<IkePayload.Identification>(payloads) is not { OfInitiator: false } identification
            || IkePayloads.Find<IkePayload.Authentication>(payloads) is not { } authentication)
        {
            Closing.Forget(draft, number, $"IKE_AUTH was refused: {string.Join(", ", payloads.Select(p => $"{p}"))}");
            return;
        }

        IkeSa? agreed = PostQuantumKeys.Answered(draft, sa, payloads);
        sa = agreed ?? sa;
        draft.Put(Exchanges.Widened(sa, payloads) with { Phase = IkeSaPhase.Established });
        if (agreed is null || !AuthenticationData.Verify(draft, sa, identification, authentication, payloads))
        {
            // The responder believes that all is well: it is told. RFC 7296 §2.21.2.
            draft.Report("the responder did not prove its identity");
            Informational.DeleteIke(draft, number, [new IkePayload.Notify(NotifyType.AuthenticationFailed)]);
            return;
        }

        if (purpose.Child is { } attempt)
        {
            ChildInitiator.Accept(draft, number, attempt, payloads, sa.Initial!.ResponderNonce);
        }
    }
}
