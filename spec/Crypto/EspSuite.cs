using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Conformance.Spec.Crypto;

/// <summary>An encryption transform with its key size and the integrity transform beside it, if any. RFC 4303 §3.2.</summary>
/// <remarks>Encryption alone, and NULL with nothing, can be expressed: both are things that a target may be offered.</remarks>
public sealed record EspSuite
{
    private const string NoIntegrity = "AUTH_NONE";

    /// <summary>Joins the parts. RFC 4303 §3.2.</summary>
    /// <exception cref="ArgumentException">No such key size, or a combined mode joined with an integrity transform.</exception>
    public EspSuite(EncryptionTransform encryption, int encryptionKeyBits, IntegrityTransform? integrity)
    {
        ArgumentNullException.ThrowIfNull(encryption);
        if (Fault(encryption, encryptionKeyBits, integrity) is { } fault)
            throw new ArgumentException(fault);
        Encryption = encryption;
        EncryptionKeyBits = encryptionKeyBits;
        Integrity = integrity;
    }

    /// <summary>Encryption or combined-mode transform.</summary>
    public EncryptionTransform Encryption { get; }

    /// <summary>Cipher key without salt, in bits.</summary>
    public int EncryptionKeyBits { get; }

    /// <summary>Separate integrity transform; null for combined modes and for encryption without integrity.</summary>
    public IntegrityTransform? Integrity { get; }

    /// <summary>True when packets carry an ICV.</summary>
    public bool HasIntegrity => IcvBytes > 0;

    /// <summary>Cipher key and salt as the key exchange gives them, in bytes. RFC 4106 §8.1.</summary>
    public int EncryptionKeyMaterialBytes => EncryptionKeyBits / 8 + Encryption.SaltBytes;

    /// <summary>Integrity key in bytes; 0 without a separate integrity transform.</summary>
    public int IntegrityKeyBytes => (Integrity?.KeyBits ?? 0) / 8;

    /// <summary>Explicit IV in bytes.</summary>
    public int IvBytes => Encryption.IvBytes;

    /// <summary>ICV in bytes; 0 for encryption without integrity.</summary>
    public int IcvBytes => Integrity?.IcvBytes ?? Encryption.IcvBytes;

    /// <summary>The ciphertext length is a multiple of this many bytes. RFC 4303 §2.4.</summary>
    public int AlignmentBytes => Encryption.AlignmentBytes;

    /// <summary>True if the provider has every primitive of the suite on this platform.</summary>
    public bool IsSupportedBy(CryptoProvider provider) =>
        provider != CryptoProvider.Bcl || (Encryption.IsInBcl && (Integrity?.IsInBcl ?? true));

    /// <summary>Keys the suite for one SA. RFC 4303 §3.3.2.</summary>
    /// <param name="encryptionKeyMaterial">Cipher key, then salt.</param>
    /// <param name="integrityKey">Empty without a separate integrity transform.</param>
    /// <param name="provider">Which implementation computes.</param>
    /// <exception cref="ArgumentException">A key has the wrong length.</exception>
    /// <exception cref="NotSupportedException">The provider lacks a primitive.</exception>
    public EspProtection Key(
        ReadOnlySpan<byte> encryptionKeyMaterial,
        ReadOnlySpan<byte> integrityKey,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        RequireLength(encryptionKeyMaterial, EncryptionKeyMaterialBytes, nameof(encryptionKeyMaterial));
        RequireLength(integrityKey, IntegrityKeyBytes, nameof(integrityKey));
        if (!IsSupportedBy(provider))
            throw new NotSupportedException($".NET does not have every primitive of {this}");

        var wantsBcl = provider != CryptoProvider.BouncyCastle;
        var mac = Integrity?.Keyer(integrityKey, wantsBcl && Integrity.IsInBcl);
        var keyBytes = EncryptionKeyBits / 8;
        return Encryption.Keyer(new EspKeying(
            Encryption,
            encryptionKeyMaterial[..keyBytes],
            encryptionKeyMaterial[keyBytes..],
            mac,
            IcvBytes,
            wantsBcl && Encryption.IsInBcl));
    }

    /// <summary>For example ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128; the key size appears only where there is a choice.</summary>
    public override string ToString()
    {
        var encryption = Encryption.KeyBits.Length > 1 ? $"{Encryption}-{EncryptionKeyBits}" : Encryption.Name;
        return Encryption.IsCombinedMode ? encryption : $"{encryption}/{Integrity?.Name ?? NoIntegrity}";
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out EspSuite? suite, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        suite = null;
        var (encryptionText, integrityText) = Split(text, '/');
        var (encryptionName, bitsText) = Split(encryptionText, '-');

        var encryption = EspSuites.Encryption.FirstOrDefault(candidate => candidate.Name == encryptionName);
        if (encryption is null)
        {
            error = $"'{encryptionName}' is not a known encryption transform";
            return false;
        }

        var bits = encryption.KeyBits[0];
        if ((bitsText is null) != (encryption.KeyBits.Length == 1) || (bitsText is not null && !TryParseBits(bitsText, out bits)))
        {
            error = $"'{encryptionText}' needs {KeySizes(encryption)}";
            return false;
        }

        var integrity = EspSuites.Integrity.FirstOrDefault(candidate => candidate.Name == integrityText);
        if (integrity is null && integrityText is not (null or NoIntegrity))
        {
            error = $"'{integrityText}' is not a known integrity transform";
            return false;
        }

        if (encryption.IsCombinedMode != integrityText is null)
        {
            error = encryption.IsCombinedMode
                ? $"'{encryption}' is a combined mode and takes no integrity transform"
                : $"'{encryption}' needs an integrity transform or {NoIntegrity} behind a slash";
            return false;
        }

        error = Fault(encryption, bits, integrity);
        if (error is not null)
            return false;
        suite = new EspSuite(encryption, bits, integrity);
        return true;
    }

    private static bool TryParseBits(string text, out int bits) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bits);

    private static (string Left, string? Right) Split(string text, char separator) =>
        text.IndexOf(separator) is var at and >= 0 ? (text[..at], text[(at + 1)..]) : (text, null);

    private static string? Fault(EncryptionTransform encryption, int keyBits, IntegrityTransform? integrity)
    {
        if (!encryption.KeyBits.Contains(keyBits))
            return $"'{encryption}' has no key of {keyBits} bits; it needs {KeySizes(encryption)}";
        return encryption.IsCombinedMode && integrity is not null
            ? $"'{encryption}' is a combined mode and takes no integrity transform"
            : null;
    }

    private static string KeySizes(EncryptionTransform encryption) => encryption.KeyBits.Length == 1
        ? "no key size"
        : $"one of the key sizes {string.Join(", ", encryption.KeyBits)} behind a hyphen";

    private void RequireLength(ReadOnlySpan<byte> key, int expectedBytes, string parameter)
    {
        if (key.Length != expectedBytes)
            throw new ArgumentException($"{this} takes {expectedBytes} bytes here, not {key.Length}", parameter);
    }
}
