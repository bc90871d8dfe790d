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

    /// <summary>Inner addresses that this side has or gave, while the IKE SAs are there. RFC 7296 §2.19.</summary>
    public ValueList<AddressLease> Leases { get; init; }

    /// <summary>How many IKE SAs there have been, which numbers them.</summary>
    public int SasMade { get; init; }

    /// <summary>How many Child SAs there have been, which numbers them.</summary>
    public int ChildrenMade { get; init; }

    /// <summary>How often the secret of the cookies has changed. RFC 7296 §2.6.</summary>
    public int CookieSecret { get; init; }

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

    /// <summary>Inner addresses that go with a family of IKE SAs, or null.</summary>
    public AddressLease? LeaseOf(int family)
    {
        foreach (AddressLease lease in Leases)
        {
            if (lease.Family == family)
            {
                return lease;
            }
        }

        return null;
    }

    /// <summary>This side with other inner addresses for one family of IKE SAs.</summary>
    public IkePeer With(AddressLease lease) => this with { Leases = [.. Leases.Where(l => l.Family != lease.Family), lease] };

    /// <summary>This side without the inner addresses whose IKE SAs are gone. RFC 7296 §2.19.</summary>
    public IkePeer WithoutIdleLeases() => Leases.All(l => IsHeld(l.Family)) ? this : this with { Leases = new([.. Leases.Where(l => IsHeld(l.Family))]) };

    private bool IsHeld(int family) => Sas.Any(s => s.Family == family && s.Phase != IkeSaPhase.Closed);

    /// <summary>This side without one IKE SA.</summary>
    public IkePeer WithoutSa(int number) => this with { Sas = new([.. Sas.Where(s => s.Number != number)]) };

    /// <summary>This side without one Child SA.</summary>
    public IkePeer WithoutChild(int number) => this with { Children = new([.. Children.Where(c => c.Number != number)]) };
}
