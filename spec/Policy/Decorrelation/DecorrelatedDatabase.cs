using System.Collections.Immutable;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Policy.Decorrelation;

/// <summary>A part of an entry that no other part overlaps. RFC 4301 appendix B.</summary>
/// <param name="Origin">Position in the ordered SPD of the entry that it was cut from; parts of one entry are linked by it (RFC 4301 §4.4.1).</param>
/// <param name="Box">Selectors.</param>
public sealed record DecorrelatedEntry(int Origin, SelectorBox Box);

/// <summary>The ordered SPD of one direction cut into parts of which at most one matches, so that order no longer counts. RFC 4301 appendix B.</summary>
public sealed class DecorrelatedDatabase
{
    private readonly ILookup<int, DecorrelatedEntry> _linked;

    private DecorrelatedDatabase(SecurityPolicyDatabase origin, PolicyDirection direction, ImmutableArray<DecorrelatedEntry> entries)
    {
        Ordered = origin;
        Direction = direction;
        Entries = entries;
        _linked = entries.ToLookup(e => e.Origin);
    }

    /// <summary>The SPD that was cut.</summary>
    public SecurityPolicyDatabase Ordered { get; }

    /// <summary>The direction for which it was cut.</summary>
    public PolicyDirection Direction { get; }

    /// <summary>The parts.</summary>
    public ImmutableArray<DecorrelatedEntry> Entries { get; }

    /// <summary>Takes from each entry what entries before it have.</summary>
    public static DecorrelatedDatabase Of(SecurityPolicyDatabase ordered, PolicyDirection direction)
    {
        List<DecorrelatedEntry> parts = [];
        for (int i = 0; i < ordered.Entries.Length; i++)
        {
            if (!ordered.Entries[i].AppliesTo(direction))
            {
                continue;
            }

            foreach (SelectorBox whole in ordered.Entries[i].Selectors.SelectMany(SelectorBox.Of))
            {
                // The selector sets of one entry may overlap each other, so its own parts count as well.
                List<SelectorBox> left = [whole];
                foreach (DecorrelatedEntry earlier in parts.Where(p => p.Box.Overlaps(whole)).ToArray())
                {
                    left = [.. left.SelectMany(box => box.Except(earlier.Box))];
                }

                parts.AddRange(left.Select(box => new DecorrelatedEntry(i, box)));
            }
        }

        return new DecorrelatedDatabase(ordered, direction, [.. parts]);
    }

    /// <summary>The parts of the same entry as a part, itself among them.</summary>
    public IEnumerable<DecorrelatedEntry> LinkedWith(int origin) => _linked[origin];

    /// <summary>The one part that matches, or null.</summary>
    public DecorrelatedEntry? Find(FlowSelectors flow) => Entries.FirstOrDefault(e => e.Box.Contains(flow));

    /// <summary>What becomes of a packet in clear.</summary>
    public PolicyDecision Decide(FlowSelectors flow) => DecisionOf(Find(flow));

    /// <summary>What follows from a part, or from none.</summary>
    public PolicyDecision DecisionOf(DecorrelatedEntry? part) => PolicyDecision.Of(part is null ? null : Ordered.Entries[part.Origin], Direction);
}
