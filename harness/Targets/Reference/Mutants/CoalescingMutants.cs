using Conformance.Spec.Offload;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in what a poll hands on.</summary>
public abstract record PollMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    // Two neighbours become one packet with the header of the first, whatever stands in the second.
    private protected static Handed Merge(Handed first, Handed second)
    {
        bool readable = IpPacketView.TryParse(first.Datagram.Span, out IpPacketView view, out _) & IpPacketView.TryParse(second.Datagram.Span, out IpPacketView next, out _);
        if (!readable)
        {
            return first;
        }

        int header = view.HeaderBytes + new TcpView(view.Payload).DataOffsetBytes;
        int skipped = next.HeaderBytes + new TcpView(next.Payload).DataOffsetBytes;
        int size = first.Offload.Kind == SegmentationKind.None ? first.Datagram.Length - header : first.Offload.SegmentBytes;
        byte[] merged = [.. first.Datagram.Span, .. second.Datagram.Span[skipped..]];
        IpPackets.FinishHeader(merged);
        PartialChecksum.Leave(merged);
        return new Handed(ByteString.Adopt(merged), new PacketOffload { Kind = SegmentationKind.Tcp, SegmentBytes = size, ChecksumIsPartial = true });
    }

    private protected static bool IsTcp(Handed packet) =>
        IpPacketView.TryParse(packet.Datagram.Span, out IpPacketView view, out _) && view.Protocol == IpProtocol.Tcp && view.Payload.Length > TcpView.FixedBytes;
}

/// <summary>TCP packets that stand side by side are merged although one of their fields forbids it.</summary>
public abstract record ForcedMerge(string Name, string Requirement, string Story) : PollMutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override IReadOnlyList<Handed> HandOn(IReadOnlyList<Handed> right, IReadOnlyList<Arrival> poll, bool hadForgery)
    {
        List<Handed> handed = [];
        foreach (Handed packet in right)
        {
            if (handed.Count > 0 && IsTcp(handed[^1]) && IsTcp(packet) && Forgets(handed[^1].Datagram.Span, packet.Datagram.Span))
            {
                handed[^1] = Merge(handed[^1], packet);
            }
            else
            {
                handed.Add(packet);
            }
        }

        return handed;
    }

    private protected abstract bool Forgets(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second);

    private protected static TcpView Tcp(ReadOnlySpan<byte> packet) => IpPacketView.TryParse(packet, out IpPacketView view, out _) ? new TcpView(view.Payload) : default;
}

/// <summary>A gap in the stream is merged over.</summary>
public sealed record MergeAcrossAGap() : ForcedMerge("merge-across-a-gap", "OFFLOAD-gro-02", "only the ports are compared")
{
    private protected override bool Forgets(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Tcp(second).Sequence != Tcp(first).Sequence + (uint)Tcp(first).Data.Length;
}

/// <summary>DSCP and ECN are not compared.</summary>
public sealed record MergeOfDifferentDscp() : ForcedMerge("merge-of-different-dscp", "OFFLOAD-gro-03", "the traffic class is forgotten")
{
    private protected override bool Forgets(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => first[1] != second[1] && first[0] >> 4 == 4;
}

/// <summary>TTL is not compared.</summary>
public sealed record MergeOfDifferentTtl() : ForcedMerge("merge-of-different-ttl", "OFFLOAD-gro-04", "the hop limit is forgotten")
{
    private protected override bool Forgets(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => first[8] != second[8] && first[0] >> 4 == 4;
}

/// <summary>A segment with CWR is appended.</summary>
public sealed record CwrMerged() : ForcedMerge("cwr-merged", "OFFLOAD-gro-05", "seen in Linux before 4.14: CWR was or-ed into the first segment")
{
    private protected override bool Forgets(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => (Tcp(second).Control & TcpControl.Cwr) != 0;
}

/// <summary>Options are not compared.</summary>
public sealed record MergeOfDifferentOptions() : ForcedMerge("merge-of-different-options", "OFFLOAD-gro-06", "timestamps are forgotten")
{
    private protected override bool Forgets(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => !Tcp(first).Options.SequenceEqual(Tcp(second).Options);
}

/// <summary>A longer segment is appended, and the size of the first stands for all.</summary>
public sealed record LongerSegmentMerged() : ForcedMerge("longer-segment-merged", "OFFLOAD-gro-11", "only a shorter one ends a packet")
{
    private protected override bool Forgets(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        Tcp(second).Sequence == Tcp(first).Sequence + (uint)Tcp(first).Data.Length && Tcp(second).Data.Length > Tcp(first).Data.Length;
}

/// <summary>What a poll holds last is handed on first.</summary>
public sealed record PollTurnedRound() : PollMutant("poll-turned-round", "OFFLOAD-gro-08", "the held packets are a stack and no queue")
{
    /// <inheritdoc/>
    public override IReadOnlyList<Handed> HandOn(IReadOnlyList<Handed> right, IReadOnlyList<Arrival> poll, bool hadForgery) => [.. right.Reverse()];
}

/// <summary>A last short segment stays held.</summary>
public sealed record LastShortPacketHeld() : PollMutant("last-short-packet-held", "OFFLOAD-gro-09", "the end of a poll flushes full packets only")
{
    /// <inheritdoc/>
    public override IReadOnlyList<Handed> HandOn(IReadOnlyList<Handed> right, IReadOnlyList<Arrival> poll, bool hadForgery) =>
        right.Count > 1 && IsTcp(right[^1]) && right[^1].Offload.Kind == SegmentationKind.None ? [.. right.SkipLast(1)] : right;
}

/// <summary>One forged packet takes its burst with it.</summary>
public sealed record ForgedPacketPoisonsTheBurst() : PollMutant("forged-packet-poisons-the-burst", "OFFLOAD-gro-10", "an error frees the whole list")
{
    /// <inheritdoc/>
    public override IReadOnlyList<Handed> HandOn(IReadOnlyList<Handed> right, IReadOnlyList<Arrival> poll, bool hadForgery) => hadForgery ? [] : right;
}

/// <summary>The payload of a merged packet is put together in the wrong order.</summary>
public sealed record MergedPayloadSwapped() : PollMutant("merged-payload-swapped", "OFFLOAD-gro-01", "the list of fragments is linked from its head")
{
    /// <inheritdoc/>
    public override IReadOnlyList<Handed> HandOn(IReadOnlyList<Handed> right, IReadOnlyList<Arrival> poll, bool hadForgery) => [.. right.Select(packet =>
    {
        byte[] bytes = packet.Datagram.ToArray();
        if (packet.Offload.Kind == SegmentationKind.None || bytes.Length < 2)
        {
            return packet;
        }

        (bytes[^1], bytes[^2]) = ((byte)(bytes[^2] + 1), bytes[^1]);
        return packet with { Datagram = ByteString.Adopt(bytes) };
    })];
}

/// <summary>Policy is asked for the first packet of a merged one only.</summary>
public sealed record PolicyAskedOnceForAMerge() : PollMutant("policy-asked-once-for-a-merge", "OFFLOAD-gro-07", "seen in Linux: merging comes before the check, and compares no secpath")
{
    /// <inheritdoc/>
    public override bool AsksPolicyAfterMerging => true;
}
