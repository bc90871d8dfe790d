namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>IKEv2 payload types. RFC 7296 §3.2.</summary>
public enum PayloadType : byte
{
    /// <summary>The end of a chain. RFC 7296.</summary>
    [Iana("No Next Payload", 7296)]
    None = 0,

    /// <summary>Proposals. RFC 7296.</summary>
    [Iana("SA", 7296)]
    SecurityAssociation = 33,

    /// <summary>Public value of a key exchange. RFC 7296.</summary>
    [Iana("KE", 7296)]
    KeyExchange = 34,

    /// <summary>Identity of the initiator. RFC 7296.</summary>
    [Iana("IDi", 7296)]
    IdentificationInitiator = 35,

    /// <summary>Identity of the responder. RFC 7296.</summary>
    [Iana("IDr", 7296)]
    IdentificationResponder = 36,

    /// <summary>A certificate. RFC 7296.</summary>
    [Iana("CERT", 7296)]
    Certificate = 37,

    /// <summary>Wanted certificates. RFC 7296.</summary>
    [Iana("CERTREQ", 7296)]
    CertificateRequest = 38,

    /// <summary>Proof of identity. RFC 7296.</summary>
    [Iana("AUTH", 7296)]
    Authentication = 39,

    /// <summary>Random data of one side. RFC 7296.</summary>
    [Iana("Ni, Nr", 7296)]
    Nonce = 40,

    /// <summary>A notification. RFC 7296.</summary>
    [Iana("N", 7296)]
    Notify = 41,

    /// <summary>SAs that the sender has deleted. RFC 7296.</summary>
    [Iana("D", 7296)]
    Delete = 42,

    /// <summary>A vendor's mark. RFC 7296.</summary>
    [Iana("V", 7296)]
    VendorId = 43,

    /// <summary>Traffic at the initiator's side. RFC 7296.</summary>
    [Iana("TSi", 7296)]
    TrafficSelectorInitiator = 44,

    /// <summary>Traffic at the responder's side. RFC 7296.</summary>
    [Iana("TSr", 7296)]
    TrafficSelectorResponder = 45,

    /// <summary>Encrypted and authenticated payloads. RFC 7296.</summary>
    [Iana("SK", 7296)]
    Encrypted = 46,

    /// <summary>Configuration. RFC 7296.</summary>
    [Iana("CP", 7296)]
    Configuration = 47,

    /// <summary>Extensible authentication. RFC 7296.</summary>
    [Iana("EAP", 7296)]
    Eap = 48,

    /// <summary>Secure password authentication. RFC 6467.</summary>
    [Iana("GSPM", 6467)]
    SecurePassword = 49,

    /// <summary>Identity of a group. RFC 9838.</summary>
    [Iana("IDg", 9838)]
    GroupIdentification = 50,

    /// <summary>Policy of a group. RFC 9838.</summary>
    [Iana("GSA", 9838)]
    GroupSecurityAssociation = 51,

    /// <summary>Keys of a group. RFC 9838.</summary>
    [Iana("KD", 9838)]
    KeyDownload = 52,

    /// <summary>A fragment of an encrypted message. RFC 7383.</summary>
    [Iana("SKF", 7383)]
    EncryptedFragment = 53,

    /// <summary>Solution of a puzzle. RFC 8019.</summary>
    [Iana("PS", 8019)]
    PuzzleSolution = 54,
}
