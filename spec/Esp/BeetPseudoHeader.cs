using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp;

/// <summary>The header that carries IPv4 options through BEET mode (draft-nikander-esp-beet-mode §5.4).</summary>
/// <remarks>Next header, length in 8-byte units beyond the first, pad length, reserved; then NOP padding and the options.</remarks>
public static class BeetPseudoHeader
{
    private const int FixedBytes = 4;
    private const int UnitBytes = 8;
    private const byte NoOperation = 1;
    private const int LargestOptionBytes = 40;

    /// <summary>Pseudo header, options and upper-layer data.</summary>
    /// <param name="protocol">Protocol of the data.</param>
    /// <param name="options">IPv4 options, a multiple of 4 bytes.</param>
    /// <param name="data">Upper-layer data.</param>
    public static ByteString Write(byte protocol, ReadOnlySpan<byte> options, ReadOnlySpan<byte> data)
    {
        int padding = FixedBytes - (options.Length & FixedBytes);
        byte[] bytes = new byte[FixedBytes + padding + options.Length + data.Length];
        bytes[0] = protocol;
        bytes[1] = (byte)(options.Length / UnitBytes);
        bytes[2] = (byte)padding;
        bytes.AsSpan(FixedBytes, padding).Fill(NoOperation);
        options.CopyTo(bytes.AsSpan(FixedBytes + padding));
        data.CopyTo(bytes.AsSpan(FixedBytes + padding + options.Length));
        return ByteString.Adopt(bytes);
    }

    /// <summary>Splits a payload that begins with the pseudo header.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out byte protocol, out ByteString options, out ByteString data, out ParseError error)
    {
        protocol = 0;
        options = default;
        data = default;
        error = default;
        if (payload.Length < FixedBytes)
        {
            error = new ParseError("pseudo header", 0, $"{payload.Length} bytes, it has at least 4");
            return false;
        }

        int optionBytes = (payload[1] * UnitBytes) + FixedBytes - payload[2];
        int headerBytes = FixedBytes + payload[2] + optionBytes;
        if (optionBytes is < 0 or > LargestOptionBytes || optionBytes % 4 != 0 || headerBytes > payload.Length)
        {
            error = new ParseError("header length", 1, $"{optionBytes} bytes of options");
            return false;
        }

        protocol = payload[0];
        options = new ByteString(payload.Slice(FixedBytes + payload[2], optionBytes));
        data = new ByteString(payload[headerBytes..]);
        return true;
    }
}
