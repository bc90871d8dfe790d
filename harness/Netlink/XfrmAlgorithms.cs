using Conformance.Spec.Crypto;

namespace Conformance.Harness.Netlink;

/// <summary>The kernel crypto API's names for a suite.</summary>
/// <param name="Combined">For XFRMA_ALG_AEAD, or null.</param>
/// <param name="Cipher">For XFRMA_ALG_CRYPT, or null.</param>
/// <param name="Integrity">For XFRMA_ALG_AUTH_TRUNC, or null.</param>
internal sealed record XfrmAlgorithms(string? Combined, string? Cipher, string? Integrity)
{
    private static readonly Dictionary<string, string> CombinedNames = new()
    {
        ["ENCR_AES_GCM_8"] = "rfc4106(gcm(aes))",
        ["ENCR_AES_GCM_12"] = "rfc4106(gcm(aes))",
        ["ENCR_AES_GCM_16"] = "rfc4106(gcm(aes))",
        ["ENCR_AES_CCM_8"] = "rfc4309(ccm(aes))",
        ["ENCR_AES_CCM_12"] = "rfc4309(ccm(aes))",
        ["ENCR_AES_CCM_16"] = "rfc4309(ccm(aes))",
        ["ENCR_NULL_AUTH_AES_GMAC"] = "rfc4543(gcm(aes))",
        ["ENCR_CHACHA20_POLY1305"] = "rfc7539esp(chacha20,poly1305)",
    };

    private static readonly Dictionary<string, string> CipherNames = new()
    {
        ["ENCR_NULL"] = "ecb(cipher_null)",
        ["ENCR_AES_CBC"] = "cbc(aes)",
        ["ENCR_AES_CTR"] = "rfc3686(ctr(aes))",
        ["ENCR_CAMELLIA_CBC"] = "cbc(camellia)",
        ["ENCR_3DES"] = "cbc(des3_ede)",
    };

    private static readonly Dictionary<string, string> IntegrityNames = new()
    {
        ["AUTH_HMAC_MD5_96"] = "hmac(md5)",
        ["AUTH_HMAC_SHA1_96"] = "hmac(sha1)",
        ["AUTH_HMAC_SHA2_256_128"] = "hmac(sha256)",
        ["AUTH_HMAC_SHA2_384_192"] = "hmac(sha384)",
        ["AUTH_HMAC_SHA2_512_256"] = "hmac(sha512)",
        ["AUTH_AES_XCBC_96"] = "xcbc(aes)",
        ["AUTH_AES_CMAC_96"] = "cmac(aes)",
    };

    /// <summary>The names, or null where XFRM has none (implicit IV).</summary>
    public static XfrmAlgorithms? Of(EspSuite suite)
    {
        if (CombinedNames.TryGetValue(suite.Encryption.Name, out string? combined))
        {
            return new XfrmAlgorithms(combined, null, null);
        }

        string? integrity = null;
        return CipherNames.TryGetValue(suite.Encryption.Name, out string? cipher)
            && (suite.Integrity is null || IntegrityNames.TryGetValue(suite.Integrity.Name, out integrity))
            ? new XfrmAlgorithms(null, cipher, integrity)
            : null;
    }
}
