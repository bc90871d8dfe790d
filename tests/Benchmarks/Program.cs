using BenchmarkDotNet.Running;
using Conformance.Benchmarks;

if (args is ["ratio"])
    QuickRatio.Run(TransformRatios.Lines());
else
    BenchmarkSwitcher.FromAssembly(typeof(QuickRatio).Assembly).Run(args);
