using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES in counter mode; .NET does not have the mode. RFC 3686.</summary>
public static class AesCtr
{
    /// <summary>ENCR_AES_CTR. RFC 3686 §2 to §5.</summary>
    public static EncryptionTransform Ctr { get; } = new()
    {
        Name = "ENCR_AES_CTR",
        TransformId = 13,
        KeyBits = [128, 192, 256],
        SaltBytes = 4,
        IvBytes = 8,
        IvRule = IvRule.Unique,
        IcvBytes = 0,
        BlockBytes = 1,
        Rfc = "RFC 3686 §4",
        IsInBcl = false,
        Cipher = static keying => new Cipher(keying.Key, keying.Salt),
    };

    private sealed class Cipher : EspCipher
    {
        private const int BlockBytes = 16;
        private readonly SicBlockCipher counterMode = new(AesUtilities.CreateEngine());
        private readonly byte[] counterBlock = new byte[BlockBytes];

        public Cipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce)
        {
            nonce.CopyTo(counterBlock);

            // RFC 3686 §4: the block counter starts at one.
            counterBlock[^1] = 1;
            counterMode.Init(true, new ParametersWithIV(new KeyParameter(key), counterBlock));
        }

        public override void Encrypt(ReadOnlySpan<byte> iv, Span<byte> data)
        {
            iv.CopyTo(counterBlock.AsSpan(4));

            // Without a key the key schedule is kept.
            counterMode.Init(true, new ParametersWithIV(null, counterBlock));
            for (; data.Length >= BlockBytes; data = data[BlockBytes..])
                counterMode.ProcessBlock(data, data);
            if (data.IsEmpty)
                return;
            Span<byte> last = stackalloc byte[BlockBytes];
            data.CopyTo(last);
            counterMode.ProcessBlock(last, last);
            last[..data.Length].CopyTo(data);
        }

        public override void Decrypt(ReadOnlySpan<byte> iv, Span<byte> data) => Encrypt(iv, data);
    }
}
