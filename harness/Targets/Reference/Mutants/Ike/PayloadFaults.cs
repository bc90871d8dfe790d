using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults in the payloads of what is sent. RFC 7296 §2.5, §2.7, §3.2 to §3.14.</summary>
internal static class PayloadFaults
{
    private const string Proposal = "SecurityAssociation/Proposal";
    private const string Transform = $"{Proposal}/Transform";

    public static ImmutableArray<IkeFault> All { get; } =
    [
        .. Form(), .. Protection(), .. Offers(), .. Choices(), .. Contents(), .. Notifications(),
    ];

    private static IkeFault[] Form() =>
    [
        Sends("critical-request", "RFC7296-3.2-02", "every payload is marked critical", m => m.IsResponse ? m : m.If("SecurityAssociation", n => n.With("SecurityAssociation/flags", 0x80))),
        Sends("critical-response", "RFC7296-2.5-16", "every payload is marked critical", m => m.IsResponse ? m.If("SecurityAssociation", n => n.With("SecurityAssociation/flags", 0x80)) : m),
        Sends("reserved-payload-bits", "RFC7296-3.2-07", "the byte is not cleared", m => m.If("Nonce", n => n.With("Nonce/flags", 0x01))) with { Also = ["RFC7296-2.5-09"] },
        Sends("reserved-of-proposal", "RFC7296-3.3.1-02", "the structure is not cleared", m => m.If(Proposal, n => n.With($"{Proposal}/reserved", 1))),
        Sends("reserved-of-transform", "RFC7296-3.3.2-02", "the structure is not cleared", m => m.If(Transform, n => n.With($"{Transform}/reserved[1]", 1))),
        Sends("reserved-of-ke", "RFC7296-3.4-09", "the structure is not cleared", m => m.If("KeyExchange", n => n.With("KeyExchange/reserved", 1))),
        Sends("reserved-of-id", "RFC7296-3.5-01", "protocol and port of IKEv1", m => m.If("IdentificationResponder", n => n.With("IdentificationResponder/reserved", 0x1101f4))),
        Sends("reserved-of-auth", "RFC7296-3.8-06", "the structure is not cleared", m => m.If("Authentication", n => n.With("Authentication/reserved", 1))),
        Sends("reserved-of-ts", "RFC7296-3.13-01", "the structure is not cleared", m => m.If("TrafficSelectorInitiator", n => n.With("TrafficSelectorInitiator/reserved", 1))),
        Sends("payload-length-without-header", "RFC7296-3.2-09", "the generic header is not counted", m => m.If("Nonce", n => n.With("Nonce/length", l => l - 4))),
        Sends("transforms-counted-from-0", "RFC7296-3.3.1-07", "an index is written for a count", m => m.If(Proposal, n => n.With($"{Proposal}/number of transforms", c => c - 1))),
        Sends("proposal-length-short", "RFC7296-3.3-05", "an SPI is counted that is not there", m => m.If(Proposal, n => n.With($"{Proposal}/length", l => l + 4))),
        Sends("last-proposal-not-last", "RFC7296-3.3.1-01", "the mark of the last one is forgotten", m => m.If(Proposal, n => n.With($"{Proposal}/last substructure", 2))),
        Sends("selectors-counted-from-0", "RFC7296-3.13-03", "an index is written for a count", m => m.If("TrafficSelectorInitiator", n => n.With("TrafficSelectorInitiator/number of selectors", 0))),
        Sends("selector-length-of-ipv6", "RFC7296-3.13.1-01", "one length for both families", m => m.If("TrafficSelectorInitiator/Selector", n => n.With("TrafficSelectorInitiator/Selector/length", l => l == 16 ? 40u : 16u))),
        Sends("spis-not-counted", "RFC7296-3.11-05", "one SPI is taken for granted", m => m.If("Delete/SPI", n => n.With("Delete/number of SPIs", 2))),
        Sends("chain-without-end", "RFC7296-3.1-05", "the last payload names a next one", m => m.IsSealed ? m.If("Notify", n => n) : m.If("Nonce", n => n.With("Nonce/next payload", 43))),
    ];

    private static IkeFault[] Protection() =>
    [
        Sends("informational-in-clear", "RFC7296-1.2-04", "an empty message is not encrypted", m => m.Is(ExchangeType.Informational) ? m with { IsSealed = false } : m),
        new("ike-keys-of-the-other-way", "RFC7296-1.2-05", "SK_ei and SK_er are mixed up") { HasKeysTheWrongWay = true, Also = ["RFC7296-2.14-07"] },
        Sends("checksum-over-less", "RFC7296-3.14-09", "the checksum leaves something out", m => m with { IsForged = true }),
        Sends("padding-of-a-block-more", "RFC7296-3.14-06", "padding is always added", (m, sa) => m.IsSealed ? m with { Padding = ByteString.Adopt(new byte[sa!.Suite!.BlockBytes + PaddingOf(m, sa.Suite.BlockBytes)]) } : m),
        Sends("one-iv", "RFC7296-3.14-02", "the IV is drawn once", m => m with { Iv = null }),
        Sends("payload-behind-sk", "RFC7296-3.1-03", "a vendor ID is added at the end", m => m.IsSealed ? m with { Behind = ByteString.FromHex("00000008abcdef01") } : m),
    ];

    private static IkeFault[] Offers() =>
    [
        Sends("proposals-from-0", "RFC7296-3.3-07", "proposals are counted from 0", m => m.IsResponse ? m : m.If(Proposal, n => n.With($"{Proposal}/number", 0))),
        Sends("proposals-by-2", "RFC7296-3.3-06", "numbers skip", m => m.IsResponse ? m : m.If($"{Proposal}[1]", n => n.With($"{Proposal}[1]/number", 4))),
        Sends("spi-in-first-offer", "RFC7296-3.3.1-05", "the SPI of the header is repeated", m => m.Is(ExchangeType.IkeSaInit) ? m.If(Proposal, n => WithSpi(n, "0102030405060708")) : m),
        Sends("no-spi-in-child-offer", "RFC7296-3.3.1-06", "the SPI is forgotten", m => m.IsSealed ? m.If($"{Proposal}/SPI", n => n.Repaired(t => t.Without($"{Proposal}/SPI"))) : m),
        Sends("reserved-spi", "RFC7296-3.3.1-09", "SPIs are counted from 1", m => m.IsSealed && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 3 ? m.With($"{Proposal}/SPI", ByteString.FromHex("00000007")) : m),
        Sends("new-ike-spi-0", "RFC7296-1.3.2-03", "the SPI is drawn after the message", m => m.IsSealed && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 1 ? m.With($"{Proposal}/SPI", ByteString.FromHex("0000000000000000")) : m),
        Sends("no-prf-offered", "RFC7296-3.3.3-03", "the PRF is thought to follow from integrity", m => WithoutTransforms(m, ExchangeType.IkeSaInit, TransformType.PseudoRandomFunction)),
        Sends("no-esn-offered", "RFC7296-3.3.3-04", "the transform is taken for optional", m => WithoutTransforms(m, ExchangeType.IkeAuth, TransformType.SequenceNumbers)),
        Sends("integrity-beside-gcm", "RFC7296-3.3-09", "integrity is always offered", m => m.Is(ExchangeType.IkeSaInit, false) ? WithTransform(m, TransformType.Integrity, 12) : m),
        Sends("group-in-auth", "RFC7296-1.2-22", "the offer of CREATE_CHILD_SA is used", m => m.Is(ExchangeType.IkeAuth, false) ? WithTransform(m, TransformType.KeyExchange, 31) : m),
        Sends("no-group-in-auth", "RFC7296-1.2-23", "NONE is offered", m => m.Is(ExchangeType.IkeAuth, false) ? WithTransform(m, TransformType.KeyExchange, 0) : m),
        Sends("no-key-length", "RFC7296-3.3.5-07", "128 bits are taken for granted", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has($"{Transform}/Attribute") ? m.Repaired(t => t.Without($"{Transform}/Attribute")) : m),
        Sends("ke-of-a-group-not-offered", "RFC7296-3.4-04", "the group is changed in KE only", m => m.Is(ExchangeType.IkeSaInit, false) ? m.If("KeyExchange", n => n.With("KeyExchange/method", 20)) : m),
        Sends("ke-without-a-group", "RFC7296-3.4-06", "forward secrecy without negotiation", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 3 && !m.Has("KeyExchange") ? m.With(new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt(new byte[32]))) : m),
        Sends("modp-value-cut", "RFC7296-3.4-01", "leading zeros are left out", m => m.If("KeyExchange", n => n["KeyExchange/method"] == 14 ? n.With("KeyExchange/data", ((RawData)n.Tree["KeyExchange/data"]).Bytes.Slice(1..)) : n)),
    ];

    private static IkeFault[] Choices() =>
    [
        Sends("two-proposals-accepted", "RFC7296-2.7-03", "the offer is sent back", m => m.IsResponse ? m.If(Proposal, n => n.Repaired(t => t.WithBefore(Proposal, t[Proposal]))) : m),
        Sends("two-transforms-of-a-type", "RFC7296-2.7-05", "all that is acceptable is sent back", m => m.IsResponse ? m.If(Transform, n => n.Repaired(t => t.WithBefore(Transform, t[Transform]))) : m),
        Sends("protocol-ah", "RFC7296-2.7-02", "the protocol is a constant", m => m.Is(ExchangeType.IkeAuth, true) ? m.If(Proposal, n => n.With($"{Proposal}/protocol", 2)) : m),
        Sends("answer-is-proposal-7", "RFC7296-3.3.1-04", "the number is that of the own configuration", m => m.IsResponse ? m.If(Proposal, n => n.With($"{Proposal}/number", 7)) : m),
        Sends("longer-key-chosen", "RFC7296-3.3.6-01", "the own key length is sent back", m => m.IsResponse ? m.If($"{Transform}/Attribute", n => n.With($"{Transform}/Attribute/value", v => v + 64)) : m),
        Sends("own-prf-chosen", "RFC7296-2.7-01", "the own preference is sent back", m => m.Is(ExchangeType.IkeSaInit, true) ? m.If($"{Transform}[1]", n => n.With($"{Transform}[1]/ID", 7)) : m),
    ];

    private static IkeFault[] Contents() =>
    [
        Sends("nonce-of-15", "RFC7296-3.9-01", "the nonce is cut", m => m.If("Nonce", n => n.With("Nonce/data", ByteString.Adopt(new byte[15])))),
        Sends("one-nonce", "RFC7296-3.9-02", "the nonce is drawn once", m => m.If("Nonce", n => n.With("Nonce/data", ByteString.FromHex("000102030405060708090a0b0c0d0e0f")))) with { Also = ["RFC7296-2.10-01"] },
        Sends("no-nonce-in-first-request", "RFC7296-1.2-01", "the nonce is sent later", m => m.Is(ExchangeType.IkeSaInit, false) ? m.Without("Nonce") : m),
        Sends("nonce-in-auth", "RFC7296-1.2-21", "IKE_AUTH is built like CREATE_CHILD_SA", m => m.Is(ExchangeType.IkeAuth) ? m.With(new IkePayload.Nonce(ByteString.Adopt(new byte[16]))) : m),
        Sends("no-idr", "RFC7296-1.2-09", "the responder thinks that it is known", m => m.Is(ExchangeType.IkeAuth, true) ? m.Without("IdentificationResponder") : m),
        Sends("no-nonce-for-a-child", "RFC7296-1.3.1-01", "the answer is built like that of IKE_AUTH", m => m.Is(ExchangeType.CreateChildSa, true) ? m.Without("Nonce") : m),
        Sends("no-tsr", "RFC7296-2.9-01", "one side is thought to be enough", m => m.Without("TrafficSelectorResponder")),
        Sends("selectors-widened", "RFC7296-2.9-03", "the own selectors are sent back", m => m.IsResponse ? m.If("TrafficSelectorResponder", n => n.With("TrafficSelectorResponder/Selector/last address", Raised(n))) : m),
        Sends("transport-unasked", "RFC7296-1.3.1-08", "the own mode is sent back", m => m.Is(ExchangeType.IkeAuth, true) && m.PathOf(NotifyType.UseTransportMode) is null && m.Has("SecurityAssociation") ? m.With(new IkePayload.Notify(NotifyType.UseTransportMode)) : m),
        Sends("payload-in-answer-to-delete", "RFC7296-1.4.1-10", "the Delete payload is sent back", m => m.Is(ExchangeType.Informational, true) && !m.Has("Delete") ? m.With(IkePayload.Delete.IkeSa) : m),
    ];

    private static IkeFault[] Notifications() =>
    [
        Sends("notify-with-protocol", "RFC7296-3.10-03", "the protocol of RFC 4306 for the IKE SA", m => m.If("Notify", n => n["Notify/SPI size"] == 0 ? n.With("Notify/protocol", 1) : n)),
        Sends("notify-with-spi", "RFC7296-3.10-02", "the SPI of the child goes with every notification", m => m.OnNotify(NotifyType.UseTransportMode, (n, path) => n.Repaired(t => t.Change(path, _ => [IkeDissection.Payload(IkePayload.Notify.About(NotifyType.UseTransportMode, ProtocolId.Esp, new Spi(0x1001)))])))),
        Sends("empty-cookie", "RFC7296-2.6-07", "no cookie is made yet", m => m.OnNotify(NotifyType.Cookie, (n, path) => n.With($"{path}/data", ByteString.Empty))),
        Sends("cookie-not-first", "RFC7296-2.6-09", "the cookie is added at the end", m => m.Is(ExchangeType.IkeSaInit, false) && m.PathOf(NotifyType.Cookie) is not null ? m.Reversed() : m),
        Sends("rekey-with-data", "RFC7296-1.3.3-03", "the SPI stands in the data too", m => m.OnNotify(NotifyType.RekeySa, (n, path) => n.With($"{path}/data", ByteString.FromHex("00001001")))),
        Sends("rekey-without-spi", "RFC7296-1.3.3-02", "the SPI stands in the data", m => m.OnNotify(NotifyType.RekeySa, (n, path) => n.Repaired(t => t.Without($"{path}/SPI").With($"{path}/protocol", 0)))),
        Sends("nat-source-without-port", "RFC7296-2.23-09", "the port is left out of the hash", m => m.OnNotify(NotifyType.NatDetectionSourceIp, (n, path) => n.With($"{path}/data", ByteString.Adopt(new byte[20])))),
        Sends("nat-destination-without-port", "RFC7296-2.23-11", "the port is left out of the hash", m => m.OnNotify(NotifyType.NatDetectionDestinationIp, (n, path) => n.With($"{path}/data", ByteString.Adopt(new byte[20])))),
    ];

    private static int PaddingOf(EditableMessage message, int block) => (block - ((message.Tree.LengthBytes - 28 + 1) % block)) % block;

    private static EditableMessage WithSpi(EditableMessage message, string hex) => message.Repaired(t => t.Change(Proposal, part =>
    {
        RawNode node = (RawNode)part;
        int at = node.Parts.Items.TakeWhile(p => p is RawField).Count();
        return [node with { Parts = node.Parts.Insert(at, new RawData("SPI", ByteString.FromHex(hex))) }];
    }));

    private static EditableMessage WithTransform(EditableMessage message, TransformType type, ushort id) => message.If(Proposal, m => m.Repaired(t => t.WithLast(Proposal, new RawNode(
        "Transform",
        [
            new RawField("last substructure", 1, 0, RawRole.More), new RawField("reserved", 1, 0), new RawField("length", 2, 8, RawRole.Length),
            new RawField("type", 1, (ulong)type), new RawField("reserved", 1, 0), new RawField("ID", 2, id),
        ]))));

    private static EditableMessage WithoutTransforms(EditableMessage message, ExchangeType exchange, TransformType type)
    {
        EditableMessage left = message;
        while (left.Is(exchange, isResponse: false) && left.Has(Proposal)
            && left.Tree.Walk().FirstOrDefault(p => p.Part is RawNode { Name: "Transform" } node && ((RawField)node["type"]).Value == (ulong)type).Path is { } path)
        {
            left = left.Repaired(t => t.Without(path));
        }

        return left;
    }

    private static ByteString Raised(EditableMessage message) =>
        ByteString.Adopt([.. Enumerable.Repeat((byte)0xff, ((RawData)message.Tree["TrafficSelectorResponder/Selector/last address"]).LengthBytes)]);
}
