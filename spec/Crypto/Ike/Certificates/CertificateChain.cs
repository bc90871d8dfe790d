using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Conformance.Spec.Crypto.Ike.Certificates;

/// <summary>Why a certificate is not accepted. RFC 5280 §6.1.</summary>
public enum CertificateError
{
    /// <summary>It is.</summary>
    None,

    /// <summary>One of the certificates cannot be read.</summary>
    Unreadable,

    /// <summary>No chain leads to one of the anchors.</summary>
    Untrusted,

    /// <summary>A certificate of the chain is not valid at the time given.</summary>
    NotTimeValid,

    /// <summary>A signature of the chain is wrong.</summary>
    WrongSignature,

    /// <summary>A constraint is broken: an issuer that is no authority, a path too long, a usage that does not fit.</summary>
    ConstraintBroken,

    /// <summary>It does not name the identity in question. RFC 4945 §3.1.</summary>
    NamesAnother,
}

/// <summary>Certificates by .NET's X509. RFC 7296 §3.6, RFC 5280 §6.</summary>
/// <remarks>Nothing is fetched and no revocation is asked for; the time and the anchors enter as values.</remarks>
public static class CertificateChain
{
    /// <summary>Judges a certificate.</summary>
    /// <param name="certificate">DER of the end entity's certificate.</param>
    /// <param name="others">DER of certificates that may stand between, from further CERT payloads.</param>
    /// <param name="anchors">DER of the authorities that are trusted.</param>
    /// <param name="time">When the certificates are to be valid.</param>
    public static CertificateError Validate(
        ReadOnlySpan<byte> certificate, IReadOnlyList<byte[]> others, IReadOnlyList<byte[]> anchors, DateTimeOffset time)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = time.UtcDateTime;
        try
        {
            using var leaf = X509CertificateLoader.LoadCertificate(certificate);
            foreach (var anchor in anchors)
                policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificate(anchor));
            foreach (var other in others)
                policy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(other));
            if (chain.Build(leaf))
                return CertificateError.None;
        }
        catch (CryptographicException)
        {
            return CertificateError.Unreadable;
        }

        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (flags, one) => flags | one.Status);
        return status switch
        {
            _ when status.HasFlag(X509ChainStatusFlags.NotSignatureValid) => CertificateError.WrongSignature,
            _ when (status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0 => CertificateError.Untrusted,
            _ when status.HasFlag(X509ChainStatusFlags.NotTimeValid) => CertificateError.NotTimeValid,
            _ => CertificateError.ConstraintBroken,
        };
    }

    /// <summary>The SubjectPublicKeyInfo of a certificate; null if it cannot be read. RFC 5280 §4.1.2.7.</summary>
    public static byte[]? PublicKey(ReadOnlySpan<byte> certificate)
    {
        try
        {
            using var loaded = X509CertificateLoader.LoadCertificate(certificate);
            return loaded.PublicKey.ExportSubjectPublicKeyInfo();
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>How CERTREQ names an authority: SHA-1 of its SubjectPublicKeyInfo; null if it cannot be read. RFC 7296 §3.7.</summary>
    public static byte[]? AuthorityHash(ReadOnlySpan<byte> certificate) =>
        PublicKey(certificate) is { } publicKey ? SHA1.HashData(publicKey) : null;
}
