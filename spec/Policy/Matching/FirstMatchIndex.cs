using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Decorrelation;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Policy.Matching;

/// <summary>Finds the first matching entry of a large SPD without asking every one; equal to <see cref="SecurityPolicyDatabase.FirstMatch"/>.</summary>
/// <remarks>
/// A tree of bounding intervals over the products of ranges: each inner node halves its products along one selector and remembers how far each
/// half reaches and the first entry in it. The search takes the half with the earlier entry first and leaves out what cannot come before the match so far.
/// </remarks>
public sealed class FirstMatchIndex
{
    private const int LeafRectangles = 4;
    private readonly Tree _ipv4;
    private readonly Tree _ipv6;

    /// <summary>Builds the tree of one direction.</summary>
    public FirstMatchIndex(SecurityPolicyDatabase database, PolicyDirection direction)
    {
        Rectangle[] all =
        [
            .. database.Entries
                .SelectMany((entry, index) => entry.AppliesTo(direction) ? entry.Selectors.SelectMany(SelectorBox.Of).SelectMany(box => Rectangles(box, index)) : []),
        ];
        _ipv4 = new Tree([.. all.Where(r => !r.IsIpv6)]);
        _ipv6 = new Tree([.. all.Where(r => r.IsIpv6)]);
    }

    /// <summary>Position of the first entry that matches, or -1.</summary>
    public int Find(FlowSelectors flow)
    {
        Span<UInt128> point = stackalloc UInt128[SelectorBox.Dimensions];
        SelectorBox.WriteValues(flow, point);
        return (flow.Local.IsIpv6 ? _ipv6 : _ipv4).Find(point);
    }

    private static IEnumerable<Rectangle> Rectangles(SelectorBox box, int index)
    {
        IEnumerable<ValueRange[]> products = [[]];
        for (int i = 0; i < SelectorBox.Dimensions; i++)
        {
            ValueSet set = box[i];
            products = products.SelectMany(product => set.Ranges.Select(range => (ValueRange[])[.. product, range]));
        }

        return products.Select(ranges => new Rectangle(box.IsIpv6, index, ranges));
    }

    private sealed record Rectangle(bool IsIpv6, int Index, ValueRange[] Ranges);

    // Left and right are positions of nodes; a leaf has a negative left: the complement of its first rectangle, and right is their number.
    private struct Node
    {
        public UInt128 LeftLast;
        public UInt128 RightFirst;
        public int Dimension;
        public int Left;
        public int Right;
        public int LeftIndex;
        public int RightIndex;
    }

    private sealed class Tree
    {
        private readonly List<Node> _building = [];
        private readonly Node[] _nodes;
        private readonly ValueRange[] _ranges;
        private readonly int[] _indices;

        public Tree(Rectangle[] rectangles)
        {
            if (rectangles.Length > 0)
            {
                Build(rectangles, 0, rectangles.Length);
            }

            _nodes = [.. _building];
            _building = [];
            _ranges = [.. rectangles.SelectMany(r => r.Ranges)];
            _indices = [.. rectangles.Select(r => r.Index)];
        }

        public int Find(ReadOnlySpan<UInt128> point)
        {
            int best = int.MaxValue;
            if (_nodes.Length > 0)
            {
                Search(0, point, ref best);
            }

            return best == int.MaxValue ? -1 : best;
        }

        private void Search(int at, ReadOnlySpan<UInt128> point, ref int best)
        {
            while (true)
            {
                ref readonly Node node = ref _nodes[at];
                if (node.Left < 0)
                {
                    SearchLeaf(~node.Left, node.Right, point, ref best);
                    return;
                }

                UInt128 value = point[node.Dimension];
                bool left = value <= node.LeftLast && node.LeftIndex < best;
                bool right = value >= node.RightFirst && node.RightIndex < best;
                if (left && right)
                {
                    bool leftFirst = node.LeftIndex < node.RightIndex;
                    Search(leftFirst ? node.Left : node.Right, point, ref best);
                    if ((leftFirst ? node.RightIndex : node.LeftIndex) >= best)
                    {
                        return;
                    }

                    at = leftFirst ? node.Right : node.Left;
                }
                else if (left || right)
                {
                    at = left ? node.Left : node.Right;
                }
                else
                {
                    return;
                }
            }
        }

        // The rectangles of a leaf are in rising order of their entries.
        private void SearchLeaf(int first, int count, ReadOnlySpan<UInt128> point, ref int best)
        {
            for (int i = first; i < first + count && _indices[i] < best; i++)
            {
                ReadOnlySpan<ValueRange> ranges = _ranges.AsSpan(i * SelectorBox.Dimensions, SelectorBox.Dimensions);
                if (ranges[0].Contains(point[0]) && ranges[1].Contains(point[1]) && ranges[2].Contains(point[2])
                    && ranges[3].Contains(point[3]) && ranges[4].Contains(point[4]))
                {
                    best = _indices[i];
                }
            }
        }

        private int Build(Rectangle[] all, int start, int count)
        {
            int at = _building.Count;
            _building.Add(default);
            Span<Rectangle> part = all.AsSpan(start, count);
            if (count <= LeafRectangles)
            {
                part.Sort((a, b) => a.Index.CompareTo(b.Index));
                _building[at] = new Node { Left = ~start, Right = count };
                return at;
            }

            int cut = count / 2;
            int dimension = SortForCut(part, cut);
            Node node = new()
            {
                Dimension = dimension,
                LeftLast = Largest(part[..cut], dimension),
                RightFirst = Least(part[cut..], dimension),
                LeftIndex = Smallest(part[..cut]),
                RightIndex = Smallest(part[cut..]),
            };
            node.Left = Build(all, start, cut);
            node.Right = Build(all, start + cut, count - cut);
            _building[at] = node;
            return at;
        }

        // Half and half along the selector in which fewest rectangles reach over the cut. Where all of them do in every selector,
        // only the order of the entries can spare work.
        private static int SortForCut(Span<Rectangle> part, int cut)
        {
            (int Dimension, int Across) best = (0, int.MaxValue);
            for (int dimension = 0; dimension < SelectorBox.Dimensions; dimension++)
            {
                int along = dimension;
                part.Sort((a, b) => Compare(a, b, along));
                UInt128 border = part[cut].Ranges[along].First;
                int across = 0;
                foreach (Rectangle rectangle in part[..cut])
                {
                    across += rectangle.Ranges[along].Last >= border ? 1 : 0;
                }

                best = across < best.Across ? (along, across) : best;
            }

            part.Sort((a, b) => best.Across >= cut ? a.Index.CompareTo(b.Index) : Compare(a, b, best.Dimension));
            return best.Dimension;
        }

        private static int Compare(Rectangle a, Rectangle b, int dimension)
        {
            int byFirst = a.Ranges[dimension].First.CompareTo(b.Ranges[dimension].First);
            int byLast = byFirst != 0 ? byFirst : a.Ranges[dimension].Last.CompareTo(b.Ranges[dimension].Last);
            return byLast != 0 ? byLast : a.Index.CompareTo(b.Index);
        }

        private static UInt128 Largest(Span<Rectangle> part, int dimension)
        {
            UInt128 largest = UInt128.Zero;
            foreach (Rectangle rectangle in part)
            {
                largest = UInt128.Max(largest, rectangle.Ranges[dimension].Last);
            }

            return largest;
        }

        private static UInt128 Least(Span<Rectangle> part, int dimension)
        {
            UInt128 least = UInt128.MaxValue;
            foreach (Rectangle rectangle in part)
            {
                least = UInt128.Min(least, rectangle.Ranges[dimension].First);
            }

            return least;
        }

        private static int Smallest(Span<Rectangle> part)
        {
            int smallest = int.MaxValue;
            foreach (Rectangle rectangle in part)
            {
                smallest = Math.Min(smallest, rectangle.Index);
            }

            return smallest;
        }
    }
}
