using System.Collections.Immutable;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.Negotiation;

/// <summary>Traffic that both sides want. RFC 7296 §2.9.</summary>
public static class SelectorNarrowing
{
    /// <summary>What is both in an offer and in the own policy, without repetitions; empty where nothing is.</summary>
    public static ValueList<TrafficSelector> Intersect(ValueList<TrafficSelector> offered, ValueList<TrafficSelector> own)
    {
        ImmutableArray<TrafficSelector>.Builder common = ImmutableArray.CreateBuilder<TrafficSelector>();
        foreach (TrafficSelector.Range one in offered.OfType<TrafficSelector.Range>())
        {
            foreach (TrafficSelector.Range other in own.OfType<TrafficSelector.Range>())
            {
                if (Intersect(one, other) is { } both && !common.Contains(both))
                {
                    common.Add(both);
                }
            }
        }

        return new(common.ToImmutable());
    }

    /// <summary>True if some packet can be between the two: one family is on both sides. RFC 7296 §3.13.1.</summary>
    public static bool ShareFamily(ValueList<TrafficSelector> own, ValueList<TrafficSelector> peer) => own.OfType<TrafficSelector.Range>().Any(
        o => peer.OfType<TrafficSelector.Range>().Any(p => p.FirstAddress.IsIpv6 == o.FirstAddress.IsIpv6));

    /// <summary>The one address of all selectors; null where there are more.</summary>
    public static IpAddress? OnlyAddress(ValueList<TrafficSelector> selectors)
    {
        IpAddress? only = null;
        foreach (TrafficSelector selector in selectors)
        {
            if (selector is not TrafficSelector.Range range || range.FirstAddress != range.LastAddress || (only ?? range.FirstAddress) != range.FirstAddress)
            {
                return null;
            }

            only = range.FirstAddress;
        }

        return only;
    }

    /// <summary>The part of narrowed traffic between one pair of addresses: the only one that there is, or that of the first selectors of the offer. RFC 7296 §2.9.</summary>
    /// <param name="own">Own traffic, narrowed.</param>
    /// <param name="peer">The peer's traffic, narrowed.</param>
    /// <param name="firstOwn">First selector of the offer for own traffic.</param>
    /// <param name="firstPeer">First selector of the offer for the peer's.</param>
    public static (ValueList<TrafficSelector> Own, ValueList<TrafficSelector> Peer)? OnePair(
        ValueList<TrafficSelector> own, ValueList<TrafficSelector> peer, TrafficSelector firstOwn, TrafficSelector firstPeer)
    {
        if (OnlyAddress(own) is not null && OnlyAddress(peer) is not null)
        {
            return (own, peer);
        }

        if (OnlyAddress([firstOwn]) is not { } ownAddress || OnlyAddress([firstPeer]) is not { } peerAddress)
        {
            return null;
        }

        own = Intersect(own, [TrafficSelector.Range.Host(ownAddress)]);
        peer = Intersect(peer, [TrafficSelector.Range.Host(peerAddress)]);
        return own.IsEmpty || peer.IsEmpty ? null : (own, peer);
    }

    /// <summary>True if each selector of an answer lies inside one of the offer. RFC 7296 §2.9.</summary>
    public static bool IsWithin(ValueList<TrafficSelector> answer, ValueList<TrafficSelector> offered) =>
        answer.All(a => a is TrafficSelector.Range inner && offered.Any(o => o is TrafficSelector.Range outer && Intersect(inner, outer) == inner));

    /// <summary>What two ranges have in common, or null.</summary>
    public static TrafficSelector.Range? Intersect(TrafficSelector.Range one, TrafficSelector.Range other)
    {
        if (one.FirstAddress.IsIpv6 != other.FirstAddress.IsIpv6 || (one.Protocol != other.Protocol && one.Protocol != 0 && other.Protocol != 0))
        {
            return null;
        }

        IpAddress first = one.FirstAddress.Value >= other.FirstAddress.Value ? one.FirstAddress : other.FirstAddress;
        IpAddress last = one.LastAddress.Value <= other.LastAddress.Value ? one.LastAddress : other.LastAddress;
        if (first.Value > last.Value || Ports(one, other) is not { } ports)
        {
            return null;
        }

        return new TrafficSelector.Range(one.Protocol == 0 ? other.Protocol : one.Protocol, ports.First, ports.Last, first, last);
    }

    // OPAQUE meets itself and all ports, of which it is what shows none. RFC 4301 §4.4.1.1.
    private static (ushort First, ushort Last)? Ports(TrafficSelector.Range one, TrafficSelector.Range other)
    {
        if (one.IsOpaque || other.IsOpaque)
        {
            TrafficSelector.Range opaque = one.IsOpaque ? one : other;
            TrafficSelector.Range rest = one.IsOpaque ? other : one;
            return rest.IsOpaque || rest.IsAnyPort ? (opaque.FirstPort, opaque.LastPort) : null;
        }

        ushort first = Math.Max(one.FirstPort, other.FirstPort);
        ushort last = Math.Min(one.LastPort, other.LastPort);
        return first <= last ? (first, last) : null;
    }
}
