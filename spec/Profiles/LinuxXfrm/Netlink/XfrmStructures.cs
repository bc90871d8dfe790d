using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Netlink;

/// <summary>The structures of linux/xfrm.h, field by field; spans are as long as the structure.</summary>
internal static class XfrmStructures
{
    public const int AddressBytes = 16;
    public const int SelectorBytes = 56;
    public const int LimitsBytes = 64;
    public const int UseBytes = 32;
    public const int StateBytes = 224;
    public const int StateKeyBytes = 24;
    public const int PolicyBytes = 168;
    public const int PolicyKeyBytes = 64;
    public const int TemplateBytes = 64;
    public const int EncapsulationBytes = 24;
    public const int ReplayBytes = 12;
    public const int ReplayEsnBytes = 24;

    public static void Write(Span<byte> to, XfrmSelector selector)
    {
        selector.Destination.Write(to);
        selector.Source.Write(to[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(to[32..], selector.DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(to[34..], selector.DestinationPortMask);
        BinaryPrimitives.WriteUInt16BigEndian(to[36..], selector.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(to[38..], selector.SourcePortMask);
        BinaryPrimitives.WriteUInt16LittleEndian(to[40..], (ushort)selector.Family);
        to[42] = selector.DestinationBits;
        to[43] = selector.SourceBits;
        to[44] = selector.Protocol;
        BinaryPrimitives.WriteInt32LittleEndian(to[48..], selector.InterfaceIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(to[52..], selector.User);
    }

    public static XfrmSelector ReadSelector(ReadOnlySpan<byte> from) => new()
    {
        Destination = XfrmAddress.Read(from[..AddressBytes]),
        Source = XfrmAddress.Read(from[16..32]),
        DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(from[32..]),
        DestinationPortMask = BinaryPrimitives.ReadUInt16BigEndian(from[34..]),
        SourcePort = BinaryPrimitives.ReadUInt16BigEndian(from[36..]),
        SourcePortMask = BinaryPrimitives.ReadUInt16BigEndian(from[38..]),
        Family = (XfrmFamily)BinaryPrimitives.ReadUInt16LittleEndian(from[40..]),
        DestinationBits = from[42],
        SourceBits = from[43],
        Protocol = from[44],
        InterfaceIndex = BinaryPrimitives.ReadInt32LittleEndian(from[48..]),
        User = BinaryPrimitives.ReadUInt32LittleEndian(from[52..]),
    };

    public static void Write(Span<byte> to, XfrmLimits limits) => WriteNumbers(to,
    [
        limits.SoftBytes, limits.HardBytes, limits.SoftPackets, limits.HardPackets,
        limits.SoftAddSeconds, limits.HardAddSeconds, limits.SoftUseSeconds, limits.HardUseSeconds,
    ]);

    public static XfrmLimits ReadLimits(ReadOnlySpan<byte> from) => new(
        Number(from, 0), Number(from, 1), Number(from, 2), Number(from, 3), Number(from, 4), Number(from, 5), Number(from, 6), Number(from, 7));

    public static void Write(Span<byte> to, XfrmUse use) => WriteNumbers(to, [use.Bytes, use.Packets, use.AddTime, use.UseTime]);

    public static XfrmUse ReadUse(ReadOnlySpan<byte> from) => new(Number(from, 0), Number(from, 1), Number(from, 2), Number(from, 3));

    public static byte[] Bytes(XfrmState state)
    {
        byte[] bytes = new byte[StateBytes];
        Write(bytes, state);
        return bytes;
    }

    public static void Write(Span<byte> to, XfrmState state)
    {
        Write(to, state.Selector);
        state.Destination.Write(to[56..]);
        BinaryPrimitives.WriteUInt32BigEndian(to[72..], state.Spi.Value);
        to[76] = state.Protocol;
        state.Source.Write(to[80..]);
        Write(to[96..], state.Limits);
        Write(to[160..], state.Use);
        BinaryPrimitives.WriteUInt32LittleEndian(to[192..], state.Statistics.OutsideReplayWindow);
        BinaryPrimitives.WriteUInt32LittleEndian(to[196..], state.Statistics.Replayed);
        BinaryPrimitives.WriteUInt32LittleEndian(to[200..], state.Statistics.IntegrityFailed);
        BinaryPrimitives.WriteUInt32LittleEndian(to[204..], state.AcquireSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(to[208..], state.RequestId);
        BinaryPrimitives.WriteUInt16LittleEndian(to[212..], (ushort)state.Family);
        to[214] = (byte)state.Mode;
        to[215] = state.ReplayWindow;
        to[216] = (byte)state.Flags;
    }

    public static XfrmState ReadState(ReadOnlySpan<byte> from) => new()
    {
        Selector = ReadSelector(from),
        Destination = XfrmAddress.Read(from[56..72]),
        Spi = new Spi(BinaryPrimitives.ReadUInt32BigEndian(from[72..])),
        Protocol = from[76],
        Source = XfrmAddress.Read(from[80..96]),
        Limits = ReadLimits(from[96..]),
        Use = ReadUse(from[160..]),
        Statistics = new XfrmStateStatistics(
            BinaryPrimitives.ReadUInt32LittleEndian(from[192..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[196..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[200..])),
        AcquireSequence = BinaryPrimitives.ReadUInt32LittleEndian(from[204..]),
        RequestId = BinaryPrimitives.ReadUInt32LittleEndian(from[208..]),
        Family = (XfrmFamily)BinaryPrimitives.ReadUInt16LittleEndian(from[212..]),
        Mode = (XfrmMode)from[214],
        ReplayWindow = from[215],
        Flags = (XfrmStateFlags)from[216],
    };

    public static byte[] Bytes(XfrmAddress destination, Spi spi, XfrmFamily family, byte protocol)
    {
        byte[] bytes = new byte[StateKeyBytes];
        destination.Write(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), spi.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(20), (ushort)family);
        bytes[22] = protocol;
        return bytes;
    }

    public static XfrmStateKey ReadStateKey(ReadOnlySpan<byte> from) => new(
        XfrmAddress.Read(from[..AddressBytes]), new Spi(BinaryPrimitives.ReadUInt32BigEndian(from[16..])),
        (XfrmFamily)BinaryPrimitives.ReadUInt16LittleEndian(from[20..]), from[22]);

    public static byte[] Bytes(XfrmPolicy policy)
    {
        byte[] bytes = new byte[PolicyBytes];
        Write(bytes, policy);
        return bytes;
    }

    public static void Write(Span<byte> to, XfrmPolicy policy)
    {
        Write(to, policy.Selector);
        Write(to[56..], policy.Limits);
        Write(to[120..], policy.Use);
        BinaryPrimitives.WriteUInt32LittleEndian(to[152..], policy.Priority);
        BinaryPrimitives.WriteUInt32LittleEndian(to[156..], policy.Index);
        to[160] = (byte)policy.Direction;
        to[161] = (byte)policy.Action;
        to[162] = policy.Flags;
        to[163] = policy.Share;
    }

    public static XfrmPolicy ReadPolicy(ReadOnlySpan<byte> from) => new()
    {
        Selector = ReadSelector(from),
        Limits = ReadLimits(from[56..]),
        Use = ReadUse(from[120..]),
        Priority = BinaryPrimitives.ReadUInt32LittleEndian(from[152..]),
        Index = BinaryPrimitives.ReadUInt32LittleEndian(from[156..]),
        Direction = (XfrmDirection)from[160],
        Action = (XfrmAction)from[161],
        Flags = from[162],
        Share = from[163],
    };

    public static byte[] Bytes(XfrmSelector selector, uint index, XfrmDirection direction)
    {
        byte[] bytes = new byte[PolicyKeyBytes];
        Write(bytes, selector);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(56), index);
        bytes[60] = (byte)direction;
        return bytes;
    }

    public static XfrmPolicyKey ReadPolicyKey(ReadOnlySpan<byte> from) =>
        new((XfrmDirection)from[60], BinaryPrimitives.ReadUInt32LittleEndian(from[56..]), ReadSelector(from));

    public static void Write(Span<byte> to, XfrmTemplate template)
    {
        template.Destination.Write(to);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], template.Spi.Value);
        to[20] = template.Protocol;
        BinaryPrimitives.WriteUInt16LittleEndian(to[24..], (ushort)template.Family);
        template.Source.Write(to[28..]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[44..], template.RequestId);
        to[48] = (byte)template.Mode;
        to[49] = template.Share;
        to[50] = template.Optional ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(to[52..], template.IntegrityAlgorithms);
        BinaryPrimitives.WriteUInt32LittleEndian(to[56..], template.EncryptionAlgorithms);
        BinaryPrimitives.WriteUInt32LittleEndian(to[60..], template.CompressionAlgorithms);
    }

    public static XfrmTemplate ReadTemplate(ReadOnlySpan<byte> from) => new()
    {
        Destination = XfrmAddress.Read(from[..AddressBytes]),
        Spi = new Spi(BinaryPrimitives.ReadUInt32BigEndian(from[16..])),
        Protocol = from[20],
        Family = (XfrmFamily)BinaryPrimitives.ReadUInt16LittleEndian(from[24..]),
        Source = XfrmAddress.Read(from[28..44]),
        RequestId = BinaryPrimitives.ReadUInt32LittleEndian(from[44..]),
        Mode = (XfrmMode)from[48],
        Share = from[49],
        Optional = from[50] != 0,
        IntegrityAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(from[52..]),
        EncryptionAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(from[56..]),
        CompressionAlgorithms = BinaryPrimitives.ReadUInt32LittleEndian(from[60..]),
    };

    public static byte[] Bytes(XfrmEncapsulation encapsulation)
    {
        byte[] bytes = new byte[EncapsulationBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, encapsulation.Type);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), encapsulation.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), encapsulation.DestinationPort);
        encapsulation.OriginalAddress.Write(bytes.AsSpan(8));
        return bytes;
    }

    public static XfrmEncapsulation ReadEncapsulation(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(from), BinaryPrimitives.ReadUInt16BigEndian(from[2..]),
        BinaryPrimitives.ReadUInt16BigEndian(from[4..]), XfrmAddress.Read(from[8..24]));

    public static byte[] Bytes(XfrmReplay replay) => Words(replay.OutSequence, replay.Sequence, replay.Bitmap);

    public static XfrmReplay ReadReplay(ReadOnlySpan<byte> from) => new(Word(from, 0), Word(from, 1), Word(from, 2));

    public static byte[] Bytes(XfrmReplayEsn replay) => Words(
    [
        (uint)replay.Bitmap.Length, replay.OutSequence, replay.Sequence, replay.OutSequenceHigh, replay.SequenceHigh, replay.WindowPackets,
        .. replay.Bitmap,
    ]);

    /// <summary>Reads the head and as many words of bitmap as the span has behind it.</summary>
    public static XfrmReplayEsn ReadReplayEsn(ReadOnlySpan<byte> from)
    {
        ImmutableArray<uint>.Builder bitmap = ImmutableArray.CreateBuilder<uint>((from.Length - ReplayEsnBytes) / 4);
        for (int i = ReplayEsnBytes / 4; i < from.Length / 4; i++)
        {
            bitmap.Add(Word(from, i));
        }

        return new XfrmReplayEsn(Word(from, 1), Word(from, 2), Word(from, 3), Word(from, 4), Word(from, 5), bitmap.ToImmutable());
    }

    public static byte[] Words(params ReadOnlySpan<uint> words)
    {
        byte[] bytes = new byte[4 * words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), words[i]);
        }

        return bytes;
    }

    public static uint Word(ReadOnlySpan<byte> from, int index) => BinaryPrimitives.ReadUInt32LittleEndian(from[(4 * index)..]);

    private static ulong Number(ReadOnlySpan<byte> from, int index) => BinaryPrimitives.ReadUInt64LittleEndian(from[(8 * index)..]);

    private static void WriteNumbers(Span<byte> to, ReadOnlySpan<ulong> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to[(8 * i)..], numbers[i]);
        }
    }
}
