using System.Buffers.Binary;

namespace Conformance.Spec.Wire.Text;

/// <summary>What a packet of a <see cref="PacketExpression"/> carries on top of IP.</summary>
public abstract record UpperPart
{
    private UpperPart()
    {
    }

    /// <summary>Protocol number.</summary>
    public abstract byte Protocol { get; }

    /// <summary>First word of the expression.</summary>
    public abstract string Word { get; }

    /// <summary>Source and destination port, where the protocol has them.</summary>
    public virtual (ushort Source, ushort Destination)? Ports => null;

    /// <summary>Header and data with their checksum.</summary>
    public abstract byte[] ToBytes(PseudoHeader addresses, ReadOnlySpan<byte> data);

    private protected virtual IEnumerable<string> Words => [];

    /// <summary>The options of this part as words.</summary>
    public string OptionText => string.Concat(Words.Select(w => " " + w));

    /// <summary>A UDP datagram.</summary>
    public sealed record Udp(ushort SourcePort, ushort DestinationPort) : UpperPart
    {
        /// <inheritdoc/>
        public override byte Protocol => IpProtocol.Udp;

        /// <inheritdoc/>
        public override string Word => "udp";

        /// <inheritdoc/>
        public override (ushort Source, ushort Destination)? Ports => (SourcePort, DestinationPort);

        /// <inheritdoc/>
        public override byte[] ToBytes(PseudoHeader addresses, ReadOnlySpan<byte> data) =>
            new UdpDatagram { SourcePort = SourcePort, DestinationPort = DestinationPort, Data = new ByteString(data) }.ToBytes(addresses);
    }

    /// <summary>A TCP segment.</summary>
    public sealed record Tcp(ushort SourcePort, ushort DestinationPort, TcpControl Control, uint Sequence, uint Acknowledgment, ushort Window) : UpperPart
    {
        /// <summary>Window of a segment that names none.</summary>
        public const ushort UsualWindow = 64240;

        /// <inheritdoc/>
        public override byte Protocol => IpProtocol.Tcp;

        /// <inheritdoc/>
        public override string Word => "tcp";

        /// <inheritdoc/>
        public override (ushort Source, ushort Destination)? Ports => (SourcePort, DestinationPort);

        private protected override IEnumerable<string> Words =>
        [
            .. Enum.GetValues<TcpControl>().Where(c => c != TcpControl.None && Control.HasFlag(c)).Select(c => $"{c}".ToLowerInvariant()),
            .. Sequence != 0 ? [$"seq {Sequence}"] : Array.Empty<string>(),
            .. Acknowledgment != 0 ? [$"acknr {Acknowledgment}"] : Array.Empty<string>(),
            .. Window != UsualWindow ? [$"win {Window}"] : Array.Empty<string>(),
        ];

        /// <inheritdoc/>
        public override byte[] ToBytes(PseudoHeader addresses, ReadOnlySpan<byte> data) => new TcpSegment
        {
            SourcePort = SourcePort,
            DestinationPort = DestinationPort,
            Control = Control,
            Sequence = Sequence,
            Acknowledgment = Acknowledgment,
            Window = Window,
            Data = new ByteString(data),
        }.ToBytes(addresses);
    }

    /// <summary>An ICMP message of either family.</summary>
    public sealed record Icmp(bool IsIpv6, byte Type, byte Code, ushort Identifier, ushort Sequence) : UpperPart
    {
        /// <inheritdoc/>
        public override byte Protocol => IsIpv6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp;

        /// <inheritdoc/>
        public override string Word => IsIpv6 ? "icmp6" : "icmp";

        /// <summary>Type of an echo request.</summary>
        public static byte EchoType(bool isIpv6) => isIpv6 ? (byte)128 : (byte)8;

        /// <summary>Type of an echo reply.</summary>
        public static byte ReplyType(bool isIpv6) => isIpv6 ? (byte)129 : (byte)0;

        private protected override IEnumerable<string> Words =>
        [
            Code == 0 && Type == EchoType(IsIpv6) ? "echo" : Code == 0 && Type == ReplyType(IsIpv6) ? "reply" : $"type {Type} code {Code}",
            .. Identifier != 0 ? [$"ident {Identifier}"] : Array.Empty<string>(),
            .. Sequence != 0 ? [$"seq {Sequence}"] : Array.Empty<string>(),
        ];

        /// <inheritdoc/>
        public override byte[] ToBytes(PseudoHeader addresses, ReadOnlySpan<byte> data)
        {
            byte[] bytes = new byte[8 + data.Length];
            (bytes[0], bytes[1]) = (Type, Code);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), Identifier);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), Sequence);
            data.CopyTo(bytes.AsSpan(8));
            ushort checksum = IsIpv6 ? addresses.Checksum(IpProtocol.IcmpV6, bytes) : InternetChecksum.Compute(bytes);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), checksum);
            return bytes;
        }
    }

    /// <summary>An ESP packet: with the bytes of the data as they are, or a packet that is yet to be sealed with the keys of its SA.</summary>
    /// <param name="Spi">Index.</param>
    /// <param name="Sequence">Sequence number; the low half travels.</param>
    /// <param name="Inner">The packet inside, or null.</param>
    public sealed record Esp(Spi Spi, SequenceNumber Sequence, PacketExpression? Inner) : UpperPart
    {
        /// <inheritdoc/>
        public override byte Protocol => IpProtocol.Esp;

        /// <inheritdoc/>
        public override string Word => "esp";

        private protected override IEnumerable<string> Words =>
            [$"spi {Spi}", $"seq {Sequence}", .. Inner is null ? Array.Empty<string>() : [$"{{ {Inner} }}"]];

        /// <inheritdoc/>
        /// <exception cref="InvalidOperationException">There is a packet inside, and keys are needed to seal it.</exception>
        public override byte[] ToBytes(PseudoHeader addresses, ReadOnlySpan<byte> data)
        {
            if (Inner is not null)
            {
                throw new InvalidOperationException("sealing needs the keys of the SA");
            }

            byte[] bytes = new byte[EspHeaderView.FixedBytes + data.Length];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, Spi.Value);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Sequence.Low);
            data.CopyTo(bytes.AsSpan(EspHeaderView.FixedBytes));
            return bytes;
        }
    }

    /// <summary>A GRE packet with a key around IPv4. RFC 2890 §2.</summary>
    public sealed record Gre(uint Key) : UpperPart
    {
        private const ushort KeyPresent = 0x2000;
        private const ushort EtherTypeIpv4 = 0x0800;

        /// <inheritdoc/>
        public override byte Protocol => IpProtocol.Gre;

        /// <inheritdoc/>
        public override string Word => "gre";

        private protected override IEnumerable<string> Words => [$"key {Key}"];

        /// <inheritdoc/>
        public override byte[] ToBytes(PseudoHeader addresses, ReadOnlySpan<byte> data)
        {
            byte[] bytes = new byte[8 + data.Length];
            BinaryPrimitives.WriteUInt16BigEndian(bytes, KeyPresent);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), EtherTypeIpv4);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Key);
            data.CopyTo(bytes.AsSpan(8));
            return bytes;
        }
    }

    /// <summary>Any protocol: the data is all that there is.</summary>
    public sealed record Other(byte Number) : UpperPart
    {
        /// <inheritdoc/>
        public override byte Protocol => Number;

        /// <inheritdoc/>
        public override string Word => "ip";

        private protected override IEnumerable<string> Words => [$"proto {Number}"];

        /// <inheritdoc/>
        public override byte[] ToBytes(PseudoHeader addresses, ReadOnlySpan<byte> data) => data.ToArray();
    }
}
