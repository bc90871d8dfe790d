using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Sa;

/// <summary>An immutable map from SPI to an SA's state: an array while it is small, a tree beyond that.</summary>
/// <remarks>Every packet replaces one entry; in an array of a few that is one small copy.</remarks>
public sealed class AssociationTable<T> : IEquatable<AssociationTable<T>>
    where T : class
{
    private const int LargestArray = 16;
    private readonly (Spi Spi, T Value)[] _few;
    private readonly ImmutableDictionary<Spi, T>? _many;

    private AssociationTable((Spi Spi, T Value)[] few, ImmutableDictionary<Spi, T>? many)
    {
        _few = few;
        _many = many;
    }

    /// <summary>No entry.</summary>
    public AssociationTable()
        : this([], null)
    {
    }

    /// <summary>Number of entries.</summary>
    public int Count => _many?.Count ?? _few.Length;

    /// <summary>The entries, in no particular order.</summary>
    public IEnumerable<T> Values => _many?.Values ?? _few.Select(entry => entry.Value);

    /// <summary>The entry of an SPI.</summary>
    public bool TryGet(Spi spi, [NotNullWhen(true)] out T? value)
    {
        if (_many is not null)
        {
            return _many.TryGetValue(spi, out value);
        }

        int at = IndexAmongFew(spi);
        value = at < 0 ? null : _few[at].Value;
        return value is not null;
    }

    /// <summary>Adds or replaces an entry.</summary>
    public AssociationTable<T> With(Spi spi, T value)
    {
        if (_many is not null)
        {
            return new AssociationTable<T>([], _many.SetItem(spi, value));
        }

        int at = IndexAmongFew(spi);
        if (at < 0 && _few.Length == LargestArray)
        {
            return new AssociationTable<T>([], _few.ToImmutableDictionary(e => e.Spi, e => e.Value).Add(spi, value));
        }

        (Spi, T)[] few = new (Spi, T)[at < 0 ? _few.Length + 1 : _few.Length];
        _few.CopyTo(few, 0);
        few[at < 0 ? ^1 : at] = (spi, value);
        return new AssociationTable<T>(few, null);
    }

    /// <summary>Removes an entry, if it is there.</summary>
    public AssociationTable<T> Without(Spi spi) => _many is null
        ? new AssociationTable<T>([.. _few.Where(entry => entry.Spi != spi)], null)
        : new AssociationTable<T>([], _many.Remove(spi));

    /// <summary>Every entry changed by a function.</summary>
    public AssociationTable<T> Select(Func<T, T> change) => _many is null
        ? new AssociationTable<T>([.. _few.Select(entry => (entry.Spi, change(entry.Value)))], null)
        : new AssociationTable<T>([], _many.ToImmutableDictionary(entry => entry.Key, entry => change(entry.Value)));

    /// <summary>Equal when the same SPIs have equal values, whatever the order.</summary>
    public bool Equals(AssociationTable<T>? other) =>
        other is not null && Count == other.Count
        && (_many?.Select(e => (e.Key, e.Value)) ?? _few).All(entry => other.TryGet(entry.Item1, out T? theirs) && entry.Item2.Equals(theirs));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AssociationTable<T>);

    /// <inheritdoc/>
    public override int GetHashCode() => Count;

    private int IndexAmongFew(Spi spi)
    {
        for (int i = 0; i < _few.Length; i++)
        {
            if (_few[i].Spi == spi)
            {
                return i;
            }
        }

        return -1;
    }
}
