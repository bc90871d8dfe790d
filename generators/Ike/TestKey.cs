using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Wire;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Conformance.Generators.Ike;

/// <summary>A key pair that follows from a seed, and the scheme it signs with.</summary>
/// <param name="Scheme">The scheme.</param>
/// <param name="PrivateKey">PKCS#8.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo.</param>
public sealed record TestKey(SignatureScheme Scheme, ByteString PrivateKey, ByteString PublicKey)
{
    /// <summary>A key on Ed25519.</summary>
    public static TestKey Ed25519(int seed)
    {
        var key = new Ed25519PrivateKeyParameters(Bytes(seed, Ed25519PrivateKeyParameters.KeySize));
        return Of("ed25519", key, key.GeneratePublicKey());
    }

    /// <summary>A key on Ed448.</summary>
    public static TestKey Ed448(int seed)
    {
        var key = new Ed448PrivateKeyParameters(Bytes(seed, Ed448PrivateKeyParameters.KeySize));
        return Of("ed448", key, key.GeneratePublicKey());
    }

    /// <summary>A key on P-256.</summary>
    public static TestKey P256(int seed)
    {
        // 31 bytes are below the order.
        var curve = ECNamedDomainParameters.LookupOid(SecObjectIdentifiers.SecP256r1);
        var scalar = new BigInteger(1, Bytes(seed, 31));
        return Of("ecdsa-sha256", new ECPrivateKeyParameters(scalar, curve), new ECPublicKeyParameters(curve.G.Multiply(scalar), curve));
    }

    /// <summary>An RSA key of 2048 bits.</summary>
    public static TestKey Rsa(int seed)
    {
        var generator = new DigestRandomGenerator(new Sha256Digest());
        generator.AddSeedMaterial(seed);
        var pairs = new RsaKeyPairGenerator();
        pairs.Init(new RsaKeyGenerationParameters(BigInteger.ValueOf(65537), new SecureRandom(generator), 2048, 64));
        var pair = pairs.GenerateKeyPair();
        return Of("rsassa-pkcs1-sha256", pair.Private, pair.Public);
    }

    private static TestKey Of(string scheme, AsymmetricKeyParameter privateKey, AsymmetricKeyParameter publicKey) => new(
        SignatureSchemes.Named(scheme),
        ByteString.Adopt(PrivateKeyInfoFactory.CreatePrivateKeyInfo(privateKey).GetDerEncoded()),
        ByteString.Adopt(SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(publicKey).GetDerEncoded()));

    private static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
