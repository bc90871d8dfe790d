using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.State;

/// <summary>What a side is making over an IKE SA: from the request of CREATE_CHILD_SA to the last response of IKE_FOLLOWUP_KE. RFC 9370 §2.2.4.</summary>
public static class Attempts
{
    /// <summary>Child SAs in the making.</summary>
    public static IEnumerable<ChildAttempt> Children(IkeSa sa)
    {
        foreach (PendingRequest pending in sa.Pending)
        {
            if (Of(pending.Purpose) is { } attempt)
            {
                yield return attempt;
            }
        }

        foreach (UnfinishedExchange exchange in sa.Unsent)
        {
            if (exchange is UnfinishedExchange.Child { Attempt: { } attempt })
            {
                yield return attempt;
            }
        }
    }

    /// <summary>The successor of the IKE SA in the making, or null.</summary>
    public static IkeRekeyAttempt? Successor(IkeSa sa)
    {
        foreach (PendingRequest pending in sa.Pending)
        {
            switch (pending.Purpose)
            {
                case ExchangePurpose.RekeyIke rekey:
                    return rekey.Attempt;
                case ExchangePurpose.FollowUp { Exchange: UnfinishedExchange.Ike ike }:
                    return ike.Attempt;
            }
        }

        return sa.Unsent.Items.OfType<UnfinishedExchange.Ike>().FirstOrDefault()?.Attempt;
    }

    /// <summary>The IKE SA with another value for each Child SA in the making.</summary>
    public static IkeSa Change(IkeSa sa, Func<ChildAttempt, ChildAttempt> change) => Change(
        sa,
        purpose => purpose is ExchangePurpose.CreateChild create ? new ExchangePurpose.CreateChild(change(create.Attempt)) : purpose,
        exchange => exchange is UnfinishedExchange.Child { Attempt: { } attempt } child ? child with { Attempt = change(attempt) } : exchange);

    /// <summary>The IKE SA with another value for its successor in the making.</summary>
    public static IkeSa Change(IkeSa sa, Func<IkeRekeyAttempt, IkeRekeyAttempt> change) => Change(
        sa,
        purpose => purpose is ExchangePurpose.RekeyIke rekey ? new ExchangePurpose.RekeyIke(change(rekey.Attempt)) : purpose,
        exchange => exchange is UnfinishedExchange.Ike { Attempt: { } attempt } ike ? ike with { Attempt = change(attempt) } : exchange);

    private static IkeSa Change(IkeSa sa, Func<ExchangePurpose, ExchangePurpose> first, Func<UnfinishedExchange, UnfinishedExchange> later) => sa with
    {
        Pending = new([.. sa.Pending.Select(p => p with { Purpose = p.Purpose is ExchangePurpose.FollowUp f ? f with { Exchange = later(f.Exchange) } : first(p.Purpose) })]),
        Unsent = new([.. sa.Unsent.Select(later)]),
    };

    private static ChildAttempt? Of(ExchangePurpose purpose) => purpose switch
    {
        ExchangePurpose.CreateChild create => create.Attempt,
        ExchangePurpose.FollowUp { Exchange: UnfinishedExchange.Child child } => child.Attempt,
        _ => null,
    };
}
