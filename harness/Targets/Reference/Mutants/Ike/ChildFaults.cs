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

/// <summary>Faults of CREATE_CHILD_SA and of INFORMATIONAL. RFC 7296 §1.3, §1.4, §2.8, §2.17, §2.18, §2.21, §2.25.</summary>
internal static class ChildFaults
{
    private const string Proposal = "SecurityAssociation/Proposal";
    private const string Unknown = "Payload200";

    public static ImmutableArray<IkeFault> All { get; } = [.. Creation(), .. Rekeying(), .. Collisions(), .. Informational(), .. Authenticity()];

    private static IkeFault[] Creation() =>
    [
        Takes("nonce-of-a-child-not-needed", "RFC7296-1.3-09", "a missing nonce is read as zeros", m => m.Is(ExchangeType.CreateChildSa, false) && !m.Has("Nonce") ? m.With(new IkePayload.Nonce(ByteString.Adopt(new byte[16]))) : m),
        new("ike-refused-child-ends-it", "RFC7296-1.3.1-12", "an error ends the IKE SA") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && BehaviourFaults.Read(machine, peer, happening) is ({ } m, _) && m.Is(ExchangeType.CreateChildSa) && o.Next.ChildrenMade == peer.ChildrenMade ? o with { Next = o.Next with { Sas = [] } } : o },
        Takes("any-nonce-for-a-child", "RFC7296-2.10-05", "the length of the nonce is not looked at", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has("Nonce") && ((RawData)m.Tree["Nonce/data"]).LengthBytes is < 16 or > 256 ? m.With("Nonce/data", ByteString.Adopt(new byte[16])) : m),
        Sends("group-of-a-child-is-no-proposal", "RFC7296-1.3-06", "no acceptable group, no acceptable suite", m => m.Is(ExchangeType.CreateChildSa) ? m.Instead(NotifyType.InvalidKePayload, NotifyType.NoProposalChosen) : m),
    ];

    private static IkeFault[] Rekeying() =>
    [
        new("ike-one-child-for-selectors", "RFC7296-2.8-14", "a child with the same selectors is taken for a successor") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && o.Next.Children.Count > 1 && o.Next.Children.All(c => c.Replaces is null) ? o with { Next = o.Next with { Children = [o.Next.Children[^1]] } } : o },
        Sends("guess-of-the-second-group", "RFC7296-3.4-05", "KE is of the group in use, wherever it stands", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has($"{Proposal}/Transform[2]") && m[$"{Proposal}/protocol"] == 1 ? m.Repaired(t => t.WithBefore($"{Proposal}/Transform[2]", ((RawNode)t[$"{Proposal}/Transform[2]"]).With("ID", 19))) : m),
        new("ike-successor-keys-of-old-spis", "RFC7296-2.18-08", "the old SPIs enter the seed") { Steps = SuccessorWithOtherKeys },
        new("ike-successor-without-children", "RFC7296-2.8-08", "children end with their IKE SA") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && o.Next.Sas.Any(s => s.Replaces is not null) && peer.Sas.All(s => s.Replaces is null) ? o with { Next = o.Next with { Children = [] } } : o },
        Takes("rekeying-without-ke", "RFC7296-1.3.2-02", "the key exchange is left out where it is not offered", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 1 && !m.Has("KeyExchange") && Group(m) != 0 ? m.With(new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt([9, .. new byte[31]]))) : m),
        Takes("rekeying-with-none", "RFC7296-2.18-06", "NONE is a group like others", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 1 && Group(m) == 0 ? m.With(new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt([9, .. new byte[31]]))).With($"{Proposal}/Transform[2]/ID", 31) : m),
        Takes("rekeying-without-spi", "RFC7296-2.18-09", "a missing SPI is that of the header", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 1 && m[$"{Proposal}/SPI size"] == 0 ? WithSpi(m) : m),
        Sends("unknown-child-is-no-proposal", "RFC7296-2.25-05", "one error for all", m => m.Instead(NotifyType.ChildSaNotFound, NotifyType.NoAdditionalSas).OnNotify(NotifyType.NoAdditionalSas, (n, path) => n.Has($"{path}/SPI") ? n.Repaired(t => t.Without($"{path}/SPI").With($"{path}/protocol", 0)) : n)),
        Sends("unknown-child-without-spi", "RFC7296-2.25-06", "the SPI is not copied", m => m.OnNotify(NotifyType.ChildSaNotFound, (n, path) => n.Repaired(t => t.Without($"{path}/SPI").With($"{path}/protocol", 0)))),
        new("ike-rekeyed-by-own-spi", "RFC7296-1.3.3-04", "the SA is looked up among inbound ones") { Steps = RekeyedByOwnSpi },
        new("ike-old-child-closed-at-once", "RFC7296-2.8-07", "the responder closes the old SA as soon as it has answered") { Rules = new OldGoesFirst(), Also = ["RFC7296-2.8.1-02"] },
        new("ike-old-child-not-deleted", "RFC7296-2.8-06", "the old SA is left to its lifetime") { Steps = (machine, peer, happening) => WithoutDelete(machine, peer, happening, 3) },
        new("ike-old-ike-sa-not-deleted", "RFC7296-2.8-09", "the old IKE SA is left to its lifetime") { Steps = (machine, peer, happening) => WithoutDelete(machine, peer, happening, 1) },
        Sends("rekey-sa-missing", "RFC7296-1.3.3-01", "a new SA is asked for, then the old one closed", m => !m.IsResponse && m.PathOf(NotifyType.RekeySa) is { } path ? m.Without(path) : m),
        Sends("rekeyed-selectors-narrow", "RFC7296-2.9.2-02", "the selectors of a packet are offered", m => m.Is(ExchangeType.CreateChildSa, false) && m.PathOf(NotifyType.RekeySa) is not null ? m.With("TrafficSelectorInitiator/Selector/last address", ((RawData)m.Tree["TrafficSelectorInitiator/Selector/first address"]).Bytes) : m),
        Sends("rekeying-asked-without-ke", "RFC7296-1.3.2-01", "the key exchange is thought to be optional", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 1 ? m.Without("KeyExchange") : m),
        Sends("rekeying-with-selectors", "RFC7296-2.18-01", "one request for all", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 1 ? m.With(new IkePayload.TrafficSelectors(true, [TrafficSelector.Range.All(false)])) : m),
    ];

    private static IkeFault[] Collisions() =>
    [
        Sends("closing-child-not-found", "RFC7296-2.25.1-01", "what is being closed is gone", m => m.Instead(NotifyType.TemporaryFailure, NotifyType.NoAdditionalSas)) with { Also = ["RFC7296-2.25.2-02", "RFC7296-2.25.2-05"] },
        new("ike-busy-with-rekeying", "RFC7296-2.25.2-06", "nothing is done while the IKE SA is rekeyed") { Sends = (m, sa) => m.Is(ExchangeType.Informational, true) && sa?.RekeyAttempt is not null ? m.Without("Delete") : m },
        new("ike-highest-nonce-loses", "RFC7296-2.8.1-03", "the highest nonce loses") { Rules = new ReversedComparison() },
    ];

    private static IkeFault[] Informational() =>
    [
        new("ike-empty-not-answered", "RFC7296-1.4-05", "what asks for nothing is not answered") { Takes = m => m.Is(ExchangeType.Informational, false) && m.Tree.Parts.Count == 8 ? null : m },
        Takes("unknown-error-ends", "RFC7296-3.10.1-02", "an error is an error", m => m.OnNotify((NotifyType)8000, (n, path) => n.With($"{path}/type", (ulong)NotifyType.AuthenticationFailed))),
        Sends("unknown-status-refused", "RFC7296-3.10.1-03", "what is not known is told", m => m) with { Steps = RefusesUnknownStatus },
        Sends("delete-answered-with-their-spi", "RFC7296-1.4.1-04", "the Delete payload is sent back", m => m.IsResponse && m.Has("Delete/SPI") ? m.With("Delete/SPI", ByteString.FromHex("0badcafe")) : m),
        new("ike-delete-without-effect", "RFC7296-1.4.1-03", "the SA is left to its lifetime") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, _) && m.Has("Delete/SPI") ? o with { Next = o.Next with { Children = peer.Children } } : o },
        Takes("first-spi-only", "RFC7296-1.4.1-06", "one SPI is taken for granted", m => m.Has("Delete/SPI[1]") ? m.Repaired(t => t.Without("Delete/SPI[1]")) : m),
        new("ike-unknown-delete-is-an-error", "RFC7296-2.25.1-04", "an SPI that is not found is taken for an error") { Rules = new UnknownIsAnError() },
        new("ike-unknown-delete-ends", "RFC7296-1.4.1-14", "state is out of step") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, _) && m.Has("Delete/SPI") && o.Next.Children.Count == peer.Children.Count ? o with { Next = o.Next with { Sas = [] } } : o },
        Takes("delete-whatever-protocol", "RFC7296-3.11-07", "the protocol is not looked at", m => m.Has("Delete") && m["Delete/protocol"] == 2 ? m.With("Delete/protocol", 3) : m),
        new("ike-children-outlive-it", "RFC7296-1.4.1-09", "children end by their own Delete only") { Steps = ChildrenOutlive },
        Takes("first-delete-only", "RFC7296-3.11-06", "one Delete payload is taken for granted", m => m.Has("Delete[1]") ? m.Without("Delete[1]") : m),
        new("ike-nonsense-survived", "RFC7296-2.21.3-03", "INVALID_SYNTAX is a word like others") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && BehaviourFaults.Read(machine, peer, happening) is (_, { Phase: IkeSaPhase.Established } sa) && o.Next.Sa(sa.Number) is { Phase: IkeSaPhase.Closed } closed && !Deletes(machine, peer, happening) ? o with { Next = o.Next.With(closed with { Phase = IkeSaPhase.Established }) } : o },
        Sends("nonsense-is-told-otherwise", "RFC7296-2.21.3-05", "malformed is malformed", m => m.Is(ExchangeType.Informational, true) ? m.Instead(NotifyType.InvalidSyntax, NotifyType.TemporaryFailure) : m),
    ];

    private static IkeFault[] Authenticity() =>
    [
        new("ike-unknown-critical-ends", "RFC7296-2.21-03", "every error ends the IKE SA") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, _) && m.Has(Unknown) ? o with { Next = o.Next with { Sas = [] } } : o },
        new("ike-checksum-not-looked-at", "RFC7296-2.21.3-04", "the message is handled before its checksum is compared") { Steps = Unchecked },
        new("ike-any-direction", "RFC7296-1.2-06", "both keys are tried") { Steps = BothWays },
        new("ike-clear-error-believed", "RFC7296-2.21.4-08", "errors in clear end the IKE SA") { Steps = (machine, peer, happening) => IsClear(happening, isResponse: true) ? new IkeOutcome(peer with { Sas = [], Children = [] }, [], []) : machine.Run(peer, happening) },
        new("ike-clear-error-closes-children", "RFC7296-2.4-09", "an error in clear is a sign that the peer is gone") { Steps = (machine, peer, happening) => IsClear(happening, isResponse: true) ? new IkeOutcome(peer with { Children = [] }, [], []) : machine.Run(peer, happening) },
        new("ike-clear-error-answered", "RFC7296-2.21.4-07", "a request is answered, also in clear") { Steps = (machine, peer, happening) => IsClear(happening, isResponse: false) ? new IkeOutcome(peer, [Echo((IkeEvent.Received)happening)], []) : machine.Run(peer, happening) },
        new("ike-padding-of-a-block-at-most", "RFC7296-3.14-07", "longer padding is an error") { Steps = (machine, peer, happening) => PaddingOf(machine, peer, happening) > 16 ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-iv-compared", "RFC7296-3.14-03", "an IV must be a counter") { Takes = m => m.Iv is { Length: > 0 } iv && iv[0] == 0xff ? null : m },
        new("ike-short-sk-answered", "RFC7296-3.14-11", "missing octets are read as zeros") { Steps = (machine, peer, happening) => happening is IkeEvent.Received { Datagram: { Length: >= 32 and <= 54 } datagram } && datagram[16] == 46 ? new IkeOutcome(peer, [Echo((IkeEvent.Received)happening)], []) : machine.Run(peer, happening) },
        Takes("any-exchange-is-informational", "RFC7296-3.1-14", "the exchange type is not looked at", m => m["exchange type"] == 241 ? m.With("exchange type", 37) : m),
    ];

    private static ulong Group(EditableMessage message) => message.Has($"{Proposal}/Transform[2]") ? message[$"{Proposal}/Transform[2]/ID"] : 0;

    private static bool Deletes(IkeMachine machine, IkePeer peer, IkeEvent happening) => BehaviourFaults.Read(machine, peer, happening) is ({ } m, _) && m.Has("Delete");

    private static EditableMessage WithSpi(EditableMessage message) => message.Repaired(t => t.Change(Proposal, part =>
    {
        RawNode node = (RawNode)part;
        int at = node.Parts.Items.TakeWhile(p => p is RawField).Count();
        return [node with { Parts = node.Parts.Insert(at, new RawData("SPI", ByteString.FromHex("1122334455667788"))) }];
    }));

    private static IkeOutcome SuccessorWithOtherKeys(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        IkePeer next = outcome.Next;
        foreach (IkeSa sa in outcome.Next.Sas.Items.Where(s => s.Replaces is not null && peer.Sa(s.Number) is null && s.Keys is not null))
        {
            next = next.With(sa with { Keys = peer.Sa(sa.Replaces!.Value)!.Keys });
        }

        return outcome with { Next = next };
    }

    private static IkeOutcome RekeyedByOwnSpi(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (BehaviourFaults.Read(machine, peer, happening) is not ({ IsResponse: false } message, { } sa) || message.PathOf(NotifyType.RekeySa) is not { } path)
        {
            return machine.Run(peer, happening);
        }

        Spi named = SpiBytes.Read(((RawData)message.Tree[$"{path}/SPI"]).Bytes)!.Value;
        ByteString other = SpiBytes.Of(peer.Children.FirstOrDefault(c => c.Inbound == named)?.Outbound ?? new Spi(0x01010101));
        IkeEvent.Received received = (IkeEvent.Received)happening;
        return machine.Run(peer, received with { Datagram = message.With($"{path}/SPI", other).ToBytes(machine.Cryptography, sa.Suite, sa.InboundKeys) });
    }

    private static IkeOutcome WithoutDelete(IkeMachine machine, IkePeer peer, IkeEvent happening, ulong protocol)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        return outcome with
        {
            Outputs = new([.. outcome.Outputs.Where(o => o is not IkeOutput.Send send || IkeFault.Open(machine, [outcome.Next, peer], send.Datagram, inbound: false) is not { } sent
                || sent.Message.IsResponse || !sent.Message.Has("Delete") || sent.Message["Delete/protocol"] != protocol)]),
        };
    }

    private static IkeOutcome RefusesUnknownStatus(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (BehaviourFaults.Read(machine, peer, happening) is not ({ IsResponse: false } message, { } sa) || message.PathOf((NotifyType)40000) is null)
        {
            return machine.Run(peer, happening);
        }

        IkeOutcome outcome = machine.Run(peer, happening);
        IkeFault refusing = new("", "", "") { Sends = (m, _) => m.IsResponse ? m.With(new IkePayload.Notify(NotifyType.InvalidSyntax)) : m, Steps = (_, _, _) => outcome };
        return refusing.Ike(machine, peer, happening);
    }

    private static IkeOutcome ChildrenOutlive(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        return outcome.Next.Children.IsEmpty && outcome.Next.Sas.Any(s => s.Phase == IkeSaPhase.Closed) ? outcome with { Next = outcome.Next with { Children = peer.Children } } : outcome;
    }

    // The last bit is what a forger flips.
    private static IkeOutcome Unchecked(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (happening is not IkeEvent.Received { Datagram.Length: > 32 } received || BehaviourFaults.Read(machine, peer, happening) is not null)
        {
            return machine.Run(peer, happening);
        }

        byte[] bytes = received.Datagram.ToArray();
        bytes[^1] ^= 1;
        return machine.Run(peer, received with { Datagram = ByteString.Adopt(bytes) });
    }

    private static IkeOutcome BothWays(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (happening is IkeEvent.Received received && BehaviourFaults.Read(machine, peer, happening) is null
            && IkeFault.Open(machine, [peer], received.Datagram, inbound: false) is ({ IsSealed: true } message, { } sa))
        {
            return machine.Run(peer, received with { Datagram = message.ToBytes(machine.Cryptography, sa.Suite, sa.InboundKeys) });
        }

        return machine.Run(peer, happening);
    }

    private static int PaddingOf(IkeMachine machine, IkePeer peer, IkeEvent happening) =>
        BehaviourFaults.Read(machine, peer, happening) is ({ } message, { Suite: { } suite })
            ? ((IkeEvent.Received)happening).Datagram.Length - 32 - machine.Cryptography.SealedBytes(suite, message.Tree.LengthBytes - 28, 0) : 0;

    private static bool IsClear(IkeEvent happening, bool isResponse) =>
        happening is IkeEvent.Received received && IkeMessage.TryParse(received.Datagram, out IkeMessage? message, out _)
        && message!.Header.ExchangeType == ExchangeType.Informational && message.Payloads is [IkePayload.Notify { IsError: true }] && message.Header.IsResponse == isResponse;

    private static IkeOutput.Send Echo(IkeEvent.Received received)
    {
        byte[] bytes = received.Datagram.ToArray();
        bytes[19] ^= 0x28;
        return new IkeOutput.Send(ByteString.Adopt(bytes), received.To, received.From, "an answer");
    }

    private sealed class OldGoesFirst : IkeRules
    {
        public override bool KeepsOldUntilSuccessorIsUsable => false;
    }

    private sealed class UnknownIsAnError : IkeRules
    {
        public override bool AnswersDeleteOfUnknownWithoutError => false;
    }

    private sealed class ReversedComparison : IkeRules
    {
        public override int CompareNonces(ByteString one, ByteString other) => base.CompareNonces(other, one);
    }
}
