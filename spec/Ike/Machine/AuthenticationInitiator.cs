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
        Credentials.Eap? eap = draft.Configuration.Credentials as Credentials.Eap;
        if (eap is not null)
        {
            draft.Put(sa with { Eap = new EapExchange() });
        }

        if ((eap is null ? Proof(draft, sa, identification) : EapInitiator.Propose(eap)) is not { } proof)
        {
            Closing.Forget(draft, number, "this side cannot prove its identity");
            return;
        }

        payloads =
        [
            .. payloads, .. CertificatePayloads.Own(draft.Configuration, sa.Abilities.HasFlag(PeerAbilities.CertificateLookup)), .. CertificatePayloads.Request(draft),
            .. draft.Configuration.AsksForIdentity ? [new IkePayload.Identification(OfInitiator: false, draft.Configuration.PeerIdentity)] : ValueList.Of<IkePayload>([]), .. proof, .. Exchanges.Window(draft, sa),
            .. Mobike.Forbid(draft.Configuration, sa),
            .. AddressClient.Request(draft.Configuration),
        ];
        ChildAttempt? attempt = null;
        if (!isChildless)
        {
            attempt = new ChildAttempt(0, draft.FreshSpi(sa, sa.NextRequest, "initiator"), sa.Initial!.InitiatorNonce, null, null)
            {
                ParameterIndices = Compressions.Fresh(draft, sa, sa.NextRequest, draft.Configuration.Children[0]),
            };
            attempt = ChildOffer.For(sa, draft.Configuration.Children[0], attempt with { Packet = sa.Packet });
            draft.Put(draft.Sa(number) with { Packet = null });
            payloads = new([.. payloads, .. ChildOffer.InAuthentication(draft.Configuration.Children[0], attempt)]);
        }

        Exchanges.Request(draft, number, ExchangeType.IkeAuth, payloads, new ExchangePurpose.Authenticate(attempt));
    }

    /// <summary>Takes the response.</summary>
    public static void Take(Draft draft, int number, ExchangePurpose.Authenticate purpose, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        if (sa.Eap is { IsOver: false })
        {
            EapInitiator.Take(draft, number, purpose, payloads);
            return;
        }

        IkePayload.Identification? named = sa.Eap is { } eap ? eap.Other : IkePayloads.Find<IkePayload.Identification>(payloads);
        if (named is not { OfInitiator: false } identification
            || IkePayloads.Find<IkePayload.Authentication>(payloads) is not { } authentication)
        {
            Closing.Forget(draft, number, $"IKE_AUTH was refused: {string.Join(", ", payloads.Select(p => $"{p}"))}");
            if (IkePayloads.FindNotify(payloads, NotifyType.UnexpectedNatDetected) is not null && sa.Failures + 1 < Mobike.MostTries)
            {
                // Somebody may have changed the packet; from the first message on it may come through. RFC 4555 §3.9.
                Commands.Take(draft, new IkeCommand.Initiate { Packet = purpose.Child?.Packet, Failures = sa.Failures + 1 });
            }

            return;
        }

        IkeSa? agreed = PostQuantumKeys.Answered(draft, sa, payloads);
        sa = agreed ?? sa;
        draft.Put(Exchanges.Widened(draft, sa, payloads) with { Phase = IkeSaPhase.Established, Eap = null, PeerName = identification.Identity.Data });
        if (agreed is null || !draft.Rules.TakesProof(AuthenticationData.Verify(draft, sa, identification, authentication, payloads)))
        {
            // The responder believes that all is well: it is told. RFC 7296 §2.21.2.
            draft.Report("the responder did not prove its identity");
            Informational.DeleteIke(draft, number, [new IkePayload.Notify(NotifyType.AuthenticationFailed)]);
            return;
        }

        if (payloads.Any(p => p is IkePayload.Notify { Notification: NotifyType.AuthenticationFailed or NotifyType.InvalidSyntax or NotifyType.UnsupportedCriticalPayload }))
        {
            // The responder has closed it, whatever else it says. RFC 7296 §2.21.2.
            Closing.Forget(draft, number, $"IKE_AUTH was refused: {string.Join(", ", payloads.Select(p => $"{p}"))}");
            return;
        }

        InitialInitiator.Settle(draft, number);
        if (purpose.Child is { } attempt)
        {
            ChildInitiator.Accept(draft, number, attempt, payloads, sa.Initial!.ResponderNonce);
        }

        if (!AddressClient.Take(draft, number, payloads) && draft.Choose("no inner address: the IKE SA is closed, is kept", 2) == 0)
        {
            draft.Report("the gateway gave no inner address");
            Informational.DeleteIke(draft, number, []);
        }

        CreationRefused.Replace(draft, number);
    }

    /// <summary>Sends the request after EAP Success: now AUTH, and what a post-quantum key needs. RFC 7296 §2.16, RFC 8784 §3.</summary>
    public static void Prove(Draft draft, int number, ExchangePurpose.Authenticate purpose)
    {
        ValueList<IkePayload> proof = Proof(draft, draft.Sa(number), new IkePayload.Identification(OfInitiator: true, draft.Configuration.OwnIdentity))!.Value;
        Exchanges.Request(draft, number, ExchangeType.IkeAuth, proof, purpose);
    }

    private static ValueList<IkePayload>? Proof(Draft draft, IkeSa sa, IkePayload.Identification identification)
    {
        PostQuantumKey? key = PostQuantumKeys.OfInitiator(draft, sa);
        return AuthenticationData.Make(draft, key is null ? sa : PostQuantumKeys.Mixed(draft, sa, key), identification) is { } proof
            ? [proof, .. PostQuantumKeys.Notes(draft, sa, identification, key)]
            : null;
    }
}
