using System.Numerics;

namespace Conformance.Spec.Crypto.Ike.KeyExchange;

/// <summary>A point in affine coordinates.</summary>
internal readonly record struct AffinePoint(BigInteger X, BigInteger Y);

/// <summary>y² = x³ + ax + b modulo p, by the textbook: the defining form of the ECP groups. RFC 6090 §2 and §3.</summary>
/// <remarks>Null is the point at infinity. Neither fast nor constant in time: it is there to be obviously right.</remarks>
internal sealed record WeierstrassCurve(BigInteger P, BigInteger A, BigInteger B, AffinePoint Generator, BigInteger Order)
{
    /// <summary>RFC 6989 §2.3: both coordinates reduced, and the equation holds.</summary>
    public bool Contains(AffinePoint point) =>
        point.X < P && point.Y < P && Reduce(point.Y * point.Y - (point.X * point.X + A) * point.X - B).IsZero;

    public AffinePoint? Multiply(BigInteger scalar, AffinePoint point)
    {
        AffinePoint? sum = null;
        AffinePoint? doubled = point;
        for (; !scalar.IsZero; scalar >>= 1)
        {
            if (!scalar.IsEven)
                sum = Add(sum, doubled);
            doubled = Add(doubled, doubled);
        }

        return sum;
    }

    // RFC 6090 §3.1.
    private AffinePoint? Add(AffinePoint? left, AffinePoint? right)
    {
        if (left is not { } l)
            return right;
        if (right is not { } r)
            return left;
        if (l.X == r.X && Reduce(l.Y + r.Y).IsZero)
            return null;
        var slope = Reduce(l == r
            ? (3 * l.X * l.X + A) * Inverse(2 * l.Y)
            : (r.Y - l.Y) * Inverse(r.X - l.X));
        var x = Reduce(slope * slope - l.X - r.X);
        return new AffinePoint(x, Reduce(slope * (l.X - x) - l.Y));
    }

    // Euclid: both rows keep the remainder as a multiple of the value modulo p.
    private BigInteger Inverse(BigInteger value)
    {
        var (remainder, next) = (P, Reduce(value));
        var (factor, nextFactor) = (BigInteger.Zero, BigInteger.One);
        while (!next.IsZero)
        {
            var quotient = BigInteger.DivRem(remainder, next, out var rest);
            (remainder, next) = (next, rest);
            (factor, nextFactor) = (nextFactor, factor - quotient * nextFactor);
        }

        return Reduce(factor);
    }

    private BigInteger Reduce(BigInteger value)
    {
        var rest = BigInteger.Remainder(value, P);
        return rest.Sign < 0 ? rest + P : rest;
    }
}
