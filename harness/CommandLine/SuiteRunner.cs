using System.Diagnostics;
using Conformance.Harness.Processes;
using Conformance.Harness.Reporting;
using Conformance.Harness.Running;
using Conformance.Harness.Targets;
using Spectre.Console;

namespace Conformance.Harness.CommandLine;

/// <summary>Runs the suite in a process of its own and follows its journal.</summary>
internal static class SuiteRunner
{
    private const string TestAssembly = "Conformance.Tests";

    /// <summary>What the test platform ends with when its filter leaves nothing.</summary>
    private const int NoTests = 8;

    private const string OutputLog = "suite.log";
    private const string ErrorLog = "suite.err";
    private static readonly TimeSpan JournalPoll = TimeSpan.FromMilliseconds(50);

    public static int Run(TargetSpec spec, string? filter, string seedText, string? directory)
    {
        ulong seed;
        try
        {
            seed = ConformanceRun.ParseSeed(seedText) ?? throw new FormatException("the seed is empty");
        }
        catch (FormatException error)
        {
            throw new BadInputException($"--seed: {error.Message}", error);
        }

        // What cannot be started at all is told once, and not by every test.
        TargetCatalogue.Require(spec);
        TargetCatalogue.Open(spec).Dispose();
        string root = Checkout.Root ?? throw new BadInputException("run works in a checkout: Conformance.sln was not found above the program");
        string run = PrepareDirectory(directory, spec);
        string executable = Build(root);
        Stopwatch watch = Stopwatch.StartNew();
        List<TestVerdict> verdicts = [];
        int exit = Follow(executable, spec, filter, seed, run, verdicts);
        if (exit == NoTests && verdicts.Count == 0)
        {
            throw new BadInputException($"--filter: no test, suite or requirement contains «{filter}»");
        }

        return SuiteReport.Print(verdicts, exit, run, watch.Elapsed);
    }

    private static string PrepareDirectory(string? directory, TargetSpec spec)
    {
        string run = directory ?? Path.Combine(Checkout.ArtifactsDirectory, "runs", $"{spec.Name}-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}");
        try
        {
            Directory.CreateDirectory(run);
            string probe = Path.Combine(run, $".{Guid.NewGuid():N}");
            File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--out: «{run}» is no directory that can be written: {error.Message}", error);
        }

        // Nothing of an earlier run is written over or mixed with this one.
        if (new[] { Journal.FileName, FindingStore.DirectoryName, OutputLog, ErrorLog }.FirstOrDefault(name => Path.Exists(Path.Combine(run, name))) is { } earlier)
        {
            throw new BadInputException($"--out: {run} already holds the {earlier} of another run");
        }

        return Path.GetFullPath(run);
    }

    private static string Build(string root)
    {
        string configuration = AppContext.BaseDirectory.TrimEnd('/').EndsWith("release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";
        string executable = Path.Combine(root, "artifacts", "bin", TestAssembly, configuration.ToLowerInvariant(), TestAssembly);
        ProcessStartInfo start = new("dotnet") { WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[] { "build", "tests", "-c", configuration, "-v", "q", "--nologo" })
        {
            start.ArgumentList.Add(argument);
        }

        using Process build = Process.Start(start) ?? throw new InvalidOperationException("dotnet build did not start");
        Task<string> errors = build.StandardError.ReadToEndAsync();
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        return build.ExitCode == 0
            ? executable
            : throw new BadInputException($"the suite does not build:\n{output}{errors.Result}");
    }

    private static int Follow(string executable, TargetSpec spec, string? filter, ulong seed, string run, List<TestVerdict> verdicts)
    {
        ProcessStartInfo start = new(executable) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add("--filter");
        start.ArgumentList.Add(FilterExpression(filter));
        start.ArgumentList.Add("--no-progress");
        foreach ((string name, string value) in spec.Environment)
        {
            start.Environment[name] = value;
        }

        YoungGeneration.Widen(start);
        start.Environment["PWD"] = Environment.CurrentDirectory;
        start.Environment[ConformanceRun.SeedVariable] = seed.ToString();
        start.Environment[ConformanceRun.DirectoryVariable] = run;
        using GuardedProcess guarded = Reaper.Current.Start(start);
        Process suite = guarded.Process;
        Task log = Task.WhenAll(
            CopyAsync(suite.StandardOutput, Path.Combine(run, OutputLog)),
            CopyAsync(suite.StandardError, Path.Combine(run, ErrorLog)));
        using JournalFollower journal = new(Path.Combine(run, Journal.FileName));
        AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).Start(progress =>
        {
            ProgressTask bar = progress.AddTask("starting", maxValue: 1);
            bar.IsIndeterminate = true;
            bool ended;
            do
            {
                ended = suite.WaitForExit(JournalPoll);
                foreach (string line in journal.ReadNewLines())
                {
                    if (Journal.TryReadVerdict(line, out TestVerdict? verdict))
                    {
                        verdicts.Add(verdict);
                        bar.Value = verdicts.Count;
                        bar.Description = Markup.Escape($"{verdicts.Count} judged, {verdicts.Count(SuiteReport.Failed)} failed");
                    }
                    else if (Journal.TryReadPlan(line) is { } planned)
                    {
                        AnsiConsole.MarkupLineInterpolated($"[bold]{spec.ToString()}[/]  seed {seed}  journal {Path.Combine(run, Journal.FileName)}");
                        bar.IsIndeterminate = false;
                        bar.MaxValue = planned;
                    }
                }
            }
            while (!ended);
            bar.MaxValue = Math.Max(1, verdicts.Count);
            bar.Value = bar.MaxValue;
        });
        log.Wait();
        return suite.ExitCode;
    }

    private static string FilterExpression(string? filter)
    {
        const string Conformance = "TestCategory=Conformance";
        if (string.IsNullOrEmpty(filter))
        {
            return Conformance;
        }

        string escaped = filter;
        foreach (char special in "\\()&|=!~")
        {
            escaped = escaped.Replace(special.ToString(), $"\\{special}");
        }

        return $"{Conformance}&(FullyQualifiedName~{escaped}|Requirement~{escaped})";
    }

    private static async Task CopyAsync(StreamReader from, string path)
    {
        await using StreamWriter to = new(path);
        while (await from.ReadLineAsync() is { } line)
        {
            await to.WriteLineAsync(line);
        }
    }
}
