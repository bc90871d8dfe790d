using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike;

/// <summary>A valid payload: what it means, without generic header, reserved fields and counts. RFC 7296 §3.2.</summary>
/// <remarks>The critical bit is 0 in all payloads that are known here, and is ignored in them when received. RFC 7296 §2.5.</remarks>
public abstract partial record IkePayload
{
    /// <summary>Largest body, in bytes.</summary>
    public const int MostBodyBytes = ushort.MaxValue - PayloadView.HeaderBytes;

    private IkePayload()
    {
    }

    /// <summary>Type on the wire.</summary>
    public abstract PayloadType Type { get; }

    /// <summary>True for a payload that who does not know it must refuse.</summary>
    public virtual bool IsCritical => false;

    /// <summary>Length without generic header, in bytes.</summary>
    public abstract int BodyLengthBytes { get; }

    /// <summary>What stands in the generic header where SK and SKF have the type of their first payload.</summary>
    internal virtual PayloadType? InnerType => null;

    /// <summary>The body, as AUTH covers that of an identity. RFC 7296 §2.15.</summary>
    public ByteString BodyToBytes()
    {
        byte[] bytes = new byte[BodyLengthBytes];
        WriteBody(bytes);
        return ByteString.Adopt(bytes);
    }

    /// <summary>Writes the body into zeros.</summary>
    internal abstract void WriteBody(Span<byte> destination);

    private protected static ByteString Limited(ByteString value, int fixedBytes) =>
        value.Length <= MostBodyBytes - fixedBytes ? value : throw new ArgumentException($"{value.Length} bytes are too long for a payload", nameof(value));

    /// <summary>A payload of a type that is not known here, kept as it came.</summary>
    public sealed record Unknown : IkePayload
    {
        /// <summary>An unknown payload.</summary>
        /// <exception cref="ArgumentException">A type that has a meaning here, or 0.</exception>
        public Unknown(PayloadType type, bool isCritical, ByteString body)
        {
            Type = IkePayloads.HasMeaning(type) || type == PayloadType.None ? throw new ArgumentException($"{Iana.NameOf(type)} has a meaning", nameof(type)) : type;
            IsCritical = isCritical;
            Body = Limited(body, 0);
        }

        /// <inheritdoc/>
        public override PayloadType Type { get; }

        /// <inheritdoc/>
        public override bool IsCritical { get; }

        /// <summary>The body.</summary>
        public ByteString Body { get; }

        /// <inheritdoc/>
        public override int BodyLengthBytes => Body.Length;

        /// <summary>Type and size on one line.</summary>
        public override string ToString() => $"{Iana.NameOf(Type)}{(IsCritical ? " critical" : "")} {Body.Length} bytes";

        internal override void WriteBody(Span<byte> destination) => Body.Span.CopyTo(destination);
    }
}
