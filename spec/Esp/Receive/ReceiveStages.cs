using System.Buffers.Binary;
using Conformance.Spec.Crypto;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Receive;

/// <summary>The stages of the receive path from the SA lookup to the trailer. RFC 4303 §3.4.</summary>
public static partial class ReceiveStages
{
    /// <summary>SPI to SA. Unicast SAs need nothing but the SPI; SPI 0 is never found. RFC 4303 §2.1, §3.4.2.</summary>
    public static ReceiveStage Lookup { get; } = new(nameof(Lookup), "RFC 4303 §3.4.2", context =>
    {
        ReadOnlySpan<byte> esp = context.Esp;
        if (esp.Length < EspProtection.HeaderBytes)
        {
            return context.Discard(DiscardReason.Malformed);
        }

        Spi spi = new(BinaryPrimitives.ReadUInt32BigEndian(esp));
        return spi.Value != 0 && context.State.Associations.TryGet(spi, out InboundAssociation? association)
            ? context with { Association = association }
            : context.Discard(DiscardReason.NoSecurityAssociation);
    });

    /// <summary>An SA with UDP encapsulation receives inside UDP only, and the other way round. RFC 3948 §3.</summary>
    public static ReceiveStage Encapsulation { get; } = new(nameof(Encapsulation), "RFC 3948 §3.2", context =>
        (Found(context).Sa.Encapsulation is not null) == context.UdpEncapsulated
            ? context
            : context.Discard(DiscardReason.EncapsulationMismatch));

    /// <summary>An SA past a hard limit processes nothing more. RFC 4301 §4.4.2.1.</summary>
    public static ReceiveStage HardLifetime { get; } = new(nameof(HardLifetime), "RFC 4301 §4.4.2.1", context =>
        Lifetimes.Status(Found(context).Sa.Lifetime, Found(context).Use) == LifetimeStatus.Expired
            ? context.Discard(DiscardReason.Expired)
            : context);

    /// <summary>The full number is inferred and looked up in the window, which stays as it is. RFC 4303 §3.4.3, A2.2.</summary>
    public static ReceiveStage WindowCheck { get; } = new(nameof(WindowCheck), "RFC 4303 §3.4.3", context =>
    {
        InboundAssociation association = Found(context);
        uint low = BinaryPrimitives.ReadUInt32BigEndian(context.Esp[4..]);
        SequenceNumber? sequence = association.Sa.ExtendedSequenceNumbers
            ? ExtendedSequenceNumbers.Infer(association.Window.RightEdge, association.Window.WindowPackets, low)
            : new SequenceNumber(low);
        return sequence is null
            ? context.Discard(DiscardReason.LeftOfWindow)
            : CheckWindow(context with { Sequence = sequence.Value });
    });

    /// <summary>ICV and decryption. RFC 4303 §3.4.4.</summary>
    public static ReceiveStage Integrity { get; } = new(nameof(Integrity), "RFC 4303 §3.4.4", context =>
    {
        SecurityAssociation sa = Found(context).Sa;
        EspProtection protection = context.Keyring.ProtectionOf(sa);
        byte[] packet = context.Esp.ToArray();
        if (!protection.TryOpen(packet, context.Sequence.High, sa.ExtendedSequenceNumbers))
        {
            return context.Discard(DiscardReason.IntegrityFailure);
        }

        int start = EspProtection.HeaderBytes + protection.IvBytes;
        return context with { Plaintext = ByteString.Adopt(packet).Slice(start..^protection.IcvBytes) };
    });

    /// <summary>Only now the window moves and the use is counted. RFC 4303 §3.4.3.</summary>
    public static ReceiveStage WindowUpdate { get; } = new(nameof(WindowUpdate), "RFC 4303 §3.4.3", context =>
    {
        // Looked up again, because a receiver that works on packets in parallel may have accepted the number meanwhile.
        ReceiveContext again = CheckWindow(context);
        if (again.Outcome is not null)
        {
            return again;
        }

        InboundAssociation association = Found(context);
        LifetimeUse use = association.Use;
        return context.Remember(association with
        {
            Window = association.Window.Accept(context.Sequence),
            Use = use with { Packets = use.Packets + 1, Bytes = use.Bytes + PayloadBytes(context.Plaintext) },
        });
    });

    /// <summary>Pad length and next header are split off. RFC 4303 §2.4 to §2.6.</summary>
    public static ReceiveStage Trailer { get; } = new(nameof(Trailer), "RFC 4303 §2.5", context =>
    {
        ReadOnlySpan<byte> plain = context.Plaintext.Span;
        if (plain.Length < EspPacket.TrailerBytes)
        {
            return context.Discard(DiscardReason.PadLengthInvalid);
        }

        int payloadBytes = plain.Length - EspPacket.TrailerBytes - plain[^2];
        return payloadBytes < 0
            ? context.Discard(DiscardReason.PadLengthInvalid)
            : context with { NextHeader = plain[^1], Payload = context.Plaintext.Slice(..payloadBytes) };
    });

    /// <summary>Padding should be 1, 2, 3 …. RFC 4303 §2.4.</summary>
    public static ReceiveStage Padding { get; } = new(nameof(Padding), "RFC 4303 §2.4", context =>
        EspPacket.PaddingIsMonotonic(context.Plaintext.Span[context.Payload.Length..^EspPacket.TrailerBytes])
            ? context
            : context.Discard(DiscardReason.PaddingInvalid));

    /// <summary>Next header 59 ends here, without error. RFC 4303 §2.6.</summary>
    public static ReceiveStage Dummy { get; } = new(nameof(Dummy), "RFC 4303 §2.6", context =>
        context.NextHeader == IpProtocol.NoNextHeader ? context.Discard(DiscardReason.Dummy) : context);

    /// <summary>The SA that <see cref="Lookup"/> found.</summary>
    public static InboundAssociation Found(ReceiveContext context) =>
        context.Association ?? throw new InvalidOperationException("a stage before the SA lookup asked for the SA");

    private static ReceiveContext CheckWindow(ReceiveContext context) => Found(context).Window.Check(context.Sequence) switch
    {
        ReplayCheck.Replayed => context.Discard(DiscardReason.Replayed),
        ReplayCheck.LeftOfWindow => context.Discard(DiscardReason.LeftOfWindow),
        _ => context,
    };

    private static ulong PayloadBytes(ByteString plaintext) =>
        plaintext.Length < EspPacket.TrailerBytes ? 0 : (ulong)Math.Max(0, plaintext.Length - EspPacket.TrailerBytes - plaintext[^2]);
}
