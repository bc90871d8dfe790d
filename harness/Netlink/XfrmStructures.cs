using System.Buffers.Binary;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Netlink;

/// <summary>The structures that several messages share, read and written in place (linux/xfrm.h); every bit pattern reads.</summary>
internal static class XfrmStructures
{
    /// <summary>struct xfrm_selector.</summary>
    public static void Write(Span<byte> at, XfrmSelector selector)
    {
        selector.Destination.Write(at);
        selector.Source.Write(at[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(at[32..], selector.DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(at[34..], selector.DestinationPortMask);
        BinaryPrimitives.WriteUInt16BigEndian(at[36..], selector.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(at[38..], selector.SourcePortMask);
        BinaryPrimitives.WriteUInt16LittleEndian(at[40..], (ushort)selector.Family);
        at[42] = selector.DestinationBits;
        at[43] = selector.SourceBits;
        at[44] = selector.Protocol;
        BinaryPrimitives.WriteInt32LittleEndian(at[48..], selector.InterfaceIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(at[52..], selector.User);
    }

    /// <summary>struct xfrm_selector.</summary>
    public static XfrmSelector ReadSelector(ReadOnlySpan<byte> at) => new()
    {
        Destination = XfrmAddress.Read(at[..16]),
        Source = XfrmAddress.Read(at[16..32]),
        DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(at[32..]),
        DestinationPortMask = BinaryPrimitives.ReadUInt16BigEndian(at[34..]),
        SourcePort = BinaryPrimitives.ReadUInt16BigEndian(at[36..]),
        SourcePortMask = BinaryPrimitives.ReadUInt16BigEndian(at[38..]),
        Family = (XfrmFamily)BinaryPrimitives.ReadUInt16LittleEndian(at[40..]),
        DestinationBits = at[42],
        SourceBits = at[43],
        Protocol = at[44],
        InterfaceIndex = BinaryPrimitives.ReadInt32LittleEndian(at[48..]),
        User = BinaryPrimitives.ReadUInt32LittleEndian(at[52..]),
    };

    /// <summary>struct xfrm_lifetime_cfg.</summary>
    public static void Write(Span<byte> at, XfrmLimits limits)
    {
        ReadOnlySpan<ulong> values =
        [
            limits.SoftBytes, limits.HardBytes, limits.SoftPackets, limits.HardPackets,
            limits.SoftAddSeconds, limits.HardAddSeconds, limits.SoftUseSeconds, limits.HardUseSeconds,
        ];
        WriteLongs(at, values);
    }

    /// <summary>struct xfrm_lifetime_cfg.</summary>
    public static XfrmLimits ReadLimits(ReadOnlySpan<byte> at) => new(
        Long(at, 0), Long(at, 1), Long(at, 2), Long(at, 3), Long(at, 4), Long(at, 5), Long(at, 6), Long(at, 7));

    /// <summary>struct xfrm_lifetime_cur.</summary>
    public static void Write(Span<byte> at, XfrmUse use) => WriteLongs(at, [use.Bytes, use.Packets, use.AddTime, use.UseTime]);

    /// <summary>struct xfrm_lifetime_cur.</summary>
    public static XfrmUse ReadUse(ReadOnlySpan<byte> at) => new(Long(at, 0), Long(at, 1), Long(at, 2), Long(at, 3));

    /// <summary>struct xfrm_usersa_id.</summary>
    public static byte[] Write(XfrmStateKey key)
    {
        byte[] id = new byte[XfrmLength.StateKey];
        key.Destination.Write(id);
        BinaryPrimitives.WriteUInt32BigEndian(id.AsSpan(16), key.Spi.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(id.AsSpan(20), (ushort)key.Family);
        id[22] = key.Protocol;
        return id;
    }

    /// <summary>struct xfrm_user_tmpl.</summary>
    public static void Write(Span<byte> at, XfrmTemplate template)
    {
        template.Destination.Write(at);
        BinaryPrimitives.WriteUInt32BigEndian(at[16..], template.Spi.Value);
        at[20] = template.Protocol;
        BinaryPrimitives.WriteUInt16LittleEndian(at[24..], (ushort)template.Family);
        template.Source.Write(at[28..]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[44..], template.RequestId);
        at[48] = (byte)template.Mode;
        at[49] = template.Share;
        at[50] = template.Optional ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(at[52..], template.IntegrityAlgorithms);
        BinaryPrimitives.WriteUInt32LittleEndian(at[56..], template.EncryptionAlgorithms);
        BinaryPrimitives.WriteUInt32LittleEndian(at[60..], template.CompressionAlgorithms);
    }

    /// <summary>struct xfrm_user_tmpl.</summary>
    public static XfrmTemplate ReadTemplate(ReadOnlySpan<byte> at) => new()
    {
        Destination = XfrmAddress.Read(at[..16]),
        Spi = new Spi(BinaryPrimitives.ReadUInt32BigEndian(at[16..])),
        Protocol = at[20],
        Family = (XfrmFamily)BinaryPrimitives.ReadUInt16LittleEndian(at[24..]),
        Source = XfrmAddress.Read(at[28..44]),
        RequestId = BinaryPrimitives.ReadUInt32LittleEndian(at[44..]),
        Mode = (XfrmMode)at[48],
        Share = at[49],
        Optional = at[50] != 0,
        IntegrityAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(at[52..]),
        EncryptionAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(at[56..]),
        CompressionAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(at[60..]),
    };

    /// <summary>struct xfrm_mark.</summary>
    public static byte[] Write(XfrmMark mark)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, mark.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), mark.Mask);
        return bytes;
    }

    private static ulong Long(ReadOnlySpan<byte> at, int index) => BinaryPrimitives.ReadUInt64LittleEndian(at[(8 * index)..]);

    private static void WriteLongs(Span<byte> at, ReadOnlySpan<ulong> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at[(8 * i)..], values[i]);
        }
    }
}
