using Conformance.Spec.Crypto;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Send;

/// <summary>The stages of the send path. RFC 4303 §3.3.</summary>
public static class SendStages
{
    /// <summary>An SA past a hard limit sends nothing more. RFC 4301 §4.4.2.1.</summary>
    public static SendStage HardLifetime { get; } = new(nameof(HardLifetime), "RFC 4301 §4.4.2.1", context =>
        Lifetimes.Status(context.Association.Sa.Lifetime, context.Association.Use) == LifetimeStatus.Expired
            ? context.Refuse(RefusalReason.Expired)
            : context);

    /// <summary>Splits the packet, or wraps it, as the mode says. RFC 4303 §3.1.</summary>
    public static SendStage Enclosure { get; } = new(nameof(Enclosure), "RFC 4303 §3.1", context =>
        ModeEnclosure.Enclose(context.Association.Sa, context.Plain) is { } enclosed
        && DatagramBytes(context, enclosed) <= LargestBytes(context.Association.Sa)
            ? context with { Enclosed = enclosed }
            : context.Refuse(RefusalReason.NotEncapsulable));

    /// <summary>The next number; never one past the last. RFC 4303 §3.3.3.</summary>
    public static SendStage Sequence { get; } = new(nameof(Sequence), "RFC 4303 §3.3.3", context =>
    {
        OutboundAssociation association = context.Association;
        if (association.LastSequence.Value >= association.Sa.LargestSequence.Value)
        {
            // A receiver that checks no replays lets numbers repeat, but only without ESN, and never where they make the IV (RFC 8750 §4).
            return association.Sa is { ReplayWindowPackets: 0, ExtendedSequenceNumbers: false, Suite.Encryption.HasImplicitIv: false }
                ? context with { Association = association with { LastSequence = default } }
                : context.Refuse(RefusalReason.SequenceExhausted);
        }

        return context with { Association = association with { LastSequence = new SequenceNumber(association.LastSequence.Value + 1) } };
    });

    /// <summary>Padding, encryption and ICV; the use is counted. RFC 4303 §3.3.2.</summary>
    public static SendStage Sealing { get; } = new(nameof(Sealing), "RFC 4303 §3.3.2", context =>
    {
        SecurityAssociation sa = context.Association.Sa;
        EnclosedPacket enclosed = Enclosed(context);
        EspProtection protection = context.Keyring.ProtectionOf(sa);
        SealOptions options = Options(context, enclosed);
        byte[] esp = EspPacket.Seal(
            protection, sa.Spi, context.Association.LastSequence, sa.ExtendedSequenceNumbers,
            context.Iv.Span, enclosed.Payload.Span, enclosed.NextHeader, options);
        LifetimeUse use = context.Association.Use;
        return context with
        {
            Esp = ByteString.Adopt(esp),
            Association = context.Association with
            {
                Use = use with { Packets = use.Packets + 1, Bytes = use.Bytes + (ulong)enclosed.Payload.Length },
            },
        };
    });

    /// <summary>UDP header where the SA asks for one, and the outer IP header. RFC 3948 §2.1, RFC 4301 §5.1.2.</summary>
    public static SendStage Output { get; } = new(nameof(Output), "RFC 4301 §5.1.2", context =>
        context with
        {
            Outcome = new SendOutcome.Sent(
                ByteString.Adopt(OuterDatagram.Build(context.Association.Sa, Enclosed(context), context.Esp.Span)),
                context.Association.LastSequence),
        });

    private static SealOptions Options(SendContext context, EnclosedPacket enclosed) =>
        context.Association.Sa is { Mode: EspMode.Tunnel, TfcPayloadBytes: { } target }
            ? context.Options with { TfcPaddingBytes = Math.Max(0, target - enclosed.Payload.Length) }
            : context.Options;

    // The length fields of IP have 16 bits; IPv6 does not count its own header.
    private static int LargestBytes(SecurityAssociation sa) =>
        sa.Source.IsIpv6 ? Ipv6HeaderView.FixedBytes + ushort.MaxValue : ushort.MaxValue;

    private static int DatagramBytes(SendContext context, EnclosedPacket enclosed)
    {
        SecurityAssociation sa = context.Association.Sa;
        SealOptions options = Options(context, enclosed);
        int filled = enclosed.Payload.Length + options.TfcPaddingBytes;
        int padding = options.PaddingBytes ?? EspPacket.LeastPaddingBytes(filled, sa.Suite.AlignmentBytes);
        return enclosed.OuterHeader.Length + (sa.Encapsulation is null ? 0 : OuterDatagram.UdpHeaderBytes)
            + EspProtection.HeaderBytes + sa.Suite.IvBytes + filled + padding + EspPacket.TrailerBytes + sa.Suite.IcvBytes;
    }

    private static EnclosedPacket Enclosed(SendContext context) =>
        context.Enclosed ?? throw new InvalidOperationException("a stage before the enclosure asked for the enclosed packet");
}
