using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Conformance.Spec.Crypto.Ike.Keys;

/// <summary>The keys of IKE SAs and Child SAs. RFC 7296 §2.14, §2.17 and §2.18, RFC 9370 §2.2, RFC 8784 §3.</summary>
public static class IkeKeySchedule
{
    private const int NonceShareBytes = 8;

    /// <summary>SKEYSEED = prf(Ni | Nr, g^ir), then the seven keys. RFC 7296 §2.14.</summary>
    public static IkeKeys First(
        IkeSuite suite,
        IkeSecret shared,
        ReadOnlySpan<byte> initiatorNonce,
        ReadOnlySpan<byte> responderNonce,
        ulong initiatorSpi,
        ulong responderSpi,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        byte[] key = suite.Prf.TakesHalfTheKeyFromEachNonce
            ? [.. Share(initiatorNonce), .. Share(responderNonce)]
            : [.. initiatorNonce, .. responderNonce];
        var seed = suite.Prf.Compute(key, shared.Span, provider);
        return FromSeed(suite, seed, initiatorNonce, responderNonce, initiatorSpi, responderSpi, provider);
    }

    /// <summary>SKEYSEED(n) = prf(SK_d(n-1), SK(n) | Ni | Nr), then the seven keys; nonces and SPIs of IKE_SA_INIT. RFC 9370 §2.2.2.</summary>
    public static IkeKeys Additional(
        IkeSuite suite,
        IkeSecret previousDerivation,
        IkeSecret shared,
        ReadOnlySpan<byte> initiatorNonce,
        ReadOnlySpan<byte> responderNonce,
        ulong initiatorSpi,
        ulong responderSpi,
        CryptoProvider provider = CryptoProvider.Preferred) =>
        Rekeyed(suite, suite.Prf, previousDerivation, [shared], initiatorNonce, responderNonce, initiatorSpi, responderSpi, provider);

    /// <summary>
    /// SKEYSEED = prf(SK_d, g^ir | Ni | Nr | SK(1) | …) with the old IKE SA's prf, then the seven keys with the new one's. RFC 7296 §2.18, RFC 9370 §2.2.4.
    /// </summary>
    public static IkeKeys Rekeyed(
        IkeSuite suite,
        IkePrf previousPrf,
        IkeSecret previousDerivation,
        ImmutableArray<IkeSecret> shared,
        ReadOnlySpan<byte> initiatorNonce,
        ReadOnlySpan<byte> responderNonce,
        ulong initiatorSpi,
        ulong responderSpi,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        var seed = previousPrf.Compute(previousDerivation.Span, Mixed(shared, initiatorNonce, responderNonce), provider);
        return FromSeed(suite, seed, initiatorNonce, responderNonce, initiatorSpi, responderSpi, provider);
    }

    /// <summary>SK_d, SK_pi and SK_pr become prf+(PPK, SK), the others stay. RFC 8784 §3.</summary>
    public static IkeKeys WithPreshared(
        IkePrf prf, IkeKeys keys, IkeSecret postQuantumPresharedKey, CryptoProvider provider = CryptoProvider.Preferred)
    {
        return keys with
        {
            Derivation = Mix(keys.Derivation),
            InitiatorAuthentication = Mix(keys.InitiatorAuthentication),
            ResponderAuthentication = Mix(keys.ResponderAuthentication),
        };

        IkeSecret Mix(IkeSecret key) => IkeSecret.Adopt(Expand(prf, postQuantumPresharedKey.Span, key.Span, key.Length, provider));
    }

    /// <summary>KEYMAT = prf+(SK_d, [g^ir |] Ni | Nr [| SK(1) | …]). RFC 7296 §2.17, RFC 9370 §2.2.4.</summary>
    public static ChildKeys Child(
        IkePrf prf,
        IkeSecret derivation,
        ImmutableArray<IkeSecret> shared,
        ReadOnlySpan<byte> initiatorNonce,
        ReadOnlySpan<byte> responderNonce,
        EspSuite suite,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        var keyBytes = suite.EncryptionKeyMaterialBytes + suite.IntegrityKeyBytes;
        var material = Expand(prf, derivation.Span, Mixed(shared, initiatorNonce, responderNonce), 2 * keyBytes, provider);
        var keys = new KeyMaterial(material);

        // RFC 7296 §2.17: first the SA from the initiator, and in each SA encryption before integrity.
        return new ChildKeys(
            keys.Take(suite.EncryptionKeyMaterialBytes),
            keys.Take(suite.IntegrityKeyBytes),
            keys.Take(suite.EncryptionKeyMaterialBytes),
            keys.Take(suite.IntegrityKeyBytes));
    }

    private static IkeKeys FromSeed(
        IkeSuite suite,
        byte[] seed,
        ReadOnlySpan<byte> initiatorNonce,
        ReadOnlySpan<byte> responderNonce,
        ulong initiatorSpi,
        ulong responderSpi,
        CryptoProvider provider)
    {
        Span<byte> spis = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(spis, initiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(spis[8..], responderSpi);
        var (prfBytes, integrityBytes, encryptionBytes) = (suite.Prf.KeyBytes, suite.IntegrityKeyBytes, suite.EncryptionKeyMaterialBytes);
        var keys = new KeyMaterial(Expand(
            suite.Prf,
            seed,
            [.. initiatorNonce, .. responderNonce, .. spis],
            3 * prfBytes + 2 * integrityBytes + 2 * encryptionBytes,
            provider));
        return new IkeKeys(
            keys.Take(prfBytes),
            keys.Take(integrityBytes),
            keys.Take(integrityBytes),
            keys.Take(encryptionBytes),
            keys.Take(encryptionBytes),
            keys.Take(prfBytes),
            keys.Take(prfBytes));
    }

    // g^ir in front of the nonces, what further exchanges gave behind them.
    private static byte[] Mixed(ImmutableArray<IkeSecret> shared, ReadOnlySpan<byte> initiatorNonce, ReadOnlySpan<byte> responderNonce)
    {
        byte[] mixed = [.. shared.IsEmpty ? [] : shared[0].Span, .. initiatorNonce, .. responderNonce];
        foreach (var further in shared.Skip(1))
            mixed = [.. mixed, .. further.Span];
        return mixed;
    }

    // The longest keys there are need far less than 255 blocks of the shortest output.
    private static byte[] Expand(IkePrf prf, ReadOnlySpan<byte> key, ReadOnlySpan<byte> seed, int lengthBytes, CryptoProvider provider)
    {
        var output = new byte[lengthBytes];
        return prf.TryExpand(key, seed, output, provider)
            ? output
            : throw new ArgumentException($"{prf} gives at most {prf.MostExpandedBytes} bytes, not {lengthBytes}", nameof(lengthBytes));
    }

    private static ReadOnlySpan<byte> Share(ReadOnlySpan<byte> nonce) => nonce[..Math.Min(NonceShareBytes, nonce.Length)];

    private sealed class KeyMaterial(byte[] material)
    {
        private int taken;

        public IkeSecret Take(int lengthBytes)
        {
            taken += lengthBytes;
            return new IkeSecret(material.AsSpan(taken - lengthBytes, lengthBytes));
        }
    }
}
