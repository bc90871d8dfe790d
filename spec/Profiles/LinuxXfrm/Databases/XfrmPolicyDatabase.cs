using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>What happens to packets that no policy matches (net.xfrm.policy_default).</summary>
public readonly record struct XfrmDefaults(XfrmAction In, XfrmAction Forward, XfrmAction Out)
{
    /// <summary>The default of a direction.</summary>
    public XfrmAction For(XfrmDirection direction) => direction switch
    {
        XfrmDirection.In => In,
        XfrmDirection.Forward => Forward,
        _ => Out,
    };
}

/// <summary>The SPD of one network namespace, as a value (net/xfrm/xfrm_policy.c).</summary>
/// <remarks>The defining form: a list that lookup walks from end to end. Times are seconds since 1970.</remarks>
public sealed partial record XfrmPolicyDatabase
{
    private const uint IndexStep = 8;

    /// <summary>The SPD of a fresh namespace.</summary>
    public static XfrmPolicyDatabase Empty(LinuxRelease release) => new() { Release = release };

    /// <summary>The kernel.</summary>
    public required LinuxRelease Release { get; init; }

    /// <summary>Policies in order of creation.</summary>
    public ImmutableArray<XfrmPolicyEntry> Entries { get; init; } = [];

    /// <summary>Defaults.</summary>
    public XfrmDefaults Defaults { get; init; }

    /// <summary>The generator of indices; before 6.12 it is one for the whole kernel (idx_generator).</summary>
    public uint IndexGenerator { get; init; }

    /// <summary>The policies as a dump shows them: the youngest first (xfrm_policy_walk).</summary>
    public ImmutableArray<XfrmPolicy> Dump() => [.. Entries.Reverse().Select(entry => entry.Policy)];

    /// <summary>True when no policy of a direction exists, of whatever type (net.xfrm.policy_count).</summary>
    public bool IsEmpty(XfrmDirection direction) => !Entries.Any(entry => entry.Policy.Direction == direction);

    /// <summary>Carries out a request on policies.</summary>
    /// <exception cref="ArgumentException">The request is about SAs.</exception>
    public (XfrmPolicyDatabase Next, XfrmAnswer Answer) Apply(XfrmRequest request, ulong now) => request switch
    {
        XfrmRequest.AddPolicy add => Add(add.Policy, add.Replace, now),
        XfrmRequest.DeletePolicy delete => Delete(delete.Key),
        XfrmRequest.FlushPolicies flush => (this with { Entries = Entries.RemoveAll(entry => entry.Policy.Type == flush.Type) }, new XfrmAnswer.Done()),
        XfrmRequest.SetDefault change => (
            this with { Defaults = new XfrmDefaults(change.In ?? Defaults.In, change.Forward ?? Defaults.Forward, change.Out ?? Defaults.Out) },
            new XfrmAnswer.Done()),
        XfrmRequest.DumpPolicies => (this, new XfrmAnswer.Policies(Dump())),
        _ => throw new ArgumentException($"{request.GetType().Name} is no request on policies", nameof(request)),
    };

    /// <summary>The policy of an index, or null.</summary>
    public XfrmPolicyEntry? Find(uint index) => Entries.FirstOrDefault(entry => entry.Policy.Index == index);

    /// <summary>The policy that a key names, or null (xfrm_policy_byid, xfrm_policy_bysel_ctx).</summary>
    public XfrmPolicyEntry? Find(XfrmPolicyKey key) => Entries.FirstOrDefault(entry =>
        entry.Policy.Direction == key.Direction && entry.Policy.Type == key.Type && entry.Policy.InterfaceId == key.InterfaceId
        && entry.Policy.Mark == key.Mark && (key.Index != 0 ? entry.Policy.Index == key.Index : entry.Policy.Selector == key.Selector));

    /// <summary>Writes down that a packet met a policy: only its time of use changes.</summary>
    public XfrmPolicyDatabase Use(uint index, ulong now)
    {
        int at = IndexOf(index);
        return at < 0 ? this : this with { Entries = Entries.SetItem(at, WithUse(Entries[at], now)) };
    }

    private static XfrmPolicyEntry WithUse(XfrmPolicyEntry entry, ulong now) => entry with { Policy = entry.Policy with { Use = entry.Policy.Use with { UseTime = now } } };

    private int IndexOf(uint index)
    {
        for (int i = 0; i < Entries.Length; i++)
        {
            if (Entries[i].Policy.Index == index)
            {
                return i;
            }
        }

        return -1;
    }

    private (XfrmPolicyDatabase Next, XfrmAnswer Answer) Add(XfrmPolicy given, bool replace, ulong now)
    {
        if (XfrmPolicyChecks.Check(given, Release) is { } refusal)
        {
            return (this, refusal);
        }

        XfrmPolicy policy = XfrmPolicyChecks.Normalized(given) with { Use = new XfrmUse(0, 0, now, 0) };
        XfrmPolicyEntry? old = Find(new XfrmPolicyKey(policy.Direction, 0, policy.Selector, policy.Mark, policy.InterfaceId, policy.Type));
        if (old is not null && !replace)
        {
            return (this, new XfrmAnswer.Refused(Errno.Eexist));
        }

        uint generator = IndexGenerator;
        policy = policy with { Index = old?.Policy.Index ?? ChooseIndex(policy, ref generator) };
        ImmutableArray<XfrmPolicyEntry> entries = Insert(policy, old, now);
        return (this with { Entries = entries, IndexGenerator = generator }, new XfrmAnswer.Done());
    }

    private (XfrmPolicyDatabase Next, XfrmAnswer Answer) Delete(XfrmPolicyKey key)
    {
        if (key.Direction is not (XfrmDirection.In or XfrmDirection.Out or XfrmDirection.Forward))
        {
            return (this, new XfrmAnswer.Refused(Errno.Einval, "Invalid policy direction"));
        }

        if (key.Type is not (XfrmPolicyType.Main or XfrmPolicyType.Sub))
        {
            return (this, new XfrmAnswer.Refused(Errno.Einval, "Invalid policy type"));
        }

        return Find(key) is { } entry
            ? (this with { Entries = Entries.Remove(entry) }, new XfrmAnswer.Done())
            : (this, new XfrmAnswer.Refused(Errno.Enoent));
    }

    // xfrm_gen_index: the index asked for, when free; otherwise the next free one of a counter that all directions share.
    private uint ChooseIndex(XfrmPolicy policy, ref uint generator)
    {
        if (policy.Index != 0 && Find(policy.Index) is null)
        {
            return policy.Index;
        }

        while (true)
        {
            uint index = generator | (uint)policy.Direction;
            generator += IndexStep;
            index = index == 0 ? IndexStep : index;
            if (Find(index) is null)
            {
                return index;
            }
        }
    }

    private ImmutableArray<XfrmPolicyEntry> Insert(XfrmPolicy policy, XfrmPolicyEntry? old, ulong now)
    {
        ulong created = Entries.IsEmpty ? 1 : Entries[^1].Created + 1;
        bool keepsPlace = old is not null && old.Policy.Priority == policy.Priority;
        XfrmPolicyEntry entry = new(policy, XfrmPolicyEntry.ListOf(policy.Selector), created, created, keepsPlace ? old!.Rank : created, now + 1);

        // Before 6.12 positions follow the places in the one list, so merging tree nodes changes no order.
        ImmutableArray<XfrmPolicyEntry> entries = Release.AgesEveryPolicy ? XfrmPolicyTrees.Merged(Entries, entry).Add(entry) : Renumbered(Entries, entry, old);
        return old is null ? entries : entries.Remove(entries.First(candidate => candidate.Created == old.Created));
    }

    // Before 6.12 only policies outside the hash have a position: their rank in one list a direction, renumbered at each
    // insertion with the replaced policy still in it; those in the hash keep 0 (xfrm_policy_insert_inexact_list).
    private static ImmutableArray<XfrmPolicyEntry> Renumbered(ImmutableArray<XfrmPolicyEntry> entries, XfrmPolicyEntry added, XfrmPolicyEntry? old)
    {
        if (added.List == XfrmPolicyList.Exact)
        {
            return entries.Add(added with { Position = 0 });
        }

        Dictionary<ulong, ulong> positions = entries.Add(added)
            .Where(entry => entry.List != XfrmPolicyList.Exact && entry.Policy.Direction == added.Policy.Direction)
            .OrderBy(entry => entry.Policy.Priority).ThenBy(entry => entry.Rank).ThenBy(entry => entry.Created == old?.Created)
            .Select((entry, position) => (entry.Created, Position: (ulong)position))
            .ToDictionary(pair => pair.Created, pair => pair.Position);
        return [.. entries.Add(added).Select(entry => positions.TryGetValue(entry.Created, out ulong position) ? entry with { Position = position } : entry)];
    }
}
