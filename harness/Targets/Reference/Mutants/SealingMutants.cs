using Conformance.Harness.Oracle.Misconstructions;
using Conformance.Spec.Crypto;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in how packets of SAs with a cipher and a MAC are sealed.</summary>
public abstract record SeparateSealingMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right) =>
        direction == PolicyDirection.Outbound && sa.Suite.Integrity is not null ? Build(sa) : right;

    private protected abstract EspProtection Build(SecurityAssociation sa);
}

/// <summary>The ICV is computed before encryption.</summary>
public sealed record IcvOverPlaintext() : SeparateSealingMutant("icv-over-plaintext", "RFC4303-3.3.2.1-03", "authenticate, then encrypt")
{
    private protected override EspProtection Build(SecurityAssociation sa) => new SeparateByHand(sa) { OverPlaintext = true };
}

/// <summary>The integrity key is all zero.</summary>
public sealed record UnkeyedIcv() : SeparateSealingMutant("icv-unkeyed", "RFC4303-3.3.2.1-04", "the key is copied after it was cleared")
{
    private protected override EspProtection Build(SecurityAssociation sa) => new SeparateByHand(sa, zeroKey: true);
}

/// <summary>The high half goes in front of the SPI.</summary>
public sealed record HighHalfInFront() : SeparateSealingMutant(
    "esn-half-in-front", "RFC4303-3.3.2.1-06", "the order of combined modes with a separate MAC")
{
    private protected override EspProtection Build(SecurityAssociation sa) => new SeparateByHand(sa) { HighHalfInFront = true };
}

/// <summary>Every ICV has 12 bytes.</summary>
public sealed record ShortIcv() : Mutant("icv-of-12-bytes", "RFC4303-2.8-01", "Linux cuts HMAC-SHA-256 to 96 bits by default")
{
    private const int Bytes = 12;

    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4106-6-01", "RFC4309-2-03", "RFC4543-3.4-01"];

    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right) =>
        direction == PolicyDirection.Inbound || sa.Suite.IcvBytes <= Bytes ? right
        : sa.Suite.Encryption.Name.Contains("CHACHA", StringComparison.Ordinal) ? right
        : sa.Suite.Integrity is not null ? new SeparateByHand(sa, icvBytes: Bytes)
        : new CombinedByHand(sa, Bytes);
}

/// <summary>A fault in how packets of combined modes are sealed.</summary>
public abstract record CombinedSealingMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right) =>
        direction == PolicyDirection.Outbound && CombinedByHand.CanDo(sa.Suite.Encryption) && Concerns(sa.Suite.Encryption)
            ? Build(sa)
            : right;

    private protected abstract EspProtection Build(SecurityAssociation sa);

    private protected virtual bool Concerns(EncryptionTransform transform) => true;
}

/// <summary>The nonce ends with the salt.</summary>
public sealed record SaltBehindIv() : CombinedSealingMutant("salt-behind-iv", "RFC4106-4-01", "the nonce is built from the wrong end")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4309-4-01", "RFC4543-3.2-01", "RFC7634-2-01"];

    private protected override EspProtection Build(SecurityAssociation sa) => new CombinedByHand(sa) { SaltBehindIv = true };
}

/// <summary>SPI and number are not authenticated.</summary>
public sealed record HeaderNotAuthenticated() : CombinedSealingMutant(
    "header-not-authenticated", "RFC4106-5-01", "no additional data are given to the mode")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4309-5-01", "RFC4543-3.3-01", "RFC7634-2.1-01"];

    private protected override EspProtection Build(SecurityAssociation sa) => new CombinedByHand(sa) { HeaderLeftOut = true };
}

/// <summary>With ESN the low half comes first.</summary>
public sealed record EsnHalvesSwapped() : CombinedSealingMutant(
    "esn-halves-swapped", "RFC4106-5-02", "VPP swapped the halves of the number")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4543-3.3-02"];

    private protected override EspProtection Build(SecurityAssociation sa) => new CombinedByHand(sa) { HalvesSwapped = true };
}

/// <summary>GMAC leaves its IV out of the additional data.</summary>
public sealed record GmacWithoutIv() : CombinedSealingMutant("gmac-without-iv", "RFC4543-3.3-03", "the other reading of RFC 4543 §7")
{
    private protected override EspProtection Build(SecurityAssociation sa) => new CombinedByHand(sa) { IvLeftOut = true };

    private protected override bool Concerns(EncryptionTransform transform) => transform.IsIntegrityOnly;
}

/// <summary>The IV follows from the number and is not sent.</summary>
public sealed record IvNotSent() : CombinedSealingMutant("iv-not-sent", "RFC4106-3.1-01", "an implicit IV although none was agreed on")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4309-3.1-01", "RFC4543-3.1-01"];

    private protected override EspProtection Build(SecurityAssociation sa) => new CombinedByHand(sa) { NoIvField = true };

    private protected override bool Concerns(EncryptionTransform transform) =>
        !transform.HasImplicitIv && !transform.Name.Contains("CHACHA", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override ByteString Iv(EncryptionTransform encryption, ByteString iv, ulong counter, ByteString lastCiphertext) =>
        CombinedByHand.CanDo(encryption) && Concerns(encryption) ? ByteString.Empty : iv;
}

/// <summary>An implicit IV has the number at its head.</summary>
public sealed record ImplicitIvReversed() : CombinedSealingMutant(
    "implicit-iv-reversed", "RFC8750-4-01", "the zeros stand behind the number")
{
    private protected override EspProtection Build(SecurityAssociation sa) => new CombinedByHand(sa) { ImplicitIvReversed = true };

    private protected override bool Concerns(EncryptionTransform transform) => transform.HasImplicitIv;
}

/// <summary>CCM with a length field of 2 bytes.</summary>
public sealed record CcmShortLengthField() : CombinedSealingMutant("ccm-short-length-field", "RFC4309-2-05", "the parameters of 802.11")
{
    private protected override EspProtection Build(SecurityAssociation sa) => new CombinedByHand(sa) { ShortLengthField = true };

    private protected override bool Concerns(EncryptionTransform transform) =>
        transform.Name.Contains("CCM", StringComparison.Ordinal) && !transform.HasImplicitIv;
}
