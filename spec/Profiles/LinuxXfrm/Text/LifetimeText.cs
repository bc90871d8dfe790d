using System.Globalization;
using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>The blocks «lifetime config:» and «lifetime current:», and times; a time is read and written as UTC.</summary>
internal static class LifetimeText
{
    private const string DateFormat = "yyyy-MM-dd";
    private const string TimeFormat = "HH:mm:ss";
    private const ulong SecondsOfDay = 86_400;
    private const string NoTime = "invalid-time";
    private const ulong LastTime = 253_402_300_799;
    private static readonly int FirstDay = new DateOnly(1970, 1, 1).DayNumber;

    /// <summary>Reads the four lines behind «lifetime config:».</summary>
    public static XfrmLimits ReadLimits(DumpReader reader)
    {
        (ulong softBytes, ulong hardBytes) = ReadPair(reader, "limits of bytes", ["limit:"], "(bytes)");
        (ulong softPackets, ulong hardPackets) = ReadPair(reader, "limits of packets", ["limit:"], "(packets)");
        (ulong softAdd, ulong hardAdd) = ReadPair(reader, "limits of age", ["expire", "add:"], "(sec)");
        (ulong softUse, ulong hardUse) = ReadPair(reader, "limits of use", ["expire", "use:"], "(sec)");
        return new XfrmLimits(softBytes, hardBytes, softPackets, hardPackets, softAdd, hardAdd, softUse, hardUse);
    }

    /// <summary>Reads the two lines behind «lifetime current:».</summary>
    public static XfrmUse ReadUse(DumpReader reader)
    {
        reader.Require("the use so far");
        ulong bytes = Counted(reader.Line, "(bytes),");
        ulong packets = Counted(reader.Line, "(packets)");
        reader.Require("the times");
        reader.Line.Expect("add");
        ulong added = ReadTime(reader.Line);
        reader.Line.Expect("use");
        return new XfrmUse(bytes, packets, added, ReadTime(reader.Line));
    }

    /// <summary>Reads a date and a time, or the sign for none.</summary>
    public static ulong ReadTime(TokenReader line)
    {
        string date = line.Take("date");
        if (date == "-")
        {
            return 0;
        }

        if (date == NoTime)
        {
            return ulong.MaxValue;
        }

        string hour = line.Take("time");
        if (line.Ok && DateOnly.TryParseExact(date, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day)
            && TimeOnly.TryParseExact(hour, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time) && day.DayNumber >= FirstDay)
        {
            return ((ulong)(day.DayNumber - FirstDay) * SecondsOfDay) + (ulong)time.ToTimeSpan().TotalSeconds;
        }

        line.FailLast($"«{TokenReader.Shortened($"{date} {hour}")}» is no time of the form 2026-01-31 23:59:59");
        return 0;
    }

    /// <summary>A time as the tool prints it.</summary>
    public static string Time(ulong seconds) =>
        seconds == 0 ? "-"
        : seconds > LastTime ? NoTime
        : $"{DateOnly.FromDayNumber(FirstDay + (int)(seconds / SecondsOfDay)).ToString(DateFormat, CultureInfo.InvariantCulture)} "
            + TimeOnly.FromTimeSpan(TimeSpan.FromSeconds(seconds % SecondsOfDay)).ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Writes both blocks.</summary>
    public static void Write(StringBuilder text, string prefix, XfrmLimits limits, XfrmUse use)
    {
        text.Append($"{prefix}lifetime config:\n");
        text.Append($"{prefix}  limit: soft {Limit(limits.SoftBytes)}(bytes), hard {Limit(limits.HardBytes)}(bytes)\n");
        text.Append($"{prefix}  limit: soft {Limit(limits.SoftPackets)}(packets), hard {Limit(limits.HardPackets)}(packets)\n");
        text.Append($"{prefix}  expire add: soft {limits.SoftAddSeconds}(sec), hard {limits.HardAddSeconds}(sec)\n");
        text.Append($"{prefix}  expire use: soft {limits.SoftUseSeconds}(sec), hard {limits.HardUseSeconds}(sec)\n");
        text.Append($"{prefix}lifetime current:\n");
        text.Append($"{prefix}  {use.Bytes}(bytes), {use.Packets}(packets)\n");
        text.Append($"{prefix}  add {Time(use.AddTime)} use {Time(use.UseTime)}\n");
    }

    private static string Limit(ulong limit) => limit == XfrmLimits.Infinite ? "(INF)" : $"{limit}";

    private static (ulong Soft, ulong Hard) ReadPair(DumpReader reader, string what, ReadOnlySpan<string> head, string unit)
    {
        reader.Require(what);
        reader.Line.Expect(head);
        reader.Line.Expect("soft");
        ulong soft = Counted(reader.Line, unit + ",");
        reader.Line.Expect("hard");
        return (soft, Counted(reader.Line, unit));
    }

    private static ulong Counted(TokenReader line, string unit)
    {
        string word = line.Take($"number{unit}");
        if (!line.Ok)
        {
            return 0;
        }

        string number = word.EndsWith(unit, StringComparison.Ordinal) ? word[..^unit.Length] : "";
        if (number == "(INF)")
        {
            return XfrmLimits.Infinite;
        }

        if (!TokenReader.TryNumber(number, out ulong value))
        {
            line.FailLast($"«{TokenReader.Shortened(word)}» is no number followed by {unit}");
        }

        return value;
    }
}
