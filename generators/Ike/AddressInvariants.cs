using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Ike;

/// <summary>What must hold of inner addresses. RFC 7296 §2.19.</summary>
public static class AddressInvariants
{
    /// <summary>What is wrong at any moment at one side, or null.</summary>
    public static string? Always(IkePeer side)
    {
        IpAddress[] given = [.. side.Leases.Where(l => !l.IsOwn).SelectMany(l => l.Addresses.Items)];
        return given.Distinct().Count() != given.Length ? "an inner address is given to two clients"
            : side.Leases.FirstOrDefault(l => side.Sas.All(s => s.Family != l.Family || s.Phase == IkeSaPhase.Closed)) is { } idle ? $"inner addresses {idle.Addresses} outlive their IKE SA"
            : side.Children.FirstOrDefault(c => IsOutside(side, c)) is { } child ? $"Child SA {child.Inbound} carries traffic of other addresses than those given to the client"
            : null;
    }

    /// <summary>What is wrong once all is quiet, or null.</summary>
    /// <param name="client">The side that asks for addresses.</param>
    /// <param name="gateway">The side that gives them.</param>
    public static string? AtRest(IkePeer client, IkePeer gateway)
    {
        foreach (IkeSa sa in client.Sas.Items.Where(s => s.Phase == IkeSaPhase.Established && s.IsOriginalInitiator))
        {
            IkeSa? other = gateway.Sas.FirstOrDefault(s => s.InitiatorSpi == sa.InitiatorSpi && s.ResponderSpi == sa.ResponderSpi);
            if (other is null || client.LeaseOf(sa.Family) is not { IsOwn: true } held || gateway.LeaseOf(other.Family) is not { IsOwn: false } given || held.Addresses != given.Addresses)
            {
                return $"at rest the sides disagree on the inner addresses of IKE SA {sa.InitiatorSpi} {sa.ResponderSpi}";
            }
        }

        return null;
    }

    private static bool IsOutside(IkePeer side, ChildSa child) =>
        side.Sa(child.Owner) is { } sa && side.LeaseOf(sa.Family) is { } lease && !SelectorNarrowing.IsWithin(lease.IsOwn ? child.Own : child.Peer, lease.Selectors);
}
