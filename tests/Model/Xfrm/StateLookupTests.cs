using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>Which SA is chosen, inbound and outbound (xfrm_input_state_lookup, xfrm_state_find).</summary>
public sealed class StateLookupTests
{
    private static readonly LinuxRelease[] All = [.. LinuxRelease.All];

    [TestCaseSource(nameof(All))]
    public void Inbound_ByDestinationAndSpi_SourceIgnored(LinuxRelease release)
    {
        XfrmStateDatabase database = XfrmCases.States(release, XfrmCases.State());
        Assert.That(database.LookupInbound(0, XfrmCases.Remote, new Spi(0x1001)), Is.Not.Null);
        Assert.That(database.LookupInbound(0, XfrmCases.Local, new Spi(0x1001)), Is.Null);
        Assert.That(database.LookupInbound(0, XfrmCases.Remote, new Spi(0x1002)), Is.Null);
    }

    [Test]
    public void Inbound_MarkedAndUnmarked_LaterAddedWins_UnlessCached()
    {
        XfrmState marked = XfrmCases.State() with { Mark = new XfrmMark(1, 1) };
        XfrmStateDatabase database = XfrmCases.States(LinuxRelease.Linux612, marked);
        XfrmStateDatabase used = database.Remember(1, XfrmCases.Remote, new Spi(0x1001));
        Assert.That(Add(database).LookupInbound(1, XfrmCases.Remote, new Spi(0x1001))!.Id, Is.Not.EqualTo(database.Entries[0].Id));
        Assert.That(Add(used).LookupInbound(1, XfrmCases.Remote, new Spi(0x1001))!.Id, Is.EqualTo(database.Entries[0].Id));

        static XfrmStateDatabase Add(XfrmStateDatabase database) => database.Apply(new XfrmRequest.AddState(XfrmCases.State()), XfrmCases.Now).Next;
    }

    [TestCaseSource(nameof(All))]
    public void Outbound_LastAddedWinsWithinASecond(LinuxRelease release)
    {
        XfrmStateDatabase database = XfrmCases.States(release, XfrmCases.State(1), XfrmCases.State(2));
        Assert.That(Used(database).State.Spi.Value, Is.EqualTo(2));
    }

    [TestCaseSource(nameof(All))]
    public void Outbound_DyingLosesAgainstOlder(LinuxRelease release)
    {
        XfrmState dying = XfrmCases.State(2) with { Limits = XfrmLimits.None with { SoftAddSeconds = 5 } };
        XfrmStateDatabase database = XfrmCases.States(release, XfrmCases.State(1), dying);
        (database, ImmutableArray<XfrmNotification> notifications) = database.Advance(XfrmCases.Now + 5);
        Assert.That(notifications, Has.Length.EqualTo(1));
        Assert.That(Used(database).State.Spi.Value, Is.EqualTo(1));
    }

    [TestCaseSource(nameof(All))]
    public void Outbound_NoSa_AcquiresOnce_ThenAgain30SecondsLater(LinuxRelease release)
    {
        XfrmStateDatabase database = XfrmStateDatabase.Empty(release);
        Assert.That(database.LookupOutbound(XfrmCases.Resolution()), Is.EqualTo(new XfrmResolved.Acquires()));
        (database, XfrmAcquire acquire) = database.Acquire(XfrmCases.Resolution(), XfrmCases.Now);
        Assert.That(acquire.Sequence, Is.EqualTo(1));
        Assert.That(database.LookupOutbound(XfrmCases.Resolution()), Is.EqualTo(new XfrmResolved.Fails(Errno.Eagain)));
        Assert.That(database.Advance(XfrmCases.Now + 29).Next.Entries, Has.Length.EqualTo(1));
        (database, ImmutableArray<XfrmNotification> notifications) = database.Advance(XfrmCases.Now + 30);
        Assert.That(notifications, Has.Length.EqualTo(1));
        Assert.That(database.LookupOutbound(XfrmCases.Resolution()), Is.EqualTo(new XfrmResolved.Acquires()));
    }

    [TestCaseSource(nameof(All))]
    public void Outbound_NobodyListens_Esrch(LinuxRelease release) =>
        Assert.That(XfrmStateDatabase.Empty(release).LookupOutbound(XfrmCases.Resolution() with { Listened = false }), Is.EqualTo(new XfrmResolved.Fails(Errno.Esrch)));

    [TestCaseSource(nameof(All))]
    public void Outbound_RequestIdZero_TakesOnlyZero(LinuxRelease release)
    {
        XfrmStateDatabase database = XfrmCases.States(release, XfrmCases.State());
        Assert.That(database.LookupOutbound(XfrmCases.Resolution(XfrmCases.Tunnel with { RequestId = 0 })), Is.EqualTo(new XfrmResolved.Acquires()));
    }

    [TestCaseSource(nameof(All))]
    public void Outbound_OtherSource_IsAllowedOnlyByCollision(LinuxRelease release)
    {
        XfrmState other = XfrmCases.State() with { Source = XfrmAddress.Of(IpAddress.Parse("192.0.2.9")) };
        XfrmStateDatabase database = XfrmCases.States(release, other);
        Assert.That(database.LookupOutbound(XfrmCases.Resolution()), Is.EqualTo(new XfrmResolved.Acquires()));
        Assert.That(database.AllowedOutbound(XfrmCases.Resolution()), Is.EquivalentTo(new XfrmResolved[] { new XfrmResolved.Acquires(), new XfrmResolved.Uses(database.Entries[0].Id) }));
    }

    private static XfrmStateEntry Used(XfrmStateDatabase database) => database.Find(((XfrmResolved.Uses)database.LookupOutbound(XfrmCases.Resolution())).Id)!;
}
