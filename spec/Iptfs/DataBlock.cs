using System.Buffers.Binary;

namespace Conformance.Spec.Iptfs;

/// <summary>What the first bytes of a data block say. RFC 9347 §2.2.1, §6.1.3.</summary>
public enum DataBlockKind
{
    /// <summary>Padding up to the end of the payload.</summary>
    Pad,

    /// <summary>An IP packet whose length is known.</summary>
    Packet,

    /// <summary>An IP packet whose length field is not there yet.</summary>
    Cut,

    /// <summary>No type that is known, or a length that no packet has.</summary>
    Malformed,
}

/// <summary>The begin of a data block.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="LengthBytes">Length of a packet by its own header; 0 for the others.</param>
public readonly record struct DataBlock(DataBlockKind Kind, int LengthBytes)
{
    /// <summary>Type of padding.</summary>
    public const byte PadType = 0;

    private const byte Ipv4Type = 4;
    private const byte Ipv6Type = 6;
    private const int Ipv4LengthEnd = 4;
    private const int Ipv6LengthEnd = 6;
    private const int Ipv4HeaderBytes = 20;
    private const int Ipv6HeaderBytes = 40;

    /// <summary>Reads the begin of a block; type and length are those of the packet itself.</summary>
    /// <param name="bytes">At least one byte.</param>
    public static DataBlock Read(ReadOnlySpan<byte> bytes)
    {
        switch (bytes[0] >> 4)
        {
            case PadType:
                return new(DataBlockKind.Pad, 0);
            case Ipv4Type when bytes.Length < Ipv4LengthEnd:
            case Ipv6Type when bytes.Length < Ipv6LengthEnd:
                return new(DataBlockKind.Cut, 0);
            case Ipv4Type:
                int header = (bytes[0] & 0x0f) * 4;
                int total = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
                return header >= Ipv4HeaderBytes && total >= header ? new(DataBlockKind.Packet, total) : new(DataBlockKind.Malformed, 0);
            case Ipv6Type:
                return new(DataBlockKind.Packet, Ipv6HeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]));
            default:
                return new(DataBlockKind.Malformed, 0);
        }
    }
}
