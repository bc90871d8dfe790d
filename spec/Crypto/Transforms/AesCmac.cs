using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Macs;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES-CMAC, truncated; .NET does not have it. RFC 4494.</summary>
public static class AesCmac
{
    /// <summary>AUTH_AES_CMAC_96. RFC 4494 §2.</summary>
    public static IntegrityTransform Cmac { get; } = new()
    {
        Name = "AUTH_AES_CMAC_96",
        TransformId = 8,
        KeyBits = 128,
        IcvBytes = 12,
        Rfc = "RFC 4494 §2",
        IsInBcl = false,
        Keyer = static (key, _) => new BouncyMac(new CMac(AesUtilities.CreateEngine()), key),
    };
}
