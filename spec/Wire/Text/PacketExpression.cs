using System.Buffers.Binary;
using System.Text;

namespace Conformance.Spec.Wire.Text;

/// <summary>A packet in words, for example «udp 13.0.0.8:5000 > 13.0.0.9:53 len 100 ttl 64 df».</summary>
/// <remarks>
/// A first word (udp, tcp, icmp, icmp6, esp, gre, ip), two addresses with ports where there are any, and options in any order:
/// len N, data 0xHEX, ttl N, tos N, dscp N, ecn N, id N, df, frag OFFSET [more], flow N, mark N;
/// tcp: syn, ack, fin, psh, rst, urg, ece, cwr, seq N, acknr N, win N; icmp: echo, reply, type N, code N, ident N, seq N;
/// esp: spi N, seq N, and { PACKET } for a packet to be sealed; gre: key N; ip: proto N.
/// </remarks>
public sealed record PacketExpression
{
    /// <summary>Most data that an expression may ask for, in bytes.</summary>
    public const int MostDataBytes = 65_000;

    private const byte UsualHopLimit = 64;

    /// <summary>Source address.</summary>
    public required IpAddress Source { get; init; }

    /// <summary>Destination address.</summary>
    public required IpAddress Destination { get; init; }

    /// <summary>False for a sealed packet whose addresses are those of its SA.</summary>
    public bool HasAddresses { get; init; } = true;

    /// <summary>What is on top of IP.</summary>
    public required UpperPart Upper { get; init; }

    /// <summary>Number of data bytes 0, 1, 2 …; without meaning when <see cref="Data"/> is given.</summary>
    public int LengthBytes { get; init; }

    /// <summary>Data to the byte, or null.</summary>
    public ByteString? Data { get; init; }

    /// <summary>TTL or hop limit.</summary>
    public byte HopLimit { get; init; } = UsualHopLimit;

    /// <summary>TOS or traffic class.</summary>
    public byte TrafficClass { get; init; }

    /// <summary>IPv4 identification.</summary>
    public ushort Identification { get; init; } = IpPacketOptions.Default.Identification;

    /// <summary>IPv4 DF.</summary>
    public bool DontFragment { get; init; }

    /// <summary>Fragment fields, or null for a whole datagram; a piece from an offset on has data only.</summary>
    public FragmentInfo? Fragment { get; init; }

    /// <summary>IPv6 flow label.</summary>
    public uint FlowLabel { get; init; }

    /// <summary>The mark that the packet carries inside the host.</summary>
    public uint Mark { get; init; }

    /// <summary>Reads an expression.</summary>
    public static bool TryParse(string text, out PacketExpression? expression, out TextError error) =>
        PacketExpressionReader.TryRead(text, out expression, out error);

    /// <summary>The whole packet with lengths and checksums.</summary>
    /// <exception cref="InvalidOperationException">It has a packet inside that is yet to be sealed.</exception>
    public byte[] ToBytes()
    {
        byte[] data = Data?.ToArray() ?? [.. Enumerable.Range(0, LengthBytes).Select(i => (byte)i)];
        byte[] payload = Fragment is { OffsetBytes: > 0 } ? data : Upper.ToBytes(new PseudoHeader(Source, Destination), data);
        IpPacketOptions options = new()
        {
            HopLimit = HopLimit,
            TrafficClass = TrafficClass,
            Identification = Identification,
            DontFragment = DontFragment,
            FlowLabel = FlowLabel,
        };
        if (Fragment is { } fragment)
        {
            options = Source.IsIpv6
                ? options with { ExtensionHeaders = [(IpProtocol.Fragment, FragmentHeader(fragment))] }
                : options with { FragmentOffsetBytes = fragment.OffsetBytes, MoreFragments = fragment.MoreFragments };
        }

        return IpPackets.Raw(Source, Destination, Upper.Protocol, payload, options);
    }

    /// <summary>The shortest expression for this packet.</summary>
    public override string ToString()
    {
        StringBuilder text = new(Upper.Word);
        if (HasAddresses)
        {
            text.Append($" {Endpoint(Source, Upper.Ports?.Source)} > {Endpoint(Destination, Upper.Ports?.Destination)}");
        }

        text.Append(Upper.OptionText)
            .Append(Data is { } data ? $" data 0x{data}" : LengthBytes != 0 ? $" len {LengthBytes}" : "")
            .Append(HopLimit != UsualHopLimit ? $" ttl {HopLimit}" : "")
            .Append(TrafficClass != 0 ? $" tos {TrafficClass}" : "")
            .Append(Identification != IpPacketOptions.Default.Identification ? $" id {Identification}" : "")
            .Append(DontFragment ? " df" : "")
            .Append(Fragment is { } fragment ? $" frag {fragment.OffsetBytes}{(fragment.MoreFragments ? " more" : "")}" : "")
            .Append(FlowLabel != 0 ? $" flow {FlowLabel}" : "")
            .Append(Mark != 0 ? $" mark {Mark}" : "");
        return text.ToString();
    }

    private static string Endpoint(IpAddress address, ushort? port) =>
        port is null ? $"{address}" : address.IsIpv6 ? $"[{address}]:{port}" : $"{address}:{port}";

    private ByteString FragmentHeader(FragmentInfo fragment)
    {
        byte[] header = new byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(fragment.OffsetBytes | (fragment.MoreFragments ? 1 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Identification);
        return ByteString.Adopt(header);
    }
}
