using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

public sealed partial record XfrmStateDatabase
{
    /// <summary>Runs the timers that are due (xfrm_timer_handler), the earliest first.</summary>
    public (XfrmStateDatabase Next, ImmutableArray<XfrmNotification> Notifications) Advance(ulong now)
    {
        XfrmStateDatabase database = this;
        ImmutableArray<XfrmNotification>.Builder notifications = ImmutableArray.CreateBuilder<XfrmNotification>();
        while (database.Entries.Where(entry => entry.TimerAt <= now).MinBy(entry => entry.TimerAt) is { TimerAt: { } at } due)
        {
            (database, ImmutableArray<XfrmNotification> happened) = database.Fire(due.Id, at);
            notifications.AddRange(happened);
        }

        return (database, notifications.ToImmutable());
    }

    /// <summary>Runs the timer of one SA at a time, due or not: kernels run each at its own fraction of a second.</summary>
    public (XfrmStateDatabase Next, ImmutableArray<XfrmNotification> Notifications) Fire(ulong id, ulong now)
    {
        XfrmStateEntry entry = Find(id) ?? throw new ArgumentException($"no SA {id}", nameof(id));
        (XfrmStateEntry? next, bool warn) = RunTimer(entry, now);
        return (
            next is null ? Without(entry) : With(next),
            next is null || warn ? [new XfrmNotification.StateExpired((next ?? entry).State, Hard: next is null)] : []);
    }

    /// <summary>Holds an SA against its limits of bytes and packets before a packet (xfrm_state_check_expire).</summary>
    /// <returns>Passes is false when a hard limit was reached: the packet is refused and the SA goes with the next timer.</returns>
    public (XfrmStateDatabase Next, bool Passes, ImmutableArray<XfrmNotification> Notifications) CheckExpire(ulong id, ulong now)
    {
        XfrmStateEntry entry = Find(id) ?? throw new ArgumentException($"no SA {id}", nameof(id));
        if (entry.State.Use.UseTime == 0)
        {
            entry = entry with { State = entry.State with { Use = entry.State.Use with { UseTime = now } } };
        }

        (XfrmLimits limits, XfrmUse use) = (entry.State.Limits, entry.State.Use);
        if (use.Bytes >= limits.HardBytes || use.Packets >= limits.HardPackets)
        {
            return (With(entry with { Condition = XfrmCondition.Expired, TimerAt = now }), false, []);
        }

        bool soft = !entry.Dying && (use.Bytes >= limits.SoftBytes || use.Packets >= limits.SoftPackets);
        return (With(entry with { Dying = entry.Dying || soft }), true, soft ? [new XfrmNotification.StateExpired(entry.State, Hard: false)] : []);
    }

    /// <summary>Counts a packet on an SA, after <see cref="CheckExpire"/>.</summary>
    /// <param name="id">The SA.</param>
    /// <param name="bytes">Bytes as Linux counts them: without ESP header, padding and ICV.</param>
    /// <param name="now">Time.</param>
    public XfrmStateDatabase Use(ulong id, ulong bytes, ulong now)
    {
        XfrmStateEntry entry = Find(id) ?? throw new ArgumentException($"no SA {id}", nameof(id));
        XfrmUse use = entry.State.Use;
        return With(entry with { LastUsed = now, State = entry.State with { Use = use with { Bytes = use.Bytes + bytes, Packets = use.Packets + 1 } } });
    }

    /// <summary>Stores the sequence numbers and statistics of an SA, which the packet paths keep.</summary>
    public XfrmStateDatabase WithReplay(ulong id, XfrmReplay? replay, XfrmReplayEsn? replayEsn, XfrmStateStatistics statistics)
    {
        XfrmStateEntry entry = Find(id) ?? throw new ArgumentException($"no SA {id}", nameof(id));
        return With(entry with { State = entry.State with { Replay = replay, ReplayEsn = replayEsn, Statistics = statistics } });
    }

    private static (XfrmStateEntry? Next, bool Warn) RunTimer(XfrmStateEntry entry, ulong now)
    {
        if (entry.Condition == XfrmCondition.Expired)
        {
            return (null, false);
        }

        XfrmLimits limits = entry.State.Limits;
        ulong? next = null;
        if (Remaining(limits.HardAddSeconds, entry.State.Use.AddTime, now) is { } hardAdd)
        {
            if (hardAdd == 0)
            {
                if (entry.AwaitsSoftSeconds is not { } soft)
                {
                    return (null, false);
                }

                // The clock was set: the time of birth is moved so that the soft limit comes first.
                entry = entry with { State = entry.State with { Use = entry.State.Use with { AddTime = now - soft - 1 } } };
                hardAdd = limits.HardAddSeconds - Math.Min(soft, limits.HardAddSeconds);
            }

            next = hardAdd;
        }

        ulong usedFrom = entry.State.Use.UseTime != 0 ? entry.State.Use.UseTime : now;
        if (Remaining(limits.HardUseSeconds, usedFrom, now) is { } hardUse)
        {
            if (hardUse == 0)
            {
                return (null, false);
            }

            next = Least(next, hardUse);
        }

        bool warn = false;
        if (!entry.Dying)
        {
            if (Remaining(limits.SoftAddSeconds, entry.State.Use.AddTime, now) is { } softAdd)
            {
                if (softAdd == 0)
                {
                    warn = true;
                    entry = entry with { AwaitsSoftSeconds = null };
                }
                else if (next is null || softAdd < next)
                {
                    next = softAdd;
                    entry = entry with { AwaitsSoftSeconds = softAdd };
                }
            }

            if (Remaining(limits.SoftUseSeconds, usedFrom, now) is { } softUse)
            {
                warn |= softUse == 0;
                next = softUse == 0 ? next : Least(next, softUse);
            }
        }

        return (entry with { Dying = entry.Dying || warn, TimerAt = next is { } seconds ? now + Math.Max(seconds, 1) : null }, warn);
    }

    // Seconds until a limit, 0 when it is reached, null when there is none.
    private static ulong? Remaining(ulong seconds, ulong from, ulong now) =>
        seconds == 0 ? null
        : seconds > ulong.MaxValue - from ? ulong.MaxValue
        : seconds + from > now ? seconds + from - now
        : 0;

    private static ulong Least(ulong? one, ulong other) => one is { } value ? Math.Min(value, other) : other;
}
