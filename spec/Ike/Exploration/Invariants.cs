using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Exploration;

/// <summary>What must hold between two sides, always and when nothing is on its way any more. RFC 7296 §2.8, §2.25.</summary>
public static class Invariants
{
    /// <summary>What is wrong at any moment, or null.</summary>
    /// <param name="first">The first side.</param>
    /// <param name="second">The second side.</param>
    /// <param name="mayLack">True if a side has dropped SAs without a word: the other may send into nowhere for a while.</param>
    public static string? Always(IkePeer first, IkePeer second, bool mayLack = false) => Sending(first, second, "first", mayLack) ?? Sending(second, first, "second", mayLack);

    /// <summary>What is wrong once all is quiet, or null.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="first">The first side.</param>
    /// <param name="second">The second side.</param>
    /// <param name="mayBeClosed">True if somebody was asked to close something.</param>
    /// <param name="successors">Successors that came to be, and what they replaced.</param>
    public static string? AtRest(Scenario scenario, IkePeer first, IkePeer second, bool mayBeClosed, ValueList<Successor> successors) =>
        Unfinished(first, "first") ?? Unfinished(second, "second")
        ?? SameSas(first, second) ?? SameChildren(first, second)
        ?? Count(scenario, first, mayBeClosed)
        ?? Survivors(first, successors);

    // Whatever a side may send, the other can open, with the same keys. RFC 7296 §2.8.
    private static string? Sending(IkePeer sender, IkePeer receiver, string name, bool mayLack)
    {
        foreach (ChildSa child in sender.Children)
        {
            if (!child.MaySend)
            {
                continue;
            }

            if (child.Phase != ChildSaPhase.Installed)
            {
                return $"the {name} side may send on Child SA {child.Outbound}, which it closes";
            }

            ChildSa? other = receiver.Children.FirstOrDefault(c => c.Inbound == child.Outbound);
            if (other is null && mayLack)
            {
                continue;
            }

            if (other is null)
            {
                return $"the {name} side may send on Child SA {child.Outbound}, which the other side does not have";
            }

            if (other.Compression != (child.Compression is { } c ? new CompressionAgreement(c.Transform, c.Outbound, c.Inbound) : null))
            {
                return $"the sides disagree on IPComp of Child SA {child.Outbound}";
            }

            if (other.InboundKeys != child.OutboundKeys || other.Own != child.Peer || other.Peer != child.Own || other.IsEsn != child.IsEsn || other.Suite != child.Suite)
            {
                return $"the sides disagree on keys, transforms or traffic of Child SA {child.Outbound}";
            }
        }

        return null;
    }

    private static string? Unfinished(IkePeer side, string name)
    {
        IkeSa? sa = side.Sas.FirstOrDefault(s => s.Phase is IkeSaPhase.Replaced or IkeSaPhase.Deleting or IkeSaPhase.InitRequested or IkeSaPhase.AuthRequested);
        ChildSa? child = side.Children.FirstOrDefault(c => c.Phase != ChildSaPhase.Installed);
        ChildSa? silent = side.Children.FirstOrDefault(c => !c.MaySend);
        return sa is not null ? $"at rest the {name} side's IKE SA {sa.OwnSpi} is {sa.Phase}"
            : child is not null ? $"at rest the {name} side's Child SA {child.Inbound} is {child.Phase}"
            : silent is not null ? $"at rest the {name} side may not send on its Child SA {silent.Inbound}"
            : null;
    }

    private static string? SameSas(IkePeer first, IkePeer second)
    {
        IkeSa[] ones = [.. first.Sas.Where(s => s.Phase == IkeSaPhase.Established)];
        IkeSa[] others = [.. second.Sas.Where(s => s.Phase == IkeSaPhase.Established)];
        foreach (IkeSa sa in ones)
        {
            IkeSa? other = others.FirstOrDefault(o => o.InitiatorSpi == sa.InitiatorSpi && o.ResponderSpi == sa.ResponderSpi && o.IsInitiator != sa.IsInitiator);
            if (other is null)
            {
                return $"at rest only the first side has IKE SA {sa.InitiatorSpi} {sa.ResponderSpi}";
            }

            if (other.Keys != sa.Keys)
            {
                return $"the sides disagree on the keys of IKE SA {sa.InitiatorSpi} {sa.ResponderSpi}";
            }
        }

        return ones.Length == others.Length ? null : $"at rest the first side has {ones.Length} IKE SAs, the second {others.Length}";
    }

    private static string? SameChildren(IkePeer first, IkePeer second)
    {
        foreach (ChildSa child in first.Children)
        {
            ChildSa? other = second.Children.FirstOrDefault(c => c.Inbound == child.Outbound && c.Outbound == child.Inbound);
            if (other is null)
            {
                return $"at rest only the first side has Child SA {child.Inbound} {child.Outbound}";
            }

            IkeSa one = first.Sa(child.Owner)!;
            IkeSa two = second.Sa(other.Owner)!;
            if (one.InitiatorSpi != two.InitiatorSpi || one.ResponderSpi != two.ResponderSpi)
            {
                return $"at rest the sides disagree which IKE SA controls Child SA {child.Inbound} {child.Outbound}";
            }
        }

        return first.Children.Count == second.Children.Count ? null : $"at rest the first side has {first.Children.Count} Child SAs, the second {second.Children.Count}";
    }

    // Of colliding successors exactly one survives. RFC 7296 §2.8.1, §2.8.2.
    private static string? Count(Scenario scenario, IkePeer side, bool mayBeClosed)
    {
        int sas = side.Sas.Count(s => s.Phase == IkeSaPhase.Established);
        int most = scenario.MostSas;
        if (sas > most || (sas < 1 && !mayBeClosed))
        {
            return $"at rest there are {sas} IKE SAs";
        }

        foreach (IGrouping<int, ChildSa> same in side.Children.GroupBy(c => c.Configuration))
        {
            if (same.Count() > most)
            {
                return $"at rest there are {same.Count()} Child SAs for one purpose";
            }
        }

        return side.Children.IsEmpty && !mayBeClosed ? "at rest there is no Child SA" : null;
    }

    // And it is the one that the nonces say. RFC 7296 §2.8.1.
    private static string? Survivors(IkePeer side, ValueList<Successor> successors)
    {
        IEnumerable<string> names = [.. side.Children.Select(c => Successor.Name(c)), .. side.Sas.Where(s => s.Phase == IkeSaPhase.Established).Select(s => Successor.Name(s))];
        foreach (string name in names)
        {
            Successor? survivor = successors.FirstOrDefault(s => s.Made == name);
            Successor? better = survivor is null ? null
                : successors.FirstOrDefault(s => s.Replaced == survivor.Replaced && s.LowestNonce.Span.SequenceCompareTo(survivor.LowestNonce.Span) > 0);
            if (better is not null)
            {
                return $"{name} survives, though the exchange that made it has the lowest nonce; {better.Made} should";
            }
        }

        return null;
    }
}

/// <summary>An SA that took the place of another, as the initiator of the exchange saw it.</summary>
/// <param name="Replaced">What it replaced.</param>
/// <param name="Made">Its own name.</param>
/// <param name="LowestNonce">The lower nonce of the exchange.</param>
public sealed record Successor(string Replaced, string Made, ByteString LowestNonce)
{
    /// <summary>A Child SA by its two SPIs, the same at both sides.</summary>
    public static string Name(ChildSa child) => child.Inbound.Value < child.Outbound.Value ? $"Child SA {child.Inbound} {child.Outbound}" : $"Child SA {child.Outbound} {child.Inbound}";

    /// <summary>An IKE SA by its two SPIs.</summary>
    public static string Name(IkeSa sa) => $"IKE SA {sa.InitiatorSpi} {sa.ResponderSpi}";

    /// <summary>The successors that one step of a side brought.</summary>
    public static IEnumerable<Successor> Between(IkePeer before, IkePeer after)
    {
        foreach (ChildSa child in after.Children)
        {
            if (child.Number >= before.ChildrenMade && child.IsInitiator && child.Replaces is { } replaced && before.Child(replaced) is { } old)
            {
                yield return new Successor(Name(old), Name(child), child.LowestNonce);
            }
        }

        foreach (IkeSa sa in after.Sas)
        {
            if (sa.Number >= before.SasMade && sa.IsInitiator && sa.Replaces is { } replaced && before.Sa(replaced) is { } old)
            {
                yield return new Successor(Name(old), Name(sa), sa.LowestNonce);
            }
        }
    }
}
