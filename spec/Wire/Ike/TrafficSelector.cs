using System.Buffers.Binary;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike;

/// <summary>One traffic selector. RFC 7296 §3.13.1.</summary>
public abstract record TrafficSelector
{
    private TrafficSelector()
    {
    }

    /// <summary>Type on the wire.</summary>
    public abstract TrafficSelectorType Type { get; }

    internal abstract int LengthBytes { get; }

    internal abstract void Write(Span<byte> destination);

    /// <summary>Addresses of one family, ports, and a protocol.</summary>
    public sealed record Range : TrafficSelector
    {
        /// <summary>A range; ports 65535 to 0 stand for OPAQUE.</summary>
        /// <param name="protocol">IP protocol; 0 is any.</param>
        /// <param name="firstPort">First port, or ICMP type and code.</param>
        /// <param name="lastPort">Last port, or ICMP type and code.</param>
        /// <param name="first">First address.</param>
        /// <param name="last">Last address.</param>
        /// <exception cref="ArgumentException">Two families, or a last one before its first.</exception>
        public Range(byte protocol, ushort firstPort, ushort lastPort, IpAddress first, IpAddress last)
        {
            Protocol = protocol;
            FirstPort = firstPort;
            LastPort = firstPort <= lastPort || (firstPort == ushort.MaxValue && lastPort == 0) ? lastPort : throw new ArgumentException($"ports {firstPort} to {lastPort}", nameof(lastPort));
            FirstAddress = first;
            LastAddress = first.IsIpv6 == last.IsIpv6 && first.Value <= last.Value ? last : throw new ArgumentException($"{first} to {last}", nameof(last));
        }

        /// <summary>IP protocol; 0 is any.</summary>
        public byte Protocol { get; }

        /// <summary>First port, or ICMP type and code.</summary>
        public ushort FirstPort { get; }

        /// <summary>Last port, or ICMP type and code.</summary>
        public ushort LastPort { get; }

        /// <summary>First address.</summary>
        public IpAddress FirstAddress { get; }

        /// <summary>Last address.</summary>
        public IpAddress LastAddress { get; }

        /// <summary>True for packets that show no ports. RFC 4301 §4.4.1.1.</summary>
        public bool IsOpaque => FirstPort > LastPort;

        /// <summary>True for all ports.</summary>
        public bool IsAnyPort => FirstPort == 0 && LastPort == ushort.MaxValue;

        /// <inheritdoc/>
        public override TrafficSelectorType Type => FirstAddress.IsIpv6 ? TrafficSelectorType.Ipv6AddressRange : TrafficSelectorType.Ipv4AddressRange;

        internal override int LengthBytes => FirstAddress.IsIpv6 ? TrafficSelectorView.Ipv6Bytes : TrafficSelectorView.Ipv4Bytes;

        /// <summary>All traffic of one family.</summary>
        public static Range All(bool isIpv6) => new(0, 0, ushort.MaxValue, new IpAddress(0, isIpv6), new IpAddress(isIpv6 ? UInt128.MaxValue : uint.MaxValue, isIpv6));

        /// <summary>All traffic of one host.</summary>
        public static Range Host(IpAddress address) => new(0, 0, ushort.MaxValue, address, address);

        /// <summary>Protocol, addresses and ports on one line.</summary>
        public override string ToString() =>
            $"{(Protocol == 0 ? "any" : $"{Protocol}")} {FirstAddress}-{LastAddress} {(IsAnyPort ? "any port" : IsOpaque ? "OPAQUE" : $"{FirstPort}-{LastPort}")}";

        internal override void Write(Span<byte> destination)
        {
            destination[1] = Protocol;
            BinaryPrimitives.WriteUInt16BigEndian(destination[4..], FirstPort);
            BinaryPrimitives.WriteUInt16BigEndian(destination[6..], LastPort);
            FirstAddress.WriteTo(destination[8..]);
            LastAddress.WriteTo(destination[(8 + FirstAddress.LengthBytes)..]);
        }
    }

    /// <summary>A selector of another type, kept as it came.</summary>
    public sealed record Other : TrafficSelector
    {
        /// <summary>A selector of another type.</summary>
        /// <param name="type">Type; not one of the two ranges.</param>
        /// <param name="second">The byte behind the type.</param>
        /// <param name="content">What follows the length.</param>
        /// <exception cref="ArgumentException">A type that has a meaning, or too many bytes.</exception>
        public Other(TrafficSelectorType type, byte second, ByteString content)
        {
            Type = type is not (TrafficSelectorType.Ipv4AddressRange or TrafficSelectorType.Ipv6AddressRange) ? type : throw new ArgumentException("a range", nameof(type));
            Second = second;
            Content = content.Length <= ushort.MaxValue - TrafficSelectorView.FixedBytes ? content : throw new ArgumentException("too long", nameof(content));
        }

        /// <inheritdoc/>
        public override TrafficSelectorType Type { get; }

        /// <summary>The byte behind the type.</summary>
        public byte Second { get; }

        /// <summary>What follows the length.</summary>
        public ByteString Content { get; }

        internal override int LengthBytes => TrafficSelectorView.FixedBytes + Content.Length;

        /// <summary>Type and size on one line.</summary>
        public override string ToString() => $"{Iana.NameOf(Type)} {Content.Length} bytes";

        internal override void Write(Span<byte> destination)
        {
            destination[1] = Second;
            Content.Span.CopyTo(destination[TrafficSelectorView.FixedBytes..]);
        }
    }
}
