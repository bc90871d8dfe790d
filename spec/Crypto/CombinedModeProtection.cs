using System.Buffers.Binary;

namespace Conformance.Spec.Crypto;

/// <summary>A combined mode whose associated data are SPI and sequence number. RFC 4106 §5, RFC 4309 §5, RFC 7634 §2.1.</summary>
internal sealed class CombinedModeProtection : EspProtection
{
    private const int ImplicitIvBytes = 8;

    private readonly EncryptionTransform transform;
    private readonly EspAead aead;
    private readonly byte[] nonce;
    private readonly byte[] extendedHeader = new byte[HeaderBytes + 4];

    public CombinedModeProtection(EspKeying keying, EspAead aead)
    {
        transform = keying.Transform;
        this.aead = aead;
        nonce = new byte[keying.Salt.Length + (transform.HasImplicitIv ? ImplicitIvBytes : transform.IvBytes)];
        keying.Salt.CopyTo(nonce);
    }

    public override int IvBytes => transform.IvBytes;

    public override int IcvBytes => transform.IcvBytes;

    public override int AlignmentBytes => transform.AlignmentBytes;

    public override void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        RequireRoom(espPacket.Length);
        SetNonce(espPacket, sequenceHigh, extendedSequenceNumber);
        aead.Seal(
            nonce, AssociatedData(espPacket, sequenceHigh, extendedSequenceNumber), Data(espPacket), espPacket[^IcvBytes..]);
    }

    public override bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        if (!HasValidLength(espPacket.Length))
            return false;
        SetNonce(espPacket, sequenceHigh, extendedSequenceNumber);
        return aead.TryOpen(
            nonce, AssociatedData(espPacket, sequenceHigh, extendedSequenceNumber), Data(espPacket), espPacket[^IcvBytes..]);
    }

    protected override void Dispose(bool disposing)
    {
        aead.Dispose();
        base.Dispose(disposing);
    }

    private Span<byte> Data(Span<byte> espPacket) => espPacket[(HeaderBytes + IvBytes)..^IcvBytes];

    private void SetNonce(ReadOnlySpan<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        var iv = nonce.AsSpan(transform.SaltBytes);
        if (!transform.HasImplicitIv)
        {
            espPacket.Slice(HeaderBytes, iv.Length).CopyTo(iv);
            return;
        }

        // RFC 8750 §4: the 64-bit sequence number, or four zero bytes and the 32-bit one.
        BinaryPrimitives.WriteUInt32BigEndian(iv, extendedSequenceNumber ? sequenceHigh : 0);
        espPacket[4..HeaderBytes].CopyTo(iv[4..]);
    }

    private ReadOnlySpan<byte> AssociatedData(ReadOnlySpan<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        if (!extendedSequenceNumber)
            return espPacket[..HeaderBytes];
        ExtendedHeader.Write(espPacket, sequenceHigh, extendedHeader);
        return extendedHeader;
    }
}

/// <summary>SPI, high half, low half: the header as combined modes authenticate it under ESN. RFC 4106 §5.</summary>
internal static class ExtendedHeader
{
    public static void Write(ReadOnlySpan<byte> espPacket, uint sequenceHigh, Span<byte> header)
    {
        espPacket[..4].CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], sequenceHigh);
        espPacket[4..8].CopyTo(header[8..]);
    }
}
