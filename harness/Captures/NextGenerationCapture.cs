using System.Buffers.Binary;

namespace Conformance.Harness.Captures;

/// <summary>The pcapng format.</summary>
internal static class NextGenerationCapture
{
    /// <summary>Type of the first block; it reads alike in both byte orders.</summary>
    public const uint SectionHeader = 0x0a0d0d0a;

    private const uint InterfaceDescription = 1;
    private const uint ObsoletePacket = 2;
    private const uint SimplePacket = 3;
    private const uint EnhancedPacket = 6;
    private const uint ByteOrderMagic = 0x1a2b3c4d;

    public static bool TryFind(ReadOnlySpan<byte> file, int number, out Frame frame, out string reason)
    {
        frame = default;
        bool littleEndian = true;
        List<(uint LinkType, uint SnapBytes)> interfaces = [];
        int packets = 0;
        int at = 0;
        while (at < file.Length)
        {
            ReadOnlySpan<byte> rest = file[at..];
            if (rest.Length >= 12 && BinaryPrimitives.ReadUInt32BigEndian(rest) == SectionHeader)
            {
                littleEndian = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) == ByteOrderMagic;
                interfaces.Clear();
            }

            uint length = rest.Length < 12 ? 0 : Word(rest, 4, littleEndian);
            if (length < 12 || length % 4 != 0 || length > rest.Length)
            {
                reason = $"block at byte {at}: " + (rest.Length < 12 || length > rest.Length ? "the file ends inside it" : $"length {length} is impossible");
                return false;
            }

            uint type = Word(rest, 0, littleEndian);
            ReadOnlySpan<byte> body = rest[8..(int)(length - 4)];
            if (type == InterfaceDescription && body.Length >= 8)
            {
                interfaces.Add((Half(body, littleEndian), Word(body, 4, littleEndian)));
            }
            else if (type is ObsoletePacket or SimplePacket or EnhancedPacket && ++packets == number)
            {
                return TryPacket(body, type, littleEndian, interfaces, $"packet {number} at byte {at}", out frame, out reason);
            }

            at += (int)length;
        }

        reason = $"there is no packet {number}";
        return false;
    }

    private static bool TryPacket(
        ReadOnlySpan<byte> body, uint type, bool littleEndian, List<(uint LinkType, uint SnapBytes)> interfaces, string place, out Frame frame, out string reason)
    {
        frame = default;
        int headerBytes = type == SimplePacket ? 4 : 20;
        if (body.Length < headerBytes)
        {
            reason = $"{place}: the block is too short";
            return false;
        }

        uint index = type switch
        {
            SimplePacket => 0,
            ObsoletePacket => Half(body, littleEndian),
            _ => Word(body, 0, littleEndian),
        };
        if (index >= interfaces.Count)
        {
            reason = $"{place}: interface {index} was not described";
            return false;
        }

        uint original = Word(body, headerBytes - 4, littleEndian);
        uint snap = interfaces[(int)index].SnapBytes;
        uint captured = type != SimplePacket ? Word(body, headerBytes - 8, littleEndian) : snap == 0 ? original : Math.Min(snap, original);
        if (captured > body.Length - headerBytes)
        {
            reason = $"{place}: {captured} bytes do not fit its block";
            return false;
        }

        frame = new Frame(body.Slice(headerBytes, (int)captured), original, interfaces[(int)index].LinkType);
        reason = "";
        return true;
    }

    private static uint Half(ReadOnlySpan<byte> bytes, bool littleEndian) =>
        littleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Word(ReadOnlySpan<byte> bytes, int at, bool littleEndian) =>
        littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
}
