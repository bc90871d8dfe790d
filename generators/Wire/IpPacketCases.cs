using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Conformance.Generators.Wire;

/// <summary>A plain packet as its builder sees it, so that it can be shrunk and printed.</summary>
/// <param name="Source">Source address.</param>
/// <param name="Destination">Destination address.</param>
/// <param name="IsUdp">UDP with a checksum, or protocol 253.</param>
/// <param name="PayloadBytes">Data behind the upper header, in bytes.</param>
/// <param name="Seed">Of the payload's content.</param>
/// <param name="Options">Header fields.</param>
public sealed record IpPacketCase(IpAddress Source, IpAddress Destination, bool IsUdp, int PayloadBytes, int Seed, IpPacketOptions Options)
{
    private const ushort SourcePort = 1024;
    private const ushort DestinationPort = 2048;

    /// <summary>The packet.</summary>
    public byte[] ToBytes()
    {
        byte[] payload = new byte[PayloadBytes];
        new Random(Seed).NextBytes(payload);
        return IsUdp
            ? IpPackets.Udp(Source, Destination, SourcePort, DestinationPort, payload, Options)
            : IpPackets.Raw(Source, Destination, IpProtocol.Experiment253, payload, Options);
    }

    /// <summary>Addresses, protocol, sizes.</summary>
    public override string ToString() =>
        $"{Source} -> {Destination} {(IsUdp ? "udp" : "253")} {PayloadBytes} bytes, ttl {Options.HopLimit}, tos {Options.TrafficClass:x2}"
        + $"{(Options.DontFragment ? ", DF" : "")}, {Options.Ipv4Options.Length} bytes of options, {Options.ExtensionHeaders.Count} extension headers";
}

/// <summary>Plain packets of both families, with options and extension headers, at the sizes where things break.</summary>
public static class IpPacketCases
{
    private static readonly int[] Sizes = [0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 63, 64, 65, 1279, 1280, 1400, 1452, 1472, 9000, 65_000];

    /// <summary>Whole packets, no fragments.</summary>
    public static Arbitrary<IpPacketCase> Packets(bool? ipv6 = null) => Arb.From(
        from six in ipv6 is { } fixedFamily ? Gen.Constant(fixedFamily) : Gen.Elements(false, true)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select Build(six, new Random(seed), seed),
        Shrink);

    /// <summary>Byte strings: noise, packets, and packets with some bytes changed or cut off.</summary>
    public static byte[] Bytes(Random random)
    {
        if (random.Next(4) == 0)
        {
            byte[] noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            return noise;
        }

        byte[] packet = (Build(random.Next(2) == 0, random, random.Next()) with { PayloadBytes = random.Next(120) }).ToBytes();
        for (int i = random.Next(4); i > 0; i--)
        {
            packet[random.Next(Math.Min(packet.Length, 80))] = (byte)random.Next(256);
        }

        return random.Next(3) == 0 ? packet[..random.Next(packet.Length + 1)] : packet;
    }

    private static IpPacketCase Build(bool ipv6, Random random, int seed)
    {
        IpAddress Address() => ipv6
            ? new IpAddress(((UInt128)0x20010db8u << 96) | (uint)random.Next(1, 1 << 20), true)
            : new IpAddress((0xc0000200u & 0xffffff00) | (uint)random.Next(1, 255), false);
        IpPacketOptions options = new()
        {
            HopLimit = (byte)random.Next(1, 256),
            TrafficClass = (byte)random.Next(256),
            Identification = (ushort)random.Next(1, 65536),
            DontFragment = random.Next(2) == 0,
            FlowLabel = (uint)random.Next(1 << 20),
            Ipv4Options = ipv6 || random.Next(3) > 0 ? default : ByteString.Adopt([.. Enumerable.Repeat((byte)1, 4 * random.Next(1, 11))]),
            ExtensionHeaders = ipv6 && random.Next(3) == 0 ? ExtensionHeaders(random) : [],
        };
        return new IpPacketCase(Address(), Address(), random.Next(2) == 0, Sizes[random.Next(Sizes.Length)], seed, options);
    }

    // In the order that RFC 8200 §4.1 recommends.
    private static List<(byte Protocol, ByteString Header)> ExtensionHeaders(Random random)
    {
        List<(byte, ByteString)> headers = [];
        foreach (byte protocol in new[] { IpProtocol.HopByHopOptions, IpProtocol.DestinationOptions, IpProtocol.Routing })
        {
            if (random.Next(2) == 0)
            {
                byte[] header = new byte[8 * random.Next(1, 4)];
                header[1] = (byte)((header.Length / 8) - 1);
                if (protocol != IpProtocol.Routing)
                {
                    // PadN over the rest.
                    header[2] = 1;
                    header[3] = (byte)(header.Length - 4);
                }

                headers.Add((protocol, ByteString.Adopt(header)));
            }
        }

        return headers;
    }

    private static IEnumerable<IpPacketCase> Shrink(IpPacketCase packet)
    {
        if (packet.PayloadBytes > 0)
        {
            yield return packet with { PayloadBytes = packet.PayloadBytes / 2 };
            yield return packet with { PayloadBytes = packet.PayloadBytes - 1 };
        }

        if (packet.Options.Ipv4Options.Length > 0)
        {
            yield return packet with { Options = packet.Options with { Ipv4Options = default } };
        }

        if (packet.Options.ExtensionHeaders.Count > 0)
        {
            yield return packet with { Options = packet.Options with { ExtensionHeaders = [.. packet.Options.ExtensionHeaders.Skip(1)] } };
        }

        if (packet.IsUdp)
        {
            yield return packet with { IsUdp = false };
        }
    }
}
