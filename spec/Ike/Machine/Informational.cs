using System.Collections.Immutable;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Ike.Machine;

/// <summary>INFORMATIONAL: deletion, notifications, and nothing at all. RFC 7296 §1.4, §2.25.</summary>
internal static class Informational
{
    /// <summary>Asks to close a Child SA, at once or when there is room: from now on nothing is sent on it.</summary>
    public static void DeleteChild(Draft draft, int number, int child)
    {
        ChildSa closing = draft.Peer.Child(child)!;
        if (!Exchanges.HasRoom(draft.Sa(number)))
        {
            IkeSa sa = draft.Sa(number);
            draft.Put(sa with { Waiting = sa.Waiting.Insert(0, new IkeCommand.DeleteChild(child)) });
            return;
        }

        draft.Put(closing with { Phase = ChildSaPhase.Deleting, MaySend = false });
        Exchanges.Request(
            draft, number, ExchangeType.Informational, [IkePayload.Delete.Of(ProtocolId.Esp, [closing.Inbound])], new ExchangePurpose.DeleteChildren([child]));
    }

    /// <summary>Asks to close an IKE SA: its last request. RFC 7296 §2.8.</summary>
    public static void DeleteIke(Draft draft, int number, ValueList<IkePayload> reasons)
    {
        foreach (ChildSa child in draft.Peer.Children)
        {
            if (child.Owner == number)
            {
                draft.Put(child with { Phase = ChildSaPhase.Deleting, MaySend = false });
            }
        }

        draft.Put(draft.Sa(number) with { Phase = IkeSaPhase.Deleting, Waiting = [], Unfinished = [] });
        Exchanges.Request(draft, number, ExchangeType.Informational, [.. reasons, IkePayload.Delete.IkeSa], new ExchangePurpose.DeleteIke());
    }

    /// <summary>Takes a request.</summary>
    public static void Take(Draft draft, int number, uint messageId, ValueList<IkePayload> payloads)
    {
        // The initiator may find only in the response to IKE_AUTH what ends the IKE SA. RFC 7296 §2.21.2.
        bool isRightAfter = draft.Sa(number).AuthenticatedBy + 1 == messageId;
        bool closes = payloads.Any(p => p is IkePayload.Delete { Protocol: ProtocolId.Ike }
            || (isRightAfter && p is IkePayload.Notify { Notification: NotifyType.AuthenticationFailed or NotifyType.InvalidSyntax or NotifyType.UnsupportedCriticalPayload }));
        if (closes)
        {
            Exchanges.Answer(draft, number, ExchangeType.Informational, messageId, []);
            ValueList<PendingRequest> forgotten = draft.Sa(number).Pending;
            Closing.Close(draft, number, keepsAnswers: true);
            if (!draft.Rules.ForgetsRekeyingOfDeletedIkeSa)
            {
                draft.Put(draft.Sa(number) with { Pending = forgotten });
            }

            return;
        }

        Suspicion.Note(draft, number, payloads);
        draft.Put(Exchanges.Told(draft, draft.Sa(number), payloads));
        ImmutableArray<Spi>.Builder closed = ImmutableArray.CreateBuilder<Spi>();
        bool hasUnknown = false;
        foreach (Spi spi in payloads.OfType<IkePayload.Delete>().Where(d => d.Protocol == ProtocolId.Esp).SelectMany(d => d.Spis.Items))
        {
            if (draft.Peer.ChildByOutbound(draft.Sa(number).Family, spi) is not { } child)
            {
                hasUnknown = true;
                NoteClosed(draft, number, spi);
            }
            else if (child.Phase != ChildSaPhase.Deleting)
            {
                // Both sides asking at once answer without a Delete payload. RFC 7296 §1.4.1.
                closed.Add(child.Inbound);
                Succeed(draft, child.Number);
                draft.Peer = draft.Peer.WithoutChild(child.Number);
            }
        }

        ValueList<IkePayload> answer = closed.Count == 0 ? [] : [IkePayload.Delete.Of(ProtocolId.Esp, new(closed.ToImmutable()))];
        if (hasUnknown && !draft.Rules.AnswersDeleteOfUnknownWithoutError)
        {
            answer = [new IkePayload.Notify(NotifyType.InvalidSyntax)];
        }

        Exchanges.Answer(draft, number, ExchangeType.Informational, messageId, new([.. answer, .. AddressGateway.InInformational(draft, number, payloads), .. Mobike.Take(draft, number, messageId, payloads)]));
        Mobike.Follow(draft, number, messageId, payloads);
    }

    /// <summary>Takes the response to the deletion of Child SAs: now they are closed in both directions.</summary>
    public static void Deleted(Draft draft, ExchangePurpose.DeleteChildren delete)
    {
        foreach (int child in delete.Children)
        {
            draft.Peer = draft.Peer.WithoutChild(child);
        }
    }

    // A request to close a Child SA may overtake the response that makes it.
    private static void NoteClosed(Draft draft, int number, Spi spi)
    {
        draft.Put(Attempts.Change(draft.Sa(number), (ChildAttempt a) => a with { ClosedBefore = a.ClosedBefore.Add(spi) }));
    }

    // Who closes the replaced SA can receive on its successor. RFC 7296 §2.8.
    private static void Succeed(Draft draft, int replaced)
    {
        foreach (ChildSa child in draft.Peer.Children)
        {
            if (child.Replaces == replaced && child.Phase == ChildSaPhase.Installed)
            {
                draft.Put(child with { MaySend = true });
            }
        }
    }
}
