namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Authentication methods. RFC 7296 §3.8.</summary>
public enum AuthenticationMethod : byte
{
    /// <summary>RSA, PKCS 1 version 1.5. RFC 7296.</summary>
    [Iana("RSA Digital Signature", 7296)]
    RsaSignature = 1,

    /// <summary>Pre-shared key. RFC 7296.</summary>
    [Iana("Shared Key Message Integrity Code", 7296)]
    SharedKey = 2,

    /// <summary>DSS. RFC 7296.</summary>
    [Iana("DSS Digital Signature", 7296)]
    DssSignature = 3,

    /// <summary>ECDSA P-256. RFC 4754.</summary>
    [Iana("ECDSA with SHA-256 on the P-256 curve", 4754)]
    EcdsaP256 = 9,

    /// <summary>ECDSA P-384. RFC 4754.</summary>
    [Iana("ECDSA with SHA-384 on the P-384 curve", 4754)]
    EcdsaP384 = 10,

    /// <summary>ECDSA P-521. RFC 4754.</summary>
    [Iana("ECDSA with SHA-512 on the P-521 curve", 4754)]
    EcdsaP521 = 11,

    /// <summary>Secure password. RFC 6467.</summary>
    [Iana("Generic Secure Password Authentication Method", 6467)]
    SecurePassword = 12,

    /// <summary>No authentication. RFC 7619.</summary>
    [Iana("NULL Authentication", 7619)]
    Null = 13,

    /// <summary>Any signature, named by its algorithm identifier. RFC 7427.</summary>
    [Iana("Digital Signature", 7427)]
    DigitalSignature = 14,
}

/// <summary>Hash algorithms of SIGNATURE_HASH_ALGORITHMS. RFC 7427 §4, RFC 8420.</summary>
public enum SignatureHash : ushort
{
    /// <summary>SHA-1. RFC 7427.</summary>
    [Iana("SHA1", 7427)]
    Sha1 = 1,

    /// <summary>SHA-256. RFC 7427.</summary>
    [Iana("SHA2-256", 7427)]
    Sha2x256 = 2,

    /// <summary>SHA-384. RFC 7427.</summary>
    [Iana("SHA2-384", 7427)]
    Sha2x384 = 3,

    /// <summary>SHA-512. RFC 7427.</summary>
    [Iana("SHA2-512", 7427)]
    Sha2x512 = 4,

    /// <summary>No hash of its own: Ed25519, Ed448. RFC 8420.</summary>
    [Iana("Identity", 8420)]
    Identity = 5,

    /// <summary>Streebog-256. RFC 9385.</summary>
    [Iana("STREEBOG_256", 9385)]
    Streebog256 = 6,

    /// <summary>Streebog-512. RFC 9385.</summary>
    [Iana("STREEBOG_512", 9385)]
    Streebog512 = 7,
}
