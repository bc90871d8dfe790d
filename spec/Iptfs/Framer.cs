using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Iptfs;

/// <summary>Puts packets into payloads, as a sender may. RFC 9347 §2.2, §2.2.3.</summary>
public static class Framer
{
    /// <summary>Cuts the packets, one behind the other, into payloads of given sizes; the last takes what is left.</summary>
    /// <param name="packets">Whole IP packets.</param>
    /// <param name="sizes">Octets of data in each payload but the last; at least 1.</param>
    public static ImmutableArray<AggFragPayload> Split(IReadOnlyList<ByteString> packets, IEnumerable<int> sizes)
    {
        ByteString stream = ByteString.Adopt([.. packets.SelectMany(packet => packet.ToArray())]);
        ImmutableArray<AggFragPayload>.Builder payloads = ImmutableArray.CreateBuilder<AggFragPayload>();
        int at = 0;
        foreach (int size in sizes.Append(int.MaxValue))
        {
            if (at == stream.Length)
            {
                break;
            }

            int taken = Math.Min(size, stream.Length - at);
            payloads.Add(new AggFragPayload(BlockOffset(packets, at), stream.Slice(at..(at + taken))));
            at += taken;
        }

        return payloads.ToImmutable();
    }

    /// <summary>Fills payloads of one size; the last is as long as what it holds.</summary>
    /// <param name="packets">Whole IP packets.</param>
    /// <param name="dataBytes">Octets of data in a full payload.</param>
    /// <param name="mayFragment">False to keep each packet in one payload; what is longer than a payload is left out.</param>
    public static ImmutableArray<AggFragPayload> Fill(IReadOnlyList<ByteString> packets, int dataBytes, bool mayFragment = true)
    {
        if (mayFragment)
        {
            int total = packets.Sum(packet => packet.Length);
            return Split(packets, Enumerable.Repeat(dataBytes, total / dataBytes));
        }

        ImmutableArray<AggFragPayload>.Builder payloads = ImmutableArray.CreateBuilder<AggFragPayload>();
        List<byte> data = [];
        foreach (ByteString packet in packets.Where(packet => packet.Length <= dataBytes))
        {
            if (data.Count + packet.Length > dataBytes)
            {
                payloads.Add(new AggFragPayload(0, ByteString.Adopt([.. data])));
                data.Clear();
            }

            data.AddRange(packet.Span);
        }

        if (data.Count > 0)
        {
            payloads.Add(new AggFragPayload(0, ByteString.Adopt([.. data])));
        }

        return payloads.ToImmutable();
    }

    /// <summary>A payload with padding behind its data blocks, which must end with a whole packet. RFC 9347 §2.2.2.</summary>
    public static AggFragPayload Padded(AggFragPayload payload, int padBytes) =>
        payload with { DataBlocks = ByteString.Adopt([.. payload.DataBlocks.Span, .. new byte[padBytes]]) };

    // From here to where the next packet starts, wherever that is. RFC 9347 §6.1.1.
    private static ushort BlockOffset(IReadOnlyList<ByteString> packets, int at)
    {
        int start = 0;
        foreach (ByteString packet in packets)
        {
            if (start >= at)
            {
                break;
            }

            start += packet.Length;
        }

        return (ushort)Math.Min(start - at, ushort.MaxValue);
    }
}
