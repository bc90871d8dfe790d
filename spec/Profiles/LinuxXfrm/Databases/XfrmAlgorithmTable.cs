namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Algorithms as XFRM knows them by name (net/xfrm/xfrm_algo.c), with what the ciphers accept as key.</summary>
/// <remarks>A kernel may be built without some of them; it then answers ENOSYS for these too.</remarks>
public static class XfrmAlgorithmTable
{
    private static readonly Dictionary<string, (uint Default, uint Full)> IntegrityBits = new Dictionary<string, (uint, uint)>
    {
        ["digest_null"] = (0, 0),
        ["hmac(md5)"] = (96, 128),
        ["hmac(sha1)"] = (96, 160),
        ["hmac(sha256)"] = (96, 256),
        ["hmac(sha384)"] = (192, 384),
        ["hmac(sha512)"] = (256, 512),
        ["hmac(rmd160)"] = (96, 160),
        ["hmac(sm3)"] = (256, 256),
        ["xcbc(aes)"] = (96, 128),
        ["cmac(aes)"] = (96, 128),
    };

    // Older spellings that the table still takes; a dump shows the present one.
    private static readonly Dictionary<string, string> Spellings = new Dictionary<string, string>
    {
        ["md5"] = "hmac(md5)",
        ["sha1"] = "hmac(sha1)",
        ["sha256"] = "hmac(sha256)",
        ["sha384"] = "hmac(sha384)",
        ["sha512"] = "hmac(sha512)",
        ["rmd160"] = "hmac(rmd160)",
        ["aes"] = "cbc(aes)",
        ["cipher_null"] = "ecb(cipher_null)",
        ["des"] = "cbc(des)",
        ["des3_ede"] = "cbc(des3_ede)",
        ["blowfish"] = "cbc(blowfish)",
        ["cast5"] = "cbc(cast5)",
        ["serpent"] = "cbc(serpent)",
        ["camellia"] = "cbc(camellia)",
        ["twofish"] = "cbc(twofish)",
        ["sm4"] = "cbc(sm4)",
    };

    private static readonly Dictionary<string, Func<int, bool>> CipherKeys = new Dictionary<string, Func<int, bool>>
    {
        ["ecb(cipher_null)"] = bytes => bytes == 0,
        ["cbc(des)"] = bytes => bytes == 8,
        ["cbc(des3_ede)"] = bytes => bytes == 24,
        ["cbc(cast5)"] = bytes => bytes is >= 5 and <= 16,
        ["cbc(blowfish)"] = bytes => bytes is >= 4 and <= 56,
        ["cbc(aes)"] = bytes => bytes is 16 or 24 or 32,
        ["cbc(serpent)"] = bytes => bytes <= 32,
        ["cbc(camellia)"] = bytes => bytes is 16 or 24 or 32,
        ["cbc(twofish)"] = bytes => bytes is 16 or 24 or 32,
        ["cbc(sm4)"] = bytes => bytes == 16,
        ["rfc3686(ctr(aes))"] = bytes => bytes is 20 or 28 or 36,
        ["rfc3686(ctr(sm4))"] = bytes => bytes == 20,
    };

    private static readonly Dictionary<string, (Func<int, bool> Key, uint[] Icv)> Combined = new Dictionary<string, (Func<int, bool>, uint[])>
    {
        ["rfc4106(gcm(aes))"] = (bytes => bytes is 20 or 28 or 36, [64, 96, 128]),
        ["rfc4309(ccm(aes))"] = (bytes => bytes is 19 or 27 or 35, [64, 96, 128]),
        ["rfc4543(gcm(aes))"] = (bytes => bytes is 20 or 28 or 36, [128]),
        ["rfc7539esp(chacha20,poly1305)"] = (bytes => bytes == 36, [128]),
    };

    // SADB_AALG_* and SADB_X_AALG_*.
    private static readonly Dictionary<string, int> PfKeyNumbers = new Dictionary<string, int>
    {
        ["digest_null"] = 251,
        ["hmac(md5)"] = 2,
        ["hmac(sha1)"] = 3,
        ["hmac(sha256)"] = 5,
        ["hmac(sha384)"] = 6,
        ["hmac(sha512)"] = 7,
        ["hmac(rmd160)"] = 8,
        ["xcbc(aes)"] = 9,
    };

    /// <summary>Default and full length of an ICV, in bits; null when the name is unknown (xfrm_aalg_get_byname).</summary>
    public static (uint Default, uint Full)? Integrity(string name) => IntegrityBits.TryGetValue(Canonical(name), out (uint, uint) bits) ? bits : null;

    /// <summary>True when the cipher is known (xfrm_ealg_get_byname).</summary>
    public static bool IsCipher(string name) => CipherKeys.ContainsKey(Canonical(name));

    /// <summary>True when a cipher takes a key of this length.</summary>
    public static bool CipherTakesKey(string name, int bytes) => CipherKeys.TryGetValue(Canonical(name), out Func<int, bool>? accepts) && accepts(bytes);

    /// <summary>True when a combined algorithm of this name and ICV length is known (xfrm_aead_get_byname).</summary>
    public static bool IsCombined(string name, uint icvBits) => Combined.TryGetValue(name, out (Func<int, bool> Key, uint[] Icv) known) && known.Icv.Contains(icvBits);

    /// <summary>True when a combined algorithm takes a key of this length, salt included.</summary>
    public static bool CombinedTakesKey(string name, int bytes) => Combined.TryGetValue(name, out (Func<int, bool> Key, uint[] Icv) known) && known.Key(bytes);

    /// <summary>True when an integrity algorithm takes a key of this length: any for HMAC, a key of AES for the others.</summary>
    public static bool IntegrityTakesKey(string name, int bytes, LinuxRelease release) => Canonical(name) switch
    {
        "xcbc(aes)" when release.XcbcTakesOnlyItsOwnKey => bytes == 16,
        "xcbc(aes)" => bytes is 16 or 24 or 32,
        "cmac(aes)" => bytes is 16 or 24 or 32,
        _ => true,
    };

    /// <summary>PF_KEY's number of an SA's integrity algorithm, 0 when it has none: the bit of a template's mask (props.aalgo).</summary>
    public static int IntegrityNumber(XfrmState state) => state.Integrity is { } integrity ? PfKeyNumbers.GetValueOrDefault(Canonical(integrity.Name)) : 0;

    /// <summary>The present spelling of a name.</summary>
    public static string Canonical(string name) => Spellings.GetValueOrDefault(name, name);
}
