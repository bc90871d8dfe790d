namespace Conformance.Spec.Crypto;

/// <summary>A keyed ESP transform that protects whole ESP packets in place. RFC 4303 §3.3.2 and §3.4.4.</summary>
/// <remarks>
/// The packet is laid out as SPI (4 bytes), sequence number low half (4), explicit IV (<see cref="IvBytes"/>),
/// plaintext that already ends with padding, pad length and next header, and the ICV (<see cref="IcvBytes"/>).
/// Instances hold key schedules, allocate nothing per packet in steady state and are not thread-safe.
/// </remarks>
public abstract class EspProtection : IDisposable
{
    /// <summary>Bytes of SPI and sequence number in front of the IV.</summary>
    public const int HeaderBytes = 8;

    /// <summary>Length of the explicit IV in bytes; 0 for NULL and for implicit-IV transforms.</summary>
    public abstract int IvBytes { get; }

    /// <summary>Length of the ICV in bytes; 0 for encryption without integrity.</summary>
    public abstract int IcvBytes { get; }

    /// <summary>The ciphertext length is a multiple of this many bytes: max(4, cipher block). RFC 4303 §2.4.</summary>
    public abstract int AlignmentBytes { get; }

    /// <summary>Encrypts and authenticates in place; the IV bytes must be set, the ICV bytes are written.</summary>
    /// <remarks>
    /// A misaligned plaintext is sealed all the same, so that a tester can send authentic packets that break RFC 4303 §2.4;
    /// a block cipher leaves the bytes after the last whole block in clear.
    /// </remarks>
    /// <exception cref="ArgumentException">The packet cannot hold header, IV and ICV.</exception>
    /// <param name="espPacket">SPI to ICV inclusive.</param>
    /// <param name="sequenceHigh">High half of the sequence number.</param>
    /// <param name="extendedSequenceNumber">True if the high half is covered by the ICV (ESN).</param>
    public abstract void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber);

    /// <summary>Verifies and decrypts in place; false leaves the packet's contents undefined.</summary>
    /// <param name="espPacket">SPI to ICV inclusive; too short or misaligned packets are refused with false.</param>
    /// <param name="sequenceHigh">High half of the sequence number, as inferred.</param>
    /// <param name="extendedSequenceNumber">True if the high half is covered by the ICV (ESN).</param>
    public abstract bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber);

    /// <summary>True if the length leaves at least one aligned unit of ciphertext between IV and ICV. RFC 4303 §2.4.</summary>
    private protected bool HasValidLength(int packetBytes)
    {
        var ciphertextBytes = packetBytes - HeaderBytes - IvBytes - IcvBytes;
        return ciphertextBytes > 0 && ciphertextBytes % AlignmentBytes == 0;
    }

    /// <summary>Refuses a packet that cannot hold header, IV and ICV.</summary>
    private protected void RequireRoom(int packetBytes)
    {
        var leastBytes = HeaderBytes + IvBytes + IcvBytes;
        if (packetBytes < leastBytes)
            throw new ArgumentException($"an ESP packet under this transform has at least {leastBytes} bytes, not {packetBytes}");
    }

    /// <summary>Releases key schedules.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases key schedules.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
