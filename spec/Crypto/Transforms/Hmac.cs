using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace Conformance.Spec.Crypto.Transforms;

/// <summary>HMAC with a truncated output. RFC 2403, RFC 2404, RFC 4868.</summary>
public static class Hmac
{
    /// <summary>AUTH_HMAC_MD5_96. RFC 2403 §2.</summary>
    public static IntegrityTransform Md5 { get; } =
        Truncated(1, "AUTH_HMAC_MD5_96", 128, 12, "RFC 2403 §2", HashAlgorithmName.MD5, static () => new MD5Digest());

    /// <summary>AUTH_HMAC_SHA1_96. RFC 2404 §2.</summary>
    public static IntegrityTransform Sha1 { get; } =
        Truncated(2, "AUTH_HMAC_SHA1_96", 160, 12, "RFC 2404 §2", HashAlgorithmName.SHA1, static () => new Sha1Digest());

    /// <summary>AUTH_HMAC_SHA2_256_128. RFC 4868 §2.</summary>
    public static IntegrityTransform Sha256 { get; } =
        Truncated(12, "AUTH_HMAC_SHA2_256_128", 256, 16, "RFC 4868 §2", HashAlgorithmName.SHA256, static () => new Sha256Digest());

    /// <summary>AUTH_HMAC_SHA2_384_192. RFC 4868 §2.</summary>
    public static IntegrityTransform Sha384 { get; } =
        Truncated(13, "AUTH_HMAC_SHA2_384_192", 384, 24, "RFC 4868 §2", HashAlgorithmName.SHA384, static () => new Sha384Digest());

    /// <summary>AUTH_HMAC_SHA2_512_256. RFC 4868 §2.</summary>
    public static IntegrityTransform Sha512 { get; } =
        Truncated(14, "AUTH_HMAC_SHA2_512_256", 512, 32, "RFC 4868 §2", HashAlgorithmName.SHA512, static () => new Sha512Digest());

    private static IntegrityTransform Truncated(
        ushort transformId, string name, int keyBits, int icvBytes, string rfc, HashAlgorithmName hash, Func<IDigest> createDigest) => new()
        {
            Name = name,
            TransformId = transformId,
            KeyBits = keyBits,
            IcvBytes = icvBytes,
            Rfc = rfc,
            Keyer = (key, useBcl) => useBcl ? new Bcl(hash, key) : new BouncyMac(new HMac(createDigest()), key),
        };

    private sealed class Bcl(HashAlgorithmName hash, ReadOnlySpan<byte> key) : EspMac
    {
        private readonly IncrementalHash hmac = IncrementalHash.CreateHMAC(hash, key);

        public override void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> icv)
        {
            Span<byte> tag = stackalloc byte[LongestTagBytes];
            hmac.AppendData(first);
            hmac.AppendData(second);
            hmac.GetHashAndReset(tag);
            tag[..icv.Length].CopyTo(icv);
        }

        public override void Dispose()
        {
            hmac.Dispose();
            base.Dispose();
        }
    }
}

/// <summary>Any of BouncyCastle's MACs, truncated.</summary>
internal sealed class BouncyMac : EspMac
{
    private readonly IMac mac;

    public BouncyMac(IMac mac, ReadOnlySpan<byte> key)
    {
        this.mac = mac;
        mac.Init(new KeyParameter(key));
    }

    public override void Compute(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> icv)
    {
        Span<byte> tag = stackalloc byte[LongestTagBytes];
        mac.BlockUpdate(first);
        mac.BlockUpdate(second);
        mac.DoFinal(tag);
        tag[..icv.Length].CopyTo(icv);
    }
}
