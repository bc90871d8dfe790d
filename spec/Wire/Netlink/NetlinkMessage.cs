using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Conformance.Spec.Wire.Netlink;

/// <summary>Flags of a netlink message (linux/netlink.h).</summary>
[Flags]
public enum NetlinkFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>NLM_F_REQUEST.</summary>
    Request = 0x001,

    /// <summary>NLM_F_MULTI: one of several, ended by NLMSG_DONE.</summary>
    Multiple = 0x002,

    /// <summary>NLM_F_ACK: answer with an errno.</summary>
    Acknowledge = 0x004,

    /// <summary>NLM_F_DUMP in a request for reading.</summary>
    Dump = 0x300,

    /// <summary>NLM_F_CAPPED in an answer: the request is repeated without its body. NLM_F_REPLACE in a request for change.</summary>
    CappedOrReplace = 0x100,

    /// <summary>NLM_F_ACK_TLVS in an answer: attributes follow. NLM_F_EXCL in a request for change.</summary>
    AttributesOrExclusive = 0x200,

    /// <summary>NLM_F_CREATE.</summary>
    Create = 0x400,
}

/// <summary>One netlink message (struct nlmsghdr); numbers are in the byte order of the host, which is little-endian here.</summary>
/// <param name="Type">Kind of message, in the numbers of its protocol; below 16 common to all.</param>
/// <param name="Flags">Flags.</param>
/// <param name="Sequence">Number that an answer repeats.</param>
/// <param name="Port">Sender's port; 0 is the kernel.</param>
/// <param name="Body">What follows the header, without padding at its end.</param>
public sealed record NetlinkMessage(ushort Type, NetlinkFlags Flags, uint Sequence, uint Port, ByteString Body)
{
    /// <summary>Length of the header, in bytes.</summary>
    public const int HeaderBytes = 16;

    /// <summary>NLMSG_ERROR: an errno, also 0.</summary>
    public const ushort Error = 2;

    /// <summary>NLMSG_DONE: the end of a dump.</summary>
    public const ushort Done = 3;

    private const int Alignment = 4;

    /// <summary>A message of a fixed part and attributes.</summary>
    public static NetlinkMessage Of(ushort type, NetlinkFlags flags, ReadOnlySpan<byte> head, IEnumerable<NetlinkAttribute> attributes)
    {
        NetlinkAttribute[] all = [.. attributes];
        int start = all.Length == 0 ? head.Length : Aligned(head.Length);
        byte[] body = new byte[start + all.Sum(a => a.PaddedBytes)];
        head.CopyTo(body);
        int at = start;
        foreach (NetlinkAttribute attribute in all)
        {
            attribute.Write(body.AsSpan(at));
            at += attribute.PaddedBytes;
        }

        return new NetlinkMessage(type, flags, 0, 0, ByteString.Adopt(body));
    }

    /// <summary>A length rounded up to where the next message or attribute starts.</summary>
    public static int Aligned(int lengthBytes) => (lengthBytes + Alignment - 1) & ~(Alignment - 1);

    /// <summary>Reads the messages of one or more datagrams, laid end to end.</summary>
    public static bool TryParseAll(ByteString bytes, out ImmutableArray<NetlinkMessage> messages, out ParseError error)
    {
        ImmutableArray<NetlinkMessage>.Builder all = ImmutableArray.CreateBuilder<NetlinkMessage>();
        error = default;
        messages = [];
        int at = 0;
        while (at < bytes.Length)
        {
            ReadOnlySpan<byte> rest = bytes.Span[at..];
            if (rest.Length < HeaderBytes)
            {
                error = new ParseError("netlink header", at, $"{rest.Length} bytes, a header has {HeaderBytes}");
                return false;
            }

            uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (length < HeaderBytes || length > rest.Length)
            {
                error = new ParseError("netlink length", at, $"{length} of {rest.Length} bytes");
                return false;
            }

            all.Add(new NetlinkMessage(
                BinaryPrimitives.ReadUInt16LittleEndian(rest[4..]),
                (NetlinkFlags)BinaryPrimitives.ReadUInt16LittleEndian(rest[6..]),
                BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]),
                bytes.Slice((at + HeaderBytes)..(at + (int)length))));
            at += Math.Min(rest.Length, Aligned((int)length));
        }

        messages = all.ToImmutable();
        return true;
    }

    /// <summary>Header and body, padded to where the next message would start.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Aligned(HeaderBytes + Body.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, HeaderBytes + Body.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Port);
        Body.Span.CopyTo(bytes.AsSpan(HeaderBytes));
        return bytes;
    }
}
