using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.TeleTrust;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;

namespace Conformance.Spec.Crypto.Ike.KeyExchange;

/// <summary>Elliptic curve Diffie-Hellman modulo a prime: x and y travel, x is the secret. RFC 5903 §7 and §9, RFC 6954 §2.</summary>
/// <remarks>.NET has three of the curves everywhere; for the others its own arithmetic computes by the textbook.</remarks>
public sealed class EcpGroup : KeyExchangeMethod
{
    private readonly Lazy<X9ECParameters> parameters;
    private readonly Lazy<WeierstrassCurve> curve;
    private readonly ECCurve? bclCurve;

    private EcpGroup(Func<X9ECParameters> parameters, ECCurve? bclCurve)
    {
        this.parameters = new(parameters);
        this.bclCurve = bclCurve;
        curve = new(() => Textbook(this.parameters.Value));
    }

    /// <summary>Group 19. RFC 5903 §3.1.</summary>
    public static EcpGroup P256 { get; } = Named(19, "ecp256", 256, "RFC 5903 §3.1", "P-256", ECCurve.NamedCurves.nistP256);

    /// <summary>Group 20. RFC 5903 §3.2.</summary>
    public static EcpGroup P384 { get; } = Named(20, "ecp384", 384, "RFC 5903 §3.2", "P-384", ECCurve.NamedCurves.nistP384);

    /// <summary>Group 21. RFC 5903 §3.3.</summary>
    public static EcpGroup P521 { get; } = Named(21, "ecp521", 521, "RFC 5903 §3.3", "P-521", ECCurve.NamedCurves.nistP521);

    /// <summary>Group 25. RFC 5114 §2.4.</summary>
    public static EcpGroup P192 { get; } = Named(25, "ecp192", 192, "RFC 5114 §2.4", "P-192", null);

    /// <summary>Group 26. RFC 5114 §2.5.</summary>
    public static EcpGroup P224 { get; } = Named(26, "ecp224", 224, "RFC 5114 §2.5", "P-224", null);

    /// <summary>Group 27. RFC 6954 §2.1.</summary>
    public static EcpGroup BrainpoolP224 { get; } = Named(27, "brainpoolP224r1", 224, "RFC 6954 §2.1", "brainpoolP224r1", null);

    /// <summary>Group 28. RFC 6954 §2.1.</summary>
    public static EcpGroup BrainpoolP256 { get; } = Named(28, "brainpoolP256r1", 256, "RFC 6954 §2.1", "brainpoolP256r1", null);

    /// <summary>Group 29. RFC 6954 §2.1.</summary>
    public static EcpGroup BrainpoolP384 { get; } = Named(29, "brainpoolP384r1", 384, "RFC 6954 §2.1", "brainpoolP384r1", null);

    /// <summary>Group 30. RFC 6954 §2.1.</summary>
    public static EcpGroup BrainpoolP512 { get; } = Named(30, "brainpoolP512r1", 512, "RFC 6954 §2.1", "brainpoolP512r1", null);

    /// <inheritdoc/>
    public override bool TryMakePublic(
        ReadOnlySpan<byte> randomness,
        [NotNullWhen(true)] out byte[]? publicValue,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        publicValue = null;
        error = CheckPrivate(randomness);
        if (error != KeyExchangeError.None)
            return false;
        publicValue = UsesLibrary(provider) ? BclPublic(randomness) : Encoded(Multiply(randomness, curve.Value.Generator, provider));
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
        error = CheckPrivate(randomness);
        if (error == KeyExchangeError.None)
            error = CheckPublic(responderPublic);
        if (error != KeyExchangeError.None)
            return false;
        shared = IkeSecret.Adopt(UsesLibrary(provider)
            ? BclAgree(randomness, responderPublic)
            : Encoded(Multiply(randomness, Decoded(responderPublic), provider))[..SharedSecretBytes]);
        return true;
    }

    private static EcpGroup Named(ushort transformId, string name, int bits, string rfc, string curveName, ECCurve? bclCurve)
    {
        var coordinateBytes = (bits + 7) / 8;
        return new EcpGroup(() => CustomNamedCurves.GetByName(curveName) ?? TeleTrusTNamedCurves.GetByName(curveName), bclCurve)
        {
            Name = name,
            TransformId = transformId,
            Rfc = rfc,
            InitiatorPublicBytes = 2 * coordinateBytes,
            ResponderPublicBytes = 2 * coordinateBytes,
            InitiatorRandomnessBytes = coordinateBytes,
            ResponderRandomnessBytes = coordinateBytes,
            SharedSecretBytes = coordinateBytes,
        };
    }

    private static WeierstrassCurve Textbook(X9ECParameters parameters)
    {
        var generator = parameters.G.Normalize();
        return new WeierstrassCurve(
            Number(parameters.Curve.Field.Characteristic.ToByteArrayUnsigned()),
            Number(parameters.Curve.A.GetEncoded()),
            Number(parameters.Curve.B.GetEncoded()),
            new AffinePoint(Number(generator.AffineXCoord.GetEncoded()), Number(generator.AffineYCoord.GetEncoded())),
            Number(parameters.N.ToByteArrayUnsigned()));
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private bool UsesLibrary(CryptoProvider provider) => provider != CryptoProvider.BouncyCastle && bclCurve is not null;

    private KeyExchangeError CheckPrivate(ReadOnlySpan<byte> randomness)
    {
        if (randomness.Length != InitiatorRandomnessBytes)
            return KeyExchangeError.UnsuitableRandomness;
        var scalar = Number(randomness);
        return scalar.IsZero || scalar >= curve.Value.Order ? KeyExchangeError.UnsuitableRandomness : KeyExchangeError.None;
    }

    private KeyExchangeError CheckPublic(ReadOnlySpan<byte> publicValue)
    {
        if (publicValue.Length != InitiatorPublicBytes)
            return KeyExchangeError.WrongLength;
        return curve.Value.Contains(Decoded(publicValue)) ? KeyExchangeError.None : KeyExchangeError.NotOnCurve;
    }

    // The curves have prime order: no point on them is lost by a scalar below it.
    private AffinePoint Multiply(ReadOnlySpan<byte> scalar, AffinePoint point, CryptoProvider provider)
    {
        if (provider == CryptoProvider.Bcl)
            return curve.Value.Multiply(Number(scalar), point)!.Value;
        var foreign = parameters.Value.Curve.CreatePoint(Foreign(point.X), Foreign(point.Y));
        var product = foreign.Multiply(new Org.BouncyCastle.Math.BigInteger(1, scalar)).Normalize();
        return new AffinePoint(Number(product.AffineXCoord.GetEncoded()), Number(product.AffineYCoord.GetEncoded()));
    }

    private static Org.BouncyCastle.Math.BigInteger Foreign(BigInteger value) => new(1, value.ToByteArray(isUnsigned: true, isBigEndian: true));

    private byte[] BclPublic(ReadOnlySpan<byte> scalar)
    {
        using var key = BclKey(scalar);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [.. point.X!, .. point.Y!];
    }

    private byte[] BclAgree(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> publicValue)
    {
        using var key = BclKey(scalar);
        using var peer = ECDiffieHellman.Create(new ECParameters
        {
            Curve = bclCurve!.Value,
            Q = new ECPoint
            {
                X = publicValue[..SharedSecretBytes].ToArray(),
                Y = publicValue[SharedSecretBytes..].ToArray(),
            },
        });
        using var peerKey = peer.PublicKey;
        return key.DeriveRawSecretAgreement(peerKey);
    }

    private ECDiffieHellman BclKey(ReadOnlySpan<byte> scalar) =>
        ECDiffieHellman.Create(new ECParameters { Curve = bclCurve!.Value, D = scalar.ToArray() });

    private AffinePoint Decoded(ReadOnlySpan<byte> publicValue) =>
        new(Number(publicValue[..SharedSecretBytes]), Number(publicValue[SharedSecretBytes..]));

    private byte[] Encoded(AffinePoint point)
    {
        var encoded = new byte[InitiatorPublicBytes];
        Write(point.X, encoded.AsSpan(0, SharedSecretBytes));
        Write(point.Y, encoded.AsSpan(SharedSecretBytes));
        return encoded;
    }

    private static void Write(BigInteger value, Span<byte> field)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(field[(field.Length - bytes.Length)..]);
    }
}
