using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>Triple DES in CBC mode. RFC 2451.</summary>
public static class TripleDesCbc
{
    /// <summary>ENCR_3DES; 192 key bits with the parity bits, which are ignored. RFC 2451 §2.</summary>
    public static EncryptionTransform Cbc { get; } = new()
    {
        Name = "ENCR_3DES",
        TransformId = 3,
        KeyBits = [192],
        SaltBytes = 0,
        IvBytes = 8,
        IvRule = IvRule.Unpredictable,
        IcvBytes = 0,
        BlockBytes = 8,
        Rfc = "RFC 2451 §2",
        Cipher = static keying => Cipher(keying),
    };

    // .NET refuses keys whose thirds repeat, whoever asks; a tester may have to use one, and BouncyCastle takes it.
    private static EspCipher Cipher(EspKeying keying) => keying.UseBcl && !TripleDES.IsWeakKey(keying.Key.ToArray())
        ? new BclCbcCipher(TripleDES.Create(), keying.Key)
        : new BouncyCbcCipher(static () => new DesEdeEngine(), keying.Key);
}
