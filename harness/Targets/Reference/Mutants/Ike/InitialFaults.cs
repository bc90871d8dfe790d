using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults of a responder of IKE_SA_INIT. RFC 7296 §1.2, §2.5 to §2.7, §3.1, §3.3.</summary>
internal static class InitialFaults
{
    private const string Proposal = "SecurityAssociation/Proposal";
    private const string Unknown = "Payload200";
    private const int OutOfService = 1_000_000;

    public static ImmutableArray<IkeFault> All { get; } = [.. Requests(), .. Versions(), .. Leniency(), .. Cookies(), .. Proposals()];

    private static IkeFault[] Requests() =>
    [
        Takes("nonce-not-needed", "RFC7296-1.2-03", "a missing nonce is read as zeros", m => m.Is(ExchangeType.IkeSaInit, false) && !m.Has("Nonce") ? m.With(new IkePayload.Nonce(ByteString.Adopt(new byte[16]))) : m),
        Takes("responder-spi-ignored", "RFC7296-3.1-10", "the responder's SPI is not looked at", m => m.Is(ExchangeType.IkeSaInit, false) ? m.With("responder SPI", 0) : m),
        Takes("first-message-id-ignored", "RFC7296-2.2-03", "the Message ID is not looked at", m => m.Is(ExchangeType.IkeSaInit, false) ? m.With("message ID", 0) : m) with { Sends = (m, _) => m.Is(ExchangeType.IkeSaInit, true) ? m.With("message ID", 1) : m },
        Takes("initiator-spi-0-taken", "RFC7296-3.1-08", "SPI 0 is a number like others", m => m.Is(ExchangeType.IkeSaInit, false) && m["initiator SPI"] == 0 ? m.With("initiator SPI", 1) : m) with { Sends = (m, _) => m["initiator SPI"] == 1 ? m.With("initiator SPI", 0) : m },
        Takes("any-nonce", "RFC7296-2.10-04", "the length of the nonce is not looked at", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has("Nonce") && ((RawData)m.Tree["Nonce/data"]).LengthBytes is < 16 or > 256 ? m.With("Nonce/data", ByteString.Adopt(new byte[16])) : m),
        new("ike-length-ignored", "RFC7296-3.1-24", "the length of the datagram is used") { TakesBytes = b => WithRightLength(b) },
        new("ike-malformed-request-stops-service", "RFC7296-2.21.1-03", "an exception ends the loop") { Steps = StopsService },
        new("ike-short-datagram-answered", "RFC7296-3.1-25", "missing octets are read as zeros") { Steps = (machine, peer, happening) => happening is IkeEvent.Received { Datagram.Length: < 28 } received ? Told(peer, received, NotifyType.InvalidSyntax) : machine.Run(peer, happening) },
        new("ike-repeated-request-anew", "RFC7296-2.1-11", "each first request makes an IKE SA") { Steps = RepeatedAnew },
        new("ike-one-sa-for-an-spi", "RFC7296-2.1-13", "half-open IKE SAs are found by the initiator's SPI") { Steps = OneForAnSpi, Also = ["RFC7296-2.1-14"] },
        new("ike-port-500-only", "RFC7296-2.11-01", "the peer's port is taken for granted") { Steps = (machine, peer, happening) => happening is IkeEvent.Received { From.Port: not (500 or 4500) } ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-unknown-response-answered", "RFC7296-2.21.4-02", "INVALID_IKE_SPI is sent whatever the flags") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && IsUnknown(peer, received, isResponse: true) ? Told(peer, received, NotifyType.InvalidIkeSpi) : machine.Run(peer, happening) },
        new("ike-unknown-request-is-bad-syntax", "RFC7296-2.21.4-06", "one error for all that is not understood") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && IsUnknown(peer, received, isResponse: false) ? Told(peer, received, NotifyType.InvalidSyntax) : machine.Run(peer, happening) },
        new("ike-unknown-spi-told-with-data", "RFC7296-1.5-07", "the SPI stands in the data") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && IsUnknown(peer, received, isResponse: false) ? Told(peer, received, NotifyType.InvalidIkeSpi, ByteString.FromHex("0102030405060708")) : machine.Run(peer, happening) },
    ];

    private static IkeFault[] Versions() =>
    [
        new("ike-version-1-taken", "RFC7296-3.1-12", "the version is not looked at") { TakesBytes = b => WithVersion(b, 1, 0x20) },
        new("ike-version-3-taken", "RFC7296-2.5-02", "every higher version is taken") { TakesBytes = b => WithVersion(b, 3, 0x20) },
        new("ike-version-3-in-silence", "RFC7296-2.5-03", "what is not understood is dropped") { TakesBytes = b => b.Length > 17 && b[17] >> 4 == 3 ? null : b },
        Sends("version-told-with-own-number", "RFC7296-1.5-06", "the answer has a Message ID of its own", m => m.OnNotify(NotifyType.InvalidMajorVersion, (n, _) => n.With("message ID", 9))),
        new("ike-minor-version-0-only", "RFC7296-2.5-01", "the version is compared as one octet") { TakesBytes = b => b.Length > 17 && (b[17] & 0x0f) != 0 ? null : b },
        new("ike-minor-version-refused", "RFC7296-2.5-06", "a message of another minor version is answered by an error") { Takes = m => m["version"] == 0x25 ? m.Without("Nonce") : m },
        Takes("critical-ignored", "RFC7296-2.5-13", "unknown payloads are skipped", m => m.Without(Unknown)),
        Sends("critical-is-bad-syntax", "RFC7296-2.5-14", "one error for all", m => m.Instead(NotifyType.UnsupportedCriticalPayload, NotifyType.InvalidSyntax)),
        Sends("critical-names-0", "RFC7296-2.5-15", "the type is not told", m => m.OnNotify(NotifyType.UnsupportedCriticalPayload, (n, path) => n.With($"{path}/data", ByteString.FromHex("00")))),
    ];

    private static IkeFault[] Leniency() =>
    [
        Takes("unknown-payload-refused", "RFC7296-2.5-12", "an unknown payload is an error", m => m.Has(Unknown) ? null : m),
        Takes("order-demanded", "RFC7296-2.5-18", "payloads are read one after the other", m => m.Tree.Parts.OfType<RawNode>().FirstOrDefault() is { Name: "Nonce" or "TrafficSelectorResponder" } ? null : m),
        Takes("vendor-id-refused", "RFC7296-3.12-05", "an unknown vendor is refused", m => m.Has("VendorId") ? null : m),
        Takes("reserved-flags-refused", "RFC7296-3.1-16", "flags are compared as one octet", m => (m["flags"] & 0xc7) != 0 ? null : m),
        Takes("version-flag-refused", "RFC7296-3.1-20", "V is taken for an error", m => (m["flags"] & 0x10) != 0 ? null : m),
        Takes("critical-known-refused", "RFC7296-3.2-04", "critical payloads are refused before they are known", m => m.Has("SecurityAssociation") && (m["SecurityAssociation/flags"] & 0x80) != 0 ? null : m),
        Takes("reserved-payload-bits-refused", "RFC7296-3.2-08", "the octet is compared with 0 and 128", m => m.Has("SecurityAssociation") && (m["SecurityAssociation/flags"] & 0x7f) != 0 ? null : m),
        Takes("reserved-of-proposal-refused", "RFC7296-3.3.1-03", "reserved octets must be 0", m => m.Has(Proposal) && m[$"{Proposal}/reserved"] != 0 ? null : m),
        Takes("reserved-of-transform-refused", "RFC7296-3.3.2-03", "reserved octets must be 0", m => m.Has($"{Proposal}/Transform") && m[$"{Proposal}/Transform/reserved"] != 0 ? null : m),
        Takes("reserved-of-ts-refused", "RFC7296-3.13-02", "reserved octets must be 0", m => m.Has("TrafficSelectorInitiator") && m["TrafficSelectorInitiator/reserved"] != 0 ? null : m),
        Takes("reserved-of-ke-refused", "RFC7296-2.5-10", "reserved octets must be 0", m => m.Has("KeyExchange") && m["KeyExchange/reserved"] != 0 ? null : m),
    ];

    private static IkeFault[] Cookies() =>
    [
        new("ike-no-cookie", "RFC7296-2.6-12", "the KE is answered before the cookie is there") { Told = c => c with { AsksForCookie = false } },
        Takes("cookie-for-ever", "RFC7296-2.6-13", "the secret changes with each request", m => m.PathOf(NotifyType.Cookie) is { } path ? m.Without(path) : m),
        new("ike-any-cookie", "RFC7296-2.6-14", "the cookie is not computed anew") { Steps = (machine, peer, happening) => (HasCookie(happening) ? new IkeMachine(machine.Configuration with { AsksForCookie = false }, machine.Cryptography) : machine).Run(peer, happening) },
        new("ike-wrong-cookie-dropped", "RFC7296-2.6-18", "a wrong cookie is an attack") { Steps = DropsWrongCookie },
        Sends("wrong-group-is-no-proposal", "RFC7296-3.4-08", "no acceptable group, no acceptable suite", m => m.Instead(NotifyType.InvalidKePayload, NotifyType.NoProposalChosen)),
        Sends("no-proposal-is-bad-syntax", "RFC7296-2.7-04", "one error for all", m => m.Instead(NotifyType.NoProposalChosen, NotifyType.InvalidSyntax)),
    ];

    private static IkeFault[] Proposals() =>
    [
        Takes("unknown-type-skipped", "RFC7296-3.3.6-04", "an unknown transform type is skipped", m => WithoutTransforms(m, t => Type(t) == 200)),
        Takes("prf-by-default", "RFC7296-3.3.6-05", "a missing PRF is the own one", m => m.Is(ExchangeType.IkeSaInit, false) && Transforms(m).All(t => Type(t.Node) != 2) ? Added(m, "0300000802000005") : m),
        Takes("128-bits-by-default", "RFC7296-3.3.5-08", "a missing key length is 128", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has($"{Proposal}/Transform") && Type((RawNode)m.Tree[$"{Proposal}/Transform"]) == 1 && !m.Has($"{Proposal}/Transform/Attribute") && m[$"{Proposal}/Transform/ID"] == 20 ? WithAttribute(m) : m),
        Takes("key-length-of-any-form", "RFC7296-3.3.5-02", "both forms of an attribute are read", m => m.Has($"{Proposal}/Transform/Attribute/type") && m[$"{Proposal}/Transform/Attribute/type"] == 0x000e ? m.Repaired(t => t.Without($"{Proposal}/Transform/Attribute").WithLast($"{Proposal}/Transform", new RawNode("Attribute", [new RawField("type", 2, 0x800e), new RawField("value", 2, 128)]))) : m),
        Takes("key-length-rounded", "RFC7296-3.3.5-10", "the key length is rounded up", m => m.Has($"{Proposal}/Transform/Attribute/value") && m[$"{Proposal}/Transform/Attribute/value"] == 100 ? m.With($"{Proposal}/Transform/Attribute/value", 128) : m),
        Takes("integrity-ignored", "RFC7296-2.7-08", "integrity is not looked at beside a combined mode", m => m.Is(ExchangeType.IkeSaInit, false) && Transforms(m).Any(t => Id(t.Node) == 20) ? WithoutTransforms(m, t => Type(t) == 3 && Id(t) != 0) : m),
        Takes("first-key-length-taken", "RFC7296-3.3-13", "the first attribute of a type counts", m => m.Has($"{Proposal}/Transform/Attribute[1]") && m[$"{Proposal}/Transform/Attribute/type"] == 0x800e ? m.Repaired(t => t.Without($"{Proposal}/Transform/Attribute[1]")) : m),
        new("ike-any-prf", "RFC7296-3.3.4-05", "all that is built in is acceptable") { Told = c => c with { Offers = new([.. c.Offers, .. c.Offers.Select(o => new ValueList<Transform>([.. o.Select(t => t.Type == TransformType.PseudoRandomFunction ? Transform.Of(PrfTransform.HmacSha1) : t)]))]) } },
        new("ike-null-for-ike", "RFC7296-5-03", "one list of ciphers for ESP and IKE") { Sends = (m, _) => m.PathOf(NotifyType.NoProposalChosen) is { } path && m.Is(ExchangeType.IkeSaInit, true) ? m.Without(path).With(new IkePayload.SecurityAssociation([new Spec.Wire.Ike.Proposal(1, ProtocolId.Ike, ByteString.Empty, [new Transform(TransformType.Encryption, 11, []), Transform.Of(PrfTransform.HmacSha2x256), Transform.Of(KeyExchangeMethod.Curve25519), Transform.Of(IntegrityTransform.HmacSha2x256x128)])])).With(new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt(new byte[32]))).With(new IkePayload.Nonce(ByteString.Adopt(new byte[32]))).With("responder SPI", 7) : m },
        Takes("bad-proposal-ends-the-choice", "RFC7296-3.3.6-06", "the first proposal that is not understood is an error", m => Transforms(m).Any(t => Type(t.Node) == 200) ? null : m),
        Takes("unknown-protocol-ends-the-choice", "RFC7296-3.3.1-08", "an unknown protocol is an error", m => m.Has(Proposal) && m[$"{Proposal}/protocol"] == 77 ? null : m),
        Takes("unknown-transform-ends-the-choice", "RFC7296-3.3.6-07", "an unknown cipher is an error", m => Transforms(m).Any(t => Id(t.Node) == 1100) ? null : m),
        Takes("unknown-attribute-ends-the-choice", "RFC7296-3.3.6-08", "an unknown attribute is an error", m => m.Has($"{Proposal}/Transform/Attribute") && m[$"{Proposal}/Transform/Attribute/type"] == 0x8063 ? null : m),
        Takes("none-is-no-integrity", "RFC7296-3.3-11", "NONE is a transform that is not configured", m => m.Is(ExchangeType.IkeSaInit, false) && Transforms(m).Any(t => Type(t.Node) == 3 && Id(t.Node) == 0) ? null : m),
        Takes("all-transforms-demanded", "RFC7296-3.3-15", "every transform of a proposal must be acceptable", m => Transforms(m).Any(t => Type(t.Node) == 2 && Id(t.Node) == 2) && Transforms(m).Any(t => Type(t.Node) == 2 && Id(t.Node) == 5) ? null : m),
    ];

    private static ByteString WithRightLength(ByteString bytes)
    {
        byte[] copy = bytes.ToArray();
        if (copy.Length >= 28)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan(24), (uint)copy.Length);
        }

        return ByteString.Adopt(copy);
    }

    private static ByteString WithVersion(ByteString bytes, int major, byte version)
    {
        byte[] copy = bytes.ToArray();
        if (copy.Length > 17 && copy[17] >> 4 == major)
        {
            copy[17] = version;
        }

        return ByteString.Adopt(copy);
    }

    private static IkeOutcome StopsService(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        bool isMalformed = happening is IkeEvent.Received received && !IkeMessage.TryParse(received.Datagram, out _, out _);
        return peer.SasMade >= OutOfService ? BehaviourFaults.Nothing(peer)
            : isMalformed ? BehaviourFaults.Nothing(peer with { SasMade = OutOfService })
            : machine.Run(peer, happening);
    }

    private static IkeOutcome RepeatedAnew(IkeMachine machine, IkePeer peer, IkeEvent happening) =>
        happening is IkeEvent.Received received && peer.Sas.FirstOrDefault(s => s.Initial?.Request == received.Datagram) is { } known
            ? machine.Run(peer.WithoutSa(known.Number), happening) : machine.Run(peer, happening);

    private static IkeOutcome OneForAnSpi(IkeMachine machine, IkePeer peer, IkeEvent happening) =>
        happening is IkeEvent.Received { Datagram.Length: >= 28 } received && new IkeHeaderView(received.Datagram.Span) is { ExchangeType: ExchangeType.IkeSaInit } header
        && header.InitiatorSpi is var spi && peer.Sas.FirstOrDefault(s => s.InitiatorSpi == spi) is { } known
            ? new IkeOutcome(peer, [new IkeOutput.Send(known.Answers[0].Datagrams[0], received.To, received.From, "again")], [])
            : machine.Run(peer, happening);

    private static bool IsUnknown(IkePeer peer, IkeEvent.Received received, bool isResponse)
    {
        IkeHeaderView header = new(received.Datagram.Span);
        (IkeSpi initiator, IkeSpi responder) = (header.InitiatorSpi, header.ResponderSpi);
        return header.ExchangeType != ExchangeType.IkeSaInit && header.IsResponse == isResponse && peer.Sas.All(s => s.InitiatorSpi != initiator || s.ResponderSpi != responder);
    }

    private static IkeOutcome Told(IkePeer peer, IkeEvent.Received received, NotifyType type, ByteString data = default)
    {
        IkeHeaderView view = new(received.Datagram.Span);
        IkeHeader header = new()
        {
            InitiatorSpi = view.InitiatorSpi.IsZero ? new IkeSpi(1) : view.InitiatorSpi,
            ResponderSpi = view.ResponderSpi,
            ExchangeType = view.ExchangeType,
            IsFromInitiator = !view.IsFromInitiator,
            IsResponse = true,
            MessageId = view.MessageId,
        };
        IkeMessage message = new(header, [new IkePayload.Notify(type, data)]);
        return new IkeOutcome(peer, [new IkeOutput.Send(ByteString.Adopt(message.ToBytes()), received.To, received.From, $"{message}")], []);
    }

    private static bool HasCookie(IkeEvent happening) =>
        happening is IkeEvent.Received received && IkeMessage.TryParse(received.Datagram, out IkeMessage? message, out _) && IkePayloads.FindNotify(message!.Payloads, NotifyType.Cookie) is not null;

    private static IkeOutcome DropsWrongCookie(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        IkeOutcome outcome = machine.Run(peer, happening);
        bool asksAgain = HasCookie(happening) && outcome.Outputs.OfType<IkeOutput.Send>().Any(s => HasCookie(new IkeEvent.Received(s.Datagram, s.From, s.To)));
        return asksAgain ? BehaviourFaults.Nothing(peer) : outcome;
    }

    private static IEnumerable<(string Path, RawNode Node)> Transforms(EditableMessage message) =>
        message.Tree.Walk().Where(p => p.Part is RawNode { Name: "Transform" }).Select(p => (p.Path, (RawNode)p.Part));

    private static ulong Type(RawNode transform) => ((RawField)transform["type"]).Value;

    private static ulong Id(RawNode transform) => ((RawField)transform["ID"]).Value;

    private static EditableMessage WithoutTransforms(EditableMessage message, Func<RawNode, bool> which)
    {
        EditableMessage left = message;
        while (Transforms(left).FirstOrDefault(t => which(t.Node)).Path is { } path)
        {
            left = left.Repaired(t => t.Without(path));
        }

        return left;
    }

    private static EditableMessage Added(EditableMessage message, string hex) => message.Repaired(t => t.WithLast(Proposal, Node(hex)));

    private static RawNode Node(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        return new RawNode("Transform",
        [
            new RawField("last substructure", 1, 0, RawRole.More), new RawField("reserved", 1, 0), new RawField("length", 2, 8, RawRole.Length),
            new RawField("type", 1, bytes[4]), new RawField("reserved", 1, 0), new RawField("ID", 2, bytes[7]),
        ]);
    }

    private static EditableMessage WithAttribute(EditableMessage message) =>
        message.Repaired(t => t.WithLast($"{Proposal}/Transform", new RawNode("Attribute", [new RawField("type", 2, 0x800e), new RawField("value", 2, 128)])));
}
