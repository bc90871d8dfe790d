using Conformance.Spec.Ike.State;

namespace Conformance.Harness.Reporting;

/// <summary>Lines of Wireshark's ikev2_decryption_table.</summary>
public static class IkeKeyTable
{
    /// <summary>Name of the table in Wireshark's configuration folder.</summary>
    public const string FileName = "ikev2_decryption_table";

    private static readonly Dictionary<string, string> Ciphers = new()
    {
        ["ENCR_NULL"] = "NULL [RFC2410]",
        ["ENCR_3DES"] = "3DES [RFC2451]",
        ["ENCR_AES_CBC"] = "AES-CBC-{0} [RFC3602]",
        ["ENCR_AES_GCM_8"] = "AES-GCM-{0} with 8 octet ICV [RFC5282]",
        ["ENCR_AES_GCM_12"] = "AES-GCM-{0} with 12 octet ICV [RFC5282]",
        ["ENCR_AES_GCM_16"] = "AES-GCM-{0} with 16 octet ICV [RFC5282]",
        ["ENCR_AES_CCM_8"] = "AES-CCM-{0} with 8 octet ICV [RFC5282]",
        ["ENCR_AES_CCM_12"] = "AES-CCM-{0} with 12 octet ICV [RFC5282]",
        ["ENCR_AES_CCM_16"] = "AES-CCM-{0} with 16 octet ICV [RFC5282]",
    };

    private static readonly Dictionary<string, string> Integrity = new()
    {
        ["AUTH_HMAC_MD5_96"] = "HMAC_MD5_96 [RFC2403]",
        ["AUTH_HMAC_SHA1_96"] = "HMAC_SHA1_96 [RFC2404]",
        ["AUTH_HMAC_SHA2_256_128"] = "HMAC_SHA2_256_128 [RFC4868]",
        ["AUTH_HMAC_SHA2_384_192"] = "HMAC_SHA2_384_192 [RFC4868]",
        ["AUTH_HMAC_SHA2_512_256"] = "HMAC_SHA2_512_256 [RFC4868]",
    };

    /// <summary>The lines of IKE SAs; one comment line where Wireshark has no name for a transform, since a bad line loses the table.</summary>
    public static IEnumerable<string> Lines(IEnumerable<IkeSa> associations)
    {
        foreach (IkeSa sa in associations)
        {
            if (sa is not { Suite: { } suite, Keys: { } keys })
            {
                continue;
            }

            string integrity = "NONE [RFC4306]";
            if (!Ciphers.TryGetValue(suite.Encryption.Name, out string? cipher) || (suite.Integrity is { } mac && !Integrity.TryGetValue(mac.Name, out integrity!)))
            {
                yield return $"# {suite}: no name in Wireshark's table";
                continue;
            }

            string name = string.Format(System.Globalization.CultureInfo.InvariantCulture, cipher, suite.EncryptionKeyBits);
            yield return $"{sa.InitiatorSpi.ToByteString()},{sa.ResponderSpi.ToByteString()},{keys.InitiatorEncryption},{keys.ResponderEncryption},\"{name}\",{keys.InitiatorIntegrity},{keys.ResponderIntegrity},\"{integrity}\"";
        }
    }
}
