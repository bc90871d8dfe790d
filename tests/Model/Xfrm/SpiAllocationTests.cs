using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>ALLOCSPI: which SPIs the kernel may give (xfrm_alloc_spi).</summary>
public sealed class SpiAllocationTests
{
    private static readonly XfrmAddress Elsewhere = XfrmAddress.Of(IpAddress.Parse("198.51.100.9"));

    [Test]
    public void Range_EndBeforeBegin_Einval() => Assert.That(ErrnoOf(XfrmStateDatabase.Empty(LinuxRelease.Linux612), 9, 8), Is.EqualTo(Errno.Einval));

    [Test]
    public void Range_OfZeroOnly_Enoent() => Assert.That(ErrnoOf(XfrmStateDatabase.Empty(LinuxRelease.Linux612), 0, 0), Is.EqualTo(Errno.Enoent));

    [Test]
    public void Range_LongForIpComp_Einval() =>
        Assert.That(ErrnoOf(XfrmStateDatabase.Empty(LinuxRelease.Linux612), 1, 0x10000, XfrmCases.State(0) with { Protocol = IpProtocol.IpComp }), Is.EqualTo(Errno.Einval));

    [Test]
    public void OneSpi_InUseForAnotherDestination_FreeIn61Only()
    {
        XfrmState other = XfrmCases.State(7) with { Destination = Elsewhere };
        Assert.That(ErrnoOf(XfrmCases.States(LinuxRelease.Linux61, other), 7, 7), Is.Zero);
        Assert.That(ErrnoOf(XfrmCases.States(LinuxRelease.Linux612, other), 7, 7), Is.EqualTo(Errno.Enoent));
        Assert.That(ErrnoOf(XfrmCases.States(LinuxRelease.Linux61, XfrmCases.State(7)), 7, 7), Is.EqualTo(Errno.Enoent));
    }

    [Test]
    public void Range_AnyFreeSpiIsAllowed_UsedOnesAreNot_AndGivingUpOnlyWhenSomeAreUsed()
    {
        XfrmStateDatabase database = XfrmCases.States(LinuxRelease.Linux612, XfrmCases.State(8));
        XfrmRequest.AllocateSpi request = new(XfrmCases.State(0), 7, 9);
        Assert.That(database.MayAllocate(request, Answer(7), XfrmCases.Now));
        Assert.That(database.MayAllocate(request, Answer(9), XfrmCases.Now));
        Assert.That(database.MayAllocate(request, Answer(8), XfrmCases.Now), Is.False);
        Assert.That(database.MayAllocate(request, Answer(10), XfrmCases.Now), Is.False);
        Assert.That(database.MayAllocate(request, new XfrmAnswer.Refused(Errno.Enoent), XfrmCases.Now));
        Assert.That(database.MayAllocate(request with { Least = 9 }, new XfrmAnswer.Refused(Errno.Enoent), XfrmCases.Now), Is.False);

        XfrmAnswer Answer(uint spi) => new XfrmAnswer.States([((XfrmAnswer.States)database.Allocate(request, new Spi(7), XfrmCases.Now).Answer).Entries[0] with { Spi = new Spi(spi) }]);
    }

    [Test]
    public void Again_SameLarvalSaKeepsItsSpi()
    {
        (XfrmStateDatabase database, _) = XfrmStateDatabase.Empty(LinuxRelease.Linux612).Allocate(new XfrmRequest.AllocateSpi(XfrmCases.State(0) with { AcquireSequence = 0 }, 7, 7), null, XfrmCases.Now);

        // Without a sequence number a larval SA is only found while it has no SPI: a second one is made.
        (database, _) = database.Allocate(new XfrmRequest.AllocateSpi(XfrmCases.State(0), 8, 8), null, XfrmCases.Now);
        Assert.That(database.Entries.Select(entry => entry.State.Spi.Value), Is.EqualTo(new uint[] { 7, 8 }));
    }

    [Test]
    public void Acquired_SpiGoesToTheLarvalSaOfItsNumber_AndKeepsIt()
    {
        (XfrmStateDatabase database, XfrmAcquire acquire) = XfrmStateDatabase.Empty(LinuxRelease.Linux612).Acquire(XfrmCases.Resolution(), XfrmCases.Now);
        XfrmState wanted = XfrmCases.State(0) with { AcquireSequence = acquire.Sequence };
        (database, _) = database.Allocate(new XfrmRequest.AllocateSpi(wanted, 7, 7), null, XfrmCases.Now);
        (database, XfrmAnswer again) = database.Allocate(new XfrmRequest.AllocateSpi(wanted, 9, 9), null, XfrmCases.Now);
        Assert.That(database.Entries, Has.Length.EqualTo(1));
        Assert.That(((XfrmAnswer.States)again).Entries[0].Spi.Value, Is.EqualTo(7));
    }

    [Test]
    public void LarvalSa_ReplacedByUpdate_OrGoesWithTheSaThatAnswersIt()
    {
        (XfrmStateDatabase database, _) = XfrmStateDatabase.Empty(LinuxRelease.Linux612).Allocate(new XfrmRequest.AllocateSpi(XfrmCases.State(0), 0x1001, 0x1001), null, XfrmCases.Now);
        XfrmStateDatabase updated = database.Apply(new XfrmRequest.AddState(XfrmCases.State(), Replace: true), XfrmCases.Now).Next;
        Assert.That(updated.Entries.Select(entry => entry.Condition), Is.EqualTo(new[] { XfrmCondition.Valid }));

        (database, XfrmAcquire acquire) = XfrmStateDatabase.Empty(LinuxRelease.Linux612).Acquire(XfrmCases.Resolution(), XfrmCases.Now);
        XfrmStateDatabase answered = database.Apply(new XfrmRequest.AddState(XfrmCases.State() with { AcquireSequence = acquire.Sequence, RequestId = 9 }), XfrmCases.Now).Next;
        Assert.That(answered.Entries.Select(entry => entry.Condition), Is.EqualTo(new[] { XfrmCondition.Valid }));
    }

    [Test]
    public void Direction_IsBoundWithTheSpi_NotWhenThereIsNone()
    {
        XfrmState wanted = XfrmCases.State(0) with { Direction = XfrmDirection.In };
        XfrmStateDatabase empty = XfrmStateDatabase.Empty(LinuxRelease.Linux612);
        Assert.That(empty.Allocate(new XfrmRequest.AllocateSpi(wanted, 7, 7), null, XfrmCases.Now).Next.Entries[0].State.Direction, Is.EqualTo(XfrmDirection.In));
        Assert.That(empty.Allocate(new XfrmRequest.AllocateSpi(wanted, 0, 0), null, XfrmCases.Now).Next.Entries[0].State.Direction, Is.Null);
        Assert.That(
            XfrmStateDatabase.Empty(LinuxRelease.Linux61).Allocate(new XfrmRequest.AllocateSpi(wanted, 7, 7), null, XfrmCases.Now).Next.Entries[0].State.Direction, Is.Null);
    }

    private static int ErrnoOf(XfrmStateDatabase database, uint least, uint largest, XfrmState? state = null) =>
        XfrmCases.ErrnoOf(database.Apply(new XfrmRequest.AllocateSpi(state ?? XfrmCases.State(0), least, largest), XfrmCases.Now).Answer);
}
