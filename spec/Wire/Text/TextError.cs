namespace Conformance.Spec.Wire.Text;

/// <summary>Why a text has no meaning: where, and the reason.</summary>
/// <param name="Line">Line, from 1 on.</param>
/// <param name="Column">Column, from 1 on.</param>
/// <param name="Reason">One clause, for people.</param>
public readonly record struct TextError(int Line, int Column, string Reason)
{
    /// <summary>One line: place and reason.</summary>
    public override string ToString() => $"line {Line}, column {Column}: {Reason}";
}
