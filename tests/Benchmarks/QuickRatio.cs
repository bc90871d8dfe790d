using System.Diagnostics;

namespace Conformance.Benchmarks;

/// <summary>Two ways to do the same work, to be compared.</summary>
/// <param name="Name">What is compared, for people.</param>
/// <param name="Bare">The primitive alone; one call is one operation.</param>
/// <param name="Ours">The same work through our code.</param>
/// <param name="Goal">Least wanted throughput of ours over bare; null if there is none.</param>
public sealed record RatioLine(string Name, Action Bare, Action Ours, double? Goal = null);

/// <summary>Measures ratios in seconds rather than minutes: batches of both sides take turns, so that a busy machine slows both.</summary>
public static class QuickRatio
{
    private const int Batches = 101;
    private static readonly TimeSpan BatchTime = TimeSpan.FromMilliseconds(4);

    /// <summary>Prints one row a line: operations per second of both sides, and the median of the batches' ratios.</summary>
    public static void Run(IEnumerable<RatioLine> lines)
    {
        Console.WriteLine($"{"",-52}{"bare op/s",14}{"ours op/s",14}{"ratio",8}{"quartiles",14}  goal");
        foreach (var line in lines)
            Console.WriteLine(Measure(line));
    }

    private static string Measure(RatioLine line)
    {
        // The first calibration warms the code up, the second counts.
        Calibrate(line.Bare);
        Calibrate(line.Ours);
        var operations = Math.Min(Calibrate(line.Bare), Calibrate(line.Ours));

        var bareSeconds = new double[Batches];
        var ourSeconds = new double[Batches];
        for (var batch = 0; batch < Batches; batch++)
        {
            // Who goes first alternates too.
            if (batch % 2 == 0)
                bareSeconds[batch] = Time(line.Bare, operations);
            ourSeconds[batch] = Time(line.Ours, operations);
            if (batch % 2 != 0)
                bareSeconds[batch] = Time(line.Bare, operations);
        }

        var ratios = bareSeconds.Zip(ourSeconds, (bare, ours) => bare / ours).Order().ToArray();
        var median = ratios[Batches / 2];
        var verdict = line.Goal is not { } goal ? "" : median >= goal ? $">= {goal:F2} met" : $">= {goal:F2} MISSED";
        return $"{line.Name,-52}{Rate(bareSeconds, operations),14:N0}{Rate(ourSeconds, operations),14:N0}{median,8:F3}"
            + $"{$"{ratios[Batches / 4]:F2}..{ratios[3 * Batches / 4]:F2}",14}  {verdict}";
    }

    private static double Rate(double[] seconds, int operations) => operations / seconds.Order().ElementAt(Batches / 2);

    private static int Calibrate(Action action)
    {
        var operations = 1;
        while (true)
        {
            var seconds = Time(action, operations);
            if (seconds >= BatchTime.TotalSeconds)
                return operations;
            operations *= 2;
        }
    }

    private static double Time(Action action, int operations)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < operations; i++)
            action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
