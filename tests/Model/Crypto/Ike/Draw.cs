using FsCheck;
using FsCheck.Fluent;

namespace Conformance.Tests.Model.Crypto.Ike;

/// <summary>Bytes that follow from a seed, so that one number reproduces a case.</summary>
internal static class Draw
{
    /// <summary>Seeds; they shrink towards zero.</summary>
    public static Arbitrary<int> Seeds { get; } = Arb.From(Gen.Choose(0, int.MaxValue - 1), seed => seed == 0 ? [] : [seed / 2, seed - 1]);

    public static byte[] Bytes(int seed, int stream, int count)
    {
        var bytes = new byte[count];
        new Random(unchecked(seed * 31 + stream)).NextBytes(bytes);
        return bytes;
    }

    public static int Number(int seed, int stream, int below) => new Random(unchecked(seed * 31 + stream)).Next(below);

    public static byte[] WithFlippedBit(ReadOnlySpan<byte> bytes, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    public static void Check(int tests, Func<int, bool> property) =>
        FsCheck.Fluent.Prop.ForAll(Seeds, property).Check(Config.QuickThrowOnFailure.WithMaxTest(tests));
}
