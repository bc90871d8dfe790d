using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>Reads fields that may lie behind the end: what is missing reads as zero, so that a view holds any bytes.</summary>
internal static class LooseFields
{
    /// <summary>One byte.</summary>
    public static byte Byte(ReadOnlySpan<byte> bytes, int offset) => offset < bytes.Length ? bytes[offset] : (byte)0;

    /// <summary>16 bits in network byte order.</summary>
    public static ushort Word(ReadOnlySpan<byte> bytes, int offset) => bytes.Length - offset >= sizeof(ushort)
        ? BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..])
        : (ushort)(Byte(bytes, offset) << 8);

    /// <summary>32 bits in network byte order.</summary>
    public static uint Long(ReadOnlySpan<byte> bytes, int offset) => bytes.Length - offset >= sizeof(uint)
        ? BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..])
        : ((uint)Word(bytes, offset) << 16) | Word(bytes, offset + 2);

    /// <summary>64 bits in network byte order.</summary>
    public static ulong Quad(ReadOnlySpan<byte> bytes, int offset) => ((ulong)Long(bytes, offset) << 32) | Long(bytes, offset + 4);

    /// <summary>An address of 4 or 16 bytes.</summary>
    public static IpAddress Address(ReadOnlySpan<byte> bytes, int offset, bool isIpv6)
    {
        Span<byte> copy = stackalloc byte[16];
        copy.Clear();
        Run(bytes, offset, isIpv6 ? 16 : 4).CopyTo(copy);
        return isIpv6 ? new(BinaryPrimitives.ReadUInt128BigEndian(copy), true) : new(BinaryPrimitives.ReadUInt32BigEndian(copy), false);
    }

    /// <summary>As many of the bytes at an offset as there are; a negative length is none.</summary>
    public static ReadOnlySpan<byte> Run(ReadOnlySpan<byte> bytes, int offset, int lengthBytes = int.MaxValue) =>
        offset >= bytes.Length ? [] : bytes.Slice(offset, Math.Clamp(lengthBytes, 0, bytes.Length - offset));
}
