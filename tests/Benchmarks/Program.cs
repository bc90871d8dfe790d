using BenchmarkDotNet.Running;
using Conformance.Benchmarks;
using Conformance.Harness.Targets;

switch (args)
{
    case ["ratio"]:
        QuickRatio.Run(TransformRatios.Lines());
        return 0;
    case ["stimuli"]:
        return StimuliRate.Run(TargetSpec.FromEnvironment());
    case ["policies"]:
        return PolicyLookupRate.Run();
    default:
        BenchmarkSwitcher.FromAssembly(typeof(QuickRatio).Assembly).Run(args);
        return 0;
}
