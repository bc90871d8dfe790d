using System.Buffers.Binary;

namespace Conformance.Harness.Captures;

/// <summary>Finds the IP datagram in a captured frame, by the link type of the capture (LINKTYPE_ registry of tcpdump.org).</summary>
internal static class LinkLayer
{
    private const ushort EtherTypeIpv4 = 0x0800;
    private const ushort EtherTypeIpv6 = 0x86dd;
    private const ushort EtherTypeVlan = 0x8100;
    private const ushort EtherTypeServiceVlan = 0x88a8;

    /// <summary>The datagram, or why there is none.</summary>
    public static bool TryStrip(uint linkType, ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> packet, out string reason)
    {
        packet = default;
        reason = "";
        switch (linkType)
        {
            case 0: // BSD loopback: a family number in the byte order of the machine
            case 108:
                return TrySkip(frame, 4, out packet, out reason);
            case 1: // Ethernet
                return TryEthernet(frame, out packet, out reason);
            case 12 or 14 or 101 or 228 or 229: // raw IP under its several numbers
                packet = frame;
                return true;
            case 113: // Linux cooked
                return TryTyped(frame, typeOffset: 14, headerBytes: 16, out packet, out reason);
            case 276: // Linux cooked, second form
                return TryTyped(frame, typeOffset: 0, headerBytes: 20, out packet, out reason);
            default:
                reason = $"link type {linkType} is not supported: Ethernet, raw IP, Linux cooked and loopback are";
                return false;
        }
    }

    private static bool TryEthernet(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> packet, out string reason)
    {
        int typeOffset = 12;
        while (frame.Length >= typeOffset + 6
            && BinaryPrimitives.ReadUInt16BigEndian(frame[typeOffset..]) is EtherTypeVlan or EtherTypeServiceVlan)
        {
            typeOffset += 4;
        }

        return TryTyped(frame, typeOffset, typeOffset + 2, out packet, out reason);
    }

    private static bool TryTyped(ReadOnlySpan<byte> frame, int typeOffset, int headerBytes, out ReadOnlySpan<byte> packet, out string reason)
    {
        if (!TrySkip(frame, headerBytes, out packet, out reason))
        {
            return false;
        }

        ushort type = BinaryPrimitives.ReadUInt16BigEndian(frame[typeOffset..]);
        reason = type is EtherTypeIpv4 or EtherTypeIpv6 ? "" : $"no IP packet: EtherType 0x{type:x4}";
        return reason.Length == 0;
    }

    private static bool TrySkip(ReadOnlySpan<byte> frame, int headerBytes, out ReadOnlySpan<byte> packet, out string reason)
    {
        bool whole = frame.Length >= headerBytes;
        packet = whole ? frame[headerBytes..] : default;
        reason = whole ? "" : $"{frame.Length} bytes are less than the {headerBytes} of its link layer";
        return whole;
    }
}
