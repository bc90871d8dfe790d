using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>The lines of a dump one by one; blank ones and those that begin with # are passed over.</summary>
internal sealed class DumpReader
{
    private readonly List<(int Number, int Column, string Text)> _lines = [];
    private int _next;
    private TextError? _error;

    public DumpReader(string text, DeviceNames devices)
    {
        Style = DumpStyle.Plain with { Devices = devices };
        string[] physical = text.Split('\n');
        for (int i = 0; i < physical.Length; i++)
        {
            Add(i + 1, physical[i]);
        }
    }

    /// <summary>What was learnt about the style so far.</summary>
    public DumpStyle Style { get; set; }

    /// <summary>Words of the current line.</summary>
    public TokenReader Line { get; private set; } = TokenReader.Of("", 1);

    /// <summary>Number of the current line.</summary>
    public int LineNumber { get; private set; } = 1;

    public TextError? Error => _error ?? Line.Error;

    public bool Ok => Error is null;

    /// <summary>First word of the line that would come next.</summary>
    public string PeekNext => _next < _lines.Count ? TokenReader.Of(_lines[_next].Text, 1).Peek : "";

    /// <summary>Ends the current line, which must be used up, and goes to the next one; false at the end or after an error.</summary>
    public bool Next()
    {
        Line.ExpectEnd();
        _error ??= Line.Error;
        if (!Ok || _next == _lines.Count)
        {
            return false;
        }

        (LineNumber, int column, string text) = _lines[_next++];
        Line = TokenReader.Of(text, LineNumber, column);
        return true;
    }

    /// <summary>Goes to a line that must follow.</summary>
    /// <param name="what">What it is, for the error.</param>
    public void Require(string what)
    {
        if (!Next())
        {
            Line.Fail($"the line with {what} is missing behind it");
        }
    }

    private void Add(int number, string line)
    {
        string trimmed = line.TrimEnd();
        if (trimmed.Length == 0 || trimmed.TrimStart()[0] == '#')
        {
            return;
        }

        if (!trimmed.Contains('\\'))
        {
            _lines.Add((number, 1, trimmed));
            return;
        }

        Style = Style with { OneLine = true };
        int start = 0;
        foreach (string part in trimmed.Split('\\'))
        {
            if (part.Trim().Length > 0)
            {
                _lines.Add((number, start + 1, part));
            }

            start += part.Length + 1;
        }
    }
}
