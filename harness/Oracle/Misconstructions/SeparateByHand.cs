using System.Buffers.Binary;
using System.Security.Cryptography;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Transforms;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Oracle.Misconstructions;

/// <summary>Cipher and separate MAC put together in a way that RFC 4303 §3.3.2.1 does not.</summary>
internal sealed class SeparateByHand : EspProtection
{
    private readonly EspProtection _cipher;
    private readonly EspProtection _mac;
    private readonly int _fullIcvBytes;

    public SeparateByHand(SecurityAssociation sa, bool zeroKey = false, int? icvBytes = null)
    {
        EspSuite suite = sa.Suite;
        IntegrityTransform integrity = suite.Integrity ?? throw new ArgumentException("no separate integrity", nameof(sa));
        _cipher = new EspSuite(suite.Encryption, suite.EncryptionKeyBits, null).Key(sa.EncryptionKey.Span, []);
        _mac = new EspSuite(NullEncryption.Null, 0, integrity).Key([], zeroKey ? new byte[suite.IntegrityKeyBytes] : sa.IntegrityKey.Span);
        _fullIcvBytes = integrity.IcvBytes;
        IcvBytes = icvBytes ?? integrity.IcvBytes;
        IvBytes = suite.IvBytes;
        AlignmentBytes = suite.AlignmentBytes;
    }

    /// <summary>The ICV is computed before encryption.</summary>
    public bool OverPlaintext { get; init; }

    /// <summary>The high half stands in front of the SPI and not behind the next header.</summary>
    public bool HighHalfInFront { get; init; }

    /// <summary>The covered bytes are filled up with zeros to a multiple of this.</summary>
    public int BlockBytes { get; init; } = 1;

    public override int IvBytes { get; }

    public override int IcvBytes { get; }

    public override int AlignmentBytes { get; }

    public override void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        Span<byte> covered = espPacket[..^IcvBytes];
        if (OverPlaintext)
        {
            Icv(covered, sequenceHigh, extendedSequenceNumber).CopyTo(espPacket[^IcvBytes..]);
            _cipher.Seal(covered, 0, false);
            return;
        }

        _cipher.Seal(covered, 0, false);
        Icv(covered, sequenceHigh, extendedSequenceNumber).CopyTo(espPacket[^IcvBytes..]);
    }

    public override bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        if (espPacket.Length < HeaderBytes + IvBytes + IcvBytes)
        {
            return false;
        }

        Span<byte> covered = espPacket[..^IcvBytes];
        if (!OverPlaintext && !Matches(covered, espPacket, sequenceHigh, extendedSequenceNumber))
        {
            return false;
        }

        return _cipher.TryOpen(covered, 0, false) && (!OverPlaintext || Matches(covered, espPacket, sequenceHigh, extendedSequenceNumber));
    }

    protected override void Dispose(bool disposing)
    {
        _cipher.Dispose();
        _mac.Dispose();
        base.Dispose(disposing);
    }

    private bool Matches(ReadOnlySpan<byte> covered, ReadOnlySpan<byte> packet, uint high, bool extended) =>
        CryptographicOperations.FixedTimeEquals(Icv(covered, high, extended), packet[^IcvBytes..]);

    private byte[] Icv(ReadOnlySpan<byte> covered, uint high, bool extended)
    {
        byte[] half = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(half, high);
        byte[] input = !extended ? covered.ToArray() : HighHalfInFront ? [.. half, .. covered] : [.. covered, .. half];
        int filled = (input.Length + BlockBytes - 1) / BlockBytes * BlockBytes;
        byte[] packet = new byte[filled + _fullIcvBytes];
        input.CopyTo(packet, 0);
        _mac.Seal(packet, 0, false);
        return packet[filled..][..IcvBytes];
    }
}
