using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;

namespace Conformance.Generators.Ike;

/// <summary>What must hold of addresses, ports and encapsulation once all is quiet. RFC 7296 §2.23.</summary>
public static class PathInvariants
{
    /// <summary>What is wrong, or null.</summary>
    /// <param name="first">The first side.</param>
    /// <param name="second">The second side.</param>
    /// <param name="isTranslated">True if a NAT is before the first side.</param>
    public static string? AtRest(IkePeer first, IkePeer second, bool isTranslated)
    {
        foreach ((IkePeer side, NatPresence due) in new[] { (first, NatPresence.BeforeOwn), (second, NatPresence.BeforePeer) })
        {
            NatPresence expected = isTranslated ? due : NatPresence.None;
            if (side.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established && s.Nat != expected) is { } sa)
            {
                return $"at rest IKE SA {sa.OwnSpi} believes in a NAT {sa.Nat}, not {expected}";
            }

            if (side.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established && s.Traffic is not null) is { } unproven)
            {
                return $"at rest the new path of IKE SA {unproven.OwnSpi} is not checked";
            }

            if (side.Children.FirstOrDefault(c => c.IsUdpEncapsulated != isTranslated) is { } child)
            {
                return $"at rest Child SA {child.Inbound} has encapsulation in UDP {child.IsUdpEncapsulated}";
            }

            if (isTranslated && side.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established && s.Own.Port != Endpoint.NatTraversalPort) is { } other)
            {
                return $"at rest IKE SA {other.OwnSpi} is at {other.Own}";
            }
        }

        return isTranslated ? null : Opposite(first, second) ?? Opposite(second, first);
    }

    /// <summary>What is wrong with the requests that wait for their responses at any moment, or null: no more than the other side takes at a time. RFC 7296 §2.3.</summary>
    public static string? InWindow(IkePeer sender, IkePeer receiver)
    {
        foreach (IkeSa sa in sender.Sas.Items.Where(s => !s.Pending.IsEmpty))
        {
            IkeSa? other = receiver.Sas.FirstOrDefault(s => s.InitiatorSpi == sa.InitiatorSpi && s.ResponderSpi == sa.ResponderSpi && s.IsInitiator != sa.IsInitiator);
            if (other is not null && sa.NextRequest - sa.Pending[0].MessageId > other.OwnWindow)
            {
                return $"request {sa.NextRequest - 1} goes over IKE SA {sa.OwnSpi} while {sa.Pending[0].MessageId} waits, and the other side takes {other.OwnWindow} at a time";
            }
        }

        return null;
    }

    // Who does not decide on addresses may have told that it is to be reached elsewhere, too. RFC 4555 §3.5, §3.6.
    private static bool IsFurther(IkeSa sa, Endpoint at) => !sa.IsOriginalInitiator && sa.OwnAddresses is { } told && told.Contains(at.Address);

    // Each side sends to where the other one is. RFC 4555 §3.5.
    private static string? Opposite(IkePeer one, IkePeer other)
    {
        foreach (IkeSa sa in one.Sas.Items.Where(s => s.Phase == IkeSaPhase.Established))
        {
            if (other.Sas.FirstOrDefault(s => s.InitiatorSpi == sa.InitiatorSpi && s.ResponderSpi == sa.ResponderSpi) is { } same && same.Peer != sa.Own && !IsFurther(sa, same.Peer))
            {
                return $"at rest IKE SA {sa.OwnSpi} is at {sa.Own}, and the other side sends to {same.Peer}";
            }
        }

        return null;
    }
}
