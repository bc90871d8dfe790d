using System.Collections.Immutable;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Policy.Decorrelation;

/// <summary>A product of value sets, one for each selector, in one address family. RFC 4301 appendix B.1.</summary>
public sealed record SelectorBox
{
    private static readonly bool[] Families = [false, true];
    private readonly ImmutableArray<ValueSet> _sets;

    private SelectorBox(bool isIpv6, ImmutableArray<ValueSet> sets)
    {
        IsIpv6 = isIpv6;
        _sets = sets;
    }

    /// <summary>Number of selectors: local and remote address, protocol, local and remote field.</summary>
    public const int Dimensions = 5;

    /// <summary>Family of the addresses.</summary>
    public bool IsIpv6 { get; }

    /// <summary>Accepted values of a selector.</summary>
    public ValueSet this[int dimension] => _sets[dimension];

    /// <summary>The products that a selector set stands for: one for each family that it accepts.</summary>
    public static IEnumerable<SelectorBox> Of(SelectorSet set)
    {
        (ValueSet protocol, ValueSet local, ValueSet remote) = set.Upper.ToValues();
        return from isIpv6 in Families
               let box = new SelectorBox(isIpv6, [set.Local.In(isIpv6), set.Remote.In(isIpv6), protocol, local, remote])
               where !box.IsEmpty
               select box;
    }

    /// <summary>The values of a flow in the order of the selectors.</summary>
    public static void WriteValues(FlowSelectors flow, Span<UInt128> values)
    {
        values[0] = flow.Local.Value;
        values[1] = flow.Remote.Value;
        values[2] = flow.Protocol ?? UpperLayerSelector.HiddenProtocol;
        values[3] = flow.LocalField ?? FieldSelector.Hidden;
        values[4] = flow.RemoteField ?? FieldSelector.Hidden;
    }

    /// <summary>True when a selector accepts nothing.</summary>
    public bool IsEmpty => _sets.Any(s => s.IsEmpty);

    /// <summary>True when the flow lies inside.</summary>
    public bool Contains(FlowSelectors flow)
    {
        Span<UInt128> values = stackalloc UInt128[Dimensions];
        WriteValues(flow, values);
        for (int i = 0; i < Dimensions; i++)
        {
            if (!_sets[i].Contains(values[i]))
            {
                return false;
            }
        }

        return flow.Local.IsIpv6 == IsIpv6;
    }

    /// <summary>True when some flow lies in both: the two are correlated. RFC 4301 appendix B.</summary>
    public bool Overlaps(SelectorBox other)
    {
        if (IsIpv6 != other.IsIpv6)
        {
            return false;
        }

        for (int i = 0; i < Dimensions; i++)
        {
            if (!_sets[i].Overlaps(other._sets[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What is left without another product, as disjoint products: one for each selector in which this one reaches beyond it.</summary>
    public IEnumerable<SelectorBox> Except(SelectorBox other)
    {
        if (!Overlaps(other))
        {
            yield return this;
            yield break;
        }

        SelectorBox inside = this;
        for (int i = 0; i < Dimensions; i++)
        {
            ValueSet outside = inside._sets[i].Except(other._sets[i]);
            if (!outside.IsEmpty)
            {
                yield return new SelectorBox(IsIpv6, inside._sets.SetItem(i, outside));
            }

            inside = new SelectorBox(IsIpv6, inside._sets.SetItem(i, inside._sets[i].Intersect(other._sets[i])));
        }
    }

    /// <summary>Equality set by set.</summary>
    public bool Equals(SelectorBox? other) => other is not null && IsIpv6 == other.IsIpv6 && _sets.SequenceEqual(other._sets);

    /// <inheritdoc/>
    public override int GetHashCode() => _sets.Aggregate(IsIpv6 ? 6 : 4, HashCode.Combine);

    /// <summary>Family and value sets.</summary>
    public override string ToString() => $"{(IsIpv6 ? "IPv6" : "IPv4")} {string.Join(" x ", _sets)}";
}
