namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>EAP codes. RFC 3748 §4.</summary>
public enum EapCode : byte
{
    /// <summary>Asks the peer. RFC 3748.</summary>
    [Iana("Request", 3748)]
    Request = 1,

    /// <summary>Answers. RFC 3748.</summary>
    [Iana("Response", 3748)]
    Response = 2,

    /// <summary>The end, accepted. RFC 3748.</summary>
    [Iana("Success", 3748)]
    Success = 3,

    /// <summary>The end, refused. RFC 3748.</summary>
    [Iana("Failure", 3748)]
    Failure = 4,

    /// <summary>Begins re-authentication. RFC 6696.</summary>
    [Iana("Initiate", 6696)]
    Initiate = 5,

    /// <summary>Ends re-authentication. RFC 6696.</summary>
    [Iana("Finish", 6696)]
    Finish = 6,
}

/// <summary>EAP methods that IKEv2 meets. RFC 3748 §5.</summary>
public enum EapType : byte
{
    /// <summary>Name. RFC 3748.</summary>
    [Iana("Identity", 3748)]
    Identity = 1,

    /// <summary>Text for a person. RFC 3748.</summary>
    [Iana("Notification", 3748)]
    Notification = 2,

    /// <summary>Another method is wanted. RFC 3748.</summary>
    [Iana("Legacy Nak", 3748)]
    Nak = 3,

    /// <summary>MD5. RFC 3748.</summary>
    [Iana("MD5-Challenge", 3748)]
    Md5Challenge = 4,

    /// <summary>Token. RFC 3748.</summary>
    [Iana("Generic Token Card (GTC)", 3748)]
    GenericTokenCard = 6,

    /// <summary>TLS. RFC 5216.</summary>
    [Iana("EAP-TLS", 5216)]
    Tls = 13,

    /// <summary>SIM. RFC 4186.</summary>
    [Iana("EAP-SIM", 4186)]
    Sim = 18,

    /// <summary>Tunneled TLS. RFC 5281.</summary>
    [Iana("EAP-TTLS", 5281)]
    Ttls = 21,

    /// <summary>AKA. RFC 4187.</summary>
    [Iana("EAP-AKA", 4187)]
    Aka = 23,

    /// <summary>Protected EAP; no RFC defines it.</summary>
    [Iana("PEAP", 0)]
    Peap = 25,

    /// <summary>MSCHAPv2; no RFC defines it.</summary>
    [Iana("MS-EAP-Authentication", 0)]
    MsChapV2 = 26,

    /// <summary>AKA'. RFC 9048.</summary>
    [Iana("EAP-AKA'", 9048)]
    AkaPrime = 50,

    /// <summary>Vendor types. RFC 3748.</summary>
    [Iana("Expanded Type", 3748)]
    Expanded = 254,
}
