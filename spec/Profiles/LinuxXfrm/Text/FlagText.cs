using System.Globalization;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Flags by name; what has no name is one number in hex.</summary>
internal static class FlagText
{
    /// <summary>Glued to the last flag by the tool, which leaves out the blank.</summary>
    public const string Extra = "extra_flag";

    /// <summary>Reads names up to a bracket, the extra flags or the end of the line.</summary>
    public static uint Read(TokenReader line, (string Name, byte Value)[] names, uint largest)
    {
        uint flags = 0;
        while (line.HasMore && line.Peek[0] != '(' && line.Peek != Extra)
        {
            string word = line.Peek;
            bool glued = word.EndsWith(Extra, StringComparison.Ordinal);
            string name = glued ? word[..^Extra.Length] : word;
            if (names.FirstOrDefault(f => f.Name == name) is { Name: not null } flag)
            {
                flags |= flag.Value;
            }
            else if (uint.TryParse(name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint bits) && bits <= largest)
            {
                flags |= bits;
            }
            else
            {
                line.Fail($"«{TokenReader.Shortened(name)}» is no flag");
            }

            if (glued)
            {
                line.ReplaceNext(Extra);
                break;
            }

            line.Take("flag");
        }

        return flags;
    }

    /// <summary>Eight flags as binary digits, behind the 0x that the tool writes.</summary>
    public static string Binary(byte flags) => $"(0x{flags:b8})";
}
