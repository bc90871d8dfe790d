using Conformance.Spec.Wire;

namespace Conformance.Spec.Iptfs;

/// <summary>An AGGFRAG payload over any bytes whatever. RFC 9347 §6.1.</summary>
/// <param name="bytes">From the sub-type on, without ESP padding.</param>
public readonly ref struct AggFragView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Sub-type of the format without congestion information. RFC 9347 §6.1.1.</summary>
    public const byte Basic = 0;

    /// <summary>Sub-type of the format with congestion information. RFC 9347 §6.1.2.</summary>
    public const byte CongestionControl = 1;

    /// <summary>Length of the header of <see cref="Basic"/>, in bytes.</summary>
    public const int BasicHeaderBytes = 4;

    /// <summary>Length of the header of <see cref="CongestionControl"/>, in bytes.</summary>
    public const int CongestionHeaderBytes = 24;

    internal const byte ProbingBit = 2;
    internal const byte ExperiencedBit = 1;
    internal const int RttBits = 22;
    internal const int DelayBits = 21;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Format of what follows.</summary>
    public byte SubType => LooseFields.Byte(_bytes, 0);

    /// <summary>The octet behind the sub-type: reserved, and in the congestion format with two flags at its end.</summary>
    public byte Flags => LooseFields.Byte(_bytes, 1);

    /// <summary>Octets of data before the start of the next data block.</summary>
    public ushort BlockOffset => LooseFields.Word(_bytes, 2);

    /// <summary>Length of the header by its sub-type, in bytes.</summary>
    public int HeaderBytes => SubType == CongestionControl ? CongestionHeaderBytes : BasicHeaderBytes;

    /// <summary>Inverse of the loss event rate; 0 for no loss.</summary>
    public uint LossEventRate => LooseFields.Long(_bytes, 4);

    /// <summary>The sender's round-trip time, in microseconds.</summary>
    public uint RttMicroseconds => (uint)(Times >> (2 * DelayBits));

    /// <summary>How long the echoed value lay at the receiver, in microseconds.</summary>
    public uint EchoDelayMicroseconds => (uint)(Times >> DelayBits) & ((1u << DelayBits) - 1);

    /// <summary>Time between two packets of the receiver, in microseconds.</summary>
    public uint TransmitDelayMicroseconds => (uint)Times & ((1u << DelayBits) - 1);

    /// <summary>The value that is to be echoed.</summary>
    public uint Value => LooseFields.Long(_bytes, 16);

    /// <summary>The value that is echoed.</summary>
    public uint Echo => LooseFields.Long(_bytes, 20);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> DataBlocks => LooseFields.Run(_bytes, HeaderBytes);

    private ulong Times => ((ulong)LooseFields.Long(_bytes, 8) << 32) | LooseFields.Long(_bytes, 12);
}
