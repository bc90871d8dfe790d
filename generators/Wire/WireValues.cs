using System.Collections.Immutable;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Wire;

/// <summary>Random valid values of every wire format, drawn from one local generator: fast, and one seed repeats them.</summary>
public static class WireValues
{
    /// <summary>Room that every header chain made here leaves free in 65535 bytes.</summary>
    public const int LargestPayloadBytes = 64_000;

    // Nothing, one byte, both sides of every alignment up to 16, both sides of an MTU.
    private static readonly int[] Sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 14, 15, 16, 17, 31, 32, 33, 64, 1279, 1280, 1400, 1480, 1499, 1500, 1501];
    private static readonly byte[] UpperProtocols = [IpProtocol.Icmp, IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Esp, IpProtocol.IcmpV6, IpProtocol.NoNextHeader, IpProtocol.Experiment253];

    /// <summary>An address: any, documentation, unspecified, loopback, multicast, all ones.</summary>
    public static IpAddress Address(Random random, bool isIpv6)
    {
        ArgumentNullException.ThrowIfNull(random);
        UInt128 any = new((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64(long.MinValue, long.MaxValue));
        UInt128 all = isIpv6 ? UInt128.MaxValue : uint.MaxValue;
        UInt128 multicast = isIpv6 ? (UInt128)0xff02 << 112 : 0xe0000000;
        UInt128 documentation = isIpv6 ? (UInt128)0x20010db8 << 96 : 0xc0000200;
        UInt128 value = random.Next(8) switch
        {
            0 => UInt128.Zero,
            1 => all,
            2 => multicast | (byte)any,
            3 => isIpv6 ? UInt128.One : 0x7f000001,
            4 or 5 => documentation | (byte)any,
            _ => any & all,
        };
        return new IpAddress(value, isIpv6);
    }

    /// <summary>A payload of an interesting size, seldom of nearly 64 KiB.</summary>
    public static ByteString Payload(Random random, int largestBytes = LargestPayloadBytes)
    {
        ArgumentNullException.ThrowIfNull(random);
        int size = random.Next(50) == 0 ? LargestPayloadBytes - random.Next(2) : Sizes[random.Next(Sizes.Length)];
        return Bytes(random, Math.Min(size, largestBytes));
    }

    /// <summary>IPv4 or TCP options with possible lengths, 0 to 40 bytes.</summary>
    public static ByteString Options(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (random.Next(2) == 0)
        {
            return ByteString.Empty;
        }

        byte[] options = new byte[4 * random.Next(1, 11)];
        int at = 0;
        while (at < options.Length)
        {
            int length = random.Next(2, 12);
            if (random.Next(12) == 0)
            {
                // End of list; the rest stays zero.
                break;
            }

            if (random.Next(3) == 0 || at + length > options.Length)
            {
                options[at++] = 1;
                continue;
            }

            random.NextBytes(options.AsSpan(at, length));
            options[at] = (byte)random.Next(2, 256);
            options[at + 1] = (byte)length;
            at += length;
        }

        return ByteString.Adopt(options);
    }

    /// <summary>IPv6 options that end where a header of whole 8-byte units ends.</summary>
    public static ByteString Ipv6Options(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        byte[] options = new byte[(8 * random.Next(1, 5)) - 2];
        int at = 0;
        while (at < options.Length)
        {
            int data = random.Next(0, 10);
            if (random.Next(4) == 0 || at + 2 + data > options.Length)
            {
                // Pad1
                options[at++] = 0;
                continue;
            }

            random.NextBytes(options.AsSpan(at, 2 + data));
            options[at] = (byte)random.Next(1, 256);
            options[at + 1] = (byte)data;
            at += 2 + data;
        }

        return ByteString.Adopt(options);
    }

    /// <summary>A chain of up to five extension headers; hop-by-hop options come first, a fragment header comes last.</summary>
    /// <param name="random">Local generator.</param>
    /// <param name="fragments">True if the packet may be a fragment.</param>
    public static ImmutableArray<Ipv6ExtensionHeader> Extensions(Random random, bool fragments = true)
    {
        ArgumentNullException.ThrowIfNull(random);
        ImmutableArray<Ipv6ExtensionHeader>.Builder chain = ImmutableArray.CreateBuilder<Ipv6ExtensionHeader>();
        if (random.Next(4) == 0)
        {
            chain.Add(new Ipv6ExtensionHeader.HopByHopOptions(Ipv6Options(random)));
        }

        for (int more = Math.Max(0, random.Next(6) - 2); more > 0; more--)
        {
            chain.Add(random.Next(2) == 0
                ? new Ipv6ExtensionHeader.DestinationOptions(Ipv6Options(random))
                : new Ipv6ExtensionHeader.Routing((byte)random.Next(256), (byte)random.Next(4), Bytes(random, (8 * random.Next(0, 4)) + 4)));
        }

        if (random.Next(6) == 0)
        {
            int offset = fragments && random.Next(2) == 0 ? 8 * random.Next(1, 100) : 0;
            bool more = fragments && random.Next(2) == 0;
            chain.Add(new Ipv6ExtensionHeader.Fragment(offset, more, (uint)random.Next()));
        }

        return chain.ToImmutable();
    }

    /// <summary>An IPv4 packet.</summary>
    /// <param name="random">Local generator.</param>
    /// <param name="fragments">True if it may be a fragment.</param>
    public static Ipv4Packet Ipv4(Random random, bool fragments = true)
    {
        ArgumentNullException.ThrowIfNull(random);
        bool isFragment = fragments && random.Next(6) == 0;
        ByteString payload = Payload(random);
        bool more = isFragment && payload.Length % 8 == 0;
        int offset = isFragment ? Math.Min(8 * random.Next(200), (LargestPayloadBytes - payload.Length + 1) / 8 * 8) : 0;
        return new Ipv4Packet(
            new Ipv4Header
            {
                TypeOfService = (byte)random.Next(256),
                Identification = (ushort)random.Next(65536),
                DontFragment = random.Next(2) == 0,
                MoreFragments = more,
                FragmentOffsetBytes = offset,
                TimeToLive = (byte)random.Next(256),
                Protocol = UpperProtocols[random.Next(UpperProtocols.Length)],
                Source = Address(random, false),
                Destination = Address(random, false),
                Options = Options(random),
            },
            payload);
    }

    /// <summary>An IPv6 packet.</summary>
    /// <param name="random">Local generator.</param>
    /// <param name="fragments">True if it may be a fragment.</param>
    public static Ipv6Packet Ipv6(Random random, bool fragments = true)
    {
        ArgumentNullException.ThrowIfNull(random);
        ImmutableArray<Ipv6ExtensionHeader> chain = Extensions(random, fragments);
        bool more = chain is [.., Ipv6ExtensionHeader.Fragment { MoreFragments: true }];
        ByteString payload = Payload(random);
        return new Ipv6Packet(
            new Ipv6Header
            {
                TrafficClass = (byte)random.Next(256),
                FlowLabel = (uint)random.Next(1 << 20),
                HopLimit = (byte)random.Next(256),
                Source = Address(random, true),
                Destination = Address(random, true),
            },
            chain,
            UpperProtocols[random.Next(UpperProtocols.Length)],
            more ? new ByteString(payload.Span[..(payload.Length / 8 * 8)]) : payload);
    }

    /// <summary>A UDP datagram; without checksum sometimes, where the family allows it.</summary>
    public static UdpDatagram Udp(Random random, bool isIpv6)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new UdpDatagram
        {
            SourcePort = (ushort)random.Next(65536),
            DestinationPort = random.Next(3) == 0 ? UdpEncapsulatedContents.Port : (ushort)random.Next(65536),
            HasChecksum = isIpv6 || random.Next(4) != 0,
            Data = Payload(random),
        };
    }

    /// <summary>A TCP segment.</summary>
    public static TcpSegment Tcp(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new TcpSegment
        {
            SourcePort = (ushort)random.Next(65536),
            DestinationPort = (ushort)random.Next(65536),
            Sequence = (uint)random.NextInt64(1L << 32),
            Acknowledgment = (uint)random.NextInt64(1L << 32),
            Control = (TcpControl)random.Next(256),
            Window = (ushort)random.Next(65536),
            UrgentPointer = (ushort)random.Next(65536),
            Options = Options(random),
            Data = Payload(random),
        };
    }

    /// <summary>An ICMP message of IPv4.</summary>
    public static IcmpMessage Icmp(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return random.Next(3) switch
        {
            0 => new IcmpMessage.Echo(random.Next(2) == 0, (ushort)random.Next(65536), (ushort)random.Next(65536), Payload(random)),
            1 => new IcmpMessage.FragmentationNeeded((ushort)random.Next(65536), Quoted(Ipv4(random).ToBytes(), 548)),
            _ => new IcmpMessage.Other((byte)random.Next(9, 256), (byte)random.Next(256), (uint)random.Next(), Payload(random)),
        };
    }

    /// <summary>An ICMPv6 message.</summary>
    public static IcmpV6Message IcmpV6(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return random.Next(3) switch
        {
            0 => new IcmpV6Message.Echo(random.Next(2) == 0, (ushort)random.Next(65536), (ushort)random.Next(65536), Payload(random)),
            1 => new IcmpV6Message.PacketTooBig((uint)random.Next(), Quoted(Ipv6(random).ToBytes(), 1232)),
            _ => new IcmpV6Message.Other((byte)random.Next(130, 256), (byte)random.Next(256), (uint)random.Next(), Payload(random)),
        };
    }

    /// <summary>An ESP header.</summary>
    public static EspHeader Esp(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new EspHeader(new Spi((uint)random.NextInt64(1, 1L << 32)), (uint)random.NextInt64(1L << 32));
    }

    /// <summary>Random bytes.</summary>
    public static ByteString Bytes(Random random, int count)
    {
        ArgumentNullException.ThrowIfNull(random);
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return ByteString.Adopt(bytes);
    }

    private static ByteString Quoted(byte[] packet, int mostBytes) => new(packet.AsSpan(0, Math.Min(packet.Length, mostBytes)));
}
