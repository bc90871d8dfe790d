using System.Globalization;

namespace Conformance.Spec.Wire.Text;

/// <summary>A word of a text with its place.</summary>
/// <param name="Text">The word; empty at the end.</param>
/// <param name="Line">Line, from 1 on.</param>
/// <param name="Column">Column, from 1 on.</param>
public readonly record struct Token(string Text, int Line, int Column);

/// <summary>Words of one line, read from left to right; the first error stays, and what is read after it has no meaning.</summary>
/// <param name="tokens">The words.</param>
/// <param name="line">Line, for errors behind the last word.</param>
/// <param name="endColumn">Column behind the last word.</param>
public sealed class TokenReader(IReadOnlyList<Token> tokens, int line, int endColumn)
{
    private int _next;
    private string? _replacement;

    /// <summary>The first error.</summary>
    public TextError? Error { get; private set; }

    /// <summary>True while there was no error.</summary>
    public bool Ok => Error is null;

    /// <summary>True when words are left and there was no error.</summary>
    public bool HasMore => Ok && _next < tokens.Count;

    /// <summary>The next word without taking it; empty at the end.</summary>
    public string Peek => _replacement ?? (_next < tokens.Count ? tokens[_next].Text : "");

    /// <summary>Splits at blanks; a column is counted in characters.</summary>
    public static TokenReader Of(string text, int line, int firstColumn = 1)
    {
        List<Token> tokens = [];
        int at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            int start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            tokens.Add(new Token(text[start..at], line, firstColumn + start));
        }

        return new TokenReader(tokens, line, firstColumn + text.TrimEnd().Length);
    }

    /// <summary>Takes the next word; an error at the end.</summary>
    /// <param name="what">What it should have been, for the error.</param>
    public string Take(string what)
    {
        if (_next >= tokens.Count)
        {
            Fail($"{what} is missing");
            return "";
        }

        string word = Peek;
        Advance();
        return word;
    }

    /// <summary>Takes the next word if it is this one.</summary>
    public bool TakeIf(string word)
    {
        if (!Ok || Peek != word)
        {
            return false;
        }

        Advance();
        return true;
    }

    /// <summary>Puts another word in the place of the next one.</summary>
    public void ReplaceNext(string word) => _replacement = word;

    /// <summary>Takes words that must stand here.</summary>
    public void Expect(params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
        {
            if (Ok && !TakeIf(word))
            {
                Fail(_next < tokens.Count ? $"«{word}» expected, not «{Shortened(Peek)}»" : $"«{word}» is missing");
            }
        }
    }

    /// <summary>An error at the end when words are left.</summary>
    public void ExpectEnd()
    {
        if (HasMore)
        {
            Fail($"«{Shortened(Peek)}» is unknown here");
        }
    }

    /// <summary>A decimal number, or a hexadecimal one behind 0x, up to a largest value.</summary>
    public ulong Number(string what, ulong largest = ulong.MaxValue)
    {
        string word = Take(what);
        if (Ok && !(TryNumber(word, out ulong value) && value <= largest))
        {
            FailLast($"«{Shortened(word)}» is no {what}" + (largest == ulong.MaxValue ? "" : $" from 0 to {largest}"));
            return 0;
        }

        return Ok && TryNumber(word, out value) ? value : 0;
    }

    /// <summary>A 32-bit number.</summary>
    public uint Number32(string what) => (uint)Number(what, uint.MaxValue);

    /// <summary>An address in the usual full notation.</summary>
    public IpAddress Address(string what)
    {
        string word = Take(what);
        if (Ok && !TryAddress(word, out _))
        {
            FailLast($"«{Shortened(word)}» is no address");
        }

        return TryAddress(word, out IpAddress address) ? address : default;
    }

    private void Advance()
    {
        _next++;
        _replacement = null;
    }

    /// <summary>Notes an error at the next word, or behind the last one.</summary>
    public void Fail(string reason)
    {
        Token place = _next < tokens.Count ? tokens[_next] : new Token("", line, endColumn);
        Error ??= new TextError(place.Line, place.Column, reason);
    }

    /// <summary>Notes an error at the word that was taken last.</summary>
    public void FailLast(string reason)
    {
        Token place = _next > 0 ? tokens[_next - 1] : new Token("", line, 1);
        Error ??= new TextError(place.Line, place.Column, reason);
    }

    /// <summary>Reads a decimal number, or a hexadecimal one behind 0x.</summary>
    public static bool TryNumber(string text, out ulong value) =>
        text.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>Reads an address; other than <see cref="IpAddress.TryParse"/> it takes no abbreviated IPv4 and no zone.</summary>
    public static bool TryAddress(string text, out IpAddress address)
    {
        address = default;
        bool plain = text.Contains(':')
            ? text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.')
            : text.Split('.') is { Length: 4 } parts && parts.All(p => p.Length is > 0 and < 4 && p.All(char.IsAsciiDigit) && (p == "0" || p[0] != '0'));
        return plain && IpAddress.TryParse(text, out address);
    }

    /// <summary>A word for an error line: never longer than a line can bear, never with control characters.</summary>
    public static string Shortened(string word)
    {
        const int Longest = 40;
        string clean = string.Concat(word.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return clean.Length <= Longest ? clean : clean[..Longest] + "…";
    }
}
