using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Security;

namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>Bare signatures by the two libraries. RFC 8017 §8, RFC 4754 §3, RFC 6979 §3, RFC 8032 §5.</summary>
internal static class SignatureComputation
{
    public static bool TrySign(
        SignatureScheme scheme,
        ReadOnlySpan<byte> privateKey,
        ReadOnlySpan<byte> octets,
        ReadOnlySpan<byte> randomness,
        [NotNullWhen(true)] out byte[]? signature,
        out SignatureError error)
    {
        signature = null;
        if (!TryRead(privateKey, PrivateKeyFactory.CreateKey, out var key))
            error = SignatureError.UnreadableKey;
        else if (!Fits(scheme, key))
            error = SignatureError.KeyDoesNotFit;
        else if (scheme.Kind == SignatureKind.RsaPss && randomness.Length != scheme.SaltBytes)
            error = SignatureError.UnsuitableRandomness;
        else
            error = SignatureError.None;
        if (error != SignatureError.None)
            return false;

        if (scheme.Kind == SignatureKind.Ecdsa)
        {
            var signer = new ECDsaSigner(new HMacDsaKCalculator(Digest(scheme)));
            signer.Init(true, key);
            var numbers = signer.GenerateSignature(Hash(scheme, octets));
            signature = Encoding(scheme).Encode(signer.Order, numbers[0], numbers[1]);
            return true;
        }

        var general = Signer(scheme, randomness);
        general.Init(true, key);
        general.BlockUpdate(octets);
        signature = general.GenerateSignature();
        return true;
    }

    public static SignatureError Verify(
        SignatureScheme scheme, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature, CryptoProvider provider)
    {
        if (!TryRead(publicKey, PublicKeyFactory.CreateKey, out var key))
            return SignatureError.UnreadableKey;
        if (!Fits(scheme, key))
            return SignatureError.KeyDoesNotFit;
        if (key is ECKeyParameters curveKey && !IsEncoded(scheme, curveKey, signature))
            return SignatureError.Malformed;
        var isValid = provider != CryptoProvider.BouncyCastle && scheme.IsSupportedBy(CryptoProvider.Bcl)
            ? IsValidByBcl(scheme, publicKey, octets, signature)
            : IsValidByBouncyCastle(scheme, key, octets, signature);
        return isValid ? SignatureError.None : SignatureError.WrongSignature;
    }

    private static bool IsValidByBcl(
        SignatureScheme scheme, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature)
    {
        if (scheme.Kind == SignatureKind.Ecdsa)
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(publicKey, out _);
            return ecdsa.VerifyData(octets, signature, scheme.Hash, scheme.AuthenticationMethod == SignatureSchemes.DigitalSignatureMethod
                ? DSASignatureFormat.Rfc3279DerSequence
                : DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(publicKey, out _);
        return rsa.VerifyData(
            octets, signature, scheme.Hash, scheme.Kind == SignatureKind.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    private static bool IsValidByBouncyCastle(
        SignatureScheme scheme, AsymmetricKeyParameter key, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature)
    {
        if (scheme.Kind == SignatureKind.Ecdsa)
        {
            var verifier = new ECDsaSigner();
            verifier.Init(false, key);
            var numbers = Encoding(scheme).Decode(verifier.Order, signature.ToArray());
            return verifier.VerifySignature(Hash(scheme, octets), numbers[0], numbers[1]);
        }

        var general = Signer(scheme, new byte[scheme.SaltBytes]);
        general.Init(false, key);
        general.BlockUpdate(octets);
        return general.VerifySignature(signature.ToArray());
    }

    private static bool Fits(SignatureScheme scheme, AsymmetricKeyParameter key) => scheme.Kind switch
    {
        SignatureKind.Ecdsa => key is ECKeyParameters curveKey
            && (scheme.CurveName is null || curveKey.Parameters.N.Equals(CustomNamedCurves.GetByName(scheme.CurveName).N)),
        SignatureKind.Ed25519 => key is Ed25519PrivateKeyParameters or Ed25519PublicKeyParameters,
        SignatureKind.Ed448 => key is Ed448PrivateKeyParameters or Ed448PublicKeyParameters,
        _ => key is RsaKeyParameters,
    };

    // Two numbers below the order, in the form of the method. RFC 4754 §7, RFC 7427 appendix A.3.
    private static bool IsEncoded(SignatureScheme scheme, ECKeyParameters key, ReadOnlySpan<byte> signature) =>
        TryRead(signature, bytes => Encoding(scheme).Decode(key.Parameters.N, bytes), out _);

    private static IDsaEncoding Encoding(SignatureScheme scheme) => scheme.AuthenticationMethod == SignatureSchemes.DigitalSignatureMethod
        ? StandardDsaEncoding.Instance
        : PlainDsaEncoding.Instance;

    private static ISigner Signer(SignatureScheme scheme, ReadOnlySpan<byte> salt) => scheme.Kind switch
    {
        SignatureKind.RsaPkcs1 => new RsaDigestSigner(Digest(scheme)),
        SignatureKind.RsaPss => new PssSigner(new RsaEngine(), Digest(scheme), salt.ToArray()),
        SignatureKind.Ed25519 => new Ed25519Signer(),
        _ => new Ed448Signer([]),
    };

    private static IDigest Digest(SignatureScheme scheme) => scheme.HashId switch
    {
        1 => new Sha1Digest(),
        2 => new Sha256Digest(),
        3 => new Sha384Digest(),
        _ => new Sha512Digest(),
    };

    private static byte[] Hash(SignatureScheme scheme, ReadOnlySpan<byte> octets)
    {
        var digest = Digest(scheme);
        digest.BlockUpdate(octets);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash);
        return hash;
    }

    // The library tells by exceptions of many kinds that bytes are no key or no signature.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The kinds are not documented, and any of them is the answer «no».")]
    private static bool TryRead<T>(ReadOnlySpan<byte> bytes, Func<byte[], T> read, [NotNullWhen(true)] out T? value)
        where T : class
    {
        try
        {
            value = read(bytes.ToArray());
            return true;
        }
        catch (Exception)
        {
            value = null;
            return false;
        }
    }
}
