using System.Diagnostics;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Targets;

namespace Conformance.Benchmarks;

/// <summary>Oracle-checked stimuli per second: sealed by the tester, received by the target, judged by the model.</summary>
internal static class StimuliRate
{
    private const int Burst = 256;
    private const int BurstsPerSession = 16;
    private const int Runs = 5;
    private static readonly TimeSpan RunLength = TimeSpan.FromSeconds(1);

    /// <summary>Measures a target; prints the median of the runs with their range.</summary>
    public static int Run(TargetSpec spec)
    {
        using ITarget target = TargetCatalogue.Open(spec);
        Measure(target);
        Sample[] samples = [.. Enumerable.Range(0, Runs).Select(_ => Measure(target)).OrderBy(sample => sample.PerSecond)];
        Sample median = samples[Runs / 2];
        Console.WriteLine($"{target.Identity}: {median.PerSecond:N0} stimuli/s (median of {Runs}, {samples[0].PerSecond:N0} to {samples[^1].PerSecond:N0}), AES-GCM-16, tunnel, 64-byte payload, bursts of {Burst}");
        Console.WriteLine($"{samples.Max(sample => sample.PerProcessorSecond):N0} a second of the tester's processor time at best, {median.AllocatedBytes} bytes allocated for each");
        return 0;
    }

    // Sessions are as long as those of a property test, and are made anew as there.
    private static Sample Measure(ITarget target)
    {
        long judged = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan busyBefore = Environment.CpuUsage.TotalTime;
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.Elapsed < RunLength)
        {
            using EspSession session = EspSession.Start(target, new EspScenario(), seed: 1);
            ulong sequence = 0;
            for (int burst = 0; burst < BurstsPerSession; burst++)
            {
                SealedPacket[] packets = new SealedPacket[Burst];
                for (int i = 0; i < Burst; i++)
                {
                    packets[i] = session.Peer.Seal(++sequence, payloadBytes: 64);
                }

                session.ExpectAllAsModel(packets);
                judged += Burst;
            }
        }

        return new Sample(
            judged / watch.Elapsed.TotalSeconds,
            judged / (Environment.CpuUsage.TotalTime - busyBefore).TotalSeconds,
            (GC.GetAllocatedBytesForCurrentThread() - before) / judged);
    }

    // On a busy machine the rate by processor time is nearer to that of a quiet one.
    private readonly record struct Sample(double PerSecond, double PerProcessorSecond, long AllocatedBytes);
}
