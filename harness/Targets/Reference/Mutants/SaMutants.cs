using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>An SPI without SA is given to the first one.</summary>
public sealed record UnknownSpiTakesAnySa() : Mutant(
    "unknown-spi-takes-any-sa", "RFC4303-3.4.2-02", "a lookup that falls back to a default")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Lookup), context =>
    {
        ReceiveContext found = ReceiveStages.Lookup.Run(context);
        return found.Outcome is ReceiveOutcome.Discarded { Reason: DiscardReason.NoSecurityAssociation } && context.Esp[0] != 0
            ? context with { Association = context.State.Associations.Values.OrderBy(a => a.Sa.Spi.Value).First() }
            : found;
    });
}

/// <summary>Only the low byte of the SPI is compared.</summary>
public sealed record SpiComparedInPart() : Mutant("spi-compared-in-part", "RFC4303-2.1-01", "a hash bucket taken for the SA in it")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Lookup), context =>
    {
        ReceiveContext found = ReceiveStages.Lookup.Run(context);
        IEnumerable<InboundAssociation> alike = context.State.Associations.Values.Where(a => (byte)a.Sa.Spi.Value == context.Esp[3]);
        return found.Outcome is null ? found with { Association = alike.MaxBy(a => a.Sa.Spi.Value) } : found;
    });
}

/// <summary>All SAs open with the keys of the first.</summary>
public sealed record KeysOfTheFirstSa() : Mutant("keys-of-the-first-sa", "RFC4303-3.4.2-01", "the key schedule is cached by suite")
{
    /// <inheritdoc/>
    public override SecurityAssociation Install(
        PolicyDirection direction, SecurityAssociation sa, IReadOnlyList<SecurityAssociation> earlier) =>
        direction == PolicyDirection.Inbound && earlier is [var first, ..] && first.Suite == sa.Suite
            ? sa with { EncryptionKey = first.EncryptionKey, IntegrityKey = first.IntegrityKey }
            : sa;
}

/// <summary>A soft limit ends the SA.</summary>
public sealed record SoftLimitEndsTheSa() : Mutant("soft-limit-ends-the-sa", "RFC4301-4.4.2.1-15", "both limits share one handler")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.HardLifetime), context =>
        Lifetimes.Status(context.Association.Sa.Lifetime, context.Association.Use) == LifetimeStatus.Fresh
            ? context
            : context.Refuse(RefusalReason.Expired));
}

/// <summary>A number to start from is sent again.</summary>
public sealed record SeedSentAgain() : Mutant("seed-sent-again", "RFC4303-3.3.3-02", "the counter is raised after use")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sequence), context =>
        context.Association is { LastSequence.Value: > 0, Use.Packets: 0 } ? context : SendStages.Sequence.Run(context));
}

/// <summary>Without replay protection packets are not numbered.</summary>
public sealed record UnnumberedWithoutReplay() : Mutant(
    "unnumbered-without-replay-protection", "RFC4303-2.2-02", "nobody looks at the number, so nobody writes it")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sequence), context =>
        context.Association.Sa.ReplayWindowPackets == 0 ? context : SendStages.Sequence.Run(context));
}

/// <summary>The sender stops at its last number whether or not replays are checked.</summary>
public sealed record StopsWithoutReplay() : Mutant(
    "stops-without-replay-protection", "RFC4303-3.3.3-10", "the setting does not reach the sender")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.4.2.1-05"];

    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sequence), context =>
        context.Association.LastSequence.Value >= context.Association.Sa.LargestSequence.Value
            ? context.Refuse(RefusalReason.SequenceExhausted)
            : SendStages.Sequence.Run(context));
}

/// <summary>Numbers roll over although they make the IV.</summary>
public sealed record ImplicitIvRollsOver() : Mutant(
    "implicit-iv-rolls-over", "RFC8750-4-03", "the rule of RFC 4303 without replay protection")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sequence), context =>
        context.Association is { LastSequence.Value: uint.MaxValue, Sa: { ReplayWindowPackets: 0, ExtendedSequenceNumbers: false } }
            ? context with { Association = context.Association with { LastSequence = default } }
            : SendStages.Sequence.Run(context));
}

/// <summary>The IV of CBC is a counter.</summary>
public sealed record CbcIvIsACounter() : Mutant("cbc-iv-is-a-counter", "RFC3602-3-04", "one IV generator for all modes")
{
    /// <inheritdoc/>
    public override ByteString Iv(EncryptionTransform encryption, ByteString iv, ulong counter, ByteString lastCiphertext) =>
        encryption.IvRule == IvRule.Unpredictable
            ? ByteString.Adopt([.. new byte[iv.Length - 2], (byte)(counter >> 8), (byte)counter])
            : iv;
}

/// <summary>The IV of CBC is the last block of the packet before.</summary>
public sealed record CbcIvIsTheLastBlock() : Mutant("cbc-iv-is-the-last-block", "RFC3602-3-03", "the practice of RFC 2451; BEAST")
{
    /// <inheritdoc/>
    public override ByteString Iv(EncryptionTransform encryption, ByteString iv, ulong counter, ByteString lastCiphertext) =>
        encryption.IvRule == IvRule.Unpredictable && lastCiphertext.Length == iv.Length ? lastCiphertext : iv;
}

/// <summary>Nothing is counted.</summary>
public sealed record NothingIsCounted() : Mutant("nothing-is-counted", "RFC4303-3.4.2-03", "packets vanish without a trace")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks =>
        ["RFC4301-4.1-08", "RFC4301-5.2-08", "RFC4303-3.4.3-21", "RFC4303-3.4.4.1-04", "RFC4303-3.4.4.2-03", "RFC4303-4-03", "RFC4303-3.3.3-04"];

    /// <inheritdoc/>
    public override bool Counts(string reason) => false;
}
