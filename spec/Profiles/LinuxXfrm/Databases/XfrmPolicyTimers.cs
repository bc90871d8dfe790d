using System.Collections.Immutable;

namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

public sealed partial record XfrmPolicyDatabase
{
    private const ulong WarnAgainSeconds = 30;

    /// <summary>Runs the timers that are due (xfrm_policy_timer), oldest first.</summary>
    public (XfrmPolicyDatabase Next, ImmutableArray<XfrmNotification> Notifications) Advance(ulong now)
    {
        XfrmPolicyDatabase database = this;
        ImmutableArray<XfrmNotification>.Builder notifications = ImmutableArray.CreateBuilder<XfrmNotification>();
        while (database.Entries.Where(entry => entry.TimerAt <= now).MinBy(entry => entry.TimerAt) is { TimerAt: { } at } due)
        {
            (XfrmPolicyEntry? next, bool warn) = RunTimer(due, at);
            database = database with { Entries = next is null ? database.Entries.Remove(due) : database.Entries.Replace(due, next) };
            if (next is null || warn)
            {
                notifications.Add(new XfrmNotification.PolicyExpired(due.Policy, Hard: next is null));
            }
        }

        return (database, notifications.ToImmutable());
    }

    private static (XfrmPolicyEntry? Next, bool Warn) RunTimer(XfrmPolicyEntry entry, ulong now)
    {
        (XfrmLimits limits, XfrmUse use) = (entry.Policy.Limits, entry.Policy.Use);
        ulong usedFrom = use.UseTime != 0 ? use.UseTime : use.AddTime;
        ulong? next = null;
        if (IsDue(limits.HardAddSeconds, use.AddTime, now, ref next) || IsDue(limits.HardUseSeconds, usedFrom, now, ref next))
        {
            return (null, false);
        }

        ulong? soft = null;
        bool warn = IsDue(limits.SoftAddSeconds, use.AddTime, now, ref soft) | IsDue(limits.SoftUseSeconds, usedFrom, now, ref soft);
        ulong? again = warn ? now + WarnAgainSeconds : null;
        return (entry with { TimerAt = Earliest(Earliest(next, soft), again) }, warn);
    }

    private static bool IsDue(ulong seconds, ulong from, ulong now, ref ulong? next)
    {
        if (seconds == 0)
        {
            return false;
        }

        ulong at = from > ulong.MaxValue - seconds ? ulong.MaxValue : from + seconds;
        if (at <= now)
        {
            return true;
        }

        next = Earliest(next, at);
        return false;
    }

    private static ulong? Earliest(ulong? one, ulong? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);
}
