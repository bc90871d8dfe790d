using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Conformance.Spec.Wire;

/// <summary>An immutable list that compares by its members; states and messages keep their collections in it.</summary>
/// <typeparam name="T">Something that compares by value.</typeparam>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Of))]
public readonly struct ValueList<T> : IEquatable<ValueList<T>>, IReadOnlyList<T>
{
    private readonly ImmutableArray<T> _items;

    /// <summary>Takes an array as it is.</summary>
    public ValueList(ImmutableArray<T> items)
    {
        _items = items;
    }

    /// <summary>Number of members.</summary>
    public int Count => Items.Length;

    /// <summary>True without members.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>The members as an array.</summary>
    public ImmutableArray<T> Items => _items.IsDefault ? [] : _items;

    /// <summary>The member at an index.</summary>
    public T this[int index] => Items[index];

    /// <summary>Equality of all members in order.</summary>
    public static bool operator ==(ValueList<T> left, ValueList<T> right) => left.Equals(right);

    /// <summary>Inequality of some member.</summary>
    public static bool operator !=(ValueList<T> left, ValueList<T> right) => !left.Equals(right);

    /// <summary>The list with one more member at its end.</summary>
    public ValueList<T> Add(T item) => new(Items.Add(item));

    /// <summary>The list with one more member at an index.</summary>
    public ValueList<T> Insert(int index, T item) => new(Items.Insert(index, item));

    /// <summary>The list with another member at an index.</summary>
    public ValueList<T> SetItem(int index, T item) => new(Items.SetItem(index, item));

    /// <summary>The list without the member at an index.</summary>
    public ValueList<T> RemoveAt(int index) => new(Items.RemoveAt(index));

    /// <inheritdoc/>
    public bool Equals(ValueList<T> other) => Items.AsSpan().SequenceEqual(other.Items.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ValueList<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (T item in Items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    /// <summary>Walks the members without an allocation.</summary>
    public ImmutableArray<T>.Enumerator GetEnumerator() => Items.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator<T> IEnumerable<T>.GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => ((IEnumerable)Items).GetEnumerator();

    /// <summary>The members in brackets.</summary>
    public override string ToString() => $"[{string.Join(", ", Items)}]";
}

/// <summary>Makes lists for collection expressions.</summary>
public static class ValueList
{
    /// <summary>A list of some members.</summary>
    public static ValueList<T> Of<T>(ReadOnlySpan<T> items) => new([.. items]);
}
