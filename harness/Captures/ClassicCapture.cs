using System.Buffers.Binary;

namespace Conformance.Harness.Captures;

/// <summary>The pcap format.</summary>
internal static class ClassicCapture
{
    private const int FileHeaderBytes = 24;
    private const int RecordHeaderBytes = 16;

    // The upper bits of the field carry the length of a frame check sequence.
    private const uint LinkTypeMask = 0x0fffffff;

    public static bool TryFind(ReadOnlySpan<byte> file, bool littleEndian, int number, out Frame frame, out string reason)
    {
        frame = default;
        if (file.Length < FileHeaderBytes)
        {
            reason = $"the file header ends after {file.Length} of {FileHeaderBytes} bytes";
            return false;
        }

        uint linkType = Word(file, 20, littleEndian) & LinkTypeMask;
        int at = FileHeaderBytes;
        for (int i = 1; at < file.Length; i++)
        {
            long rest = file.Length - at - RecordHeaderBytes;
            uint captured = rest < 0 ? 0 : Word(file, at + 8, littleEndian);
            if (rest < 0 || captured > rest)
            {
                reason = $"packet {i} at byte {at}: the file ends inside it";
                return false;
            }

            if (i == number)
            {
                frame = new Frame(file.Slice(at + RecordHeaderBytes, (int)captured), Word(file, at + 12, littleEndian), linkType);
                reason = "";
                return true;
            }

            at += RecordHeaderBytes + (int)captured;
        }

        reason = $"there is no packet {number}";
        return false;
    }

    private static uint Word(ReadOnlySpan<byte> file, int at, bool littleEndian) =>
        littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(file[at..]) : BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
}
