using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Conformance.Generators.Wire;

/// <summary>An upper-layer value with the addresses that its checksum covers.</summary>
/// <param name="Addresses">Source and destination.</param>
/// <param name="Value">Datagram, segment or message.</param>
public sealed record Addressed<T>(PseudoHeader Addresses, T Value)
    where T : notnull
{
    /// <summary>Addresses and value on one line.</summary>
    public override string ToString() => $"{Addresses.Source} > {Addresses.Destination}: {Value}";
}

/// <summary>Arbitrary packets of every kind, with shrinkers; FsCheck draws one seed a value.</summary>
public static class WireArbitraries
{
    /// <summary>IPv4 packets, fragments among them.</summary>
    public static Arbitrary<Ipv4Packet> Ipv4 { get; } = FromSeed(random => WireValues.Ipv4(random), WireShrinkers.Shrink);

    /// <summary>IPv6 packets with extension headers, fragments among them.</summary>
    public static Arbitrary<Ipv6Packet> Ipv6 { get; } = FromSeed(random => WireValues.Ipv6(random), WireShrinkers.Shrink);

    /// <summary>UDP over both families.</summary>
    public static Arbitrary<Addressed<UdpDatagram>> Udp { get; } = FromSeed(
        random =>
        {
            bool isIpv6 = random.Next(2) == 0;
            return new Addressed<UdpDatagram>(Addresses(random, isIpv6), WireValues.Udp(random, isIpv6));
        },
        Inside<UdpDatagram>(WireShrinkers.Shrink));

    /// <summary>TCP over both families.</summary>
    public static Arbitrary<Addressed<TcpSegment>> Tcp { get; } = FromSeed(
        random => new Addressed<TcpSegment>(Addresses(random, random.Next(2) == 0), WireValues.Tcp(random)), Inside<TcpSegment>(WireShrinkers.Shrink));

    /// <summary>ICMP.</summary>
    public static Arbitrary<IcmpMessage> Icmp { get; } = FromSeed(WireValues.Icmp, WireShrinkers.Shrink);

    /// <summary>ICMPv6.</summary>
    public static Arbitrary<Addressed<IcmpV6Message>> IcmpV6 { get; } = FromSeed(
        random => new Addressed<IcmpV6Message>(Addresses(random, true), WireValues.IcmpV6(random)), Inside<IcmpV6Message>(WireShrinkers.Shrink));

    /// <summary>ESP headers.</summary>
    public static Arbitrary<EspHeader> Esp { get; } = FromSeed(WireValues.Esp, WireShrinkers.Shrink);

    /// <summary>Addresses of both families; the plainest of the family is the smallest.</summary>
    public static Arbitrary<IpAddress> Address { get; } = FromSeed(
        random => WireValues.Address(random, random.Next(2) == 0),
        address => address == WireShrinkers.Plain(address.IsIpv6) ? [] : [WireShrinkers.Plain(address.IsIpv6)]);

    /// <summary>Random and mutated byte strings.</summary>
    public static Arbitrary<WireBytes> Bytes { get; } = FromSeed(
        random => new WireByteSource(random).Next(),
        bytes => WireShrinkers.Shrink(bytes.Bytes).Select(smaller => bytes with { Bytes = smaller }));

    /// <summary>One seed drives a local generator.</summary>
    public static Arbitrary<T> FromSeed<T>(Func<Random, T> create, Func<T, IEnumerable<T>> shrink) =>
        Arb.From(Gen.Choose(0, int.MaxValue - 1).Select(seed => create(new Random(seed))), shrink);

    private static PseudoHeader Addresses(Random random, bool isIpv6) => new(WireValues.Address(random, isIpv6), WireValues.Address(random, isIpv6));

    private static Func<Addressed<T>, IEnumerable<Addressed<T>>> Inside<T>(Func<T, IEnumerable<T>> shrink)
        where T : notnull => addressed => shrink(addressed.Value).Select(value => addressed with { Value = value });
}
