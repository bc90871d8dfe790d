using System.Diagnostics;
using Conformance.Harness.Running;
using Conformance.Harness.Targets;
using Conformance.Harness.Targets.Linux;
using NUnit.Framework;

namespace Conformance.Tests.Targets;

/// <summary>A run that is killed leaves no process and no folder behind.</summary>
public class KilledRunTests
{
    private const string TokenVariable = "IPSEC_CONFORMANCE_TOKEN";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [TestCase(300)]
    [TestCase(900)]
    [TestCase(2500)]
    public void KilledAtAnyMoment_NothingIsLeft(int milliseconds)
    {
        if (!File.Exists(UmlKernel.DebianPath) || AgentBinary.Missing() is not null)
        {
            Assert.Ignore("Unsupported: apt-get install user-mode-linux gcc libc6-dev zlib1g-dev");
        }

        AgentBinary.Locate();
        string directory = Path.Combine(Path.GetTempPath(), $"ipsec-killed-{Guid.NewGuid():N}");
        ProcessStartInfo start = new(Environment.ProcessPath!, ["--filter", "TestCategory=Conformance", "--progress", "off"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string variable, string value) in new TargetSpec("linux").Environment)
        {
            start.Environment[variable] = value;
        }

        start.Environment[ConformanceRun.DirectoryVariable] = directory;

        // A mark of our own, which every process of that run inherits.
        string mark = $"IPSEC_TEST_MARK={Guid.NewGuid():N}";
        start.Environment[mark.Split('=')[0]] = mark.Split('=')[1];
        start.Environment.Remove(TokenVariable);
        string pattern;
        using (Process run = Process.Start(start)!)
        {
            pattern = $"ipsec-conformance-{run.Id}-*";
            run.WaitForExit(milliseconds);
            run.Kill();
            run.WaitForExit();
        }

        string[] Folders() => Directory.GetDirectories("/dev/shm", pattern);
        Stopwatch watch = Stopwatch.StartNew();
        while (Marked(mark).Length + Folders().Length > 0 && watch.Elapsed < Patience)
        {
            Thread.Yield();
        }

        Assert.That(Marked(mark), Is.Empty);
        Assert.That(Folders(), Is.Empty);
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string[] Marked(string mark) => [.. Directory.GetDirectories("/proc").Where(p => HasMark(p, mark)).Select(p => $"{p}: {ReadOrEmpty(Path.Combine(p, "cmdline"))}")];

    private static bool HasMark(string process, string mark) =>
        char.IsDigit(process[^1]) && ReadOrEmpty(Path.Combine(process, "environ")).Split('\0').Contains(mark);

    // A process may end while it is looked at.
    private static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
