using System.Diagnostics;
using Conformance.Generators.Xfrm;
using Conformance.Harness.Contract;
using Conformance.Harness.Running;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Xfrm;

/// <summary>The model of the XFRM databases against the kernel that it is a model of: whole histories, step by step.</summary>
[NonParallelizable]
[Category("Conformance")]
public sealed class HistoryTests
{
    private const int Histories = 20;

    [TestCaseSource(nameof(Blocks))]
    public void RandomHistories_EveryAnswerDumpAndNotificationAsInTheModel(int block)
    {
        (ITarget target, LinuxRelease release) = Kernel();
        Random random = new((int)(ConformanceRun.Current.SeedOf($"{nameof(HistoryTests)} {block}") & int.MaxValue));
        int collisions = 0;
        for (int i = 0; i < Histories; i++)
        {
            HistoryReplay replay = new(target, release, Plan);
            replay.Live(XfrmHistory.Draw(random, Plan));
            collisions += replay.Collisions;
        }

        TestContext.Out.WriteLine($"{Histories} histories, {collisions} packets that took an SA of another source");
    }

    [Test]
    public void Age_SoftThenHard_AnnouncedAndGone()
    {
        (ITarget target, LinuxRelease release) = Kernel();
        target.Reset();
        XfrmState state = new()
        {
            Source = XfrmAddress.Of(Plan.Sources[0]),
            Destination = XfrmAddress.Of(Plan.Destinations[0]),
            Spi = new Spi(0x1001),
            Family = XfrmFamily.Ipv4,
            Mode = XfrmMode.Tunnel,
            Combined = new XfrmAlgorithm("rfc4106(gcm(aes))", new ByteString(new byte[20]), 128),
            Limits = XfrmLimits.None with { SoftAddSeconds = 1, HardAddSeconds = 2 },
        };
        target.Execute(new Command.Xfrm(new XfrmRequest.AddState(state)));
        XfrmStateDatabase model = XfrmStateDatabase.Empty(release).Apply(new XfrmRequest.AddState(state), 1).Next;

        bool[] expected = [.. model.Advance(10).Notifications.OfType<XfrmNotification.StateExpired>().Select(expiry => expiry.Hard)];
        List<bool> seen = [];
        Stopwatch watch = Stopwatch.StartNew();
        while (seen.Count < expected.Length && watch.Elapsed < TimeSpan.FromSeconds(10))
        {
            seen.AddRange(HistoryReplay.Nudge(target).OfType<XfrmNotification.StateExpired>().Select(expiry => expiry.Hard));
        }

        Assert.That(seen, Is.EqualTo(expected));
        Assert.That(
            target.Execute(new Command.Xfrm(new XfrmRequest.DumpStates())),
            Is.InstanceOf<CommandOutcome.Answered>().And.Property(nameof(CommandOutcome.Answered.Answer)).Property(nameof(XfrmAnswer.States.Entries)).Empty);
    }

    private static int[] Blocks { get; } = [.. Enumerable.Range(0, 3)];

    private static XfrmHistoryPlan Plan { get; } = new(
        [AddressPlan.Ipv4.Target, AddressPlan.Ipv4Sentinel.Target],
        [AddressPlan.Ipv4.Peer, AddressPlan.Ipv4Sentinel.Peer],
        [
            .. from port in (ushort[])[7, 8, 9, 10]
               from remote in (IpAddress[])[AddressPlan.Ipv4.Remote, AddressPlan.Ipv4Sentinel.Remote]
               select new XfrmFlow { Source = AddressPlan.Ipv4.Protected, Destination = remote, Protocol = IpProtocol.Udp, SourcePort = 1000, DestinationPort = port },
        ]);

    private static (ITarget Target, LinuxRelease Release) Kernel()
    {
        ITarget target = ConformanceRun.Current.Target;
        LinuxRelease? release = target.Capabilities.HasFlag(Capabilities.XfrmDatabases) ? LinuxRelease.Of(target.Identity.Version) : null;
        if (release is null)
        {
            Assert.Ignore($"the model knows no databases of {target.Identity}");
        }

        return (target, release!);
    }
}
