namespace Conformance.Spec.Crypto.Transforms;

/// <summary>AES-XCBC-MAC, truncated. RFC 3566.</summary>
public static class AesXcbc
{
    /// <summary>AUTH_AES_XCBC_96. RFC 3566 §4.</summary>
    public static IntegrityTransform Xcbc { get; } = new()
    {
        Name = "AUTH_AES_XCBC_96",
        TransformId = 5,
        KeyBits = 128,
        IcvBytes = 12,
        Rfc = "RFC 3566 §4",
        Keyer = static (key, useBcl) => new Mac(key, useBcl),
    };

    /// <summary>Composed from the libraries' AES-CBC, since neither library has XCBC: the last block of a chain with a zero IV.</summary>
    private sealed class Mac : EspMac
    {
        private const int BlockBytes = 16;
        private static readonly byte[] ZeroIv = new byte[BlockBytes];

        private readonly EspCipher chain;
        private readonly byte[] wholeBlockKey;
        private readonly byte[] paddedBlockKey;
        private ScratchBuffer scratch = new();

        public Mac(ReadOnlySpan<byte> key, bool useBcl)
        {
            // RFC 3566 §4 step 1: K1, K2 and K3 are the encryptions of blocks of ones, twos and threes.
            using var derivation = AesCbc.Cipher(key, useBcl);
            chain = AesCbc.Cipher(Derive(derivation, 1), useBcl);
            wholeBlockKey = Derive(derivation, 2);
            paddedBlockKey = Derive(derivation, 3);
        }

        public override void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> icv)
        {
            var messageBytes = first.Length + second.Length;
            var blocks = Math.Max(1, (messageBytes + BlockBytes - 1) / BlockBytes);
            var message = scratch.AtLeast(blocks * BlockBytes).AsSpan(0, blocks * BlockBytes);
            first.CopyTo(message);
            second.CopyTo(message[first.Length..]);

            var isWhole = messageBytes == message.Length;
            if (!isWhole)
            {
                message[messageBytes..].Clear();
                message[messageBytes] = 0x80;
            }

            var lastBlock = message[^BlockBytes..];
            var lastKey = isWhole ? wholeBlockKey : paddedBlockKey;
            for (var i = 0; i < BlockBytes; i++)
                lastBlock[i] ^= lastKey[i];
            chain.Encrypt(ZeroIv, message);
            lastBlock[..icv.Length].CopyTo(icv);
        }

        public override void Dispose()
        {
            chain.Dispose();
            base.Dispose();
        }

        private static byte[] Derive(EspCipher derivation, byte fill)
        {
            var block = new byte[BlockBytes];
            Array.Fill(block, fill);
            derivation.Encrypt(ZeroIv, block);
            return block;
        }
    }
}
