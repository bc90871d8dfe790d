using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Netlink;

/// <summary>An SA as XFRM_MSG_NEWSA carries it: struct xfrm_usersa_info and its attributes.</summary>
internal static class XfrmStateCodec
{
    private const int ReplayBytes = 12;
    private const int ReplayEsnHeadBytes = 24;
    private const int EncapsulationBytes = 24;

    /// <summary>Appends the fixed part and the attributes.</summary>
    public static NetlinkMessage Append(NetlinkMessage message, XfrmState state)
    {
        byte[] info = new byte[XfrmLength.State];
        WriteInfo(info, state);
        return AppendAttributes(message.Fixed(info), state);
    }

    /// <summary>struct xfrm_usersa_info.</summary>
    public static void WriteInfo(Span<byte> info, XfrmState state)
    {
        XfrmStructures.Write(info, state.Selector);
        state.Destination.Write(info[56..]);
        BinaryPrimitives.WriteUInt32BigEndian(info[72..], state.Spi.Value);
        info[76] = state.Protocol;
        state.Source.Write(info[80..]);
        XfrmStructures.Write(info[96..], state.Limits);
        XfrmStructures.Write(info[160..], state.Use);
        BinaryPrimitives.WriteUInt32LittleEndian(info[192..], state.Statistics.OutsideReplayWindow);
        BinaryPrimitives.WriteUInt32LittleEndian(info[196..], state.Statistics.Replayed);
        BinaryPrimitives.WriteUInt32LittleEndian(info[200..], state.Statistics.IntegrityFailed);
        BinaryPrimitives.WriteUInt32LittleEndian(info[204..], state.AcquireSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(info[208..], state.RequestId);
        BinaryPrimitives.WriteUInt16LittleEndian(info[212..], (ushort)state.Family);
        info[214] = (byte)state.Mode;
        info[215] = state.ReplayWindow;
        info[216] = (byte)state.Flags;
    }

    /// <summary>Reads the content of a message from the fixed part on.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, out XfrmState? state, out ParseError error) =>
        TryRead(content, XfrmLength.State, out state, out error);

    /// <summary>Reads an SA whose attributes start later, behind more than struct xfrm_usersa_info.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, int fixedBytes, out XfrmState? state, out ParseError error)
    {
        state = null;
        if (content.Length < fixedBytes)
        {
            error = new ParseError("xfrm_usersa_info", content.Length, "too short");
            return false;
        }

        if (!XfrmAttributes.TryRead(content[fixedBytes..], fixedBytes, out XfrmAttributes attributes, out error))
        {
            return false;
        }

        state = Attributed(ReadInfo(content), attributes);
        return true;
    }

    private static XfrmState ReadInfo(ReadOnlySpan<byte> info) => new()
    {
        Selector = XfrmStructures.ReadSelector(info),
        Destination = XfrmAddress.Read(info[56..72]),
        Spi = new Spi(BinaryPrimitives.ReadUInt32BigEndian(info[72..])),
        Protocol = info[76],
        Source = XfrmAddress.Read(info[80..96]),
        Limits = XfrmStructures.ReadLimits(info[96..]),
        Use = XfrmStructures.ReadUse(info[160..]),
        Statistics = new XfrmStateStatistics(
            BinaryPrimitives.ReadUInt32LittleEndian(info[192..]),
            BinaryPrimitives.ReadUInt32LittleEndian(info[196..]),
            BinaryPrimitives.ReadUInt32LittleEndian(info[200..])),
        AcquireSequence = BinaryPrimitives.ReadUInt32LittleEndian(info[204..]),
        RequestId = BinaryPrimitives.ReadUInt32LittleEndian(info[208..]),
        Family = (XfrmFamily)BinaryPrimitives.ReadUInt16LittleEndian(info[212..]),
        Mode = (XfrmMode)info[214],
        ReplayWindow = info[215],
        Flags = (XfrmStateFlags)info[216],
    };

    private static NetlinkMessage AppendAttributes(NetlinkMessage message, XfrmState state)
    {
        if (state.ExtraFlags != XfrmExtraFlags.None)
        {
            message.Attribute(XfrmAttribute.ExtraFlags, (uint)state.ExtraFlags);
        }

        Append(message, XfrmAttribute.Combined, state.Combined, hasIcvBits: true);
        Append(message, XfrmAttribute.AuthenticationTruncated, state.Integrity, hasIcvBits: true);
        Append(message, XfrmAttribute.Cipher, state.Encryption, hasIcvBits: false);
        Append(message, XfrmAttribute.Compression, state.Compression, hasIcvBits: false);
        if (state.Encapsulation is { } udp)
        {
            byte[] encapsulation = new byte[EncapsulationBytes];
            BinaryPrimitives.WriteUInt16LittleEndian(encapsulation, udp.Type);
            BinaryPrimitives.WriteUInt16BigEndian(encapsulation.AsSpan(2), udp.SourcePort);
            BinaryPrimitives.WriteUInt16BigEndian(encapsulation.AsSpan(4), udp.DestinationPort);
            udp.OriginalAddress.Write(encapsulation.AsSpan(8));
            message.Attribute(XfrmAttribute.Encapsulation, encapsulation);
        }

        if (state.TfcPadBytes != 0)
        {
            message.Attribute(XfrmAttribute.TfcPadding, state.TfcPadBytes);
        }

        if (state.Mark != default)
        {
            message.Attribute(XfrmAttribute.Mark, XfrmStructures.Write(state.Mark));
        }

        if (state.OutputMark is { } mark)
        {
            message.Attribute(XfrmAttribute.SetMark, mark.Value).Attribute(XfrmAttribute.SetMarkMask, mark.Mask);
        }

        AppendReplay(message, state);
        if (state.InterfaceId != 0)
        {
            message.Attribute(XfrmAttribute.InterfaceId, state.InterfaceId);
        }

        if (state.Direction is { } direction)
        {
            // XFRM_SA_DIR_IN is 1, XFRM_SA_DIR_OUT is 2.
            message.Attribute(XfrmAttribute.Direction, [direction == XfrmDirection.In ? (byte)1 : (byte)2]);
        }

        if (state.Use != default)
        {
            byte[] use = new byte[XfrmLength.Use];
            XfrmStructures.Write(use, state.Use);
            message.Attribute(XfrmAttribute.LifetimeUsed, use);
        }

        return message;
    }

    private static void Append(NetlinkMessage message, ushort type, XfrmAlgorithm? algorithm, bool hasIcvBits)
    {
        if (algorithm is not null)
        {
            message.Attribute(type, XfrmAttributes.Write(algorithm, hasIcvBits));
        }
    }

    private static void AppendReplay(NetlinkMessage message, XfrmState state)
    {
        if (state.ReplayEsn is { } esn)
        {
            byte[] bytes = new byte[ReplayEsnHeadBytes + (4 * esn.Bitmap.Length)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, esn.Bitmap.Length);
            ReadOnlySpan<uint> words = [esn.OutSequence, esn.Sequence, esn.OutSequenceHigh, esn.SequenceHigh, esn.WindowPackets, .. esn.Bitmap];
            for (int i = 0; i < words.Length; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (4 * i)), words[i]);
            }

            message.Attribute(XfrmAttribute.ReplayEsn, bytes);
        }
        else if (state.Replay is { } legacy)
        {
            byte[] bytes = new byte[ReplayBytes];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, legacy.OutSequence);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), legacy.Sequence);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), legacy.Bitmap);
            message.Attribute(XfrmAttribute.Replay, bytes);
        }
    }

    private static XfrmState Attributed(XfrmState state, XfrmAttributes attributes) => state with
    {
        ExtraFlags = (XfrmExtraFlags)attributes.Word(XfrmAttribute.ExtraFlags),
        Combined = attributes.Algorithm(XfrmAttribute.Combined, true),
        Integrity = attributes.Algorithm(XfrmAttribute.AuthenticationTruncated, true) ?? attributes.Algorithm(XfrmAttribute.Authentication, false),
        Encryption = attributes.Algorithm(XfrmAttribute.Cipher, false),
        Compression = attributes.Algorithm(XfrmAttribute.Compression, false),
        Encapsulation = attributes.TryGet(XfrmAttribute.Encapsulation, EncapsulationBytes, out ByteString udp)
            ? new XfrmEncapsulation(
                BinaryPrimitives.ReadUInt16LittleEndian(udp.Span), BinaryPrimitives.ReadUInt16BigEndian(udp.Span[2..]),
                BinaryPrimitives.ReadUInt16BigEndian(udp.Span[4..]), XfrmAddress.Read(udp.Span[8..24]))
            : null,
        TfcPadBytes = attributes.Word(XfrmAttribute.TfcPadding),
        Mark = attributes.Mark,
        OutputMark = attributes.TryGet(XfrmAttribute.SetMark, 4, out _)
            ? new XfrmMark(
                attributes.Word(XfrmAttribute.SetMark),
                attributes.TryGet(XfrmAttribute.SetMarkMask, 4, out _) ? attributes.Word(XfrmAttribute.SetMarkMask) : uint.MaxValue)
            : null,
        Replay = attributes.TryGet(XfrmAttribute.Replay, ReplayBytes, out ByteString replay)
            ? new XfrmReplay(Word(replay, 0), Word(replay, 1), Word(replay, 2))
            : null,
        ReplayEsn = attributes.TryGet(XfrmAttribute.ReplayEsn, ReplayEsnHeadBytes, out ByteString esn) ? ReadEsn(esn) : null,
        InterfaceId = attributes.Word(XfrmAttribute.InterfaceId),
        Direction = attributes.TryGet(XfrmAttribute.Direction, 1, out ByteString direction) && direction[0] != 0
            ? (direction[0] == 1 ? XfrmDirection.In : XfrmDirection.Out)
            : null,
        Use = attributes.TryGet(XfrmAttribute.LifetimeUsed, XfrmLength.Use, out ByteString use) ? XfrmStructures.ReadUse(use.Span) : state.Use,
    };

    private static XfrmReplayEsn ReadEsn(ByteString bytes)
    {
        int words = (int)Math.Min(Word(bytes, 0), (uint)(bytes.Length - ReplayEsnHeadBytes) / 4);
        return new XfrmReplayEsn(
            Word(bytes, 1), Word(bytes, 2), Word(bytes, 3), Word(bytes, 4), Word(bytes, 5),
            [.. Enumerable.Range(0, words).Select(i => Word(bytes, 6 + i))]);
    }

    private static uint Word(ByteString bytes, int index) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[(4 * index)..]);
}
