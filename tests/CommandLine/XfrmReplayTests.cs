using System.Text.Json.Nodes;
using Conformance.Generators.Xfrm;
using Conformance.Harness.CommandLine;
using Conformance.Harness.Oracle;
using Conformance.Harness.Oracle.Xfrm;
using Conformance.Harness.Reporting;
using Conformance.Harness.Targets;
using Conformance.Harness.Targets.Reference;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using NUnit.Framework;

namespace Conformance.Tests.CommandLine;

/// <summary>A finding about databases of Linux's form is stored with what filled them, and shows the same again.</summary>
[NonParallelizable]
public class XfrmReplayTests
{
    private const string Fault = "block-passes";
    private const int Seed = 17;
    private static readonly string Directory = Path.Combine(Path.GetTempPath(), $"xfrm-replay-{Environment.ProcessId}");

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
    public void StoredFinding_ShowsTheSameOnTheTargetThatBrokeAndNothingOnOneThatDidNot()
    {
        TargetSpec broken = new(TargetSpec.DefaultName, Mutant: Fault);
        (string directory, Finding finding) = Found(broken);
        Assert.That(finding.Requirement, Is.EqualTo("XFRM-policy-04"));
        Assert.That(finding.Again(directory), Does.Contain("replay"));
        Assert.That(Captured(directory, null, out string same), Is.EqualTo(Cli.ExitFailed), same);
        string difference = finding.Message.Split('\n').First(line => line.Contains("differs", StringComparison.Ordinal));
        Assert.That(same, Does.Contain(difference).And.Contain("reproduced"));
        Assert.That(Captured(directory, new TargetSpec(TargetSpec.DefaultName), out string right), Is.EqualTo(Cli.ExitGood), right);
    }

    // Whatever random worlds are made of survives the file.
    [Test]
    public void RequestsOfRandomWorlds_ReadBackAsWritten()
    {
        Random random = new(Seed);
        XfrmFeatures all = Enum.GetValues<XfrmFeatures>().Aggregate((one, other) => one | other);
        for (int i = 0; i < 200; i++)
        {
            foreach (XfrmRequest request in XfrmWorlds.Draw(random, all).Requests)
            {
                JsonObject stored = (JsonObject)JsonNode.Parse(XfrmDocument.From(request).ToJsonString())!;
                Assert.That(XfrmDocument.ToRequest(stored), Is.EqualTo(request));
            }
        }
    }

    [TestCase("{}", "addPolicy")]
    [TestCase("{\"launch\":{}}", "addPolicy")]
    [TestCase("{\"addPolicy\":{}}", "addPolicy")]
    [TestCase("{\"addPolicy\":null}", "null")]
    [TestCase("{\"flushStates\":{\"protocol\":\"esp\"}}", "protocol")]
    public void RequestThatMakesNoSense_SaysWhy(string json, string why) => Assert.That(
        Assert.Throws<FormatException>(() => XfrmDocument.ToRequest((JsonObject)JsonNode.Parse(json)!))!.Message, Does.Contain(why));

    private static (string Directory, Finding Finding) Found(TargetSpec spec)
    {
        using ReferenceStack target = new(MutantCatalogue.Find(spec.Mutant!));
        using XfrmSession session = XfrmSession.Start(target, Seed);
        Random random = new(Seed);
        XfrmWorld Draw() => XfrmWorlds.Draw(random, session.Features);
        while (true)
        {
            XfrmWorld world = Draw();
            try
            {
                session.Judge(world);
            }
            catch (ConformanceException)
            {
                ConformanceException failure = XfrmDiagnosis.Diagnose(session, world, Draw);
                Finding finding = Finding.From(failure, session, spec, Seed, failure.RequirementId!, "RandomDatabaseTests.RandomDatabases");
                return (FindingStore.Write(Directory, 1, finding, session), finding);
            }
        }
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
