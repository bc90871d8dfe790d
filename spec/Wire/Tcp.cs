using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>Control bits of TCP. RFC 9293 §3.1.</summary>
[Flags]
public enum TcpControl
{
    /// <summary>No bit.</summary>
    None = 0,

    /// <summary>No more data from the sender.</summary>
    Fin = 1,

    /// <summary>Synchronize sequence numbers.</summary>
    Syn = 2,

    /// <summary>Reset the connection.</summary>
    Rst = 4,

    /// <summary>Push.</summary>
    Psh = 8,

    /// <summary>The acknowledgment number counts.</summary>
    Ack = 16,

    /// <summary>The urgent pointer counts.</summary>
    Urg = 32,

    /// <summary>ECN echo. RFC 3168.</summary>
    Ece = 64,

    /// <summary>Congestion window reduced. RFC 3168.</summary>
    Cwr = 128,
}

/// <summary>A TCP header over any bytes whatever; missing bytes read as zero. RFC 9293 §3.1.</summary>
/// <param name="bytes">From the source port on.</param>
public readonly ref struct TcpView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Header without options, in bytes.</summary>
    public const int FixedBytes = 20;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Source port.</summary>
    public ushort SourcePort => LooseFields.Word(_bytes, 0);

    /// <summary>Destination port.</summary>
    public ushort DestinationPort => LooseFields.Word(_bytes, 2);

    /// <summary>Sequence number.</summary>
    public uint Sequence => LooseFields.Long(_bytes, 4);

    /// <summary>Acknowledgment number.</summary>
    public uint Acknowledgment => LooseFields.Long(_bytes, 8);

    /// <summary>Data offset in bytes, as the field says: 0 to 60.</summary>
    public int DataOffsetBytes => (LooseFields.Byte(_bytes, 12) >> 4) * 4;

    /// <summary>Reserved bits, 4 bits.</summary>
    public byte Reserved => (byte)(LooseFields.Byte(_bytes, 12) & 0x0f);

    /// <summary>Control bits.</summary>
    public TcpControl Control => (TcpControl)LooseFields.Byte(_bytes, 13);

    /// <summary>Window.</summary>
    public ushort Window => LooseFields.Word(_bytes, 14);

    /// <summary>Checksum as it stands.</summary>
    public ushort Checksum => LooseFields.Word(_bytes, 16);

    /// <summary>Urgent pointer.</summary>
    public ushort UrgentPointer => LooseFields.Word(_bytes, 18);

    /// <summary>Options, as far as the data offset reaches and bytes are there.</summary>
    public ReadOnlySpan<byte> Options => LooseFields.Run(_bytes, FixedBytes, DataOffsetBytes - FixedBytes);

    /// <summary>Data.</summary>
    public ReadOnlySpan<byte> Data => LooseFields.Run(_bytes, DataOffsetBytes);
}

/// <summary>A valid TCP segment; reserved bits are sent as zero and not looked at. RFC 9293 §3.1.</summary>
public sealed record TcpSegment
{
    /// <summary>Source port.</summary>
    public required ushort SourcePort { get; init; }

    /// <summary>Destination port.</summary>
    public required ushort DestinationPort { get; init; }

    /// <summary>Sequence number.</summary>
    public uint Sequence { get; init; }

    /// <summary>Acknowledgment number.</summary>
    public uint Acknowledgment { get; init; }

    /// <summary>Control bits.</summary>
    public TcpControl Control { get; init => field = (int)value is >= 0 and <= 255 ? value : throw new ArgumentOutOfRangeException(nameof(value)); }

    /// <summary>Window.</summary>
    public ushort Window { get; init; }

    /// <summary>Urgent pointer.</summary>
    public ushort UrgentPointer { get; init; }

    /// <summary>Options, at most 40 bytes and a multiple of 4, each with a possible length.</summary>
    public ByteString Options
    {
        get;
        init => field = value.Length <= 40 && value.Length % 4 == 0 && OptionList.TryParse(value.Span, TcpView.FixedBytes, out _, out _)
            ? value
            : throw new ArgumentException("no list of TCP options", nameof(value));
    }

    /// <summary>Data, at most 65475 bytes, so that it fits IPv6 with every header length.</summary>
    public ByteString Data
    {
        get;
        init => field = value.Length <= ushort.MaxValue - 60 ? value : throw new ArgumentException("too long", nameof(value));
    }

    /// <summary>Reads a segment of exactly these bytes.</summary>
    public static bool TryParse(PseudoHeader addresses, ReadOnlySpan<byte> bytes, out TcpSegment? segment, out ParseError error)
    {
        segment = null;
        TcpView view = new(bytes);
        if (Fault(addresses, bytes, view) is { } fault)
        {
            error = fault;
            return false;
        }

        if (!OptionList.TryParse(view.Options, TcpView.FixedBytes, out _, out error))
        {
            return false;
        }

        segment = new TcpSegment
        {
            SourcePort = view.SourcePort,
            DestinationPort = view.DestinationPort,
            Sequence = view.Sequence,
            Acknowledgment = view.Acknowledgment,
            Control = view.Control,
            Window = view.Window,
            UrgentPointer = view.UrgentPointer,
            Options = new ByteString(view.Options),
            Data = new ByteString(view.Data),
        };
        return true;
    }

    /// <summary>The segment with its checksum.</summary>
    public byte[] ToBytes(PseudoHeader addresses)
    {
        int header = TcpView.FixedBytes + Options.Length;
        byte[] bytes = new byte[header + Data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), Acknowledgment);
        bytes[12] = (byte)(header / 4 << 4);
        bytes[13] = (byte)Control;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), Window);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(18), UrgentPointer);
        Options.Span.CopyTo(bytes.AsSpan(TcpView.FixedBytes));
        Data.Span.CopyTo(bytes.AsSpan(header));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(16), addresses.Checksum(IpProtocol.Tcp, bytes));
        return bytes;
    }

    /// <summary>Ports, control bits, numbers and sizes on one line.</summary>
    public override string ToString() =>
        $"TCP {SourcePort} > {DestinationPort} [{Control}] seq {Sequence} ack {Acknowledgment} window {Window}"
        + (Options.Length > 0 ? $" options {Options}" : "") + $" data {Data.Length} bytes";

    private static ParseError? Fault(PseudoHeader addresses, ReadOnlySpan<byte> bytes, TcpView view)
    {
        if (bytes.Length < TcpView.FixedBytes)
        {
            return new ParseError("header", 0, $"{bytes.Length} bytes, a header has 20");
        }

        if (view.DataOffsetBytes < TcpView.FixedBytes || view.DataOffsetBytes > bytes.Length)
        {
            return new ParseError("data offset", 12, $"{view.DataOffsetBytes} of {bytes.Length} bytes");
        }

        if (addresses.Checksum(IpProtocol.Tcp, bytes) != 0)
        {
            return new ParseError("checksum", 16, "wrong");
        }

        return bytes.Length - view.DataOffsetBytes > ushort.MaxValue - 60
            ? new ParseError("data", view.DataOffsetBytes, $"{bytes.Length - view.DataOffsetBytes} bytes are more than a packet holds")
            : null;
    }
}
