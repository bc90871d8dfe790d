using Conformance.Spec.Crypto;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>After the last number the sender starts again.</summary>
public sealed record SequenceWraps() : Mutant(
    "sequence-wraps", "RFC4303-3.3.3-03", "a 32-bit counter without a check")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-2.2-04"];

    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sequence), context =>
    {
        OutboundAssociation association = context.Association;
        bool last = association.LastSequence.Value >= association.Sa.LargestSequence.Value;
        return context with { Association = association with { LastSequence = new SequenceNumber(last ? 0 : association.LastSequence.Value + 1) } };
    });
}

/// <summary>The first number of an SA is 0.</summary>
public sealed record SequenceStartsAtZero() : Mutant(
    "sequence-starts-at-zero", "RFC4303-3.3.3-01", "the counter is raised after use instead of before")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sequence), context =>
        context.Association is { LastSequence.Value: 0, Use.Packets: 0 } ? context : SendStages.Sequence.Run(context));
}

/// <summary>Every packet takes two numbers.</summary>
public sealed record SequenceStepsByTwo() : Mutant(
    "sequence-steps-by-two", "RFC4303-2.2-01", "the counter is raised once for the header and once for the IV")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sequence), context =>
        SendStages.Sequence.Run(SendStages.Sequence.Run(context)));
}

/// <summary>Every eighth IV is an old one.</summary>
public sealed record IvRepeats() : Mutant(
    "iv-repeats", "RFC4106-3.1-02", "the IV counter is kept per CPU and not per SA")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks =>
        ["RFC3686-2.1-01", "RFC4309-3.1-02", "RFC4543-3.1-02", "RFC7634-2-02", "RFC3602-3-02", "RFC4312-3-01", "RFC2451-3-01"];

    /// <inheritdoc/>
    public override ByteString Iv(EncryptionTransform encryption, ByteString iv, ulong counter, ByteString lastCiphertext) =>
        counter % 8 < 6 ? iv : ByteString.Adopt([.. Enumerable.Repeat((byte)0x5a, iv.Length)]);
}

/// <summary>Padding is zero bytes.</summary>
public sealed record PadBytesZero() : Mutant(
    "pad-bytes-zero", "RFC4303-2.4-08", "the buffer is cleared and never filled")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
    {
        int payloadBytes = context.Enclosed?.Payload.Length ?? 0;
        int padding = EspPacket.LeastPaddingBytes(payloadBytes, context.Keyring.ProtectionOf(context.Association.Sa).AlignmentBytes);
        return SendStages.Sealing.Run(context with { Options = context.Options with { PaddingFault = (byte)(padding > 0 ? 1 : 0) } });
    });
}

/// <summary>The next header field names another protocol.</summary>
public sealed record NextHeaderWrong() : Mutant(
    "next-header-wrong", "RFC4303-2.6-01", "DPDK 2c1887fad0: the field of the wrong header was copied")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
        SendStages.Sealing.Run(context with { Options = context.Options with { NextHeaderField = IpProtocol.Tcp } }));
}

/// <summary>An SA past its hard limit goes on sending.</summary>
public sealed record ExpiredSaSends() : Mutant(
    "expired-sa-sends", "RFC4301-4.4.2.1-10", "the limit is checked on the way in only")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.HardLifetime), context => context);
}

/// <summary>The last byte of long payloads is lost.</summary>
public sealed record PayloadTruncated() : Mutant(
    "payload-truncated", "RFC4303-3.3.2.1-02", "a length is kept in a field that is one too small")
{
    private const int LongPayloadBytes = 1000;

    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Enclosure), context =>
    {
        SendContext enclosed = SendStages.Enclosure.Run(context);
        return enclosed.Enclosed is { Payload.Length: > LongPayloadBytes } packet
            ? enclosed with { Enclosed = packet with { Payload = new ByteString(packet.Payload.Span[..^1]) } }
            : enclosed;
    });
}
