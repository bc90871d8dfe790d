namespace Conformance.Spec.Wire;

/// <summary>An immutable run of bytes that compares by value and prints as hex; keys and packets are kept in it.</summary>
public readonly struct ByteString : IEquatable<ByteString>
{
    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Copies the bytes.</summary>
    public ByteString(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    private ByteString(ReadOnlyMemory<byte> owned) => _bytes = owned;

    /// <summary>No bytes.</summary>
    public static ByteString Empty => default;

    /// <summary>Length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes.Span;

    /// <summary>The bytes as memory.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>The byte at an offset.</summary>
    public byte this[int offset] => Span[offset];

    /// <summary>Equality of length and content.</summary>
    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    /// <summary>Inequality of length or content.</summary>
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);

    /// <summary>Takes over an array that nobody else will change.</summary>
    public static ByteString Adopt(byte[] owned) => new((ReadOnlyMemory<byte>)owned);

    /// <summary>A part of it, without a copy.</summary>
    public ByteString Slice(Range range) => new(_bytes[range]);

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
