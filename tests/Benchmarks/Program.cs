using System.Diagnostics;
using BenchmarkDotNet.Running;
using Conformance.Benchmarks;
using Conformance.Harness.Processes;
using Conformance.Harness.Targets;

// The setting that `run` gives its suite is read by the runtime before the first line of a program.
if (args is ["stimuli"] && Environment.GetEnvironmentVariable(YoungGeneration.Variable) is null)
{
    ProcessStartInfo again = new(Environment.ProcessPath!, args);
    YoungGeneration.Widen(again);
    using Process process = Process.Start(again)!;
    process.WaitForExit();
    return process.ExitCode;
}

switch (args)
{
    case ["ratio"]:
        QuickRatio.Run(TransformRatios.Lines());
        return 0;
    case ["stimuli"]:
        return StimuliRate.Run(TargetSpec.FromEnvironment());
    case ["offload"]:
        return OffloadRate.Run();
    case ["ike"]:
        return IkeMessageRate.Run();
    case ["policies"]:
        return PolicyLookupRate.Run();
    default:
        BenchmarkSwitcher.FromAssembly(typeof(QuickRatio).Assembly).Run(args);
        return 0;
}
