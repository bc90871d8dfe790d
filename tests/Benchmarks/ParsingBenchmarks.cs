using BenchmarkDotNet.Attributes;
using Conformance.Spec.Wire;

namespace Conformance.Benchmarks;

/// <summary>Views against meanings: a view looks at bytes, a meaning checks and copies them.</summary>
[MemoryDiagnoser]
public class ParsingBenchmarks
{
    private PseudoHeader addresses;
    private byte[] ipv4 = [];
    private byte[] ipv6 = [];
    private byte[] udp = [];

    /// <summary>Payload, in bytes.</summary>
    [Params(64, 1400)]
    public int PayloadBytes { get; set; }

    /// <summary>Makes the packets.</summary>
    [GlobalSetup]
    public void Setup()
    {
        addresses = new(IpAddress.Parse("192.0.2.1"), IpAddress.Parse("192.0.2.2"));
        ipv4 = IpPackets.Udp(addresses.Source, addresses.Destination, 1, 2, new byte[PayloadBytes]);
        ipv6 = IpPackets.Udp(
            IpAddress.Parse("2001:db8::1"), IpAddress.Parse("2001:db8::2"), 1, 2, new byte[PayloadBytes],
            new IpPacketOptions { ExtensionHeaders = [(IpProtocol.DestinationOptions, ByteString.FromHex("0000010400000000"))] });
        udp = ipv4[20..];
    }

    /// <summary>What the ESP pipelines look at.</summary>
    [Benchmark(Baseline = true)]
    public bool Ipv4View() => IpPacketView.TryParse(ipv4, out _, out _);

    /// <summary>The same over IPv6 with one extension header.</summary>
    [Benchmark]
    public bool Ipv6View() => IpPacketView.TryParse(ipv6, out _, out _);

    /// <summary>A whole IPv4 packet.</summary>
    [Benchmark]
    public bool Ipv4Meaning() => Ipv4Packet.TryParse(ipv4, out _, out _);

    /// <summary>A whole IPv6 packet with one extension header.</summary>
    [Benchmark]
    public bool Ipv6Meaning() => Ipv6Packet.TryParse(ipv6, out _, out _);

    /// <summary>A UDP datagram with its checksum.</summary>
    [Benchmark]
    public bool UdpMeaning() => UdpDatagram.TryParse(addresses, udp, out _, out _);
}
