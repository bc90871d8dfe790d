using Conformance.Generators.Wire;
using Conformance.Spec.Crypto;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Conformance.Generators.Sa;

/// <summary>A plain packet, an SA that it belongs to, and the IV that its sender drew. RFC 4303 §3.3.</summary>
/// <param name="Sa">Parameters of both sides.</param>
/// <param name="Plain">A valid packet, perhaps a fragment.</param>
/// <param name="Iv">Explicit IV.</param>
public sealed record SealingCase(SecurityAssociation Sa, ByteString Plain, ByteString Iv)
{
    /// <summary>SA without keys, and the packet.</summary>
    public override string ToString() => $"{SecurityAssociations.Describe(Sa)}: {DescribePlain()}";

    private string DescribePlain()
    {
        if (Ipv4Packet.TryParse(Plain.Span, out Ipv4Packet? ipv4, out _))
        {
            return $"{ipv4}";
        }

        return Ipv6Packet.TryParse(Plain.Span, out Ipv6Packet? ipv6, out _) ? $"{ipv6}" : new WireBytes("no IP packet", Plain).ToString();
    }
}

/// <summary>Arbitrary SAs: every mode and pair of families, every suite, UDP encapsulation, ESN, sequence numbers near 2^32.</summary>
public static class SecurityAssociations
{
    private static readonly EspSuite[] Suites = [.. EspSuites.All, .. EspSuites.EncryptionOnly];
    private static readonly int[] Windows = [1, 32, 64, 100, 1024];

    /// <summary>SAs; the smallest is IPv4 transport mode with the default suite, window 64 and nothing else.</summary>
    public static Arbitrary<SecurityAssociation> Any { get; } = WireArbitraries.FromSeed(Create, Shrink);

    /// <summary>SAs with a packet that belongs to them.</summary>
    public static Arbitrary<SealingCase> WithPacket { get; } = WireArbitraries.FromSeed(CreateCase, ShrinkCase);

    /// <summary>Mode, addresses, suite and options on one line, without keys.</summary>
    public static string Describe(SecurityAssociation sa)
    {
        ArgumentNullException.ThrowIfNull(sa);
        return $"{sa.Mode} {sa.Source} > {sa.Destination}"
            + (sa.InnerSource is null ? "" : $" (inner {sa.InnerSource} > {sa.InnerDestination})")
            + $" spi {sa.Spi} {sa.Suite} window {sa.ReplayWindowPackets} last {sa.LastSequence}"
            + (sa.ExtendedSequenceNumbers ? " ESN" : "") + (sa.Encapsulation is null ? "" : " UDP")
            + (sa.TfcPayloadBytes is { } tfc ? $" TFC {tfc}" : "");
    }

    private static SecurityAssociation Create(Random random) =>
        Create(random, random.Next(2) == 0, WireValues.Address(random, false), WireValues.Address(random, false));

    private static SecurityAssociation Create(Random random, bool isIpv6, IpAddress source, IpAddress destination)
    {
        EspMode mode = (EspMode)random.Next(3);
        bool outerIpv6 = mode == EspMode.Transport ? source.IsIpv6 : isIpv6;
        bool extended = random.Next(2) == 0;
        EspSuite suite = Suites[random.Next(Suites.Length)];
        return new SecurityAssociation
        {
            Spi = new Spi((uint)random.NextInt64(256, 1L << 32)),
            Mode = mode,
            Source = mode == EspMode.Transport ? source : WireValues.Address(random, outerIpv6),
            Destination = mode == EspMode.Transport ? destination : WireValues.Address(random, outerIpv6),
            InnerSource = mode == EspMode.Beet ? source : null,
            InnerDestination = mode == EspMode.Beet ? destination : null,
            Suite = suite,
            EncryptionKey = WireValues.Bytes(random, suite.EncryptionKeyMaterialBytes),
            IntegrityKey = WireValues.Bytes(random, suite.IntegrityKeyBytes),
            ExtendedSequenceNumbers = extended,
            ReplayWindowPackets = Windows[random.Next(Windows.Length)],
            LastSequence = new SequenceNumber(random.Next(3) switch
            {
                0 => 0,
                1 => (ulong)random.Next(),
                _ => extended ? ((ulong)random.Next(1, 9) << 32) - (ulong)random.Next(1, 3) : uint.MaxValue - 2,
            }),
            Encapsulation = random.Next(2) == 0 ? UdpEncapsulation.Default : null,
            TfcPayloadBytes = mode == EspMode.Tunnel && random.Next(3) == 0 ? random.Next(1, 3000) : null,
        };
    }

    private static SealingCase CreateCase(Random random)
    {
        bool fragments = random.Next(4) == 0;
        SecurityAssociation sa;
        ByteString plain;
        if (random.Next(2) == 0)
        {
            Ipv4Packet packet = WireValues.Ipv4(random, fragments);
            plain = ByteString.Adopt(packet.ToBytes());
            sa = Create(random, random.Next(2) == 0, packet.Header.Source, packet.Header.Destination);
        }
        else
        {
            Ipv6Packet packet = WireValues.Ipv6(random, fragments);
            plain = ByteString.Adopt(packet.ToBytes());
            sa = Create(random, random.Next(2) == 0, packet.Header.Source, packet.Header.Destination);
        }

        return new SealingCase(sa, plain, WireValues.Bytes(random, sa.Suite.IvBytes));
    }

    private static IEnumerable<SecurityAssociation> Shrink(SecurityAssociation sa)
    {
        SecurityAssociation[] plainer =
        [
            sa with { Encapsulation = null },
            sa with { TfcPayloadBytes = null },
            sa with { LastSequence = default },
            sa with { ExtendedSequenceNumbers = false, LastSequence = default },
            sa with { ReplayWindowPackets = 64 },
            sa with { Spi = new Spi(256) },
            WithSuite(sa, EspSuites.Default),
        ];
        return plainer.Where(s => s != sa);
    }

    private static SecurityAssociation WithSuite(SecurityAssociation sa, EspSuite suite) => sa.Suite == suite ? sa : sa with
    {
        Suite = suite,
        EncryptionKey = ByteString.Adopt(new byte[suite.EncryptionKeyMaterialBytes]),
        IntegrityKey = ByteString.Adopt(new byte[suite.IntegrityKeyBytes]),
    };

    // The packet keeps its addresses, since they tie it to the SA.
    private static IEnumerable<SealingCase> ShrinkCase(SealingCase value)
    {
        IEnumerable<byte[]> packets = [];
        if (Ipv4Packet.TryParse(value.Plain.Span, out Ipv4Packet? ipv4, out _))
        {
            packets = WireShrinkers.Shrink(ipv4!)
                .Where(p => p.Header.Source == ipv4!.Header.Source && p.Header.Destination == ipv4.Header.Destination).Select(p => p.ToBytes());
        }
        else if (Ipv6Packet.TryParse(value.Plain.Span, out Ipv6Packet? ipv6, out _))
        {
            packets = WireShrinkers.Shrink(ipv6!)
                .Where(p => p.Header.Source == ipv6!.Header.Source && p.Header.Destination == ipv6.Header.Destination).Select(p => p.ToBytes());
        }

        return packets.Select(bytes => value with { Plain = ByteString.Adopt(bytes) })
            .Concat(Shrink(value.Sa).Select(sa => value with { Sa = sa, Iv = ByteString.Adopt(new byte[sa.Suite.IvBytes]) }));
    }
}
