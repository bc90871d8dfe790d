using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>The addresses that the checksums of UDP, TCP and ICMPv6 cover. RFC 768, RFC 8200 §8.1.</summary>
/// <param name="Source">Source address.</param>
/// <param name="Destination">Final destination address.</param>
public readonly record struct PseudoHeader(IpAddress Source, IpAddress Destination)
{
    /// <summary>The checksum of a segment whose checksum field is zero, or 0 if the field in it is right.</summary>
    public ushort Checksum(byte protocol, ReadOnlySpan<byte> segment) => InternetChecksum.Compute(Source, Destination, protocol, segment);
}

/// <summary>A UDP header over any bytes whatever; missing bytes read as zero. RFC 768.</summary>
/// <param name="bytes">From the source port on.</param>
public readonly ref struct UdpView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Length of the header, in bytes.</summary>
    public const int HeaderBytes = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Source port.</summary>
    public ushort SourcePort => LooseFields.Word(_bytes, 0);

    /// <summary>Destination port.</summary>
    public ushort DestinationPort => LooseFields.Word(_bytes, 2);

    /// <summary>Length of header and data in bytes, as the field says.</summary>
    public int LengthBytes => LooseFields.Word(_bytes, 4);

    /// <summary>Checksum as it stands; 0 means none.</summary>
    public ushort Checksum => LooseFields.Word(_bytes, 6);

    /// <summary>Data by the datagram's own length, as far as it is there.</summary>
    public ReadOnlySpan<byte> Data => LooseFields.Run(_bytes, HeaderBytes, LengthBytes - HeaderBytes);
}

/// <summary>A valid UDP datagram. RFC 768, RFC 8200 §8.1.</summary>
public sealed record UdpDatagram
{
    /// <summary>Source port; 0 means none.</summary>
    public required ushort SourcePort { get; init; }

    /// <summary>Destination port.</summary>
    public required ushort DestinationPort { get; init; }

    /// <summary>False for a datagram without checksum, which only IPv4 allows.</summary>
    public bool HasChecksum { get; init; } = true;

    /// <summary>Data, at most 65527 bytes.</summary>
    public ByteString Data
    {
        get;
        init => field = value.Length <= ushort.MaxValue - UdpView.HeaderBytes ? value : throw new ArgumentException("too long", nameof(value));
    }

    /// <summary>Reads a datagram; bytes behind its length are no part of it.</summary>
    public static bool TryParse(PseudoHeader addresses, ReadOnlySpan<byte> bytes, out UdpDatagram? datagram, out ParseError error)
    {
        datagram = null;
        error = default;
        UdpView view = new(bytes);
        if (bytes.Length < UdpView.HeaderBytes)
        {
            error = new ParseError("header", 0, $"{bytes.Length} bytes, a header has 8");
            return false;
        }

        if (view.LengthBytes < UdpView.HeaderBytes || view.LengthBytes > bytes.Length)
        {
            error = new ParseError("length", 4, $"{view.LengthBytes} of {bytes.Length} bytes");
            return false;
        }

        if (view.Checksum == 0 && addresses.Source.IsIpv6)
        {
            error = new ParseError("checksum", 6, "none, but IPv6 asks for one");
            return false;
        }

        if (view.Checksum != 0 && addresses.Checksum(IpProtocol.Udp, bytes[..view.LengthBytes]) != 0)
        {
            error = new ParseError("checksum", 6, "wrong");
            return false;
        }

        datagram = new UdpDatagram
        {
            SourcePort = view.SourcePort,
            DestinationPort = view.DestinationPort,
            HasChecksum = view.Checksum != 0,
            Data = new ByteString(view.Data),
        };
        return true;
    }

    /// <summary>The datagram with its length and checksum.</summary>
    /// <exception cref="ArgumentException">No checksum over IPv6.</exception>
    public byte[] ToBytes(PseudoHeader addresses)
    {
        if (!HasChecksum && addresses.Source.IsIpv6)
        {
            throw new ArgumentException("UDP over IPv6 has a checksum", nameof(addresses));
        }

        byte[] bytes = new byte[UdpView.HeaderBytes + Data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)bytes.Length);
        Data.Span.CopyTo(bytes.AsSpan(UdpView.HeaderBytes));
        if (HasChecksum)
        {
            // Zero on the wire would mean no checksum; all ones is the other zero.
            ushort checksum = addresses.Checksum(IpProtocol.Udp, bytes);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), checksum == 0 ? ushort.MaxValue : checksum);
        }

        return bytes;
    }

    /// <summary>Ports and size on one line.</summary>
    public override string ToString() => $"UDP {SourcePort} > {DestinationPort}{(HasChecksum ? "" : " without checksum")} data {Data.Length} bytes";
}
