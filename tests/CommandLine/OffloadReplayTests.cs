using Conformance.Generators.Offload;
using Conformance.Harness.CommandLine;
using Conformance.Harness.Oracle;
using Conformance.Harness.Reporting;
using Conformance.Harness.Targets;
using Conformance.Harness.Targets.Reference;
using NUnit.Framework;

namespace Conformance.Tests.CommandLine;

/// <summary>A finding about super-packets or bursts names the step that failed, is stored with what travelled beside the packets, and shows the same again.</summary>
[NonParallelizable]
public class OffloadReplayTests
{
    private const ulong Seed = 17;
    private static readonly BurstItem Usual = new();
    private static readonly string Directory = Path.Combine(Path.GetTempPath(), $"offload-replay-{Environment.ProcessId}");

    /// <summary>Removes the findings.</summary>
    [OneTimeTearDown]
    public void Remove()
    {
        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    [Test]
    public void SuperPacket_PlayedAgain() => Shows("cwr-on-every-segment", "OFFLOAD-seg-04", "step 2/2", session =>
    {
        session.ExpectCut(new SuperPacket { PayloadBytes = 300 });
        session.ExpectCut(new SuperPacket { PayloadBytes = 300, Control = Spec.Wire.TcpControl.Ack | Spec.Wire.TcpControl.Cwr });
    });

    [Test]
    public void BurstWithAGap_TheStepBehindTheGapIsNamed() => Shows("merge-across-a-gap", "OFFLOAD-gro-02", "step 5/7", session =>
    {
        session.ExpectHanded(new Burst([Usual, Usual]));
        session.ExpectHanded(new Burst([Usual, Usual, Usual with { GapBytes = 100 }, Usual, Usual]));
    });

    [Test]
    public void BurstOverTwoSas_PlayedAgainWithBoth() => Shows("merge-of-different-ttl", "OFFLOAD-gro-04", "step 7/7", session =>
    {
        BurstItem successor = Usual with { Carrier = BurstCarrier.Successor };
        session.ExpectHanded(new Burst([Usual, successor, Usual, successor]));
        session.ExpectHanded(new Burst([successor, successor, successor with { HopLimit = 63 }]));
    });

    [Test]
    public void PacketOfAnotherPeer_PlayedAgainWithItsSa() => Shows("policy-asked-once-for-a-merge", "OFFLOAD-gro-07", "step 4/5", session =>
    {
        BurstItem foreign = Usual with { Carrier = BurstCarrier.OtherPeer };
        session.ExpectHanded(new Burst([foreign]));
        session.ExpectHanded(new Burst([Usual, Usual, foreign, Usual]));
    });

    private static void Shows(string mutant, string requirement, string where, Action<EspSession> conversation)
    {
        TargetSpec broken = new(TargetSpec.DefaultName, Mutant: mutant);
        using ReferenceStack target = new(MutantCatalogue.Find(mutant), offloads: true);
        using EspSession session = EspSession.Start(target, new EspScenario(), Seed);
        ConformanceException failure = Assert.Throws<ConformanceException>(() => conversation(session))!;
        Assert.That(failure.RequirementId, Is.EqualTo(requirement));
        Assert.That(failure.Message, Does.Contain(where));
        string[] lines = failure.Message.Split('\n');
        string Behind(string word) => Array.Find(lines, line => line.StartsWith(word, StringComparison.Ordinal))![word.Length..].Trim();
        Assert.That(Behind("observed"), Is.Not.EqualTo(Behind("expected")));

        Finding finding = Finding.From(failure, session, broken, Seed, requirement, "CoalescingTests.AnyBurst");
        string directory = FindingStore.Write(Path.Combine(Directory, mutant), 1, finding, session);
        Assert.That(finding.Again(directory), Does.Contain("replay"));
        Assert.That(Captured(directory, null, out string same), Is.EqualTo(Cli.ExitFailed), same);
        Assert.That(same, Does.Contain(failure.Message).And.Contain("reproduced"));
        Assert.That(Captured(directory, new TargetSpec(TargetSpec.DefaultName), out string right), Is.EqualTo(Cli.ExitGood), right);
    }

    private static int Captured(string directory, TargetSpec? other, out string output)
    {
        TextWriter console = Console.Out;
        using StringWriter writer = new();
        Console.SetOut(writer);
        try
        {
            return FindingReplay.Run(directory, other);
        }
        finally
        {
            Console.SetOut(console);
            output = writer.ToString();
        }
    }
}
