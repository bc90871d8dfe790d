namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Key exchange methods: transforms of type 4 and of the additional types. RFC 7296 §3.3.2, RFC 9370 §2.2.1.</summary>
public enum KeyExchangeMethod : ushort
{
    /// <summary>No key exchange. RFC 7296.</summary>
    [Iana("NONE", 7296)]
    None = 0,

    /// <summary>MODP 768. RFC 7296.</summary>
    [Iana("768-bit MODP Group", 7296)]
    Modp768 = 1,

    /// <summary>MODP 1024. RFC 7296.</summary>
    [Iana("1024-bit MODP Group", 7296)]
    Modp1024 = 2,

    /// <summary>MODP 1536. RFC 3526.</summary>
    [Iana("1536-bit MODP Group", 3526)]
    Modp1536 = 5,

    /// <summary>MODP 2048. RFC 3526.</summary>
    [Iana("2048-bit MODP Group", 3526)]
    Modp2048 = 14,

    /// <summary>MODP 3072. RFC 3526.</summary>
    [Iana("3072-bit MODP Group", 3526)]
    Modp3072 = 15,

    /// <summary>MODP 4096. RFC 3526.</summary>
    [Iana("4096-bit MODP Group", 3526)]
    Modp4096 = 16,

    /// <summary>MODP 6144. RFC 3526.</summary>
    [Iana("6144-bit MODP Group", 3526)]
    Modp6144 = 17,

    /// <summary>MODP 8192. RFC 3526.</summary>
    [Iana("8192-bit MODP Group", 3526)]
    Modp8192 = 18,

    /// <summary>ECP 256, NIST P-256. RFC 5903.</summary>
    [Iana("256-bit random ECP group", 5903)]
    Ecp256 = 19,

    /// <summary>ECP 384, NIST P-384. RFC 5903.</summary>
    [Iana("384-bit random ECP group", 5903)]
    Ecp384 = 20,

    /// <summary>ECP 521, NIST P-521. RFC 5903.</summary>
    [Iana("521-bit random ECP group", 5903)]
    Ecp521 = 21,

    /// <summary>MODP 1024 with a subgroup. RFC 5114.</summary>
    [Iana("1024-bit MODP Group with 160-bit Prime Order Subgroup", 5114)]
    Modp1024Subgroup160 = 22,

    /// <summary>MODP 2048 with a subgroup. RFC 5114.</summary>
    [Iana("2048-bit MODP Group with 224-bit Prime Order Subgroup", 5114)]
    Modp2048Subgroup224 = 23,

    /// <summary>MODP 2048 with a subgroup. RFC 5114.</summary>
    [Iana("2048-bit MODP Group with 256-bit Prime Order Subgroup", 5114)]
    Modp2048Subgroup256 = 24,

    /// <summary>ECP 192. RFC 5114.</summary>
    [Iana("192-bit Random ECP Group", 5114)]
    Ecp192 = 25,

    /// <summary>ECP 224. RFC 5114.</summary>
    [Iana("224-bit Random ECP Group", 5114)]
    Ecp224 = 26,

    /// <summary>Brainpool 224. RFC 6954.</summary>
    [Iana("brainpoolP224r1", 6954)]
    BrainpoolP224r1 = 27,

    /// <summary>Brainpool 256. RFC 6954.</summary>
    [Iana("brainpoolP256r1", 6954)]
    BrainpoolP256r1 = 28,

    /// <summary>Brainpool 384. RFC 6954.</summary>
    [Iana("brainpoolP384r1", 6954)]
    BrainpoolP384r1 = 29,

    /// <summary>Brainpool 512. RFC 6954.</summary>
    [Iana("brainpoolP512r1", 6954)]
    BrainpoolP512r1 = 30,

    /// <summary>X25519. RFC 8031.</summary>
    [Iana("Curve25519", 8031)]
    Curve25519 = 31,

    /// <summary>X448. RFC 8031.</summary>
    [Iana("Curve448", 8031)]
    Curve448 = 32,

    /// <summary>GOST 256. RFC 9385.</summary>
    [Iana("GOST3410_2012_256", 9385)]
    Gost256 = 33,

    /// <summary>GOST 512. RFC 9385.</summary>
    [Iana("GOST3410_2012_512", 9385)]
    Gost512 = 34,

    /// <summary>ML-KEM-512; draft-ietf-ipsecme-ikev2-mlkem, the number is assigned.</summary>
    [Iana("ml-kem-512", 0)]
    MlKem512 = 35,

    /// <summary>ML-KEM-768; draft-ietf-ipsecme-ikev2-mlkem, the number is assigned.</summary>
    [Iana("ml-kem-768", 0)]
    MlKem768 = 36,

    /// <summary>ML-KEM-1024; draft-ietf-ipsecme-ikev2-mlkem, the number is assigned.</summary>
    [Iana("ml-kem-1024", 0)]
    MlKem1024 = 37,
}
