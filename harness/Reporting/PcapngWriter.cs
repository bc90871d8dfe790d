using System.Buffers.Binary;
using System.Text;

namespace Conformance.Harness.Reporting;

/// <summary>Which side of the target a captured packet crossed; one pcapng interface each.</summary>
public enum CaptureSide
{
    /// <summary>The unprotected side.</summary>
    Wire = 0,

    /// <summary>The protected side.</summary>
    Host = 1,
}

/// <summary>Writes raw IP packets with comments as pcapng, little-endian, link type 101 (draft-ietf-opsawg-pcapng §4).</summary>
/// <remarks>Times are step numbers in microseconds, not wall-clock times: the same seed gives the same file.</remarks>
public sealed class PcapngWriter : IDisposable
{
    private const ushort LinkTypeRaw = 101;
    private const ushort OptionEnd = 0;
    private const ushort OptionComment = 1;
    private const ushort OptionInterfaceName = 2;
    private const ushort OptionPacketFlags = 2;
    private readonly BinaryWriter _out;

    /// <summary>Starts a section with two interfaces, wire and host.</summary>
    /// <param name="stream">Receives the file; closed on dispose.</param>
    /// <param name="comment">Comment of the whole capture.</param>
    public PcapngWriter(Stream stream, string comment)
    {
        _out = new BinaryWriter(stream, Encoding.UTF8);
        byte[] head = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(head, 0x1a2b3c4d);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), 1);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(8), -1);
        WriteBlock(0x0a0d0d0a, head, Text(OptionComment, comment));
        foreach (string name in new[] { "wire", "host" })
        {
            byte[] description = new byte[8];
            BinaryPrimitives.WriteUInt16LittleEndian(description, LinkTypeRaw);
            WriteBlock(1, description, Text(OptionInterfaceName, name));
        }
    }

    /// <summary>Appends one packet.</summary>
    /// <param name="side">Interface.</param>
    /// <param name="intoTarget">True for stimuli.</param>
    /// <param name="step">Step number, becomes the time.</param>
    /// <param name="packet">Raw IP datagram.</param>
    /// <param name="comment">Shown by Wireshark above the packet.</param>
    public void Write(CaptureSide side, bool intoTarget, int step, ReadOnlySpan<byte> packet, string comment)
    {
        byte[] body = new byte[20 + Padded(packet.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(body, (uint)side);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), (uint)step);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(12), packet.Length);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(16), packet.Length);
        packet.CopyTo(body.AsSpan(20));
        byte[] flags = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(flags, OptionPacketFlags);
        BinaryPrimitives.WriteUInt16LittleEndian(flags.AsSpan(2), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(flags.AsSpan(4), intoTarget ? 1u : 2u);
        WriteBlock(6, body, [.. flags, .. Text(OptionComment, comment)]);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _out.Dispose();

    private static int Padded(int length) => (length + 3) & ~3;

    private static byte[] Text(ushort option, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] bytes = new byte[4 + Padded(utf8.Length)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, option);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)utf8.Length);
        utf8.CopyTo(bytes, 4);
        return bytes;
    }

    private void WriteBlock(uint type, byte[] body, byte[] options)
    {
        int length = 12 + body.Length + options.Length + 4;
        _out.Write(type);
        _out.Write(length);
        _out.Write(body);
        _out.Write(options);
        _out.Write((int)OptionEnd);
        _out.Write(length);
    }
}
