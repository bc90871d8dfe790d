using System.Net;
using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using PacketDotNet.Utils;
using Foreign = PacketDotNet;

namespace Conformance.Tests.Model.Wire;

/// <summary>PacketDotNet reads the same fields and finds the same checksums.</summary>
public class ForeignParserTests
{
    // The second byte of an extension header is its length.
    private const int LeastExtensionBytes = 2;
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(500).WithQuietOnSuccess(true);

    [Test]
    public void Ipv4_IsReadAlike() => Prop.ForAll(WireArbitraries.Ipv4, packet =>
    {
        byte[] bytes = packet.ToBytes();
        Foreign.IPv4Packet foreign = new(new ByteArraySegment(bytes));
        Ipv4Header header = packet.Header;
        int flags = (header.DontFragment ? 2 : 0) | (header.MoreFragments ? 1 : 0);
        return foreign.HeaderLength * 4 == header.LengthBytes && foreign.TotalLength == bytes.Length && foreign.TypeOfService == header.TypeOfService
            && foreign.Id == header.Identification && foreign.FragmentFlags == flags && foreign.FragmentOffset * 8 == header.FragmentOffsetBytes
            && foreign.TimeToLive == header.TimeToLive && (byte)foreign.Protocol == header.Protocol && foreign.ValidIPChecksum
            && Same(foreign.SourceAddress, header.Source) && Same(foreign.DestinationAddress, header.Destination)
            && foreign.Checksum == new Ipv4HeaderView(bytes).HeaderChecksum;
    }).Check(Many);

    [Test]
    public void Ipv6_IsReadAlike() => Prop.ForAll(WireArbitraries.Ipv6, packet =>
    {
        // IANA lists 253 both as a protocol and as an extension header (RFC 7045 §4), and only the experiment knows which.
        // PacketDotNet takes it for the latter, and reads past the end of a packet that has no room for a length.
        if (packet.Protocol == IpProtocol.Experiment253 && packet.Payload.Length < LeastExtensionBytes)
        {
            return true;
        }

        byte[] bytes = packet.ToBytes();
        Foreign.IPv6Packet foreign = new(new ByteArraySegment(bytes));
        Ipv6Header header = packet.Header;
        return foreign.PayloadLength == bytes.Length - Ipv6HeaderView.FixedBytes && foreign.TrafficClass == header.TrafficClass
            && foreign.FlowLabel == header.FlowLabel && foreign.HopLimit == header.HopLimit
            && (byte)foreign.NextHeader == new Ipv6HeaderView(bytes).NextHeader
            && Same(foreign.SourceAddress, header.Source) && Same(foreign.DestinationAddress, header.Destination);
    }).Check(Many);

    [Test]
    public void Udp_IsReadAlike() => Prop.ForAll(WireArbitraries.Udp, udp =>
    {
        byte[] bytes = udp.Value.ToBytes(udp.Addresses);
        Foreign.UdpPacket foreign = new(new ByteArraySegment(bytes), Around(udp.Addresses, IpProtocol.Udp, bytes));

        // PacketDotNet gives the length as a signed number: the bits are right, from 32768 on the sign is not. RFC 768 has no sign.
        return foreign.SourcePort == udp.Value.SourcePort && foreign.DestinationPort == udp.Value.DestinationPort
            && (ushort)foreign.Length == bytes.Length && foreign.Checksum == new UdpView(bytes).Checksum
            && (!udp.Value.HasChecksum || foreign.ValidUdpChecksum);
    }).Check(Many);

    [Test]
    public void Tcp_IsReadAlike() => Prop.ForAll(WireArbitraries.Tcp, tcp =>
    {
        byte[] bytes = tcp.Value.ToBytes(tcp.Addresses);
        Foreign.TcpPacket foreign = new(new ByteArraySegment(bytes), Around(tcp.Addresses, IpProtocol.Tcp, bytes));
        TcpSegment segment = tcp.Value;
        return foreign.SourcePort == segment.SourcePort && foreign.DestinationPort == segment.DestinationPort
            && foreign.SequenceNumber == segment.Sequence && foreign.AcknowledgmentNumber == segment.Acknowledgment
            && foreign.DataOffset * 4 == TcpView.FixedBytes + segment.Options.Length && (foreign.Flags & 0xff) == (int)segment.Control
            && foreign.WindowSize == segment.Window && (ushort)foreign.UrgentPointer == segment.UrgentPointer
            && foreign.ValidTcpChecksum;
    }).Check(Many);

    [Test]
    public void Icmp_IsReadAlike() => Prop.ForAll(WireArbitraries.Icmp, icmp =>
    {
        byte[] bytes = icmp.ToBytes();
        Foreign.IcmpV4Packet foreign = new(new ByteArraySegment(bytes));
        IcmpView view = new(bytes);
        return (ushort)foreign.TypeCode == ((icmp.Type << 8) | icmp.Code) && foreign.Id == view.Identifier && foreign.Sequence == view.Sequence
            && foreign.Checksum == view.Checksum && foreign.ValidIcmpChecksum;
    }).Check(Many);

    [Test]
    public void IcmpV6_IsReadAlike() => Prop.ForAll(WireArbitraries.IcmpV6, icmp =>
    {
        byte[] bytes = icmp.Value.ToBytes(icmp.Addresses);

        // Only what it found inside a packet knows the addresses that the checksum covers.
        return Around(icmp.Addresses, IpProtocol.IcmpV6, bytes).PayloadPacket is Foreign.IcmpV6Packet foreign && foreign.ValidIcmpChecksum
            && (byte)foreign.Type == icmp.Value.Type && foreign.Code == icmp.Value.Code && foreign.Checksum == new IcmpView(bytes).Checksum;
    }).Check(Many);

    private static bool Same(IPAddress foreign, IpAddress address) => foreign.GetAddressBytes().AsSpan().SequenceEqual(address.ToBytes());

    private static Foreign.Packet Around(PseudoHeader addresses, byte protocol, byte[] segment)
    {
        ByteArraySegment bytes = new(IpPackets.Raw(addresses.Source, addresses.Destination, protocol, segment));
        return addresses.Source.IsIpv6 ? new Foreign.IPv6Packet(bytes) : new Foreign.IPv4Packet(bytes);
    }
}
