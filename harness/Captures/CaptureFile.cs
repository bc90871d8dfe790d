using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Captures;

/// <summary>Reads IP packets out of pcap and pcapng files (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng).</summary>
public static class CaptureFile
{
    /// <summary>Reads the packet with a number, from 1 on.</summary>
    /// <exception cref="BadInputException">The file cannot be read, is no capture, or has no such IP packet.</exception>
    public static CapturedPacket Read(string path, int number = 1)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: {error.Message.ReplaceLineEndings(" ")}", error);
        }

        return TryRead(bytes, number, out CapturedPacket? packet, out string reason) ? packet! : throw new BadInputException($"{path}: {reason}");
    }

    /// <summary>Reads the packet with a number out of the bytes of a file.</summary>
    public static bool TryRead(ReadOnlySpan<byte> file, int number, out CapturedPacket? packet, out string reason)
    {
        packet = null;
        if (!TryFindFrame(file, number, out Frame frame, out reason))
        {
            return false;
        }

        if (frame.Bytes.Length < frame.OriginalBytes)
        {
            reason = $"packet {number}: only {frame.Bytes.Length} of its {frame.OriginalBytes} bytes were captured";
            return false;
        }

        if (!LinkLayer.TryStrip(frame.LinkType, frame.Bytes, out ReadOnlySpan<byte> datagram, out reason))
        {
            reason = $"packet {number}: {reason}";
            return false;
        }

        if (!IpPacketView.TryParse(datagram, out IpPacketView view, out ParseError error))
        {
            reason = $"packet {number}: no IP packet: {error}";
            return false;
        }

        packet = new CapturedPacket(number, new ByteString(view.Bytes));
        return true;
    }

    private static bool TryFindFrame(ReadOnlySpan<byte> file, int number, out Frame frame, out string reason)
    {
        frame = default;
        if (number < 1)
        {
            reason = $"packet {number}: the first one has number 1";
            return false;
        }

        if (file.Length < 4)
        {
            reason = $"{file.Length} bytes are no capture";
            return false;
        }

        switch (BinaryPrimitives.ReadUInt32BigEndian(file))
        {
            case 0xa1b2c3d4 or 0xa1b23c4d:
                return ClassicCapture.TryFind(file, false, number, out frame, out reason);
            case 0xd4c3b2a1 or 0x4d3cb2a1:
                return ClassicCapture.TryFind(file, true, number, out frame, out reason);
            case NextGenerationCapture.SectionHeader:
                return NextGenerationCapture.TryFind(file, number, out frame, out reason);
            default:
                reason = $"neither pcap nor pcapng: it begins with {Convert.ToHexStringLower(file[..4])}";
                return false;
        }
    }
}

/// <summary>A frame as it was captured.</summary>
/// <param name="bytes">Its bytes, as far as they were captured.</param>
/// <param name="originalBytes">How many it had.</param>
/// <param name="linkType">Link type.</param>
internal readonly ref struct Frame(ReadOnlySpan<byte> bytes, uint originalBytes, uint linkType)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public uint OriginalBytes { get; } = originalBytes;

    public uint LinkType { get; } = linkType;
}
