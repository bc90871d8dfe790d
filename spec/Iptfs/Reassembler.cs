using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Iptfs;

/// <summary>What a receiver keeps between two payloads.</summary>
/// <param name="Begun">Bytes of a packet whose rest is to come; null where none is under way.</param>
/// <param name="Wanted">Number of the payload that has to bring the rest.</param>
public sealed record ReassemblyState(ByteString? Begun, ulong Wanted)
{
    /// <summary>Nothing under way.</summary>
    public static ReassemblyState Empty { get; } = new(null, 0);
}

/// <summary>What a payload gives.</summary>
/// <param name="Next">What is kept.</param>
/// <param name="Packets">Inner packets in their order.</param>
/// <param name="Fault">What an honest sender would not have sent; null where nothing is wrong.</param>
public sealed record Extraction(ReassemblyState Next, ImmutableArray<ByteString> Packets, string? Fault = null)
{
    /// <summary>True where this payload began with the rest of a packet that could not be put together.</summary>
    public bool LostBegun { get; init; }
}

/// <summary>Takes inner packets out of payloads that come in the order of their numbers. RFC 9347 §2.2, §2.2.3, §2.5.</summary>
public static class Reassembler
{
    /// <summary>One payload.</summary>
    /// <param name="state">What was kept.</param>
    /// <param name="sequence">ESP sequence number.</param>
    /// <param name="payload">The payload.</param>
    public static Extraction Receive(ReassemblyState state, ulong sequence, AggFragPayload payload)
    {
        // The rest comes with the next number or never: numbers are consecutive. RFC 9347 §2.2.3.
        ByteString? begun = state.Wanted == sequence ? state.Begun : null;
        bool lost = state.Begun is not null && begun is null;
        if (payload.IsAllPad)
        {
            return new Extraction(begun is null ? ReassemblyState.Empty : new ReassemblyState(begun, sequence + 1), []) { LostBegun = lost };
        }

        ByteString data = payload.DataBlocks;
        int at = Math.Min(payload.BlockOffset, data.Length);
        if (begun is not { } head)
        {
            return Blocks(sequence, data, at, []) with { LostBegun = lost };
        }

        ByteString joined = ByteString.Adopt([.. head.Span, .. data.Span[..at]]);
        DataBlock block = DataBlock.Read(joined.Span);
        int due = block.LengthBytes - head.Length;
        bool isConsistent = payload.BlockOffset > 0 && block.Kind switch
        {
            DataBlockKind.Packet => payload.BlockOffset == due,
            DataBlockKind.Cut => payload.BlockOffset > data.Length,
            _ => false,
        };
        if (!isConsistent)
        {
            return Blocks(sequence, data, at, []) with { Fault = $"BlockOffset {payload.BlockOffset} does not fit the packet under way", LostBegun = true };
        }

        return payload.BlockOffset > data.Length
            ? new Extraction(new ReassemblyState(joined, sequence + 1), [])
            : Blocks(sequence, data, at, [joined]);
    }

    private static Extraction Blocks(ulong sequence, ByteString data, int at, ImmutableArray<ByteString> packets)
    {
        while (at < data.Length)
        {
            ByteString rest = data.Slice(at..);
            DataBlock block = DataBlock.Read(rest.Span);
            switch (block.Kind)
            {
                case DataBlockKind.Pad:
                    return new Extraction(ReassemblyState.Empty, packets);
                case DataBlockKind.Malformed:
                    return new Extraction(ReassemblyState.Empty, packets, $"no data block begins at octet {at}");
                case DataBlockKind.Packet when block.LengthBytes <= rest.Length:
                    packets = packets.Add(rest.Slice(..block.LengthBytes));
                    at += block.LengthBytes;
                    break;
                default:
                    return new Extraction(new ReassemblyState(rest, sequence + 1), packets);
            }
        }

        return new Extraction(ReassemblyState.Empty, packets);
    }
}
