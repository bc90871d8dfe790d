using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Path;

namespace Conformance.Harness.Oracle.Xfrm.Misreadings;

/// <summary>Stages of the path that see something else than what is there; afterwards it is there again.</summary>
internal static class StageViews
{
    /// <summary>A stage that sees other policies; the times of use that it notes are lost, which no packet shows.</summary>
    public static Func<PacketInFlight, PacketInFlight> WithPolicies(PathStage stage, Func<XfrmPolicy, XfrmPolicy> see) => packet =>
    {
        XfrmPolicyDatabase real = packet.Databases.Policies;
        XfrmPolicyDatabase seen = real with { Entries = [.. real.Entries.Select(e => e with { Policy = see(e.Policy) })] };
        return stage.Run(packet.WithPolicies(seen)).WithPolicies(real);
    };

    /// <summary>A stage that sees other SAs; those that it adds stay.</summary>
    public static Func<PacketInFlight, PacketInFlight> WithStates(PathStage stage, Func<ImmutableArray<XfrmStateEntry>, IEnumerable<XfrmStateEntry>> see) => packet =>
    {
        XfrmStateDatabase real = packet.Databases.States;
        PacketInFlight after = stage.Run(packet.WithStates(real with { Entries = [.. see(real.Entries)] }));
        XfrmStateDatabase left = after.Databases.States;
        return after.WithStates(left with { Entries = [.. real.Entries, .. left.Entries.Where(e => real.Find(e.Id) is null)] });
    };

    /// <summary>A stage that sees other SAs on the way that the packet came.</summary>
    public static Func<PacketInFlight, PacketInFlight> WithPath(PathStage stage, Func<XfrmState, XfrmState> see) => packet =>
        stage.Run(packet with { SecurityPath = [.. packet.SecurityPath.Select(see)] }) with { SecurityPath = packet.SecurityPath };

    /// <summary>A stage that, before it drops for one of some reasons, tries whether the packet would pass as another one.</summary>
    public static Func<PacketInFlight, PacketInFlight> OrAs(
        PathStage stage, XfrmCounter[] reasons, Func<PacketInFlight, IEnumerable<PacketInFlight>> others) => packet =>
    {
        PacketInFlight after = stage.Run(packet);
        bool dropped = after.Ended && after.Events[^1] is PathEvent.Dropped { Counter: { } counter } && reasons.Contains(counter);
        PacketInFlight? passed = dropped ? others(packet).Select(stage.Run).FirstOrDefault(p => !p.Ended) : null;
        return passed is null ? after : passed.WithPolicies(packet.Databases.Policies) with { SecurityPath = packet.SecurityPath };
    };

    /// <summary>A stage whose drops look otherwise.</summary>
    public static Func<PacketInFlight, PacketInFlight> WithDrops(PathStage stage, Func<PathEvent.Dropped, PathEvent.Dropped> show) => packet =>
    {
        PacketInFlight after = stage.Run(packet);
        if (!after.Ended || after.Events[^1] is not PathEvent.Dropped dropped || show(dropped) is not { } shown || shown == dropped)
        {
            return after;
        }

        ImmutableSortedDictionary<XfrmCounter, long> counters = after.Host.Counters;
        counters = dropped.Counter is { } was ? counters.SetItem(was, counters.GetValueOrDefault(was) - 1) : counters;
        counters = shown.Counter is { } now ? counters.SetItem(now, counters.GetValueOrDefault(now) + 1) : counters;
        return after with { Events = after.Events.SetItem(after.Events.Length - 1, shown), Host = after.Host with { Counters = counters } };
    };

    /// <summary>A stage whose messages to key management read otherwise; null for none.</summary>
    public static Func<PacketInFlight, PacketInFlight> WithNotices(PathStage stage, Func<XfrmNotification, XfrmNotification?> tell) => packet =>
    {
        PacketInFlight after = stage.Run(packet);
        return after with
        {
            Events =
            [
                .. after.Events.SelectMany((happened, i) => i < packet.Events.Length || happened is not PathEvent.Notified notified ? [happened]
                    : tell(notified.Notification) is { } told ? [new PathEvent.Notified(told)]
                    : Array.Empty<PathEvent>()),
            ],
        };
    };
}
