using System.Buffers.Binary;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Iptfs;

/// <summary>What a receiver tells a sender about congestion. RFC 9347 §6.1.2.</summary>
/// <param name="IsProbing">The sender probes the path MTU, so that what is missing need not be lost (P).</param>
/// <param name="CongestionExperienced">CE marks went into the rate (E).</param>
/// <param name="LossEventRate">Inverse of the rate; 0 for no loss.</param>
/// <param name="RttMicroseconds">Round-trip time, 22 bits.</param>
/// <param name="EchoDelayMicroseconds">How long the echoed value lay, 21 bits.</param>
/// <param name="TransmitDelayMicroseconds">Time between two packets, 21 bits.</param>
/// <param name="Value">To be echoed.</param>
/// <param name="Echo">Echoed.</param>
public sealed record CongestionInformation(
    bool IsProbing, bool CongestionExperienced, uint LossEventRate, uint RttMicroseconds, uint EchoDelayMicroseconds, uint TransmitDelayMicroseconds,
    uint Value, uint Echo)
{
    /// <summary>Nothing known yet.</summary>
    public static CongestionInformation None { get; } = new(false, false, 0, 0, 0, 0, 0, 0);
}

/// <summary>A payload of a known format. RFC 9347 §6.1.1, §6.1.2.</summary>
/// <param name="BlockOffset">Octets of <paramref name="DataBlocks"/>, and of that of the next payloads, before the start of a data block.</param>
/// <param name="DataBlocks">Rest of a data block, whole ones, begin of one.</param>
/// <param name="Congestion">Null in the format without it.</param>
public sealed record AggFragPayload(ushort BlockOffset, ByteString DataBlocks, CongestionInformation? Congestion = null)
{
    /// <summary>True for padding alone, which may stand between the pieces of a packet. RFC 9347 §2.2.3.</summary>
    public bool IsAllPad => BlockOffset == 0 && (DataBlocks.Length == 0 || DataBlocks[0] >> 4 == DataBlock.PadType);

    /// <summary>Reads a payload; reserved bits are ignored. RFC 9347 §6.1.1, §6.1.2.</summary>
    /// <param name="bytes">ESP payload data.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="error">The field that has no meaning.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out AggFragPayload? payload, out ParseError error)
    {
        payload = null;
        error = default;
        AggFragView view = new(bytes);
        if (bytes.IsEmpty || view.SubType > AggFragView.CongestionControl)
        {
            error = new ParseError("sub-type", 0, bytes.IsEmpty ? "no bytes" : $"{view.SubType} is unknown");
            return false;
        }

        if (bytes.Length < view.HeaderBytes)
        {
            error = new ParseError("header", 0, $"{bytes.Length} bytes, it has {view.HeaderBytes}");
            return false;
        }

        payload = new AggFragPayload(view.BlockOffset, new ByteString(view.DataBlocks), view.SubType == AggFragView.Basic ? null : new CongestionInformation(
            (view.Flags & AggFragView.ProbingBit) != 0, (view.Flags & AggFragView.ExperiencedBit) != 0, view.LossEventRate,
            view.RttMicroseconds, view.EchoDelayMicroseconds, view.TransmitDelayMicroseconds, view.Value, view.Echo));
        return true;
    }

    /// <summary>Header and data; reserved bits are 0.</summary>
    public ByteString ToBytes()
    {
        byte[] bytes = new byte[(Congestion is null ? AggFragView.BasicHeaderBytes : AggFragView.CongestionHeaderBytes) + DataBlocks.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), BlockOffset);
        DataBlocks.Span.CopyTo(bytes.AsSpan(bytes.Length - DataBlocks.Length));
        if (Congestion is { } congestion)
        {
            bytes[0] = AggFragView.CongestionControl;
            bytes[1] = (byte)((congestion.IsProbing ? AggFragView.ProbingBit : 0) | (congestion.CongestionExperienced ? AggFragView.ExperiencedBit : 0));
            ulong times = ((ulong)Capped(congestion.RttMicroseconds, AggFragView.RttBits) << (2 * AggFragView.DelayBits))
                | ((ulong)Capped(congestion.EchoDelayMicroseconds, AggFragView.DelayBits) << AggFragView.DelayBits)
                | Capped(congestion.TransmitDelayMicroseconds, AggFragView.DelayBits);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), congestion.LossEventRate);
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), times);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(16), congestion.Value);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), congestion.Echo);
        }

        return ByteString.Adopt(bytes);
    }

    // What does not fit is sent as the largest value. RFC 9347 §6.1.2.
    private static uint Capped(uint value, int bits) => Math.Min(value, (1u << bits) - 1);
}
