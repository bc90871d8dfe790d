using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Eap.Tls;

/// <summary>What stands behind the type octet of EAP-TLS (type 13): one fragment of a TLS message. RFC 5216 §3.1, §3.2.</summary>
/// <param name="IsStart">Flag S.</param>
/// <param name="HasMore">Flag M: more fragments follow.</param>
/// <param name="MessageBytes">Length of the whole message, flag L; null without.</param>
/// <param name="Data">The fragment.</param>
public sealed record EapTlsPacket(bool IsStart, bool HasMore, uint? MessageBytes, ByteString Data)
{
    /// <summary>Flag L.</summary>
    public const byte LengthFlag = 0x80;

    /// <summary>Flag M.</summary>
    public const byte MoreFlag = 0x40;

    /// <summary>Flag S.</summary>
    public const byte StartFlag = 0x20;

    private const int LengthBytes = 4;

    /// <summary>Asks the peer to begin. RFC 5216 §2.1.1.</summary>
    public static EapTlsPacket Start { get; } = new(IsStart: true, HasMore: false, null, ByteString.Empty);

    /// <summary>Asks for the next fragment, or says that all is well. RFC 5216 §2.1.5.</summary>
    public static EapTlsPacket Acknowledgement { get; } = new(IsStart: false, HasMore: false, null, ByteString.Empty);

    /// <summary>True for a packet without flags and data.</summary>
    public bool IsAcknowledgement => this == Acknowledgement;

    /// <summary>Reads what stands behind the type octet; reserved flags are passed over.</summary>
    public static bool TryParse(ByteString data, [NotNullWhen(true)] out EapTlsPacket? packet, out ParseError error)
    {
        packet = null;
        if (data.Length == 0)
        {
            error = new ParseError("Flags", 0, "missing");
            return false;
        }

        byte flags = data[0];
        bool hasLength = (flags & LengthFlag) != 0;
        if (hasLength && data.Length < 1 + LengthBytes)
        {
            error = new ParseError("TLS Message Length", 1, "cut off");
            return false;
        }

        error = default;
        packet = new EapTlsPacket(
            (flags & StartFlag) != 0,
            (flags & MoreFlag) != 0,
            hasLength ? BinaryPrimitives.ReadUInt32BigEndian(data.Span[1..]) : null,
            data.Slice((hasLength ? 1 + LengthBytes : 1)..));
        return true;
    }

    /// <summary>Writes what stands behind the type octet.</summary>
    public ByteString ToByteString()
    {
        byte flags = (byte)((MessageBytes is null ? 0 : LengthFlag) | (HasMore ? MoreFlag : 0) | (IsStart ? StartFlag : 0));
        byte[] length = new byte[MessageBytes is null ? 0 : LengthBytes];
        if (MessageBytes is { } total)
        {
            BinaryPrimitives.WriteUInt32BigEndian(length, total);
        }

        return ByteString.Adopt([flags, .. length, .. Data.Span]);
    }
}
