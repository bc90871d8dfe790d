using System.Buffers.Binary;
using Conformance.Spec.Crypto;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp;

/// <summary>What a sender may decide about one packet beyond its payload; null means the model's own choice. RFC 4303 §2.</summary>
/// <remarks>Mutators set what no honest sender would.</remarks>
public sealed record SealOptions
{
    /// <summary>The model's own choices: least padding, no TFC.</summary>
    public static SealOptions Default { get; } = new();

    /// <summary>TFC padding after the payload, in bytes. RFC 4303 §2.7.</summary>
    public int TfcPaddingBytes { get; init; }

    /// <summary>Value of every TFC padding byte: any will do. RFC 4303 §2.7.</summary>
    public byte TfcPaddingByte { get; init; }

    /// <summary>Padding in bytes, where it is more than the least that alignment asks for. RFC 4303 §2.4.</summary>
    public int? PaddingBytes { get; init; }

    /// <summary>XORed into every padding byte: 0 gives 1, 2, 3 … as the RFC wants.</summary>
    public byte PaddingFault { get; init; }

    /// <summary>Overrides the pad length field.</summary>
    public byte? PadLengthField { get; init; }

    /// <summary>Overrides the next header field.</summary>
    public byte? NextHeaderField { get; init; }

    /// <summary>Overrides the high half that goes into the ICV.</summary>
    public uint? SequenceHighField { get; init; }
}

/// <summary>Builds and splits ESP packets: SPI to ICV, without IP header. RFC 4303 §2.</summary>
public static class EspPacket
{
    /// <summary>Pad length and next header, in bytes.</summary>
    public const int TrailerBytes = 2;

    /// <summary>The least number of padding bytes that aligns payload and trailer. RFC 4303 §2.4.</summary>
    public static int LeastPaddingBytes(int payloadBytes, int alignmentBytes)
    {
        int over = (payloadBytes + TrailerBytes) % alignmentBytes;
        return over == 0 ? 0 : alignmentBytes - over;
    }

    /// <summary>Length of the ESP packet for a payload with the least padding, in bytes.</summary>
    public static int LengthBytes(EspProtection protection, int payloadBytes) =>
        EspProtection.HeaderBytes + protection.IvBytes + payloadBytes
        + LeastPaddingBytes(payloadBytes, protection.AlignmentBytes) + TrailerBytes + protection.IcvBytes;

    /// <summary>Seals a payload with the least padding into a buffer without allocating; returns the length of the ESP packet.</summary>
    /// <param name="protection">Keyed transforms.</param>
    /// <param name="spi">Index.</param>
    /// <param name="sequence">Full sequence number.</param>
    /// <param name="extendedSequenceNumbers">True if the high half is covered.</param>
    /// <param name="iv">Explicit IV, of the length that <paramref name="protection"/> asks for.</param>
    /// <param name="payload">Payload data.</param>
    /// <param name="nextHeader">Protocol of the payload.</param>
    /// <param name="destination">At least <see cref="LengthBytes"/> long.</param>
    public static int Seal(
        EspProtection protection,
        Spi spi,
        SequenceNumber sequence,
        bool extendedSequenceNumbers,
        ReadOnlySpan<byte> iv,
        ReadOnlySpan<byte> payload,
        byte nextHeader,
        Span<byte> destination)
    {
        int length = LengthBytes(protection, payload.Length);
        Span<byte> packet = destination[..length];
        BinaryPrimitives.WriteUInt32BigEndian(packet, spi.Value);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], sequence.Low);
        iv.CopyTo(packet[EspProtection.HeaderBytes..]);
        Span<byte> plain = packet[(EspProtection.HeaderBytes + protection.IvBytes)..(length - protection.IcvBytes)];
        payload.CopyTo(plain);
        WritePadding(plain[payload.Length..^TrailerBytes], 0);
        plain[^2] = (byte)(plain.Length - payload.Length - TrailerBytes);
        plain[^1] = nextHeader;
        protection.Seal(packet, sequence.High, extendedSequenceNumbers);
        return length;
    }

    /// <summary>Seals a payload with chosen padding and chosen trailer fields.</summary>
    /// <exception cref="ArgumentException">The padding asked for does not align, or the IV has another length.</exception>
    public static byte[] Seal(
        EspProtection protection,
        Spi spi,
        SequenceNumber sequence,
        bool extendedSequenceNumbers,
        ReadOnlySpan<byte> iv,
        ReadOnlySpan<byte> payload,
        byte nextHeader,
        SealOptions options)
    {
        int filled = payload.Length + options.TfcPaddingBytes;
        int padding = options.PaddingBytes ?? LeastPaddingBytes(filled, protection.AlignmentBytes);
        if (iv.Length != protection.IvBytes)
        {
            throw new ArgumentException($"the IV has {iv.Length} bytes, the transform wants {protection.IvBytes}", nameof(iv));
        }

        int plainBytes = filled + padding + TrailerBytes;
        byte[] packet = new byte[EspProtection.HeaderBytes + protection.IvBytes + plainBytes + protection.IcvBytes];
        BinaryPrimitives.WriteUInt32BigEndian(packet, spi.Value);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), sequence.Low);
        iv.CopyTo(packet.AsSpan(EspProtection.HeaderBytes));
        Span<byte> plain = packet.AsSpan(EspProtection.HeaderBytes + protection.IvBytes, plainBytes);
        payload.CopyTo(plain);
        plain[payload.Length..filled].Fill(options.TfcPaddingByte);
        WritePadding(plain[filled..^TrailerBytes], options.PaddingFault);
        plain[^2] = options.PadLengthField ?? (byte)padding;
        plain[^1] = options.NextHeaderField ?? nextHeader;
        protection.Seal(packet, options.SequenceHighField ?? sequence.High, extendedSequenceNumbers);
        return packet;
    }

    /// <summary>True when padding bytes are 1, 2, 3 … as a receiver should check. RFC 4303 §2.4.</summary>
    public static bool PaddingIsMonotonic(ReadOnlySpan<byte> padding)
    {
        for (int i = 0; i < padding.Length; i++)
        {
            if (padding[i] != (byte)(i + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static void WritePadding(Span<byte> padding, byte fault)
    {
        for (int i = 0; i < padding.Length; i++)
        {
            padding[i] = (byte)((i + 1) ^ fault);
        }
    }
}
