using System.Collections.Immutable;
using Conformance.Generators.Wire;
using Conformance.Spec.Wire;
using FsCheck;

namespace Conformance.Generators.Offload;

/// <summary>What is wrong with the ESP packet that carries an item of a burst.</summary>
public enum BurstFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One bit of the ICV is flipped.</summary>
    Forged,

    /// <summary>It carries a number that came before.</summary>
    Replayed,

    /// <summary>It carries a number left of the window.</summary>
    LeftOfWindow,
}

/// <summary>Which SA carries an item of a burst.</summary>
public enum BurstCarrier
{
    /// <summary>The SA under test.</summary>
    UnderTest,

    /// <summary>A second SA between the same ends, as after a rekey: policy admits it as well.</summary>
    Successor,

    /// <summary>An SA with another peer, which policy does not admit for these addresses.</summary>
    OtherPeer,
}

/// <summary>One packet of a burst, relative to the one before it in its flow.</summary>
public sealed record BurstItem
{
    /// <summary>Flow; even ones are TCP, odd ones UDP.</summary>
    public int Flow { get; init; }

    /// <summary>The SA that carries it.</summary>
    public BurstCarrier Carrier { get; init; }

    /// <summary>Payload in bytes.</summary>
    public int PayloadBytes { get; init; } = 100;

    /// <summary>Bytes of the stream left out before it; below zero it overlaps.</summary>
    public int GapBytes { get; init; }

    /// <summary>Control bits of TCP.</summary>
    public TcpControl Control { get; init; } = TcpControl.Ack;

    /// <summary>Acknowledgment number.</summary>
    public uint Acknowledgment { get; init; } = 7;

    /// <summary>TCP options: none, or a timestamp of this value.</summary>
    public uint? Timestamp { get; init; }

    /// <summary>TOS or traffic class.</summary>
    public byte TrafficClass { get; init; }

    /// <summary>TTL or hop limit.</summary>
    public byte HopLimit { get; init; } = 64;

    /// <summary>IPv4 DF.</summary>
    public bool DontFragment { get; init; } = true;

    /// <summary>How far the IPv4 identification moves.</summary>
    public int IdentificationStep { get; init; } = 1;

    /// <summary>What is wrong with its ESP packet.</summary>
    public BurstFault Fault { get; init; }

    /// <summary>The VLAN of the frame around it; null for the one that the link is in.</summary>
    public ushort? VlanId { get; init; }

    /// <summary>Only what is not usual.</summary>
    public override string ToString()
    {
        BurstItem usual = new();
        List<string> words = [$"flow {Flow} {PayloadBytes} bytes"];
        void Tell(bool isUnusual, string word)
        {
            if (isUnusual)
            {
                words.Add(word);
            }
        }

        Tell(Carrier == BurstCarrier.Successor, "by the successor SA");
        Tell(Carrier == BurstCarrier.OtherPeer, "by the SA of another peer");
        Tell(GapBytes != 0, $"gap {GapBytes}");
        Tell(Control != usual.Control, $"[{Control}]");
        Tell(Acknowledgment != usual.Acknowledgment, $"ack {Acknowledgment}");
        Tell(Timestamp is not null, $"timestamp {Timestamp}");
        Tell(TrafficClass != 0, $"class {TrafficClass}");
        Tell(HopLimit != usual.HopLimit, $"TTL {HopLimit}");
        Tell(!DontFragment, "may be fragmented");
        Tell(IdentificationStep != 1, $"id +{IdentificationStep}");
        Tell(Fault != BurstFault.None, Fault.ToString());
        Tell(VlanId is not null, $"in VLAN {VlanId}");
        return string.Join(' ', words);
    }
}

/// <summary>What one poll of a device is to bring.</summary>
/// <param name="Items">The packets in order.</param>
public sealed record Burst(ImmutableArray<BurstItem> Items)
{
    private const int Flows = 4;

    /// <summary>Bursts of up to 40 packets; the smallest is one packet.</summary>
    public static Arbitrary<Burst> Arbitrary { get; } = WireArbitraries.FromSeed(Draw, Shrink);

    /// <summary>A random burst of packets that policy admits: mostly long runs that may merge, with a disturbance here and there.</summary>
    public static Burst Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int count = random.Next(2, 41);
        int flows = random.Next(1, Flows + 1);
        bool hasSuccessor = random.Next(4) == 0;
        BurstItem[] usual = [.. Enumerable.Range(0, Flows).Select(flow => Usual(random, flow))];
        return new Burst([.. Enumerable.Range(0, count).Select(_ =>
        {
            BurstItem item = usual[random.Next(flows)];
            item = hasSuccessor && random.Next(6) == 0 ? item with { Carrier = BurstCarrier.Successor } : item;
            return random.Next(5) == 0 ? Disturb(random, item) : item;
        })]);
    }

    /// <summary>Fewer packets first, then plainer ones.</summary>
    public static IEnumerable<Burst> Shrink(Burst burst)
    {
        ArgumentNullException.ThrowIfNull(burst);
        for (int half = burst.Items.Length / 2; half >= 1; half /= 2)
        {
            for (int at = 0; at + half <= burst.Items.Length && half < burst.Items.Length; at += half)
            {
                yield return new Burst(burst.Items.RemoveRange(at, half));
            }
        }

        for (int i = 0; i < burst.Items.Length; i++)
        {
            foreach (BurstItem plainer in Plainer(burst.Items[i]))
            {
                yield return new Burst(burst.Items.SetItem(i, plainer));
            }
        }
    }

    /// <summary>The plain packets in order, between two addresses of one family.</summary>
    public IReadOnlyList<ByteString> Between(IpAddress source, IpAddress destination)
    {
        uint[] next = new uint[Flows];
        ushort[] identification = new ushort[Flows];
        List<ByteString> packets = new(Items.Length);
        foreach (BurstItem item in Items)
        {
            next[item.Flow] += (uint)item.GapBytes;
            identification[item.Flow] += (ushort)item.IdentificationStep;
            packets.Add(Packet(item, source, destination, next[item.Flow], identification[item.Flow]));
            next[item.Flow] += (uint)item.PayloadBytes;
        }

        return packets;
    }

    /// <summary>One item a line.</summary>
    public override string ToString() => string.Join('\n', Items);

    private static ByteString Packet(BurstItem item, IpAddress source, IpAddress destination, uint sequence, ushort identification)
    {
        PseudoHeader addresses = new(source, destination);
        ushort port = (ushort)(40000 + item.Flow);
        ByteString data = Pattern.Bytes(item.PayloadBytes, sequence);
        bool isTcp = item.Flow % 2 == 0;
        byte[] upper = isTcp
            ? new TcpSegment
            {
                SourcePort = port,
                DestinationPort = 5001,
                Sequence = sequence,
                Acknowledgment = item.Acknowledgment,
                Window = 1000,
                Control = item.Control,
                Options = item.Timestamp is { } value ? ByteString.FromHex($"0101080a{value:x8}00000001") : ByteString.Empty,
                Data = data,
            }.ToBytes(addresses)
            : new UdpDatagram { SourcePort = port, DestinationPort = 5001, Data = data }.ToBytes(addresses);
        return ByteString.Adopt(IpPackets.Raw(source, destination, isTcp ? IpProtocol.Tcp : IpProtocol.Udp, upper, new IpPacketOptions
        {
            TrafficClass = item.TrafficClass,
            HopLimit = item.HopLimit,
            DontFragment = item.DontFragment,
            Identification = identification,
        }));
    }

    private static BurstItem Usual(Random random, int flow) => new()
    {
        Flow = flow,
        PayloadBytes = random.Next(3) switch { 0 => random.Next(1, 17), 1 => 1000, _ => random.Next(17, 1200) },
        DontFragment = random.Next(3) != 0,
        Timestamp = random.Next(3) == 0 ? 1u : null,
    };

    private static BurstItem Disturb(Random random, BurstItem item) => random.Next(14) switch
    {
        0 => item with { GapBytes = item.PayloadBytes },
        1 => item with { GapBytes = -item.PayloadBytes },
        // An empty datagram is seen to pass the one before it: a test of its own says so, else nothing behind it would be judged.
        2 => item with { PayloadBytes = random.Next(item.Flow % 2, item.PayloadBytes) },
        3 => item with { PayloadBytes = item.PayloadBytes + random.Next(1, 10) },
        4 => item with { Control = item.Control | TcpControl.Psh },
        5 => item with { Control = item.Control | TcpControl.Fin },
        6 => item with { Control = item.Control | (random.Next(2) == 0 ? TcpControl.Cwr : TcpControl.Ece) },
        7 => item with { Control = item.Control | (random.Next(2) == 0 ? TcpControl.Urg : TcpControl.Rst) },
        8 => item with { Acknowledgment = 8 },
        9 => item with { Timestamp = 2 },
        10 => item with { TrafficClass = (byte)(random.Next(1, 64) << 2) },
        11 => item with { HopLimit = 63 },
        // Who lets packets be fragmented may not repeat an identification (RFC 6864 §4): what becomes of such is nobody's fault.
        12 => item with { IdentificationStep = item.DontFragment && random.Next(2) == 0 ? 0 : 2 },
        _ => item with { Fault = (BurstFault)random.Next(1, 4) },
    };

    private static IEnumerable<BurstItem> Plainer(BurstItem item)
    {
        BurstItem plain = new() { Flow = item.Flow };
        BurstItem[] simpler =
        [
            plain,
            item with { Carrier = BurstCarrier.UnderTest },
            item with { PayloadBytes = plain.PayloadBytes },
            item with { GapBytes = 0 },
            item with { Control = plain.Control },
            item with { Acknowledgment = plain.Acknowledgment },
            item with { Timestamp = null },
            item with { TrafficClass = 0 },
            item with { HopLimit = plain.HopLimit },
            item with { DontFragment = true },
            item with { IdentificationStep = 1 },
            item with { Fault = BurstFault.None },
            item with { VlanId = null },
        ];
        return simpler.Where(next => next != item);
    }
}
