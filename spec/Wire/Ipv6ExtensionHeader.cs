using System.Buffers.Binary;

namespace Conformance.Spec.Wire;

/// <summary>A valid IPv6 extension header without its next header field, which the chain gives. RFC 8200 §4.</summary>
public abstract record Ipv6ExtensionHeader
{
    private const int LongestBytes = 2048;

    private Ipv6ExtensionHeader(byte protocol) => Protocol = protocol;

    /// <summary>The number by which the header before names this one.</summary>
    public byte Protocol { get; }

    /// <summary>Length in bytes, a multiple of 8.</summary>
    public abstract int LengthBytes { get; }

    /// <summary>True if what follows is no header but the middle of a datagram.</summary>
    public bool IsLaterFragment => this is Fragment { OffsetBytes: > 0 };

    /// <summary>True for the four numbers that this chain knows.</summary>
    public static bool IsExtension(byte protocol) =>
        protocol is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.DestinationOptions or IpProtocol.Fragment;

    /// <summary>Reads the header of a kind at an offset of the packet.</summary>
    /// <param name="protocol">One of the numbers of <see cref="IsExtension"/>.</param>
    /// <param name="packet">The packet by its own length.</param>
    /// <param name="at">Where the header starts, in bytes.</param>
    /// <param name="header">The header.</param>
    /// <param name="error">Offsets count from the start of the packet.</param>
    public static bool TryParse(byte protocol, ReadOnlySpan<byte> packet, int at, out Ipv6ExtensionHeader? header, out ParseError error)
    {
        header = null;
        error = default;
        ReadOnlySpan<byte> rest = packet[at..];
        Ipv6ExtensionHeaderView view = new(rest);
        int length = protocol == IpProtocol.Fragment ? Ipv6ExtensionHeaderView.FragmentBytes : view.LengthBytes;
        if (length > rest.Length)
        {
            error = new ParseError("extension header", at, $"{length} bytes, {rest.Length} are there");
            return false;
        }

        switch (protocol)
        {
            case IpProtocol.Fragment:
                header = new Fragment(view.FragmentOffsetBytes, view.MoreFragments, view.Identification);
                return true;
            case IpProtocol.Routing:
                header = new Routing(view.RoutingType, view.SegmentsLeft, new ByteString(view.RoutingData));
                return true;
            default:
                if (!OptionList.TryParseIpv6(view.Options, at + 2, out _, out error))
                {
                    return false;
                }

                ByteString options = new(view.Options);
                header = protocol == IpProtocol.HopByHopOptions ? new HopByHopOptions(options) : new DestinationOptions(options);
                return true;
        }
    }

    /// <summary>The header with a next header field.</summary>
    public byte[] ToBytes(byte nextHeader)
    {
        byte[] bytes = new byte[LengthBytes];
        WriteTo(bytes);
        bytes[0] = nextHeader;
        return bytes;
    }

    private protected abstract void WriteTo(Span<byte> bytes);

    private static ByteString RequireOptions(ByteString options) =>
        options.Length % 8 == 6 && options.Length + 2 <= LongestBytes && OptionList.TryParseIpv6(options.Span, 2, out _, out _)
            ? options
            : throw new ArgumentException("no list of IPv6 options that fills whole units of 8 bytes", nameof(options));

    private static void WriteRun(Span<byte> bytes, int at, ByteString run)
    {
        bytes[1] = (byte)((bytes.Length / 8) - 1);
        run.Span.CopyTo(bytes[at..]);
    }

    /// <summary>Options for every router on the way. RFC 8200 §4.3.</summary>
    public sealed record HopByHopOptions : Ipv6ExtensionHeader
    {
        /// <summary>Options that end at a multiple of 8 bytes, header included.</summary>
        public HopByHopOptions(ByteString options)
            : base(IpProtocol.HopByHopOptions) => Options = RequireOptions(options);

        /// <summary>Options with padding.</summary>
        public ByteString Options { get; }

        /// <inheritdoc/>
        public override int LengthBytes => Options.Length + 2;

        /// <summary>Name and length.</summary>
        public override string ToString() => $"hop-by-hop({LengthBytes})";

        private protected override void WriteTo(Span<byte> bytes) => WriteRun(bytes, 2, Options);
    }

    /// <summary>Options for the destination. RFC 8200 §4.6.</summary>
    public sealed record DestinationOptions : Ipv6ExtensionHeader
    {
        /// <summary>Options that end at a multiple of 8 bytes, header included.</summary>
        public DestinationOptions(ByteString options)
            : base(IpProtocol.DestinationOptions) => Options = RequireOptions(options);

        /// <summary>Options with padding.</summary>
        public ByteString Options { get; }

        /// <inheritdoc/>
        public override int LengthBytes => Options.Length + 2;

        /// <summary>Name and length.</summary>
        public override string ToString() => $"destination({LengthBytes})";

        private protected override void WriteTo(Span<byte> bytes) => WriteRun(bytes, 2, Options);
    }

    /// <summary>A list of nodes to visit. RFC 8200 §4.4.</summary>
    public sealed record Routing : Ipv6ExtensionHeader
    {
        /// <summary>Data that ends at a multiple of 8 bytes, header included.</summary>
        public Routing(byte routingType, byte segmentsLeft, ByteString data)
            : base(IpProtocol.Routing)
        {
            if (data.Length % 8 != 4 || data.Length + 4 > LongestBytes)
            {
                throw new ArgumentException($"{data.Length} bytes of routing data fill no whole units of 8 bytes", nameof(data));
            }

            RoutingType = routingType;
            SegmentsLeft = segmentsLeft;
            Data = data;
        }

        /// <summary>Routing type.</summary>
        public byte RoutingType { get; }

        /// <summary>Segments left.</summary>
        public byte SegmentsLeft { get; }

        /// <summary>Type-specific data.</summary>
        public ByteString Data { get; }

        /// <inheritdoc/>
        public override int LengthBytes => Data.Length + 4;

        /// <summary>Name, type and length.</summary>
        public override string ToString() => $"routing(type {RoutingType}, left {SegmentsLeft}, {LengthBytes})";

        private protected override void WriteTo(Span<byte> bytes)
        {
            WriteRun(bytes, 4, Data);
            bytes[2] = RoutingType;
            bytes[3] = SegmentsLeft;
        }
    }

    /// <summary>A piece of a datagram. RFC 8200 §4.5.</summary>
    public sealed record Fragment : Ipv6ExtensionHeader
    {
        /// <summary>An offset that is a multiple of 8 up to 65528.</summary>
        public Fragment(int offsetBytes, bool moreFragments, uint identification)
            : base(IpProtocol.Fragment)
        {
            OffsetBytes = offsetBytes is >= 0 and <= 0xfff8 && offsetBytes % 8 == 0
                ? offsetBytes
                : throw new ArgumentOutOfRangeException(nameof(offsetBytes));
            MoreFragments = moreFragments;
            Identification = identification;
        }

        /// <summary>Offset in bytes.</summary>
        public int OffsetBytes { get; }

        /// <summary>M flag.</summary>
        public bool MoreFragments { get; }

        /// <summary>Identification.</summary>
        public uint Identification { get; }

        /// <inheritdoc/>
        public override int LengthBytes => Ipv6ExtensionHeaderView.FragmentBytes;

        /// <summary>Name, offset, flag and identification.</summary>
        public override string ToString() => $"fragment(offset {OffsetBytes}{(MoreFragments ? ", more" : "")}, id {Identification})";

        private protected override void WriteTo(Span<byte> bytes)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)(OffsetBytes | (MoreFragments ? 1 : 0)));
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Identification);
        }
    }
}
