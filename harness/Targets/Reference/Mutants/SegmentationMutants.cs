using System.Buffers.Binary;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Offload;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in the segments of a super-packet.</summary>
public abstract record SegmentationMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override IReadOnlyList<ByteString> Segments(IReadOnlyList<ByteString> right, Packet packet) => [.. right.Select((segment, i) =>
    {
        byte[] bytes = segment.ToArray();
        bool readable = IpPacketView.TryParse(segment.Span, out IpPacketView view, out _);
        if (readable)
        {
            Change(bytes, view.HeaderBytes, i, right.Count, packet);
        }

        return ByteString.Adopt(bytes);
    })];

    private protected abstract void Change(Span<byte> segment, int upper, int index, int count, Packet packet);

    private protected static bool IsTcp(ReadOnlySpan<byte> segment) => segment[segment[0] >> 4 == 6 ? 6 : 9] == IpProtocol.Tcp;

    // The checksum fits what the fault wrote: only the fault itself is wrong.
    private protected static void Repair(Span<byte> segment, int upper)
    {
        bool readable = IpPacketView.TryParse(segment, out IpPacketView view, out _);
        Span<byte> field = segment.Slice(upper + (IsTcp(segment) ? 16 : 6), 2);
        field.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(field, readable ? InternetChecksum.Compute(view.Source, view.Destination, view.Protocol, segment[upper..]) : (ushort)0);
    }
}

/// <summary>Control bits are the same in every segment.</summary>
public sealed record CwrOnEverySegment() : SegmentationMutant("cwr-on-every-segment", "OFFLOAD-seg-04", "the header of the super-packet is copied whole")
{
    private protected override void Change(Span<byte> segment, int upper, int index, int count, Packet packet)
    {
        if (IsTcp(segment))
        {
            segment[upper + 13] |= (byte)(packet.Bytes[upper + 13] & (byte)TcpControl.Cwr);
            Repair(segment, upper);
        }
    }
}

/// <summary>PSH stands on the first segment.</summary>
public sealed record PshOnTheFirst() : SegmentationMutant("psh-on-the-first", "OFFLOAD-seg-03", "the first segment is taken for the last")
{
    private protected override void Change(Span<byte> segment, int upper, int index, int count, Packet packet)
    {
        if (IsTcp(segment) && index == 0)
        {
            segment[upper + 13] |= (byte)(packet.Bytes[upper + 13] & (byte)TcpControl.Psh);
            Repair(segment, upper);
        }
    }
}

/// <summary>TCP numbers do not go on.</summary>
public sealed record SegmentsRepeatTheNumber() : SegmentationMutant("segments-repeat-the-number", "OFFLOAD-seg-02", "the sequence number is not advanced")
{
    private protected override void Change(Span<byte> segment, int upper, int index, int count, Packet packet)
    {
        if (IsTcp(segment))
        {
            packet.Bytes.Span.Slice(upper + 4, 4).CopyTo(segment[(upper + 4)..]);
            Repair(segment, upper);
        }
    }
}

/// <summary>Options are blanked in all segments but the first.</summary>
public sealed record OptionsOnTheFirstOnly() : SegmentationMutant("options-on-the-first-only", "OFFLOAD-seg-05", "the later headers come from a template")
{
    private protected override void Change(Span<byte> segment, int upper, int index, int count, Packet packet)
    {
        if (IsTcp(segment) && index > 0)
        {
            segment.Slice(upper + 20, ((segment[upper + 12] >> 4) * 4) - 20).Fill(1);
            Repair(segment, upper);
        }
    }
}

/// <summary>All segments have the identification of the super-packet.</summary>
public sealed record SegmentsShareAnIdentification() : SegmentationMutant("segments-share-an-identification", "OFFLOAD-seg-06", "the IP header is copied whole")
{
    private protected override void Change(Span<byte> segment, int upper, int index, int count, Packet packet)
    {
        if (segment[0] >> 4 == 4)
        {
            packet.Bytes.Span.Slice(4, 2).CopyTo(segment[4..]);
            IpPackets.FinishHeader(segment);
        }
    }
}

/// <summary>The checksum stays partial.</summary>
public sealed record ChecksumNotFinished() : SegmentationMutant("checksum-not-finished", "OFFLOAD-seg-07", "a card was to do it, but there is none behind ESP")
{
    private protected override void Change(Span<byte> segment, int upper, int index, int count, Packet packet)
    {
        if (packet.Offload.ChecksumIsPartial)
        {
            PartialChecksum.Leave(segment);
        }
    }
}

/// <summary>The payload of a segment is shifted by a byte.</summary>
public sealed record SegmentPayloadShifted() : SegmentationMutant("segment-payload-shifted", "OFFLOAD-seg-01", "an offset is off by one from the second segment on")
{
    private protected override void Change(Span<byte> segment, int upper, int index, int count, Packet packet)
    {
        int data = upper + (IsTcp(segment) ? (segment[upper + 12] >> 4) * 4 : 8);
        if (index > 0 && segment.Length - data > 1)
        {
            byte[] rotated = [.. segment[(data + 1)..], segment[data]];
            rotated.CopyTo(segment[data..]);
            Repair(segment, upper);
        }
    }
}

/// <summary>A UDP datagram keeps the length of the super-packet.</summary>
public sealed record UdpLengthKept() : SegmentationMutant("udp-length-kept", "OFFLOAD-seg-08", "the length is only written where there is no segmentation")
{
    private protected override void Change(Span<byte> segment, int upper, int index, int count, Packet packet)
    {
        if (!IsTcp(segment))
        {
            packet.Bytes.Span.Slice(upper + 4, 2).CopyTo(segment[(upper + 4)..]);
        }
    }
}

/// <summary>A last short segment is left out.</summary>
public sealed record LastShortSegmentKept() : Mutant("last-short-segment-kept", "OFFLOAD-seg-09", "it waits for more data to fill it")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ByteString> Segments(IReadOnlyList<ByteString> right, Packet packet) =>
        right.Count > 1 && right[^1].Length < right[0].Length ? [.. right.SkipLast(1)] : right;
}

/// <summary>The last segment leaves twice.</summary>
public sealed record LastSegmentTwice() : Mutant("last-segment-twice", "OFFLOAD-seg-12", "the list of segments is walked once too often")
{
    /// <inheritdoc/>
    public override IReadOnlyList<ByteString> Segments(IReadOnlyList<ByteString> right, Packet packet) => [.. right, right[^1]];
}

/// <summary>The number of the last segment below 2^32 is used again.</summary>
public sealed record NumberReusedAtTheBorder() : Mutant("number-reused-at-the-border", "OFFLOAD-seg-10", "the numbers of a super-packet are reserved by their low halves")
{
    /// <inheritdoc/>
    public override OutboundAssociation BetweenSegments(OutboundAssociation association) =>
        association.Sa.ExtendedSequenceNumbers && association.LastSequence.Value == 1UL << 32
            ? association with { LastSequence = new SequenceNumber(association.LastSequence.Value - 1) }
            : association;
}

/// <summary>The counter of a super-packet starts anew where it ends.</summary>
public sealed record NumbersStartAnewWhenUsedUp() : Mutant("numbers-start-anew-when-used-up", "OFFLOAD-seg-13", "the reservation for a super-packet is not checked for overflow")
{
    /// <inheritdoc/>
    public override OutboundAssociation BetweenSegments(OutboundAssociation association) =>
        association.LastSequence.Value == (association.Sa.ExtendedSequenceNumbers ? ulong.MaxValue : uint.MaxValue)
            ? association with { LastSequence = default }
            : association;
}

/// <summary>The counter is not moved by a super-packet.</summary>
public sealed record SuperPacketsReserveNoNumbers() : Mutant(
    "super-packets-reserve-no-numbers", "OFFLOAD-seg-14", "seen in Linux: the number of segments is not known yet when the counter is moved")
{
    /// <inheritdoc/>
    public override OutboundAssociation AfterSuperPacket(OutboundAssociation before, OutboundAssociation after) => before;
}

/// <summary>The next header of a segment is that of the outer family.</summary>
public sealed record InnerFamilyOfTheOuter() : EnclosureMutant("inner-family-of-the-outer", "OFFLOAD-seg-11", "seen in Linux: the mode's family decides for super-packets")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet) =>
        sa.Mode == EspMode.Tunnel && IsSegment(plain)
            ? packet with { NextHeader = sa.Source.IsIpv6 ? IpProtocol.Ipv6 : IpProtocol.Ipv4 }
            : packet;

    // Everything that the suites send one by one is of the protocol of experiments.
    private static bool IsSegment(ByteString plain) =>
        IpPacketView.TryParse(plain.Span, out IpPacketView view, out _) && view.Protocol is IpProtocol.Tcp or IpProtocol.Udp;
}
