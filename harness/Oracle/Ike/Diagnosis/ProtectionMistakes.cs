using System.Collections.Immutable;
using System.Security.Cryptography;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Protection;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Ike.Diagnosis;

/// <summary>A sealed message that does not open by its right keys.</summary>
/// <param name="Cryptography">What computes.</param>
/// <param name="Suite">Its suite.</param>
/// <param name="Keys">The right keys.</param>
/// <param name="Associated">From the IKE header through the generic header of SK, or through Total Fragments.</param>
/// <param name="Body">IV, ciphertext, ICV.</param>
internal sealed record SealedContent(IIkeCryptography Cryptography, IkeSuite Suite, SealingKeys Keys, ByteString Associated, ByteString Body)
{
    private const int HeaderBytes = 28;

    /// <summary>From the IKE header on, without what stands in front of SK and without SK's own header.</summary>
    public ByteString Header => Associated.Slice(..HeaderBytes);

    /// <summary>What stands behind the header.</summary>
    public ByteString BehindHeader => Associated.Slice(HeaderBytes..);

    /// <summary>The IV.</summary>
    public ByteString Iv => Body.Slice(..Suite.IvBytes);

    /// <summary>True if it opens with other associated data.</summary>
    public bool OpensWith(ReadOnlySpan<byte> associated) => Cryptography.TryOpen(Suite, Keys, new ByteString(associated), Body, out _, out _);

    /// <summary>Why it does not open.</summary>
    public OpeningError Error => Cryptography.TryOpen(Suite, Keys, Associated, Body, out _, out OpeningError error) ? OpeningError.None : error;
}

/// <summary>One way in which stacks are known to protect a message otherwise, with the right keys.</summary>
/// <param name="What">What was done, for people.</param>
/// <param name="Clause">The clause that it breaks.</param>
/// <param name="Explains">True if that is how it was done.</param>
internal sealed record ProtectionMistake(string What, string Clause, Func<SealedContent, bool> Explains);

/// <summary>The known mistakes in ICV, associated data, nonce and padding. RFC 7296 §3.14, RFC 5282 §3, §5.</summary>
internal static class ProtectionMistakes
{
    private const int ShortIcvBytes = 12;
    private const string Covered = "RFC7296-3.14-09";
    private const string Associated = "RFC7296-3.14-10";

    /// <summary>One line each.</summary>
    public static ImmutableArray<ProtectionMistake> All { get; } =
    [
        new("the pad length is greater than all that was encrypted", "RFC7296-3.14-08", s => s.Error == OpeningError.PadLengthTooLarge),
        new("what was encrypted does not fill the last block", "RFC7296-3.14-05", s => s.Error == OpeningError.NotWholeBlocks && !IsShort(s)),
        new("the associated data leave out the generic header of SK", Associated, s => IsCombined(s) && s.OpensWith(s.Header.Span)),
        new("there are no associated data", Associated, s => IsCombined(s) && s.OpensWith([])),
        new("the associated data leave out the IKE header", Associated, s => IsCombined(s) && s.OpensWith(s.BehindHeader.Span)),
        new("the associated data hold the IV, too", Associated, s => IsCombined(s) && s.OpensWith([.. s.Associated.Span, .. s.Iv.Span])),
        new("the lengths are still 0 among the associated data", Associated, s => IsCombined(s) && s.OpensWith(WithoutLengths(s.Associated))),
        new("the nonce has no salt", "RFC7296-2.14-06", s => IsCombined(s) && (s with { Keys = WithSalt(s, salt => salt.Clear()) }).OpensWith(s.Associated.Span)),
        new("the salt is reversed in the nonce", "RFC7296-2.14-06", s => IsCombined(s) && (s with { Keys = WithSalt(s, salt => salt.Reverse()) }).OpensWith(s.Associated.Span)),
        new("the ICV leaves out the IKE header", Covered, s => Mac(s) is { } mac && IsMac(s, mac, [.. s.BehindHeader.Span, .. Ciphertext(s)])),
        new("the ICV leaves out the generic header of SK", Covered, s => Mac(s) is { } mac && IsMac(s, mac, [.. s.Header.Span, .. Ciphertext(s)])),
        new("the ICV leaves out all headers", Covered, s => Mac(s) is { } mac && IsMac(s, mac, [.. Ciphertext(s)])),
        new("the ICV leaves out the IV", Covered, s => Mac(s) is { } mac && IsMac(s, mac, [.. s.Associated.Span, .. Ciphertext(s)[s.Suite.IvBytes..]])),
        new("the ICV covers zeros where it stands itself", Covered, s => Mac(s) is { } mac && IsMac(s, mac, [.. s.Associated.Span, .. Ciphertext(s), .. new byte[s.Suite.IcvBytes]])),
        new("the ICV is computed before encryption", Covered, s => Mac(s) is { } mac && Plaintext(s) is { } plain && IsMac(s, mac, [.. s.Associated.Span, .. s.Iv.Span, .. plain])),
        new("the lengths are still 0 in what the ICV covers", Covered, s => Mac(s) is { } mac && IsMac(s, mac, [.. WithoutLengths(s.Associated), .. Ciphertext(s)])),
        new($"the ICV has {ShortIcvBytes} octets", Covered, IsShort),
    ];

    private static bool IsCombined(SealedContent message) => message.Suite.Integrity is null;

    private static ReadOnlySpan<byte> Ciphertext(SealedContent message) => message.Body.Span[..Math.Max(0, message.Body.Length - message.Suite.IcvBytes)];

    private static bool IsShort(SealedContent message) =>
        Mac(message) is { } mac && message.Suite.IcvBytes > ShortIcvBytes && message.Body.Length > ShortIcvBytes
        && Hashed(message, mac, [.. message.Associated.Span, .. message.Body.Span[..^ShortIcvBytes]]).AsSpan(0, ShortIcvBytes).SequenceEqual(message.Body.Span[^ShortIcvBytes..]);

    private static bool IsMac(SealedContent message, HashAlgorithmName mac, byte[] covered) =>
        message.Body.Length > message.Suite.IcvBytes && Hashed(message, mac, covered).AsSpan(0, message.Suite.IcvBytes).SequenceEqual(message.Body.Span[^message.Suite.IcvBytes..]);

    private static byte[] Hashed(SealedContent message, HashAlgorithmName mac, byte[] covered) => CryptographicOperations.HmacData(mac, message.Keys.Integrity.Span, covered);

    // The HMACs: what else there is, is rare.
    private static HashAlgorithmName? Mac(SealedContent message) => message.Suite.Integrity?.Name switch
    {
        { } name when name.Contains("SHA1", StringComparison.Ordinal) => HashAlgorithmName.SHA1,
        { } name when name.Contains("256", StringComparison.Ordinal) && name.Contains("SHA2", StringComparison.Ordinal) => HashAlgorithmName.SHA256,
        { } name when name.Contains("384", StringComparison.Ordinal) => HashAlgorithmName.SHA384,
        { } name when name.Contains("512", StringComparison.Ordinal) => HashAlgorithmName.SHA512,
        _ => null,
    };

    private static byte[]? Plaintext(SealedContent message)
    {
        ReadOnlySpan<byte> data = Ciphertext(message)[message.Suite.IvBytes..];
        if (!message.Suite.Encryption.Name.Contains("CBC", StringComparison.Ordinal) || !message.Suite.Encryption.Name.Contains("AES", StringComparison.Ordinal) || data.Length % message.Suite.BlockBytes != 0)
        {
            return null;
        }

        using Aes aes = Aes.Create();
        aes.Key = message.Keys.Encryption.Span.ToArray();
        return aes.DecryptCbc(data, message.Iv.Span, PaddingMode.None);
    }

    private static SealingKeys WithSalt(SealedContent message, Action<Memory<byte>> change)
    {
        byte[] key = message.Keys.Encryption.Span.ToArray();
        change(key.AsMemory(key.Length - message.Suite.Encryption.SaltBytes));
        return message.Keys with { Encryption = new IkeSecret(key) };
    }

    private static void Clear(this Memory<byte> bytes) => bytes.Span.Clear();

    private static void Reverse(this Memory<byte> bytes) => bytes.Span.Reverse();

    private static byte[] WithoutLengths(ByteString associated)
    {
        const int LengthOffset = 24;
        byte[] bytes = associated.ToArray();
        bytes.AsSpan(LengthOffset, sizeof(uint)).Clear();
        bytes.AsSpan(30, sizeof(ushort)).Clear();
        return bytes;
    }
}
