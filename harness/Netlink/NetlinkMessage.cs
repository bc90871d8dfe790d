using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Conformance.Harness.Netlink;

/// <summary>Builds one netlink request: header, fixed part, attributes (linux/netlink.h).</summary>
internal sealed class NetlinkMessage
{
    /// <summary>NLM_F_REQUEST | NLM_F_ACK.</summary>
    public const ushort RequestWithAcknowledgement = 0x005;

    /// <summary>NLM_F_CREATE | NLM_F_EXCL.</summary>
    public const ushort CreateExclusive = 0x600;

    private const int HeaderBytes = 16;
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public NetlinkMessage(ushort type, ushort flags)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 1);
        _bytes.Write(header);
    }

    /// <summary>Appends the fixed part, or a piece of it.</summary>
    public NetlinkMessage Fixed(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>Appends an attribute, padded to 4 bytes.</summary>
    public NetlinkMessage Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> header = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], type);
        _bytes.Write(header);
        _bytes.Write(value);
        _bytes.Write(stackalloc byte[(4 - (value.Length & 3)) & 3]);
        return this;
    }

    /// <summary>Appends a 32-bit attribute in host order.</summary>
    public NetlinkMessage Attribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>The finished request.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = _bytes.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        return bytes;
    }
}

/// <summary>The answer to a request that asked for an acknowledgement.</summary>
/// <param name="Errno">0 or a positive errno.</param>
/// <param name="Reason">The kernel's own words (extended acknowledgement), or empty.</param>
internal readonly record struct NetlinkStatus(int Errno, string Reason)
{
    private const ushort ErrorType = 2;
    private const ushort MessageAttribute = 1;
    private const int HeaderBytes = 16;

    /// <summary>True for errno 0.</summary>
    public bool Done => Errno == 0;

    /// <summary>Finds the acknowledgement in an answer.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static NetlinkStatus Read(ReadOnlySpan<byte> answer) =>
        TryRead(answer, out NetlinkStatus status) ? status : throw new InvalidDataException("a netlink answer without acknowledgement");

    /// <summary>Finds the acknowledgement in any bytes; false if there is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> answer, out NetlinkStatus status)
    {
        while (answer.Length >= HeaderBytes)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(answer);
            if (length < HeaderBytes || length > answer.Length)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(answer[4..]) == ErrorType && length >= HeaderBytes + 4)
            {
                status = new NetlinkStatus(-BinaryPrimitives.ReadInt32LittleEndian(answer[HeaderBytes..]), ReasonOf(answer[..length]));
                return true;
            }

            answer = answer[Math.Min(answer.Length, (length + 3) & ~3)..];
        }

        status = default;
        return false;
    }

    /// <summary>errno with its reason.</summary>
    public override string ToString() => Reason.Length == 0
        ? $"{new System.ComponentModel.Win32Exception(Errno).Message} (errno {Errno})"
        : $"{Reason} (errno {Errno})";

    // Behind the errno stands the request (its header only when NLM_F_CAPPED, 0x100), then attributes.
    private static string ReasonOf(ReadOnlySpan<byte> error)
    {
        const int RequestOffset = HeaderBytes + 4;
        if (error.Length < RequestOffset + HeaderBytes)
        {
            return "";
        }

        bool capped = (BinaryPrimitives.ReadUInt16LittleEndian(error[6..]) & 0x100) != 0;
        int requestBytes = capped ? HeaderBytes : BinaryPrimitives.ReadInt32LittleEndian(error[RequestOffset..]);
        int at = RequestOffset + ((requestBytes + 3) & ~3);
        while (at >= 0 && at + 4 <= error.Length)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(error[at..]);
            if (length < 4 || at + length > error.Length)
            {
                break;
            }

            if ((BinaryPrimitives.ReadUInt16LittleEndian(error[(at + 2)..]) & 0x3fff) == MessageAttribute)
            {
                return Encoding.UTF8.GetString(error.Slice(at + 4, length - 4)).TrimEnd('\0');
            }

            at += (length + 3) & ~3;
        }

        return "";
    }
}
