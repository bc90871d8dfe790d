using Conformance.Spec.Crypto;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm;

/// <summary>The ESP transforms of an SA with their keys.</summary>
/// <param name="Suite">Transforms.</param>
/// <param name="EncryptionKey">Cipher key with salt.</param>
/// <param name="IntegrityKey">Key of the separate integrity transform, or nothing.</param>
public sealed record XfrmKeys(EspSuite Suite, ByteString EncryptionKey, ByteString IntegrityKey)
{
    /// <summary>Schedules the keys.</summary>
    public EspProtection CreateProtection() => Suite.Key(EncryptionKey.Span, IntegrityKey.Span);
}

/// <summary>The kernel crypto API's names of a suite.</summary>
/// <param name="Combined">For XFRMA_ALG_AEAD, or null.</param>
/// <param name="Cipher">For XFRMA_ALG_CRYPT, or null.</param>
/// <param name="Integrity">For XFRMA_ALG_AUTH_TRUNC, or null.</param>
public sealed record XfrmNames(string? Combined, string? Cipher, string? Integrity);

/// <summary>Translates between the kernel's names of algorithms and ESP transforms (net/xfrm/xfrm_algo.c).</summary>
public static class XfrmTransforms
{
    private const int BitsPerByte = 8;

    private static readonly (string Transform, string Name)[] Combined =
    [
        ("ENCR_AES_GCM_8", "rfc4106(gcm(aes))"),
        ("ENCR_AES_GCM_12", "rfc4106(gcm(aes))"),
        ("ENCR_AES_GCM_16", "rfc4106(gcm(aes))"),
        ("ENCR_AES_CCM_8", "rfc4309(ccm(aes))"),
        ("ENCR_AES_CCM_12", "rfc4309(ccm(aes))"),
        ("ENCR_AES_CCM_16", "rfc4309(ccm(aes))"),
        ("ENCR_NULL_AUTH_AES_GMAC", "rfc4543(gcm(aes))"),
        ("ENCR_CHACHA20_POLY1305", "rfc7539esp(chacha20,poly1305)"),
    ];

    private static readonly (string Transform, string Name)[] Ciphers =
    [
        ("ENCR_NULL", "ecb(cipher_null)"),
        ("ENCR_AES_CBC", "cbc(aes)"),
        ("ENCR_AES_CTR", "rfc3686(ctr(aes))"),
        ("ENCR_CAMELLIA_CBC", "cbc(camellia)"),
        ("ENCR_3DES", "cbc(des3_ede)"),
    ];

    private static readonly (string Transform, string Name)[] Integrity =
    [
        ("AUTH_HMAC_MD5_96", "hmac(md5)"),
        ("AUTH_HMAC_SHA1_96", "hmac(sha1)"),
        ("AUTH_HMAC_SHA2_256_128", "hmac(sha256)"),
        ("AUTH_HMAC_SHA2_384_192", "hmac(sha384)"),
        ("AUTH_HMAC_SHA2_512_256", "hmac(sha512)"),
        ("AUTH_AES_XCBC_96", "xcbc(aes)"),
        ("AUTH_AES_CMAC_96", "cmac(aes)"),
    ];

    /// <summary>The kernel's names for a suite, or null where it has none (implicit IV).</summary>
    public static XfrmNames? NamesOf(EspSuite suite)
    {
        ArgumentNullException.ThrowIfNull(suite);
        if (NameOf(Combined, suite.Encryption.Name) is { } combined)
        {
            return new XfrmNames(combined, null, null);
        }

        string? integrity = suite.Integrity is { } mac ? NameOf(Integrity, mac.Name) : null;
        return NameOf(Ciphers, suite.Encryption.Name) is { } cipher && (suite.Integrity is null) == (integrity is null)
            ? new XfrmNames(null, cipher, integrity)
            : null;
    }

    /// <summary>The transforms of an ESP SA, or null where this model has no such algorithm or key length.</summary>
    public static XfrmKeys? Of(XfrmState state)
    {
        if (state.Combined is { } combined)
        {
            EncryptionTransform? transform = Encryption(Combined, combined.Name, (int)combined.IcvBits / BitsPerByte);
            return transform is null ? null : Keyed(transform, combined.Key, null, default);
        }

        if (state.Encryption is not { } cipher || Encryption(Ciphers, cipher.Name, 0) is not { } encryption)
        {
            return null;
        }

        // digest_null is no integrity at all.
        return state.Integrity is not { } integrity || integrity.Name == "digest_null" ? Keyed(encryption, cipher.Key, null, default)
            : IntegrityOf(integrity) is { } known ? Keyed(encryption, cipher.Key, known, integrity.Key)
            : null;
    }

    private static string? NameOf((string Transform, string Name)[] names, string transform) =>
        names.Where(n => n.Transform == transform).Select(n => n.Name).FirstOrDefault();

    private static EncryptionTransform? Encryption((string Transform, string Name)[] names, string name, int icvBytes) =>
        EspSuites.Encryption.FirstOrDefault(e => e.IcvBytes == icvBytes && names.Any(n => n.Transform == e.Name && n.Name == name));

    // Any truncation and any key length can be configured, also those that no RFC names.
    private static IntegrityTransform? IntegrityOf(XfrmAlgorithm algorithm)
    {
        IntegrityTransform? known = EspSuites.Integrity.FirstOrDefault(i => Integrity.Any(n => n.Transform == i.Name && n.Name == algorithm.Name));
        uint bits = algorithm.IcvBits != 0 ? algorithm.IcvBits : XfrmAlgorithmTable.Integrity(algorithm.Name)?.Default ?? 0;
        return known is null || bits % BitsPerByte != 0
            ? null
            : known with { IcvBytes = (int)bits / BitsPerByte, KeyBits = algorithm.Key.Length * BitsPerByte };
    }

    private static XfrmKeys? Keyed(EncryptionTransform encryption, ByteString key, IntegrityTransform? integrity, ByteString integrityKey)
    {
        int keyBits = (key.Length - encryption.SaltBytes) * BitsPerByte;
        return encryption.KeyBits.Contains(keyBits) ? new XfrmKeys(new EspSuite(encryption, keyBits, integrity), key, integrityKey) : null;
    }
}
