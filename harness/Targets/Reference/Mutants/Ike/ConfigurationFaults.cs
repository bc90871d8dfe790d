using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using static Conformance.Harness.Targets.Reference.Mutants.Ike.Faults;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Faults with configuration payloads. RFC 7296 §2.19, §2.20, §3.15.</summary>
internal static class ConfigurationFaults
{
    private const string First = "Configuration/Attribute";

    public static ImmutableArray<IkeFault> All { get; } = [.. Gateway(), .. Client()];

    private static IkeFault[] Gateway() =>
    [
        Sends("address-not-given", "RFC7296-4-08", "addresses come by DHCP", m => m.Is(ExchangeType.IkeAuth, true) ? m.Without("Configuration") : m),
        Sends("cp-behind-sa", "RFC7296-2.19-03", "payloads stand in the order of their numbers", m => m.Is(ExchangeType.IkeAuth) && m.Has("Configuration") ? Moved(m) : m),
        Sends("reply-unasked", "RFC7296-2.19-09", "name servers are told to everybody", m => m.Is(ExchangeType.Informational, true) && !m.Has("Configuration") && !m.Has("Delete") ? m.With(new IkePayload.Configuration(ConfigurationType.Reply, [])) : m),
        Sends("two-addresses-for-one", "RFC7296-3.15.1-07", "all addresses of the client are told", m => m.Is(ExchangeType.IkeAuth, true) && m.Has(First) ? m.Repaired(t => t.WithBefore(First, t[First])) : m),
        Sends("two-masks", "RFC7296-3.15.1-08", "a mask for each attribute that was asked for", m => m.Is(ExchangeType.IkeAuth, true) && m.Has($"{First}[1]") ? m.Repaired(t => t.WithBefore($"{First}[1]", t[$"{First}[1]"])) : m),
        Sends("reserved-of-cp", "RFC7296-3.15-01", "the octets are not set", m => m.If("Configuration", n => n.With("Configuration/reserved", 1))),
        Sends("reserved-bit-of-attributes", "RFC7296-3.15.1-01", "the bit of the short form is set", m => m.If(First, n => n.With($"{First}/type", t => t | 0x8000))),
        new("ike-lease-not-routed", "RFC7296-2.19-12", "the lease ends with the exchange") { Steps = (machine, peer, happening) => machine.Run(peer, happening) is var o && o.Next.Children.Count > peer.Children.Count && !o.Next.Leases.IsEmpty ? o with { Next = o.Next with { Children = new([.. o.Next.Children.Select(c => c with { Peer = [TrafficSelector.Range.Host(IpAddress.Parse("192.0.2.250"))] })]) } } : o },
        Takes("unknown-attribute-refused", "RFC7296-3.15.1-25", "an unknown attribute is an error", m => m.Has(First) && m[$"{First}/type"] == 20000 && m.Is(ExchangeType.IkeAuth) ? m.Without("Configuration") : m),
        Takes("reserved-bit-of-attributes-read", "RFC7296-3.15.1-02", "the type has 16 bits", m => m.Has(First) && (m[$"{First}/type"] & 0x8000) != 0 ? m.Without("Configuration") : m),
        Takes("reserved-of-cp-refused", "RFC7296-3.15-02", "reserved octets must be 0", m => m.Has("Configuration") && m["Configuration/reserved"] != 0 ? m.Without("Configuration") : m),
        Takes("unknown-cp-refused", "RFC7296-3.15-03", "an unknown type is an error", m => m.Has("Configuration") && m["Configuration/type"] == 77 ? null : m),
        new("ike-address-not-demanded", "RFC7296-2.19-10", "the demand is not compared with the request") { Told = c => c.AddressPool is { } pool ? c with { AddressPool = pool with { IsRequired = false } } : c },
        Sends("cp-required-with-data", "RFC7296-2.19-11", "the reason stands in the data", m => m.OnNotify(NotifyType.FailedCpRequired, (n, path) => n.With($"{path}/data", ByteString.FromHex("01")))),
        Sends("cfg-set-echoed", "RFC7296-3.15.1-28", "what is set is sent back", m => m.Is(ExchangeType.Informational, true) && m.Has("Configuration") && m["Configuration/type"] == 4 ? m.Without("Configuration").With(new IkePayload.Configuration(ConfigurationType.Acknowledge, [new((ConfigurationAttributeType)20000)])) : m),
        Sends("cfg-set-answered-by-reply", "RFC7296-3.15.1-29", "CFG_SET is a request", m => m.Is(ExchangeType.Informational, true) && m.Has("Configuration") && m["Configuration/type"] == 4 ? m.With("Configuration/type", 3) : m),
        Sends("version-refused", "RFC7296-2.20-03", "the version is a secret", m => m.Is(ExchangeType.Informational, true) && m.Has("Configuration") ? m.Without("Configuration").With(new IkePayload.Notify(NotifyType.InternalAddressFailure)) : m),
        Sends("version-with-terminator", "RFC7296-3.15.1-16", "a string ends with a terminator", m => m.Is(ExchangeType.Informational, true) && m.Has(First) && m[$"{First}/type"] == 7 ? m.With($"{First}/value", ByteString.FromHex("31332e3000")) : m),
    ];

    private static IkeFault[] Client() =>
    [
        new("ike-address-not-asked-for", "RFC7296-2.19-02", "the address is asked for afterwards") { Told = c => c with { AddressRequest = null } },
        Sends("request-without-address", "RFC7296-2.19-05", "settings are asked for only", m => m.Is(ExchangeType.IkeAuth, false) && m.Has(First) ? m.Repaired(t => t.Without(First)) : m),
        Sends("mask-asked-by-value", "RFC7296-3.15.1-09", "the own mask is suggested", m => m.Is(ExchangeType.IkeAuth, false) && m.Has($"{First}[1]") ? m.With($"{First}[1]/value", ByteString.FromHex("ffffff00")) : m),
        Sends("supported-with-a-list", "RFC7296-3.15.1-19", "the own list is told with the request", m => m.Is(ExchangeType.IkeAuth, false) && m.Has($"{First}[1]") ? m.With($"{First}[1]/type", 14).With($"{First}[1]/value", ByteString.FromHex("0001")) : m),
    ];

    private static EditableMessage Moved(EditableMessage message)
    {
        RawPart configuration = message.Tree["Configuration"];
        return message.Repaired(t => t.Without("Configuration").WithLast("", configuration));
    }

}
