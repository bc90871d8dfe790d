using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Wire;

/// <summary>Each mutator makes the one fault that it names.</summary>
public class PacketMutatorTests
{
    private static readonly PseudoHeader Addresses = new(IpAddress.Parse("192.0.2.1"), IpAddress.Parse("192.0.2.2"));

    private static IEnumerable<PacketMutator> EveryMutator => PacketMutators.All;

    [TestCaseSource(nameof(EveryMutator))]
    public void MutatedPacket_IsRefusedAtTheFieldThatIsWrong(PacketMutator mutator)
    {
        var valid = Valid(mutator.Kind);
        Assert.That(Refusal(mutator.Kind, valid), Is.Null);

        var refusal = Refusal(mutator.Kind, mutator.Apply([.. valid]));

        Assert.That((refusal?.Field, refusal?.OffsetBytes), Is.EqualTo((mutator.Field, mutator.OffsetBytes)));
    }

    internal static ParseError? Refusal(PacketKind kind, byte[] bytes)
    {
        ParseError error;
        var accepted = kind switch
        {
            PacketKind.Ipv4 => Ipv4Packet.TryParse(bytes, out _, out error),
            PacketKind.Ipv6 or PacketKind.Ipv6Chain => Ipv6Packet.TryParse(bytes, out _, out error),
            PacketKind.Udp => UdpDatagram.TryParse(Addresses, bytes, out _, out error),
            PacketKind.Tcp => TcpSegment.TryParse(Addresses, bytes, out _, out error),
            PacketKind.Icmp => IcmpMessage.TryParse(bytes, out _, out error),
            _ => EspHeader.TryParse(bytes, out _, out error),
        };
        return accepted ? null : error;
    }

    internal static byte[] Valid(PacketKind kind) => kind switch
    {
        PacketKind.Ipv4 => IpPackets.Raw(Addresses.Source, Addresses.Destination, IpProtocol.Experiment253, [1, 2, 3, 4]),
        PacketKind.Ipv6 => Ipv6([]),
        PacketKind.Ipv6Chain => Ipv6([(IpProtocol.DestinationOptions, ByteString.FromHex("0000010400000000"))]),
        PacketKind.Udp => new UdpDatagram { SourcePort = 500, DestinationPort = 4500, Data = ByteString.FromHex("0102") }.ToBytes(Addresses),
        PacketKind.Tcp => new TcpSegment { SourcePort = 1, DestinationPort = 2, Control = TcpControl.Syn, Options = ByteString.FromHex("020405b4") }.ToBytes(Addresses),
        PacketKind.Icmp => new IcmpMessage.Echo(false, 1, 2, ByteString.FromHex("0102")).ToBytes(),
        _ => new EspHeader(new Spi(0x1001), 1).ToBytes(),
    };

    private static byte[] Ipv6(IReadOnlyList<(byte Protocol, ByteString Header)> headers) => IpPackets.Raw(
        IpAddress.Parse("2001:db8::1"), IpAddress.Parse("2001:db8::2"), IpProtocol.Experiment253, [1, 2, 3, 4],
        new IpPacketOptions { ExtensionHeaders = headers });
}
