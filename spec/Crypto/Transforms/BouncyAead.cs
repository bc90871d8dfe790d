using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>Any of BouncyCastle's combined modes.</summary>
/// <remarks>A new cipher for each packet: they refuse to seal twice under one nonce, which a tester does on purpose.</remarks>
internal sealed class BouncyAead(Func<IAeadCipher> createCipher, ReadOnlySpan<byte> key, int tagBytes) : EspAead
{
    private readonly KeyParameter keyParameter = new(key);

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, Span<byte> tag)
    {
        var cipher = Start(true, nonce, associatedData);
        var sealedBytes = new byte[data.Length + tagBytes];
        var written = cipher.ProcessBytes(data, sealedBytes);
        cipher.DoFinal(sealedBytes.AsSpan(written));
        sealedBytes.AsSpan(0, data.Length).CopyTo(data);
        sealedBytes.AsSpan(data.Length).CopyTo(tag);
    }

    public override bool TryOpen(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, ReadOnlySpan<byte> tag)
    {
        var cipher = Start(false, nonce, associatedData);
        var opened = new byte[cipher.GetOutputSize(data.Length + tagBytes)];
        var written = cipher.ProcessBytes(data, opened);
        written += cipher.ProcessBytes(tag, opened.AsSpan(written));
        try
        {
            cipher.DoFinal(opened.AsSpan(written));
        }
        catch (InvalidCipherTextException)
        {
            return false;
        }

        opened.AsSpan(0, data.Length).CopyTo(data);
        return true;
    }

    private IAeadCipher Start(bool forEncryption, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData)
    {
        var cipher = createCipher();
        cipher.Init(forEncryption, new AeadParameters(keyParameter, 8 * tagBytes, nonce.ToArray()));
        cipher.ProcessAadBytes(associatedData);
        return cipher;
    }
}
