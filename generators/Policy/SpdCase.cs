using System.Collections.Immutable;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Generators.Policy;

/// <summary>An SPD whose entries overlap, and flows aimed at the edges of their selectors.</summary>
/// <param name="Database">The SPD.</param>
/// <param name="Flows">What its entries are asked about.</param>
public sealed record SpdCase(SecurityPolicyDatabase Database, ImmutableArray<FlowSelectors> Flows)
{
    /// <summary>Smaller cases: fewer flows, fewer entries, entries with plainer selectors.</summary>
    public IEnumerable<SpdCase> Shrink()
    {
        foreach (FlowSelectors flow in Flows.Length > 1 ? Flows : [])
        {
            yield return this with { Flows = [flow] };
        }

        for (int i = 0; i < Database.Entries.Length; i++)
        {
            yield return this with { Database = new(Database.Entries.RemoveAt(i)) };
        }

        for (int i = 0; i < Database.Entries.Length; i++)
        {
            foreach (SpdEntry plainer in Plainer(Database.Entries[i]))
            {
                yield return this with { Database = new(Database.Entries.SetItem(i, plainer)) };
            }
        }
    }

    /// <summary>Entries, then flows, on one line.</summary>
    public override string ToString() => $"{Database} ; flows {string.Join("; ", Flows)}";

    private static IEnumerable<SpdEntry> Plainer(SpdEntry entry)
    {
        if (entry.Selectors.Length > 1)
        {
            foreach (SelectorSet set in entry.Selectors)
            {
                yield return entry with { Selectors = [set] };
            }
        }

        SelectorSet only = entry.Selectors[0];
        SelectorSet[] wider =
        [
            only with { Local = AddressSelector.Any },
            only with { Remote = AddressSelector.Any },
            only with { Upper = new UpperLayerSelector.Any() },
        ];
        foreach (SelectorSet set in wider.Where(s => entry.Selectors.Length == 1 && s != only))
        {
            yield return entry with { Selectors = [set] };
        }

        if (entry.Action is not PolicyAction.Discard)
        {
            yield return entry with { Action = new PolicyAction.Discard() };
        }
    }
}
