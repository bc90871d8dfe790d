namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Configuration payload types. RFC 7296 §3.15.</summary>
public enum ConfigurationType : byte
{
    /// <summary>Asks for values. RFC 7296.</summary>
    [Iana("CFG_REQUEST", 7296)]
    Request = 1,

    /// <summary>Gives values. RFC 7296.</summary>
    [Iana("CFG_REPLY", 7296)]
    Reply = 2,

    /// <summary>Hands values over. RFC 7296.</summary>
    [Iana("CFG_SET", 7296)]
    Set = 3,

    /// <summary>Takes them. RFC 7296.</summary>
    [Iana("CFG_ACK", 7296)]
    Acknowledge = 4,
}

/// <summary>Configuration attribute types. RFC 7296 §3.15.1.</summary>
public enum ConfigurationAttributeType : ushort
{
    /// <summary>Address. RFC 7296.</summary>
    [Iana("INTERNAL_IP4_ADDRESS", 7296)]
    InternalIp4Address = 1,

    /// <summary>Mask of the network. RFC 7296.</summary>
    [Iana("INTERNAL_IP4_NETMASK", 7296)]
    InternalIp4Netmask = 2,

    /// <summary>Name server. RFC 7296.</summary>
    [Iana("INTERNAL_IP4_DNS", 7296)]
    InternalIp4Dns = 3,

    /// <summary>NetBIOS name server. RFC 7296.</summary>
    [Iana("INTERNAL_IP4_NBNS", 7296)]
    InternalIp4Nbns = 4,

    /// <summary>DHCP server. RFC 7296.</summary>
    [Iana("INTERNAL_IP4_DHCP", 7296)]
    InternalIp4Dhcp = 6,

    /// <summary>Name of the implementation. RFC 7296.</summary>
    [Iana("APPLICATION_VERSION", 7296)]
    ApplicationVersion = 7,

    /// <summary>Address with prefix length. RFC 7296.</summary>
    [Iana("INTERNAL_IP6_ADDRESS", 7296)]
    InternalIp6Address = 8,

    /// <summary>Name server. RFC 7296.</summary>
    [Iana("INTERNAL_IP6_DNS", 7296)]
    InternalIp6Dns = 10,

    /// <summary>DHCP server. RFC 7296.</summary>
    [Iana("INTERNAL_IP6_DHCP", 7296)]
    InternalIp6Dhcp = 12,

    /// <summary>Network behind the gateway. RFC 7296.</summary>
    [Iana("INTERNAL_IP4_SUBNET", 7296)]
    InternalIp4Subnet = 13,

    /// <summary>Attributes that are understood. RFC 7296.</summary>
    [Iana("SUPPORTED_ATTRIBUTES", 7296)]
    SupportedAttributes = 14,

    /// <summary>Network behind the gateway. RFC 7296.</summary>
    [Iana("INTERNAL_IP6_SUBNET", 7296)]
    InternalIp6Subnet = 15,

    /// <summary>Home prefix. RFC 5026.</summary>
    [Iana("MIP6_HOME_PREFIX", 5026)]
    Mip6HomePrefix = 16,

    /// <summary>Virtual link. RFC 5739.</summary>
    [Iana("INTERNAL_IP6_LINK", 5739)]
    InternalIp6Link = 17,

    /// <summary>Prefix of a virtual link. RFC 5739.</summary>
    [Iana("INTERNAL_IP6_PREFIX", 5739)]
    InternalIp6Prefix = 18,

    /// <summary>Proxy of IMS. RFC 7651.</summary>
    [Iana("P_CSCF_IP4_ADDRESS", 7651)]
    PcscfIp4Address = 20,

    /// <summary>Proxy of IMS. RFC 7651.</summary>
    [Iana("P_CSCF_IP6_ADDRESS", 7651)]
    PcscfIp6Address = 21,

    /// <summary>Name that is resolved inside. RFC 8598.</summary>
    [Iana("INTERNAL_DNS_DOMAIN", 8598)]
    InternalDnsDomain = 25,

    /// <summary>Trust anchor of such a name. RFC 8598.</summary>
    [Iana("INTERNAL_DNSSEC_TA", 8598)]
    InternalDnssecTa = 26,

    /// <summary>Encrypted DNS. RFC 9464.</summary>
    [Iana("ENCDNS_IP4", 9464)]
    EncryptedDnsIp4 = 27,

    /// <summary>Encrypted DNS. RFC 9464.</summary>
    [Iana("ENCDNS_IP6", 9464)]
    EncryptedDnsIp6 = 28,

    /// <summary>Digest of a key of encrypted DNS. RFC 9464.</summary>
    [Iana("ENCDNS_DIGEST_INFO", 9464)]
    EncryptedDnsDigestInfo = 29,
}
