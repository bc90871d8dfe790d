using System.Buffers.Binary;

namespace Conformance.Spec.Wire.Ike;

/// <summary>SPIs of AH and ESP as proposals, notifications and deletes carry them.</summary>
public static class SpiBytes
{
    /// <summary>Length, in bytes.</summary>
    public const int LengthBytes = 4;

    /// <summary>The 4 bytes.</summary>
    public static ByteString Of(Spi spi)
    {
        byte[] bytes = new byte[LengthBytes];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, spi.Value);
        return ByteString.Adopt(bytes);
    }

    /// <summary>Reads 4 bytes; null for another length.</summary>
    public static Spi? Read(ByteString bytes) => bytes.Length == LengthBytes ? new Spi(BinaryPrimitives.ReadUInt32BigEndian(bytes.Span)) : null;
}
