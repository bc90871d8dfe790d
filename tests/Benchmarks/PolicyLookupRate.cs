using System.Collections.Immutable;
using System.Diagnostics;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Matching;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Benchmarks;

/// <summary>Time of one SPD lookup against the number of entries: it should grow with the logarithm.</summary>
internal static class PolicyLookupRate
{
    private const int Flows = 4096;
    private const int Runs = 5;
    private static readonly int[] Sizes = [100, 1_000, 10_000, 100_000];
    private static readonly TimeSpan RunLength = TimeSpan.FromMilliseconds(200);

    /// <summary>Prints nanoseconds a lookup, the median of some runs, for each kind of SPD and each size.</summary>
    public static int Run()
    {
        (string Name, Func<Random, int, SpdEntry> Entry)[] kinds =
        [
            ("host pairs", (random, i) => Entry(i, Host(random), Host(random), new UpperLayerSelector.Any())),
            ("prefixes with ports", (random, i) => Entry(i, Prefix(random, 16), Prefix(random, 12), Web(random))),
            ("nested prefixes", (random, i) => Entry(i, AddressSelector.Any, Prefix(random, 4), new UpperLayerSelector.Any())),
        ];
        foreach ((string name, Func<Random, int, SpdEntry> entry) in kinds)
        {
            foreach (int size in Sizes)
            {
                Random random = new(size);
                ImmutableArray<SpdEntry> entries = [.. Enumerable.Range(0, size - 1).Select(i => entry(random, i)), Entry(size, AddressSelector.Any, AddressSelector.Any, new UpperLayerSelector.Any())];
                Stopwatch build = Stopwatch.StartNew();
                FirstMatchIndex index = new(new SecurityPolicyDatabase(entries), PolicyDirection.Outbound);
                double buildMilliseconds = build.Elapsed.TotalMilliseconds;
                FlowSelectors[] flows = [.. Enumerable.Range(0, Flows).Select(_ => Inside(random, entries[random.Next(size)].Selectors[0]))];
                double[] runs = [.. Enumerable.Range(0, Runs + 1).Select(_ => NanosecondsALookup(index, flows)).Skip(1).Order()];
                Console.WriteLine($"{name,-20} {size,7:N0} entries: {runs[Runs / 2],6:N0} ns a lookup ({runs[0]:N0} to {runs[^1]:N0}), built in {buildMilliseconds:N0} ms");
            }
        }

        return 0;
    }

    private static double NanosecondsALookup(FirstMatchIndex index, FlowSelectors[] flows)
    {
        long lookups = 0;
        long found = 0;
        Stopwatch watch = Stopwatch.StartNew();
        while (watch.Elapsed < RunLength)
        {
            foreach (FlowSelectors flow in flows)
            {
                found += index.Find(flow);
            }

            lookups += flows.Length;
        }

        return found < 0 ? throw new InvalidOperationException("the last entry holds every flow") : watch.Elapsed.TotalNanoseconds / lookups;
    }

    private static SpdEntry Entry(int number, AddressSelector local, AddressSelector remote, UpperLayerSelector upper) => new()
    {
        Name = $"{number}",
        Selectors = [new SelectorSet(local, remote, upper)],
        Action = PolicyAction.Protect.With(new ProtectionStep { Mode = EspMode.Transport }),
    };

    private static AddressSelector Host(Random random) => AddressSelector.Host(Address(random));

    private static AddressSelector Prefix(Random random, int least) => AddressSelector.Of(AddressRange.Of(new AddressPrefix(Address(random), random.Next(least, 33))));

    private static IpAddress Address(Random random) => new((uint)random.NextInt64(1L << 32), false);

    private static UpperLayerSelector.Ports Web(Random random)
    {
        ushort first = (ushort)random.Next(ushort.MaxValue);
        return new UpperLayerSelector.Ports(IpProtocol.Tcp, FieldSelector.Any, FieldSelector.Between(first, (ushort)Math.Min(ushort.MaxValue, first + random.Next(1000))));
    }

    private static FlowSelectors Inside(Random random, SelectorSet set) => new(
        Address(random, set.Local), Address(random, set.Remote), IpProtocol.Tcp, (ushort)random.Next(ushort.MaxValue), (ushort)set.Upper.ToValues().Remote.Ranges[0].First);

    private static IpAddress Address(Random random, AddressSelector selector)
    {
        ValueRange range = selector.In(false).Ranges[0];
        return new IpAddress(range.First + (UInt128)random.NextInt64((long)(ulong)(range.Last - range.First) + 1), false);
    }
}
