using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike.Views;

/// <summary>A proposal over any bytes whatever. RFC 7296 §3.3.1.</summary>
/// <param name="structure">Its bytes.</param>
public readonly ref struct ProposalView(StructureView structure)
{
    /// <summary>Length of the fixed part, in bytes.</summary>
    public const int FixedBytes = 8;

    /// <summary>Value of <see cref="More"/> where another proposal follows.</summary>
    public const byte MoreProposals = 2;

    private readonly StructureView _structure = structure;

    /// <summary>Where it starts in the message.</summary>
    public int OffsetBytes => _structure.OffsetBytes;

    /// <summary>0 for the last proposal, 2 for others.</summary>
    public byte More => LooseFields.Byte(_structure.Bytes, 0);

    /// <summary>Number.</summary>
    public byte Number => LooseFields.Byte(_structure.Bytes, 4);

    /// <summary>Protocol.</summary>
    public ProtocolId Protocol => (ProtocolId)LooseFields.Byte(_structure.Bytes, 5);

    /// <summary>Length of the SPI in bytes, as the field says.</summary>
    public byte SpiSizeBytes => LooseFields.Byte(_structure.Bytes, 6);

    /// <summary>Number of transforms, as the field says.</summary>
    public byte TransformCount => LooseFields.Byte(_structure.Bytes, 7);

    /// <summary>The sender's SPI, as far as it is there.</summary>
    public ReadOnlySpan<byte> Spi => LooseFields.Run(_structure.Bytes, FixedBytes, SpiSizeBytes);

    /// <summary>A walk over the transforms.</summary>
    public StructureWalk Transforms => new(LooseFields.Run(_structure.Bytes, FixedBytes + SpiSizeBytes), OffsetBytes + FixedBytes + SpiSizeBytes, TransformView.FixedBytes);
}

/// <summary>A transform over any bytes whatever. RFC 7296 §3.3.2.</summary>
/// <param name="structure">Its bytes.</param>
public readonly ref struct TransformView(StructureView structure)
{
    /// <summary>Length of the fixed part, in bytes.</summary>
    public const int FixedBytes = 8;

    /// <summary>Value of <see cref="More"/> where another transform follows.</summary>
    public const byte MoreTransforms = 3;

    private readonly StructureView _structure = structure;

    /// <summary>Where it starts in the message.</summary>
    public int OffsetBytes => _structure.OffsetBytes;

    /// <summary>0 for the last transform, 3 for others.</summary>
    public byte More => LooseFields.Byte(_structure.Bytes, 0);

    /// <summary>Type.</summary>
    public TransformType Type => (TransformType)LooseFields.Byte(_structure.Bytes, 4);

    /// <summary>The number of the transform within its type.</summary>
    public ushort Id => LooseFields.Word(_structure.Bytes, 6);

    /// <summary>A walk over the attributes.</summary>
    public AttributeWalk Attributes => new(LooseFields.Run(_structure.Bytes, FixedBytes), OffsetBytes + FixedBytes, shortForm: true);
}
