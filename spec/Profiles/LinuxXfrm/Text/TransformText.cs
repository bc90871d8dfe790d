using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>What the head of an SA and a template have in common: src A dst B, then proto P spi S reqid N mode M.</summary>
internal sealed record TransformText(XfrmFamily Family, IpAddress Source, IpAddress Destination)
{
    public byte Protocol { get; init; }

    public Spi Spi { get; init; }

    public uint RequestId { get; init; }

    public XfrmMode Mode { get; init; }

    /// <summary>Reads both lines; the reader stands before «src».</summary>
    public static TransformText Read(DumpReader reader)
    {
        TokenReader line = reader.Line;
        line.Expect("src");
        IpAddress source = line.Address("source address");
        line.Expect("dst");
        IpAddress destination = line.Address("destination address");
        if (line.Ok && source.IsIpv6 != destination.IsIpv6)
        {
            line.FailLast("source and destination are of different families");
        }

        reader.Require("proto, reqid and mode");
        line = reader.Line;
        line.Expect("proto");
        TransformText transform = new(XfrmFamilies.Of(source), source, destination) { Protocol = Value(line, DumpNames.Transforms, "protocol") };
        if (line.TakeIf("spi"))
        {
            transform = transform with { Spi = new Spi(WithRemark(reader, "SPI")) };
        }

        line.Expect("reqid");
        transform = transform with { RequestId = WithRemark(reader, "reqid") };
        line.Expect("mode");
        byte mode = Value(line, DumpNames.ModesRead, "mode");
        if (line.Ok && mode > (byte)XfrmMode.IpTfs)
        {
            line.FailLast($"mode {mode} is unknown");
        }

        return transform with { Mode = (XfrmMode)mode };
    }

    /// <summary>Writes both lines.</summary>
    public void Write(StringBuilder text, string indent, string title, bool spiAlways, bool statistics)
    {
        text.Append($"{indent}{title}src {Source} dst {Destination}\n{indent}\tproto {DumpNames.NameOf(DumpNames.Transforms, Protocol)} ");
        if (statistics || spiAlways || Spi.Value != 0)
        {
            text.Append($"spi {Spi}").Append(statistics ? $"({Spi.Value}) " : " ");
        }

        text.Append($"reqid {RequestId}").Append(statistics ? $"(0x{RequestId:x8}) " : " ");
        text.Append($"mode {DumpNames.NameOf(DumpNames.Modes, (byte)Mode)}\n");
    }

    /// <summary>Reads a word out of a table, or its number.</summary>
    public static byte Value(TokenReader line, (string Name, byte Value)[] table, string what)
    {
        string word = line.Take(what);
        if (line.Ok && !DumpNames.TryValue(table, word, out _))
        {
            line.FailLast($"«{TokenReader.Shortened(word)}» is no {what}");
        }

        return DumpNames.TryValue(table, word, out byte value) ? value : (byte)0;
    }

    // With -s the number stands once more behind it, in the other notation.
    private static uint WithRemark(DumpReader reader, string what)
    {
        TokenReader line = reader.Line;
        string word = line.Take(what);
        int bracket = word.IndexOf('(', StringComparison.Ordinal);
        string number = bracket < 0 ? word : word[..bracket];
        if (bracket >= 0)
        {
            reader.Style = reader.Style with { Statistics = true };
        }

        if (line.Ok && !(TokenReader.TryNumber(number, out ulong value) && value <= uint.MaxValue))
        {
            line.FailLast($"«{TokenReader.Shortened(word)}» is no {what}");
        }

        return TokenReader.TryNumber(number, out value) ? (uint)value : 0;
    }
}
