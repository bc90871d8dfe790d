using System.Diagnostics.CodeAnalysis;

namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>AUTH by a private key: what the payload holds around the signature. RFC 7296 §2.15, RFC 4754 §3, RFC 7427 §3.</summary>
public static class SignatureAuthentication
{
    /// <summary>Signs the octets. ECDSA draws its nonce from key and hash, so that the result is a value of the arguments. RFC 6979 §3.</summary>
    /// <param name="scheme">The scheme.</param>
    /// <param name="privateKey">PKCS#8.</param>
    /// <param name="signedOctets">What AUTH covers.</param>
    /// <param name="randomness">The salt of RSASSA-PSS, in its length; ignored by the others.</param>
    /// <param name="authenticationData">Data of the AUTH payload.</param>
    /// <param name="error">Why there is none.</param>
    public static bool TrySign(
        SignatureScheme scheme,
        ReadOnlySpan<byte> privateKey,
        ReadOnlySpan<byte> signedOctets,
        ReadOnlySpan<byte> randomness,
        [NotNullWhen(true)] out byte[]? authenticationData,
        out SignatureError error)
    {
        authenticationData = null;
        if (!SignatureComputation.TrySign(scheme, privateKey, signedOctets, randomness, out var signature, out error))
            return false;
        authenticationData = scheme.AlgorithmIdentifiers.IsEmpty
            ? signature
            : [(byte)scheme.AlgorithmIdentifiers[0].Length, .. scheme.AlgorithmIdentifiers[0], .. signature];
        return true;
    }

    /// <summary>Judges AUTH data; the scheme is told as soon as it is known, also beside an error.</summary>
    /// <param name="authenticationMethod">Auth Method of the AUTH payload.</param>
    /// <param name="publicKey">SubjectPublicKeyInfo.</param>
    /// <param name="signedOctets">What AUTH covers.</param>
    /// <param name="authenticationData">Data of the AUTH payload.</param>
    /// <param name="scheme">The scheme that was used.</param>
    /// <param name="provider">Which implementation computes.</param>
    public static SignatureError Verify(
        byte authenticationMethod,
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> signedOctets,
        ReadOnlySpan<byte> authenticationData,
        out SignatureScheme? scheme,
        CryptoProvider provider = CryptoProvider.Preferred)
    {
        scheme = null;
        if (authenticationMethod == SignatureSchemes.RsaMethod)
            return VerifyRsa(publicKey, signedOctets, authenticationData, out scheme, provider);
        var signature = authenticationData;
        if (authenticationMethod != SignatureSchemes.DigitalSignatureMethod)
        {
            scheme = SignatureSchemes.All.FirstOrDefault(candidate => candidate.AuthenticationMethod == authenticationMethod);
        }
        else
        {
            if (authenticationData.IsEmpty || authenticationData[0] == 0 || authenticationData[0] >= authenticationData.Length)
                return SignatureError.Malformed;
            var identifierBytes = authenticationData[0];
            signature = authenticationData[(1 + identifierBytes)..];
            if (AlgorithmIdentifier.TryRead(authenticationData.Slice(1, identifierBytes), out var named))
                scheme = named;
        }

        return scheme is null
            ? SignatureError.UnknownAlgorithm
            : SignatureComputation.Verify(scheme, publicKey, signedOctets, signature, provider);
    }

    // The hash is named inside the signature: the one that verifies is the one that was used.
    private static SignatureError VerifyRsa(
        ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> signedOctets,
        ReadOnlySpan<byte> signature,
        out SignatureScheme? scheme,
        CryptoProvider provider)
    {
        var error = SignatureError.UnknownAlgorithm;
        foreach (var candidate in SignatureSchemes.All.Where(known => known.AuthenticationMethod == SignatureSchemes.RsaMethod))
        {
            error = SignatureComputation.Verify(candidate, publicKey, signedOctets, signature, provider);
            if (error == SignatureError.None)
            {
                scheme = candidate;
                return error;
            }
        }

        scheme = null;
        return error;
    }
}
