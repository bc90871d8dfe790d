using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Which inexact policies share a list, as far as that decides an order (xfrm_policy_inexact_insert_node).</summary>
/// <remarks>
/// A tree node holds a prefix and everything inside it. When a prefix that contains several nodes arrives they become one; the
/// policies of all but one are put in anew, in the order of position, and lose the places they had inherited by replacing others.
/// Left out: which node keeps its order is a matter of the tree's shape (taken here is the oldest, as in a tree of two), and a
/// node keeps its short prefix after the policy that brought it is gone.
/// </remarks>
internal static class XfrmPolicyTrees
{
    /// <summary>The entries after a policy was put in, itself left out: ranks are by position where lists were merged.</summary>
    public static ImmutableArray<XfrmPolicyEntry> Merged(ImmutableArray<XfrmPolicyEntry> entries, XfrmPolicyEntry added)
    {
        if (added.List is XfrmPolicyList.Exact or XfrmPolicyList.Any || entries.All(entry => entry.Rank == entry.Created))
        {
            return entries;
        }

        ImmutableArray<XfrmPolicyEntry> after = entries.Add(added);
        HashSet<ulong> moved = [.. entries
            .GroupBy(entry => KeyOf(entry, after))
            .SelectMany(list => list.GroupBy(entry => KeyOf(entry, entries)).OrderBy(node => node.Min(entry => entry.Rank)).Skip(1))
            .SelectMany(node => node.Select(entry => entry.Created))];
        return moved.Count == 0 ? entries : [.. entries.Select(entry => moved.Contains(entry.Created) ? entry with { Rank = entry.Created } : entry)];
    }

    private static Key KeyOf(XfrmPolicyEntry entry, ImmutableArray<XfrmPolicyEntry> entries)
    {
        Prefix? destination = null;
        Prefix? source = null;
        if (entry.List is XfrmPolicyList.ByDestination or XfrmPolicyList.ByBoth)
        {
            destination = Shortest(entry, entries, static other => other.List is XfrmPolicyList.ByDestination or XfrmPolicyList.ByBoth, DestinationOf);
        }

        if (entry.List is XfrmPolicyList.BySource or XfrmPolicyList.ByBoth)
        {
            source = Shortest(
                entry,
                entries,
                other => other.List == entry.List && (destination is not { } node || node.Contains(DestinationOf(other))),
                SourceOf);
        }

        return new Key(entry.List, entry.Policy.Type, entry.Policy.Selector.Family, entry.Policy.Direction, entry.Policy.InterfaceId, destination, source);
    }

    private static Prefix Shortest(XfrmPolicyEntry entry, ImmutableArray<XfrmPolicyEntry> entries, Func<XfrmPolicyEntry, bool> inTree, Func<XfrmPolicyEntry, Prefix> prefixOf)
    {
        Prefix own = prefixOf(entry);
        return entries.Where(other => IsSameBin(entry.Policy, other.Policy) && inTree(other)).Select(prefixOf).Where(prefix => prefix.Contains(own)).Append(own).MinBy(prefix => prefix.Bits);
    }

    private static bool IsSameBin(XfrmPolicy one, XfrmPolicy other) =>
        one.Type == other.Type && one.Direction == other.Direction && one.InterfaceId == other.InterfaceId && one.Selector.Family == other.Selector.Family;

    private static Prefix DestinationOf(XfrmPolicyEntry entry) => Prefix.Of(entry.Policy.Selector.Destination, entry.Policy.Selector.DestinationBits);

    private static Prefix SourceOf(XfrmPolicyEntry entry) => Prefix.Of(entry.Policy.Selector.Source, entry.Policy.Selector.SourceBits);

    private readonly record struct Key(
        XfrmPolicyList List, XfrmPolicyType Type, XfrmFamily Family, XfrmDirection Direction, uint InterfaceId, Prefix? Destination, Prefix? Source);

    private readonly record struct Prefix(UInt128 Value, int Bits)
    {
        public static Prefix Of(XfrmAddress address, int bits) => new(Masked(address.Bits, bits), bits);

        public bool Contains(Prefix other) => Bits <= other.Bits && Masked(other.Value, Bits) == Value;

        private static UInt128 Masked(UInt128 value, int bits) => bits == 0 ? UInt128.Zero : value >> (128 - bits) << (128 - bits);
    }
}
