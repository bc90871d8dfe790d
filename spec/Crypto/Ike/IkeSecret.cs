namespace Conformance.Spec.Crypto.Ike;

/// <summary>A secret of an IKE SA, opaque to all but cryptography; compares by value. RFC 7296 §2.13.</summary>
/// <remarks>A private value, a shared secret, a key: what is inside differs, what a state machine may do with it does not.</remarks>
public readonly struct IkeSecret : IEquatable<IkeSecret>
{
    private readonly byte[]? bytes;

    /// <summary>Copies the bytes.</summary>
    public IkeSecret(ReadOnlySpan<byte> bytes)
        : this(bytes.ToArray())
    {
    }

    private IkeSecret(byte[] owned) => bytes = owned;

    /// <summary>No secret: the integrity key of a combined mode, for example.</summary>
    public static IkeSecret None => default;

    /// <summary>Length in bytes.</summary>
    public int Length => bytes?.Length ?? 0;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => bytes;

    /// <summary>Equality of length and content.</summary>
    public static bool operator ==(IkeSecret left, IkeSecret right) => left.Equals(right);

    /// <summary>Inequality of length or content.</summary>
    public static bool operator !=(IkeSecret left, IkeSecret right) => !left.Equals(right);

    /// <summary>Takes over an array that nobody else will change.</summary>
    public static IkeSecret Adopt(byte[] owned) => new(owned);

    /// <inheritdoc/>
    public bool Equals(IkeSecret other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IkeSecret other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Lower-case hex digits: a tester shows its keys.</summary>
    public override string ToString() => Convert.ToHexStringLower(Span);
}
