namespace Conformance.Spec.Crypto.Transforms;

/// <summary>The last block of an AES-CBC chain with a zero IV, one of two keys added to it first: what XCBC and CMAC have in common.</summary>
/// <remarks>Composed from the libraries' AES-CBC, for MACs that a library does not have.</remarks>
internal sealed class ChainedMac(EspCipher chain, byte[] wholeBlockKey, byte[] paddedBlockKey) : EspMac
{
    internal const int BlockBytes = 16;
    internal static readonly byte[] ZeroIv = new byte[BlockBytes];

    private ScratchBuffer scratch = new();

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
}
