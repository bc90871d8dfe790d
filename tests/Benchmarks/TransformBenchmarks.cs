using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;

namespace Conformance.Benchmarks;

/// <summary>Seal and open per transform against the bare primitive.</summary>
[Config(typeof(WholeNames))]
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class TransformBenchmarks
{
    private TransformWork work = null!;

    private sealed class WholeNames : ManualConfig
    {
        public WholeNames() => SummaryStyle = SummaryStyle.Default.WithMaxParameterColumnWidth(60);
    }

    /// <summary>Suites to measure.</summary>
    public static IEnumerable<string> SuiteNames => TransformWork.SuiteNames;

    /// <summary>The suite, as it prints itself.</summary>
    [ParamsSource(nameof(SuiteNames))]
    public string Suite { get; set; } = "";

    /// <summary>Payload in front of the trailer, in bytes.</summary>
    [Params(64, 1400)]
    public int PayloadBytes { get; set; }

    /// <summary>Keys the suite.</summary>
    [GlobalSetup]
    public void Setup() => work = TransformWork.For(Suite, PayloadBytes);

    /// <summary>Releases keys.</summary>
    [GlobalCleanup]
    public void Cleanup() => work.Dispose();

    /// <summary>The primitive encrypts.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("Seal")]
    public void BareSeal() => work.BareSeal();

    /// <summary>A packet is sealed.</summary>
    [Benchmark, BenchmarkCategory("Seal")]
    public void Seal() => work.Seal();

    /// <summary>The primitive verifies and decrypts.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("Open")]
    public void BareOpen() => work.BareOpen();

    /// <summary>A packet is opened.</summary>
    [Benchmark, BenchmarkCategory("Open")]
    public void Open() => work.Open();
}
