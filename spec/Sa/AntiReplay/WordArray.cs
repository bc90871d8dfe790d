namespace Conformance.Spec.Sa.AntiReplay;

/// <summary>A small immutable bit vector that compares by value; up to 64 bits lie in the value itself.</summary>
internal readonly struct WordArray : IEquatable<WordArray>
{
    private readonly ulong _first;
    private readonly ulong[]? _more;

    private WordArray(ulong first, ulong[]? more)
    {
        _first = first;
        _more = more;
    }

    private int Words => 1 + (_more?.Length ?? 0);

    public bool this[int bit] => (Word(bit >> 6) >> (bit & 63) & 1) != 0;

    public static WordArray Zero(int bits) => new(0, bits > 64 ? new ulong[((bits + 63) / 64) - 1] : null);

    /// <summary>Takes words of 32 bits, as many as the vector has room for.</summary>
    public static WordArray FromWords(ReadOnlySpan<uint> given, int bits)
    {
        WordArray array = Zero(bits);
        for (int bit = 0; bit < Math.Min(bits, given.Length * 32); bit++)
        {
            array = (given[bit / 32] >> (bit % 32) & 1) != 0 ? array.With(bit) : array;
        }

        return array;
    }

    /// <summary>The bits as words of 32.</summary>
    public uint[] ToWords()
    {
        uint[] halves = new uint[Words * 2];
        for (int i = 0; i < halves.Length; i++)
        {
            halves[i] = (uint)(Word(i / 2) >> (i % 2 * 32));
        }

        return halves;
    }

    public WordArray With(int bit)
    {
        ulong[]? more = Copy();
        ulong first = _first;
        Word(ref first, more, bit >> 6) |= 1UL << (bit & 63);
        return new WordArray(first, more);
    }

    /// <summary>Clears the blocks (of 64 bits) from one after <paramref name="block"/>, count of them, going round.</summary>
    public WordArray WithBlocksCleared(ulong block, ulong count)
    {
        ulong[]? more = Copy();
        ulong first = _first;
        ulong length = (ulong)Words;
        for (ulong i = 1; i <= Math.Min(count, length); i++)
        {
            Word(ref first, more, (int)((block + i) % length)) = 0;
        }

        return new WordArray(first, more);
    }

    /// <summary>Clears <paramref name="count"/> single bits of a ring of <paramref name="ringBits"/> bits, starting at one.</summary>
    public WordArray WithRingBitsCleared(int start, ulong count, int ringBits)
    {
        ulong[]? more = Copy();
        ulong first = _first;
        int todo = (int)Math.Min(count, (ulong)ringBits);
        for (int i = 0; i < todo; i++)
        {
            int bit = (start + i) % ringBits;
            Word(ref first, more, bit >> 6) &= ~(1UL << (bit & 63));
        }

        return new WordArray(first, more);
    }

    /// <summary>Moves every bit up by <paramref name="distance"/>; bits at or above <paramref name="bits"/> fall off.</summary>
    public WordArray ShiftedUp(ulong distance, int bits)
    {
        ulong first = 0;
        ulong[]? more = _more is null ? null : new ulong[_more.Length];
        if (distance < (ulong)bits)
        {
            int whole = (int)distance >> 6;
            int part = (int)distance & 63;
            for (int i = Words - 1; i >= whole; i--)
            {
                ulong carried = part != 0 && i > whole ? Word(i - whole - 1) >> (64 - part) : 0;
                Word(ref first, more, i) = (Word(i - whole) << part) | carried;
            }

            int tail = bits & 63;
            if (tail != 0)
            {
                Word(ref first, more, Words - 1) &= (1UL << tail) - 1;
            }
        }

        return new WordArray(first, more);
    }

    public bool Equals(WordArray other) => _first == other._first && _more.AsSpan().SequenceEqual(other._more);

    public override bool Equals(object? obj) => obj is WordArray other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(_first);
        foreach (ulong word in _more.AsSpan())
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }

    private static ref ulong Word(ref ulong first, ulong[]? more, int index)
    {
        if (index == 0)
        {
            return ref first;
        }

        return ref more.AsSpan()[index - 1];
    }

    private ulong Word(int index) => index == 0 ? _first : _more.AsSpan()[index - 1];

    private ulong[]? Copy() => (ulong[]?)_more?.Clone();
}
