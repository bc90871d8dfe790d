using System.Collections.Immutable;

namespace Conformance.Spec.Wire;

/// <summary>The fields of an IPv6 header that a sender chooses, each within its range. RFC 8200 §3.</summary>
public sealed record Ipv6Header
{
    /// <summary>Traffic class.</summary>
    public byte TrafficClass { get; init; }

    /// <summary>Flow label, 20 bits.</summary>
    public uint FlowLabel { get; init => field = value <= 0xfffff ? value : throw new ArgumentOutOfRangeException(nameof(value)); }

    /// <summary>Hop limit.</summary>
    public byte HopLimit { get; init; } = 64;

    /// <summary>Source address.</summary>
    public required IpAddress Source { get; init => field = Ipv6(value); }

    /// <summary>Destination address of this header; a routing header may name another one.</summary>
    public required IpAddress Destination { get; init => field = Ipv6(value); }

    private static IpAddress Ipv6(IpAddress address) =>
        address.IsIpv6 ? address : throw new ArgumentException($"{address} is no IPv6 address", nameof(address));
}

/// <summary>A valid IPv6 packet with its chain of extension headers, whole or a fragment. RFC 8200 §3 and §4.</summary>
public sealed record Ipv6Packet
{
    /// <summary>Joins header, chain and upper layer.</summary>
    /// <exception cref="ArgumentException">Too long, hop-by-hop options not in front, or a chain that does not end where it should.</exception>
    public Ipv6Packet(Ipv6Header header, ImmutableArray<Ipv6ExtensionHeader> extensions, byte protocol, ByteString payload)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (Fault(extensions, payload.Length) is { } fault)
        {
            throw new ArgumentException(fault.ToString());
        }

        bool ended = extensions is [.., { IsLaterFragment: true }];
        if ((Ipv6ExtensionHeader.IsExtension(protocol) && !ended) || extensions.SkipLast(1).Any(e => e.IsLaterFragment))
        {
            throw new ArgumentException($"the chain does not end before protocol {protocol}", nameof(protocol));
        }

        Header = header;
        Extensions = extensions;
        Protocol = protocol;
        Payload = payload;
    }

    /// <summary>Header fields.</summary>
    public Ipv6Header Header { get; }

    /// <summary>Extension headers in order.</summary>
    public ImmutableArray<Ipv6ExtensionHeader> Extensions { get; }

    /// <summary>Protocol that the last header names.</summary>
    public byte Protocol { get; }

    /// <summary>What follows the chain.</summary>
    public ByteString Payload { get; }

    /// <summary>Length of header and chain, in bytes.</summary>
    public int HeaderBytes => Ipv6HeaderView.FixedBytes + Extensions.Sum(e => e.LengthBytes);

    /// <summary>Reads a packet; bytes behind its payload length are no part of it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Ipv6Packet? packet, out ParseError error)
    {
        packet = null;
        Ipv6HeaderView view = new(bytes);
        if (HeaderFault(bytes, view) is { } fault)
        {
            error = fault;
            return false;
        }

        bytes = bytes[..(Ipv6HeaderView.FixedBytes + view.PayloadLengthBytes)];
        ImmutableArray<Ipv6ExtensionHeader>.Builder extensions = ImmutableArray.CreateBuilder<Ipv6ExtensionHeader>();
        byte next = view.NextHeader;
        int at = Ipv6HeaderView.FixedBytes;
        while (Ipv6ExtensionHeader.IsExtension(next) && !(extensions.Count > 0 && extensions[^1].IsLaterFragment))
        {
            if (!Ipv6ExtensionHeader.TryParse(next, bytes, at, out Ipv6ExtensionHeader? extension, out error))
            {
                return false;
            }

            extensions.Add(extension!);
            next = bytes[at];
            at += extension!.LengthBytes;
        }

        ImmutableArray<Ipv6ExtensionHeader> chain = extensions.ToImmutable();
        if (Fault(chain, bytes.Length - at) is { } impossible)
        {
            error = impossible;
            return false;
        }

        Ipv6Header header = new()
        {
            TrafficClass = view.TrafficClass,
            FlowLabel = view.FlowLabel,
            HopLimit = view.HopLimit,
            Source = view.Source,
            Destination = view.Destination,
        };
        packet = new Ipv6Packet(header, chain, next, new ByteString(bytes[at..]));
        error = default;
        return true;
    }

    /// <summary>The packet with its length and its next header fields.</summary>
    public byte[] ToBytes() => IpPackets.Raw(Header.Source, Header.Destination, Protocol, Payload.Span, new IpPacketOptions
    {
        HopLimit = Header.HopLimit,
        TrafficClass = Header.TrafficClass,
        FlowLabel = Header.FlowLabel,
        ExtensionHeaders = [.. Extensions.Select(e => (e.Protocol, ByteString.Adopt(e.ToBytes(0))))],
    });

    /// <summary>Equal by content.</summary>
    public bool Equals(Ipv6Packet? other) =>
        other is not null && Header == other.Header && Protocol == other.Protocol && Payload == other.Payload
        && Extensions.SequenceEqual(other.Extensions);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Header, Extensions.Length, Protocol, Payload);

    /// <summary>Addresses, chain, protocol and payload size on one line.</summary>
    public override string ToString() =>
        $"IPv6 {Header.Source} > {Header.Destination} class 0x{Header.TrafficClass:x2} flow 0x{Header.FlowLabel:x5} hops {Header.HopLimit}"
        + string.Concat(Extensions.Select(e => $" {e}")) + $" protocol {Protocol} payload {Payload.Length} bytes";

    private static ParseError? HeaderFault(ReadOnlySpan<byte> bytes, Ipv6HeaderView view)
    {
        if (!bytes.IsEmpty && view.Version != 6)
        {
            return new ParseError("version", 0, $"{view.Version} is not 6");
        }

        if (bytes.Length < Ipv6HeaderView.FixedBytes)
        {
            return new ParseError("header", 0, $"{bytes.Length} bytes, a header has 40");
        }

        int there = bytes.Length - Ipv6HeaderView.FixedBytes;
        return view.PayloadLengthBytes > there
            ? new ParseError("payload length", 4, $"{view.PayloadLengthBytes} bytes, {there} are there")
            : null;
    }

    private static ParseError? Fault(ImmutableArray<Ipv6ExtensionHeader> extensions, int payloadBytes)
    {
        int at = Ipv6HeaderView.FixedBytes;
        int rest = extensions.Sum(e => e.LengthBytes) + payloadBytes;
        if (rest > ushort.MaxValue)
        {
            return new ParseError("payload length", 4, $"{rest} bytes");
        }

        foreach (Ipv6ExtensionHeader extension in extensions)
        {
            if (extension is Ipv6ExtensionHeader.HopByHopOptions && at != Ipv6HeaderView.FixedBytes)
            {
                return new ParseError("extension header", at, "hop-by-hop options stand behind another header");
            }

            rest -= extension.LengthBytes;
            if (extension is Ipv6ExtensionHeader.Fragment { MoreFragments: true } && rest % 8 != 0)
            {
                return new ParseError("M flag", at + 3, $"{rest} bytes before a next fragment, not a multiple of 8");
            }

            if (extension is Ipv6ExtensionHeader.Fragment fragment && fragment.OffsetBytes + rest > ushort.MaxValue)
            {
                return new ParseError("fragment offset", at + 2, "the datagram would be longer than 65535 bytes");
            }

            at += extension.LengthBytes;
        }

        return null;
    }
}
