using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>The fields of an IPv4 header that a sender chooses, each within its range. RFC 791 §3.1.</summary>
public sealed record Ipv4Header
{
    /// <summary>Type of service. RFC 2474, RFC 3168.</summary>
    public byte TypeOfService { get; init; }

    /// <summary>Identification.</summary>
    public ushort Identification { get; init; }

    /// <summary>DF.</summary>
    public bool DontFragment { get; init; }

    /// <summary>MF.</summary>
    public bool MoreFragments { get; init; }

    /// <summary>Fragment offset in bytes, a multiple of 8 up to 65528.</summary>
    public int FragmentOffsetBytes
    {
        get;
        init => field = value is >= 0 and <= 0xfff8 && value % 8 == 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Time to live.</summary>
    public byte TimeToLive { get; init; } = 64;

    /// <summary>Protocol behind the header.</summary>
    public required byte Protocol { get; init; }

    /// <summary>Source address.</summary>
    public required IpAddress Source { get; init => field = Ipv4(value); }

    /// <summary>Destination address.</summary>
    public required IpAddress Destination { get; init => field = Ipv4(value); }

    /// <summary>Options, at most 40 bytes and a multiple of 4, each with a possible length.</summary>
    public ByteString Options
    {
        get;
        init => field = value.Length <= 40 && value.Length % 4 == 0 && OptionList.TryParse(value.Span, Ipv4HeaderView.FixedBytes, out _, out _)
            ? value
            : throw new ArgumentException("no list of IPv4 options", nameof(value));
    }

    /// <summary>Length with options, in bytes.</summary>
    public int LengthBytes => Ipv4HeaderView.FixedBytes + Options.Length;

    private static IpAddress Ipv4(IpAddress address) =>
        address.IsIpv6 ? throw new ArgumentException($"{address} is no IPv4 address", nameof(address)) : address;
}

/// <summary>A valid IPv4 packet, whole or a fragment. RFC 791 §3.1.</summary>
public sealed record Ipv4Packet
{
    /// <summary>Joins header and payload.</summary>
    /// <exception cref="ArgumentException">Too long, or a fragment that fits no datagram.</exception>
    public Ipv4Packet(Ipv4Header header, ByteString payload)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (Fault(header, payload.Length) is { } fault)
        {
            throw new ArgumentException(fault.ToString());
        }

        Header = header;
        Payload = payload;
    }

    /// <summary>Header fields.</summary>
    public Ipv4Header Header { get; }

    /// <summary>What follows the header.</summary>
    public ByteString Payload { get; }

    /// <summary>Reads a packet; bytes behind its total length are no part of it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Ipv4Packet? packet, out ParseError error)
    {
        packet = null;
        Ipv4HeaderView view = new(bytes);
        if (HeaderFault(bytes, view) is { } fault)
        {
            error = fault;
            return false;
        }

        if (!OptionList.TryParse(view.Options, Ipv4HeaderView.FixedBytes, out _, out error))
        {
            return false;
        }

        Ipv4Header header = new()
        {
            TypeOfService = view.TypeOfService,
            Identification = view.Identification,
            DontFragment = view.DontFragment,
            MoreFragments = view.MoreFragments,
            FragmentOffsetBytes = view.FragmentOffsetBytes,
            TimeToLive = view.TimeToLive,
            Protocol = view.Protocol,
            Source = view.Source,
            Destination = view.Destination,
            Options = new ByteString(view.Options),
        };
        if (Fault(header, view.Payload.Length) is { } impossible)
        {
            error = impossible;
            return false;
        }

        packet = new Ipv4Packet(header, new ByteString(view.Payload));
        return true;
    }

    /// <summary>The packet with its length and checksum.</summary>
    public byte[] ToBytes() => IpPackets.Raw(Header.Source, Header.Destination, Header.Protocol, Payload.Span, new IpPacketOptions
    {
        HopLimit = Header.TimeToLive,
        TrafficClass = Header.TypeOfService,
        Identification = Header.Identification,
        DontFragment = Header.DontFragment,
        MoreFragments = Header.MoreFragments,
        FragmentOffsetBytes = Header.FragmentOffsetBytes,
        Ipv4Options = Header.Options,
    });

    /// <summary>Addresses, protocol, fragment, options and payload size on one line.</summary>
    public override string ToString() =>
        $"IPv4 {Header.Source} > {Header.Destination} protocol {Header.Protocol} ttl {Header.TimeToLive} tos 0x{Header.TypeOfService:x2} id {Header.Identification}"
        + (Header.DontFragment ? " DF" : "") + (Header.MoreFragments ? " MF" : "")
        + (Header.FragmentOffsetBytes > 0 ? $" offset {Header.FragmentOffsetBytes}" : "")
        + (Header.Options.Length > 0 ? $" options {Header.Options}" : "") + $" payload {Payload.Length} bytes";

    private static ParseError? HeaderFault(ReadOnlySpan<byte> bytes, Ipv4HeaderView view)
    {
        if (!bytes.IsEmpty && view.Version != 4)
        {
            return new ParseError("version", 0, $"{view.Version} is not 4");
        }

        if (bytes.Length < Ipv4HeaderView.FixedBytes)
        {
            return new ParseError("header", 0, $"{bytes.Length} bytes, a header has 20");
        }

        if (view.HeaderLengthBytes < Ipv4HeaderView.FixedBytes || view.HeaderLengthBytes > bytes.Length)
        {
            return new ParseError("IHL", 0, $"{view.HeaderLengthBytes} bytes of header");
        }

        if (view.TotalLengthBytes < view.HeaderLengthBytes || view.TotalLengthBytes > bytes.Length)
        {
            return new ParseError("total length", 2, $"{view.TotalLengthBytes} of {bytes.Length} bytes");
        }

        if (!view.ChecksumIsRight)
        {
            return new ParseError("header checksum", 10, "wrong");
        }

        return view.ReservedFlag ? new ParseError("flags", 6, "the reserved bit is set") : null;
    }

    private static ParseError? Fault(Ipv4Header header, int payloadBytes)
    {
        if (header.LengthBytes + payloadBytes > ushort.MaxValue)
        {
            return new ParseError("total length", 2, $"{header.LengthBytes + payloadBytes} bytes");
        }

        if (header.MoreFragments && payloadBytes % 8 != 0)
        {
            return new ParseError("flags", 6, $"{payloadBytes} bytes before a next fragment, not a multiple of 8");
        }

        return header.LengthBytes + header.FragmentOffsetBytes + payloadBytes > ushort.MaxValue
            ? new ParseError("fragment offset", 6, "the datagram would be longer than 65535 bytes")
            : null;
    }
}
