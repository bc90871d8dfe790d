using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>What ICMP and ICMPv6 share: header, body, and where the checksum stands. RFC 792, RFC 4443 §2.1 and §2.3.</summary>
/// <param name="addresses">Covered by the checksum of ICMPv6; null for ICMP, whose checksum covers the message alone.</param>
/// <param name="echoRequest">Type of an echo request.</param>
/// <param name="echoReply">Type of an echo reply.</param>
internal readonly struct IcmpFormat(PseudoHeader? addresses, byte echoRequest, byte echoReply)
{
    /// <summary>Checks all that does not depend on the type, and that an echo has code 0.</summary>
    public bool TryOpen(ReadOnlySpan<byte> bytes, out IcmpView view, out ParseError error)
    {
        view = new IcmpView(bytes);
        error = default;
        if (bytes.Length < IcmpView.HeaderBytes)
        {
            error = new ParseError("header", 0, $"{bytes.Length} bytes, a header has 8");
        }
        else if (Checksum(bytes) != 0)
        {
            error = new ParseError("checksum", 2, "wrong");
        }
        else if ((view.Type == echoRequest || view.Type == echoReply) && view.Code != 0)
        {
            error = new ParseError("code", 1, $"{view.Code}, an echo has 0");
        }

        return error == default;
    }

    /// <summary>A message with its checksum.</summary>
    public byte[] Write(byte type, byte code, uint parameter, ByteString body)
    {
        byte[] bytes = new byte[IcmpView.HeaderBytes + body.Length];
        bytes[0] = type;
        bytes[1] = code;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), parameter);
        body.Span.CopyTo(bytes.AsSpan(IcmpView.HeaderBytes));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), Checksum(bytes));
        return bytes;
    }

    private ushort Checksum(ReadOnlySpan<byte> bytes) =>
        addresses is { } pseudo ? pseudo.Checksum(IpProtocol.IcmpV6, bytes) : InternetChecksum.Compute(bytes);
}
