using System.Buffers.Binary;
using System.Security.Cryptography;
using Conformance.Spec.Crypto;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Oracle.Misconstructions;

/// <summary>A combined mode whose nonce, associated data or tag are not those of its RFC. RFC 4106, RFC 4309, RFC 4543, RFC 7634.</summary>
internal sealed class CombinedByHand : EspProtection
{
    private const int ImplicitIvBytes = 8;
    private const int ShortestBclTagBytes = 12;
    private readonly EncryptionTransform _transform;
    private readonly byte[] _key;
    private readonly byte[] _salt;

    public CombinedByHand(SecurityAssociation sa, int? icvBytes = null)
    {
        _transform = sa.Suite.Encryption;
        int keyBytes = sa.Suite.EncryptionKeyBits / 8;
        _key = sa.EncryptionKey.Span[..keyBytes].ToArray();
        _salt = sa.EncryptionKey.Span[keyBytes..].ToArray();
        IcvBytes = icvBytes ?? _transform.IcvBytes;
    }

    /// <summary>The salt stands behind the IV in the nonce.</summary>
    public bool SaltBehindIv { get; init; }

    /// <summary>SPI and sequence number are left out of the associated data.</summary>
    public bool HeaderLeftOut { get; init; }

    /// <summary>With ESN the low half stands in front of the high half.</summary>
    public bool HalvesSwapped { get; init; }

    /// <summary>The explicit IV is left out of GMAC's associated data.</summary>
    public bool IvLeftOut { get; init; }

    /// <summary>The number stands at the head of the implicit IV and not at its end.</summary>
    public bool ImplicitIvReversed { get; init; }

    /// <summary>The length field of CCM has 2 bytes, and the nonce is filled up with zeros.</summary>
    public bool ShortLengthField { get; init; }

    /// <summary>The IV follows from the number and is not sent, although the transform has an explicit one.</summary>
    public bool NoIvField { get; init; }

    public override int IvBytes => NoIvField ? 0 : _transform.IvBytes;

    public override int IcvBytes { get; }

    public override int AlignmentBytes => _transform.AlignmentBytes;

    /// <summary>True where the primitives at hand can compute it.</summary>
    public static bool CanDo(EncryptionTransform transform) => transform is { IsCombinedMode: true, IsInBcl: true }
        && (transform.IcvBytes >= ShortestBclTagBytes || IsCcm(transform));

    public override void Seal(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        byte[] nonce = Nonce(espPacket, sequenceHigh, extendedSequenceNumber);
        byte[] associated = Associated(espPacket, sequenceHigh, extendedSequenceNumber);
        Span<byte> data = Data(espPacket);
        Span<byte> tag = espPacket[^IcvBytes..];
        if (IsCcm(_transform))
        {
            using AesCcm ccm = new(_key);
            ccm.Encrypt(nonce, data, data, tag, associated);
        }
        else if (IsChaCha)
        {
            using ChaCha20Poly1305 chaCha = new(_key);
            chaCha.Encrypt(nonce, data, data, tag, associated);
        }
        else
        {
            using AesGcm gcm = new(_key, IcvBytes);
            gcm.Encrypt(nonce, data, data, tag, associated);
        }
    }

    public override bool TryOpen(Span<byte> espPacket, uint sequenceHigh, bool extendedSequenceNumber)
    {
        if (espPacket.Length < HeaderBytes + IvBytes + IcvBytes)
        {
            return false;
        }

        byte[] nonce = Nonce(espPacket, sequenceHigh, extendedSequenceNumber);
        byte[] associated = Associated(espPacket, sequenceHigh, extendedSequenceNumber);
        Span<byte> data = Data(espPacket);
        try
        {
            if (IsCcm(_transform))
            {
                using AesCcm ccm = new(_key);
                ccm.Decrypt(nonce, data, espPacket[^IcvBytes..], data, associated);
            }
            else if (IsChaCha)
            {
                using ChaCha20Poly1305 chaCha = new(_key);
                chaCha.Decrypt(nonce, data, espPacket[^IcvBytes..], data, associated);
            }
            else
            {
                using AesGcm gcm = new(_key, IcvBytes);
                gcm.Decrypt(nonce, data, espPacket[^IcvBytes..], data, associated);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static bool IsCcm(EncryptionTransform transform) => transform.Name.Contains("CCM", StringComparison.Ordinal);

    private bool IsChaCha => _transform.Name.Contains("CHACHA", StringComparison.Ordinal);

    private Span<byte> Data(Span<byte> packet) =>
        _transform is { IsIntegrityOnly: true } ? [] : packet[(HeaderBytes + IvBytes)..^IcvBytes];

    private byte[] Nonce(ReadOnlySpan<byte> packet, uint high, bool extended)
    {
        byte[] iv = new byte[ImplicitIvBytes];
        if (!_transform.HasImplicitIv && !NoIvField)
        {
            packet.Slice(HeaderBytes, IvBytes).CopyTo(iv);
        }
        else if (ImplicitIvReversed)
        {
            packet[4..8].CopyTo(iv);
            BinaryPrimitives.WriteUInt32BigEndian(iv.AsSpan(4), extended ? high : 0);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(iv, extended ? high : 0);
            packet[4..8].CopyTo(iv.AsSpan(4));
        }

        byte[] nonce = SaltBehindIv ? [.. iv, .. _salt] : [.. _salt, .. iv];
        return ShortLengthField ? [.. nonce, 0, 0] : nonce;
    }

    private byte[] Associated(ReadOnlySpan<byte> packet, uint high, bool extended)
    {
        byte[] half = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(half, high);
        byte[] header = HeaderLeftOut ? []
            : !extended ? packet[..8].ToArray()
            : HalvesSwapped ? [.. packet[..8], .. half]
            : [.. packet[..4], .. half, .. packet[4..8]];
        return _transform is { IsIntegrityOnly: true }
            ? [.. header, .. packet[(IvLeftOut ? HeaderBytes + IvBytes : HeaderBytes)..^IcvBytes]]
            : header;
    }
}
