using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;

namespace Conformance.Spec.Ike.State;

/// <summary>All that one side remembers: its IKE SAs and the Child SAs made under them; compares by value. RFC 7296 §2.</summary>
public sealed record IkePeer
{
    /// <summary>A side that has done nothing yet.</summary>
    public static IkePeer Idle { get; } = new();

    /// <summary>IKE SAs in the order in which they came to be.</summary>
    public ValueList<IkeSa> Sas { get; init; }

    /// <summary>Child SAs in the order in which they came to be.</summary>
    public ValueList<ChildSa> Children { get; init; }

    /// <summary>How many IKE SAs there have been, which numbers them.</summary>
    public int SasMade { get; init; }

    /// <summary>How many Child SAs there have been, which numbers them.</summary>
    public int ChildrenMade { get; init; }

    /// <summary>The IKE SA of a number, or null.</summary>
    public IkeSa? Sa(int number)
    {
        foreach (IkeSa sa in Sas)
        {
            if (sa.Number == number)
            {
                return sa;
            }
        }

        return null;
    }

    /// <summary>The Child SA of a number, or null.</summary>
    public ChildSa? Child(int number)
    {
        foreach (ChildSa child in Children)
        {
            if (child.Number == number)
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>The IKE SA that a message is for, by the SPI that this side chose. RFC 7296 §2.6.</summary>
    public IkeSa? Find(bool isFromInitiator, IkeSpi initiatorSpi, IkeSpi responderSpi)
    {
        foreach (IkeSa sa in Sas)
        {
            if (sa.IsInitiator != isFromInitiator && sa.InitiatorSpi == initiatorSpi && sa.ResponderSpi == responderSpi)
            {
                return sa;
            }
        }

        return null;
    }

    /// <summary>The Child SA whose packets to the peer carry an SPI, among those of one family of IKE SAs. RFC 7296 §3.11.</summary>
    public ChildSa? ChildByOutbound(int family, Spi outbound)
    {
        foreach (ChildSa child in Children)
        {
            if (child.Outbound == outbound && Sa(child.Owner)?.Family == family)
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>This side with another value for one IKE SA, or with one more.</summary>
    public IkePeer With(IkeSa sa)
    {
        for (int i = 0; i < Sas.Count; i++)
        {
            if (Sas[i].Number == sa.Number)
            {
                return this with { Sas = Sas.SetItem(i, sa) };
            }
        }

        return this with { Sas = Sas.Add(sa) };
    }

    /// <summary>This side with another value for one Child SA, or with one more.</summary>
    public IkePeer With(ChildSa child)
    {
        for (int i = 0; i < Children.Count; i++)
        {
            if (Children[i].Number == child.Number)
            {
                return this with { Children = Children.SetItem(i, child) };
            }
        }

        return this with { Children = Children.Add(child) };
    }

    /// <summary>This side without one IKE SA.</summary>
    public IkePeer WithoutSa(int number) => this with { Sas = new([.. Sas.Where(s => s.Number != number)]) };

    /// <summary>This side without one Child SA.</summary>
    public IkePeer WithoutChild(int number) => this with { Children = new([.. Children.Where(c => c.Number != number)]) };
}
