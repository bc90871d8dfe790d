namespace Conformance.Spec.Crypto.Ike.Keys;

/// <summary>The seven keys of an IKE SA. RFC 7296 §2.14.</summary>
/// <param name="Derivation">SK_d: the root of Child SA keys and of the next IKE SA.</param>
/// <param name="InitiatorIntegrity">SK_ai; none for a combined mode.</param>
/// <param name="ResponderIntegrity">SK_ar; none for a combined mode.</param>
/// <param name="InitiatorEncryption">SK_ei: cipher key, then salt.</param>
/// <param name="ResponderEncryption">SK_er: cipher key, then salt.</param>
/// <param name="InitiatorAuthentication">SK_pi.</param>
/// <param name="ResponderAuthentication">SK_pr.</param>
public sealed record IkeKeys(
    IkeSecret Derivation,
    IkeSecret InitiatorIntegrity,
    IkeSecret ResponderIntegrity,
    IkeSecret InitiatorEncryption,
    IkeSecret ResponderEncryption,
    IkeSecret InitiatorAuthentication,
    IkeSecret ResponderAuthentication)
{
    /// <summary>What the original initiator of the IKE SA seals its messages with.</summary>
    public SealingKeys InitiatorSealing => new(InitiatorEncryption, InitiatorIntegrity);

    /// <summary>What the original responder of the IKE SA seals its messages with.</summary>
    public SealingKeys ResponderSealing => new(ResponderEncryption, ResponderIntegrity);
}

/// <summary>The keys of one direction of an IKE SA. RFC 7296 §3.14.</summary>
/// <param name="Encryption">SK_ei or SK_er: cipher key, then salt.</param>
/// <param name="Integrity">SK_ai or SK_ar; none for a combined mode.</param>
public sealed record SealingKeys(IkeSecret Encryption, IkeSecret Integrity);

/// <summary>The keys of a pair of Child SAs. RFC 7296 §2.17.</summary>
/// <param name="InitiatorEncryption">Cipher key and salt of the SA from the initiator of the exchange to its responder.</param>
/// <param name="InitiatorIntegrity">Its integrity key; none for a combined mode.</param>
/// <param name="ResponderEncryption">Cipher key and salt of the SA in the other direction.</param>
/// <param name="ResponderIntegrity">Its integrity key; none for a combined mode.</param>
public sealed record ChildKeys(
    IkeSecret InitiatorEncryption, IkeSecret InitiatorIntegrity, IkeSecret ResponderEncryption, IkeSecret ResponderIntegrity);
