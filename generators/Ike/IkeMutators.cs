using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Generators.Ike;

/// <summary>The mutators of IKE messages, one line each.</summary>
public static class IkeMutators
{
    private const string Sa = "SecurityAssociation";
    private const string Ts = "TrafficSelectorInitiator";
    private static readonly PayloadType NoSuchType = (PayloadType)200;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<IkeMutator> All { get; } =
    [
        .. Header(), .. Chain(), .. SecurityAssociations(), .. Authentication(), .. Notifications(), .. TrafficSelectors(), .. Others(),
    ];

    private static IkeMutator[] Header() =>
    [
        Refused("shorter than a header", "RFC 7296 §3.1", "V", "header", "", m => Raw(m.ToBytes()[..27])),
        Refused("no bytes", "RFC 7296 §3.1", "V", "header", "", m => Raw([])),
        Refused("major version 1", "RFC 7296 §2.5", "V", "major version", "version", m => m.With("version", 0x10)),
        Refused("major version 3", "RFC 7296 §2.5", "V", "major version", "version", m => m.With("version", 0x30)),
        Ignored("reserved flags", "RFC 7296 §3.1", "V", m => m.With("flags", f => f | 0xc7)),
        Refused("length below the message", "RFC 7296 §3.1", "V", "length", "length", m => m.With("length", l => l - 1)),
        Refused("length beyond the message", "RFC 7296 §3.1", "V", "length", "length", m => m.With("length", l => l + 1)),
        Refused("length with all bits", "RFC 7296 §3.1", "V", "length", "length", m => m.With("length", uint.MaxValue)),
        Refused("length of a header alone", "RFC 7296 §3.1", "V", "length", "length", m => m.With("length", 28)),
        Refused("initiator SPI 0", "RFC 7296 §3.1", "V", "initiator SPI", "initiator SPI", m => m.With("initiator SPI", 0).With("exchange type", (ulong)ExchangeType.IkeAuth)),
        new("initiator SPI 0 in INFORMATIONAL", "RFC 7296 §1.5", "V", new IkeExpectation.Kept(), m => m.With("initiator SPI", 0)),
    ];

    private static IkeMutator[] Chain() =>
    [
        Refused("payload length 0", "RFC 7296 §3.2", "V", "payload length", "VendorId/length", m => m.With("VendorId/length", 0)),
        Refused("payload length 3", "RFC 7296 §3.2", "V", "payload length", "VendorId/length", m => m.With("VendorId/length", 3)),
        Refused("payload length beyond the message", "RFC 7296 §3.2", "V", "payload length", "VendorId[1]/length", m => m.With("VendorId[1]/length", l => l + 1)),
        Refused("next payload where none is", "RFC 7296 §3.2", "V", "next payload", "end", m => m.With("VendorId[1]/next payload", 43).WithLast("", new RawData("end", ByteString.Empty))),
        Refused("bytes behind the last payload", "RFC 7296 §3.2", "V", "last payload", "VendorId[1]", m => m.With("VendorId/next payload", 0)),
        Refused("payload of a header alone, cut", "RFC 7296 §3.2", "V", "payload length", "VendorId[1]/length", m => Repaired(m.Change("VendorId[1]", _ => [new RawNode("VendorId", [new RawField("next payload", 1, 0), new RawField("flags", 1, 0), new RawField("length", 1, 0)], PayloadType.VendorId)]))),
        Ignored("reserved bits of a payload", "RFC 7296 §3.2", "V", m => m.With("VendorId/flags", 0x7f)),
        Ignored("critical bit of a payload that is known", "RFC 7296 §2.5", "V", m => m.With("VendorId/flags", 0x80)),
        new("unknown payload", "RFC 7296 §2.5", "V", new IkeExpectation.Kept(), m => Inserted(m, isCritical: false)),
        new("unknown critical payload", "RFC 7296 §2.5", "V", new IkeExpectation.UnsupportedCritical(NoSuchType), m => Inserted(m, isCritical: true)),
        Refused("bytes behind SK", "RFC 7296 §3.14", "SK", "last payload", "VendorId[1]", m => m.WithLast("", IkeDissection.Payload(new IkePayload.VendorId(ByteString.Empty))).With("length", l => l + 4)),
        Refused("SK longer than the message", "RFC 7296 §3.14", "SK", "payload length", "Encrypted/length", m => m.With("Encrypted/length", l => l + 1)),
    ];

    private static IkeMutator[] SecurityAssociations() =>
    [
        Refused("no proposal", "RFC 7296 §3.3", "SA", "proposal", "end", m => Repaired(m.Without($"{Sa}/Proposal[1]").Without($"{Sa}/Proposal")).WithLast("", new RawData("end", ByteString.Empty))),
        Refused("proposal length 0", "RFC 7296 §3.3.1", "SA", "proposal length", $"{Sa}/Proposal/length", m => m.With($"{Sa}/Proposal/length", 0)),
        Refused("proposal length beyond the payload", "RFC 7296 §3.3.1", "SA", "proposal length", $"{Sa}/Proposal[1]/length", m => m.With($"{Sa}/Proposal[1]/length", l => l + 1)),
        Refused("no proposal where one is announced", "RFC 7296 §3.3.1", "SA", "last substructure", $"{Sa}/Proposal[1]", m => m.With($"{Sa}/Proposal[1]/last substructure", 2)),
        Refused("last proposal before another", "RFC 7296 §3.3.1", "SA", "last substructure", $"{Sa}/Proposal", m => m.With($"{Sa}/Proposal/last substructure", 0)),
        Refused("SPI of 4 bytes for IKE", "RFC 7296 §3.3.1", "SA", "SPI size", $"{Sa}/Proposal/SPI size", m => m.With($"{Sa}/Proposal/SPI size", 4)),
        Refused("SPI of 8 bytes for ESP", "RFC 7296 §3.3.1", "SA", "SPI size", $"{Sa}/Proposal[1]/SPI size", m => Repaired(m.With($"{Sa}/Proposal[1]/SPI", ByteString.FromHex("0000100100001001")))),
        Refused("SPI beyond the proposal", "RFC 7296 §3.3.1", "SA", "SPI size", $"{Sa}/Proposal[1]/SPI size", m => m.With($"{Sa}/Proposal[1]/SPI size", 255)),
        Refused("one transform less than counted", "RFC 7296 §3.3.1", "SA", "number of transforms", $"{Sa}/Proposal/number of transforms", m => m.With($"{Sa}/Proposal/number of transforms", n => n + 1)),
        Refused("one transform more than counted", "RFC 7296 §3.3.1", "SA", "number of transforms", $"{Sa}/Proposal/number of transforms", m => m.With($"{Sa}/Proposal/number of transforms", n => n - 1)),
        Refused("transform length 0", "RFC 7296 §3.3.2", "SA", "transform length", $"{Sa}/Proposal/Transform/length", m => m.With($"{Sa}/Proposal/Transform/length", 0)),
        Refused("transform length beyond the proposal", "RFC 7296 §3.3.2", "SA", "transform length", $"{Sa}/Proposal/Transform[2]/length", m => m.With($"{Sa}/Proposal/Transform[2]/length", l => l + 1)),
        Refused("no transform where one is announced", "RFC 7296 §3.3.2", "SA", "last substructure", $"{Sa}/Proposal/Transform[2]", m => m.With($"{Sa}/Proposal/Transform[2]/last substructure", 3)),
        Refused("mark of a proposal in a transform", "RFC 7296 §3.3.2", "SA", "last substructure", $"{Sa}/Proposal/Transform", m => m.With($"{Sa}/Proposal/Transform/last substructure", 2)),
        Refused("attribute length beyond the transform", "RFC 7296 §3.3.5", "SA", "attribute length", $"{Sa}/Proposal/Transform/Attribute", m => m.With($"{Sa}/Proposal/Transform/Attribute/type", 14)),
        Refused("attribute of two bytes", "RFC 7296 §3.3.5", "SA", "attribute length", $"{Sa}/Proposal/Transform/Attribute", m => Repaired(m.Without($"{Sa}/Proposal/Transform/Attribute/value"))),
        new("key length with a length", "RFC 7296 §3.3.5", "SA", new IkeExpectation.Kept(), m => Repaired(m.Change($"{Sa}/Proposal/Transform/Attribute", _ => [new RawData("Attribute", ByteString.FromHex("000e00020100"))]))),
        new("unknown transform", "RFC 7296 §3.3.6", "SA", new IkeExpectation.Kept(), m => m.With($"{Sa}/Proposal/Transform/type", 200)),
        Ignored("reserved bytes of a proposal", "RFC 7296 §3.3.1", "SA", m => m.With($"{Sa}/Proposal/reserved", 0xff)),
        Ignored("reserved bytes of a transform", "RFC 7296 §3.3.2", "SA", m => m.With($"{Sa}/Proposal/Transform/reserved", 0xff).With($"{Sa}/Proposal/Transform/reserved[1]", 0xff)),
    ];

    private static IkeMutator[] Authentication() =>
    [
        Refused("payload of three bytes", "RFC 7296 §3.4", "KE", "key exchange payload", "Cut/data", m => Cut(m, "KeyExchange", 3)),
        Ignored("reserved bytes", "RFC 7296 §3.4", "KE", m => m.With("KeyExchange/reserved", 0xffff)),
        Refused("payload of three bytes", "RFC 7296 §3.5", "ID", "identification payload", "Cut/data", m => Cut(m, "IdentificationInitiator", 3)),
        Refused("IPv4 address of five bytes", "RFC 7296 §3.5", "ID", "identification data", "IdentificationInitiator/data", m => Repaired(m.With("IdentificationInitiator/data", ByteString.FromHex("0a00000100")))),
        Refused("IPv6 address of four bytes", "RFC 7296 §3.5", "ID", "identification data", "IdentificationInitiator/data", m => m.With("IdentificationInitiator/type", (ulong)IdentityType.Ipv6Address)),
        new("reserved bytes", "RFC 7296 §2.15", "ID", new IkeExpectation.Kept(), m => m.With("IdentificationInitiator/reserved", 0xffffff)),
        Refused("no encoding", "RFC 7296 §3.6", "CERT", "certificate encoding", "Cut/data", m => Cut(m, "Certificate", 0)),
        Refused("no encoding", "RFC 7296 §3.7", "CERTREQ", "certificate encoding", "Cut/data", m => Cut(m, "CertificateRequest", 0)),
        Refused("payload of three bytes", "RFC 7296 §3.8", "AUTH", "authentication payload", "Cut/data", m => Cut(m, "Authentication", 3)),
        Ignored("reserved bytes", "RFC 7296 §3.8", "AUTH", m => m.With("Authentication/reserved", 0xffffff)),
        Refused("nonce of 15 bytes", "RFC 7296 §3.9", "Nonce", "nonce data", "Nonce/data", m => Repaired(m.With("Nonce/data", Zeros(15)))),
        Refused("nonce of 257 bytes", "RFC 7296 §3.9", "Nonce", "nonce data", "Nonce/data", m => Repaired(m.With("Nonce/data", Zeros(257)))),
        Refused("code 0", "RFC 3748 §4", "EAP", "EAP code", "Eap/code", m => m.With("Eap/code", 0)),
        Refused("length short", "RFC 7296 §3.16", "EAP", "EAP length", "Eap/EAP length", m => m.With("Eap/EAP length", l => l - 1)),
        Refused("length long", "RFC 7296 §3.16", "EAP", "EAP length", "Eap/EAP length", m => m.With("Eap/EAP length", l => l + 1)),
        Refused("response without a type", "RFC 3748 §4.1", "EAP success", "EAP length", "Eap/EAP length", m => m.With("Eap/code", (ulong)EapCode.Response)),
        Refused("success with data", "RFC 3748 §4.2", "EAP success", "EAP length", "Eap/EAP length", m => Repaired(m.With("Eap/data", Zeros(1)))),
        Refused("payload of three bytes", "RFC 7296 §3.16", "EAP", "EAP message", "Cut/data", m => Cut(m, "Eap", 3)),
    ];

    private static IkeMutator[] Notifications() =>
    [
        Refused("payload of three bytes", "RFC 7296 §3.10", "N", "notify payload", "Cut/data", m => Cut(m, "Notify", 3)),
        Refused("SPI beyond the payload", "RFC 7296 §3.10", "N", "SPI size", "Notify/SPI size", m => m.With("Notify/SPI size", 5)),
        Refused("SPI of 8 bytes for ESP", "RFC 7296 §3.10", "N", "SPI size", "Notify/SPI size", m => Repaired(m.With("Notify/SPI", Zeros(8)))),
        Refused("SPI for the IKE SA", "RFC 7296 §3.10", "N", "SPI size", "Notify/SPI size", m => m.With("Notify/protocol", (ulong)ProtocolId.Ike)),
        new("unknown type", "RFC 7296 §3.10.1", "N", new IkeExpectation.Kept(), m => m.With("Notify/type", 40000)),
        new("protocol without an SPI", "RFC 7296 §3.10", "N", new IkeExpectation.Kept(), m => Repaired(m.Without("Notify/SPI"))),
        Refused("payload of three bytes", "RFC 7296 §3.11", "D", "delete payload", "Cut/data", m => Cut(m, "Delete", 3)),
        Refused("no protocol", "RFC 7296 §3.11", "D", "protocol ID", "Delete/protocol", m => m.With("Delete/protocol", 0)),
        Refused("SPI of 8 bytes for ESP", "RFC 7296 §3.11", "D", "SPI size", "Delete/SPI size", m => m.With("Delete/SPI size", 8).With("Delete/number of SPIs", 1)),
        Refused("one SPI less than counted", "RFC 7296 §3.11", "D", "number of SPIs", "Delete/number of SPIs", m => m.With("Delete/number of SPIs", 3)),
        Refused("one SPI more than counted", "RFC 7296 §3.11", "D", "number of SPIs", "Delete/number of SPIs", m => m.With("Delete/number of SPIs", 1)),
        Refused("as many SPIs as can be counted", "RFC 7296 §3.11", "D", "number of SPIs", "Delete/number of SPIs", m => m.With("Delete/number of SPIs", ushort.MaxValue)),
        Refused("SPI for the IKE SA", "RFC 7296 §3.11", "D of IKE", "SPI size", "Delete/SPI size", m => m.With("Delete/SPI size", 8)),
        Refused("SPI counted for the IKE SA", "RFC 7296 §3.11", "D of IKE", "number of SPIs", "Delete/number of SPIs", m => m.With("Delete/number of SPIs", 1)),
    ];

    private static IkeMutator[] TrafficSelectors() =>
    [
        Refused("payload of three bytes", "RFC 7296 §3.13", "TS", "traffic selector payload", "Cut/data", m => Cut(m, Ts, 3)),
        Refused("no selector", "RFC 7296 §3.13", "TS", "number of traffic selectors", $"{Ts}/number of selectors", m => Repaired(m.Without($"{Ts}/Selector[1]").Without($"{Ts}/Selector"))),
        Refused("one selector less than counted", "RFC 7296 §3.13", "TS", "number of traffic selectors", $"{Ts}/number of selectors", m => m.With($"{Ts}/number of selectors", 3)),
        Refused("one selector more than counted", "RFC 7296 §3.13", "TS", "number of traffic selectors", $"{Ts}/number of selectors", m => m.With($"{Ts}/number of selectors", 1)),
        Refused("selector length 0", "RFC 7296 §3.13.1", "TS", "selector length", $"{Ts}/Selector/length", m => m.With($"{Ts}/Selector/length", 0)),
        Refused("selector length of the other family", "RFC 7296 §3.13.1", "TS", "selector length", $"{Ts}/Selector/length", m => m.With($"{Ts}/Selector/length", 40)),
        Refused("selector length beyond the payload", "RFC 7296 §3.13.1", "TS", "selector length", $"{Ts}/Selector[1]/length", m => m.With($"{Ts}/Selector[1]/length", l => l + 1)),
        Refused("last port before the first", "RFC 7296 §3.13.1", "TS", "port range", $"{Ts}/Selector/first port", m => m.With($"{Ts}/Selector/first port", 54)),
        Refused("last address before the first", "RFC 7296 §3.13.1", "TS", "address range", $"{Ts}/Selector/first address", m => m.With($"{Ts}/Selector/first address", ByteString.FromHex("0a00000a"))),
        new("unknown selector type", "RFC 7296 §3.13.1", "TS", new IkeExpectation.Kept(), m => m.With($"{Ts}/Selector/type", 200)),
        Ignored("reserved bytes", "RFC 7296 §3.13", "TS", m => m.With($"{Ts}/reserved", 0xffffff)),
    ];

    private static IkeMutator[] Others() =>
    [
        Refused("fragment 0", "RFC 7383 §2.5", "SKF", "fragment number", "EncryptedFragment/fragment number", m => m.With("EncryptedFragment/fragment number", 0)),
        Refused("fragment beyond the total", "RFC 7383 §2.5", "SKF", "fragment number", "EncryptedFragment/fragment number", m => m.With("EncryptedFragment/fragment number", 3)),
        Refused("no fragments", "RFC 7383 §2.5", "SKF", "fragment number", "EncryptedFragment/fragment number", m => m.With("EncryptedFragment/total fragments", 0)),
        Refused("payload of three bytes", "RFC 7383 §2.5", "SKF", "fragment number", "Cut/data", m => Cut(m, "EncryptedFragment", 3)),
        Refused("payload of three bytes", "RFC 7296 §3.15", "CP", "configuration payload", "Cut/data", m => Cut(m, "Configuration", 3)),
        Refused("attribute beyond the payload", "RFC 7296 §3.15.1", "CP", "attribute length", "Configuration/Attribute[1]/length", m => m.With("Configuration/Attribute[1]/length", 5)),
        Refused("attribute of two bytes", "RFC 7296 §3.15.1", "CP", "attribute length", "end", m => Repaired(m.Without("Configuration/Attribute[1]/value").Without("Configuration/Attribute[1]/length")).WithLast("", new RawData("end", ByteString.Empty))),
        Ignored("reserved bit of an attribute", "RFC 7296 §3.15.1", "CP", m => m.With("Configuration/Attribute/type", t => t | 0x8000)),
        Ignored("reserved bytes", "RFC 7296 §3.15", "CP", m => m.With("Configuration/reserved", 0xffffff)),
        new("unknown attribute", "RFC 7296 §3.15.1", "CP", new IkeExpectation.Kept(), m => m.With("Configuration/Attribute/type", 0x7000)),
    ];

    private static IkeMutator Refused(string name, string clause, string sample, string field, string path, Func<RawNode, RawNode> apply) =>
        new(name, clause, sample, new IkeExpectation.Refused(field, path), apply);

    private static IkeMutator Ignored(string name, string clause, string sample, Func<RawNode, RawNode> apply) => new(name, clause, sample, new IkeExpectation.Ignored(), apply);

    private static RawNode Repaired(RawNode message) => message.Repaired();

    private static RawNode Raw(byte[] bytes) => new("Message", [new RawData("cut", ByteString.Adopt(bytes))]);

    private static RawNode Inserted(RawNode message, bool isCritical) =>
        message.WithBefore("VendorId[1]", IkeDissection.Payload(new IkePayload.Unknown(NoSuchType, isCritical, ByteString.FromHex("abcd")))).Repaired();

    // The payload keeps its type and gets a body of so many zeros.
    private static RawNode Cut(RawNode message, string payload, int bodyBytes) => message.Change(payload, part => part is RawNode node
        ? [new RawNode("Cut", [.. node.Parts.Items[..3], new RawData("data", Zeros(bodyBytes))], node.Type)]
        : [part]).Repaired();

    private static ByteString Zeros(int count) => ByteString.Adopt(new byte[count]);
}
