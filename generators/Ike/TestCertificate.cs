using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Ike;

/// <summary>A certificate for tests; the same values give the same bytes.</summary>
/// <param name="Subject">Distinguished name, for example CN=gateway.</param>
/// <param name="Key">The key that it certifies.</param>
/// <param name="NotBefore">Start of its validity.</param>
/// <param name="NotAfter">End of its validity.</param>
public sealed record TestCertificate(string Subject, TestKey Key, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>Who signs it; null for itself.</summary>
    public TestCertificate? Issuer { get; init; }

    /// <summary>True for an authority.</summary>
    public bool IsAuthority { get; init; }

    /// <summary>Names of hosts.</summary>
    public ImmutableArray<string> DnsNames { get; init; } = [];

    /// <summary>Mail addresses.</summary>
    public ImmutableArray<string> MailAddresses { get; init; } = [];

    /// <summary>IP addresses.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>DER.</summary>
    public ByteString ToDer()
    {
        var request = new CertificateRequest(
            new X500DistinguishedName(Subject), PublicKeyOf(Key), Key.Scheme.Hash.Name is null ? HashAlgorithmName.SHA256 : Key.Scheme.Hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(IsAuthority, false, 0, true));
        if (DnsNames.Length + MailAddresses.Length + Addresses.Length > 0)
            request.CertificateExtensions.Add(AlternativeNames());
        var signer = Issuer ?? this;
        using var certificate = request.Create(
            new X500DistinguishedName(signer.Subject), new Generator(signer.Key), NotBefore, NotAfter, SHA1.HashData(Key.PublicKey.Span));
        return ByteString.Adopt(certificate.RawData);
    }

    private static PublicKey PublicKeyOf(TestKey key) =>
        System.Security.Cryptography.X509Certificates.PublicKey.CreateFromSubjectPublicKeyInfo(key.PublicKey.Span, out _);

    private X509Extension AlternativeNames()
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in DnsNames)
            builder.AddDnsName(name);
        foreach (var address in MailAddresses)
            builder.AddEmailAddress(address);
        foreach (var address in Addresses)
            builder.AddIpAddress(IPAddress.Parse(address));
        return builder.Build();
    }

    private sealed class Generator(TestKey key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => [.. key.Scheme.AlgorithmIdentifiers[0]];

        // AUTH data are the AlgorithmIdentifier with its length, then the signature.
        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            SignatureAuthentication.TrySign(
                key.Scheme, key.PrivateKey.Span, data, new byte[key.Scheme.SaltBytes], out var signature, out var error)
                ? signature[(1 + signature[0])..]
                : throw new CryptographicException(error.ToString());

        protected override PublicKey BuildPublicKey() => PublicKeyOf(key);
    }
}
