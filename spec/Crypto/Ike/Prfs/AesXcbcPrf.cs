using Conformance.Spec.Crypto.Transforms;

namespace Conformance.Spec.Crypto.Ike.Prfs;

/// <summary>AES-XCBC-MAC without truncation and with keys of any length. RFC 4434.</summary>
public static class AesXcbcPrf
{
    private const int KeyBytes = 16;

    /// <summary>PRF_AES128_XCBC. RFC 4434 §2.</summary>
    public static IkePrf Xcbc { get; } = new()
    {
        Name = "PRF_AES128_XCBC",
        TransformId = 4,
        OutputBytes = 16,
        KeyBytes = KeyBytes,
        Rfc = "RFC 4434 §2",
        TakesHalfTheKeyFromEachNonce = true,
        Mac = AesXcbc.Xcbc,
        KeyRule = OfAnyLength,
    };

    // RFC 4434 §2: a short key is padded with zeros, a long one is hashed under the zero key.
    private static byte[] OfAnyLength(ReadOnlySpan<byte> key, bool useBcl)
    {
        var fitting = new byte[KeyBytes];
        if (key.Length <= KeyBytes)
        {
            key.CopyTo(fitting);
            return fitting;
        }

        using var hash = AesXcbc.Xcbc.Keyer(new byte[KeyBytes], useBcl);
        hash.Compute(key, [], fitting);
        return fitting;
    }
}
