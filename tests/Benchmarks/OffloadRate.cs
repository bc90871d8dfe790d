using System.Diagnostics;
using Conformance.Generators.Offload;
using Conformance.Spec.Offload;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Benchmarks;

/// <summary>What a packet costs in segmentation, in coalescing and in the judgement of both, for bursts of growing size.</summary>
internal static class OffloadRate
{
    private const int SegmentBytes = 1000;
    private const int Middle = 8;
    private static readonly int[] Sizes = [2, 4, 8, 16, 32, 64];
    private static readonly TimeSpan RunLength = TimeSpan.FromMilliseconds(400);

    /// <summary>Prints one row for each size of burst, nanoseconds a packet, and below how much a packet of the largest burst costs of one in a burst of 8.</summary>
    public static int Run()
    {
        Console.WriteLine($"{"packets",8}{"cut ns",10}{"judge ns",10}{"merge ns",10}{"judge ns",10}   a packet of {SegmentBytes} bytes");
        Measure(Sizes[^1]);
        Dictionary<int, double[]> costs = [];
        foreach (int size in Sizes)
        {
            costs.Add(size, Measure(size));
            Console.WriteLine($"{size,8}" + string.Concat(costs[size].Select(cost => $"{cost,10:N0}")));
        }

        Console.WriteLine($"{"ratio",8}" + string.Concat(costs[Sizes[^1]].Zip(costs[Middle], (large, small) => $"{large / small,10:N2}"))
            + $"   {Sizes[^1]} packets to {Middle}: 1 where the cost is linear in the burst, {Sizes[^1] / Middle} where it is quadratic");
        return 0;
    }

    private static double[] Measure(int size)
    {
        SuperPacket packet = new() { SegmentBytes = SegmentBytes, PayloadBytes = SegmentBytes * size };
        ByteString whole = packet.Between(IpAddress.Parse("10.1.0.1"), IpAddress.Parse("10.2.0.1"));
        IReadOnlyList<ByteString> segments = Cut(whole, packet.Offload);
        Arrival[] arrivals = [.. segments.Select(segment => new Arrival(segment, new Spi(256)))];
        CoalescingLimits limits = new();
        IReadOnlyList<Handed> handed = Coalescer.Coalesce(arrivals, limits);
        double cut = Time(size, () => Cut(whole, packet.Offload));
        double judgeCut = Time(size, () => SegmentedBurst.Judge(segments, segments));
        double merge = Time(size, () => Coalescer.Coalesce(arrivals, limits));
        double judgeMerge = Time(size, () => HandedBurst.Judge(arrivals, handed));
        return [cut, judgeCut, merge, judgeMerge];
    }

    private static double Time(int packets, Func<object?> work)
    {
        Stopwatch watch = Stopwatch.StartNew();
        long done = 0;
        while (watch.Elapsed < RunLength)
        {
            GC.KeepAlive(work());
            done += packets;
        }

        return watch.Elapsed.TotalNanoseconds / done;
    }

    private static IReadOnlyList<ByteString> Cut(ByteString whole, PacketOffload offload) =>
        Segmenter.TrySegment(whole, offload, out IReadOnlyList<ByteString> segments, out ParseError error) ? segments : throw new InvalidOperationException($"{error}");
}
