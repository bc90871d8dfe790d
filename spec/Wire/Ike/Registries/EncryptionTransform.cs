namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Transforms of type 1, encryption. RFC 7296 §3.3.2.</summary>
public enum EncryptionTransform : ushort
{
    /// <summary>DES with IV of 64 bits. RFC 7296.</summary>
    [Iana("ENCR_DES_IV64", 7296)]
    DesIv64 = 1,

    /// <summary>DES. RFC 2405.</summary>
    [Iana("ENCR_DES", 2405)]
    Des = 2,

    /// <summary>Triple DES. RFC 2451.</summary>
    [Iana("ENCR_3DES", 2451)]
    TripleDes = 3,

    /// <summary>RC5. RFC 2451.</summary>
    [Iana("ENCR_RC5", 2451)]
    Rc5 = 4,

    /// <summary>IDEA. RFC 2451.</summary>
    [Iana("ENCR_IDEA", 2451)]
    Idea = 5,

    /// <summary>CAST. RFC 2451.</summary>
    [Iana("ENCR_CAST", 2451)]
    Cast = 6,

    /// <summary>Blowfish. RFC 2451.</summary>
    [Iana("ENCR_BLOWFISH", 2451)]
    Blowfish = 7,

    /// <summary>Triple IDEA. RFC 7296.</summary>
    [Iana("ENCR_3IDEA", 7296)]
    TripleIdea = 8,

    /// <summary>DES with IV of 32 bits. RFC 7296.</summary>
    [Iana("ENCR_DES_IV32", 7296)]
    DesIv32 = 9,

    /// <summary>No encryption; not for IKE. RFC 2410.</summary>
    [Iana("ENCR_NULL", 2410)]
    Null = 11,

    /// <summary>AES-CBC. RFC 3602.</summary>
    [Iana("ENCR_AES_CBC", 3602)]
    AesCbc = 12,

    /// <summary>AES-CTR. RFC 5930.</summary>
    [Iana("ENCR_AES_CTR", 5930)]
    AesCtr = 13,

    /// <summary>AES-CCM, ICV of 8 bytes. RFC 5282.</summary>
    [Iana("ENCR_AES_CCM_8", 5282)]
    AesCcm8 = 14,

    /// <summary>AES-CCM, ICV of 12 bytes. RFC 5282.</summary>
    [Iana("ENCR_AES_CCM_12", 5282)]
    AesCcm12 = 15,

    /// <summary>AES-CCM, ICV of 16 bytes. RFC 5282.</summary>
    [Iana("ENCR_AES_CCM_16", 5282)]
    AesCcm16 = 16,

    /// <summary>AES-GCM, ICV of 8 bytes. RFC 5282.</summary>
    [Iana("ENCR_AES_GCM_8", 5282)]
    AesGcm8 = 18,

    /// <summary>AES-GCM, ICV of 12 bytes. RFC 5282.</summary>
    [Iana("ENCR_AES_GCM_12", 5282)]
    AesGcm12 = 19,

    /// <summary>AES-GCM, ICV of 16 bytes. RFC 5282.</summary>
    [Iana("ENCR_AES_GCM_16", 5282)]
    AesGcm16 = 20,

    /// <summary>GMAC without encryption; not for IKE. RFC 4543.</summary>
    [Iana("ENCR_NULL_AUTH_AES_GMAC", 4543)]
    NullAuthAesGmac = 21,

    /// <summary>Camellia-CBC. RFC 5529.</summary>
    [Iana("ENCR_CAMELLIA_CBC", 5529)]
    CamelliaCbc = 23,

    /// <summary>Camellia-CTR. RFC 5529.</summary>
    [Iana("ENCR_CAMELLIA_CTR", 5529)]
    CamelliaCtr = 24,

    /// <summary>Camellia-CCM, ICV of 8 bytes. RFC 5529.</summary>
    [Iana("ENCR_CAMELLIA_CCM_8_ICV", 5529)]
    CamelliaCcm8 = 25,

    /// <summary>Camellia-CCM, ICV of 12 bytes. RFC 5529.</summary>
    [Iana("ENCR_CAMELLIA_CCM_12_ICV", 5529)]
    CamelliaCcm12 = 26,

    /// <summary>Camellia-CCM, ICV of 16 bytes. RFC 5529.</summary>
    [Iana("ENCR_CAMELLIA_CCM_16_ICV", 5529)]
    CamelliaCcm16 = 27,

    /// <summary>ChaCha20-Poly1305. RFC 7634.</summary>
    [Iana("ENCR_CHACHA20_POLY1305", 7634)]
    ChaCha20Poly1305 = 28,

    /// <summary>AES-CCM with an implicit IV; not for IKE. RFC 8750.</summary>
    [Iana("ENCR_AES_CCM_8_IIV", 8750)]
    AesCcm8Iiv = 29,

    /// <summary>AES-GCM with an implicit IV; not for IKE. RFC 8750.</summary>
    [Iana("ENCR_AES_GCM_16_IIV", 8750)]
    AesGcm16Iiv = 30,

    /// <summary>ChaCha20-Poly1305 with an implicit IV; not for IKE. RFC 8750.</summary>
    [Iana("ENCR_CHACHA20_POLY1305_IIV", 8750)]
    ChaCha20Poly1305Iiv = 31,

    /// <summary>Kuznyechik-MGM. RFC 9227.</summary>
    [Iana("ENCR_KUZNYECHIK_MGM_KTREE", 9227)]
    KuznyechikMgmKtree = 32,

    /// <summary>Magma-MGM. RFC 9227.</summary>
    [Iana("ENCR_MAGMA_MGM_KTREE", 9227)]
    MagmaMgmKtree = 33,

    /// <summary>Kuznyechik-MGM without encryption. RFC 9227.</summary>
    [Iana("ENCR_KUZNYECHIK_MGM_MAC_KTREE", 9227)]
    KuznyechikMgmMacKtree = 34,

    /// <summary>Magma-MGM without encryption. RFC 9227.</summary>
    [Iana("ENCR_MAGMA_MGM_MAC_KTREE", 9227)]
    MagmaMgmMacKtree = 35,
}
