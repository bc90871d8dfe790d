namespace Conformance.Spec.Wire;

/// <summary>An immutable run of bytes that compares by value and prints as hex; keys and packets are kept in it.</summary>
public readonly struct ByteString : IEquatable<ByteString>
{
    private readonly byte[]? _array;
    private readonly int _offset;

    /// <summary>Copies the bytes.</summary>
    public ByteString(ReadOnlySpan<byte> bytes)
        : this(bytes.ToArray(), 0, bytes.Length)
    {
    }

    private ByteString(byte[]? owned, int offset, int length)
    {
        _array = owned;
        _offset = offset;
        Length = length;
    }

    /// <summary>No bytes.</summary>
    public static ByteString Empty => default;

    /// <summary>Length in bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => new(_array, _offset, Length);

    /// <summary>The bytes as memory.</summary>
    public ReadOnlyMemory<byte> Memory => new(_array, _offset, Length);

    /// <summary>The byte at an offset.</summary>
    public byte this[int offset] => Span[offset];

    /// <summary>Equality of length and content.</summary>
    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    /// <summary>Inequality of length or content.</summary>
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);

    /// <summary>Takes over an array that nobody else will change.</summary>
    public static ByteString Adopt(byte[] owned) => new(owned, 0, owned.Length);

    /// <summary>A part of it, without a copy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside.</exception>
    public ByteString Slice(Range range)
    {
        (int offset, int length) = range.GetOffsetAndLength(Length);
        return new ByteString(_array, _offset + offset, length);
    }

    /// <summary>Reads hex digits without separators.</summary>
    /// <exception cref="FormatException">An odd number of digits, or something that is no digit.</exception>
    public static ByteString FromHex(string hex) => new(Convert.FromHexString(hex));

    /// <summary>A copy.</summary>
    public byte[] ToArray() => Span.ToArray();

    /// <inheritdoc/>
    public bool Equals(ByteString other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Lower-case hex digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);
}
