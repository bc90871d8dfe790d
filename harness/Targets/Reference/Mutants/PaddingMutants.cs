using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>Every packet is padded to 4 bytes only.</summary>
public sealed record CipherPaddingMissing() : Mutant("cipher-padding-missing", "RFC4303-2.4-01", "the block of the cipher is not asked for")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
    {
        int padding = EspPacket.LeastPaddingBytes(context.Enclosed?.Payload.Length ?? 0, 4);
        return SendStages.Sealing.Run(context with { Options = context.Options with { PaddingBytes = padding } });
    });
}

/// <summary>Every packet is padded to 16 bytes.</summary>
public sealed record PaddedToAesBlocks() : Mutant("padded-to-aes-blocks", "RFC4106-3.2-02", "AES has blocks of 16 bytes, whatever the mode")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
    {
        int padding = EspPacket.LeastPaddingBytes(context.Enclosed?.Payload.Length ?? 0, 16);
        return SendStages.Sealing.Run(context with { Options = context.Options with { PaddingBytes = padding } });
    });
}

/// <summary>Nothing is ever padded.</summary>
public sealed record TrailerNotAligned() : Mutant("trailer-not-aligned", "RFC4303-2.4-02", "stream modes need no padding, it was thought")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
        SendStages.Sealing.Run(context with { Options = context.Options with { PaddingBytes = 0 } }));
}

/// <summary>A payload of odd length is not sent.</summary>
public sealed record OddPayloadNotSent() : Mutant("odd-payload-not-sent", "RFC4303-2.4-06", "padding was never implemented")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Enclosure), context =>
    {
        SendContext enclosed = SendStages.Enclosure.Run(context);
        return enclosed.Enclosed?.Payload.Length % 2 == 1 ? context.Refuse(RefusalReason.NotEncapsulable) : enclosed;
    });
}

/// <summary>The pad length of every packet is 255.</summary>
public sealed record PadLengthTooLarge() : Mutant("pad-length-too-large", "RFC4303-2.5-01", "the field is filled from a signed -1")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sealing), context =>
        SendStages.Sealing.Run(context with { Options = context.Options with { PadLengthField = byte.MaxValue } }));
}

/// <summary>More padding than a block is refused.</summary>
public sealed record LongPaddingRefused() : Mutant("long-padding-refused", "RFC4303-2.4-07", "a sanity check against the block size")
{
    private const int BlockBytes = 16;

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Trailer), context =>
        context.Plaintext.Length >= EspPacket.TrailerBytes && context.Plaintext[^2] > BlockBytes
            ? context.Discard(DiscardReason.PadLengthInvalid)
            : ReceiveStages.Trailer.Run(context));
}

/// <summary>Without padding the pad length field is taken for payload.</summary>
public sealed record ZeroPadLengthIsPayload() : Mutant("zero-pad-length-is-payload", "RFC4303-2.5-02", "no padding, no field")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Trailer), context =>
    {
        ReceiveContext split = ReceiveStages.Trailer.Run(context);
        return split.Outcome is null && context.Plaintext[^2] == 0 && ReceiveStages.Found(context).Sa.Mode == EspMode.Transport
            ? split with { Payload = new ByteString(context.Plaintext.Span[..^1]) }
            : split;
    }).Without(nameof(ReceiveStages.Padding));
}
