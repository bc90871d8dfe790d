namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Transforms of type 2, pseudorandom functions. RFC 7296 §3.3.2.</summary>
public enum PrfTransform : ushort
{
    /// <summary>HMAC-MD5. RFC 2104.</summary>
    [Iana("PRF_HMAC_MD5", 2104)]
    HmacMd5 = 1,

    /// <summary>HMAC-SHA1. RFC 2104.</summary>
    [Iana("PRF_HMAC_SHA1", 2104)]
    HmacSha1 = 2,

    /// <summary>HMAC-Tiger. RFC 7296.</summary>
    [Iana("PRF_HMAC_TIGER", 7296)]
    HmacTiger = 3,

    /// <summary>AES-XCBC. RFC 4434.</summary>
    [Iana("PRF_AES128_XCBC", 4434)]
    Aes128Xcbc = 4,

    /// <summary>HMAC-SHA-256. RFC 4868.</summary>
    [Iana("PRF_HMAC_SHA2_256", 4868)]
    HmacSha2x256 = 5,

    /// <summary>HMAC-SHA-384. RFC 4868.</summary>
    [Iana("PRF_HMAC_SHA2_384", 4868)]
    HmacSha2x384 = 6,

    /// <summary>HMAC-SHA-512. RFC 4868.</summary>
    [Iana("PRF_HMAC_SHA2_512", 4868)]
    HmacSha2x512 = 7,

    /// <summary>AES-CMAC. RFC 4615.</summary>
    [Iana("PRF_AES128_CMAC", 4615)]
    Aes128Cmac = 8,

    /// <summary>HMAC-Streebog-512. RFC 9385.</summary>
    [Iana("PRF_HMAC_STREEBOG_512", 9385)]
    HmacStreebog512 = 9,
}
