using Conformance.Generators.Wire;
using Conformance.Spec.Wire.Ike;
using FsCheck;

namespace Conformance.Generators.Ike;

/// <summary>Arbitrary payloads of every kind and whole messages, with shrinkers.</summary>
public static class IkeArbitraries
{
    /// <summary>Messages of any exchange, unknown ones too.</summary>
    public static Arbitrary<IkeMessage> Message { get; } = WireArbitraries.FromSeed(IkeValues.Message, IkeShrinkers.Shrink);

    /// <summary>First requests with everything that an initiator usually sends.</summary>
    public static Arbitrary<IkeMessage> FirstRequest { get; } = WireArbitraries.FromSeed(IkeValues.FirstRequest, IkeShrinkers.Shrink);

    /// <summary>Payloads, one arbitrary for each kind, by its name.</summary>
    public static IReadOnlyDictionary<string, Arbitrary<IkePayload>> Payloads { get; } = new Dictionary<string, Arbitrary<IkePayload>>
    {
        ["SA"] = Of(IkeValues.SecurityAssociation),
        ["KE"] = Of(IkeValues.KeyExchange),
        ["ID"] = Of(IkeValues.Identification),
        ["CERT"] = Of(IkeValues.Certificate),
        ["CERTREQ"] = Of(IkeValues.CertificateRequest),
        ["AUTH"] = Of(IkeValues.Authentication),
        ["Nonce"] = Of(IkeValues.Nonce),
        ["N"] = Of(IkeValues.Notify),
        ["D"] = Of(IkeValues.Delete),
        ["V"] = Of(IkeValues.VendorId),
        ["TS"] = Of(IkeValues.TrafficSelectors),
        ["SK"] = Of(IkeValues.Encrypted),
        ["CP"] = Of(IkeValues.Configuration),
        ["EAP"] = Of(IkeValues.Eap),
        ["unknown"] = Of(IkeValues.Unknown),
    };

    private static Arbitrary<IkePayload> Of(Func<Random, IkePayload> create) => WireArbitraries.FromSeed(create, IkeShrinkers.Shrink);
}
