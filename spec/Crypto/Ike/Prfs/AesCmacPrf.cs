using Conformance.Spec.Crypto.Transforms;

namespace Conformance.Spec.Crypto.Ike.Prfs;

/// <summary>AES-CMAC without truncation and with keys of any length. RFC 4615.</summary>
public static class AesCmacPrf
{
    private const int KeyBytes = 16;

    /// <summary>PRF_AES128_CMAC. RFC 4615 §3.</summary>
    public static IkePrf Cmac { get; } = new()
    {
        Name = "PRF_AES128_CMAC",
        TransformId = 8,
        OutputBytes = 16,
        KeyBytes = KeyBytes,
        Rfc = "RFC 4615 §3",
        TakesHalfTheKeyFromEachNonce = true,
        Mac = AesCmac.Cmac,
        KeyRule = OfAnyLength,
    };

    // RFC 4615 §3: every key that does not fit, a short one too, is hashed under the zero key.
    private static byte[] OfAnyLength(ReadOnlySpan<byte> key, bool useBcl)
    {
        if (key.Length == KeyBytes)
            return key.ToArray();
        var fitting = new byte[KeyBytes];
        using var hash = AesCmac.Cmac.Keyer(new byte[KeyBytes], useBcl);
        hash.Compute(key, [], fitting);
        return fitting;
    }
}
