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

    /// <summary>Measures a target; prints each run and the median.</summary>
    public static int Run(TargetSpec spec)
    {
        using ITarget target = TargetCatalogue.Open(spec);
        double[] rates = new double[Runs];
        Measure(target);
        for (int i = 0; i < Runs; i++)
        {
            rates[i] = Measure(target);
        }

        Array.Sort(rates);
        Console.WriteLine($"{target.Identity}: {rates[Runs / 2]:N0} stimuli/s (median of {Runs}, {rates[0]:N0} to {rates[^1]:N0}), AES-GCM-16, tunnel, 64-byte payload, bursts of {Burst}");
        return 0;
    }

    // Sessions are as long as those of a property test, and are made anew as there.
    private static double Measure(ITarget target)
    {
        long judged = 0;
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

        return judged / watch.Elapsed.TotalSeconds;
    }
}
