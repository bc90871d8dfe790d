using System.Text;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Tracing;

/// <summary>Bytes for people: sixteen on a line, and the parts of a packet by name.</summary>
public static class HexDump
{
    private const int BytesInLine = 16;

    /// <summary>Lines of offset, hex and printable characters.</summary>
    public static IEnumerable<string> Lines(ReadOnlyMemory<byte> bytes)
    {
        for (int at = 0; at < bytes.Length; at += BytesInLine)
        {
            yield return Line(bytes.Span, at);
        }
    }

    /// <summary>The parts of an IP packet with their lengths, in order.</summary>
    public static IReadOnlyList<(string Name, int LengthBytes)> Parts(ByteString packet)
    {
        if (!IpPacketView.TryParse(packet.Span, out IpPacketView view, out _))
        {
            return [("bytes", packet.Length)];
        }

        List<(string, int)> parts = [(view.IsIpv6 ? "IPv6 header" : "IPv4 header", view.HeaderBytes)];
        ReadOnlySpan<byte> rest = view.Payload;
        if (view.Fragment.OffsetBytes > 0)
        {
            parts.Add(("data", rest.Length));
            return parts;
        }

        bool udp = view.Protocol == IpProtocol.Udp && rest.Length >= UdpView.HeaderBytes;
        if (udp)
        {
            parts.Add(("UDP header", UdpView.HeaderBytes));
        }

        bool esp = view.Protocol == IpProtocol.Esp || (udp && new UdpView(rest).SourcePort == 4500);
        rest = udp ? rest[UdpView.HeaderBytes..] : rest;
        if (esp && rest.Length >= EspHeaderView.FixedBytes)
        {
            parts.Add(("SPI", 4));
            parts.Add(("sequence number", 4));
            parts.Add(("IV, ciphertext, ICV", rest.Length - EspHeaderView.FixedBytes));
        }
        else if (rest.Length > 0)
        {
            parts.Add((udp ? "data" : $"protocol {view.Protocol}", rest.Length));
        }

        return parts;
    }

    private static string Line(ReadOnlySpan<byte> bytes, int at)
    {
        StringBuilder hex = new();
        StringBuilder characters = new();
        for (int i = at; i < Math.Min(at + BytesInLine, bytes.Length); i++)
        {
            hex.Append($"{bytes[i]:x2} ").Append(i == at + (BytesInLine / 2) - 1 ? " " : "");
            characters.Append(bytes[i] is >= 0x20 and < 0x7f ? (char)bytes[i] : '.');
        }

        return $"{at:x4}  {hex.ToString(),-49} {characters}";
    }
}
