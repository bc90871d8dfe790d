using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>The attributes of IPTFS mode (XFRMA_IPTFS_*).</summary>
internal static class XfrmIptfsAttributes
{
    /// <summary>Those that say something.</summary>
    public static IEnumerable<NetlinkAttribute> Of(XfrmIptfs? iptfs)
    {
        if (iptfs?.DropTimeMicroseconds is { } dropTime)
        {
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.IptfsDropTime, dropTime);
        }

        if (iptfs?.ReorderWindow is { } window)
        {
            byte[] bytes = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, window);
            yield return new NetlinkAttribute((ushort)XfrmAttribute.IptfsReorderWindow, ByteString.Adopt(bytes));
        }

        if (iptfs is { DontFragment: true })
        {
            yield return new NetlinkAttribute((ushort)XfrmAttribute.IptfsDontFrag, ByteString.Empty);
        }

        if (iptfs?.InitialDelayMicroseconds is { } delay)
        {
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.IptfsInitDelay, delay);
        }

        if (iptfs?.MaxQueueBytes is { } queue)
        {
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.IptfsMaxQueueSize, queue);
        }

        if (iptfs?.PacketBytes is { } size)
        {
            yield return NetlinkAttribute.Of((ushort)XfrmAttribute.IptfsPacketSize, size);
        }
    }

    /// <summary>Puts one into an SA; false where it is none of these. Its length was checked.</summary>
    public static bool TryRead(ref XfrmState state, XfrmAttribute type, ReadOnlySpan<byte> value)
    {
        XfrmIptfs now = state.Iptfs ?? new XfrmIptfs();
        XfrmIptfs? next = type switch
        {
            XfrmAttribute.IptfsDropTime => now with { DropTimeMicroseconds = XfrmStructures.Word(value, 0) },
            XfrmAttribute.IptfsReorderWindow => now with { ReorderWindow = BinaryPrimitives.ReadUInt16LittleEndian(value) },
            XfrmAttribute.IptfsDontFrag => now with { DontFragment = true },
            XfrmAttribute.IptfsInitDelay => now with { InitialDelayMicroseconds = XfrmStructures.Word(value, 0) },
            XfrmAttribute.IptfsMaxQueueSize => now with { MaxQueueBytes = XfrmStructures.Word(value, 0) },
            XfrmAttribute.IptfsPacketSize => now with { PacketBytes = XfrmStructures.Word(value, 0) },
            _ => null,
        };
        state = next is null ? state : state with { Iptfs = next };
        return next is not null;
    }
}
