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
/// <param name="Associations">By SPI: the shortest lookup of RFC 4303 §2.1, which is all that a unicast SA needs.</param>
public sealed record ReceiverState(AssociationTable<InboundAssociation> Associations)
{
    /// <summary>No SA.</summary>
    public static ReceiverState Empty { get; } = new(new AssociationTable<InboundAssociation>());

    /// <summary>Adds or replaces an SA.</summary>
    public ReceiverState With(InboundAssociation association) => new(Associations.With(association.Sa.Spi, association));

    /// <summary>Removes an SA.</summary>
    public ReceiverState Without(Spi spi) => new(Associations.Without(spi));

    /// <summary>Lets time pass for every SA.</summary>
    public ReceiverState Aged(TimeSpan span) =>
        new(Associations.Select(a => a with { Use = a.Use with { Age = a.Use.Age + span } }));
}

/// <summary>Where the pipelines get keyed transforms from, so that a state holds values only.</summary>
public interface IKeyring
{
    /// <summary>The keyed transforms of an SA; the caller does not own them.</summary>
    EspProtection ProtectionOf(SecurityAssociation sa);
}
