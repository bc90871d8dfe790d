using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Conformance.Spec.Wire.Netlink;

/// <summary>One attribute (struct nlattr): a kind and bytes.</summary>
/// <param name="Type">Kind, with the flags for nested and network order where they are set.</param>
/// <param name="Value">Content, without padding.</param>
public readonly record struct NetlinkAttribute(ushort Type, ByteString Value)
{
    /// <summary>Length of the header, in bytes.</summary>
    public const int HeaderBytes = 4;

    /// <summary>Largest content, in bytes.</summary>
    public const int MostBytes = ushort.MaxValue - HeaderBytes;

    /// <summary>Length with header and padding, in bytes.</summary>
    public int PaddedBytes => NetlinkMessage.Aligned(HeaderBytes + Value.Length);

    /// <summary>An attribute of a 32-bit number in host order.</summary>
    public static NetlinkAttribute Of(ushort type, uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return new NetlinkAttribute(type, ByteString.Adopt(bytes));
    }

    /// <summary>Reads a run of attributes; the padding behind the last one may be missing.</summary>
    /// <param name="bytes">The run.</param>
    /// <param name="offsetBytes">Where it starts, for errors.</param>
    /// <param name="attributes">In order.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryParseAll(ByteString bytes, int offsetBytes, out ImmutableArray<NetlinkAttribute> attributes, out ParseError error)
    {
        ImmutableArray<NetlinkAttribute>.Builder all = ImmutableArray.CreateBuilder<NetlinkAttribute>();
        attributes = [];
        error = default;
        int at = 0;
        while (at < bytes.Length)
        {
            ReadOnlySpan<byte> rest = bytes.Span[at..];
            if (rest.Length < HeaderBytes)
            {
                error = new ParseError("attribute header", offsetBytes + at, $"{rest.Length} bytes, a header has {HeaderBytes}");
                return false;
            }

            int length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            if (length < HeaderBytes || length > rest.Length)
            {
                error = new ParseError("attribute length", offsetBytes + at, $"{length} of {rest.Length} bytes");
                return false;
            }

            all.Add(new NetlinkAttribute(BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]), bytes.Slice((at + HeaderBytes)..(at + length))));
            at += Math.Min(rest.Length, NetlinkMessage.Aligned(length));
        }

        attributes = all.ToImmutable();
        return true;
    }

    /// <summary>A nested attribute: a run of attributes as content.</summary>
    public static NetlinkAttribute Nest(ushort type, params ReadOnlySpan<NetlinkAttribute> attributes)
    {
        int length = 0;
        foreach (NetlinkAttribute attribute in attributes)
        {
            length += attribute.PaddedBytes;
        }

        byte[] bytes = new byte[length];
        int at = 0;
        foreach (NetlinkAttribute attribute in attributes)
        {
            attribute.Write(bytes.AsSpan(at));
            at += attribute.PaddedBytes;
        }

        return new NetlinkAttribute(type, ByteString.Adopt(bytes));
    }

    /// <summary>Writes header and content; the padding is left as it is.</summary>
    /// <exception cref="InvalidOperationException">The content is longer than <see cref="MostBytes"/>.</exception>
    public void Write(Span<byte> destination)
    {
        if (Value.Length > MostBytes)
        {
            throw new InvalidOperationException($"attribute {Type} has {Value.Length} bytes, the most are {MostBytes}");
        }

        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)(HeaderBytes + Value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], Type);
        Value.Span.CopyTo(destination[HeaderBytes..]);
    }
}
