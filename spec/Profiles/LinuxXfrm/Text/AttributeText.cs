using System.Text;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Text;

namespace Conformance.Spec.Profiles.LinuxXfrm.Text;

/// <summary>Lines that policies and SAs share, and the algorithms of an SA.</summary>
internal static class AttributeText
{
    private const string Hidden = "<<Keys";

    /// <summary>Reads V/M behind «mark»; without a mask all bits count.</summary>
    public static XfrmMark ReadMark(TokenReader line)
    {
        string word = line.Take("mark");
        string[] parts = word.Split('/');
        ulong mask = uint.MaxValue;
        if (!line.Ok || parts.Length > 2 || !TokenReader.TryNumber(parts[0], out ulong value) || value > uint.MaxValue
            || (parts.Length == 2 && (!TokenReader.TryNumber(parts[1], out mask) || mask > uint.MaxValue)))
        {
            line.FailLast($"«{TokenReader.Shortened(word)}» is no mark of the form 0x1/0xff");
            return default;
        }

        return new XfrmMark((uint)value, (uint)mask);
    }

    /// <summary>A number in the way of C's %#x, where zero has no prefix.</summary>
    public static string Hex(uint value) => value == 0 ? "0" : $"0x{value:x}";

    /// <summary>Reads name, key and, where the kind has one, the length of the ICV.</summary>
    public static XfrmAlgorithm ReadAlgorithm(DumpReader reader, bool hasIcv)
    {
        TokenReader line = reader.Line;
        string name = line.Take("name of an algorithm");
        ByteString key = ByteString.Empty;
        if (line.TakeIf(Hidden))
        {
            line.Expect("hidden>>");
            reader.Style = reader.Style with { KeysHidden = true };
        }
        else if (line.Peek.StartsWith("0x", StringComparison.Ordinal))
        {
            key = ReadKey(line);
            ReadKeyBits(reader, key);
        }

        return new XfrmAlgorithm(name, key, hasIcv ? line.Number32("length of the ICV in bits") : 0);
    }

    /// <summary>Writes an algorithm; an empty key leaves its blank behind.</summary>
    public static void WriteAlgorithm(StringBuilder text, string kind, XfrmAlgorithm? algorithm, bool hasIcv, DumpStyle style)
    {
        if (algorithm is null)
        {
            return;
        }

        text.Append($"\t{kind} {algorithm.Name} ");
        if (style.KeysHidden)
        {
            text.Append("<<Keys hidden>>");
        }
        else if (algorithm.Key.Length > 0)
        {
            text.Append($"0x{algorithm.Key}").Append(style.Statistics ? $" ({algorithm.Key.Length * 8} bits)" : "");
        }

        text.Append(hasIcv ? $" {algorithm.IcvBits}\n" : "\n");
    }

    /// <summary>Reads the rest of «crypto offload parameters:».</summary>
    public static OffloadParameters ReadOffload(DumpReader reader)
    {
        TokenReader line = reader.Line;
        line.Expect("offload", "parameters:", "dev");
        reader.Style = reader.Style with { Devices = reader.Style.Devices.With(line.Take("device"), out int device) };
        XfrmDirection? direction = line.TakeIf("dir") ? (line.TakeIf("in") ? XfrmDirection.In : Out(line)) : null;
        bool? packet = null;
        if (line.TakeIf("mode"))
        {
            packet = line.TakeIf("packet");
            if (packet == false)
            {
                line.Expect("crypto");
            }
        }

        return new OffloadParameters(device, direction, packet);
    }

    /// <summary>Writes the offload line.</summary>
    public static void WriteOffload(StringBuilder text, OffloadParameters? offload, DumpStyle style)
    {
        if (offload is null)
        {
            return;
        }

        text.Append($"\tcrypto offload parameters: dev {style.Devices.NameOf(offload.Device)}")
            .Append(offload.Direction is { } direction ? $" dir {(direction == XfrmDirection.In ? "in" : "out")}" : "")
            .Append(offload.Packet is { } packet ? $" mode {(packet ? "packet" : "crypto")}\n" : "\n");
    }

    /// <summary>Reads a security label: the rest of the line.</summary>
    public static string ReadSecurityContext(TokenReader line)
    {
        line.Expect("context");
        string label = line.Take("security context");
        while (line.HasMore)
        {
            label += " " + line.Take("security context");
        }

        return label;
    }

    private static XfrmDirection Out(TokenReader line)
    {
        line.Expect("out");
        return XfrmDirection.Out;
    }

    private static ByteString ReadKey(TokenReader line)
    {
        string word = line.Take("key");
        string digits = word[2..];
        if (digits.Length > 0 && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit))
        {
            return ByteString.FromHex(digits);
        }

        line.FailLast(digits.Contains('.') ? "the key is abbreviated" : "the key is no string of whole bytes in hex");
        return ByteString.Empty;
    }

    private static void ReadKeyBits(DumpReader reader, ByteString key)
    {
        TokenReader line = reader.Line;
        if (!line.Peek.StartsWith('('))
        {
            return;
        }

        reader.Style = reader.Style with { Statistics = true };
        if (line.Take("bits") != $"({key.Length * 8}")
        {
            line.FailLast($"the key has {key.Length * 8} bits");
        }

        line.Expect("bits)");
    }
}
