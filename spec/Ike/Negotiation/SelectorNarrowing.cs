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
