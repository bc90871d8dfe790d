using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Reads one SA of a dump.</summary>
internal static class StateReader
{
    /// <summary>Reads from the addresses to the line before the next SA.</summary>
    public static StateEntry Read(DumpReader reader, out bool more)
    {
        int line = reader.LineNumber;
        TransformText head = TransformText.Read(reader);
        StateEntry entry = new(new XfrmState
        {
            Source = XfrmAddress.Of(head.Source),
            Destination = XfrmAddress.Of(head.Destination),
            Family = head.Family,
            Protocol = head.Protocol,
            Spi = head.Spi,
            RequestId = head.RequestId,
            Mode = head.Mode,
        })
        { Line = line };
        reader.Require("the replay window");
        entry = entry with { State = ReadWindow(reader, entry.State) };
        HashSet<string> seen = [];
        more = reader.Next();
        while (more && reader.Ok && reader.Line.Peek != "src")
        {
            string key = reader.Line.Take("key");
            string whole = key is "lifetime" or "anti-replay" ? key + reader.Line.Peek : key;
            if (!seen.Add(whole))
            {
                reader.Line.FailLast($"«{TokenReader.Shortened(key)}» stands twice in one SA");
            }

            entry = ReadAttribute(reader, entry, key);
            more = reader.Next();
        }

        more &= reader.Ok;
        return entry;
    }

    private static XfrmState ReadWindow(DumpReader reader, XfrmState state)
    {
        TokenReader line = reader.Line;
        line.Expect("replay-window");
        state = state with { ReplayWindow = (byte)line.Number("replay window", byte.MaxValue) };
        if (line.TakeIf("seq"))
        {
            reader.Style = reader.Style with { Statistics = true };
            state = state with { AcquireSequence = DecimalBehindPrefix(line) };
        }

        if (line.TakeIf("flag"))
        {
            state = state with { Flags = (XfrmStateFlags)FlagText.Read(line, DumpNames.StateFlags, byte.MaxValue) };
        }

        if (line.TakeIf(FlagText.Extra))
        {
            state = state with { ExtraFlags = (XfrmExtraFlags)FlagText.Read(line, DumpNames.ExtraFlags, uint.MaxValue) };
        }

        if (line.HasMore && line.Peek[0] == '(')
        {
            // The flags once more, in binary.
            line.Take("flags");
        }

        return state;
    }

    // The tool writes 0x and then decimal digits.
    private static uint DecimalBehindPrefix(TokenReader line)
    {
        string word = line.Take("sequence number");
        string digits = word.StartsWith("0x", StringComparison.Ordinal) ? word[2..] : "";
        bool good = TokenReader.TryNumber(digits, out ulong value) && value <= uint.MaxValue && char.IsAsciiDigit(digits[^1]);
        if (line.Ok && !good)
        {
            line.FailLast($"«{TokenReader.Shortened(word)}» is no sequence number");
        }

        return good ? (uint)value : 0;
    }

    private static StateEntry ReadAttribute(DumpReader reader, StateEntry entry, string key)
    {
        TokenReader line = reader.Line;
        switch (key)
        {
            case "mark" or "output-mark":
                return entry with { State = ReadMarks(line, entry.State, key) };
            case "auth" or "auth-trunc" or "aead" or "enc" or "comp":
                return entry with { State = ReadAlgorithm(reader, entry.State, key) };
            case "encap":
                return entry with { State = entry.State with { Encapsulation = ReadEncapsulation(line, entry.State.Family) } };
            case "coa":
                return entry with { CareOfAddress = XfrmAddress.Of(line.Address("care-of address")) };
            case "lastused":
                return entry with { LastUsed = LifetimeText.ReadTime(line) };
            case "anti-replay":
                return entry with { State = ReplayText.Read(reader, entry.State) };
            case "crypto":
                return entry with { Offload = AttributeText.ReadOffload(reader) };
            case "if_id":
                return entry with { State = entry.State with { InterfaceId = line.Number32("if_id") } };
            case "tfcpad":
                return entry with { State = entry.State with { TfcPadBytes = line.Number32("tfcpad") } };
            case "dir":
                return entry with { State = entry.State with { Direction = ReadDirection(line) } };
            case "pcpu-num":
                return entry with { Cpu = line.Number32("CPU") };
            case "sel":
                return entry with { State = entry.State with { Selector = SelectorText.Read(reader) } };
            case "lifetime" when line.TakeIf("config:"):
                return entry with { State = entry.State with { Limits = LifetimeText.ReadLimits(reader) } };
            case "lifetime":
                line.Expect("current:");
                return entry with { State = entry.State with { Use = LifetimeText.ReadUse(reader) } };
            case "stats:":
                return entry with { State = entry.State with { Statistics = ReadStatistics(reader) } };
            case "security":
                return entry with { SecurityContext = AttributeText.ReadSecurityContext(line) };
            default:
                line.FailLast($"«{TokenReader.Shortened(key)}» is unknown in an SA");
                return entry;
        }
    }

    private static XfrmState ReadMarks(TokenReader line, XfrmState state, string key)
    {
        if (key == "mark")
        {
            state = state with { Mark = AttributeText.ReadMark(line) };
        }

        return key == "output-mark" || line.TakeIf("output-mark") ? state with { OutputMark = AttributeText.ReadMark(line) } : state;
    }

    private static XfrmState ReadAlgorithm(DumpReader reader, XfrmState state, string kind)
    {
        XfrmAlgorithm algorithm = AttributeText.ReadAlgorithm(reader, hasIcv: kind is "aead" or "auth-trunc");
        return kind switch
        {
            "aead" => state with { Combined = algorithm },
            "enc" => state with { Encryption = algorithm },
            "comp" => state with { Compression = algorithm },
            _ => state with { Integrity = algorithm },
        };
    }

    private static XfrmEncapsulation ReadEncapsulation(TokenReader line, XfrmFamily family)
    {
        line.Expect("type");
        byte type = TransformText.Value(line, DumpNames.Encapsulations, "type of encapsulation");
        line.Expect("sport");
        ushort source = (ushort)line.Number("port", ushort.MaxValue);
        line.Expect("dport");
        ushort destination = (ushort)line.Number("port", ushort.MaxValue);
        line.Expect("addr");
        var original = line.Address("original address");
        if (line.Ok && XfrmFamilies.Of(original) != family)
        {
            line.FailLast("the original address is not of the SA's family");
        }

        return new XfrmEncapsulation(type, source, destination, XfrmAddress.Of(original));
    }

    private static XfrmDirection ReadDirection(TokenReader line)
    {
        if (line.TakeIf("in"))
        {
            return XfrmDirection.In;
        }

        line.Expect("out");
        return XfrmDirection.Out;
    }

    private static XfrmStateStatistics ReadStatistics(DumpReader reader)
    {
        reader.Style = reader.Style with { Statistics = true };
        reader.Require("the statistics");
        reader.Line.Expect("replay-window");
        uint window = reader.Line.Number32("count");
        reader.Line.Expect("replay");
        uint replay = reader.Line.Number32("count");
        reader.Line.Expect("failed");
        return new XfrmStateStatistics(window, replay, reader.Line.Number32("count"));
    }
}
