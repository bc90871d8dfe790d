namespace Conformance.Spec.Wire.Ike.Views;

/// <summary>One of several structures that lie end to end and say their length in bytes 2 and 3: proposals, transforms, traffic selectors.</summary>
public readonly ref struct StructureView
{
    internal StructureView(ReadOnlySpan<byte> bytes, int offsetBytes, bool isWhole, bool isLast)
    {
        Bytes = bytes;
        OffsetBytes = offsetBytes;
        IsWhole = isWhole;
        IsLast = isLast;
    }

    /// <summary>The structure as far as it is there.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Where it starts in the message.</summary>
    public int OffsetBytes { get; }

    /// <summary>True if its fixed part is there, and as many bytes as its length says.</summary>
    public bool IsWhole { get; }

    /// <summary>True if nothing lies behind it.</summary>
    public bool IsLast { get; }

    /// <summary>Length in bytes, as the field says.</summary>
    public int LengthBytes => LooseFields.Word(Bytes, 2);
}

/// <summary>A walk over such structures; it ends at one that is not whole, and where the bytes end.</summary>
/// <param name="bytes">The structures.</param>
/// <param name="offsetBytes">Where they start in the message.</param>
/// <param name="fixedBytes">Length of the fixed part of each.</param>
public ref struct StructureWalk(ReadOnlySpan<byte> bytes, int offsetBytes, int fixedBytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>The structure that <see cref="MoveNext"/> has come to.</summary>
    public StructureView Current { get; private set; }

    /// <summary>The walk itself, for foreach.</summary>
    public readonly StructureWalk GetEnumerator() => this;

    /// <summary>Goes to the next structure.</summary>
    public bool MoveNext()
    {
        ReadOnlySpan<byte> rest = _bytes[_at..];
        if (rest.IsEmpty)
        {
            return false;
        }

        int length = LooseFields.Word(rest, 2);
        bool isWhole = length >= fixedBytes && length <= rest.Length;
        int taken = isWhole ? length : rest.Length;
        Current = new StructureView(rest[..taken], offsetBytes + _at, isWhole, taken == rest.Length);
        _at += taken;
        return true;
    }
}

/// <summary>One attribute of a transform or of a configuration payload: a type and a value. RFC 7296 §3.3.5, §3.15.1.</summary>
public readonly ref struct AttributeView
{
    internal AttributeView(ReadOnlySpan<byte> bytes, int offsetBytes, bool isWhole)
    {
        Bytes = bytes;
        OffsetBytes = offsetBytes;
        IsWhole = isWhole;
    }

    /// <summary>The attribute as far as it is there.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Where it starts in the message.</summary>
    public int OffsetBytes { get; }

    /// <summary>True if type and length are there, and as many bytes as the length says.</summary>
    public bool IsWhole { get; }

    /// <summary>The first bit: in a transform the short form, whose value stands in place of the length; in a configuration reserved.</summary>
    public bool FirstBit => (LooseFields.Byte(Bytes, 0) & 0x80) != 0;

    /// <summary>Type, 15 bits.</summary>
    public ushort Type => (ushort)(LooseFields.Word(Bytes, 0) & 0x7fff);

    /// <summary>Length of the value in bytes, or the value itself in the short form.</summary>
    public ushort LengthOrValue => LooseFields.Word(Bytes, 2);

    /// <summary>The value behind type and length.</summary>
    public ReadOnlySpan<byte> Value => LooseFields.Run(Bytes, 4);
}

/// <summary>A walk over attributes; it ends at one that is not whole, and where the bytes end.</summary>
/// <param name="bytes">The attributes.</param>
/// <param name="offsetBytes">Where they start in the message.</param>
/// <param name="shortForm">True where the first bit means that there is no length.</param>
public ref struct AttributeWalk(ReadOnlySpan<byte> bytes, int offsetBytes, bool shortForm)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>The attribute that <see cref="MoveNext"/> has come to.</summary>
    public AttributeView Current { get; private set; }

    /// <summary>The walk itself, for foreach.</summary>
    public readonly AttributeWalk GetEnumerator() => this;

    /// <summary>Goes to the next attribute.</summary>
    public bool MoveNext()
    {
        ReadOnlySpan<byte> rest = _bytes[_at..];
        if (rest.IsEmpty)
        {
            return false;
        }

        bool isShort = shortForm && (rest[0] & 0x80) != 0;
        int length = 4 + (isShort ? 0 : LooseFields.Word(rest, 2));
        bool isWhole = length <= rest.Length;
        int taken = isWhole ? length : rest.Length;
        Current = new AttributeView(rest[..taken], offsetBytes + _at, isWhole);
        _at += taken;
        return true;
    }
}
