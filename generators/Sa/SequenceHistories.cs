using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Conformance.Generators.Sa;

/// <summary>A window size, a starting point and the sequence numbers that arrive one after the other. RFC 4303 §3.4.3.</summary>
/// <param name="WindowPackets">Size of the receive window.</param>
/// <param name="RightEdge">Right edge before the first arrival; 0 for a new SA.</param>
/// <param name="Arrivals">Sequence numbers in order of arrival.</param>
public sealed record SequenceHistory(int WindowPackets, ulong RightEdge, ImmutableArray<ulong> Arrivals)
{
    /// <summary>Equal by content.</summary>
    public bool Equals(SequenceHistory? other) =>
        other is not null && WindowPackets == other.WindowPackets && RightEdge == other.RightEdge && Arrivals.SequenceEqual(other.Arrivals);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(WindowPackets, RightEdge, Arrivals.Length);

    /// <summary>Size, start and arrivals on one line.</summary>
    public override string ToString() => $"window {WindowPackets}, right edge {RightEdge}, arrivals [{string.Join(", ", Arrivals)}]";
}

/// <summary>Histories that dwell at every edge of the window and at the 2^32 border.</summary>
public static class SequenceHistories
{
    private const ulong LongestJump = 1 << 21;
    private static readonly int[] WindowSizes = [1, 2, 3, 31, 32, 33, 48, 63, 64, 65, 100, 127, 128, 129, 255, 256, 1000, 1024, 2048, 4095, 4096];

    /// <summary>Window sizes at and around the sizes that implementations treat specially.</summary>
    public static Gen<int> WindowPackets(int largest) =>
        Gen.Frequency((3, Gen.Elements(WindowSizes.Where(w => w <= largest).ToArray())), (1, Gen.Choose(1, largest)));

    /// <summary>Histories without extended sequence numbers: everything stays below 2^32.</summary>
    public static Arbitrary<SequenceHistory> Ordinary(int largestWindow = 4096) => Create(largestWindow, false);

    /// <summary>Histories with extended sequence numbers: many start near a multiple of 2^32.</summary>
    public static Arbitrary<SequenceHistory> Extended(int largestWindow = 4096) => Create(largestWindow, true);

    /// <summary>The same histories with every window size raised to a power of two, which divides 2^32.</summary>
    public static Arbitrary<SequenceHistory> PowerOfTwoWindows(Arbitrary<SequenceHistory> histories) => Arb.From(
        histories.Generator.Select(RoundedUp), history => histories.Shrinker(history).Select(RoundedUp).Where(h => h != history));

    private static SequenceHistory RoundedUp(SequenceHistory history) =>
        history with { WindowPackets = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)history.WindowPackets) };

    private static Arbitrary<SequenceHistory> Create(int largestWindow, bool extended)
    {
        Gen<SequenceHistory> generator =
            from window in WindowPackets(largestWindow)
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from length in Gen.Choose(1, 60)
            select Build(window, extended, new Random(seed), length);
        return Arb.From(generator, Shrink);
    }

    // One seed drives a local generator: fast, and the history can follow the state that it creates.
    private static SequenceHistory Build(int window, bool extended, Random random, int length)
    {
        ulong limit = extended ? ulong.MaxValue : uint.MaxValue;
        ulong start = StartingEdge(window, extended, random);
        ulong right = start;
        ImmutableArray<ulong>.Builder arrivals = ImmutableArray.CreateBuilder<ulong>(length);
        for (int i = 0; i < length; i++)
        {
            ulong next = Next(window, right, arrivals, random);

            // Numbers below zero would need a high half of -1, which the RFC leaves open: Interpretations/0003.
            bool belowZero = next > right && next - right > LongestJump;
            if (next > limit || next == 0 || belowZero)
            {
                continue;
            }

            arrivals.Add(next);
            // Mirrors only the right edge; whether a number is accepted is for the model to say.
            right = Math.Max(right, next);
        }

        return new SequenceHistory(window, start, arrivals.Count == 0 ? [start + 1] : arrivals.ToImmutable());
    }

    private static ulong StartingEdge(int window, bool extended, Random random)
    {
        ulong w = (ulong)window;
        if (!extended)
        {
            return random.Next(3) == 0 ? uint.MaxValue - w - (ulong)random.Next(200) : 0;
        }

        ulong cycle = (ulong)random.Next(1, 5) << 32;
        return random.Next(6) switch
        {
            0 => 0,
            1 => cycle - 1 - (ulong)random.Next(8),
            2 => cycle - w - (ulong)random.Next(8),
            3 => cycle + (ulong)random.Next(8),
            4 => cycle + w - (ulong)random.Next(1, Math.Min(8, window + 1)),
            _ => cycle - (ulong)random.Next(1, (2 * window) + 2),
        };
    }

    private static ulong Next(int window, ulong right, ImmutableArray<ulong>.Builder arrivals, Random random)
    {
        ulong w = (ulong)window;
        ulong jitter = (ulong)random.Next(3);
        return random.Next(9) switch
        {
            0 or 1 => right + 1,
            2 => right + 1 + (ulong)random.Next(1, Math.Max(2, window)),
            3 => right + w + jitter - 1,
            4 => unchecked(right - w + jitter),
            5 when arrivals.Count > 0 => arrivals[random.Next(arrivals.Count)],
            6 => unchecked(right - (ulong)random.Next(window)),
            7 => right,
            _ => right + (random.Next(12) == 0 ? (ulong)random.Next(1, 1 << 20) : 2),
        };
    }

    private static IEnumerable<SequenceHistory> Shrink(SequenceHistory history)
    {
        int count = history.Arrivals.Length;
        for (int size = count / 2; size >= 1; size /= 2)
        {
            for (int at = 0; at + size <= count; at += size)
            {
                if (count > size)
                {
                    yield return history with { Arrivals = history.Arrivals.RemoveRange(at, size) };
                }
            }
        }

        if (history.WindowPackets > 1)
        {
            yield return history with { WindowPackets = history.WindowPackets / 2 };
            yield return history with { WindowPackets = history.WindowPackets - 1 };
        }
    }
}
