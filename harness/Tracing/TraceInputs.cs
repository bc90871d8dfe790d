using System.Globalization;
using System.Text;
using Conformance.Harness.Captures;
using Conformance.Spec.Profiles.LinuxXfrm.Text;
using Conformance.Spec.Wire.Text;

namespace Conformance.Harness.Tracing;

/// <summary>Reads what the user gives; whatever is wrong becomes one line with file, line and reason.</summary>
public static class TraceInputs
{
    private static readonly string[] CaptureEndings = [".pcap", ".pcapng", ".cap"];

    /// <summary>Reads a dump of policies.</summary>
    /// <exception cref="BadInputException">The file cannot be read, or is no such dump.</exception>
    public static PolicyDump Policies(string path) =>
        PolicyDump.TryParse(Text(path), out PolicyDump? dump, out TextError error) ? dump! : throw new BadInputException($"{path}: {error}");

    /// <summary>Reads a dump of SAs.</summary>
    /// <exception cref="BadInputException">The file cannot be read, is no such dump, or has no keys.</exception>
    public static StateDump States(string path, DeviceNames devices)
    {
        if (!StateDump.TryParse(Text(path), devices, out StateDump? dump, out TextError error))
        {
            throw new BadInputException($"{path}: {error}");
        }

        return dump!.Style.KeysHidden ? throw new BadInputException($"{path}: the keys are hidden; list the SAs without nokeys") : dump;
    }

    /// <summary>Reads a packet: FILE.pcap, FILE.pcap:NUMBER, «wire», or an expression.</summary>
    /// <exception cref="BadInputException">It is none of these.</exception>
    public static TracedPacket Packet(string text)
    {
        if (text == TracedPacket.LastSent)
        {
            return new TracedPacket(text, null, null);
        }

        int colon = text.LastIndexOf(':');
        bool numbered = colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);
        string path = numbered ? text[..colon] : text;
        if (CaptureEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
        {
            int number = numbered ? int.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture) : 1;
            return new TracedPacket(text, null, CaptureFile.Read(path, number).Packet);
        }

        return PacketExpression.TryParse(text, out PacketExpression? expression, out TextError error)
            ? new TracedPacket(expression!.ToString(), expression, null)
            : throw new BadInputException($"--packet '{TokenReader.Shortened(text)}': {error}");
    }

    private static string Text(string path)
    {
        if (!File.Exists(path))
        {
            throw new BadInputException($"{path}: {(Directory.Exists(path) ? "it is a directory" : "there is no such file")}");
        }

        try
        {
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
