using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;

namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>Bare signatures by the two libraries. RFC 8017 §8, RFC 4754 §3, RFC 6979 §3, RFC 8032 §5.</summary>
internal static class SignatureComputation
{
    // BouncyCastle signs: .NET draws the nonces of ECDSA and the salts of RSASSA-PSS itself, and here they follow from the arguments.
    public static bool TrySign(
        SignatureScheme scheme,
        ReadOnlySpan<byte> privateKey,
        ReadOnlySpan<byte> octets,
        ReadOnlySpan<byte> randomness,
        [NotNullWhen(true)] out byte[]? signature,
        out SignatureError error)
    {
        signature = null;
        AsymmetricKeyParameter? key = null;
        if (!KeyAlgorithm.TryReadPrivate(privateKey, out var algorithm))
            error = SignatureError.UnreadableKey;
        else if (!algorithm.Fits(scheme))
            error = SignatureError.KeyDoesNotFit;
        else if (scheme.Kind == SignatureKind.RsaPss && randomness.Length != scheme.SaltBytes)
            error = SignatureError.UnsuitableRandomness;
        else if (!TryRead(privateKey, PrivateKeyFactory.CreateKey, out key))
            error = SignatureError.UnreadableKey;
        else
            error = SignatureError.None;
        if (key is null)
            return false;

        if (scheme.Kind == SignatureKind.Ecdsa)
        {
            var signer = new ECDsaSigner(new HMacDsaKCalculator(Digest(scheme)));
            signer.Init(true, key);
            var numbers = signer.GenerateSignature(Hash(scheme, octets));
            IDsaEncoding encoding = IsPlain(scheme) ? PlainDsaEncoding.Instance : StandardDsaEncoding.Instance;
            signature = encoding.Encode(signer.Order, numbers[0], numbers[1]);
            return true;
        }

        var general = scheme.Kind == SignatureKind.RsaPss
            ? new PssSigner(new RsaEngine(), Digest(scheme), randomness.ToArray())
            : GeneralSigner(scheme);
        general.Init(true, key);
        general.BlockUpdate(octets);
        signature = general.GenerateSignature();
        return true;
    }

    public static SignatureError Verify(
        SignatureScheme scheme, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature, CryptoProvider provider)
    {
        if (!KeyAlgorithm.TryReadPublic(publicKey, out var algorithm))
            return SignatureError.UnreadableKey;
        if (!algorithm.Fits(scheme))
            return SignatureError.KeyDoesNotFit;
        if (scheme.Kind == SignatureKind.Ecdsa && !TryReadNumbers(scheme, signature, out _, out _))
            return SignatureError.Malformed;
        return provider != CryptoProvider.BouncyCastle && scheme.IsSupportedBy(CryptoProvider.Bcl)
            ? VerifyByBcl(scheme, publicKey, octets, signature)
            : VerifyByBouncyCastle(scheme, publicKey, octets, signature);
    }

    private static SignatureError VerifyByBcl(
        SignatureScheme scheme, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature)
    {
        using AsymmetricAlgorithm key = scheme.Kind == SignatureKind.Ecdsa ? ECDsa.Create() : RSA.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
        }
        catch (CryptographicException)
        {
            return SignatureError.UnreadableKey;
        }

        var isValid = key switch
        {
            ECDsa ecdsa => ecdsa.VerifyData(octets, signature, scheme.Hash, IsPlain(scheme)
                ? DSASignatureFormat.IeeeP1363FixedFieldConcatenation
                : DSASignatureFormat.Rfc3279DerSequence),
            RSA rsa => rsa.VerifyData(
                octets, signature, scheme.Hash, scheme.Kind == SignatureKind.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
            _ => false,
        };
        return isValid ? SignatureError.None : SignatureError.WrongSignature;
    }

    private static SignatureError VerifyByBouncyCastle(
        SignatureScheme scheme, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> octets, ReadOnlySpan<byte> signature)
    {
        if (!TryRead(publicKey, PublicKeyFactory.CreateKey, out var key))
            return SignatureError.UnreadableKey;
        bool isValid;
        if (scheme.Kind == SignatureKind.Ecdsa)
        {
            var verifier = new ECDsaSigner();
            verifier.Init(false, key);
            isValid = TryReadNumbers(scheme, signature, out var r, out var s) && verifier.VerifySignature(Hash(scheme, octets), r, s);
        }
        else
        {
            var general = scheme.Kind == SignatureKind.RsaPss
                ? new PssSigner(new RsaEngine(), Digest(scheme), scheme.SaltBytes)
                : GeneralSigner(scheme);
            general.Init(false, key);
            general.BlockUpdate(octets);
            isValid = general.VerifySignature(signature.ToArray());
        }

        return isValid ? SignatureError.None : SignatureError.WrongSignature;
    }

    // Methods 9 to 11 join r and s in the length of the field, method 14 has a DER sequence. RFC 4754 §7, RFC 7427 appendix A.3.
    private static bool IsPlain(SignatureScheme scheme) => scheme.AuthenticationMethod != SignatureSchemes.DigitalSignatureMethod;

    private static bool TryReadNumbers(
        SignatureScheme scheme, ReadOnlySpan<byte> signature, [NotNullWhen(true)] out BigInteger? r, [NotNullWhen(true)] out BigInteger? s)
    {
        (r, s) = (null, null);
        if (IsPlain(scheme))
        {
            var fieldBytes = scheme == SignatureSchemes.Ecdsa521 ? 66 : scheme.HashBytes;
            if (signature.Length != 2 * fieldBytes)
                return false;
            (r, s) = (new BigInteger(1, signature[..fieldBytes]), new BigInteger(1, signature[fieldBytes..]));
            return true;
        }

        try
        {
            var whole = new AsnReader(signature.ToArray(), AsnEncodingRules.DER);
            var sequence = whole.ReadSequence();
            whole.ThrowIfNotEmpty();
            r = new BigInteger(sequence.ReadIntegerBytes().ToArray());
            s = new BigInteger(sequence.ReadIntegerBytes().ToArray());
            sequence.ThrowIfNotEmpty();
            return r.SignValue > 0 && s.SignValue > 0;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static ISigner GeneralSigner(SignatureScheme scheme) => scheme.Kind switch
    {
        SignatureKind.RsaPkcs1 => new RsaDigestSigner(Digest(scheme)),
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

    // The library tells by exceptions of many kinds that bytes are no key.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The kinds are not documented, and any of them is the answer «no».")]
    private static bool TryRead(
        ReadOnlySpan<byte> bytes, Func<byte[], AsymmetricKeyParameter> read, [NotNullWhen(true)] out AsymmetricKeyParameter? key)
    {
        try
        {
            key = read(bytes.ToArray());
            return true;
        }
        catch (Exception)
        {
            key = null;
            return false;
        }
    }
}
