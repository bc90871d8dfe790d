using System.Collections.Immutable;

namespace Conformance.Spec.Policy.Selectors;

/// <summary>A run of numbers, both ends included. RFC 4301 §4.4.1.2.</summary>
/// <param name="First">The smallest.</param>
/// <param name="Last">The largest, not below <paramref name="First"/>.</param>
public readonly record struct ValueRange(UInt128 First, UInt128 Last)
{
    /// <summary>True when the number lies between the ends or on one.</summary>
    public bool Contains(UInt128 value) => First <= value && value <= Last;

    /// <summary>The run cut into the fewest aligned blocks of a power of two, in rising order.</summary>
    /// <param name="widthBits">Width of the field; a block of length <c>widthBits</c> is a single number.</param>
    public IEnumerable<(UInt128 Value, int PrefixBits)> ToBlocks(int widthBits)
    {
        UInt128 next = First;
        while (true)
        {
            int hostBits = next == UInt128.Zero ? widthBits : Math.Min(widthBits, (int)UInt128.TrailingZeroCount(next));
            while (hostBits > 0 && Last - next < BlockMask(hostBits))
            {
                hostBits--;
            }

            yield return (next, widthBits - hostBits);
            if (Last - next <= BlockMask(hostBits))
            {
                yield break;
            }

            next += BlockMask(hostBits) + UInt128.One;
        }
    }

    private static UInt128 BlockMask(int hostBits) => hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - UInt128.One;
}

/// <summary>A set of numbers as the fewest runs that make it up; equal when it holds the same numbers.</summary>
public sealed class ValueSet : IEquatable<ValueSet>
{
    private readonly ImmutableArray<ValueRange> _ranges;

    private ValueSet(ImmutableArray<ValueRange> ranges) => _ranges = ranges;

    /// <summary>No number.</summary>
    public static ValueSet Empty { get; } = new([]);

    /// <summary>Disjoint runs in rising order, with a gap between any two.</summary>
    public ImmutableArray<ValueRange> Ranges => _ranges;

    /// <summary>True when it holds no number.</summary>
    public bool IsEmpty => _ranges.IsEmpty;

    /// <summary>All numbers of some runs, which may overlap and come in any order.</summary>
    /// <exception cref="ArgumentException">A run ends before it begins.</exception>
    public static ValueSet Of(params IEnumerable<ValueRange> ranges)
    {
        List<ValueRange> joined = [];
        foreach (ValueRange range in ranges.OrderBy(r => r.First))
        {
            if (range.Last < range.First)
            {
                throw new ArgumentException($"{range.First}-{range.Last} ends before it begins", nameof(ranges));
            }

            if (joined.Count > 0 && Touches(joined[^1], range))
            {
                joined[^1] = new ValueRange(joined[^1].First, UInt128.Max(joined[^1].Last, range.Last));
            }
            else
            {
                joined.Add(range);
            }
        }

        return joined.Count == 0 ? Empty : new ValueSet([.. joined]);
    }

    /// <summary>The numbers between two, both included.</summary>
    public static ValueSet Between(UInt128 first, UInt128 last) => Of(new ValueRange(first, last));

    /// <summary>One number.</summary>
    public static ValueSet Only(UInt128 value) => Between(value, value);

    /// <summary>True when it holds the number.</summary>
    public bool Contains(UInt128 value)
    {
        int low = 0;
        int high = _ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (value < _ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (value > _ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Numbers in both.</summary>
    public ValueSet Intersect(ValueSet other) => Of(
        from mine in _ranges
        from theirs in other._ranges
        let first = UInt128.Max(mine.First, theirs.First)
        let last = UInt128.Min(mine.Last, theirs.Last)
        where first <= last
        select new ValueRange(first, last));

    /// <summary>Numbers in this one only.</summary>
    public ValueSet Except(ValueSet other)
    {
        List<ValueRange> left = [];
        foreach (ValueRange range in _ranges)
        {
            UInt128 next = range.First;
            bool open = true;
            foreach (ValueRange taken in other._ranges.Where(t => t.Last >= range.First && t.First <= range.Last))
            {
                if (taken.First > next)
                {
                    left.Add(new ValueRange(next, taken.First - UInt128.One));
                }

                if (taken.Last >= range.Last)
                {
                    open = false;
                    break;
                }

                next = taken.Last + UInt128.One;
            }

            if (open)
            {
                left.Add(new ValueRange(next, range.Last));
            }
        }

        return Of(left);
    }

    /// <summary>Numbers in either.</summary>
    public ValueSet Union(ValueSet other) => Of(_ranges.Concat(other._ranges));

    /// <summary>True when some number is in both.</summary>
    public bool Overlaps(ValueSet other) => _ranges.Any(mine => other._ranges.Any(theirs => mine.First <= theirs.Last && theirs.First <= mine.Last));

    /// <inheritdoc/>
    public bool Equals(ValueSet? other) => other is not null && _ranges.SequenceEqual(other._ranges);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValueSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _ranges.Aggregate(_ranges.Length, HashCode.Combine);

    /// <summary>The runs, for example 1-3,7.</summary>
    public override string ToString() => string.Join(',', _ranges.Select(r => r.First == r.Last ? $"{r.First}" : $"{r.First}-{r.Last}"));

    private static bool Touches(ValueRange left, ValueRange right) => left.Last == UInt128.MaxValue || right.First <= left.Last + UInt128.One;
}
