using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Machine;

/// <summary>What the owner asks for: done at once, or when the window and other exchanges allow it. RFC 7296 §2.3, §2.25.</summary>
internal static class Commands
{
    /// <summary>Takes a command; what has lost its object is passed over.</summary>
    public static void Take(Draft draft, IkeCommand command)
    {
        if (command is IkeCommand.Initiate initiate)
        {
            InitialInitiator.Start(draft, initiate);
            return;
        }

        if (OwnerOf(draft.Peer, command) is not { } sa || !HasObject(draft.Peer, sa, command))
        {
            return;
        }

        if (command is IkeCommand.MoveTo move)
        {
            Mobike.Move(draft, sa.Number, move);
        }
        else if (command is IkeCommand.ChangeAddresses change)
        {
            FurtherAddresses.Change(draft, sa.Number, change.Additional);
        }
        else if (MayStart(draft.Peer, sa, command))
        {
            Start(draft, sa.Number, command);
        }
        else
        {
            draft.Put(sa with { Waiting = sa.Waiting.Add(command) });
            if (Exchanges.IsWornOut(sa) && sa.RekeyAttempt is null && command is not (IkeCommand.RekeyIke or IkeCommand.DeleteIke))
            {
                Take(draft, new IkeCommand.RekeyIke(sa.Number));
            }
        }
    }

    /// <summary>Does what waited, as far as there is room now.</summary>
    public static void Resume(Draft draft, int number)
    {
        FollowUpInitiator.Resume(draft, number);
        while (draft.Peer.Sa(number) is { Waiting.IsEmpty: false } sa)
        {
            IkeCommand command = sa.Waiting[0];
            bool isLost = OwnerOf(draft.Peer, command) is not { } owner || !HasObject(draft.Peer, owner, command);
            if (!isLost && !MayStart(draft.Peer, sa, command))
            {
                return;
            }

            draft.Put(sa with { Waiting = sa.Waiting.RemoveAt(0) });
            if (!isLost)
            {
                Take(draft, command);
            }
        }
    }

    /// <summary>A new request shows that its sender has read the answers before: what they made can be used. RFC 7296 §2.8.</summary>
    public static void Heed(Draft draft, int number)
    {
        if (draft.Sa(number).OwnWindow > 1)
        {
            return;
        }

        foreach (ChildSa child in draft.Peer.Children)
        {
            if (child.Owner == number && child.Replaces is null && child.Phase == ChildSaPhase.Installed && !child.MaySend)
            {
                draft.Put(child with { MaySend = true });
            }
        }
    }

    /// <summary>True if a request that touches no SA may go over an IKE SA now.</summary>
    public static bool MayTell(IkePeer peer, IkeSa sa) => sa.Phase == IkeSaPhase.Established && MayStart(peer, sa, new IkeCommand.Probe(sa.Number));

    /// <summary>Hands what waited at an IKE SA over to its successor.</summary>
    public static void HandOver(Draft draft, ValueList<IkeCommand> waiting, int to)
    {
        foreach (IkeCommand command in waiting)
        {
            IkeCommand? moved = command switch
            {
                IkeCommand.CreateChild create => create with { Sa = to },
                IkeCommand.DeleteIke => new IkeCommand.DeleteIke(to),
                IkeCommand.Probe => new IkeCommand.Probe(to),
                IkeCommand.AskConfiguration => new IkeCommand.AskConfiguration(to),
                IkeCommand.UpdateAddresses => new IkeCommand.UpdateAddresses(to),
                IkeCommand.TellAddresses => new IkeCommand.TellAddresses(to),
                IkeCommand.TestPath test => new IkeCommand.TestPath(to, test.Way),
                IkeCommand.CheckReturn => new IkeCommand.CheckReturn(to),
                IkeCommand.RekeyIke or IkeCommand.Widen => null,
                _ => command,
            };
            if (moved is not null)
            {
                Take(draft, moved);
            }
        }
    }

    private static IkeSa? OwnerOf(IkePeer peer, IkeCommand command) => command switch
    {
        IkeCommand.CreateChild create => peer.Sa(create.Sa),
        IkeCommand.RekeyIke rekey => peer.Sa(rekey.Sa),
        IkeCommand.DeleteIke delete => peer.Sa(delete.Sa),
        IkeCommand.Probe probe => peer.Sa(probe.Sa),
        IkeCommand.Widen widen => peer.Sa(widen.Sa),
        IkeCommand.AskConfiguration ask => peer.Sa(ask.Sa),
        IkeCommand.MoveTo move => peer.Sa(move.Sa),
        IkeCommand.UpdateAddresses update => peer.Sa(update.Sa),
        IkeCommand.ChangeAddresses change => peer.Sa(change.Sa),
        IkeCommand.TellAddresses tell => peer.Sa(tell.Sa),
        IkeCommand.TestPath test => peer.Sa(test.Sa),
        IkeCommand.CheckReturn check => peer.Sa(check.Sa),
        IkeCommand.RekeyChild rekey => peer.Child(rekey.Child) is { } child ? peer.Sa(child.Owner) : null,
        IkeCommand.DeleteChild delete => peer.Child(delete.Child) is { } child ? peer.Sa(child.Owner) : null,
        _ => null,
    };

    // What waits to be deleted by the other side may be probed: that shows where this side is now (interpretation 0060).
    private static bool HasObject(IkePeer peer, IkeSa sa, IkeCommand command) => (sa.Phase == IkeSaPhase.Established || (sa.Phase == IkeSaPhase.Replaced && command is IkeCommand.Probe or IkeCommand.UpdateAddresses or IkeCommand.TellAddresses)) && command switch
    {
        IkeCommand.RekeyChild rekey => IsFree(peer, sa, rekey.Child),
        IkeCommand.DeleteChild delete => IsFree(peer, sa, delete.Child) || peer.Child(delete.Child) is { Phase: ChildSaPhase.Replaced },
        IkeCommand.RekeyIke => sa.RekeyAttempt is null,
        _ => true,
    };

    // Neither closed, nor replaced, nor about to be.
    private static bool IsFree(IkePeer peer, IkeSa sa, int child) =>
        peer.Child(child) is { Phase: ChildSaPhase.Installed }
        && peer.Children.All(c => c.Replaces != child)
        && Attempts.Children(sa).All(a => a.Replaces != child)
        && sa.Unfinished.All(u => u is not UnfinishedExchange.Child { Agreement.Replaces: { } replaced } || replaced != child);

    // An IKE SA is rekeyed or closed by itself; while it is rekeyed nothing else starts. RFC 7296 §2.8, §2.25.2.
    // It waits until its predecessor is deleted, too: else the other side, which may not know yet which successor stays, cannot tell what is closed.
    // Nor does anything start over a successor of which it is not settled whether it stays.
    private static bool MayStart(IkePeer peer, IkeSa sa, IkeCommand command) =>
        Exchanges.HasRoom(sa) && (!Exchanges.IsWornOut(sa) || command is IkeCommand.RekeyIke or IkeCommand.DeleteIke) && sa.RekeyAttempt is null && (!TouchesSas(command) || IsSettled(peer, sa)) && peer.Sas.All(s => s.RekeyAttempt?.Rival?.Number != sa.Number) && (command is not (IkeCommand.RekeyIke or IkeCommand.DeleteIke) || peer.Sas.All(s => s.Family != sa.Family || (s.Pending.IsEmpty && s.Unsent.IsEmpty)));

    // Neither half way to a successor nor beside one of which it is not known whether it stays (interpretation 0064).
    private static bool IsSettled(IkePeer peer, IkeSa sa) =>
        sa.Unfinished.All(u => u is not UnfinishedExchange.Ike)
        && peer.Sas.All(s => s.Phase != IkeSaPhase.Established || (s.Replaces != sa.Number && s.Number != sa.Replaces));

    // What only shows that this side is there, or where, goes while the other side takes its time with IKE_FOLLOWUP_KE.
    private static bool TouchesSas(IkeCommand command) => command is not (IkeCommand.Probe or IkeCommand.UpdateAddresses or IkeCommand.CheckReturn or IkeCommand.TellAddresses or IkeCommand.TestPath);

    private static void Start(Draft draft, int number, IkeCommand command)
    {
        if (command is IkeCommand.UpdateAddresses or IkeCommand.CheckReturn or IkeCommand.TellAddresses && !Mobike.IsAgreed(draft, draft.Sa(number)))
        {
            draft.Report("this takes MOBIKE at both sides");
            return;
        }

        switch (command)
        {
            case IkeCommand.CreateChild create:
                ChildInitiator.Start(draft, number, create.Configuration, null, create.KeyExchange, create);
                break;
            case IkeCommand.RekeyChild rekey:
                ChildInitiator.Start(draft, number, draft.Peer.Child(rekey.Child)!.Configuration, rekey.Child, rekey.KeyExchange);
                break;
            case IkeCommand.RekeyIke rekey:
                IkeRekeyInitiator.Start(draft, number, rekey.KeyExchange);
                break;
            case IkeCommand.DeleteChild delete:
                Informational.DeleteChild(draft, number, delete.Child);
                break;
            case IkeCommand.DeleteIke:
                Informational.DeleteIke(draft, number, []);
                break;
            case IkeCommand.Widen:
                Exchanges.Widen(draft, number);
                break;
            case IkeCommand.UpdateAddresses update:
                Mobike.Update(draft, number, update.Failures);
                break;
            case IkeCommand.TellAddresses:
                FurtherAddresses.Tell(draft, number);
                break;
            case IkeCommand.TestPath test:
                Mobike.Test(draft, number, test.Way);
                break;
            case IkeCommand.CheckReturn:
                Mobike.CheckReturn(draft, number);
                break;
            case IkeCommand.AskConfiguration:
                AddressClient.Ask(draft, number);
                break;
            case IkeCommand.Probe:
                Mobike.Probe(draft, number);
                break;
        }
    }
}
