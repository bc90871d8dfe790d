using System.Collections.Immutable;

namespace Conformance.Spec.Crypto;

/// <summary>How a transform's explicit IV must be chosen by its sender.</summary>
public enum IvRule
{
    /// <summary>No IV on the wire (NULL, implicit-IV transforms of RFC 8750).</summary>
    None,

    /// <summary>Any value never used before under the key (counter modes).</summary>
    Unique,

    /// <summary>Unpredictable to an observer (CBC). RFC 3602 §3.</summary>
    Unpredictable,
}

/// <summary>Which implementation computes a primitive.</summary>
public enum CryptoProvider
{
    /// <summary>.NET where it has the primitive, else BouncyCastle.</summary>
    Preferred,

    /// <summary>.NET's own; asking for an absent primitive throws <see cref="NotSupportedException"/>.</summary>
    Bcl,

    /// <summary>BouncyCastle: the second opinion.</summary>
    BouncyCastle,
}

/// <summary>An ESP encryption or combined-mode transform as data. RFC 4303 §3.2.</summary>
public sealed record EncryptionTransform
{
    /// <summary>IANA's name, for example ENCR_AES_GCM_16.</summary>
    public required string Name { get; init; }

    /// <summary>IKEv2 transform id (type 1).</summary>
    public required ushort TransformId { get; init; }

    /// <summary>Permitted key lengths in bits, without salt.</summary>
    public required ImmutableArray<int> KeyBits { get; init; }

    /// <summary>Secret salt or nonce that follows the key in the keying material, in bytes.</summary>
    public required int SaltBytes { get; init; }

    /// <summary>Explicit IV on the wire, in bytes.</summary>
    public required int IvBytes { get; init; }

    /// <summary>Rule for the explicit IV.</summary>
    public required IvRule IvRule { get; init; }

    /// <summary>ICV of a combined mode in bytes; 0 means a separate integrity transform is paired with it.</summary>
    public required int IcvBytes { get; init; }

    /// <summary>Cipher block in bytes (1 for stream and counter modes).</summary>
    public required int BlockBytes { get; init; }

    /// <summary>The ciphertext length is a multiple of this many bytes: max(4, cipher block). RFC 4303 §2.4.</summary>
    public int AlignmentBytes => Math.Max(4, BlockBytes);

    /// <summary>Defining document and section.</summary>
    public required string Rfc { get; init; }

    /// <summary>True when one algorithm gives confidentiality and integrity (or integrity alone, GMAC).</summary>
    public bool IsCombinedMode => IcvBytes > 0;

    /// <summary>True when the payload is not encrypted (NULL, GMAC).</summary>
    public bool IsIntegrityOnly { get; init; }

    /// <summary>True when the IV is derived from the sequence number. RFC 8750.</summary>
    public bool HasImplicitIv { get; init; }

    /// <summary>True when .NET has the primitive on this platform.</summary>
    public bool IsInBcl { get; init; } = true;

    /// <summary>Makes the bare cipher that goes with a separate integrity transform; null for combined modes.</summary>
    internal CipherKeyer? Cipher { get; init; }

    /// <summary>Makes the bare combined mode; null for ciphers and for GMAC, which covers the IV in its own way.</summary>
    internal AeadKeyer? Aead { get; init; }

    /// <summary>Makes the keyed ESP transform: from the bare primitive, unless the transform has its own way.</summary>
    internal EncryptionKeyer Keyer
    {
        get => field ?? FromPrimitive;
        init;
    }

    /// <summary>IANA's name.</summary>
    public override string ToString() => Name;

    private EspProtection FromPrimitive(EspKeying keying) => Aead is { } aead
        ? new CombinedModeProtection(keying, aead(keying))
        : new CipherThenMacProtection(keying, Cipher!(keying));
}

/// <summary>An ESP integrity transform as data. RFC 4303 §3.2.2.</summary>
public sealed record IntegrityTransform
{
    /// <summary>IANA's name, for example AUTH_HMAC_SHA2_256_128.</summary>
    public required string Name { get; init; }

    /// <summary>IKEv2 transform id (type 3).</summary>
    public required ushort TransformId { get; init; }

    /// <summary>Key length in bits.</summary>
    public required int KeyBits { get; init; }

    /// <summary>Truncated ICV on the wire, in bytes.</summary>
    public required int IcvBytes { get; init; }

    /// <summary>Defining document and section.</summary>
    public required string Rfc { get; init; }

    /// <summary>True when .NET has the primitive on this platform.</summary>
    public bool IsInBcl { get; init; } = true;

    /// <summary>Makes the keyed MAC. Not required only because a required member must be public.</summary>
    internal IntegrityKeyer Keyer { get; init; } = null!;

    /// <summary>IANA's name.</summary>
    public override string ToString() => Name;
}
