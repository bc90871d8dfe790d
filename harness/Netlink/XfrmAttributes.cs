using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Netlink;

/// <summary>The attributes behind a fixed part, by type; the last of a type counts, as in the kernel (nlmsg_parse).</summary>
internal sealed class XfrmAttributes
{
    private readonly Dictionary<ushort, ByteString> _values = [];

    /// <summary>Reads attributes up to the end.</summary>
    /// <param name="bytes">From the first attribute on.</param>
    /// <param name="offsetBytes">Where they stand in the message, for errors.</param>
    /// <param name="attributes">The attributes.</param>
    /// <param name="error">Names the attribute that does not fit.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int offsetBytes, out XfrmAttributes attributes, out ParseError error)
    {
        attributes = new XfrmAttributes();
        error = default;
        int at = 0;
        while (bytes.Length - at >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
            ushort type = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 2)..]) & 0x3fff);
            if (length < 4 || length > bytes.Length - at)
            {
                error = new ParseError($"attribute {type}", offsetBytes + at, $"length {length} of {bytes.Length - at}");
                return false;
            }

            attributes._values[type] = new ByteString(bytes.Slice(at + 4, length - 4));
            at += (length + 3) & ~3;
        }

        return true;
    }

    /// <summary>The value of a type when it has at least a length.</summary>
    public bool TryGet(ushort type, int leastBytes, out ByteString value)
    {
        if (_values.TryGetValue(type, out value) && value.Length >= leastBytes)
        {
            return true;
        }

        value = ByteString.Empty;
        return false;
    }

    /// <summary>A 32-bit value in host order; 0 where it is absent.</summary>
    public uint Word(ushort type) => TryGet(type, 4, out ByteString value) ? BinaryPrimitives.ReadUInt32LittleEndian(value.Span) : 0;

    /// <summary>XFRMA_MARK.</summary>
    public XfrmMark Mark => TryGet(XfrmAttribute.Mark, 8, out ByteString value)
        ? new XfrmMark(BinaryPrimitives.ReadUInt32LittleEndian(value.Span), BinaryPrimitives.ReadUInt32LittleEndian(value.Span[4..]))
        : default;

    /// <summary>An algorithm with its key, or null.</summary>
    /// <param name="type">Attribute type.</param>
    /// <param name="hasIcvBits">True for the structures that have an ICV length behind the key length.</param>
    public XfrmAlgorithm? Algorithm(ushort type, bool hasIcvBits)
    {
        int head = hasIcvBits ? 72 : 68;
        if (!TryGet(type, head, out ByteString value))
        {
            return null;
        }

        ReadOnlySpan<byte> bytes = value.Span;
        int name = bytes[..64].IndexOf((byte)0);
        int keyBytes = (int)((BinaryPrimitives.ReadUInt32LittleEndian(bytes[64..]) + 7L) / 8);
        return new XfrmAlgorithm(
            System.Text.Encoding.ASCII.GetString(bytes[..(name < 0 ? 64 : name)]),
            new ByteString(bytes.Slice(head, Math.Min(keyBytes, bytes.Length - head))),
            hasIcvBits ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[68..]) : 0);
    }

    /// <summary>The bytes of an algorithm attribute.</summary>
    public static byte[] Write(XfrmAlgorithm algorithm, bool hasIcvBits)
    {
        int head = hasIcvBits ? 72 : 68;
        byte[] bytes = new byte[head + algorithm.Key.Length];
        System.Text.Encoding.ASCII.GetBytes(algorithm.Name.AsSpan(0, Math.Min(63, algorithm.Name.Length)), bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(64), algorithm.Key.Length * 8);
        if (hasIcvBits)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(68), algorithm.IcvBits);
        }

        algorithm.Key.Span.CopyTo(bytes.AsSpan(head));
        return bytes;
    }
}
