using Conformance.Generators.Wire;
using Conformance.Spec.Offload;
using Conformance.Spec.Wire;
using FsCheck;

namespace Conformance.Generators.Offload;

/// <summary>A super-packet without its addresses, which the connection gives.</summary>
public sealed record SuperPacket
{
    // About the least MSS that stacks use; smaller segments have a test of their own, since a known fault would hide all else.
    private const int LeastSegmentBytes = 88;
    private const ushort SourcePort = 40000;
    private const ushort DestinationPort = 5001;

    /// <summary>How it is cut.</summary>
    public SegmentationKind Kind { get; init; } = SegmentationKind.Tcp;

    /// <summary>Payload of each segment but the last, in bytes.</summary>
    public int SegmentBytes { get; init; } = 100;

    /// <summary>Payload of the whole, in bytes.</summary>
    public int PayloadBytes { get; init; } = 200;

    /// <summary>True where the sender left the checksum to a later stage.</summary>
    public bool ChecksumIsPartial { get; init; } = true;

    /// <summary>First TCP sequence number.</summary>
    public uint Sequence { get; init; } = 1;

    /// <summary>Control bits of TCP.</summary>
    public TcpControl Control { get; init; } = TcpControl.Ack;

    /// <summary>Options of TCP.</summary>
    public ByteString Options { get; init; }

    /// <summary>TOS or traffic class.</summary>
    public byte TrafficClass { get; init; }

    /// <summary>IPv4 identification of the first segment.</summary>
    public ushort Identification { get; init; } = 1;

    /// <summary>IPv4 DF.</summary>
    public bool DontFragment { get; init; }

    /// <summary>Super-packets of 2 segments to 64 KiB; the smallest has a segment of 88 bytes and one of one byte. A super-packet always leaves its checksum to a later stage (virtio 1.2 §5.1.6.2).</summary>
    public static Arbitrary<SuperPacket> Arbitrary { get; } = WireArbitraries.FromSeed(Draw, Shrink);

    /// <summary>Segments that it stands for.</summary>
    public int Segments => (PayloadBytes + SegmentBytes - 1) / SegmentBytes;

    /// <summary>What travels beside it.</summary>
    public PacketOffload Offload => new() { Kind = Kind, SegmentBytes = SegmentBytes, ChecksumIsPartial = ChecksumIsPartial };

    /// <summary>A random one, with sizes at the edges of segments.</summary>
    public static SuperPacket Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int segment = random.Next(4) switch
        {
            0 => random.Next(LeastSegmentBytes, LeastSegmentBytes + 9),
            1 => random.Next(500, 541),
            2 => random.Next(1100, 1241),
            _ => random.Next(LeastSegmentBytes, 1200),
        };
        int most = Math.Min(64, 64_000 / segment);
        int count = random.Next(6) == 0 ? most : random.Next(2, Math.Min(most, 9) + 1);
        int last = random.Next(3) switch { 0 => segment, 1 => 1, _ => random.Next(1, segment + 1) };
        bool isTcp = random.Next(4) != 0;
        TcpControl[] bits = [TcpControl.Fin, TcpControl.Psh, TcpControl.Ece, TcpControl.Cwr, TcpControl.Urg];
        return new SuperPacket
        {
            Kind = isTcp ? SegmentationKind.Tcp : SegmentationKind.Udp,
            SegmentBytes = segment,
            PayloadBytes = ((count - 1) * segment) + last,
            Sequence = random.Next(2) == 0 ? uint.MaxValue - (uint)random.Next(segment * count) : (uint)random.NextInt64(uint.MaxValue),
            Control = bits.Where(_ => isTcp && random.Next(3) == 0).Aggregate(TcpControl.Ack, (all, bit) => all | bit),
            Options = isTcp && random.Next(2) == 0 ? WireValues.Options(random) : ByteString.Empty,
            TrafficClass = random.Next(2) == 0 ? (byte)0 : (byte)(random.Next(64) << 2),
            Identification = (ushort)random.Next(ushort.MaxValue + 1),
            DontFragment = random.Next(2) == 0,
        };
    }

    /// <summary>Simpler ones.</summary>
    public static IEnumerable<SuperPacket> Shrink(SuperPacket packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        SuperPacket plain = new();
        SuperPacket[] simpler =
        [
            packet with { PayloadBytes = packet.SegmentBytes + 1 },
            packet with { PayloadBytes = packet.SegmentBytes * 2 },
            packet with { PayloadBytes = packet.PayloadBytes - packet.SegmentBytes },
            packet with { SegmentBytes = LeastSegmentBytes, PayloadBytes = LeastSegmentBytes + 1 },
            packet with { Options = ByteString.Empty },
            packet with { Control = TcpControl.Ack },
            packet with { TrafficClass = 0 },
            packet with { Sequence = plain.Sequence },
            packet with { Identification = plain.Identification },
            packet with { DontFragment = false },
            packet with { Kind = SegmentationKind.Udp, Control = TcpControl.Ack, Options = ByteString.Empty },
        ];
        return simpler.Where(next => next != packet && next.PayloadBytes <= packet.PayloadBytes && next.PayloadBytes > next.SegmentBytes);
    }

    /// <summary>The datagram between two addresses of one family; the payload counts, so that a byte tells its place.</summary>
    public ByteString Between(IpAddress source, IpAddress destination)
    {
        PseudoHeader addresses = new(source, destination);
        ByteString data = Pattern.Bytes(PayloadBytes, Sequence);
        byte[] upper = Kind == SegmentationKind.Udp
            ? new UdpDatagram { SourcePort = SourcePort, DestinationPort = DestinationPort, Data = data }.ToBytes(addresses)
            : new TcpSegment
            {
                SourcePort = SourcePort,
                DestinationPort = DestinationPort,
                Sequence = Sequence,
                Acknowledgment = 7,
                Window = 1000,
                Control = Control,
                Options = Options,
                Data = data,
            }.ToBytes(addresses);
        byte[] datagram = IpPackets.Raw(source, destination, Kind == SegmentationKind.Udp ? IpProtocol.Udp : IpProtocol.Tcp, upper, new IpPacketOptions
        {
            TrafficClass = TrafficClass,
            Identification = Identification,
            DontFragment = DontFragment,
        });
        if (ChecksumIsPartial)
        {
            PartialChecksum.Leave(datagram);
        }

        return ByteString.Adopt(datagram);
    }

    /// <summary>Kind, sizes and fields on one line.</summary>
    public override string ToString() =>
        $"{Kind} {PayloadBytes} bytes in segments of {SegmentBytes}" + (Kind == SegmentationKind.Tcp ? $" [{Control}] seq {Sequence}" : "")
        + (Options.Length > 0 ? $" options {Options}" : "") + (TrafficClass != 0 ? $" class {TrafficClass}" : "")
        + (DontFragment ? " DF" : $" id {Identification}") + (ChecksumIsPartial ? "" : ", checksum whole");
}
