using System.Collections.Immutable;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Policy.Databases;

/// <summary>The ordered SPD: the first entry that matches decides. RFC 4301 §4.4.1.</summary>
/// <param name="Entries">In the administrator's order.</param>
public sealed record SecurityPolicyDatabase(ImmutableArray<SpdEntry> Entries)
{
    /// <summary>No entry: nothing crosses.</summary>
    public static SecurityPolicyDatabase Empty { get; } = new([]);

    /// <summary>Position of the first entry that is consulted for the direction and matches, or -1: the defining form.</summary>
    public int FirstMatch(PolicyDirection direction, FlowSelectors flow)
    {
        for (int i = 0; i < Entries.Length; i++)
        {
            if (Entries[i].AppliesTo(direction) && Entries[i].Matches(flow))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>What becomes of a packet in clear that crosses in a direction.</summary>
    public PolicyDecision Decide(PolicyDirection direction, FlowSelectors flow)
    {
        int match = FirstMatch(direction, flow);
        return PolicyDecision.Of(match < 0 ? null : Entries[match], direction);
    }

    /// <summary>Equality entry by entry.</summary>
    public bool Equals(SecurityPolicyDatabase? other) => other is not null && Entries.SequenceEqual(other.Entries);

    /// <inheritdoc/>
    public override int GetHashCode() => Entries.Length;

    /// <summary>The entries in order.</summary>
    public override string ToString() => Entries.IsEmpty ? "empty SPD" : string.Join("; ", Entries.Select((e, i) => $"{i + 1} {e}"));
}
