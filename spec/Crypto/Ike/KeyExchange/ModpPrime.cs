using System.Numerics;

namespace Conformance.Spec.Crypto.Ike.KeyExchange;

/// <summary>The safe primes of the MODP groups, from the formula that defines them. RFC 2409 §6.2, RFC 3526 §2 to §7.</summary>
internal static class ModpPrime
{
    private const int GuardBits = 64;

    /// <summary>2^bits - 2^(bits-64) - 1 + 2^64 · (⌊2^(bits-130) · π⌋ + offset).</summary>
    public static BigInteger From(int bits, int offset) =>
        (BigInteger.One << bits) - (BigInteger.One << (bits - 64)) - 1 + ((ScaledPi(bits - 130) + offset) << 64);

    // Machin: π = 16 arctan(1/5) - 4 arctan(1/239). The guard bits take up the rounding of some thousand terms.
    private static BigInteger ScaledPi(int bits) =>
        (16 * ScaledArcTangent(5, bits + GuardBits) - 4 * ScaledArcTangent(239, bits + GuardBits)) >> GuardBits;

    // arctan(1/x) · 2^bits = 2^bits · (1/x - 1/3x³ + 1/5x⁵ …)
    private static BigInteger ScaledArcTangent(int x, int bits)
    {
        var power = (BigInteger.One << bits) / x;
        var sum = power;
        for (var n = 3; !power.IsZero; n += 2)
        {
            power /= -(x * x);
            sum += power / n;
        }

        return sum;
    }
}
