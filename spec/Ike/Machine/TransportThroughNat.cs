using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Machine;

/// <summary>Transport mode where addresses are translated on the way: each side's selectors have the addresses that it sees. RFC 7296 §2.23.1.</summary>
internal static class TransportThroughNat
{
    /// <summary>What is offered: the part of both sides' traffic that is between the two addresses of the IKE SA; null where there is none.</summary>
    public static (ValueList<TrafficSelector> Own, ValueList<TrafficSelector> Peer)? Offer(IkeSa sa, ValueList<TrafficSelector> own, ValueList<TrafficSelector> peer)
    {
        own = SelectorNarrowing.Intersect(own, [TrafficSelector.Range.Host(sa.Own.Address)]);
        peer = SelectorNarrowing.Intersect(peer, [TrafficSelector.Range.Host(sa.Peer.Address)]);
        return own.IsEmpty || peer.IsEmpty ? null : (own, peer);
    }

    /// <summary>Received selectors with the addresses of the IKE SA in place of those behind a NAT, and what they were; null where a side has several.</summary>
    public static (ValueList<TrafficSelector> Own, ValueList<TrafficSelector> Peer, OriginalAddresses Original)? Seen(
        IkeSa sa, ValueList<TrafficSelector> own, ValueList<TrafficSelector> peer)
    {
        if (SelectorNarrowing.OnlyAddress(own) is not { } ownAddress || SelectorNarrowing.OnlyAddress(peer) is not { } peerAddress)
        {
            return null;
        }

        return (
            sa.Nat.HasFlag(NatPresence.BeforeOwn) ? At(own, sa.Own.Address) : own,
            sa.Nat.HasFlag(NatPresence.BeforePeer) ? At(peer, sa.Peer.Address) : peer,
            new OriginalAddresses(ownAddress, peerAddress));
    }

    private static ValueList<TrafficSelector> At(ValueList<TrafficSelector> selectors, IpAddress address) =>
        new([.. selectors.OfType<TrafficSelector.Range>().Select(r => new TrafficSelector.Range(r.Protocol, r.FirstPort, r.LastPort, address, address))]);
}
