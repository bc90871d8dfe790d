namespace Conformance.Spec.Sa.AntiReplay;

/// <summary>A small immutable bit vector that compares by value.</summary>
internal readonly struct WordArray : IEquatable<WordArray>
{
    private readonly ulong[] _words;

    private WordArray(ulong[] words) => _words = words;

    public bool this[int bit] => (_words[bit >> 6] >> (bit & 63) & 1) != 0;

    public static WordArray Zero(int bits) => new(new ulong[Math.Max(1, (bits + 63) / 64)]);

    public WordArray With(int bit)
    {
        ulong[] words = (ulong[])_words.Clone();
        words[bit >> 6] |= 1UL << (bit & 63);
        return new WordArray(words);
    }

    /// <summary>Clears the blocks (of 64 bits) from one after <paramref name="block"/>, count of them, going round.</summary>
    public WordArray WithBlocksCleared(ulong block, ulong count)
    {
        ulong[] words = (ulong[])_words.Clone();
        ulong length = (ulong)words.Length;
        for (ulong i = 1; i <= Math.Min(count, length); i++)
        {
            words[(block + i) % length] = 0;
        }

        return new WordArray(words);
    }

    /// <summary>Clears <paramref name="count"/> single bits of a ring of <paramref name="ringBits"/> bits, starting at one.</summary>
    public WordArray WithRingBitsCleared(int start, ulong count, int ringBits)
    {
        ulong[] words = (ulong[])_words.Clone();
        int todo = (int)Math.Min(count, (ulong)ringBits);
        for (int i = 0; i < todo; i++)
        {
            int bit = (start + i) % ringBits;
            words[bit >> 6] &= ~(1UL << (bit & 63));
        }

        return new WordArray(words);
    }

    /// <summary>Moves every bit up by <paramref name="distance"/>; bits at or above <paramref name="bits"/> fall off.</summary>
    public WordArray ShiftedUp(ulong distance, int bits)
    {
        ulong[] words = new ulong[_words.Length];
        if (distance < (ulong)bits)
        {
            int whole = (int)distance >> 6;
            int part = (int)distance & 63;
            for (int i = words.Length - 1; i >= whole; i--)
            {
                words[i] = _words[i - whole] << part;
                if (part != 0 && i > whole)
                {
                    words[i] |= _words[i - whole - 1] >> (64 - part);
                }
            }

            int tail = bits & 63;
            if (tail != 0)
            {
                words[^1] &= (1UL << tail) - 1;
            }
        }

        return new WordArray(words);
    }

    public bool Equals(WordArray other) => _words.AsSpan().SequenceEqual(other._words);

    public override bool Equals(object? obj) => obj is WordArray other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (ulong word in _words)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }
}
