using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults of IKE_AUTH, and of an initiator. RFC 7296 §1.2, §2.6, §2.15, §2.21.</summary>
internal static class AuthenticationFaults
{
    private static readonly IkeRules Trusting = new TrustsEverybody();

    public static ImmutableArray<IkeFault> All { get; } = [.. Proofs(), .. Children(), .. Initiator()];

    private static IkeFault[] Proofs() =>
    [
        new("ike-anybody", "RFC7296-1.2-13", "AUTH is not verified") { Rules = Trusting, Also = ["RFC7296-1.2-15", "RFC7296-3.8-07", "RFC7296-2.15-06", "RFC7296-2.15-16", "RFC7296-1.2-20"] },
        new("ike-anybody-answers", "RFC7296-1.2-14", "AUTH of a responder is not verified") { Rules = Trusting },
        new("ike-proof-not-needed", "RFC7296-1.2-10", "without AUTH nothing is verified") { Rules = Trusting, Takes = m => m.Is(ExchangeType.IkeAuth, false) && !m.Has("Authentication") ? m.With(new IkePayload.Authentication(AuthenticationMethod.SharedKey, ByteString.Adopt(new byte[32]))) : m },
        Sends("refusal-is-bad-syntax", "RFC7296-2.21.2-01", "one error for all", m => m.Instead(NotifyType.AuthenticationFailed, NotifyType.InvalidSyntax)),
        Sends("refusal-in-clear", "RFC7296-2.21.2-02", "errors are sent in clear", m => m.PathOf(NotifyType.AuthenticationFailed) is null ? m : m with { IsSealed = false }),
        new("ike-child-before-auth", "RFC7296-1-02", "the phase is not looked at") { Steps = (machine, peer, happening) => Early(machine, peer, happening, ExchangeType.CreateChildSa) },
        new("ike-informational-before-auth", "RFC7296-1.4-01", "the phase is not looked at") { Steps = (machine, peer, happening) => Early(machine, peer, happening, ExchangeType.Informational) },
        Takes("counts-mended", "RFC7296-2.21.2-04", "counts are not looked at", m => m.Is(ExchangeType.IkeAuth) ? m.Repaired(t => t) : m),
        Sends("malformed-is-refusal", "RFC7296-2.21.2-05", "one error for all of IKE_AUTH", m => m.Is(ExchangeType.IkeAuth, true) ? m.Instead(NotifyType.InvalidSyntax, NotifyType.AuthenticationFailed) : m),
        Takes("unknown-payload-not-covered", "RFC7296-2.15-03", "AUTH is computed over the message written anew", m => m.Without("Payload201")),
    ];

    private static IkeFault[] Children() =>
    [
        new("ike-any-addresses", "RFC7296-5.1-01", "the peer's selectors are the peer's affair") { Told = c => c with { Children = new([.. c.Children.Select(k => k with { Peer = [TrafficSelector.Range.All(isIpv6: false)] })]) } },
        new("ike-identity-of-255", "RFC7296-3.5-08", "a length in one octet") { Takes = m => m.Has("IdentificationInitiator") && ((RawData)m.Tree["IdentificationInitiator/data"]).LengthBytes > 255 ? null : m },
        Sends("refusal-with-a-reason", "RFC7296-3.10.1-08", "the reason stands in the data", m => m.OnNotify(NotifyType.AuthenticationFailed, (n, path) => n.With($"{path}/data", ByteString.FromHex("01")))),
        new("ike-no-child-no-ike", "RFC7296-1.2-19", "the IKE SA goes with its first child") { Steps = (machine, peer, happening) => WithoutSaAfter(machine, peer, happening, NotifyType.TsUnacceptable) },
        new("ike-no-suite-no-ike", "RFC7296-2.21.2-06", "an error in IKE_AUTH is an error of authentication") { Steps = (machine, peer, happening) => WithoutSaAfter(machine, peer, happening, NotifyType.NoProposalChosen) },
        Sends("ts-is-no-proposal", "RFC7296-2.9-06", "one error for all", m => m.Instead(NotifyType.TsUnacceptable, NotifyType.NoProposalChosen)),
        new("ike-narrowed-past-the-first", "RFC7296-2.9-08", "the first range of the own policy is taken") { Told = c => c with { Children = new([.. c.Children.Select(k => k with { Own = [Upper((TrafficSelector.Range)k.Own[0])] })]) } },
        Takes("unknown-selector-refused", "RFC7296-2.9-04", "an unknown type is an error", m => m.Tree.Walk().Any(p => p.Part is RawField { Name: "type", Value: 200 } && p.Path.Contains("Selector", StringComparison.Ordinal)) ? null : m),
        new("ike-selectors-not-enforced", "RFC7296-2.9-16", "the SA carries what its peer sends") { Widened = true },
        new("ike-transport-without-agreement", "RFC7296-1.3.1-05", "the own mode is used") { Steps = (machine, peer, happening) => InOwnMode(machine, machine.Run(peer, happening)) },
    ];

    private static IkeFault[] Initiator() =>
    [
        new("ike-cookie-not-sent-back", "RFC7296-2.6-08", "a cookie is an unknown notification") { Takes = m => m.IsResponse && m.PathOf(NotifyType.Cookie) is { } path ? m.Without(path) : m },
        Sends("cookie-with-another-nonce", "RFC7296-2.6-10", "the request is made anew", m => m.Is(ExchangeType.IkeSaInit, false) && m.PathOf(NotifyType.Cookie) is not null ? m.With("Nonce/data", ByteString.Adopt([.. Enumerable.Range(7, 32).Select(i => (byte)i)])) : m),
        Takes("any-cookie-length", "RFC7296-2.6-11", "the length is not looked at", m => m.IsResponse && m.PathOf(NotifyType.Cookie) is { } path ? m.With($"{path}/data", ByteString.FromHex("0102")) : m),
        Takes("cookie-needs-spi-0", "RFC7296-2.6-05", "a responder's SPI means success", m => m.IsResponse && m.Is(ExchangeType.IkeSaInit) && m["responder SPI"] != 0 && !m.Has("SecurityAssociation") ? null : m),
        Takes("group-not-followed", "RFC7296-1.2-16", "INVALID_KE_PAYLOAD is an error like others", m => m.IsResponse ? m.Instead(NotifyType.InvalidKePayload, NotifyType.NoProposalChosen) : m),
        Sends("offer-of-one-group", "RFC7296-1.2-17", "only the wanted group is offered", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has("KeyExchange") && m["KeyExchange/method"] == 19 ? m.Repaired(t => t.Without("SecurityAssociation/Proposal/Transform[2]")) : m),
        new("ike-any-group-followed", "RFC7296-1.2-18", "the wish is not compared with the offer") { Sends = (m, _) => m, Steps = FollowsAnyGroup },
        new("ike-clear-error-ends", "RFC7296-2.21.1-02", "an error is an error") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && happening is IkeEvent.Received received && IkeMessage.TryParse(received.Datagram, out IkeMessage? message, out _) && IkePayloads.FindNotify(message!.Payloads, NotifyType.NoProposalChosen) is not null ? o with { Next = IkePeer.Idle } : machine.Run(peer, happening) },
        Takes("any-key-length-back", "RFC7296-2.7-09", "the answer is not compared with the offer", m => m.Is(ExchangeType.IkeSaInit, true) ? m.If("SecurityAssociation/Proposal/Transform/Attribute", n => n.With("SecurityAssociation/Proposal/Transform/Attribute/value", 128)) : m),
        Takes("any-proposal-number-back", "RFC7296-3.3.6-02", "the number is not looked at", m => m.Is(ExchangeType.IkeSaInit, true) ? m.If("SecurityAssociation/Proposal", n => n.With("SecurityAssociation/Proposal/number", 1)) : m),
        Takes("any-selectors-back", "RFC7296-2.9-17", "selectors are not compared with the offer", m => m.Is(ExchangeType.IkeAuth, true) ? m.If("TrafficSelectorResponder", n => n.With("TrafficSelectorResponder/Selector/last address", ByteString.FromHex("cb00717f"))) : m),
        new("ike-bad-response-told", "RFC7296-2.21-01", "every malformed message is told of") { Steps = TellsOfResponse, Also = ["RFC7296-2.21.3-02"] },
    ];

    private static IkeOutcome Early(IkeMachine machine, IkePeer peer, IkeEvent happening, ExchangeType exchange) =>
        BehaviourFaults.Read(machine, peer, happening) is ({ } message, { Phase: IkeSaPhase.InitAnswered } sa) && message.Is(exchange)
            ? machine.Run(peer.With(sa with { Phase = IkeSaPhase.Established, Initial = null }), happening) : machine.Run(peer, happening);

    private static IkeOutcome WithoutSaAfter(IkeMachine machine, IkePeer peer, IkeEvent happening, NotifyType error)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        bool isRefused = outcome.Outputs.OfType<IkeOutput.Send>().Any(s => IkeFault.Open(machine, [outcome.Next, peer], s.Datagram, inbound: false) is { } sent && sent.Message.IsSealed && sent.Message.PathOf(error) is not null);
        return isRefused ? outcome with { Next = outcome.Next with { Sas = [] } } : outcome;
    }

    private static TrafficSelector.Range Upper(TrafficSelector.Range whole) => new(
        whole.Protocol, whole.FirstPort, whole.LastPort, whole.FirstAddress with { Value = whole.FirstAddress.Value + ((whole.LastAddress.Value - whole.FirstAddress.Value) / 2) + 1 }, whole.LastAddress);

    private static IkeOutcome InOwnMode(IkeMachine machine, IkeOutcome outcome) => outcome with
    {
        Next = outcome.Next with { Children = new([.. outcome.Next.Children.Select(c => c with { IsTransport = machine.Configuration.Children[c.Configuration].IsTransport })]) },
    };

    private static IkeOutcome FollowsAnyGroup(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        bool isWished = happening is IkeEvent.Received received && IkeMessage.TryParse(received.Datagram, out IkeMessage? message, out _) && IkePayloads.FindNotify(message!.Payloads, NotifyType.InvalidKePayload) is not null;
        return isWished && peer.Sas is [{ Pending: [{ Datagrams: [var first] }] } sa]
            ? new IkeOutcome(peer, [new IkeOutput.Send(EditableMessage.Of(first).With("KeyExchange/method", 2).With("KeyExchange/data", ByteString.Adopt([.. Enumerable.Repeat((byte)5, 128)])).Repaired(t => t.With("SecurityAssociation/Proposal/Transform[2]/ID", 2)).ToBytes(), sa.Own, sa.Peer, "again")], [])
            : machine.Run(peer, happening);
    }

    private static IkeOutcome TellsOfResponse(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        if (BehaviourFaults.Read(machine, peer, happening) is not ({ } message, { } sa) || !message.IsResponse || outcome.Next.Sa(sa.Number)?.Phase == sa.Phase)
        {
            return outcome;
        }

        IkeHeader header = new() { InitiatorSpi = sa.InitiatorSpi, ResponderSpi = sa.ResponderSpi, ExchangeType = ExchangeType.Informational, IsFromInitiator = sa.IsInitiator, IsResponse = false, MessageId = new MessageId(sa.NextRequest) };
        EditableMessage told = EditableMessage.Of(header, [new IkePayload.Notify(NotifyType.InvalidSyntax)], isSealed: true) with { Iv = ByteString.Adopt([.. Enumerable.Repeat((byte)0xdd, sa.Suite!.IvBytes)]) };
        return outcome with { Outputs = outcome.Outputs.Add(new IkeOutput.Send(told.ToBytes(machine.Cryptography, sa.Suite, sa.OutboundKeys), sa.Own, sa.Peer, "told")) };
    }

    private sealed class TrustsEverybody : IkeRules
    {
        public override bool TakesProof(bool isProved) => true;
    }
}
