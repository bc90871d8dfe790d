using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault around the sealing of every packet.</summary>
public abstract record OutboundProtectionMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspProtection Protect(PolicyDirection direction, SecurityAssociation sa, EspProtection right) =>
        direction == PolicyDirection.Outbound && Concerns(sa)
            ? new WrappedProtection(right) { OnSeal = (inner, packet, high, extended) => Seal(inner, packet, high, extended) }
            : right;

    private protected virtual bool Concerns(SecurityAssociation sa) => true;

    private protected abstract void Seal(EspProtection right, Span<byte> packet, uint high, bool extended);
}

/// <summary>One bit of every ICV is wrong.</summary>
public sealed record IcvDamaged() : OutboundProtectionMutant(
    "icv-damaged", "RFC4303-3.3.2.1-05", "the last byte of the digest is not written")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.3.2.2-01", "RFC4303-1-05", "RFC3948-1-02", "RFC3948-1-03"];

    private protected override void Seal(EspProtection right, Span<byte> packet, uint high, bool extended)
    {
        right.Seal(packet, high, extended);
        packet[^1] ^= 1;
    }
}

/// <summary>With ESN the ICV goes on with the first high half.</summary>
public sealed record HighHalfStays() : OutboundProtectionMutant(
    "esn-half-stays-when-sending", "RFC4303-3.3.3-11", "a 32-bit counter behind a 64-bit SA")
{
    private protected override void Seal(EspProtection right, Span<byte> packet, uint high, bool extended) =>
        right.Seal(packet, 0, extended);
}

/// <summary>The ICV covers a high half without ESN.</summary>
public sealed record HighHalfWithoutEsn() : OutboundProtectionMutant(
    "esn-half-without-esn", "RFC4303-2-07", "four zero bytes are always appended")
{
    private protected override void Seal(EspProtection right, Span<byte> packet, uint high, bool extended) =>
        right.Seal(packet, high, true);
}

/// <summary>The payload is authenticated and not encrypted.</summary>
public sealed record PayloadInClear() : OutboundProtectionMutant(
    "payload-in-clear", "RFC4303-2-04", "encryption into another buffer, which is then dropped")
{
    private protected override bool Concerns(SecurityAssociation sa) => !sa.Suite.Encryption.IsIntegrityOnly;

    private protected override void Seal(EspProtection right, Span<byte> packet, uint high, bool extended)
    {
        byte[] plain = packet.ToArray();
        right.Seal(packet, high, extended);
        plain.AsSpan(0, packet.Length - right.IcvBytes).CopyTo(packet);
    }
}

/// <summary>NULL encryption scrambles the payload.</summary>
public sealed record NullScrambles() : OutboundProtectionMutant(
    "null-scrambles", "RFC4303-1-01", "NULL taken for a cipher with a key of zeros")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC2410-2-01"];

    private protected override bool Concerns(SecurityAssociation sa) => sa.Suite.Encryption.Name == "ENCR_NULL";

    private protected override void Seal(EspProtection right, Span<byte> packet, uint high, bool extended)
    {
        foreach (ref byte value in packet[EspProtection.HeaderBytes..^right.IcvBytes])
        {
            value ^= 0xa5;
        }

        right.Seal(packet, high, extended);
    }
}

/// <summary>All SAs send with the keys of the first.</summary>
public sealed record KeysOfTheFirstSaWhenSending() : Mutant(
    "keys-of-the-first-sa-when-sending", "RFC4303-3.2.1-01", "the key schedule is cached by suite")
{
    /// <inheritdoc/>
    public override SecurityAssociation Install(
        PolicyDirection direction, SecurityAssociation sa, IReadOnlyList<SecurityAssociation> earlier) =>
        direction == PolicyDirection.Outbound && earlier is [var first, ..] && first.Suite == sa.Suite
            ? sa with { EncryptionKey = first.EncryptionKey, IntegrityKey = first.IntegrityKey }
            : sa;
}

/// <summary>The ICV of very short packets is cut.</summary>
public sealed record ShortPacketsOfAnotherFormat() : Mutant(
    "short-packets-of-another-format", "RFC4303-2-06", "a minimum length is met by a shorter ICV")
{
    private const int ShortEspBytes = 80;
    private const int CutBytes = 8;

    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
    {
        SendContext sealedContext = SendStages.Sealing.Run(context);
        return sealedContext.Esp.Length < ShortEspBytes ? sealedContext with { Esp = sealedContext.Esp.Slice(..^CutBytes) } : sealedContext;
    });
}

/// <summary>With ESN the high half is sent.</summary>
public sealed record HighHalfSent() : Mutant("esn-half-sent", "RFC4303-2.2.1-03", "what the ICV covers is what is sent")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
    {
        SendContext sealedContext = SendStages.Sealing.Run(context);
        SecurityAssociation sa = sealedContext.Association.Sa;
        ReadOnlySpan<byte> esp = sealedContext.Esp.Span;
        byte high = (byte)sealedContext.Association.LastSequence.High;
        return sa.ExtendedSequenceNumbers
            ? sealedContext with { Esp = ByteString.Adopt([.. esp[..^sa.Suite.IcvBytes], 0, 0, 0, high, .. esp[^sa.Suite.IcvBytes..]]) }
            : sealedContext;
    });
}

/// <summary>Pad length and next header change places.</summary>
public sealed record TrailerFieldsSwapped() : Mutant(
    "trailer-fields-swapped", "RFC4303-2-02", "the trailer is written as a little-endian word")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
    {
        int padding = EspPacket.LeastPaddingBytes(context.Enclosed?.Payload.Length ?? 0, context.Association.Sa.Suite.AlignmentBytes);
        return SendStages.Sealing.Run(context with
        {
            Options = context.Options with { PadLengthField = context.Enclosed?.NextHeader, NextHeaderField = (byte)padding },
        });
    });
}
