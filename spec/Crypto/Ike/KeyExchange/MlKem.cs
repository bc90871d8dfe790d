using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Conformance.Spec.Crypto.Ike.KeyExchange;

/// <summary>ML-KEM, the responder encapsulates. FIPS 203, draft-ietf-ipsecme-ikev2-mlkem.</summary>
/// <remarks>BouncyCastle only: .NET draws the randomness of an encapsulation itself, and here it enters as a value.</remarks>
public sealed class MlKem : KeyExchangeMethod
{
    private const int SeedBytes = 64;
    private const int MessageBytes = 32;
    private const int SecretBytes = 32;

    private readonly MLKemParameters parameters;

    private MlKem(MLKemParameters parameters) => this.parameters = parameters;

    /// <summary>Method 35. FIPS 203 §8.</summary>
    public static MlKem MlKem512 { get; } = Of(35, "mlkem512", 800, 768, MLKemParameters.ml_kem_512);

    /// <summary>Method 36. FIPS 203 §8.</summary>
    public static MlKem MlKem768 { get; } = Of(36, "mlkem768", 1184, 1088, MLKemParameters.ml_kem_768);

    /// <summary>Method 37. FIPS 203 §8.</summary>
    public static MlKem MlKem1024 { get; } = Of(37, "mlkem1024", 1568, 1568, MLKemParameters.ml_kem_1024);

    /// <inheritdoc/>
    public override bool IsKem => true;

    /// <inheritdoc/>
    public override bool IsSupportedBy(CryptoProvider provider) => provider != CryptoProvider.Bcl;

    /// <summary>The encapsulation key made of the seeds d and z. FIPS 203 §7.1.</summary>
    public override bool TryMakePublic(
        ReadOnlySpan<byte> randomness,
        [NotNullWhen(true)] out byte[]? publicValue,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        publicValue = null;
        error = randomness.Length == SeedBytes ? KeyExchangeError.None : KeyExchangeError.UnsuitableRandomness;
        if (error != KeyExchangeError.None)
            return false;
        publicValue = MLKemPrivateKeyParameters.FromSeed(parameters, randomness.ToArray()).GetPublicKeyEncoded();
        return true;
    }

    /// <summary>The ciphertext and the secret made of the message m. FIPS 203 §7.2.</summary>
    public override bool TryRespond(
        ReadOnlySpan<byte> randomness,
        ReadOnlySpan<byte> initiatorPublic,
        [NotNullWhen(true)] out byte[]? publicValue,
        out IkeSecret shared,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        publicValue = null;
        shared = default;
        error = randomness.Length != MessageBytes ? KeyExchangeError.UnsuitableRandomness
            : initiatorPublic.Length != InitiatorPublicBytes ? KeyExchangeError.WrongLength
            : !HasReducedCoefficients(initiatorPublic) ? KeyExchangeError.NotAKey
            : KeyExchangeError.None;
        if (error != KeyExchangeError.None)
            return false;

        var key = MLKemPublicKeyParameters.FromEncoding(parameters, initiatorPublic.ToArray());
        var encapsulator = new MLKemEncapsulator(parameters);
        encapsulator.Init(new ParametersWithRandom(key, new GivenRandomness(randomness.ToArray())));
        var ciphertext = new byte[ResponderPublicBytes];
        var secret = new byte[SecretBytes];
        encapsulator.Encapsulate(ciphertext, secret);
        publicValue = ciphertext;
        shared = IkeSecret.Adopt(secret);
        return true;
    }

    /// <summary>The secret inside a ciphertext; a forged one gives another secret, not an error. FIPS 203 §7.3.</summary>
    public override bool TryAgree(
        ReadOnlySpan<byte> randomness,
        ReadOnlySpan<byte> responderPublic,
        out IkeSecret shared,
        out KeyExchangeError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        shared = default;
        error = randomness.Length != SeedBytes ? KeyExchangeError.UnsuitableRandomness
            : responderPublic.Length != ResponderPublicBytes ? KeyExchangeError.WrongLength
            : KeyExchangeError.None;
        if (error != KeyExchangeError.None)
            return false;
        var decapsulator = new MLKemDecapsulator(parameters);
        decapsulator.Init(MLKemPrivateKeyParameters.FromSeed(parameters, randomness.ToArray()));
        var secret = new byte[SecretBytes];
        decapsulator.Decapsulate(responderPublic, secret);
        shared = IkeSecret.Adopt(secret);
        return true;
    }

    private static MlKem Of(ushort transformId, string name, int keyBytes, int ciphertextBytes, MLKemParameters parameters) => new(parameters)
    {
        Name = name,
        TransformId = transformId,
        Rfc = "FIPS 203 §8",
        InitiatorPublicBytes = keyBytes,
        ResponderPublicBytes = ciphertextBytes,
        InitiatorRandomnessBytes = SeedBytes,
        ResponderRandomnessBytes = MessageBytes,
        SharedSecretBytes = SecretBytes,
    };

    // FIPS 203 §7.2, modulus check: every coefficient of 12 bits is below q; the last 32 bytes are the seed of the matrix.
    private static bool HasReducedCoefficients(ReadOnlySpan<byte> encapsulationKey)
    {
        const int Modulus = 3329;
        for (var coefficients = encapsulationKey[..^32]; !coefficients.IsEmpty; coefficients = coefficients[3..])
        {
            var first = coefficients[0] | ((coefficients[1] & 0xf) << 8);
            var second = (coefficients[1] >> 4) | (coefficients[2] << 4);
            if (first >= Modulus || second >= Modulus)
                return false;
        }

        return true;
    }

    /// <summary>What the caller gave, where the library asks for randomness.</summary>
    private sealed class GivenRandomness(byte[] bytes) : SecureRandom(null)
    {
        private int used;

        public override void NextBytes(byte[] buf) => NextBytes(buf.AsSpan());

        public override void NextBytes(byte[] buf, int off, int len) => NextBytes(buf.AsSpan(off, len));

        public override void NextBytes(Span<byte> buffer)
        {
            bytes.AsSpan(used, buffer.Length).CopyTo(buffer);
            used += buffer.Length;
        }
    }
}
