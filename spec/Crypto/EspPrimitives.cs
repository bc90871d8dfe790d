namespace Conformance.Spec.Crypto;

/// <summary>Makes a keyed ESP transform; lengths were checked by <see cref="EspSuite.Key"/>.</summary>
internal delegate EspProtection EncryptionKeyer(EspKeying keying);

/// <summary>Makes a bare keyed cipher; lengths were checked by the suite.</summary>
internal delegate EspCipher CipherKeyer(EspKeying keying);

/// <summary>Makes a bare keyed combined mode; lengths were checked by the suite.</summary>
internal delegate EspAead AeadKeyer(EspKeying keying);

/// <summary>Makes a keyed MAC; the length was checked by <see cref="EspSuite.Key"/>.</summary>
internal delegate EspMac IntegrityKeyer(ReadOnlySpan<byte> key, bool useBcl);

/// <summary>What an encryption transform is keyed with.</summary>
internal readonly ref struct EspKeying(
    EncryptionTransform transform, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, EspMac? mac, int icvBytes, bool useBcl)
{
    public EncryptionTransform Transform { get; } = transform;

    public ReadOnlySpan<byte> Key { get; } = key;

    public ReadOnlySpan<byte> Salt { get; } = salt;

    /// <summary>Separate integrity; null for a combined mode and for none.</summary>
    public EspMac? Mac { get; } = mac;

    public int IcvBytes { get; } = icvBytes;

    public bool UseBcl { get; } = useBcl;
}

/// <summary>A keyed cipher without integrity; the bytes after the last whole block stay as they are.</summary>
internal abstract class EspCipher : IDisposable
{
    public abstract void Encrypt(ReadOnlySpan<byte> iv, Span<byte> data);

    public abstract void Decrypt(ReadOnlySpan<byte> iv, Span<byte> data);

    public virtual void Dispose()
    {
    }
}

/// <summary>A keyed MAC over two adjoining parts, truncated to the length of <c>icv</c>.</summary>
internal abstract class EspMac : IDisposable
{
    public const int LongestTagBytes = 64;

    public abstract void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> icv);

    public virtual void Dispose()
    {
    }
}

/// <summary>A keyed combined mode with a fixed tag length.</summary>
internal abstract class EspAead : IDisposable
{
    public abstract void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, Span<byte> tag);

    public abstract bool TryOpen(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, Span<byte> data, ReadOnlySpan<byte> tag);

    public virtual void Dispose()
    {
    }
}

/// <summary>A buffer that grows to the largest packet seen and is then reused.</summary>
internal struct ScratchBuffer()
{
    private byte[] bytes = new byte[2048];

    public byte[] AtLeast(int lengthBytes)
    {
        if (bytes.Length < lengthBytes)
            bytes = new byte[Math.Max(lengthBytes, 2 * bytes.Length)];
        return bytes;
    }
}
