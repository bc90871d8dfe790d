using Conformance.Generators.Offload;
using Conformance.Spec.Offload;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Offload;

/// <summary>What a super-packet stands for.</summary>
public class SegmenterTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);
    private static readonly IpAddress[] Ipv4 = [IpAddress.Parse("10.1.0.1"), IpAddress.Parse("10.2.0.1")];
    private static readonly IpAddress[] Ipv6 = [IpAddress.Parse("2001:db8:1::1"), IpAddress.Parse("2001:db8:2::1")];

    [Test]
    public void AnySuperPacket_SegmentsAreWholePacketsThatCarryItsPayload([Values] bool isIpv6) => Prop.ForAll(SuperPacket.Arbitrary, packet =>
    {
        IReadOnlyList<ByteString> segments = Segments(packet, isIpv6);
        byte[] payload = [.. segments.SelectMany(segment => Data(segment).ToArray())];
        return segments.Count == packet.Segments && Pattern.Bytes(packet.PayloadBytes, packet.Sequence).Span.SequenceEqual(payload);
    }).Check(Many);

    // The definition: the segments are the packets that a sender without offload makes of the same stream.
    [Test]
    public void TcpSuperPacket_SegmentsAreThoseSentOneByOne([Values] bool isIpv6) => Prop.ForAll(SuperPacket.Arbitrary, drawn =>
    {
        SuperPacket packet = drawn with { Kind = SegmentationKind.Tcp };
        IReadOnlyList<ByteString> segments = Segments(packet, isIpv6);
        return segments.Select((segment, i) =>
        {
            bool isLast = i == segments.Count - 1;
            SuperPacket alone = packet with
            {
                ChecksumIsPartial = false,
                Sequence = packet.Sequence + (uint)(i * packet.SegmentBytes),
                PayloadBytes = isLast ? packet.PayloadBytes - (i * packet.SegmentBytes) : packet.SegmentBytes,
                Identification = (ushort)(packet.Identification + i),
                Control = packet.Control & (isLast ? (TcpControl)0xff : ~(TcpControl.Fin | TcpControl.Psh)) & (i == 0 ? (TcpControl)0xff : ~TcpControl.Cwr),
            };
            return alone.Between(Addresses(isIpv6)[0], Addresses(isIpv6)[1]) == segment;
        }).All(same => same);
    }).Check(Many);

    [Test]
    public void WholeChecksumOrPartialOne_SameSegments([Values] bool isIpv6) => Prop.ForAll(SuperPacket.Arbitrary, packet =>
        Segments(packet with { ChecksumIsPartial = true }, isIpv6).SequenceEqual(Segments(packet with { ChecksumIsPartial = false }, isIpv6))).Check(Many);

    [TestCase(SegmentationKind.Udp, 100, "protocol")]
    [TestCase(SegmentationKind.Tcp, 0, "segment size")]
    public void WhatCannotBeCut_IsRefused(SegmentationKind kind, int bytes, string field)
    {
        SuperPacket packet = new();
        bool isCut = Segmenter.TrySegment(packet.Between(Ipv4[0], Ipv4[1]), new PacketOffload { Kind = kind, SegmentBytes = bytes }, out var segments, out ParseError error);

        Assert.That((isCut, segments.Count, error.Field), Is.EqualTo((false, 0, field)));
    }

    [Test]
    public void Shrinker_OnlyGivesOtherPacketsWithTwoSegments() => Prop.ForAll(SuperPacket.Arbitrary, packet =>
        SuperPacket.Shrink(packet).All(next => next != packet && next.Segments >= 2)).Check(Many);

    private static IReadOnlyList<ByteString> Segments(SuperPacket packet, bool isIpv6)
    {
        bool isCut = Segmenter.TrySegment(packet.Between(Addresses(isIpv6)[0], Addresses(isIpv6)[1]), packet.Offload, out var segments, out ParseError error);
        return isCut ? segments : throw new InvalidOperationException($"{error}");
    }

    // Only a right length and a right checksum make a meaning.
    private static ByteString Data(ByteString segment)
    {
        Assert.That(IpPacketView.TryParse(segment.Span, out IpPacketView view, out ParseError error), Is.True, $"{error}");
        PseudoHeader addresses = new(view.Source, view.Destination);
        return view.Protocol == IpProtocol.Udp
            ? UdpDatagram.TryParse(addresses, view.Payload, out UdpDatagram? datagram, out error) ? datagram!.Data : throw new InvalidOperationException($"{error}")
            : TcpSegment.TryParse(addresses, view.Payload, out TcpSegment? tcp, out error) ? tcp!.Data : throw new InvalidOperationException($"{error}");
    }

    private static IpAddress[] Addresses(bool isIpv6) => isIpv6 ? Ipv6 : Ipv4;
}
