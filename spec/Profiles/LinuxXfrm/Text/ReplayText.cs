using System.Collections.Immutable;
using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>The lines «anti-replay context:» and «anti-replay esn context:».</summary>
internal static class ReplayText
{
    private const int WordsInLine = 8;

    /// <summary>Reads what follows «anti-replay».</summary>
    public static XfrmState Read(DumpReader reader, XfrmState state)
    {
        TokenReader line = reader.Line;
        if (line.TakeIf("esn"))
        {
            line.Expect("context:");
            return state with { ReplayEsn = ReadEsn(reader) };
        }

        line.Expect("context:", "seq");
        uint sequence = BeforeComma(line);
        line.Expect("oseq");
        uint outSequence = BeforeComma(line);
        line.Expect("bitmap");
        return state with { Replay = new XfrmReplay(outSequence, sequence, line.Number32("bitmap")) };
    }

    /// <summary>Writes the context of an SA.</summary>
    public static void Write(StringBuilder text, XfrmState state)
    {
        if (state.Replay is { } replay)
        {
            text.Append($"\tanti-replay context: seq 0x{replay.Sequence:x}, oseq 0x{replay.OutSequence:x}, bitmap 0x{replay.Bitmap:x8}\n");
        }

        if (state.ReplayEsn is not { } esn)
        {
            return;
        }

        text.Append("\tanti-replay esn context:\n");
        text.Append($"\t seq-hi 0x{esn.SequenceHigh:x}, seq 0x{esn.Sequence:x}, oseq-hi 0x{esn.OutSequenceHigh:x}, oseq 0x{esn.OutSequence:x}\n");
        text.Append($"\t replay_window {esn.WindowPackets}, bitmap-length {esn.Bitmap.Length}");
        for (int i = 0; i < esn.Bitmap.Length; i++)
        {
            // The highest word comes first.
            text.Append(i % WordsInLine == 0 ? "\n\t " : "").Append($"{esn.Bitmap[^(i + 1)]:x8} ");
        }

        text.Append('\n');
    }

    private static XfrmReplayEsn ReadEsn(DumpReader reader)
    {
        reader.Require("the sequence numbers");
        TokenReader line = reader.Line;
        line.Expect("seq-hi");
        uint sequenceHigh = BeforeComma(line);
        line.Expect("seq");
        uint sequence = BeforeComma(line);
        line.Expect("oseq-hi");
        uint outSequenceHigh = BeforeComma(line);
        line.Expect("oseq");
        uint outSequence = line.Number32("sequence number");
        reader.Require("the window");
        line = reader.Line;
        line.Expect("replay_window");
        uint window = BeforeComma(line);
        line.Expect("bitmap-length");
        uint words = line.Number32("bitmap length");
        return new XfrmReplayEsn(outSequence, sequence, outSequenceHigh, sequenceHigh, window, ReadBitmap(reader, words));
    }

    private static ImmutableArray<uint> ReadBitmap(DumpReader reader, uint words)
    {
        List<uint> bitmap = [];
        while (reader.Ok && bitmap.Count < words)
        {
            reader.Require("the bitmap");
            while (reader.Line.HasMore && bitmap.Count < words)
            {
                string word = reader.Line.Take("word of the bitmap");
                if (word.Length != 8 || !TokenReader.TryNumber("0x" + word, out ulong value))
                {
                    reader.Line.FailLast($"«{TokenReader.Shortened(word)}» is no word of the bitmap; {words - bitmap.Count} of {words} are missing");
                    break;
                }

                bitmap.Add((uint)value);
            }
        }

        bitmap.Reverse();
        return [.. bitmap];
    }

    private static uint BeforeComma(TokenReader line)
    {
        string word = line.Take("number");
        bool good = TokenReader.TryNumber(word.EndsWith(',') ? word[..^1] : "", out ulong value) && value <= uint.MaxValue;
        if (line.Ok && !good)
        {
            line.FailLast($"«{TokenReader.Shortened(word)}» is no number before a comma");
        }

        return good ? (uint)value : 0;
    }
}
