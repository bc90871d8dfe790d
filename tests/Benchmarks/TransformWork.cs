using System.Security.Cryptography;
using Conformance.Spec.Crypto;

namespace Conformance.Benchmarks;

/// <summary>One packet to seal or open again and again, and the bare primitive doing the same number of bytes.</summary>
public sealed class TransformWork : IDisposable
{
    private readonly EspProtection protection;
    private readonly IDisposable? primitive;
    private readonly byte[] packet;
    private readonly byte[] sealedPacket;
    private readonly byte[] opening;

    private TransformWork(EspSuite suite, int payloadBytes)
    {
        var key = new byte[suite.EncryptionKeyMaterialBytes];
        new Random(1).NextBytes(key);
        var cipherKey = key.AsSpan(0, suite.EncryptionKeyBits / 8);
        protection = suite.Key(key, new byte[suite.IntegrityKeyBytes]);

        var unit = suite.AlignmentBytes;
        var dataBytes = (payloadBytes + 2 + unit - 1) / unit * unit;
        packet = new byte[EspProtection.HeaderBytes + suite.IvBytes + dataBytes + suite.IcvBytes];
        sealedPacket = [.. packet];
        protection.Seal(sealedPacket, 0, false);
        opening = [.. sealedPacket];
        (primitive, BareSeal, BareOpen) = Bare(suite, cipherKey, dataBytes);
    }

    /// <summary>Suites that have a counterpart in .NET to be measured against.</summary>
    public static IReadOnlyList<string> SuiteNames { get; } =
    [
        "ENCR_AES_GCM_16-128",
        "ENCR_AES_GCM_16-256",
        "ENCR_AES_GCM_12-128",
        "ENCR_AES_CCM_16-128",
        "ENCR_CHACHA20_POLY1305",
        "ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128",
        "ENCR_AES_CBC-128/AUTH_HMAC_SHA1_96",
        "ENCR_AES_CBC-128/AUTH_NONE",
        "ENCR_NULL/AUTH_HMAC_SHA2_256_128",
    ];

    /// <summary>The primitive's own encryption.</summary>
    public Action BareSeal { get; }

    /// <summary>The primitive's own decryption and verification.</summary>
    public Action BareOpen { get; }

    /// <summary>Keys a suite and readies a packet.</summary>
    public static TransformWork For(string suiteName, int payloadBytes) => EspSuite.TryParse(suiteName, out var suite, out var error)
        ? new TransformWork(suite, payloadBytes)
        : throw new ArgumentException(error, nameof(suiteName));

    /// <summary>Seals in place; the plaintext is whatever the last call left.</summary>
    public void Seal() => protection.Seal(packet, 0, false);

    /// <summary>Restores the sealed packet and opens it; the bare combined modes restore their ciphertext too.</summary>
    public void Open()
    {
        sealedPacket.CopyTo(opening, 0);
        if (!protection.TryOpen(opening, 0, false))
            throw new InvalidOperationException("the packet did not open");
    }

    /// <summary>Releases keys.</summary>
    public void Dispose()
    {
        protection.Dispose();
        primitive?.Dispose();
    }

    private static (IDisposable? Primitive, Action Seal, Action Open) Bare(EspSuite suite, ReadOnlySpan<byte> cipherKey, int dataBytes)
    {
        var name = suite.Encryption.Name;
        if (name.StartsWith("ENCR_AES_GCM", StringComparison.Ordinal))
        {
            var gcm = new AesGcm(cipherKey, suite.IcvBytes);
            return Aead(gcm, gcm.Encrypt, gcm.Decrypt, 12, suite.IcvBytes, dataBytes);
        }

        if (name.StartsWith("ENCR_AES_CCM", StringComparison.Ordinal))
        {
            var ccm = new AesCcm(cipherKey);
            return Aead(ccm, ccm.Encrypt, ccm.Decrypt, 11, suite.IcvBytes, dataBytes);
        }

        if (name == "ENCR_CHACHA20_POLY1305")
        {
            var chaCha = new ChaCha20Poly1305(cipherKey);
            return Aead(chaCha, chaCha.Encrypt, chaCha.Decrypt, 12, suite.IcvBytes, dataBytes);
        }

        return CipherAndHmac(suite, cipherKey, dataBytes);
    }

    private static (IDisposable? Primitive, Action Seal, Action Open) Aead(
        IDisposable primitive,
        Action<byte[], byte[], byte[], byte[], byte[]> encrypt,
        Action<byte[], byte[], byte[], byte[], byte[]> decrypt,
        int nonceBytes,
        int tagBytes,
        int dataBytes)
    {
        var nonce = new byte[nonceBytes];
        var associatedData = new byte[EspProtection.HeaderBytes];
        var data = new byte[dataBytes];
        var tag = new byte[tagBytes];
        var ciphertext = new byte[dataBytes];
        var ciphertextTag = new byte[tagBytes];
        var opening = new byte[dataBytes];
        encrypt(nonce, ciphertext, ciphertext, ciphertextTag, associatedData);
        return (
            primitive,
            () => encrypt(nonce, data, data, tag, associatedData),
            () =>
            {
                ciphertext.CopyTo(opening, 0);
                decrypt(nonce, opening, ciphertextTag, opening, associatedData);
            }
        );
    }

    // .NET's one-shot CBC and incremental HMAC: what a caller without our transform would write.
    private static (IDisposable? Primitive, Action Seal, Action Open) CipherAndHmac(
        EspSuite suite, ReadOnlySpan<byte> cipherKey, int dataBytes)
    {
        Aes? aes = null;
        if (suite.Encryption.Name == "ENCR_AES_CBC")
        {
            aes = Aes.Create();
            aes.SetKey(cipherKey);
        }

        var hmac = suite.Integrity is null ? null : IncrementalHash.CreateHMAC(
            suite.Integrity.Name == "AUTH_HMAC_SHA1_96" ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256,
            new byte[suite.IntegrityKeyBytes]);
        var iv = new byte[16];
        var data = new byte[dataBytes];
        var covered = new byte[EspProtection.HeaderBytes + suite.IvBytes + dataBytes];
        var tag = new byte[64];

        void Authenticate()
        {
            hmac?.AppendData(covered);
            hmac?.GetHashAndReset(tag);
        }

        return (
            aes,
            () =>
            {
                aes?.EncryptCbc(data, iv, data, PaddingMode.None);
                Authenticate();
            },
            () =>
            {
                Authenticate();
                aes?.DecryptCbc(data, iv, data, PaddingMode.None);
            }
        );
    }
}
