namespace Conformance.Spec.Wire;

/// <summary>One option of an IPv4, TCP or IPv6 header: its type and the data behind its length. RFC 791 §3.1, RFC 9293 §3.1, RFC 8200 §4.2.</summary>
/// <param name="Type">Option type or kind.</param>
/// <param name="Data">Data without type and length; empty for options of one byte.</param>
public readonly record struct HeaderOption(byte Type, ByteString Data);

/// <summary>Walks the options of a header; the three formats differ in their one-byte options and in what a length counts.</summary>
public static class OptionList
{
    private const byte EndOfList = 0;
    private const byte NoOperation = 1;

    /// <summary>Reads IPv4 or TCP options: types 0 (end) and 1 (no operation) are one byte, a length counts type and length too.</summary>
    /// <param name="bytes">The options.</param>
    /// <param name="offsetBytes">Where they start, for the error.</param>
    /// <param name="options">The options up to the end of the list.</param>
    /// <param name="error">The option whose length is impossible.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, int offsetBytes, out IReadOnlyList<HeaderOption> options, out ParseError error)
    {
        List<HeaderOption> found = [];
        options = found;
        error = default;
        int at = 0;
        while (at < bytes.Length && bytes[at] != EndOfList)
        {
            if (bytes[at] == NoOperation)
            {
                found.Add(new(NoOperation, ByteString.Empty));
                at++;
                continue;
            }

            int length = LooseFields.Byte(bytes, at + 1);
            if (length < 2 || at + length > bytes.Length)
            {
                error = new ParseError("option length", offsetBytes + at + 1, $"{length} bytes, {bytes.Length - at} are there");
                return false;
            }

            found.Add(new(bytes[at], new ByteString(bytes.Slice(at + 2, length - 2))));
            at += length;
        }

        return true;
    }

    /// <summary>Reads the options of IPv6 hop-by-hop or destination options: type 0 (Pad1) is one byte, a length counts the data only.</summary>
    /// <param name="bytes">The options.</param>
    /// <param name="offsetBytes">Where they start, for the error.</param>
    /// <param name="options">The options, padding included.</param>
    /// <param name="error">The option whose length is impossible.</param>
    public static bool TryParseIpv6(ReadOnlySpan<byte> bytes, int offsetBytes, out IReadOnlyList<HeaderOption> options, out ParseError error)
    {
        List<HeaderOption> found = [];
        options = found;
        error = default;
        int at = 0;
        while (at < bytes.Length)
        {
            if (bytes[at] == 0)
            {
                found.Add(new(0, ByteString.Empty));
                at++;
                continue;
            }

            int length = LooseFields.Byte(bytes, at + 1);
            if (at + 2 + length > bytes.Length)
            {
                error = new ParseError("option length", offsetBytes + at + 1, $"{length} bytes, {Math.Max(0, bytes.Length - at - 2)} are there");
                return false;
            }

            found.Add(new(bytes[at], new ByteString(bytes.Slice(at + 2, length))));
            at += 2 + length;
        }

        return true;
    }
}
