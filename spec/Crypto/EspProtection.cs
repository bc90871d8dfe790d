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
    /// <param name="espPacket">SPI to ICV inclusive.</param>
    /// <param name="sequenceHigh">High half of the sequence number.</param>
    /// <param name="extendedSequenceNumber">True if the high half is covered by the ICV (ESN).</param>
    public abstract void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber);

    /// <summary>Verifies and decrypts in place; false leaves the packet's contents undefined.</summary>
    /// <param name="espPacket">SPI to ICV inclusive; too short or misaligned packets are refused with false.</param>
    /// <param name="sequenceHigh">High half of the sequence number, as inferred.</param>
    /// <param name="extendedSequenceNumber">True if the high half is covered by the ICV (ESN).</param>
    public abstract bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber);

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
