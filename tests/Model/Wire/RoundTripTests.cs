using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Wire;

/// <summary>What a meaning writes, it reads again.</summary>
public class RoundTripTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(1000).WithQuietOnSuccess(true);

    [Test]
    public void Ipv4_WritesWhatItReads() => Prop.ForAll(WireArbitraries.Ipv4, packet =>
        Ipv4Packet.TryParse(packet.ToBytes(), out var read, out _) && read == packet).Check(Many);

    [Test]
    public void Ipv6_WritesWhatItReads() => Prop.ForAll(WireArbitraries.Ipv6, packet =>
        Ipv6Packet.TryParse(packet.ToBytes(), out var read, out _) && read!.Equals(packet)).Check(Many);

    [Test]
    public void Udp_WritesWhatItReads() => Prop.ForAll(WireArbitraries.Udp, udp =>
        UdpDatagram.TryParse(udp.Addresses, udp.Value.ToBytes(udp.Addresses), out var read, out _) && read == udp.Value).Check(Many);

    [Test]
    public void Tcp_WritesWhatItReads() => Prop.ForAll(WireArbitraries.Tcp, tcp =>
        TcpSegment.TryParse(tcp.Addresses, tcp.Value.ToBytes(tcp.Addresses), out var read, out _) && read == tcp.Value).Check(Many);

    [Test]
    public void Icmp_WritesWhatItReads() => Prop.ForAll(WireArbitraries.Icmp, icmp =>
        IcmpMessage.TryParse(icmp.ToBytes(), out var read, out _) && read == icmp).Check(Many);

    [Test]
    public void IcmpV6_WritesWhatItReads() => Prop.ForAll(WireArbitraries.IcmpV6, icmp =>
        IcmpV6Message.TryParse(icmp.Addresses, icmp.Value.ToBytes(icmp.Addresses), out var read, out _) && read == icmp.Value).Check(Many);

    [Test]
    public void Esp_WritesWhatItReads() => Prop.ForAll(WireArbitraries.Esp, esp =>
        EspHeader.TryParse(esp.ToBytes(), out var read, out _) && read == esp).Check(Many);

    // Two writers of the same packet, by the fields that both know.
    [Test]
    public void Ipv4_IsBuiltAlikeByTheBuilder() => Prop.ForAll(WireArbitraries.Ipv4, packet =>
    {
        Ipv4Header header = packet.Header;
        return IpPackets.Raw(header.Source, header.Destination, header.Protocol, packet.Payload.Span, new IpPacketOptions
        {
            HopLimit = header.TimeToLive,
            TrafficClass = header.TypeOfService,
            Identification = header.Identification,
            DontFragment = header.DontFragment,
            MoreFragments = header.MoreFragments,
            FragmentOffsetBytes = header.FragmentOffsetBytes,
            Ipv4Options = header.Options,
        }).AsSpan().SequenceEqual(packet.ToBytes());
    }).Check(Many);

    [Test]
    public void Ipv6_IsBuiltAlikeByTheBuilder() => Prop.ForAll(WireArbitraries.Ipv6, packet =>
    {
        Ipv6Header header = packet.Header;
        return IpPackets.Raw(header.Source, header.Destination, packet.Protocol, packet.Payload.Span, new IpPacketOptions
        {
            HopLimit = header.HopLimit,
            TrafficClass = header.TrafficClass,
            FlowLabel = header.FlowLabel,
            ExtensionHeaders = [.. packet.Extensions.Select(e => (e.Protocol, ByteString.Adopt(e.ToBytes(0))))],
        }).AsSpan().SequenceEqual(packet.ToBytes());
    }).Check(Many);

    [Test]
    public void Udp_IsBuiltAlikeByTheBuilder() => Prop.ForAll(WireArbitraries.Udp, udp =>
        IpPacketView.TryParse(
            IpPackets.Udp(udp.Addresses.Source, udp.Addresses.Destination, udp.Value.SourcePort, udp.Value.DestinationPort, udp.Value.Data.Span),
            out var view, out _)
        && view.Payload.SequenceEqual((udp.Value with { HasChecksum = true }).ToBytes(udp.Addresses))).Check(Many);

    [Test]
    public void ValidIpv4_IsReadAlikeByTheViewThatIpsecUses() => Prop.ForAll(WireArbitraries.Ipv4, packet =>
    {
        byte[] bytes = packet.ToBytes();
        return IpPacketView.TryParse(bytes, out var view, out _) && view.Source == packet.Header.Source && view.Protocol == packet.Header.Protocol
            && view.Destination == packet.Header.Destination && view.Fragment == new FragmentInfo(packet.Header.FragmentOffsetBytes, packet.Header.MoreFragments)
            && view.Payload.SequenceEqual(packet.Payload.Span) && view.HopLimit == packet.Header.TimeToLive
            && view.TrafficClass == packet.Header.TypeOfService && view.HeaderBytes == packet.Header.LengthBytes;
    }).Check(Many);

    [Test]
    public void ValidIpv6_IsReadAlikeByTheViewThatIpsecUses() => Prop.ForAll(WireArbitraries.Ipv6, packet =>
    {
        byte[] bytes = packet.ToBytes();
        return IpPacketView.TryParse(bytes, out var view, out _) && view.Source == packet.Header.Source && view.Protocol == packet.Protocol
            && view.Destination == packet.Header.Destination && view.FlowLabel == packet.Header.FlowLabel
            && view.TrafficClass == packet.Header.TrafficClass && view.HeaderBytes == packet.HeaderBytes && view.Payload.SequenceEqual(packet.Payload.Span);
    }).Check(Many);

    // Where the meaning reads anything, writing it gives the same bytes again.
    [Test]
    public void MutatedBytesThatAreStillIpv4_AreWrittenBackUnchanged() => Prop.ForAll(WireArbitraries.Bytes, bytes =>
        !Ipv4Packet.TryParse(bytes.Bytes.Span, out var read, out _) || bytes.Bytes.Span.StartsWith(read!.ToBytes())).Check(Many.WithMaxTest(20_000));

    [Test]
    public void MutatedBytesThatAreStillIpv6WithoutFragments_AreWrittenBackUnchanged() => Prop.ForAll(WireArbitraries.Bytes, bytes =>
        !Ipv6Packet.TryParse(bytes.Bytes.Span, out var read, out _) || read!.Extensions.Any(e => e is Ipv6ExtensionHeader.Fragment)
        || bytes.Bytes.Span.StartsWith(read.ToBytes())).Check(Many.WithMaxTest(20_000));
}
