using System.Collections.Immutable;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in what is taken out of AGGFRAG payloads.</summary>
public abstract record ExtractionMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload)
    {
        Extraction right = base.Extract(state, sequence, payload);
        return right with { Packets = [.. Packets(right.Packets)] };
    }

    private protected virtual IEnumerable<ByteString> Packets(ImmutableArray<ByteString> right) => right;
}

/// <summary>The rest of a payload behind its first packet is thrown away.</summary>
public sealed record FirstBlockOnly() : ExtractionMutant("first-block-only", "RFC9347-2.2-01", "the payload is taken for one packet with TFC padding")
{
    private protected override IEnumerable<ByteString> Packets(ImmutableArray<ByteString> right) => right.Take(1);
}

/// <summary>Without a packet under way a payload is read from its start.</summary>
public sealed record BlockOffsetIgnored() : ExtractionMutant("block-offset-ignored", "RFC9347-2.2-02", "BlockOffset is only looked at to finish a packet")
{
    /// <inheritdoc/>
    public override Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload) =>
        Reassembler.Receive(state, sequence, state.Begun is null || state.Wanted != sequence ? payload with { BlockOffset = 0 } : payload);
}

/// <summary>Inner packets are those of one family.</summary>
public sealed record FamilyOfTheSaOnly() : ExtractionMutant("iptfs-ipv4-only", "RFC9347-2.2.1-01", "the family comes from the SA and not from the data block")
{
    private protected override IEnumerable<ByteString> Packets(ImmutableArray<ByteString> right) => right.Where(packet => packet[0] >> 4 == 4);
}

/// <summary>A link-layer type is written where a packet without link layer has its source address.</summary>
public sealed record EtherTypeOverTheSource() : ExtractionMutant(
    "ethertype-over-the-source", "RFC9347-2.2.1-02", "Linux writes the EtherType of an Ethernet header that packets of TUN devices do not have")
{
    private protected override IEnumerable<ByteString> Packets(ImmutableArray<ByteString> right) => right.Select((packet, i) => i == 0 ? packet : Written(packet));

    private static ByteString Written(ByteString packet)
    {
        byte[] bytes = packet.ToArray();
        (bytes[12], bytes[13]) = bytes[0] >> 4 == 4 ? ((byte)0x08, (byte)0x00) : ((byte)0x86, (byte)0xdd);
        return ByteString.Adopt(bytes);
    }
}

/// <summary>A payload with padding is thrown away.</summary>
public sealed record PaddedPayloadRefused() : ExtractionMutant("iptfs-padding-refused", "RFC9347-6.1.3.3-01", "type 0 is taken for a damaged packet")
{
    /// <inheritdoc/>
    public override Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload)
    {
        Extraction right = Reassembler.Receive(state, sequence, payload);
        int used = right.Packets.Sum(packet => packet.Length);
        return right.Next.Begun is null && !payload.IsAllPad && payload.DataBlocks.Length > used ? right with { Packets = [] } : right;
    }
}

/// <summary>A packet is lost of which a payload holds less than the length field.</summary>
public sealed record ShortPiecesLost() : ExtractionMutant("short-pieces-lost", "RFC9347-2.2.3-01", "the length is read as soon as a data block begins")
{
    /// <inheritdoc/>
    public override Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload)
    {
        Extraction right = Reassembler.Receive(state, sequence, payload);
        return right.Next.Begun is { } begun && DataBlock.Read(begun.Span).Kind == DataBlockKind.Cut ? right with { Next = ReassemblyState.Empty } : right;
    }
}

/// <summary>Padding between two pieces ends their packet.</summary>
public sealed record AllPadEndsReassembly() : ExtractionMutant("all-pad-ends-reassembly", "RFC9347-2.2.3-02", "BlockOffset 0 is taken for a sender that began anew")
{
    /// <inheritdoc/>
    public override Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload) =>
        Reassembler.Receive(payload.IsAllPad ? ReassemblyState.Empty : state, sequence, payload);
}

/// <summary>Pieces are joined whatever is missing between them.</summary>
public sealed record PiecesJoinedAcrossAGap() : ExtractionMutant("pieces-joined-across-a-gap", "RFC9347-2.2.3-03", "the number of the next piece is not looked at")
{
    /// <inheritdoc/>
    public override Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload)
    {
        if (state.Begun is null || state.Wanted == sequence || payload.BlockOffset == 0)
        {
            return Reassembler.Receive(state, sequence, payload);
        }

        // As much as is missing is taken from wherever it may come.
        int at = Math.Min(payload.BlockOffset, payload.DataBlocks.Length);
        ByteString joined = ByteString.Adopt([.. state.Begun.Value.Span, .. payload.DataBlocks.Span[..at]]);
        DataBlock block = DataBlock.Read(joined.Span);
        Extraction rest = Reassembler.Receive(ReassemblyState.Empty, sequence, payload);
        return block.Kind == DataBlockKind.Packet && block.LengthBytes <= joined.Length
            ? rest with { Packets = rest.Packets.Insert(0, joined.Slice(..block.LengthBytes)) }
            : rest;
    }
}

/// <summary>What comes too late is thrown away, whatever window the SA has.</summary>
public sealed record PayloadsInOrderOnly() : Mutant("payloads-in-order-only", "RFC9347-2.2.3-04", "no reorder window")
{
    /// <inheritdoc/>
    public override int ReorderWindow(int packets) => 0;
}

/// <summary>Policy sees the first inner packet of a payload only.</summary>
public sealed record InnerPolicyAskedOnce() : Mutant("inner-policy-asked-once", "RFC9347-2.2.6-01", "the check hangs on the outer packet")
{
    /// <inheritdoc/>
    public override bool ChecksEveryInnerPacket => false;
}

/// <summary>The packets of a payload are delivered from its end.</summary>
public sealed record BlocksTurnedRound() : ExtractionMutant("blocks-turned-round", "RFC9347-2.5-01", "a list that is filled at its head")
{
    private protected override IEnumerable<ByteString> Packets(ImmutableArray<ByteString> right) => right.Reverse();
}

/// <summary>A packet that was begun is waited for through payloads that begin anew.</summary>
public sealed record WaitsForEver() : ExtractionMutant("waits-for-ever", "RFC9347-2.5-02", "Linux takes any payload with BlockOffset 0 for padding while it waits for the rest of a packet")
{
    /// <inheritdoc/>
    public override Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload) =>
        state.Begun is not null && payload.BlockOffset == 0
            ? new Extraction(state with { Wanted = sequence + 1 }, [])
            : Reassembler.Receive(state, sequence, payload);
}

/// <summary>What does not fit a packet under way is glued to it all the same.</summary>
public sealed record ContradictionBelieved() : ExtractionMutant("contradiction-believed", "RFC9347-2.5-03", "BlockOffset is not held against the length of the packet")
{
    /// <inheritdoc/>
    public override Extraction Extract(ReassemblyState state, ulong sequence, AggFragPayload payload)
    {
        Extraction right = Reassembler.Receive(state, sequence, payload);
        if (right.Fault is null || state.Begun is not { } begun)
        {
            return right;
        }

        // Zeros where bytes are missing.
        DataBlock block = DataBlock.Read(begun.Span);
        byte[] glued = new byte[Math.Max(block.LengthBytes, begun.Length)];
        begun.Span.CopyTo(glued);
        int taken = Math.Min(Math.Min(payload.BlockOffset, payload.DataBlocks.Length), glued.Length - begun.Length);
        payload.DataBlocks.Span[..taken].CopyTo(glued.AsSpan(begun.Length));
        return right with { Packets = right.Packets.Insert(0, ByteString.Adopt(glued)) };
    }
}
