using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Conformance.Spec.Wire.Netlink;

/// <summary>How a request ended: NLMSG_ERROR with its extended acknowledgement, or NLMSG_DONE.</summary>
/// <param name="Errno">0, or a positive errno.</param>
/// <param name="Reason">The kernel's own words, or empty.</param>
/// <param name="OffsetBytes">Where in the request the fault is, from its header on; null where it does not say.</param>
public readonly record struct NetlinkStatus(int Errno, string Reason = "", int? OffsetBytes = null)
{
    private const ushort TextAttribute = 1;
    private const ushort OffsetAttribute = 2;
    private const ushort TypeMask = 0x3fff;
    private const int ErrnoBytes = 4;

    /// <summary>True for errno 0.</summary>
    public bool Done => Errno == 0;

    /// <summary>True when a message ends the answer to a request.</summary>
    public static bool IsEnd(NetlinkMessage message) => message.Type is NetlinkMessage.Error or NetlinkMessage.Done;

    /// <summary>Reads the message that ends an answer.</summary>
    public static bool TryParse(NetlinkMessage message, out NetlinkStatus status, out ParseError error)
    {
        status = default;
        error = default;
        ReadOnlySpan<byte> body = message.Body.Span;
        if (body.Length < ErrnoBytes)
        {
            error = new ParseError("errno", 0, $"{body.Length} bytes, an errno has {ErrnoBytes}");
            return false;
        }

        int errno = unchecked(-BinaryPrimitives.ReadInt32LittleEndian(body));
        if (message.Type == NetlinkMessage.Done || !message.Flags.HasFlag(NetlinkFlags.AttributesOrExclusive))
        {
            status = new NetlinkStatus(errno);
            return true;
        }

        // Behind the errno stands the request, cut down to its header where the flag says so, then the attributes.
        if (body.Length < ErrnoBytes + NetlinkMessage.HeaderBytes)
        {
            error = new ParseError("request", ErrnoBytes, $"{body.Length - ErrnoBytes} bytes, a header has {NetlinkMessage.HeaderBytes}");
            return false;
        }

        long requestBytes = message.Flags.HasFlag(NetlinkFlags.CappedOrReplace) ? NetlinkMessage.HeaderBytes : BinaryPrimitives.ReadUInt32LittleEndian(body[ErrnoBytes..]);
        if (requestBytes < NetlinkMessage.HeaderBytes || ErrnoBytes + requestBytes > body.Length)
        {
            error = new ParseError("request length", ErrnoBytes, $"{requestBytes} of {body.Length - ErrnoBytes} bytes");
            return false;
        }

        int start = Math.Min(body.Length, ErrnoBytes + NetlinkMessage.Aligned((int)requestBytes));
        if (!NetlinkAttribute.TryParseAll(message.Body.Slice(start..), start, out ImmutableArray<NetlinkAttribute> attributes, out error))
        {
            return false;
        }

        status = new NetlinkStatus(errno);
        foreach (NetlinkAttribute attribute in attributes)
        {
            status = (attribute.Type & TypeMask) switch
            {
                TextAttribute => status with { Reason = Encoding.UTF8.GetString(attribute.Value.Span).TrimEnd('\0') },
                OffsetAttribute when attribute.Value.Length == sizeof(int) =>
                    status with { OffsetBytes = BinaryPrimitives.ReadInt32LittleEndian(attribute.Value.Span) },
                _ => status,
            };
        }

        return true;
    }

    /// <summary>The kernel's words, if any, and the errno.</summary>
    public override string ToString() => Reason.Length == 0 ? $"errno {Errno}" : $"{Reason} (errno {Errno})";
}
