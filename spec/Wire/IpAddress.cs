using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Conformance.Spec.Wire;

/// <summary>An IPv4 or IPv6 address as a number with its family; allocates nothing. RFC 791 §3.1, RFC 8200 §3.</summary>
/// <param name="Value">The address as a big-endian number; IPv4 uses the low 32 bits.</param>
/// <param name="IsIpv6">Family.</param>
public readonly record struct IpAddress(UInt128 Value, bool IsIpv6)
{
    /// <summary>Length on the wire, in bytes.</summary>
    public int LengthBytes => IsIpv6 ? 16 : 4;

    /// <summary>True for 224.0.0.0/4 and ff00::/8. RFC 5771, RFC 4291 §2.7.</summary>
    public bool IsMulticast => IsIpv6 ? Value >> 120 == 0xff : (uint)Value >> 28 == 0xe;

    /// <summary>Reads an address of 4 or 16 bytes.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static IpAddress FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => new(BinaryPrimitives.ReadUInt32BigEndian(bytes), false),
        16 => new(BinaryPrimitives.ReadUInt128BigEndian(bytes), true),
        _ => throw new ArgumentException($"an address has 4 or 16 bytes, not {bytes.Length}", nameof(bytes)),
    };

    /// <summary>Reads the usual notation.</summary>
    /// <exception cref="FormatException">It is no address.</exception>
    public static IpAddress Parse(string text) => FromBytes(IPAddress.Parse(text).GetAddressBytes());

    /// <summary>Reads the usual notation; false if it is no address.</summary>
    public static bool TryParse(string text, out IpAddress address)
    {
        address = default;
        if (!IPAddress.TryParse(text, out IPAddress? parsed) || parsed.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            return false;
        }

        address = FromBytes(parsed.GetAddressBytes());
        return true;
    }

    /// <summary>Writes 4 or 16 bytes.</summary>
    public void WriteTo(Span<byte> destination)
    {
        if (IsIpv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination, Value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Value);
        }
    }

    /// <summary>The bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[LengthBytes];
        WriteTo(bytes);
        return bytes;
    }

    /// <summary>The usual notation.</summary>
    public override string ToString() => new IPAddress(ToBytes()).ToString();
}
