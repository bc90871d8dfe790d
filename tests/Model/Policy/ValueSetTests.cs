using Conformance.Spec.Policy.Selectors;
using NUnit.Framework;

namespace Conformance.Tests.Model.Policy;

/// <summary>Sets of ranges against sets of bits, and ranges against the blocks that they are cut into.</summary>
public class ValueSetTests
{
    private const int Bits = 7;

    [Test]
    public void Operations_AgreeWithBitSetsForAllPairs()
    {
        ValueSet[] sets = [.. Enumerable.Range(0, 1 << Bits).Select(OfBits)];
        List<string> wrong = [];
        for (int a = 0; a < sets.Length; a++)
        {
            for (int b = 0; b < sets.Length; b++)
            {
                bool right = sets[a].Intersect(sets[b]).Equals(sets[a & b]) && sets[a].Except(sets[b]).Equals(sets[a & ~b])
                    && sets[a].Union(sets[b]).Equals(sets[a | b]) && sets[a].Overlaps(sets[b]) == ((a & b) != 0);
                if (!right)
                {
                    wrong.Add($"{sets[a]} and {sets[b]}");
                }
            }
        }

        Assert.That(wrong, Is.Empty);
        Assert.That(sets.SelectMany((set, bits) => Enumerable.Range(0, Bits + 1).Where(v => set.Contains((UInt128)v) != ((bits >> v & 1) != 0))), Is.Empty);
    }

    [Test]
    public void LargestNumber_IsHeldAndTakenAway()
    {
        ValueSet all = ValueSet.Between(0, UInt128.MaxValue);
        ValueSet last = ValueSet.Only(UInt128.MaxValue);
        Assert.That(all.Contains(UInt128.MaxValue) && all.Except(last).Union(last).Equals(all) && !all.Except(last).Contains(UInt128.MaxValue));
        Assert.That(all.Except(all).IsEmpty);
    }

    [Test]
    public void SwappedEnds_AreRefused() => Assert.That(() => ValueSet.Between(2, 1), Throws.ArgumentException);

    [Test]
    public void Blocks_CoverEveryRangeOfSixBitsOnceInFewestPieces()
    {
        const int width = 6;
        List<string> wrong = [];
        for (int first = 0; first < 1 << width; first++)
        {
            for (int last = first; last < 1 << width; last++)
            {
                (UInt128 Value, int PrefixBits)[] blocks = [.. new ValueRange((UInt128)first, (UInt128)last).ToBlocks(width)];
                int[] covered = [.. blocks.SelectMany(b => Enumerable.Range((int)b.Value, 1 << (width - b.PrefixBits)))];
                bool aligned = blocks.All(b => (int)b.Value % (1 << (width - b.PrefixBits)) == 0);

                // Two blocks of one size whose values differ in the lowest bit only would have been one.
                bool joined = blocks.Zip(blocks.Skip(1)).All(p => p.First.PrefixBits != p.Second.PrefixBits
                    || ((p.First.Value ^ p.Second.Value) >> (width - p.First.PrefixBits)) != UInt128.One);
                if (!aligned || !joined || !covered.SequenceEqual(Enumerable.Range(first, last - first + 1)))
                {
                    wrong.Add($"{first}-{last}");
                }
            }
        }

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void WholeSpaces_AreOneBlock()
    {
        Assert.That(new ValueRange(0, UInt128.MaxValue).ToBlocks(128), Is.EqualTo(new[] { (UInt128.Zero, 0) }));
        Assert.That(new ValueRange(0, uint.MaxValue).ToBlocks(32), Is.EqualTo(new[] { (UInt128.Zero, 0) }));
        Assert.That(new ValueRange(UInt128.MaxValue, UInt128.MaxValue).ToBlocks(128), Is.EqualTo(new[] { (UInt128.MaxValue, 128) }));
    }

    private static ValueSet OfBits(int bits) =>
        ValueSet.Of(Enumerable.Range(0, Bits).Where(v => (bits >> v & 1) != 0).Select(v => new ValueRange((UInt128)v, (UInt128)v)));
}
