using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using WireMethod = Conformance.Spec.Wire.Ike.Registries.KeyExchangeMethod;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>What a peer wants of a Child SA, and what it takes. RFC 7296 §1.3.1, §2.9.</summary>
public sealed record ChildConfiguration
{
    /// <summary>Name, for people.</summary>
    public required string Name { get; init; }

    /// <summary>Suites in order of preference, each a set of transforms to choose from; methods of key exchange among them are for CREATE_CHILD_SA only, and combined modes stand apart.</summary>
    /// <exception cref="ArgumentException">Attributes out of place, or integrity beside combined modes alone. RFC 7296 §3.3.</exception>
    public required ValueList<ValueList<Transform>> Offers { get; init => field = ConfiguredSuites.ForChild(value); }

    /// <summary>Own traffic.</summary>
    public required ValueList<TrafficSelector> Own { get; init; }

    /// <summary>The peer's traffic.</summary>
    public required ValueList<TrafficSelector> Peer { get; init; }

    /// <summary>Transport mode is wanted, or taken when asked for. RFC 7296 §1.3.1.</summary>
    public bool IsTransport { get; init; }

    /// <summary>Nothing but transport mode will do: a Child SA that came up in tunnel mode is deleted. RFC 7296 §1.3.1.</summary>
    public bool NeedsTransport { get; init; }

    /// <summary>It takes no padding for the sake of traffic flow confidentiality, and says so. RFC 7296 §1.3.1.</summary>
    public bool RefusesTfcPadding { get; init; }

    /// <summary>It carries fragments other than the first, where the other side does as well. RFC 7296 §1.3.1.</summary>
    public bool CarriesFragments { get; init; }

    /// <summary>One Child SA for each pair of addresses. RFC 7296 §2.9.</summary>
    public bool IsForOnePair { get; init; }

    /// <summary>Algorithms of IPComp in order of preference; empty without it. RFC 7296 §2.22.</summary>
    public ValueList<byte> Compressions { get; init; }

    /// <summary>Method of the KE payload in CREATE_CHILD_SA; null for none. RFC 7296 §1.3.1.</summary>
    public WireMethod? KeyExchange { get; init; }
}
