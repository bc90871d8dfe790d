namespace Conformance.Spec.Wire.Ike.Raw;

/// <summary>What a field says about its surroundings; <see cref="RawNode.Repaired"/> makes it true again.</summary>
public enum RawRole
{
    /// <summary>Nothing.</summary>
    Plain,

    /// <summary>Length of the node that it stands in, in bytes.</summary>
    Length,

    /// <summary>Length of the node behind its generic payload header, in bytes: EAP.</summary>
    BodyLength,

    /// <summary>Type of the payload behind the node, or of the first one in a message.</summary>
    NextPayload,

    /// <summary>Whether another node of its kind follows: 0, or 2 in proposals, 3 in transforms.</summary>
    More,

    /// <summary>Number of nodes, or of SPIs, behind it.</summary>
    Count,

    /// <summary>Length of the first SPI behind it, in bytes.</summary>
    SpiSize,

    /// <summary>Length of the value behind it, in bytes.</summary>
    ValueLength,
}

/// <summary>A part of a message that may say anything: a field, a run of bytes, or a node of parts.</summary>
/// <param name="Name">Name of the field or structure in the words of its RFC; not unique.</param>
public abstract record RawPart(string Name)
{
    /// <summary>Length in bytes.</summary>
    public abstract int LengthBytes { get; }

    internal abstract void Write(Span<byte> destination);
}

/// <summary>A number in network byte order.</summary>
/// <param name="Name">Name.</param>
/// <param name="WidthBytes">1 to 8.</param>
/// <param name="Value">Value; what does not fit into the width is cut off.</param>
/// <param name="Role">What it says about its surroundings.</param>
public sealed record RawField(string Name, int WidthBytes, ulong Value, RawRole Role = RawRole.Plain) : RawPart(Name)
{
    /// <inheritdoc/>
    public override int LengthBytes => WidthBytes;

    /// <summary>Name and value.</summary>
    public override string ToString() => $"{Name} {Value}";

    internal override void Write(Span<byte> destination)
    {
        for (int i = 0; i < WidthBytes; i++)
        {
            destination[i] = (byte)(Value >> (8 * (WidthBytes - 1 - i)));
        }
    }
}

/// <summary>A run of bytes.</summary>
/// <param name="Name">Name.</param>
/// <param name="Bytes">The bytes.</param>
public sealed record RawData(string Name, ByteString Bytes) : RawPart(Name)
{
    private const int ShownBytes = 16;

    /// <inheritdoc/>
    public override int LengthBytes => Bytes.Length;

    /// <summary>Name, length and the first bytes.</summary>
    public override string ToString() =>
        $"{Name} {Bytes.Length} bytes {Convert.ToHexStringLower(Bytes.Span[..Math.Min(ShownBytes, Bytes.Length)])}{(Bytes.Length > ShownBytes ? "…" : "")}";

    internal override void Write(Span<byte> destination) => Bytes.Span.CopyTo(destination);
}
