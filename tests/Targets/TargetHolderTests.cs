using System.Diagnostics;
using Conformance.Harness.Contract;
using Conformance.Harness.Reporting;
using Conformance.Harness.Running;
using Conformance.Harness.Targets;
using Conformance.Harness.Targets.Reference;
using NUnit.Framework;

namespace Conformance.Tests.Targets;

/// <summary>A target that breaks is started anew; one that does not come back fails the rest of the run and loses no verdict.</summary>
public class TargetHolderTests
{
    private int _starts;
    private bool _startable = true;

    [SetUp]
    public void Forget() => (_starts, _startable) = (0, true);

    [Test]
    public void NeverStarted_IsTriedOnce()
    {
        _startable = false;
        using TargetHolder holder = new(Open);
        Assert.Throws<TargetUnavailableException>(() => _ = holder.Target);
        Assert.Throws<TargetUnavailableException>(() => _ = holder.Target);
        Assert.That((_starts, holder.Identity), Is.EqualTo((1, (TargetIdentity?)null)));
    }

    [Test]
    public void BrokenAndNotComingBack_IsTriedThreeTimesAndKeepsItsIdentity()
    {
        using TargetHolder holder = new(Open);
        ITarget first = holder.Target;
        Assert.That(holder.Target, Is.SameAs(first));
        holder.Restart();
        _startable = false;
        Assert.That(Enumerable.Range(0, 9).Select(use => Refusal(holder)), Has.All.EqualTo("not today"));
        Assert.That((_starts, holder.Identity?.Name), Is.EqualTo((4, "reference")));
    }

    [Test]
    public void ComingBackLate_GoesOn()
    {
        using TargetHolder holder = new(Open);
        ITarget first = holder.Target;
        holder.Restart();
        _startable = false;
        Assert.Throws<TargetUnavailableException>(() => _ = holder.Target);
        _startable = true;
        Assert.That(holder.Target, Is.Not.SameAs(first));
    }

    [Test]
    public void RunWhoseTargetDoesNotComeBack_JudgesEveryTestAndFails()
    {
        string directory = Directory.CreateTempSubdirectory("ipsec-broken-").FullName;
        string script = Path.Combine(directory, "shim.sh");
        string greeting = "{\"name\":\"test\",\"version\":\"1\",\"capabilities\":[\"EspInbound\",\"TunnelMode\"]}";
        File.WriteAllText(script, $"[ -e {directory}/started ] && exit 1\n: > {directory}/started\nread line; echo '{greeting}'; read line; exit 9\n");
        ProcessStartInfo start = new(Environment.ProcessPath!, ["--filter", "TestCategory=Conformance&FullyQualifiedName~Esp.IntegrityTests", "--progress", "off"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string variable, string value) in new TargetSpec("shim", Command: $"/bin/sh {script}").Environment)
        {
            start.Environment[variable] = value;
        }

        start.Environment[ConformanceRun.DirectoryVariable] = Path.Combine(directory, "run");
        using Process run = Process.Start(start)!;
        Task<string> errors = run.StandardError.ReadToEndAsync();
        string output = run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        string[] lines = File.ReadAllLines(Path.Combine(directory, "run", Journal.FileName));
        Verdict[] judged = [.. Journal.ReadVerdicts(lines).Select(v => v.Verdict).Where(v => v != Verdict.Unsupported)];
        Directory.Delete(directory, recursive: true);

        Assert.That(run.ExitCode, Is.Not.Zero, errors.Result);
        Assert.That(judged.Length, Is.GreaterThan(1), output);
        Assert.That(judged[0], Is.EqualTo(Verdict.Fail));
        Assert.That(judged.Skip(1), Has.All.EqualTo(Verdict.NotObserved));
        Assert.That(output, Does.Contain($"total: {Journal.ReadVerdicts(lines).Count()}"));
    }

    private static string Refusal(TargetHolder holder) => Assert.Throws<TargetUnavailableException>(() => _ = holder.Target)!.Message;

    private ReferenceStack Open()
    {
        _starts++;
        return _startable ? new ReferenceStack() : throw new TargetUnavailableException("not today");
    }
}
