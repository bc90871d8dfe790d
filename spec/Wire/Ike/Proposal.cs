using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Spec.Wire.Ike;

/// <summary>An attribute of a transform: a type with a value in 16 bits, or with a value of some length. RFC 7296 §3.3.5.</summary>
public abstract record TransformAttribute
{
    private TransformAttribute(TransformAttributeType type)
    {
        Type = (ushort)type <= 0x7fff ? type : throw new ArgumentOutOfRangeException(nameof(type));
    }

    /// <summary>Type, 15 bits; unknown ones are kept.</summary>
    public TransformAttributeType Type { get; }

    internal abstract int LengthBytes { get; }

    /// <summary>The form without a length.</summary>
    public sealed record Fixed(TransformAttributeType Type, ushort Value) : TransformAttribute(Type)
    {
        internal override int LengthBytes => 4;

        /// <summary>Type and value.</summary>
        public override string ToString() => $"{Iana.NameOf(Type)}={Value}";
    }

    /// <summary>The form with a length; no attribute that is defined has it.</summary>
    public sealed record Variable(TransformAttributeType Type, ByteString Value) : TransformAttribute(Type)
    {
        internal override int LengthBytes => 4 + Value.Length;

        /// <summary>Type and value.</summary>
        public override string ToString() => $"{Iana.NameOf(Type)}=0x{Value}";
    }
}

/// <summary>One transform of a proposal; unknown types, numbers and attributes are kept. RFC 7296 §3.3.2.</summary>
/// <param name="Type">Type.</param>
/// <param name="Id">Number within its type.</param>
/// <param name="Attributes">Attributes in order.</param>
public sealed record Transform(TransformType Type, ushort Id, ValueList<TransformAttribute> Attributes)
{
    /// <summary>Length of the key in bits, or null where no attribute says it in the short form.</summary>
    public int? KeyLengthBits
    {
        get
        {
            foreach (TransformAttribute attribute in Attributes)
            {
                if (attribute is TransformAttribute.Fixed { Type: TransformAttributeType.KeyLength } length)
                {
                    return length.Value;
                }
            }

            return null;
        }
    }

    /// <summary>True if there is no attribute but one key length in the short form; a transform with another one, or with two, is passed over. RFC 7296 §3.3, §3.3.6.</summary>
    public bool AttributesAreKnown => Attributes.Count <= 1 && Attributes.All(a => a is TransformAttribute.Fixed { Type: TransformAttributeType.KeyLength });

    internal int LengthBytes => TransformView.FixedBytes + Attributes.Sum(a => a.LengthBytes);

    /// <summary>Encryption; the key length is left out where the algorithm has only one.</summary>
    public static Transform Of(EncryptionTransform id, int? keyLengthBits = null) => new(
        TransformType.Encryption, (ushort)id, keyLengthBits is { } bits ? [new TransformAttribute.Fixed(TransformAttributeType.KeyLength, checked((ushort)bits))] : []);

    /// <summary>Pseudorandom function.</summary>
    public static Transform Of(PrfTransform id) => new(TransformType.PseudoRandomFunction, (ushort)id, []);

    /// <summary>Integrity.</summary>
    public static Transform Of(IntegrityTransform id) => new(TransformType.Integrity, (ushort)id, []);

    /// <summary>Key exchange.</summary>
    public static Transform Of(KeyExchangeMethod id) => new(TransformType.KeyExchange, (ushort)id, []);

    /// <summary>Sequence numbers.</summary>
    public static Transform Of(SequenceNumbersTransform id) => new(TransformType.SequenceNumbers, (ushort)id, []);

    /// <summary>Additional key exchange 1 to 7. RFC 9370 §2.2.1.</summary>
    public static Transform Additional(int number, KeyExchangeMethod id) => number is >= 1 and <= 7
        ? new(TransformType.AdditionalKeyExchange1 + (byte)(number - 1), (ushort)id, [])
        : throw new ArgumentOutOfRangeException(nameof(number));

    /// <summary>The registered name with its attributes.</summary>
    public override string ToString()
    {
        string name = Type switch
        {
            TransformType.Encryption => Iana.NameOf((EncryptionTransform)Id),
            TransformType.PseudoRandomFunction => Iana.NameOf((PrfTransform)Id),
            TransformType.Integrity => Iana.NameOf((IntegrityTransform)Id),
            TransformType.KeyExchange => Iana.NameOf((KeyExchangeMethod)Id),
            TransformType.SequenceNumbers => Iana.NameOf((SequenceNumbersTransform)Id),
            >= TransformType.AdditionalKeyExchange1 and <= TransformType.AdditionalKeyExchange7 => $"{Iana.NameOf(Type)}:{Iana.NameOf((KeyExchangeMethod)Id)}",
            _ => $"{(int)Type}:{Id}",
        };
        return Attributes.IsEmpty ? name : KeyLengthBits is { } bits && Attributes.Count == 1 ? $"{name}-{bits}" : $"{name}{Attributes}";
    }
}

/// <summary>One proposal: a protocol, the sender's SPI, and the transforms to choose from. RFC 7296 §3.3.1.</summary>
public sealed record Proposal
{
    /// <summary>A proposal.</summary>
    /// <param name="number">Number; proposals of an offer are counted from 1, an answer repeats that of the accepted one.</param>
    /// <param name="protocol">Protocol; unknown ones are kept.</param>
    /// <param name="spi">Empty or 8 bytes for IKE, 4 bytes for AH and ESP.</param>
    /// <param name="transforms">Transforms in order, at most 255.</param>
    /// <exception cref="ArgumentException">An SPI of wrong length, too many transforms, too many bytes.</exception>
    public Proposal(byte number, ProtocolId protocol, ByteString spi, ValueList<Transform> transforms)
    {
        Number = number;
        Protocol = protocol;
        Spi = spi.Length <= byte.MaxValue && IkeSyntax.IsSpiSizeOf(protocol, spi.Length)
            ? spi : throw new ArgumentException($"an SPI of {spi.Length} bytes for {Iana.NameOf(protocol)}", nameof(spi));
        Transforms = transforms.Count <= byte.MaxValue ? transforms : throw new ArgumentException($"{transforms.Count} transforms", nameof(transforms));
        _ = LengthBytes <= ushort.MaxValue && transforms.All(t => t.LengthBytes <= ushort.MaxValue)
            ? 0 : throw new ArgumentException("too long for its length field", nameof(transforms));
    }

    /// <summary>Number.</summary>
    public byte Number { get; }

    /// <summary>Protocol.</summary>
    public ProtocolId Protocol { get; }

    /// <summary>The sender's SPI.</summary>
    public ByteString Spi { get; }

    /// <summary>Transforms in order.</summary>
    public ValueList<Transform> Transforms { get; }

    internal int LengthBytes => ProposalView.FixedBytes + Spi.Length + Transforms.Sum(t => t.LengthBytes);

    /// <summary>A proposal for the first IKE SA, which has no SPI.</summary>
    public static Proposal ForIke(byte number, params ReadOnlySpan<Transform> transforms) => new(number, ProtocolId.Ike, ByteString.Empty, ValueList.Of(transforms));

    /// <summary>A proposal for the successor of an IKE SA.</summary>
    public static Proposal ForIkeRekey(byte number, IkeSpi spi, params ReadOnlySpan<Transform> transforms) => new(number, ProtocolId.Ike, spi.ToByteString(), ValueList.Of(transforms));

    /// <summary>A proposal for an ESP SA.</summary>
    public static Proposal ForEsp(byte number, Spi spi, params ReadOnlySpan<Transform> transforms) => new(number, ProtocolId.Esp, SpiBytes.Of(spi), ValueList.Of(transforms));

    /// <summary>Number, protocol, SPI and transforms on one line.</summary>
    public override string ToString() =>
        $"{Number} {Iana.NameOf(Protocol)}{(Spi.Length == 0 ? "" : $" 0x{Spi}")} {string.Join(' ', Transforms.Select(t => $"{t}"))}";
}
