using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Conformance.Spec.Crypto.Ike.Keys;

namespace Conformance.Spec.Crypto.Ike.Protection;

/// <summary>The body of an Encrypted payload: IV, encrypted payloads with padding and Pad Length, ICV. RFC 7296 §3.14, RFC 5282 §3.</summary>
/// <remarks>
/// The associated data are the message from the IKE header through the generic header of the Encrypted payload; under RFC 7383
/// through Total Fragments. A cipher with a separate MAC authenticates them too, and the IV and ciphertext behind them.
/// </remarks>
public static class EncryptedPayload
{
    private const int PadLengthBytes = 1;

    /// <summary>Length of the body, in bytes; the Length fields in front must count it before it is sealed.</summary>
    public static int SealedBytes(IkeSuite suite, int plaintextBytes, int paddingBytes) =>
        suite.IvBytes + plaintextBytes + paddingBytes + PadLengthBytes + suite.IcvBytes;

    /// <summary>The least padding that fills the last block.</summary>
    public static int LeastPaddingBytes(IkeSuite suite, int plaintextBytes) =>
        suite.BlockBytes - 1 - plaintextBytes % suite.BlockBytes;

    /// <summary>Seals payloads.</summary>
    /// <remarks>
    /// A tester can seal what does not fill the last block: a block cipher leaves the rest in clear, and the ICV is right.
    /// </remarks>
    /// <param name="suite">The suite of the IKE SA.</param>
    /// <param name="keys">The sender's keys.</param>
    /// <param name="associatedData">What is authenticated in front.</param>
    /// <param name="plaintext">The payloads inside.</param>
    /// <param name="iv">As long as the suite says.</param>
    /// <param name="padding">At most 255 bytes, of any value.</param>
    /// <param name="provider">Which implementation computes.</param>
    /// <param name="padLength">What Pad Length says, where that is to be a lie.</param>
    /// <exception cref="ArgumentException">A key or the IV has the wrong length, or the padding more than 255 bytes.</exception>
    public static byte[] Seal(
        IkeSuite suite,
        SealingKeys keys,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> plaintext,
        ReadOnlySpan<byte> iv,
        ReadOnlySpan<byte> padding,
        CryptoProvider provider = CryptoProvider.Preferred,
        byte? padLength = null)
    {
        RequireLength(iv.Length, suite.IvBytes, nameof(iv));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(padding.Length, byte.MaxValue, nameof(padding));
        byte[] body = [.. iv, .. plaintext, .. padding, padLength ?? (byte)padding.Length, .. new byte[suite.IcvBytes]];
        var data = body.AsSpan()[iv.Length..^suite.IcvBytes];
        var icv = body.AsSpan()[^suite.IcvBytes..];
        if (suite.Encryption.Aead is { } aead)
        {
            using var combined = aead(Keying(suite, keys, provider));
            combined.Seal(Nonce(suite, keys, iv), associatedData, data, icv);
            return body;
        }

        using var cipher = suite.Encryption.Cipher!(Keying(suite, keys, provider));
        cipher.Encrypt(iv, data);
        Authenticate(suite, keys, associatedData, body.AsSpan()[..^suite.IcvBytes], icv, provider);
        return body;
    }

    /// <summary>Verifies, decrypts, and takes off the padding, whose values are not looked at.</summary>
    /// <exception cref="ArgumentException">A key has the wrong length.</exception>
    public static bool TryOpen(
        IkeSuite suite,
        SealingKeys keys,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> body,
        [NotNullWhen(true)] out byte[]? plaintext,
        out OpeningError error,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        plaintext = null;
        var dataBytes = body.Length - suite.IvBytes - suite.IcvBytes;
        error = dataBytes < PadLengthBytes ? OpeningError.TooShort
            : dataBytes % suite.BlockBytes != 0 ? OpeningError.NotWholeBlocks
            : OpeningError.None;
        if (error != OpeningError.None)
            return false;

        var iv = body[..suite.IvBytes];
        var icv = body[^suite.IcvBytes..];
        var data = body[suite.IvBytes..^suite.IcvBytes].ToArray();
        if (!Decrypts(suite, keys, associatedData, iv, data, icv, provider))
        {
            error = OpeningError.WrongIcv;
            return false;
        }

        var plaintextBytes = data.Length - PadLengthBytes - data[^1];
        if (plaintextBytes < 0)
        {
            error = OpeningError.PadLengthTooLarge;
            return false;
        }

        plaintext = data[..plaintextBytes];
        return true;
    }

    private static bool Decrypts(
        IkeSuite suite,
        SealingKeys keys,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> iv,
        Span<byte> data,
        ReadOnlySpan<byte> icv,
        CryptoProvider provider)
    {
        if (suite.Encryption.Aead is { } aead)
        {
            using var combined = aead(Keying(suite, keys, provider));
            return combined.TryOpen(Nonce(suite, keys, iv), associatedData, data, icv);
        }

        Span<byte> expected = stackalloc byte[EspMac.LongestTagBytes];
        expected = expected[..suite.IcvBytes];
        Authenticate(suite, keys, associatedData, [.. iv, .. data], expected, provider);
        if (!CryptographicOperations.FixedTimeEquals(expected, icv))
            return false;
        using var cipher = suite.Encryption.Cipher!(Keying(suite, keys, provider));
        cipher.Decrypt(iv, data);
        return true;
    }

    private static EspKeying Keying(IkeSuite suite, SealingKeys keys, CryptoProvider provider)
    {
        RequireLength(keys.Encryption.Length, suite.EncryptionKeyMaterialBytes, nameof(keys));
        var keyBytes = suite.EncryptionKeyBits / 8;
        return new EspKeying(
            suite.Encryption,
            keys.Encryption.Span[..keyBytes],
            keys.Encryption.Span[keyBytes..],
            null,
            suite.IcvBytes,
            provider != CryptoProvider.BouncyCastle && suite.Encryption.IsInBcl);
    }

    private static byte[] Nonce(IkeSuite suite, SealingKeys keys, ReadOnlySpan<byte> iv) =>
        [.. keys.Encryption.Span[(suite.EncryptionKeyBits / 8)..], .. iv];

    // RFC 7296 §3.14: the ICV covers the whole message in front of it, after encryption.
    private static void Authenticate(
        IkeSuite suite,
        SealingKeys keys,
        ReadOnlySpan<byte> associatedData,
        ReadOnlySpan<byte> ivAndCiphertext,
        Span<byte> icv,
        CryptoProvider provider)
    {
        if (suite.Integrity is not { } integrity)
            return;
        RequireLength(keys.Integrity.Length, suite.IntegrityKeyBytes, nameof(keys));
        using var mac = integrity.Keyer(keys.Integrity.Span, provider != CryptoProvider.BouncyCastle && integrity.IsInBcl);
        mac.Compute(associatedData, ivAndCiphertext, icv);
    }

    private static void RequireLength(int actualBytes, int expectedBytes, string parameter)
    {
        if (actualBytes != expectedBytes)
            throw new ArgumentException($"{expectedBytes} bytes are needed here, not {actualBytes}", parameter);
    }
}
