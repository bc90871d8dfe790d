using System.Collections.Immutable;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;

namespace Conformance.Spec.Policy.Decorrelation;

/// <summary>An SPD cache: it holds decorrelated entries only, all linked ones together. RFC 4301 §4.4.1.</summary>
/// <param name="Database">Where a miss is looked up.</param>
/// <param name="Cached">Positions of the entries whose parts are cached.</param>
public sealed record PolicyCache(DecorrelatedDatabase Database, ImmutableHashSet<int> Cached)
{
    /// <summary>Nothing cached: what a change of the SPD leaves behind.</summary>
    public static PolicyCache Cold(DecorrelatedDatabase database) => new(database, []);

    /// <summary>Searches the cache, then the SPD, and caches what it found there. RFC 4301 §5.1 steps 2 and 3.</summary>
    /// <returns>The decision, the cache afterwards, and whether the cache knew.</returns>
    public (PolicyDecision Decision, PolicyCache Next, bool Hit) Decide(FlowSelectors flow)
    {
        DecorrelatedEntry? cached = Cached.SelectMany(Database.LinkedWith).FirstOrDefault(e => e.Box.Contains(flow));
        if (cached is not null)
        {
            return (Database.DecisionOf(cached), this, true);
        }

        DecorrelatedEntry? found = Database.Find(flow);
        return (Database.DecisionOf(found), found is null ? this : this with { Cached = Cached.Add(found.Origin) }, false);
    }
}
