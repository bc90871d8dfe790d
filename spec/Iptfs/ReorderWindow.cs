using System.Collections.Immutable;

namespace Conformance.Spec.Iptfs;

/// <summary>Brings payloads into the order of their numbers before they are looked at. RFC 9347 §2.2.3.</summary>
/// <param name="Packets">How many later payloads are kept while one is missing.</param>
/// <param name="Wanted">Number that is next; null before the first.</param>
/// <param name="Held">Payloads that came too early, by their numbers.</param>
public sealed record ReorderWindow(int Packets, ulong? Wanted, ImmutableSortedDictionary<ulong, AggFragPayload> Held)
{
    /// <summary>A new window.</summary>
    public static ReorderWindow Create(int packets) => new(packets, null, ImmutableSortedDictionary<ulong, AggFragPayload>.Empty);

    /// <summary>Takes a payload; gives those whose turn it is, in order.</summary>
    public (ReorderWindow Next, ImmutableArray<(ulong Sequence, AggFragPayload Payload)> Released) Accept(ulong sequence, AggFragPayload payload)
    {
        ulong wanted = Wanted ?? sequence;
        if (sequence < wanted)
        {
            return (this, []);
        }

        ImmutableSortedDictionary<ulong, AggFragPayload> held = Held.SetItem(sequence, payload);

        // A number from beyond the window moves it: what it leaves behind is lost.
        ulong least = held.Keys.Last() - Math.Min((ulong)Packets, held.Keys.Last());
        return Release(held, Math.Max(wanted, least));
    }

    /// <summary>The time for missing payloads is over: everything that is held goes on. RFC 9347 §2.2.3.</summary>
    public (ReorderWindow Next, ImmutableArray<(ulong Sequence, AggFragPayload Payload)> Released) GiveUp() =>
        Held.IsEmpty ? (this, []) : Release(Held, Held.Keys.Last());

    private (ReorderWindow Next, ImmutableArray<(ulong, AggFragPayload)> Released) Release(ImmutableSortedDictionary<ulong, AggFragPayload> held, ulong wanted)
    {
        ImmutableArray<(ulong, AggFragPayload)>.Builder released = ImmutableArray.CreateBuilder<(ulong, AggFragPayload)>();
        foreach ((ulong sequence, AggFragPayload payload) in held)
        {
            if (sequence > wanted)
            {
                break;
            }

            released.Add((sequence, payload));
            held = held.Remove(sequence);
            wanted = Math.Max(wanted, sequence + 1);
        }

        return (this with { Wanted = wanted, Held = held }, released.ToImmutable());
    }
}
