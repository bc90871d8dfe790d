namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Certificate encodings. RFC 7296 §3.6.</summary>
public enum CertificateEncoding : byte
{
    /// <summary>PKCS 7. RFC 7296.</summary>
    [Iana("PKCS #7 wrapped X.509 certificate", 7296)]
    Pkcs7 = 1,

    /// <summary>PGP. RFC 7296.</summary>
    [Iana("PGP Certificate", 7296)]
    Pgp = 2,

    /// <summary>DNS. RFC 7296.</summary>
    [Iana("DNS Signed Key", 7296)]
    DnsSignedKey = 3,

    /// <summary>X.509. RFC 7296.</summary>
    [Iana("X.509 Certificate - Signature", 7296)]
    X509Signature = 4,

    /// <summary>Kerberos. RFC 7296.</summary>
    [Iana("Kerberos Token", 7296)]
    KerberosToken = 6,

    /// <summary>CRL. RFC 7296.</summary>
    [Iana("Certificate Revocation List (CRL)", 7296)]
    CertificateRevocationList = 7,

    /// <summary>ARL. RFC 7296.</summary>
    [Iana("Authority Revocation List (ARL)", 7296)]
    AuthorityRevocationList = 8,

    /// <summary>SPKI. RFC 7296.</summary>
    [Iana("SPKI Certificate", 7296)]
    Spki = 9,

    /// <summary>Attribute certificate. RFC 7296.</summary>
    [Iana("X.509 Certificate - Attribute", 7296)]
    X509Attribute = 10,

    /// <summary>RSA key, no longer in use. RFC 5996.</summary>
    [Iana("Raw RSA Key", 5996)]
    RawRsaKey = 11,

    /// <summary>Hash and URL of a certificate. RFC 7296.</summary>
    [Iana("Hash and URL of X.509 certificate", 7296)]
    HashAndUrlCertificate = 12,

    /// <summary>Hash and URL of a bundle. RFC 7296.</summary>
    [Iana("Hash and URL of X.509 bundle", 7296)]
    HashAndUrlBundle = 13,

    /// <summary>OCSP. RFC 4806.</summary>
    [Iana("OCSP Content", 4806)]
    OcspContent = 14,

    /// <summary>Public key without a certificate. RFC 7670.</summary>
    [Iana("Raw Public Key", 7670)]
    RawPublicKey = 15,
}
