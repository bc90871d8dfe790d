namespace Conformance.Tests.Model.XfrmText;

/// <summary>Small faults in a text: characters, words and lines that are lost, doubled, swapped or borrowed from other texts.</summary>
internal sealed class TextMutator(Random random, IReadOnlyList<string> texts)
{
    private static readonly string[] Values =
        ["0", "-1", "4294967295", "4294967296", "18446744073709551616", "0x", "0xffffffffffffffffff", "(", ")", "/", "::", "255.255.255.255", "\\", "#", ",", "-", "\u0000", "\ud800", "«"];

    private readonly string[][] _words = [.. texts.Select(t => t.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>One to three faults in some entries of the text.</summary>
    public string Mutate(string text)
    {
        List<string> lines = [.. text.Split('\n')];
        int first = random.Next(lines.Count);
        while (first > 0 && !lines[first].StartsWith("src", StringComparison.Ordinal))
        {
            first--;
        }

        int end = Math.Min(lines.Count, first + 1 + random.Next(40));
        while (end < lines.Count && !lines[end].StartsWith("src", StringComparison.Ordinal))
        {
            end++;
        }

        lines = lines.GetRange(first, end - first);
        for (int faults = 1 + random.Next(3); faults > 0; faults--)
        {
            Fault(lines);
        }

        return string.Join('\n', lines);
    }

    private void Fault(List<string> lines)
    {
        int at = random.Next(lines.Count);
        switch (random.Next(9))
        {
            case 0 when lines.Count > 1:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(random.Next(lines.Count), lines[at]);
                break;
            case 2:
                int other = random.Next(lines.Count);
                (lines[at], lines[other]) = (lines[other], lines[at]);
                break;
            case 3:
                lines[at] = lines[at][..random.Next(lines[at].Length + 1)];
                break;
            case 4:
                lines[at] = lines[at].Insert(random.Next(lines[at].Length + 1), Values[random.Next(Values.Length)]);
                break;
            case 5 when lines[at].Length > 0:
                lines[at] = lines[at].Remove(random.Next(lines[at].Length), 1);
                break;
            default:
                string[] words = lines[at].Split(' ');
                string[] source = _words[random.Next(_words.Length)];
                words[random.Next(words.Length)] = random.Next(3) == 0 ? Values[random.Next(Values.Length)] : source[random.Next(source.Length)];
                lines[at] = string.Join(' ', words);
                break;
        }
    }
}
