using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace Conformance.Spec.Crypto.Ike.KeyExchange;

/// <summary>X25519 and X448; .NET has neither, its own arithmetic computes by the definition. RFC 7748 §5, RFC 8031 §2.</summary>
public sealed class MontgomeryCurve : KeyExchangeMethod
{
    private delegate void ScalarMultiplication(byte[] scalar, byte[] u, byte[] product);

    private readonly MontgomeryLadder ladder;
    private readonly ScalarMultiplication foreign;

    private MontgomeryCurve(MontgomeryLadder ladder, ScalarMultiplication foreign)
    {
        this.ladder = ladder;
        this.foreign = foreign;
    }

    /// <summary>Group 31. RFC 8031 §2.</summary>
    public static MontgomeryCurve Curve25519 { get; } = Of(
        31, "curve25519", MontgomeryLadder.X25519, static (scalar, u, product) => X25519.ScalarMult(scalar, 0, u, 0, product, 0));

    /// <summary>Group 32. RFC 8031 §2.</summary>
    public static MontgomeryCurve Curve448 { get; } = Of(
        32, "curve448", MontgomeryLadder.X448, static (scalar, u, product) => X448.ScalarMult(scalar, 0, u, 0, product, 0));

    /// <inheritdoc/>
    public override bool TryMakePublic(
        ReadOnlySpan<byte> randomness,
        [NotNullWhen(true)] out byte[]? publicValue,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        publicValue = null;
        error = randomness.Length == InitiatorRandomnessBytes ? KeyExchangeError.None : KeyExchangeError.UnsuitableRandomness;
        if (error != KeyExchangeError.None)
            return false;
        publicValue = Multiply(randomness, ladder.BasePoint, provider);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryAgree(
        ReadOnlySpan<byte> randomness,
        ReadOnlySpan<byte> responderPublic,
        out IkeSecret shared,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        shared = default;
        error = randomness.Length != InitiatorRandomnessBytes ? KeyExchangeError.UnsuitableRandomness
            : responderPublic.Length != InitiatorPublicBytes ? KeyExchangeError.WrongLength
            : KeyExchangeError.None;
        if (error != KeyExchangeError.None)
            return false;

        // RFC 8031 §4: any string of the right length is a public value, but an all-zero secret is refused.
        var product = Multiply(randomness, responderPublic.ToArray(), provider);
        if (!product.AsSpan().ContainsAnyExcept((byte)0))
        {
            error = KeyExchangeError.ZeroSharedSecret;
            return false;
        }

        shared = IkeSecret.Adopt(product);
        return true;
    }

    private static MontgomeryCurve Of(ushort transformId, string name, MontgomeryLadder ladder, ScalarMultiplication foreign) =>
        new(ladder, foreign)
        {
            Name = name,
            TransformId = transformId,
            Rfc = "RFC 8031 §2",
            InitiatorPublicBytes = ladder.LengthBytes,
            ResponderPublicBytes = ladder.LengthBytes,
            InitiatorRandomnessBytes = ladder.LengthBytes,
            ResponderRandomnessBytes = ladder.LengthBytes,
            SharedSecretBytes = ladder.LengthBytes,
        };

    private byte[] Multiply(ReadOnlySpan<byte> scalar, byte[] u, CryptoProvider provider)
    {
        if (provider == CryptoProvider.Bcl)
            return ladder.Multiply(scalar, u);
        var product = new byte[ladder.LengthBytes];
        foreign(scalar.ToArray(), u, product);
        return product;
    }
}

/// <summary>The functions X25519 and X448 as they are defined. RFC 7748 §5.</summary>
internal sealed record MontgomeryLadder(int LengthBytes, BigInteger P, int A24, byte BaseU, Func<byte[], byte[]> Clamp, byte LastByteMask)
{
    public static MontgomeryLadder X25519 { get; } =
        new(32, (BigInteger.One << 255) - 19, 121665, 9, ClampX25519, 0x7f);

    public static MontgomeryLadder X448 { get; } =
        new(56, (BigInteger.One << 448) - (BigInteger.One << 224) - 1, 39081, 5, ClampX448, 0xff);

    public byte[] BasePoint => [BaseU, .. new byte[LengthBytes - 1]];

    public byte[] Multiply(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> u)
    {
        var k = new BigInteger(Clamp(scalar.ToArray()), isUnsigned: true);
        byte[] masked = [.. u];
        masked[^1] &= LastByteMask;
        var x1 = Mod(new BigInteger(masked, isUnsigned: true));
        var (x2, z2, x3, z3) = (BigInteger.One, BigInteger.Zero, x1, BigInteger.One);
        for (var t = 8 * LengthBytes - 1; t >= 0; t--)
        {
            var isSet = !((k >> t) & 1).IsZero;
            if (isSet)
                (x2, z2, x3, z3) = (x3, z3, x2, z2);
            var a = x2 + z2;
            var aa = a * a;
            var b = x2 - z2;
            var bb = b * b;
            var e = aa - bb;
            var da = (x3 - z3) * a;
            var cb = (x3 + z3) * b;
            x3 = Mod((da + cb) * (da + cb));
            z3 = Mod(x1 * ((da - cb) * (da - cb)));
            x2 = Mod(aa * bb);
            z2 = Mod(e * (aa + A24 * e));
            if (isSet)
                (x2, z2, x3, z3) = (x3, z3, x2, z2);
        }

        var product = new byte[LengthBytes];
        Mod(x2 * BigInteger.ModPow(z2, P - 2, P)).TryWriteBytes(product, out _, isUnsigned: true);
        return product;
    }

    private static byte[] ClampX25519(byte[] scalar)
    {
        scalar[0] &= 248;
        scalar[31] = (byte)((scalar[31] & 127) | 64);
        return scalar;
    }

    private static byte[] ClampX448(byte[] scalar)
    {
        scalar[0] &= 252;
        scalar[55] |= 128;
        return scalar;
    }

    private BigInteger Mod(BigInteger value)
    {
        var rest = BigInteger.Remainder(value, P);
        return rest.Sign < 0 ? rest + P : rest;
    }
}
