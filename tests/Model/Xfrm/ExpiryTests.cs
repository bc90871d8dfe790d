using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>Limits of SAs and policies (xfrm_timer_handler, xfrm_state_check_expire, xfrm_policy_timer).</summary>
public sealed class ExpiryTests
{
    private const ulong Now = XfrmCases.Now;

    [Test]
    public void Age_SoftThenHard_EachOnce()
    {
        XfrmStateDatabase database = With(XfrmLimits.None with { SoftAddSeconds = 5, HardAddSeconds = 10 });
        Assert.That(Events(ref database, Now + 4), Is.Empty);
        Assert.That(Events(ref database, Now + 5), Is.EqualTo(new[] { false }));
        Assert.That(database.Entries[0].Dying);
        Assert.That(Events(ref database, Now + 9), Is.Empty);
        Assert.That(Events(ref database, Now + 10), Is.EqualTo(new[] { true }));
        Assert.That(database.Entries, Is.Empty);
    }

    [Test]
    public void Age_OneLeap_SameAsStepByStep()
    {
        XfrmStateDatabase database = With(XfrmLimits.None with { SoftAddSeconds = 5, HardAddSeconds = 10 });
        Assert.That(Events(ref database, Now + 1000), Is.EqualTo(new[] { false, true }));
    }

    [Test]
    public void Age_BothLimitsTogether_OnlyHard()
    {
        XfrmStateDatabase database = With(XfrmLimits.None with { SoftAddSeconds = 5, HardAddSeconds = 5 });
        Assert.That(Events(ref database, Now + 5), Is.EqualTo(new[] { true }));
    }

    [Test]
    public void BornInThePast_ExpiresWithTheFirstTimer()
    {
        XfrmStateDatabase database = XfrmCases.States(
            LinuxRelease.Linux612, XfrmCases.State() with { Limits = XfrmLimits.None with { HardAddSeconds = 10 }, Use = new XfrmUse(0, 0, Now - 100, 0) });
        Assert.That(Events(ref database, Now), Is.Empty);
        Assert.That(Events(ref database, Now + 1), Is.EqualTo(new[] { true }));
    }

    [Test]
    public void Use_CountsFromFirstUse()
    {
        XfrmStateDatabase database = With(XfrmLimits.None with { HardUseSeconds = 10 });
        Assert.That(Events(ref database, Now + 100), Is.Empty);
        (database, bool passes, _) = database.CheckExpire(1, Now + 100);
        Assert.That(passes);
        Assert.That(Events(ref database, Now + 109), Is.Empty);
        Assert.That(Events(ref database, Now + 110), Is.EqualTo(new[] { true }));
    }

    [Test]
    public void Packets_HardLimitPassesExactlyThatMany()
    {
        XfrmStateDatabase database = With(XfrmLimits.None with { SoftPackets = 1, HardPackets = 2 });
        Assert.That(Send(), Is.True);
        Assert.That(database.Entries[0].Dying, Is.False);
        Assert.That(Send(), Is.True);
        Assert.That(database.Entries[0].Dying);
        Assert.That(Send(), Is.False);
        Assert.That(database.Entries[0].Condition, Is.EqualTo(XfrmCondition.Expired));
        Assert.That(Events(ref database, Now), Is.EqualTo(new[] { true }));

        bool Send()
        {
            (database, bool passes, _) = database.CheckExpire(1, Now);
            database = passes ? database.Use(1, 100, Now) : database;
            return passes;
        }
    }

    [Test]
    public void Bytes_CrossingPacketPasses()
    {
        XfrmStateDatabase database = With(XfrmLimits.None with { HardBytes = 150 });
        database = database.CheckExpire(1, Now).Next.Use(1, 100, Now);
        Assert.That(database.CheckExpire(1, Now).Passes);
        database = database.CheckExpire(1, Now).Next.Use(1, 100, Now);
        Assert.That(database.CheckExpire(1, Now).Passes, Is.False);
    }

    [Test]
    public void Policy_SoftIsRepeatedEvery30Seconds_HardDeletes()
    {
        XfrmPolicyDatabase database = XfrmCases.Policies(
            LinuxRelease.Linux612, XfrmCases.Policy() with { Limits = XfrmLimits.None with { SoftAddSeconds = 10, HardAddSeconds = 60 } });
        (database, ImmutableArray<XfrmNotification> events) = database.Advance(Now + 59);
        Assert.That(Hard(events), Is.EqualTo(new[] { false, false }));
        (database, events) = database.Advance(Now + 60);
        Assert.That(Hard(events), Is.EqualTo(new[] { true }));
        Assert.That(database.Entries, Is.Empty);
    }

    [Test]
    public void Policy_UseLimitCountsFromBirthWhileUnused()
    {
        XfrmPolicyDatabase database = XfrmCases.Policies(LinuxRelease.Linux612, XfrmCases.Policy() with { Limits = XfrmLimits.None with { HardUseSeconds = 10 } });
        Assert.That(database.Advance(Now + 10).Next.Entries, Is.Empty);
        Assert.That(database.Use(1, Now + 5).Advance(Now + 14).Next.Entries, Has.Length.EqualTo(1));
        Assert.That(database.Use(1, Now + 5).Advance(Now + 15).Next.Entries, Is.Empty);
    }

    private static XfrmStateDatabase With(XfrmLimits limits) => XfrmCases.States(LinuxRelease.Linux612, XfrmCases.State() with { Limits = limits });

    private static bool[] Events(ref XfrmStateDatabase database, ulong now)
    {
        (database, ImmutableArray<XfrmNotification> notifications) = database.Advance(now);
        return Hard(notifications);
    }

    private static bool[] Hard(ImmutableArray<XfrmNotification> notifications) =>
        [.. notifications.Select(notification => notification is XfrmNotification.StateExpired { Hard: true } or XfrmNotification.PolicyExpired { Hard: true })];
}
