using System.Text.Json.Nodes;
using Conformance.Harness.CommandLine;
using Conformance.Harness.Running;
using NUnit.Framework;

namespace Conformance.Tests.CommandLine;

/// <summary>Whatever a user gives that cannot be used is told in one line that says what and where, with exit code 2.</summary>
[NonParallelizable]
public class BadInputTests
{
    private static readonly string PolicySample = Path.Combine(Checkout.Root!, "vectors/captures/linux/ipv4-on-an-sa-for-ipv6/finding.json");
    private static readonly string Sample = Path.Combine(Checkout.Root!, "vectors/captures/linux/first-packet-accepted-twice/finding.json");
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("ipsec-badinput-").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(_directory, recursive: true);

    [TestCase("", "command")]
    [TestCase("bogus", "command")]
    [TestCase("run --bogus", "--bogus")]
    [TestCase("targets x", "'x'")]
    [TestCase("mutants x", "'x'")]
    [TestCase("explain nope", "«nope»")]
    [TestCase("explain RFC4303-3.4.3-09 x", "'x'")]
    [TestCase("serve --mutant nope", "--mutant: there is no mutant «nope»")]
    [TestCase("run --target nope", "--target: there is no target «nope»")]
    [TestCase("run --mutant nope", "--mutant: there is no mutant «nope»")]
    [TestCase("run --seed abc", "--seed: seed «abc»")]
    [TestCase("run --seed -1", "--seed: seed «-1»")]
    [TestCase("run --seed 0x", "--seed: seed «0x»")]
    [TestCase("run --seed 99999999999999999999", "--seed: seed «99999999999999999999»")]
    [TestCase("run --kernel /nope", "--kernel is for --target linux")]
    [TestCase("run --target linux --kernel /nope", "--kernel: «/nope» is not there")]
    [TestCase("run --target linux --kernel /etc", "--kernel: «/etc» is a directory")]
    [TestCase("run --target linux --kernel /etc/passwd", "--kernel: «/etc/passwd» is not executable")]
    [TestCase("run --target linux --kernel /bin/ls", "--kernel: «/bin/ls» is no User-mode Linux build")]
    [TestCase("run --mutant left-edge", "but left-edge-off-by-one")]
    [TestCase("trace --spd /nope --packet udp", "/nope: there is no such file")]
    [TestCase("trace --spd /etc --packet udp", "/etc: it is a directory")]
    [TestCase("run --target linux --mutant left-edge-off-by-one", "--mutant is for --target reference")]
    [TestCase("run --target shim", "--command")]
    [TestCase("run --target shim --command /nope/program", "--command: there is no program «/nope/program»")]
    [TestCase("run --deviations /nope", "/nope: there is no such file")]
    [TestCase("run --deviations /etc", "/etc: is a directory")]
    [TestCase("run --out /proc/nope", "--out: «/proc/nope»")]
    [TestCase("run --out /etc/passwd", "--out: «/etc/passwd»")]
    [TestCase("replay /nope", "/nope: there is no such file")]
    [TestCase("replay /etc", "/etc/finding.json: there is no such file")]
    public void Line_IsRefused(string line, string named) => Refused(named, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [TestCase("run", "--deviations")]
    [TestCase("run", "--seed")]
    [TestCase("run", "--out")]
    [TestCase("run", "--target")]
    public void EmptyOption_IsRefused(string verb, string option) => Refused("", verb, option, "");

    [Test]
    public void EmptyCommandOfShim_IsRefused() => Refused("--command", "run", "--target", "shim", "--command", " ");

    [TestCase("{\"x\":", "line 1")]
    [TestCase("", "line 1")]
    [TestCase("null", "holds null")]
    [TestCase("{}", "a value of another kind")]
    [TestCase("[null]", "entry 1")]
    [TestCase("[{\"nonsense\":1}]", "entry 1")]
    [TestCase("[{\"test\":\"(\",\"requirement\":\".*\",\"reason\":\"x\"}]", "entry 1: no regular expression")]
    [TestCase("[{\"test\":1,\"requirement\":\".*\",\"reason\":\"x\"}]", "$[0].test")]
    public void DeviationsFile_IsRefused(string content, string named) => Refused(named, "run", "--deviations", Write("deviations.json", content));

    [TestCase("{\"x\":", "line 1")]
    [TestCase("", "line 1")]
    [TestCase("null", "holds null")]
    [TestCase("{}", "lacks 'requirement'")]
    [TestCase("[]", "a value of another kind")]
    public void FindingThatIsNone_IsRefused(string content, string named) => Refused(named, "replay", Write("finding.json", content));

    [TestCase("steps", "null", "$.steps")]
    [TestCase("steps", "[]", "a finding has steps")]
    [TestCase("steps", "[null]", "a finding has steps")]
    [TestCase("spec", "null", "$.spec")]
    [TestCase("scenario", "null", "what filled the databases")]
    [TestCase("seed", "-1", "$.seed")]
    [TestCase("spec.name", "\"nope\"", "there is no target «nope»")]
    [TestCase("scenario.suite", "\"NOPE\"", "scenario.suite")]
    [TestCase("scenario.suite", "null", "$.scenario.suite")]
    [TestCase("scenario.mode", "77", "$.scenario.mode")]
    [TestCase("scenario.mode", "\"sideways\"", "$.scenario.mode")]
    [TestCase("scenario.replayWindowPackets", "-5", "scenario.replayWindowPackets")]
    [TestCase("scenario.replayWindowPackets", "999999", "scenario.replayWindowPackets")]
    [TestCase("scenario.tfcPayloadBytes", "-7", "scenario.tfcPayloadBytes")]
    [TestCase("scenario.inboundLifetime", "null", "$.scenario.inboundLifetime")]
    [TestCase("steps.0.stimulus", "\"fromMoon\"", "step 1 has an unknown stimulus «fromMoon»")]
    [TestCase("steps.0.packet", "\"4x\"", "step 1: the packet is no hex")]
    [TestCase("steps.0.packet", "null", "step 1 has no packet")]
    [TestCase("steps.0", "{\"number\":1,\"stimulus\":\"advanceClock\",\"seconds\":1e300}", "step 1 advances the clock")]
    [TestCase("steps.0", "{\"number\":1,\"stimulus\":\"advanceClock\"}", "step 1 advances the clock")]
    public void FindingWithOneFault_IsRefused(string place, string value, string named)
    {
        string file = WithOneFault(Sample, place, value);
        Refused(named, place.StartsWith("spec", StringComparison.Ordinal) ? ["replay", file] : ["replay", file, "--target", "reference"]);
    }

    private string WithOneFault(string sample, string place, string value)
    {
        JsonNode finding = JsonNode.Parse(File.ReadAllText(sample))!;
        string[] path = place.Split('.');
        JsonNode parent = path.SkipLast(1).Aggregate(finding, (at, name) => int.TryParse(name, out int index) ? at[index]! : at[name]!);
        if (parent is JsonArray array)
        {
            array[int.Parse(path[^1])] = JsonNode.Parse(value);
        }
        else
        {
            parent[path[^1]] = JsonNode.Parse(value);
        }

        return Write("finding.json", finding.ToJsonString());
    }

    [TestCase("policy.entries.0.action", "\"jump\"", "policy.entries[0]: there is no action «jump»")]
    [TestCase("policy.entries.0.steps", "[]", "policy.entries[0]: PROTECT without a step")]
    [TestCase("policy.entries.1.steps.0.tunnelLocal", "\"nowhere\"", "policy.entries[1]: steps[0]")]
    [TestCase("policy.entries.1.selectors.0.local", "\"198.51.100.0/99\"", "policy.entries[1]: selectors[0]")]
    [TestCase("policy.pairs.0.entry", "9", "policy.pairs[0]: there is no entry 9")]
    [TestCase("policy.pairs.0.suite", "\"NOPE\"", "policy.pairs[0]: suite")]
    [TestCase("policy.pairs.0.selectors.0.upper", "\"ports\"", "policy.pairs[0]: selectors[0]: «ports» asks for a protocol")]
    public void FindingAboutPolicyWithOneFault_IsRefused(string place, string value, string named) =>
        Refused(named, "replay", WithOneFault(PolicySample, place, value), "--target", "reference");

    [Test]
    public void FindingAboutPolicyWithoutFault_IsReplayed() =>
        Assert.That(Captured("replay", PolicySample, "--target", "reference"), Is.EqualTo((Cli.ExitGood, "")));

    [Test]
    public void FindingWithoutFault_IsReplayed() =>
        Assert.That(Captured("replay", Sample, "--target", "reference"), Is.EqualTo((Cli.ExitGood, "")));

    [TestCase("journal.jsonl")]
    [TestCase("suite.log")]
    [TestCase("findings/0001-RFC4303-2-01/finding.json")]
    public void DirectoryOfAnEarlierRun_IsRefusedAndStaysAsItIs(string earlier)
    {
        string file = Path.Combine(_directory, earlier);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "kept");
        Refused("of another run", "run", "--out", _directory);
        Assert.That(File.ReadAllText(file), Is.EqualTo("kept"));
        Assert.That(Directory.GetFileSystemEntries(_directory, "*", SearchOption.AllDirectories).Where(File.Exists), Has.Exactly(1).Items);
    }

    private static void Refused(string named, params string[] arguments)
    {
        (int exit, string errors) = Captured(arguments);
        Assert.That(exit, Is.EqualTo(Cli.ExitBadInput), errors);
        Assert.That(errors, Does.StartWith("ipsec-conformance: ").And.Contain(named));
        Assert.That(errors.TrimEnd('\n'), Does.Not.Contain('\n'));
    }

    private static (int Exit, string Errors) Captured(params string[] arguments)
    {
        (TextWriter output, TextWriter errors) = (Console.Out, Console.Error);
        using StringWriter captured = new();
        try
        {
            Console.SetOut(TextWriter.Null);
            Console.SetError(captured);
            return (Cli.Run(arguments), captured.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
        }
    }

    private string Write(string name, string content)
    {
        string file = Path.Combine(_directory, name);
        File.WriteAllText(file, content);
        return file;
    }
}
