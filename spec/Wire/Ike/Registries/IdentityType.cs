namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Identification types. RFC 7296 §3.5.</summary>
public enum IdentityType : byte
{
    /// <summary>IPv4 address. RFC 7296.</summary>
    [Iana("ID_IPV4_ADDR", 7296)]
    Ipv4Address = 1,

    /// <summary>Domain name. RFC 7296.</summary>
    [Iana("ID_FQDN", 7296)]
    Fqdn = 2,

    /// <summary>Mail address. RFC 7296.</summary>
    [Iana("ID_RFC822_ADDR", 7296)]
    Rfc822Address = 3,

    /// <summary>IPv6 address. RFC 7296.</summary>
    [Iana("ID_IPV6_ADDR", 7296)]
    Ipv6Address = 5,

    /// <summary>X.500 distinguished name in DER. RFC 7296.</summary>
    [Iana("ID_DER_ASN1_DN", 7296)]
    DerDistinguishedName = 9,

    /// <summary>X.509 general name in DER. RFC 7296.</summary>
    [Iana("ID_DER_ASN1_GN", 7296)]
    DerGeneralName = 10,

    /// <summary>Bytes that both sides know. RFC 7296.</summary>
    [Iana("ID_KEY_ID", 7296)]
    KeyId = 11,

    /// <summary>Fibre Channel name. RFC 4595.</summary>
    [Iana("ID_FC_NAME", 4595)]
    FibreChannelName = 12,

    /// <summary>No identity. RFC 7619.</summary>
    [Iana("ID_NULL", 7619)]
    Null = 13,
}
