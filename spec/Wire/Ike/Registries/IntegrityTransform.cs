namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Transforms of type 3, integrity. RFC 7296 §3.3.2.</summary>
public enum IntegrityTransform : ushort
{
    /// <summary>No integrity algorithm, with a combined mode. RFC 7296.</summary>
    [Iana("NONE", 7296)]
    None = 0,

    /// <summary>HMAC-MD5-96. RFC 2403.</summary>
    [Iana("AUTH_HMAC_MD5_96", 2403)]
    HmacMd5x96 = 1,

    /// <summary>HMAC-SHA1-96. RFC 2404.</summary>
    [Iana("AUTH_HMAC_SHA1_96", 2404)]
    HmacSha1x96 = 2,

    /// <summary>DES-MAC. RFC 7296.</summary>
    [Iana("AUTH_DES_MAC", 7296)]
    DesMac = 3,

    /// <summary>KPDK-MD5. RFC 7296.</summary>
    [Iana("AUTH_KPDK_MD5", 7296)]
    KpdkMd5 = 4,

    /// <summary>AES-XCBC-96. RFC 3566.</summary>
    [Iana("AUTH_AES_XCBC_96", 3566)]
    AesXcbc96 = 5,

    /// <summary>HMAC-MD5-128. RFC 4595.</summary>
    [Iana("AUTH_HMAC_MD5_128", 4595)]
    HmacMd5x128 = 6,

    /// <summary>HMAC-SHA1-160. RFC 4595.</summary>
    [Iana("AUTH_HMAC_SHA1_160", 4595)]
    HmacSha1x160 = 7,

    /// <summary>AES-CMAC-96. RFC 4494.</summary>
    [Iana("AUTH_AES_CMAC_96", 4494)]
    AesCmac96 = 8,

    /// <summary>AES-GMAC for AH. RFC 4543.</summary>
    [Iana("AUTH_AES_128_GMAC", 4543)]
    Aes128Gmac = 9,

    /// <summary>AES-GMAC for AH. RFC 4543.</summary>
    [Iana("AUTH_AES_192_GMAC", 4543)]
    Aes192Gmac = 10,

    /// <summary>AES-GMAC for AH. RFC 4543.</summary>
    [Iana("AUTH_AES_256_GMAC", 4543)]
    Aes256Gmac = 11,

    /// <summary>HMAC-SHA-256-128. RFC 4868.</summary>
    [Iana("AUTH_HMAC_SHA2_256_128", 4868)]
    HmacSha2x256x128 = 12,

    /// <summary>HMAC-SHA-384-192. RFC 4868.</summary>
    [Iana("AUTH_HMAC_SHA2_384_192", 4868)]
    HmacSha2x384x192 = 13,

    /// <summary>HMAC-SHA-512-256. RFC 4868.</summary>
    [Iana("AUTH_HMAC_SHA2_512_256", 4868)]
    HmacSha2x512x256 = 14,
}
