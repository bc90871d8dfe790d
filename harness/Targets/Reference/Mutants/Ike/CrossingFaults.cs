using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults where requests cross, and where there are several IKE SAs. RFC 7296 §1.4.1, §2.4, §2.8, §2.25.</summary>
internal static class CrossingFaults
{
    public static ImmutableArray<IkeFault> All { get; } =
    [
        Sends("delete-names-the-peers-spi", "RFC7296-1.4.1-02", "outbound and inbound are mixed up", m => !m.IsResponse && m.Has("Delete/SPI") ? m.With("Delete/SPI", ByteString.FromHex("0badcafe")) : m),
        new("ike-delete-names-both", "RFC7296-1.4.1-05", "all SAs of the child are named") { Steps = NamesBoth },
        new("ike-crossing-delete-named", "RFC7296-1.4.1-08", "every Delete is answered by one") { Sends = (m, sa) => m.Is(ExchangeType.Informational, true) && sa?.Pending.Any(p => p.Purpose is ExchangePurpose.DeleteChildren) == true && !m.Has("Delete") ? m.With(IkePayload.Delete.Of(ProtocolId.Esp, [new Spi(0x01020304)])) : m },
        new("ike-busy-with-child-rekeying", "RFC7296-2.25.1-02", "a second rekeying of a child is refused") { Steps = (machine, peer, happening) => machine.Run(Asks(machine, peer, happening, NotifyType.RekeySa) ? peer with { Children = new([.. peer.Children.Select(c => c with { Phase = ChildSaPhase.Deleting })]) } : peer, happening) },
        new("ike-delete-of-a-rekeyed-child-bare", "RFC7296-2.25.1-03", "the SA is thought to be closed by its rekeying") { Sends = (m, sa) => m.Is(ExchangeType.Informational, true) && sa?.Pending.Any(p => p.Purpose is ExchangePurpose.CreateChild) == true ? m.Without("Delete") : m },
        Sends("rekeying-over-a-rekeying-is-refused-for-good", "RFC7296-2.25.1-05", "one error for all that is in the way", m => m.Instead(NotifyType.TemporaryFailure, NotifyType.NoAdditionalSas)),
        new("ike-busy-with-ike-rekeying", "RFC7296-2.25.2-01", "a second rekeying of the IKE SA is refused") { Steps = (machine, peer, happening) => BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, { RekeyAttempt: not null } sa) && m.Is(ExchangeType.CreateChildSa) ? machine.Run(peer.With(sa with { Phase = IkeSaPhase.Deleting }), happening) : machine.Run(peer, happening) },
        new("ike-delete-while-rekeying-dropped", "RFC7296-2.25.2-03", "the IKE SA is thought to be needed") { Steps = (machine, peer, happening) => BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, { RekeyAttempt: not null }) && m.Has("Delete") ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-crossing-ike-delete-dropped", "RFC7296-2.25.2-04", "what is being closed hears nothing") { Steps = (machine, peer, happening) => BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, { Phase: IkeSaPhase.Deleting }) && m.Has("Delete") ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-highest-nonce-of-ike-sas-loses", "RFC7296-2.8.2-01", "the highest nonce loses") { Rules = new ReversedComparison() },
        new("ike-changes-over-at-once", "RFC7296-2.8-19", "the responder sends on the new SA as soon as it has it") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && o.Next.Children.Any(c => c is { Replaces: not null, MaySend: false }) ? o with { Next = o.Next with { Children = new([.. o.Next.Children.Select(c => c with { MaySend = true })]) } } : o },
        new("ike-asks-again-at-once", "RFC7296-2.25-01", "what failed is tried again") { Steps = AsksAgain },
        new("ike-temporary-failure-ends", "RFC7296-2.8.2-04", "an error ends the IKE SA") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && Answers(machine, peer, happening, NotifyType.TemporaryFailure) ? o with { Next = o.Next with { Sas = [], Children = [] } } : o },
        new("ike-lost-child-kept", "RFC7296-2.25-07", "a failed rekeying changes nothing") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && Answers(machine, peer, happening, NotifyType.ChildSaNotFound) ? o with { Next = o.Next with { Children = peer.Children } } : o },
        new("ike-one-sa-for-a-peer", "RFC7296-2.8.3-03", "a new IKE SA takes the place of the old one") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && o.Next.Sas.Count(s => s.Phase == IkeSaPhase.Established) > 1 ? o with { Next = o.Next with { Sas = [o.Next.Sas[^1]] } } : o },
        Sends("one-responder-spi", "RFC7296-2.6-01", "the SPI is drawn once", m => m.Is(ExchangeType.IkeSaInit, true) && m.Has("SecurityAssociation") ? m.With("responder SPI", 0x4242) : m),
        new("ike-delete-under-any-ike-sa", "RFC7296-1.4-04", "children are looked up among all") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, _) && m.Has("Delete/SPI") && SpiBytes.Read(((RawData)m.Tree["Delete/SPI"]).Bytes) is { } spi ? o with { Next = o.Next with { Children = new([.. o.Next.Children.Where(c => c.Outbound != spi)]) } } : o },
        new("ike-initial-contact-at-once", "RFC7296-2.4-04", "INITIAL_CONTACT is heeded before AUTH is verified") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && Asks(machine, peer, happening, NotifyType.InitialContact) ? o with { Next = o.Next with { Sas = [] } } : o },
    ];

    private static bool Asks(IkeMachine machine, IkePeer peer, IkeEvent happening, NotifyType type) =>
        BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } message, _) && message.PathOf(type) is not null;

    private static bool Answers(IkeMachine machine, IkePeer peer, IkeEvent happening, NotifyType type) =>
        BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: true } message, _) && message.PathOf(type) is not null;

    private static IkeOutcome NamesBoth(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        Spi? outbound = outcome.Next.Children.FirstOrDefault(c => c.Phase == ChildSaPhase.Deleting)?.Outbound;
        return outbound is not { } other ? outcome
            : new IkeFault("", "", "") { Sends = (m, _) => !m.IsResponse && m.Has("Delete/SPI") ? m.With(IkePayload.Delete.Of(ProtocolId.Esp, [other])) : m, Steps = (_, _, _) => outcome }.Ike(machine, peer, happening);
    }

    private static IkeOutcome AsksAgain(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        if (!Answers(machine, peer, happening, NotifyType.TemporaryFailure) || outcome.Next.Children.IsEmpty)
        {
            return outcome;
        }

        IkeOutcome again = machine.Run(outcome.Next, new IkeEvent.Asked(new IkeCommand.RekeyChild(outcome.Next.Children[0].Number)));
        return again with { Outputs = new([.. outcome.Outputs, .. again.Outputs]) };
    }

    private sealed class ReversedComparison : IkeRules
    {
        public override int CompareNonces(ByteString one, ByteString other) => base.CompareNonces(other, one);
    }
}
