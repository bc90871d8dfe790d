using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>The part of an ESP packet that is never encrypted, over any bytes whatever. RFC 4303 §2.</summary>
/// <param name="bytes">From the SPI on.</param>
public readonly ref struct EspHeaderView(ReadOnlySpan<byte> bytes)
{
    /// <summary>SPI and sequence number, in bytes.</summary>
    public const int FixedBytes = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Index.</summary>
    public Spi Spi => new(LooseFields.Long(_bytes, 0));

    /// <summary>Low half of the sequence number.</summary>
    public uint SequenceLow => LooseFields.Long(_bytes, 4);

    /// <summary>What follows: IV, ciphertext and ICV.</summary>
    public ReadOnlySpan<byte> Rest => LooseFields.Run(_bytes, FixedBytes);
}

/// <summary>SPI and sequence number of a packet that may be on the wire. RFC 4303 §2.1, §2.2.</summary>
public sealed record EspHeader
{
    /// <summary>Index and number.</summary>
    /// <exception cref="ArgumentException">SPI 0, which is never on the wire.</exception>
    public EspHeader(Spi spi, uint sequenceLow)
    {
        Spi = spi.Value == 0 ? throw new ArgumentException("SPI 0 is for local use", nameof(spi)) : spi;
        SequenceLow = sequenceLow;
    }

    /// <summary>Index, not 0.</summary>
    public Spi Spi { get; }

    /// <summary>Low half of the sequence number.</summary>
    public uint SequenceLow { get; }

    /// <summary>Reads the header of an ESP packet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out EspHeader? header, out ParseError error)
    {
        header = null;
        error = default;
        EspHeaderView view = new(bytes);
        if (bytes.Length < EspHeaderView.FixedBytes)
        {
            error = new ParseError("header", 0, $"{bytes.Length} bytes, SPI and sequence number have 8");
            return false;
        }

        if (view.Spi.Value == 0)
        {
            error = new ParseError("SPI", 0, "0 is for local use");
            return false;
        }

        header = new EspHeader(view.Spi, view.SequenceLow);
        return true;
    }

    /// <summary>8 bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[EspHeaderView.FixedBytes];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Spi.Value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), SequenceLow);
        return bytes;
    }
}
