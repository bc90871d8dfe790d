using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Machine;

/// <summary>The addresses and ports between which an IKE SA and its Child SAs talk. RFC 7296 §2.11, §2.23.</summary>
internal static class Path
{
    /// <summary>Takes note of the way that a new and authentic message took.</summary>
    /// <param name="draft">The step.</param>
    /// <param name="number">Number of the IKE SA.</param>
    /// <param name="received">The message: nothing that came before.</param>
    public static void Note(Draft draft, int number, IkeEvent.Received received)
    {
        IkeSa sa = draft.Sa(number);
        if (sa.Phase == IkeSaPhase.InitAnswered)
        {
            // With IKE_AUTH the initiator may have gone to port 4500.
            draft.Put(sa with { Own = received.To, Peer = received.From });
        }
        else if (sa.Nat == NatPresence.BeforePeer && sa.Peer != received.From && draft.Rules.FollowsAnyMessage(Mobike.MayBeAgreed(draft, sa)))
        {
            // With MOBIKE the initiator says when it moves. RFC 4555 §3.8.
            // Who is behind a NAT himself does not follow: anybody could lead him away.
            Move(draft, sa.Family, sa.Own, received.From);
        }
    }

    /// <summary>Another path for an IKE SA, its predecessors and successors (interpretation 0060).</summary>
    /// <param name="draft">The step.</param>
    /// <param name="family">The family of IKE SAs.</param>
    /// <param name="own">Own address and port.</param>
    /// <param name="peer">The other side's.</param>
    /// <param name="isProven">False where Child SAs stay on their path until the other side has shown that it is there.</param>
    public static void Move(Draft draft, int family, Endpoint own, Endpoint peer, bool isProven = true)
    {
        foreach (IkeSa relative in draft.Peer.Sas)
        {
            if (relative.Family == family)
            {
                Route before = relative.Traffic ?? new Route(relative.Own, relative.Peer);
                draft.Put(relative with { Own = own, Peer = peer, Traffic = isProven || before.Peer == peer ? null : before });
            }
        }
    }

    /// <summary>The other side has shown that it receives where it is now: Child SAs follow. RFC 4555 §3.7.</summary>
    public static void Prove(Draft draft, int family)
    {
        foreach (IkeSa relative in draft.Peer.Sas)
        {
            if (relative.Family == family && relative.Traffic is not null)
            {
                draft.Put(relative with { Traffic = null });
            }
        }
    }

    /// <summary>Another finding about NATs, and with it another encapsulation of all Child SAs. RFC 7296 §2.23.</summary>
    public static void Judge(Draft draft, int family, NatPresence nat)
    {
        foreach (IkeSa relative in draft.Peer.Sas)
        {
            if (relative.Family == family)
            {
                draft.Put(relative with { Nat = nat });
            }
        }

        foreach (ChildSa child in draft.Peer.Children)
        {
            if (draft.Peer.Sa(child.Owner)?.Family == family)
            {
                draft.Put(child with { IsUdpEncapsulated = nat != NatPresence.None });
            }
        }
    }
}
