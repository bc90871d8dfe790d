using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.AntiReplay;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Esp.Receive;

/// <summary>An inbound SA with what it remembers. RFC 4301 §4.4.2.1.</summary>
/// <param name="Sa">Parameters.</param>
/// <param name="Window">Receive window and right edge.</param>
/// <param name="Use">Use so far.</param>
public sealed record InboundAssociation(SecurityAssociation Sa, AntiReplayWindow Window, LifetimeUse Use)
{
    /// <summary>A new SA with the bitmap form of the window.</summary>
    public static InboundAssociation Create(SecurityAssociation sa) =>
        new(sa, BitmapWindow.At(sa.ReplayWindowPackets, sa.LastSequence), default);
}

/// <summary>The inbound SAD: all that a receiver remembers between packets.</summary>
/// <param name="Associations">By SPI: the shortest lookup of RFC 4303 §2.1 that a unicast SA needs.</param>
public sealed record ReceiverState(ImmutableDictionary<Spi, InboundAssociation> Associations)
{
    /// <summary>No SA.</summary>
    public static ReceiverState Empty { get; } = new(ImmutableDictionary<Spi, InboundAssociation>.Empty);

    /// <summary>Adds or replaces an SA.</summary>
    public ReceiverState With(InboundAssociation association) => new(Associations.SetItem(association.Sa.Spi, association));

    /// <summary>Removes an SA.</summary>
    public ReceiverState Without(Spi spi) => new(Associations.Remove(spi));

    /// <summary>Lets time pass for every SA.</summary>
    public ReceiverState Aged(TimeSpan span) => new(Associations.ToImmutableDictionary(
        entry => entry.Key, entry => entry.Value with { Use = entry.Value.Use with { Age = entry.Value.Use.Age + span } }));

    /// <summary>Equal when the same SAs remember the same.</summary>
    public bool Equals(ReceiverState? other) =>
        other is not null && Associations.Count == other.Associations.Count
        && Associations.All(entry => other.Associations.TryGetValue(entry.Key, out InboundAssociation? theirs) && entry.Value.Equals(theirs));

    /// <inheritdoc/>
    public override int GetHashCode() => Associations.Count;
}

/// <summary>Where the pipelines get keyed transforms from, so that a state holds values only.</summary>
public interface IKeyring
{
    /// <summary>The keyed transforms of an SA; the caller does not own them.</summary>
    EspProtection ProtectionOf(SecurityAssociation sa);
}
