using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
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

/// <summary>Faults of one who is too strict, too lenient, or careless with what it offers. RFC 7296 §2, §3.</summary>
internal static class ToleranceFaults
{
    private const string Proposal = "SecurityAssociation/Proposal";
    private const string Transform = $"{Proposal}/Transform";

    public static ImmutableArray<IkeFault> All { get; } = [.. Strict(), .. Lenient(), .. Windows(), .. Offers()];

    private static IkeFault[] Strict() =>
    [
        Takes("critical-of-the-next", "RFC7296-3.2-06", "the critical bit is read for the next payload", m => m.Has("Nonce") && (m["Nonce/flags"] & 0x80) != 0 && m.Has("Payload200") ? null : m),
        Takes("certreq-refused", "RFC7296-3.7-07", "a request for a certificate must be met", m => m.Has("CertificateRequest") && ((RawData)m.Tree["CertificateRequest/data"]).LengthBytes == 20 ? null : m),
        Takes("certreq-of-odd-length-refused", "RFC7296-3.7-03", "hashes are cut out without a look at the length", m => m.Has("CertificateRequest") && ((RawData)m.Tree["CertificateRequest/data"]).LengthBytes % 20 != 0 ? null : m),
        Takes("window-of-three-octets-refused", "RFC7296-2.3-02", "four octets are read whatever is there", m => m.PathOf(NotifyType.SetWindowSize) is { } path && ((RawData)m.Tree[$"{path}/data"]).LengthBytes != 4 ? null : m),
        Takes("fragments-wish-refused", "RFC7296-1.3.1-11", "what cannot be had is an error", m => m.PathOf(NotifyType.NonFirstFragmentsAlso) is not null ? null : m),
        Takes("protocol-without-spi-refused", "RFC7296-3.10-04", "a protocol wants an SPI", m => m.Has("Notify") && m["Notify/SPI size"] == 0 && m["Notify/protocol"] != 0 ? null : m),
        Takes("misplaced-status-refused", "RFC7296-3.10.1-11", "a cookie in IKE_AUTH is an error", m => m.Is(ExchangeType.IkeAuth) && m.PathOf(NotifyType.Cookie) is not null ? null : m),
        new("ike-buffer-of-1279", "RFC7296-2-01", "a buffer of one frame less its headers") { TakesBytes = b => b.Length > 1279 ? null : b },
        new("ike-buffer-of-2999", "RFC7296-2-02", "a buffer of two frames") { TakesBytes = b => b.Length > 2999 ? null : b },
        new("ike-secret-cut-at-64", "RFC7296-2.15-11", "a buffer for the secret") { Told = c => c.Credentials is Credentials.SharedSecret shared && shared.Secret.Span.Length > 64 ? c with { Credentials = new Credentials.SharedSecret(new IkeSecret(shared.Secret.Span[..64])) } : c },
        new("ike-ipv4-only", "RFC7296-2.11-04", "addresses have four octets") { Steps = (machine, peer, happening) => happening is IkeEvent.Received { From.Address.IsIpv6: true } ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-found-by-address", "RFC7296-2.6-02", "IKE SAs are looked up by address") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && peer.Sas is [{ } sa, ..] && sa.Peer.Address != received.From.Address ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        Takes("one-selector-only", "RFC7296-3.13-04", "one selector is taken for granted", m => m.Has("TrafficSelectorInitiator/Selector[1]") && m["TrafficSelectorInitiator/Selector[1]/type"] == 7 ? null : m),
        Takes("one-family-only", "RFC7296-3.13.1-09", "families may not be mixed", m => m.Has("TrafficSelectorInitiator/Selector[1]") && m["TrafficSelectorInitiator/Selector[1]/type"] == 8 ? null : m),
        Takes("prefixes-only", "RFC7296-3.13.1-11", "a range is rounded to a prefix", m => m.Has("TrafficSelectorInitiator/Selector/last address") && ((RawData)m.Tree["TrafficSelectorInitiator/Selector/last address"]).Bytes is { Length: 4 } last && (last[3] & 1) == 1 && last[3] == 77 ? null : m),
        new("ike-cookie-bound-to-ke", "RFC7296-2.6.1-02", "the cookie covers the whole request") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && IkeMessage.TryParse(received.Datagram, out IkeMessage? message, out _) && message!.Header.ExchangeType == ExchangeType.IkeSaInit && IkePayloads.FindNotify(message.Payloads, NotifyType.Cookie) is not null && message.Find<IkePayload.KeyExchange>()?.Method == KeyExchangeMethod.Curve25519 ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
    ];

    private static IkeFault[] Lenient() =>
    [
        Sends("one-public-value", "RFC7296-5-06", "the private value is drawn once", m => m.Is(ExchangeType.IkeSaInit, true) && m.Has("KeyExchange") ? m.With("KeyExchange/data", ByteString.Adopt([9, .. new byte[31]])) : m),
        Takes("public-value-padded", "RFC7296-3.4-02", "the value is read as a number", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has("KeyExchange") && ((RawData)m.Tree["KeyExchange/data"]).LengthBytes is 255 or 257 ? m.With("KeyExchange/data", ByteString.Adopt([.. new byte[255], 4])) : m),
        Takes("public-value-1-taken", "RFC7296-3.4-03", "the value is not looked at", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has("KeyExchange") && ((RawData)m.Tree["KeyExchange/data"]).Bytes is { Length: 256 } value && value.Span[..255].IndexOfAnyExcept((byte)0) < 0 ? m.With("KeyExchange/data", ByteString.Adopt([.. new byte[255], 4])) : m),
        Takes("group-of-ke-ignored", "RFC7296-3.4-07", "the group is that of the proposal", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has("KeyExchange") && m["KeyExchange/method"] == 20 ? m.With("KeyExchange/method", 31) : m),
        new("ike-first-request-never-remembered", "RFC7296-2.1-12", "a first request is always new") { Steps = (machine, peer, happening) => happening is IkeEvent.Received received && peer.Sas.FirstOrDefault(s => s.Phase == IkeSaPhase.Established) is { } sa && new IkeHeaderView(received.Datagram.Span).ExchangeType == ExchangeType.IkeSaInit ? machine.Run(peer.With(sa with { Initial = null }), happening) : machine.Run(peer, happening) },
        Takes("range-turned-round", "RFC7296-3.13.1-08", "ends are put in order", m => m.Has("TrafficSelectorInitiator/Selector/first address") && ((RawData)m.Tree["TrafficSelectorInitiator/Selector/first address"]).Bytes[3] == 0xf0 ? m.With("TrafficSelectorInitiator/Selector/first address", ByteString.FromHex("cb007100")) : m),
        Takes("families-not-compared", "RFC7296-3.13.1-10", "each side is narrowed by itself", m => m.Is(ExchangeType.IkeAuth) && m.Has("TrafficSelectorInitiator/Selector") && m["TrafficSelectorInitiator/Selector/type"] == 8 ? m.Without("TrafficSelectorInitiator").With(new IkePayload.TrafficSelectors(true, [TrafficSelector.Range.All(false)])) : m),
        new("ike-any-name", "RFC7296-3.5-06", "names are compared up to a terminator") { Rules = new TrustsEverybody(), Also = ["RFC7296-3.5-17"] },
    ];

    private static IkeFault[] Windows() =>
    [
        new("ike-in-order-only", "RFC7296-2.3-10", "the next number is waited for") { Steps = (machine, peer, happening) => BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, { } sa) && m["message ID"] > sa.NextExpected ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-one-answer-kept", "RFC7296-2.3-09", "one answer is kept whatever the window") { Steps = (machine, peer, happening) => BehaviourFaults.Read(machine, peer, happening) is ({ IsResponse: false } m, { } sa) && sa.AnswerTo((uint)m["message ID"]) is not null ? BehaviourFaults.Nothing(peer) : machine.Run(peer, happening) },
        new("ike-no-window", "RFC7296-2.3-08", "requests are sent as they come") { Steps = (machine, peer, happening) => machine.Run(happening is IkeEvent.Asked ? peer with { Sas = new([.. peer.Sas.Select(s => s with { PeerWindow = 99 })]) } : peer, happening) },
        Sends("window-in-two-octets", "RFC7296-2.3-01", "a window is a small number", m => m.OnNotify(NotifyType.SetWindowSize, (n, path) => n.With($"{path}/data", ByteString.FromHex("0004")))),
    ];

    private static IkeFault[] Offers() =>
    [
        Sends("short-nonce-for-a-long-prf", "RFC7296-2.10-02", "nonces have 16 octets", m => m.IsResponse ? m.If("Nonce", n => n.With("Nonce/data", ((RawData)n.Tree["Nonce/data"]).Bytes.Slice(..16))) : m),
        Sends("short-nonce-offered", "RFC7296-2.10-03", "nonces have 16 octets", m => m.Is(ExchangeType.IkeSaInit, false) ? m.If("Nonce", n => n.With("Nonce/data", ((RawData)n.Tree["Nonce/data"]).Bytes.Slice(..16))) : m),
        Sends("ke-missing-for-a-child", "RFC7296-1.3.1-02", "the answer is built without KE", m => m.Is(ExchangeType.CreateChildSa, true) && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 3 ? m.Without("KeyExchange") : m),
        Sends("group-chosen-in-auth", "RFC7296-1.2-24", "the own suite is sent back", m => m.Is(ExchangeType.IkeAuth, true) ? With(m, 4, 31) : m),
        Sends("none-for-ike", "RFC7296-2.18-05", "NONE makes the exchange optional", m => m.Is(ExchangeType.CreateChildSa, false) && m.Has(Proposal) && m[$"{Proposal}/protocol"] == 1 ? With(m, 4, 0) : m),
        Sends("ciphers-of-both-kinds", "RFC7296-2.7-07", "all ciphers stand in one proposal", m => m.Is(ExchangeType.IkeSaInit, false) ? With(m, 1, 3) : m),
        Sends("key-length-twice", "RFC7296-3.3-12", "alternatives stand in one transform", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has($"{Transform}/Attribute") ? m.Repaired(t => t.WithBefore($"{Transform}/Attribute", t[$"{Transform}/Attribute"])) : m),
        Sends("key-length-in-long-form", "RFC7296-3.3.5-01", "every attribute has a length", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has($"{Transform}/Attribute") ? m.Repaired(t => t.Change($"{Transform}/Attribute", _ => [new RawData("Attribute", ByteString.FromHex("000e00020080"))])) : m),
        Sends("key-length-in-octets", "RFC7296-3.3.5-04", "the key length is in octets", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has($"{Transform}/Attribute") ? m.With($"{Transform}/Attribute/value", v => v / 8) : m),
        Sends("any-port-from-1", "RFC7296-3.13.1-02", "port 0 is none", m => m.If("TrafficSelectorInitiator/Selector", n => n.With("TrafficSelectorInitiator/Selector/first port", 1))),
        Sends("any-port-to-65534", "RFC7296-3.13.1-03", "the range is half open", m => m.If("TrafficSelectorInitiator/Selector", n => n.With("TrafficSelectorInitiator/Selector/last port", 65534))),
        Sends("name-with-terminator", "RFC7296-3.5-04", "the string is sent as it lies in memory", m => Terminated(m, 2)),
        Sends("mail-with-terminator", "RFC7296-3.5-05", "the string is sent as it lies in memory", m => Terminated(m, 3)),
        Sends("cookie-forgotten-with-another-group", "RFC7296-2.6.1-01", "each wish is met by itself", m => m.Is(ExchangeType.IkeSaInit, false) && m.Has("KeyExchange") && m["KeyExchange/method"] == 19 && m.PathOf(NotifyType.Cookie) is { } path ? m.Without(path) : m),
    ];

    private static EditableMessage With(EditableMessage message, byte type, ushort id) => message.If(Proposal, m => m.Repaired(t => t.WithLast(Proposal, new RawNode(
        "Transform",
        [
            new RawField("last substructure", 1, 0, RawRole.More), new RawField("reserved", 1, 0), new RawField("length", 2, 8, RawRole.Length),
            new RawField("type", 1, type), new RawField("reserved", 1, 0), new RawField("ID", 2, id),
        ]))));

    private static EditableMessage Terminated(EditableMessage message, ulong type) => message.If("IdentificationResponder", m =>
        m["IdentificationResponder/type"] == type ? m.With("IdentificationResponder/data", ByteString.Adopt([.. ((RawData)m.Tree["IdentificationResponder/data"]).Bytes.Span, 0])) : m);

    private sealed class TrustsEverybody : IkeRules
    {
        public override bool TakesProof(bool isProved) => true;
    }
}
