using Conformance.Spec.Wire;

namespace Conformance.Generators.Wire;

/// <summary>A byte string and how it came about.</summary>
/// <param name="Origin">For example "IPv4, truncated".</param>
/// <param name="Bytes">The bytes.</param>
public sealed record WireBytes(string Origin, ByteString Bytes)
{
    private const int ShownBytes = 80;

    /// <summary>Origin, length and the first bytes in hex.</summary>
    public override string ToString() =>
        $"{Origin}, {Bytes.Length} bytes: {Convert.ToHexStringLower(Bytes.Span[..Math.Min(ShownBytes, Bytes.Length)])}{(Bytes.Length > ShownBytes ? "…" : "")}";
}

/// <summary>Byte strings for parsers: random ones, and valid ones of a pool with one to four small faults.</summary>
/// <param name="random">Local generator.</param>
public sealed class WireByteSource(Random random)
{
    private const int LargestPooledBytes = 600;
    private static readonly (string Name, Func<Random, ByteString> Create)[] Kinds =
    [
        ("IPv4", random => ByteString.Adopt(WireValues.Ipv4(random).ToBytes())),
        ("IPv6", random => ByteString.Adopt(WireValues.Ipv6(random).ToBytes())),
        ("UDP over IPv4", random => Whole(random, false, IpProtocol.Udp, a => WireValues.Udp(random, false).ToBytes(a))),
        ("UDP over IPv6", random => Whole(random, true, IpProtocol.Udp, a => WireValues.Udp(random, true).ToBytes(a))),
        ("TCP over IPv4", random => Whole(random, false, IpProtocol.Tcp, a => WireValues.Tcp(random).ToBytes(a))),
        ("ICMP over IPv4", random => Whole(random, false, IpProtocol.Icmp, _ => WireValues.Icmp(random).ToBytes())),
        ("ICMPv6", random => Whole(random, true, IpProtocol.IcmpV6, a => WireValues.IcmpV6(random).ToBytes(a))),
        ("ICMP", random => ByteString.Adopt(WireValues.Icmp(random).ToBytes())),
        ("TCP", random => ByteString.Adopt(WireValues.Tcp(random).ToBytes(default))),
        ("UDP", random => ByteString.Adopt(WireValues.Udp(random, false).ToBytes(default))),
    ];

    private static readonly (string Name, ByteString Bytes)[] Pool = [.. CreatePool()];

    /// <summary>The next byte string; one in four is random, the rest are mutated packets of the pool.</summary>
    public WireBytes Next()
    {
        if (random.Next(4) == 0)
        {
            return new WireBytes("random", WireValues.Bytes(random, random.Next(random.Next(2) == 0 ? 24 : 120)));
        }

        (string name, ByteString valid) = Pool[random.Next(Pool.Length)];
        return new WireBytes(name + ", mutated", Mutate(valid));
    }

    /// <summary>One to four small faults: bits, bytes, boundary values, a cut, an extension; often the header is made whole again.</summary>
    public ByteString Mutate(ByteString valid)
    {
        byte[] bytes = valid.ToArray();
        for (int faults = random.Next(1, 5); faults > 0; faults--)
        {
            bytes = Fault(bytes);
        }

        // Otherwise the checksum would hide all that lies behind it.
        if (random.Next(2) == 0 && bytes.Length >= Ipv4HeaderView.FixedBytes && bytes[0] >> 4 == 4 && (bytes[0] & 0x0f) * 4 <= bytes.Length)
        {
            int total = (bytes[2] << 8) | bytes[3];
            IpPackets.FinishHeader(random.Next(2) == 0 ? bytes : bytes.AsSpan(0, Math.Clamp(total, Math.Max(12, (bytes[0] & 0x0f) * 4), bytes.Length)));
        }

        return ByteString.Adopt(bytes);
    }

    private static IEnumerable<(string Name, ByteString Bytes)> CreatePool()
    {
        Random fixedSeed = new(3948);
        foreach ((string name, Func<Random, ByteString> create) in Kinds)
        {
            for (int i = 0; i < 200; i++)
            {
                ByteString bytes = create(fixedSeed);
                if (bytes.Length <= LargestPooledBytes)
                {
                    yield return (name, bytes);
                }
            }
        }
    }

    private static ByteString Whole(Random random, bool isIpv6, byte protocol, Func<PseudoHeader, byte[]> upper)
    {
        PseudoHeader addresses = new(WireValues.Address(random, isIpv6), WireValues.Address(random, isIpv6));
        return ByteString.Adopt(IpPackets.Raw(addresses.Source, addresses.Destination, protocol, upper(addresses), new IpPacketOptions
        {
            Ipv4Options = isIpv6 ? ByteString.Empty : WireValues.Options(random),
            ExtensionHeaders = isIpv6
                ? [.. WireValues.Extensions(random, false).Select(e => (e.Protocol, ByteString.Adopt(e.ToBytes(0))))]
                : [],
        }));
    }

    private byte[] Fault(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        // Headers are where decisions are: half of the faults hit the first 48 bytes.
        int at = random.Next(random.Next(2) == 0 ? bytes.Length : Math.Min(48, bytes.Length));
        switch (random.Next(6))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes, .. WireValues.Bytes(random, random.Next(1, 20)).Span];
            case 2:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 3:
                bytes[at] = (byte)(random.Next(2) == 0 ? 0 : 0xff);
                return bytes;
            case 4:
                bytes[at] += (byte)(random.Next(2) == 0 ? 1 : 0xff);
                return bytes;
            default:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }
}
