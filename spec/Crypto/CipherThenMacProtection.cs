using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Conformance.Spec.Crypto;

/// <summary>Encryption followed by a separate integrity algorithm, or by none. RFC 4303 §3.3.2.1.</summary>
internal sealed class CipherThenMacProtection(EspKeying keying, EspCipher cipher) : EspProtection
{
    private readonly EncryptionTransform transform = keying.Transform;
    private readonly EspMac? mac = keying.Mac;
    private readonly int icvBytes = keying.IcvBytes;

    public override int IvBytes => transform.IvBytes;

    public override int IcvBytes => icvBytes;

    public override int AlignmentBytes => transform.AlignmentBytes;

    public override void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        RequireRoom(espPacket.Length);
        var covered = espPacket[..^icvBytes];
        cipher.Encrypt(Iv(espPacket), covered[(HeaderBytes + IvBytes)..]);
        ComputeIcv(covered, sequenceHigh, extendedSequenceNumber, espPacket[^icvBytes..]);
    }

    public override bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        if (!HasValidLength(espPacket.Length))
            return false;
        var covered = espPacket[..^icvBytes];
        Span<byte> expected = stackalloc byte[EspMac.LongestTagBytes];
        expected = expected[..icvBytes];
        ComputeIcv(covered, sequenceHigh, extendedSequenceNumber, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, espPacket[^icvBytes..]))
            return false;
        cipher.Decrypt(Iv(espPacket), covered[(HeaderBytes + IvBytes)..]);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        cipher.Dispose();
        mac?.Dispose();
        base.Dispose(disposing);
    }

    private Span<byte> Iv(Span<byte> espPacket) => espPacket.Slice(HeaderBytes, IvBytes);

    private void ComputeIcv(ReadOnlySpan<byte> covered, uint sequenceHigh, bool extendedSequenceNumber, Span<byte> icv)
    {
        // The implicit high half stands behind the ciphertext, where it is not sent. RFC 4303 §2.2.1.
        Span<byte> high = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(high, sequenceHigh);
        mac?.Compute(covered, extendedSequenceNumber ? high : [], icv);
    }
}
