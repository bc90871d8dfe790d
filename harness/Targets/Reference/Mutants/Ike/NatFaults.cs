using System.Collections.Immutable;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults behind, and towards, a NAT. RFC 7296 §2.23.</summary>
internal static class NatFaults
{
    public static ImmutableArray<IkeFault> All { get; } =
    [
        new("ike-auth-at-port-500-only", "RFC7296-2.23-19", "an IKE SA stays at its port") { Steps = (machine, peer, happening) => happening is IkeEvent.Received { To.Port: Endpoint.NatTraversalPort } ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-esp-not-in-udp", "RFC7296-2.23-06", "the NAT is seen and nothing follows") { Steps = (machine, peer, happening) => WithoutEncapsulation(machine.Run(peer, happening)) },
        new("ike-stays-at-port-500", "RFC7296-2.23-18", "the hashes are not compared") { Steps = (machine, peer, happening) => AtPort500(machine.Run(peer, happening), s => s.Phase == IkeSaPhase.AuthRequested) },
        new("ike-back-to-port-500", "RFC7296-2.23-02", "the configured port is used after IKE_AUTH") { Steps = (machine, peer, happening) => AtPort500(machine.Run(peer, happening), s => s.Phase == IkeSaPhase.Established) },
        new("ike-no-nat-detection", "RFC7296-2.23-07", "only an initiator looks for NATs") { Sends = (m, _) => m.Is(ExchangeType.IkeSaInit, true) && m.PathOf(NotifyType.NatDetectionSourceIp) is { } path ? m.Without(path) : m },
        new("ike-nat-not-followed", "RFC7296-2.23-23", "the address is that of IKE_AUTH") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && peer.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established) is { } sa ? machine.Run(peer, received with { From = sa.Peer }) is var o ? o with { Outputs = new([.. o.Outputs.Select(x => x is IkeOutput.Send send ? send with { To = received.From } : x)]) } : null! : machine.Run(peer, happening) },
        new("ike-forgery-followed", "RFC7296-2.23-26", "the address is noted before the checksum is looked at") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && machine.Run(peer, happening) is { Outputs.Count: 0 } nothing && peer.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established) is { } sa ? nothing with { Next = nothing.Next.With(sa with { Peer = received.From }) } : machine.Run(peer, happening) },
    ];

    private static IkeOutcome WithoutEncapsulation(IkeOutcome outcome) =>
        outcome with { Next = outcome.Next with { Children = new([.. outcome.Next.Children.Select(c => c with { IsUdpEncapsulated = false })]) } };

    private static IkeOutcome AtPort500(IkeOutcome outcome, Func<IkeSa, bool> which)
    {
        if (!outcome.Next.Sas.Any(which))
        {
            return outcome;
        }

        IkePeer next = outcome.Next with { Sas = new([.. outcome.Next.Sas.Select(s => which(s) ? s with { Own = s.Own with { Port = Endpoint.IkePort }, Peer = s.Peer with { Port = Endpoint.IkePort } } : s)]) };
        return outcome with
        {
            Next = next,
            Outputs = new([.. outcome.Outputs.Select(o => o is IkeOutput.Send send ? send with { From = send.From with { Port = Endpoint.IkePort }, To = send.To with { Port = Endpoint.IkePort } } : o)]),
        };
    }
}
