using Conformance.Spec.Crypto.Ike.KeyExchange;

namespace Conformance.Spec.Crypto.Ike;

/// <summary>The transforms that protect an IKE SA. RFC 7296 §3.3.</summary>
/// <param name="Encryption">One of <see cref="IkeTransforms.Encryption"/>.</param>
/// <param name="EncryptionKeyBits">Cipher key without salt, in bits.</param>
/// <param name="Integrity">Separate integrity transform; null for combined modes.</param>
/// <param name="Prf">Pseudorandom function.</param>
/// <param name="KeyExchange">The method of the first key exchange.</param>
public sealed record IkeSuite(
    EncryptionTransform Encryption, int EncryptionKeyBits, IntegrityTransform? Integrity, IkePrf Prf, KeyExchangeMethod KeyExchange)
{
    /// <summary>Length of SK_ei and SK_er: cipher key and salt, in bytes. RFC 5282 §7.1.</summary>
    public int EncryptionKeyMaterialBytes => EncryptionKeyBits / 8 + Encryption.SaltBytes;

    /// <summary>Length of SK_ai and SK_ar in bytes; 0 for combined modes. RFC 5282 §7.</summary>
    public int IntegrityKeyBytes => (Integrity?.KeyBits ?? 0) / 8;

    /// <summary>Explicit IV of an Encrypted payload in bytes.</summary>
    public int IvBytes => Encryption.IvBytes;

    /// <summary>Integrity Checksum Data of an Encrypted payload in bytes.</summary>
    public int IcvBytes => Integrity?.IcvBytes ?? Encryption.IcvBytes;

    /// <summary>Plaintext, padding and Pad Length together are a multiple of this many bytes. RFC 7296 §3.14, RFC 5282 §3.</summary>
    public int BlockBytes => Encryption.BlockBytes;

    /// <summary>True if transforms of these kinds can protect an IKE SA together. RFC 5282 §8, RFC 7296 §3.3.3.</summary>
    public bool IsSound =>
        IkeTransforms.Encryption.Contains(Encryption)
        && Encryption.KeyBits.Contains(EncryptionKeyBits)
        && Encryption.IsCombinedMode == Integrity is null;

    /// <summary>The names of the transforms, separated by slashes.</summary>
    public override string ToString()
    {
        var encryption = Encryption.KeyBits.Length > 1 ? $"{Encryption}-{EncryptionKeyBits}" : Encryption.Name;
        return string.Join('/', new[] { encryption, Integrity?.Name, Prf.Name, KeyExchange.Name }.Where(name => name is not null));
    }
}
