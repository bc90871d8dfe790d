using System.Collections.Immutable;
using Conformance.Generators.Xfrm;
using Conformance.Harness.Contract;
using Conformance.Harness.Running;
using Conformance.Harness.Targets.Linux;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Netlink;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Netlink;

/// <summary>What a live kernel dumps is read, and written again byte for byte; Ignored where the target is no Linux kernel.</summary>
[NonParallelizable]
public class LiveDumpTests
{
    private const int Worlds = 100;

    private static ITarget Target => ConformanceRun.Current.Target;

    [Test]
    public void DumpedPolicies_AreWrittenAgainByteForByte()
    {
        int seen = EachWorld(world => Rewritten(new XfrmRequest.DumpPolicies()));
        Assert.That(seen, Is.GreaterThan(Worlds));
    }

    [Test]
    public void DumpedSas_AreWrittenAgainByteForByte()
    {
        int seen = EachWorld(world => Rewritten(new XfrmRequest.DumpStates()));
        Assert.That(seen, Is.GreaterThan(Worlds));
    }

    [Test]
    public void SaWithEveryAttribute_IsWrittenAgainByteForByte()
    {
        Prepare();
        Assert.That(Target.Execute(new Command.Xfrm(new XfrmRequest.AddState(Elaborate))), Is.EqualTo(new CommandOutcome.Answered(new XfrmAnswer.Done())));
        Assert.That(Rewritten(new XfrmRequest.DumpStates()), Is.EqualTo(1));
        XfrmAnswer.States dumped = (XfrmAnswer.States)((CommandOutcome.Answered)Target.Execute(new Command.Xfrm(new XfrmRequest.DumpStates()))).Answer;

        // The kernel answers the question of what it keeps: all that was asked for.
        Assert.That(dumped.Entries[0] with { Use = Elaborate.Use }, Is.EqualTo(Elaborate));
    }

    private static XfrmState Elaborate => new()
    {
        Selector = new XfrmSelector { Family = XfrmFamily.Ipv4 },
        Destination = XfrmAddress.Of(IpAddress.Parse("192.0.2.2")),
        Source = XfrmAddress.Of(IpAddress.Parse("192.0.2.1")),
        Spi = new Spi(0x12345678),
        Family = XfrmFamily.Ipv4,
        Mode = XfrmMode.Tunnel,
        RequestId = 7,
        Flags = XfrmStateFlags.Esn | XfrmStateFlags.NoEcn,
        ExtraFlags = XfrmExtraFlags.DontEncapDscp,
        Encryption = new XfrmAlgorithm("cbc(aes)", ByteString.Adopt(new byte[16])),
        Integrity = new XfrmAlgorithm("hmac(sha256)", ByteString.Adopt(new byte[32]), 128),
        Encapsulation = new XfrmEncapsulation(XfrmEncapsulation.EspInUdp, 4500, 4501, default),
        ReplayEsn = new XfrmReplayEsn(5, 70, 1, 2, 96, [1, 2, 4]),
        Mark = new XfrmMark(3, 0xff),
        OutputMark = new XfrmMark(9, 0xf),
        InterfaceId = 4,
        TfcPadBytes = 100,
        Limits = XfrmLimits.None with { SoftPackets = 10, HardBytes = 1 << 20 },
        Use = new XfrmUse(1000, 3, 1_700_000_000, 1_700_000_001),
    };

    private static void Prepare()
    {
        try
        {
            if (Target is not LinuxTarget)
            {
                Assert.Ignore("the target is no Linux kernel");
            }
        }
        catch (TargetUnavailableException unavailable)
        {
            Assert.Ignore(unavailable.Message);
        }

        Target.Reset();
    }

    private static int EachWorld(Func<XfrmWorld, int> count)
    {
        Prepare();
        int seen = 0;
        foreach (XfrmWorld world in XfrmWorlds.Any.Generator.Sample(Worlds))
        {
            Target.Reset();
            Target.ExecuteAll([.. world.Requests.Select(r => new Command.Xfrm(r))]);
            seen += count(world);
        }

        return seen;
    }

    private static int Rewritten(XfrmRequest dump)
    {
        ByteString answer = ((LinuxTarget)Target).Netlink(XfrmRequestWriter.Write(dump));
        Assert.That(NetlinkMessage.TryParseAll(answer, out ImmutableArray<NetlinkMessage> messages, out ParseError error), Is.True, error.ToString());
        NetlinkMessage[] entries = [.. messages.Where(m => !NetlinkStatus.IsEnd(m))];
        foreach (NetlinkMessage entry in entries)
        {
            Assert.That(XfrmReportParser.TryParse(entry, out XfrmReport? report, out error), Is.True, error.ToString());
            Assert.That(XfrmReportWriter.Write(report!).Body, Is.EqualTo(entry.Body), report!.ToString());
        }

        return entries.Length;
    }
}
