using System.Collections.Immutable;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Machine;

/// <summary>One side of IKEv2: what it may do next, as a function of what it is and what happens to it. RFC 7296 §2.</summary>
/// <param name="configuration">What it was told.</param>
/// <param name="cryptography">Real keys, or symbolic terms.</param>
/// <param name="rules">Decisions; the RFC's unless a fault is planted.</param>
public sealed class IkeMachine(IkeConfiguration configuration, IIkeCryptography cryptography, IkeRules? rules = null)
{
    /// <summary>What this side was told.</summary>
    public IkeConfiguration Configuration { get; } = configuration;

    /// <summary>What computes.</summary>
    public IIkeCryptography Cryptography { get; } = cryptography;

    /// <summary>What decides.</summary>
    public IkeRules Rules { get; } = rules ?? IkeRules.Rfc;

    /// <summary>Every outcome that the RFC allows; the first is what this model does by itself.</summary>
    public ValueList<IkeOutcome> Step(IkePeer peer, IkeEvent happening)
    {
        ImmutableArray<IkeOutcome>.Builder outcomes = ImmutableArray.CreateBuilder<IkeOutcome>();
        ImmutableArray<int>? script = [];
        while (script is { } fixedChoices)
        {
            Draft draft = new(this, peer, fixedChoices);
            Apply(draft, happening);
            outcomes.Add(draft.Outcome);
            script = NextScript(draft);
        }

        return new(outcomes.ToImmutable());
    }

    /// <summary>What this model does by itself.</summary>
    public IkeOutcome Run(IkePeer peer, IkeEvent happening)
    {
        Draft draft = new(this, peer, []);
        Apply(draft, happening);
        return draft.Outcome;
    }

    private static void Apply(Draft draft, IkeEvent happening)
    {
        switch (happening)
        {
            case IkeEvent.Received received:
                Reception.Receive(draft, received);
                break;
            case IkeEvent.Asked asked:
                Commands.Take(draft, asked.Command);
                break;
            case IkeEvent.RetransmissionDue due:
                Retransmit(draft, due);
                break;
            case IkeEvent.GaveUp gaveUp:
                Closing.Forget(draft, gaveUp.Sa, "no answer");
                break;
            case IkeEvent.TrafficReceived traffic:
                TakeTraffic(draft, traffic);
                break;
            case IkeEvent.StrayPacket stray:
                Suspicion.OfPacket(draft, stray);
                break;
            case IkeEvent.MismatchedPacket mismatched:
                Suspicion.OfTraffic(draft, mismatched);
                break;
            case IkeEvent.CookieSecretDue:
                draft.Peer = draft.Peer with { CookieSecret = draft.Peer.CookieSecret + 1 };
                break;
            case IkeEvent.Forgotten forgotten:
                if (draft.Peer.Sa(forgotten.Sa) is { Phase: IkeSaPhase.Closed or IkeSaPhase.InitAnswered or IkeSaPhase.Redundant })
                {
                    draft.Peer = draft.Peer.WithoutSa(forgotten.Sa).WithoutIdleLeases();
                }
                else if (draft.Peer.Sa(forgotten.Sa) is { Unfinished.IsEmpty: false })
                {
                    FollowUpResponder.Forget(draft, forgotten.Sa);
                }

                break;
        }
    }

    // The same bytes again. RFC 7296 §2.1.
    private static void Retransmit(Draft draft, IkeEvent.RetransmissionDue due)
    {
        if (draft.Peer.Sa(due.Sa) is { } sa && sa.PendingOf(due.MessageId) is { } pending)
        {
            Route way = PathSearch.Next(draft, sa, pending);
            draft.Send(pending.Datagrams, way.Own, way.Peer, $"request {due.MessageId} again");
        }
    }

    private static void TakeTraffic(Draft draft, IkeEvent.TrafficReceived traffic)
    {
        foreach (ChildSa child in draft.Peer.Children)
        {
            if (traffic.From is { } from && draft.Peer.Sa(child.Owner) is { } owner && Mobike.IsAgreed(draft, owner) && from != (owner.Traffic?.Peer ?? owner.Peer).Address)
            {
                // It tells nothing of who has not followed. RFC 4555 §3.12.
                continue;
            }

            if (child.Inbound == traffic.Inbound && child.Phase == ChildSaPhase.Installed)
            {
                draft.Put(child with { MaySend = true });
            }
        }

        // The other side has answered, and the answer is lost. RFC 7296 §2.8.
        foreach (IkeSa sa in draft.Peer.Sas)
        {
            foreach (PendingRequest pending in sa.Pending)
            {
                if (pending.Purpose is ExchangePurpose.CreateChild { Attempt: { } attempt } && attempt.Inbound == traffic.Inbound)
                {
                    Retransmit(draft, new IkeEvent.RetransmissionDue(sa.Number, pending.MessageId));
                }
            }
        }
    }

    // The next path through the choices, depth first; null after the last.
    private static ImmutableArray<int>? NextScript(Draft draft)
    {
        for (int i = draft.Taken.Count - 1; i >= 0; i--)
        {
            if (draft.Taken[i] + 1 < draft.Alternatives[i])
            {
                return [.. draft.Taken.Take(i), draft.Taken[i] + 1];
            }
        }

        return null;
    }
}
