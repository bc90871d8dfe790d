using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Machine;

/// <summary>The end of IKE SAs and what becomes of the Child SAs under them. RFC 7296 §1.4.1, §2.8.</summary>
internal static class Closing
{
    /// <summary>Closes an IKE SA: its Child SAs go to the survivor of its family, or end with it.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="number">Number of the IKE SA.</param>
    /// <param name="keepsAnswers">True if the other side may still ask for the last answer.</param>
    public static void Close(Draft draft, int number, bool keepsAnswers)
    {
        IkeSa sa = draft.Sa(number);
        int? heir = Survivor(draft.Peer, sa)?.Number;
        Inherit(draft, number, heir);
        if (heir is { } successor)
        {
            draft.Put(sa with { Waiting = [] });
            Commands.HandOver(draft, sa.Waiting, successor);
            if (sa.Pending.Any(p => p.Purpose is ExchangePurpose.UpdateAddresses))
            {
                // Where this side has moved to is told over the successor, for nobody answers the old request any more. RFC 4555 §3.5.
                Commands.Take(draft, new IkeCommand.UpdateAddresses(successor));
            }

            if (sa.Pending.Any(p => p.Purpose is ExchangePurpose.TellAddresses))
            {
                Commands.Take(draft, new IkeCommand.TellAddresses(successor));
            }

            if (sa.Pending.Any(p => p.Purpose is ExchangePurpose.CheckReturn))
            {
                Commands.Take(draft, new IkeCommand.CheckReturn(successor));
            }
        }

        if (keepsAnswers)
        {
            draft.Put(draft.Sa(number) with { Phase = IkeSaPhase.Closed, Pending = [], Waiting = [], Unsent = [], Unfinished = [], Fragments = [] });
        }
        else
        {
            draft.Peer = draft.Peer.WithoutSa(number);
        }

        draft.Peer = draft.Peer.WithoutIdleLeases();
        foreach (IkeSa relative in draft.Peer.Sas.Items.Where(s => s.Family == sa.Family))
        {
            Commands.Resume(draft, relative.Number);
        }
    }

    /// <summary>Drops an IKE SA without a word, with all Child SAs under it, and successors that have not taken its place (interpretation 0066).</summary>
    public static void Forget(Draft draft, int number, string reason)
    {
        if (draft.Peer.Sa(number) is not { } sa)
        {
            return;
        }

        Inherit(draft, number, null);
        draft.Peer = draft.Peer.WithoutSa(number).WithoutIdleLeases();
        draft.Report($"IKE SA {number} is dropped: {reason}");
        bool isInPlace = sa.Phase is IkeSaPhase.Replaced or IkeSaPhase.Deleting or IkeSaPhase.Redundant or IkeSaPhase.Closed;
        foreach (IkeSa successor in draft.Peer.Sas)
        {
            if (!isInPlace && successor.Replaces == number && successor.Phase != IkeSaPhase.Closed)
            {
                Forget(draft, successor.Number, "what it was to replace is dropped");
            }
        }
    }

    /// <summary>Gives the Child SAs of one IKE SA to another, or ends them.</summary>
    public static void Inherit(Draft draft, int from, int? to)
    {
        foreach (ChildSa child in draft.Peer.Children)
        {
            if (child.Owner == from)
            {
                draft.Peer = to is { } heir ? draft.Peer.With(child with { Owner = heir }) : draft.Peer.WithoutChild(child.Number);
            }
        }
    }

    // The last of the family that is neither replaced nor closed.
    private static IkeSa? Survivor(IkePeer peer, IkeSa gone)
    {
        IkeSa? survivor = null;
        foreach (IkeSa sa in peer.Sas)
        {
            if (sa.Family == gone.Family && sa.Number != gone.Number && sa.Phase == IkeSaPhase.Established)
            {
                survivor = sa;
            }
        }

        return survivor;
    }
}
