using Conformance.Spec.Crypto.Transforms;

namespace Conformance.Spec.Crypto.Ike;

/// <summary>Makes of a key of any length one that the underlying MAC takes.</summary>
internal delegate byte[] PrfKeyRule(ReadOnlySpan<byte> key, bool useBcl);

/// <summary>A pseudorandom function as data. RFC 7296 §2.13 and §3.3.2.</summary>
public sealed record IkePrf
{
    /// <summary>IANA's name, for example PRF_HMAC_SHA2_256.</summary>
    public required string Name { get; init; }

    /// <summary>IKEv2 transform id (type 2).</summary>
    public required ushort TransformId { get; init; }

    /// <summary>Output in bytes.</summary>
    public required int OutputBytes { get; init; }

    /// <summary>Preferred key length in bytes: that of SK_d, SK_pi and SK_pr.</summary>
    public required int KeyBytes { get; init; }

    /// <summary>True if a nonce is at least half as long as the key. RFC 7296 §2.10.</summary>
    public bool TakesNonce(int nonceBytes) => 2 * nonceBytes >= KeyBytes;

    /// <summary>Defining document and section.</summary>
    public required string Rfc { get; init; }

    /// <summary>True when SKEYSEED is keyed with the first 64 bits of each nonce only. RFC 7296 §2.14.</summary>
    public bool TakesHalfTheKeyFromEachNonce { get; init; }

    /// <summary>The MAC beneath, whose full output it is.</summary>
    internal IntegrityTransform Mac { get; init; } = null!;

    /// <summary>What is done to a key before the MAC takes it.</summary>
    internal PrfKeyRule KeyRule { get; init; } = static (key, _) => key.ToArray();

    /// <summary>prf(key, data). RFC 7296 §2.13.</summary>
    public byte[] Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, CryptoProvider provider = CryptoProvider.Preferred)
    {
        using var keyed = Keyed(key, provider);
        var output = new byte[OutputBytes];
        keyed.Compute(data, [], output);
        return output;
    }

    /// <summary>prf+(key, seed), as many bytes as the output has; false when that is more than 255 blocks. RFC 7296 §2.13.</summary>
    public bool TryExpand(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> seed, Span<byte> output, CryptoProvider provider = CryptoProvider.Preferred)
    {
        if (output.Length > MostExpandedBytes)
            return false;
        using var keyed = Keyed(key, provider);
        byte[] previous = [];
        for (byte counter = 1; !output.IsEmpty; counter++)
        {
            var block = new byte[OutputBytes];
            keyed.Compute(previous, [.. seed, counter], block);
            var taken = Math.Min(OutputBytes, output.Length);
            block.AsSpan(0, taken).CopyTo(output);
            output = output[taken..];
            previous = block;
        }

        return true;
    }

    /// <summary>The most that prf+ gives: the counter is one byte and starts at one. RFC 7296 §2.13.</summary>
    public int MostExpandedBytes => byte.MaxValue * OutputBytes;

    /// <summary>IANA's name.</summary>
    public override string ToString() => Name;

    private EspMac Keyed(ReadOnlySpan<byte> key, CryptoProvider provider)
    {
        var useBcl = provider != CryptoProvider.BouncyCastle && Mac.IsInBcl;
        return Mac.Keyer(KeyRule(key, useBcl), useBcl);
    }
}
