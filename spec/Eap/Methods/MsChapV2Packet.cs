using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Conformance.Spec.Crypto.Eap;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Eap.Methods;

/// <summary>What stands behind the type octet of EAP-MSCHAPv2 (type 26). draft-kamath-pppext-eap-mschapv2 §2.</summary>
public abstract record MsChapV2Packet
{
    /// <summary>EAP type. draft-kamath-pppext-eap-mschapv2 §2.</summary>
    public const byte EapType = 26;

    private const int HeaderBytes = 4;
    private const int ReservedBytes = 8;
    private const int ValueBytes = MsChapV2.ChallengeBytes + ReservedBytes + MsChapV2.ResponseBytes + 1;

    private MsChapV2Packet()
    {
    }

    private enum OpCode : byte
    {
        Challenge = 1,
        Response = 2,
        Success = 3,
        Failure = 4,
    }

    /// <summary>The server's challenge, in an EAP request. §2.1.</summary>
    /// <param name="Identifier">MS-CHAPv2-ID.</param>
    /// <param name="Value">16 bytes.</param>
    /// <param name="Name">Who challenges.</param>
    public sealed record Challenge(byte Identifier, ByteString Value, string Name) : MsChapV2Packet;

    /// <summary>The peer's answer, in an EAP response. §2.2.</summary>
    /// <param name="Identifier">MS-CHAPv2-ID of the challenge.</param>
    /// <param name="PeerChallenge">16 bytes.</param>
    /// <param name="Value">NT-Response, 24 bytes.</param>
    /// <param name="Name">The user's name, a domain may stand in front.</param>
    public sealed record Response(byte Identifier, ByteString PeerChallenge, ByteString Value, string Name) : MsChapV2Packet;

    /// <summary>The server's proof, in an EAP request. §2.3.</summary>
    /// <param name="Identifier">MS-CHAPv2-ID of the challenge.</param>
    /// <param name="Message">"S=" and 40 hex digits, then a message for people.</param>
    public sealed record Success(byte Identifier, string Message) : MsChapV2Packet;

    /// <summary>The server's refusal, in an EAP request. §2.5.</summary>
    /// <param name="Identifier">MS-CHAPv2-ID of the challenge.</param>
    /// <param name="Message">E= error, R= retry, C= new challenge, V= version, M= message.</param>
    public sealed record Failure(byte Identifier, string Message) : MsChapV2Packet;

    /// <summary>The peer's acknowledgement of success or failure, in an EAP response: one octet. §2.4 and §2.6.</summary>
    /// <param name="IsSuccess">What is acknowledged.</param>
    public sealed record Acknowledgement(bool IsSuccess) : MsChapV2Packet;

    /// <summary>Reads what stands behind the type octet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out MsChapV2Packet? packet, out ParseError error)
    {
        packet = null;
        error = default;
        if (data.IsEmpty)
            return Fails(out error, "OpCode", 0, "missing");
        var code = (OpCode)data[0];
        if (data.Length == 1)
        {
            packet = code is OpCode.Success or OpCode.Failure ? new Acknowledgement(code == OpCode.Success) : null;
            return packet is not null || Fails(out error, "OpCode", 0, "nothing follows, and it is no acknowledgement");
        }

        if (data.Length < HeaderBytes)
            return Fails(out error, "MS-Length", 2, "cut off");
        if (BinaryPrimitives.ReadUInt16BigEndian(data[2..]) != data.Length)
            return Fails(out error, "MS-Length", 2, $"says {BinaryPrimitives.ReadUInt16BigEndian(data[2..])}, but there are {data.Length} bytes");
        var identifier = data[1];
        var body = data[HeaderBytes..];
        switch (code)
        {
            case OpCode.Challenge when HasValue(body, MsChapV2.ChallengeBytes, out error):
                packet = new Challenge(
                    identifier, new ByteString(body.Slice(1, MsChapV2.ChallengeBytes)), Text(body[(1 + MsChapV2.ChallengeBytes)..]));
                return true;
            case OpCode.Response when HasValue(body, ValueBytes, out error):
                packet = new Response(
                    identifier,
                    new ByteString(body.Slice(1, MsChapV2.ChallengeBytes)),
                    new ByteString(body.Slice(1 + MsChapV2.ChallengeBytes + ReservedBytes, MsChapV2.ResponseBytes)),
                    Text(body[(1 + ValueBytes)..]));
                return true;
            case OpCode.Success:
                packet = new Success(identifier, Text(body));
                return true;
            case OpCode.Failure:
                packet = new Failure(identifier, Text(body));
                return true;
            default:
                return code is OpCode.Challenge or OpCode.Response
                    ? false
                    : Fails(out error, "OpCode", 0, $"{data[0]} is unknown");
        }
    }

    /// <summary>Writes what stands behind the type octet; reserved octets and flags are zero.</summary>
    public byte[] ToBytes() => this switch
    {
        Challenge one => Written(OpCode.Challenge, one.Identifier, [(byte)one.Value.Length, .. one.Value.Span, .. Bytes(one.Name)]),
        Response one => Written(
            OpCode.Response,
            one.Identifier,
            [ValueBytes, .. one.PeerChallenge.Span, .. new byte[ReservedBytes], .. one.Value.Span, 0, .. Bytes(one.Name)]),
        Success one => Written(OpCode.Success, one.Identifier, Bytes(one.Message)),
        Failure one => Written(OpCode.Failure, one.Identifier, Bytes(one.Message)),
        Acknowledgement one => [(byte)(one.IsSuccess ? OpCode.Success : OpCode.Failure)],
        _ => throw new InvalidOperationException("the hierarchy is closed"),
    };

    private static byte[] Written(OpCode code, byte identifier, byte[] body)
    {
        byte[] written = [(byte)code, identifier, 0, 0, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(written.AsSpan(2), (ushort)written.Length);
        return written;
    }

    private static bool HasValue(ReadOnlySpan<byte> body, int valueBytes, out ParseError error)
    {
        error = default;
        if (body.IsEmpty || body[0] != valueBytes)
            return Fails(out error, "Value-Size", HeaderBytes, body.IsEmpty ? "cut off" : $"is {body[0]}, not {valueBytes}");
        return body.Length > valueBytes || Fails(out error, "Value", HeaderBytes + 1, "cut off");
    }

    private static bool Fails(out ParseError error, string field, int offsetBytes, string reason)
    {
        error = new ParseError(field, offsetBytes, reason);
        return false;
    }

    // Latin-1 holds any octets, so that what was read is written again as it was.
    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
