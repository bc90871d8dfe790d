using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Conformance.Spec.Crypto.Ike.KeyExchange;

/// <summary>Diffie-Hellman modulo a prime. RFC 2409 §6, RFC 3526, RFC 5114 §2.</summary>
public sealed class ModpGroup : KeyExchangeMethod
{
    private readonly Lazy<BigInteger> prime;
    private readonly Lazy<BigInteger> generator;
    private readonly Lazy<BigInteger>? subgroupOrder;

    /// <summary>A group with its generator; the order of the subgroup where that is much smaller than the prime.</summary>
    internal ModpGroup(Func<BigInteger> prime, Func<BigInteger> generator, Func<BigInteger>? subgroupOrder)
    {
        this.prime = new(prime);
        this.generator = new(generator);
        this.subgroupOrder = subgroupOrder is null ? null : new(subgroupOrder);
    }

    /// <summary>Group 2. RFC 2409 §6.2, RFC 7296 appendix B.2.</summary>
    public static ModpGroup Modp1024 { get; } = Safe(2, 1024, 129093, 20, "RFC 7296 appendix B.2");

    /// <summary>Group 5. RFC 3526 §2.</summary>
    public static ModpGroup Modp1536 { get; } = Safe(5, 1536, 741804, 30, "RFC 3526 §2");

    /// <summary>Group 14. RFC 3526 §3.</summary>
    public static ModpGroup Modp2048 { get; } = Safe(14, 2048, 124476, 40, "RFC 3526 §3");

    /// <summary>Group 15. RFC 3526 §4.</summary>
    public static ModpGroup Modp3072 { get; } = Safe(15, 3072, 1690314, 53, "RFC 3526 §4");

    /// <summary>Group 16. RFC 3526 §5.</summary>
    public static ModpGroup Modp4096 { get; } = Safe(16, 4096, 240904, 60, "RFC 3526 §5");

    /// <summary>Group 17. RFC 3526 §6.</summary>
    public static ModpGroup Modp6144 { get; } = Safe(17, 6144, 929484, 68, "RFC 3526 §6");

    /// <summary>Group 18. RFC 3526 §7.</summary>
    public static ModpGroup Modp8192 { get; } = Safe(18, 8192, 4743158, 78, "RFC 3526 §7");

    /// <summary>The modulus.</summary>
    public BigInteger Prime => prime.Value;

    /// <summary>The generator.</summary>
    public BigInteger Generator => generator.Value;

    /// <summary>The order of the subgroup, where a public value must be shown to lie in it; null for a safe prime. RFC 6989 §2.2.</summary>
    public BigInteger? SubgroupOrder => subgroupOrder?.Value;

    /// <inheritdoc/>
    public override bool TryMakePublic(
        ReadOnlySpan<byte> randomness,
        [NotNullWhen(true)] out byte[]? publicValue,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        publicValue = null;
        error = CheckPrivate(Number(randomness));
        if (error != KeyExchangeError.None)
            return false;
        publicValue = Padded(Power(Generator, Number(randomness), provider));
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
        error = CheckPrivate(Number(randomness));
        if (error == KeyExchangeError.None)
            error = CheckPublic(responderPublic, provider);
        if (error != KeyExchangeError.None)
            return false;

        // RFC 7296 §2.14: the secret is as long as the modulus, zeros in front.
        shared = IkeSecret.Adopt(Padded(Power(Number(responderPublic), Number(randomness), provider)));
        return true;
    }

    private static ModpGroup Safe(ushort transformId, int bits, int offset, int exponentBytes, string rfc) =>
        new(() => ModpPrime.From(bits, offset), static () => 2, null)
        {
            Name = $"modp{bits}",
            TransformId = transformId,
            Rfc = rfc,
            InitiatorPublicBytes = bits / 8,
            ResponderPublicBytes = bits / 8,
            InitiatorRandomnessBytes = exponentBytes,
            ResponderRandomnessBytes = exponentBytes,
            SharedSecretBytes = bits / 8,
        };

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    // 0 and 1 would give away the shared secret, and p - 1 is where the exponents start anew.
    private KeyExchangeError CheckPrivate(BigInteger exponent) =>
        exponent > 1 && exponent < Prime - 1 ? KeyExchangeError.None : KeyExchangeError.UnsuitableRandomness;

    private KeyExchangeError CheckPublic(ReadOnlySpan<byte> publicValue, CryptoProvider provider)
    {
        if (publicValue.Length != InitiatorPublicBytes)
            return KeyExchangeError.WrongLength;
        var value = Number(publicValue);
        if (value <= 1 || value >= Prime - 1)
            return KeyExchangeError.NotInGroup;
        return SubgroupOrder is { } order && !Power(value, order, provider).IsOne ? KeyExchangeError.NotInGroup : KeyExchangeError.None;
    }

    private BigInteger Power(BigInteger value, BigInteger exponent, CryptoProvider provider) => provider == CryptoProvider.BouncyCastle
        ? Number(Foreign(value).ModPow(Foreign(exponent), Foreign(Prime)).ToByteArrayUnsigned())
        : BigInteger.ModPow(value, exponent, Prime);

    private static Org.BouncyCastle.Math.BigInteger Foreign(BigInteger value) => new(1, value.ToByteArray(isUnsigned: true, isBigEndian: true));

    private byte[] Padded(BigInteger value)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        var padded = new byte[InitiatorPublicBytes];
        bytes.CopyTo(padded, padded.Length - bytes.Length);
        return padded;
    }
}
