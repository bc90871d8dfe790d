using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Machine;

/// <summary>What the initiator of CREATE_CHILD_SA does about a refusal: it tries another method once, or makes a new IKE SA. RFC 7296 §1.3, §2.7, §4.</summary>
internal static class CreationRefused
{
    /// <summary>The method for a second try: one that was offered and not tried; null where there is none.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="payloads">Payloads of the response.</param>
    /// <param name="offered">Suites that were offered.</param>
    /// <param name="tried">Method of the KE payload; null for none.</param>
    /// <param name="isSecondTry">True if it was such a try itself.</param>
    public static WireMethod? MethodForSecondTry(Draft draft, ValueList<IkePayload> payloads, ValueList<ValueList<Transform>> offered, WireMethod? tried, bool isSecondTry)
    {
        if (tried is null || !draft.Rules.TriesAgain(isSecondTry) || IkePayloads.FindNotify(payloads, NotifyType.InvalidKePayload) is not { Data.Length: 2 } notify)
        {
            return null;
        }

        WireMethod wanted = (WireMethod)LooseFields.Word(notify.Data.Span, 0);
        bool isPossible = wanted != tried && ProposalSelection.Offers(offered, wanted) && Suites.Method(wanted) is not null;
        return isPossible && draft.Choose("INVALID_KE_PAYLOAD: tried again, given up", 2) == 0 ? wanted : null;
    }

    /// <summary>Makes a new IKE SA where the other side rekeys nothing, if this side is to; the old one stays until it is there. RFC 7296 §2.8.3, §4.</summary>
    public static void BeginAnew(Draft draft, int number, ValueList<IkePayload> payloads)
    {
        IkeSa sa = draft.Sa(number);
        bool isPossible = IkePayloads.FindNotify(payloads, NotifyType.NoAdditionalSas) is not null && sa.Phase == IkeSaPhase.Established && draft.Peer.Sas.All(s => s.Instead != sa.Family);
        if (isPossible && (draft.Configuration.BeginsAnew || draft.Choose("NO_ADDITIONAL_SAS: all stays, a new IKE SA", 2) == 1))
        {
            draft.Report($"IKE SA {number} is not rekeyed: another takes its place");
            Commands.Take(draft, new IkeCommand.Initiate { Instead = number });
            if (!draft.Rules.KeepsOldUntilMadeAnew)
            {
                Commands.Take(draft, new IkeCommand.DeleteIke(number));
            }
        }
    }

    /// <summary>What a new IKE SA takes the place of is closed, once the new one has its Child SA; other Child SAs are asked for again. RFC 7296 §2.8.3.</summary>
    public static void Replace(Draft draft, int number)
    {
        IkeSa made = draft.Sa(number);
        if (made is not { Instead: { } family, Phase: IkeSaPhase.Established })
        {
            return;
        }

        int[] missing = [.. draft.Peer.Children.Where(c => c.Owner != number && draft.Peer.Sa(c.Owner)?.Family == family && c.Configuration != 0).Select(c => c.Configuration).Distinct()];
        draft.Put(made with { Instead = null });
        if (!draft.Configuration.IsChildless && draft.Peer.Children.All(c => c.Owner != number))
        {
            draft.Report($"IKE SA {number} has no Child SA: what it was to take the place of stays");
            return;
        }

        foreach (int configuration in missing)
        {
            Commands.Take(draft, new IkeCommand.CreateChild(number, configuration));
        }

        foreach (IkeSa old in draft.Peer.Sas.Items.Where(s => s.Family == family && draft.Rules.ClosesWhatIsMadeAnew))
        {
            Commands.Take(draft, new IkeCommand.DeleteIke(old.Number));
        }
    }
}
