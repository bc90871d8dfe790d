using System.Buffers.Binary;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike;

public abstract partial record IkePayload
{
    /// <summary>N: a notification; what its data mean says <see cref="NotifyContent"/>. RFC 7296 §3.10.</summary>
    public sealed record Notify : IkePayload
    {
        /// <summary>A notification that is about no SA, or about the IKE SA.</summary>
        public Notify(NotifyType notification, ByteString data = default)
            : this(notification, ProtocolId.None, ByteString.Empty, data)
        {
        }

        /// <summary>A notification about an SA.</summary>
        /// <param name="notification">Type; unknown ones are kept.</param>
        /// <param name="protocol">Protocol of the SA; none without an SPI.</param>
        /// <param name="spi">4 bytes for AH and ESP.</param>
        /// <param name="data">Data of the notification.</param>
        /// <exception cref="ArgumentException">A protocol without an SPI, an SPI of wrong length, too many bytes.</exception>
        public Notify(NotifyType notification, ProtocolId protocol, ByteString spi, ByteString data)
        {
            bool fits = spi.Length == 0 ? protocol == ProtocolId.None : spi.Length <= byte.MaxValue && IkeSyntax.IsSpiSizeOfNotification(protocol, spi.Length);
            Notification = notification;
            Protocol = protocol;
            Spi = fits ? spi : throw new ArgumentException($"an SPI of {spi.Length} bytes for {Iana.NameOf(protocol)}", nameof(spi));
            Data = Limited(data, 4 + spi.Length);
        }

        /// <summary>Type.</summary>
        public NotifyType Notification { get; }

        /// <summary>Protocol of the SA that it is about; none without an SPI.</summary>
        public ProtocolId Protocol { get; }

        /// <summary>SPI of that SA, or nothing.</summary>
        public ByteString Spi { get; }

        /// <summary>Data.</summary>
        public ByteString Data { get; }

        /// <summary>True for types below 16384. RFC 7296 §3.10.1.</summary>
        public bool IsError => (ushort)Notification < 16384;

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.Notify;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 4 + Spi.Length + Data.Length;

        /// <summary>About one ESP or AH SA, for example REKEY_SA. RFC 7296 §3.10.1.</summary>
        public static Notify About(NotifyType notification, ProtocolId protocol, Spi spi, ByteString data = default) => new(notification, protocol, SpiBytes.Of(spi), data);

        /// <summary>Type, SPI and data on one line.</summary>
        public override string ToString() =>
            $"N({Iana.NameOf(Notification)}{(Spi.Length == 0 ? "" : $", {Iana.NameOf(Protocol)} 0x{Spi}")}{(Data.Length == 0 ? "" : Data.Length <= 24 ? $", 0x{Data}" : $", {Data.Length} bytes")})";

        internal override void WriteBody(Span<byte> destination)
        {
            destination[0] = (byte)Protocol;
            destination[1] = (byte)Spi.Length;
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Notification);
            Spi.Span.CopyTo(destination[4..]);
            Data.Span.CopyTo(destination[(4 + Spi.Length)..]);
        }
    }

    /// <summary>D: SAs that the sender has deleted. RFC 7296 §3.11.</summary>
    public sealed record Delete : IkePayload
    {
        private Delete(ProtocolId protocol, ValueList<Spi> spis)
        {
            Protocol = protocol;
            Spis = SpiBytes.LengthBytes * spis.Count <= MostBodyBytes - 4 ? spis : throw new ArgumentException($"{spis.Count} SPIs", nameof(spis));
        }

        /// <summary>The IKE SA that the message belongs to.</summary>
        public static Delete IkeSa { get; } = new(ProtocolId.Ike, []);

        /// <summary>IKE, AH or ESP.</summary>
        public ProtocolId Protocol { get; }

        /// <summary>SPIs by which the sender received; none for IKE.</summary>
        public ValueList<Spi> Spis { get; }

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.Delete;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 4 + (SpiBytes.LengthBytes * Spis.Count);

        /// <summary>ESP or AH SAs.</summary>
        /// <exception cref="ArgumentException">Another protocol, or too many SPIs.</exception>
        public static Delete Of(ProtocolId protocol, ValueList<Spi> spis) => protocol is ProtocolId.Ah or ProtocolId.Esp
            ? new(protocol, spis)
            : throw new ArgumentException(Iana.NameOf(protocol), nameof(protocol));

        /// <summary>Protocol and SPIs on one line.</summary>
        public override string ToString() => $"D({Iana.NameOf(Protocol)}{(Spis.IsEmpty ? "" : $" {Spis}")})";

        internal override void WriteBody(Span<byte> destination)
        {
            destination[0] = (byte)Protocol;
            destination[1] = (byte)(Protocol == ProtocolId.Ike ? 0 : SpiBytes.LengthBytes);
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Spis.Count);
            for (int i = 0; i < Spis.Count; i++)
            {
                BinaryPrimitives.WriteUInt32BigEndian(destination[(4 + (SpiBytes.LengthBytes * i))..], Spis[i].Value);
            }
        }
    }

    /// <summary>V: a vendor's mark. RFC 7296 §3.12.</summary>
    /// <param name="Data">The mark.</param>
    public sealed record VendorId(ByteString Data) : IkePayload
    {
        /// <summary>The mark.</summary>
        public ByteString Data { get; init => field = Limited(value, 0); } = Limited(Data, 0);

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.VendorId;

        /// <inheritdoc/>
        public override int BodyLengthBytes => Data.Length;

        /// <summary>The mark on one line.</summary>
        public override string ToString() => Data.Length <= 32 ? $"V(0x{Data})" : $"V({Data.Length} bytes)";

        internal override void WriteBody(Span<byte> destination) => Data.Span.CopyTo(destination);
    }

    /// <summary>CP: configuration. RFC 7296 §3.15.</summary>
    public sealed record Configuration : IkePayload
    {
        /// <summary>Request, reply, set or acknowledgement.</summary>
        /// <exception cref="ArgumentException">Too many bytes.</exception>
        public Configuration(ConfigurationType kind, ValueList<ConfigurationAttribute> attributes)
        {
            Kind = kind;
            Attributes = attributes;
            _ = BodyLengthBytes <= MostBodyBytes ? 0 : throw new ArgumentException("too long for a payload", nameof(attributes));
        }

        /// <summary>Request, reply, set or acknowledgement; unknown ones are kept.</summary>
        public ConfigurationType Kind { get; }

        /// <summary>Attributes in order.</summary>
        public ValueList<ConfigurationAttribute> Attributes { get; }

        /// <inheritdoc/>
        public override PayloadType Type => PayloadType.Configuration;

        /// <inheritdoc/>
        public override int BodyLengthBytes => 4 + Attributes.Sum(a => a.LengthBytes);

        /// <summary>Kind and attributes on one line.</summary>
        public override string ToString() => $"CP({Iana.NameOf(Kind)}{string.Concat(Attributes.Select(a => $", {a}"))})";

        internal override void WriteBody(Span<byte> destination)
        {
            destination[0] = (byte)Kind;
            int at = 4;
            foreach (ConfigurationAttribute attribute in Attributes)
            {
                BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)attribute.Type);
                BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 2)..], (ushort)attribute.Value.Length);
                attribute.Value.Span.CopyTo(destination[(at + 4)..]);
                at += attribute.LengthBytes;
            }
        }
    }
}
