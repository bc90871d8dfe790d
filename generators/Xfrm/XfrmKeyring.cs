using Conformance.Generators.Wire;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;

namespace Conformance.Generators.Xfrm;

/// <summary>Algorithms with fresh keys, as the kernel names them (net/xfrm/xfrm_algo.c).</summary>
public static class XfrmKeyring
{
    /// <summary>One combined-mode algorithm, or a cipher and an integrity algorithm.</summary>
    public static XfrmAlgorithm[] Draw(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return random.Next(3) switch
        {
            0 => [new("cbc(aes)", WireValues.Bytes(random, 16)), new("hmac(sha256)", WireValues.Bytes(random, 32), 128)],
            1 => [new("ecb(cipher_null)", WireValues.Bytes(random, 0)), new("hmac(sha1)", WireValues.Bytes(random, 20), 96)],
            _ => [new("rfc4106(gcm(aes))", WireValues.Bytes(random, 20), 128)],
        };
    }
}
