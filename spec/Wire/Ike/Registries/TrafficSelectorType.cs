namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Traffic selector types. RFC 7296 §3.13.1.</summary>
public enum TrafficSelectorType : byte
{
    /// <summary>Range of IPv4 addresses. RFC 7296.</summary>
    [Iana("TS_IPV4_ADDR_RANGE", 7296)]
    Ipv4AddressRange = 7,

    /// <summary>Range of IPv6 addresses. RFC 7296.</summary>
    [Iana("TS_IPV6_ADDR_RANGE", 7296)]
    Ipv6AddressRange = 8,

    /// <summary>Range of Fibre Channel addresses. RFC 4595.</summary>
    [Iana("TS_FC_ADDR_RANGE", 4595)]
    FibreChannelAddressRange = 9,

    /// <summary>Security label. RFC 9478.</summary>
    [Iana("TS_SECLABEL", 9478)]
    SecurityLabel = 10,
}
