using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>.NET's CBC with a key schedule that outlives the packet.</summary>
/// <remarks>
/// The one-shot calls (EncryptCbc) expand the key and allocate for every packet, and a transform takes its IV only when it
/// is made. So one transform runs on as a single long chain, and each packet is spliced into it.
/// </remarks>
internal sealed class BclCbcCipher : EspCipher
{
    private readonly int blockBytes;
    private readonly ICryptoTransform encryptor;
    private readonly ICryptoTransform decryptor;
    private readonly byte[] lastCiphertext;
    private ScratchBuffer scratch = new();

    public BclCbcCipher(SymmetricAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        using (algorithm)
        {
            blockBytes = algorithm.BlockSize / 8;
            lastCiphertext = new byte[blockBytes];
            algorithm.Mode = CipherMode.CBC;
            algorithm.Padding = PaddingMode.None;
            algorithm.SetKey(key);
            algorithm.IV = lastCiphertext;
            encryptor = algorithm.CreateEncryptor();
            decryptor = algorithm.CreateDecryptor();
        }
    }

    public override void Encrypt(ReadOnlySpan<byte> iv, Span<byte> data)
    {
        var whole = data[..(data.Length - data.Length % blockBytes)];
        if (whole.IsEmpty)
            return;
        var buffer = scratch.AtLeast(whole.Length);
        whole.CopyTo(buffer);

        // The running chain will add its last ciphertext block to the first block: take that out, put the IV in.
        for (var i = 0; i < blockBytes; i++)
            buffer[i] ^= (byte)(iv[i] ^ lastCiphertext[i]);
        encryptor.TransformBlock(buffer, 0, whole.Length, buffer, 0);
        buffer.AsSpan(0, whole.Length).CopyTo(whole);
        whole[^blockBytes..].CopyTo(lastCiphertext);
    }

    public override void Decrypt(ReadOnlySpan<byte> iv, Span<byte> data)
    {
        var whole = data[..(data.Length - data.Length % blockBytes)];
        var buffer = scratch.AtLeast(blockBytes + whole.Length);

        // The IV goes through as a ciphertext block of its own; what comes out for it is dropped.
        iv.CopyTo(buffer);
        whole.CopyTo(buffer.AsSpan(blockBytes));
        decryptor.TransformBlock(buffer, 0, blockBytes + whole.Length, buffer, 0);
        buffer.AsSpan(blockBytes, whole.Length).CopyTo(whole);
    }

    public override void Dispose()
    {
        encryptor.Dispose();
        decryptor.Dispose();
        base.Dispose();
    }
}

/// <summary>BouncyCastle's CBC over any of its block ciphers.</summary>
internal sealed class BouncyCbcCipher : EspCipher
{
    private readonly CbcBlockCipher encryptor;
    private readonly CbcBlockCipher decryptor;

    public BouncyCbcCipher(Func<IBlockCipher> createEngine, ReadOnlySpan<byte> key)
    {
        var keyParameter = new KeyParameter(key);
        encryptor = new CbcBlockCipher(createEngine());
        encryptor.Init(true, keyParameter);
        decryptor = new CbcBlockCipher(createEngine());
        decryptor.Init(false, keyParameter);
    }

    public override void Encrypt(ReadOnlySpan<byte> iv, Span<byte> data) => Run(encryptor, true, iv, data);

    public override void Decrypt(ReadOnlySpan<byte> iv, Span<byte> data) => Run(decryptor, false, iv, data);

    private static void Run(CbcBlockCipher cipher, bool encrypt, ReadOnlySpan<byte> iv, Span<byte> data)
    {
        // Without a key the key schedule is kept.
        cipher.Init(encrypt, new ParametersWithIV(null, iv));
        for (var blockBytes = cipher.GetBlockSize(); data.Length >= blockBytes; data = data[blockBytes..])
            cipher.ProcessBlock(data, data);
    }
}
