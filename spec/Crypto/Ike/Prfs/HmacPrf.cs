using Conformance.Spec.Crypto.Transforms;

namespace Conformance.Spec.Crypto.Ike.Prfs;

/// <summary>HMAC without truncation; it takes keys of any length. RFC 2104, RFC 4868 §2.1.2.</summary>
public static class HmacPrf
{
    /// <summary>PRF_HMAC_MD5. RFC 2104.</summary>
    public static IkePrf Md5 { get; } = Full(1, "PRF_HMAC_MD5", 16, "RFC 2104 §2", Hmac.Md5);

    /// <summary>PRF_HMAC_SHA1. RFC 2104.</summary>
    public static IkePrf Sha1 { get; } = Full(2, "PRF_HMAC_SHA1", 20, "RFC 2104 §2", Hmac.Sha1);

    /// <summary>PRF_HMAC_SHA2_256. RFC 4868 §2.4.</summary>
    public static IkePrf Sha256 { get; } = Full(5, "PRF_HMAC_SHA2_256", 32, "RFC 4868 §2.4", Hmac.Sha256);

    /// <summary>PRF_HMAC_SHA2_384. RFC 4868 §2.4.</summary>
    public static IkePrf Sha384 { get; } = Full(6, "PRF_HMAC_SHA2_384", 48, "RFC 4868 §2.4", Hmac.Sha384);

    /// <summary>PRF_HMAC_SHA2_512. RFC 4868 §2.4.</summary>
    public static IkePrf Sha512 { get; } = Full(7, "PRF_HMAC_SHA2_512", 64, "RFC 4868 §2.4", Hmac.Sha512);

    private static IkePrf Full(ushort transformId, string name, int outputBytes, string rfc, IntegrityTransform mac) => new()
    {
        Name = name,
        TransformId = transformId,
        OutputBytes = outputBytes,
        KeyBytes = outputBytes,
        Rfc = rfc,
        Mac = mac,
    };
}
