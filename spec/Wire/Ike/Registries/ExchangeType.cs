namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>IKEv2 exchange types. RFC 7296 §3.1.</summary>
public enum ExchangeType : byte
{
    /// <summary>Proposals, key exchange and nonces in clear. RFC 7296.</summary>
    [Iana("IKE_SA_INIT", 7296)]
    IkeSaInit = 34,

    /// <summary>Identities, authentication and the first Child SA. RFC 7296.</summary>
    [Iana("IKE_AUTH", 7296)]
    IkeAuth = 35,

    /// <summary>A new Child SA, or a successor of an SA. RFC 7296.</summary>
    [Iana("CREATE_CHILD_SA", 7296)]
    CreateChildSa = 36,

    /// <summary>Deletes, notifications, liveness. RFC 7296.</summary>
    [Iana("INFORMATIONAL", 7296)]
    Informational = 37,

    /// <summary>Resumption by a ticket. RFC 5723.</summary>
    [Iana("IKE_SESSION_RESUME", 5723)]
    IkeSessionResume = 38,

    /// <summary>Registration at a group controller. RFC 9838.</summary>
    [Iana("GSA_AUTH", 9838)]
    GsaAuth = 39,

    /// <summary>A further group. RFC 9838.</summary>
    [Iana("GSA_REGISTRATION", 9838)]
    GsaRegistration = 40,

    /// <summary>Group rekey by multicast. RFC 9838.</summary>
    [Iana("GSA_REKEY", 9838)]
    GsaRekey = 41,

    /// <summary>Group rekey to one member. RFC 9838.</summary>
    [Iana("GSA_INBAND_REKEY", 9838)]
    GsaInbandRekey = 42,

    /// <summary>Between IKE_SA_INIT and IKE_AUTH. RFC 9242.</summary>
    [Iana("IKE_INTERMEDIATE", 9242)]
    IkeIntermediate = 43,

    /// <summary>Additional key exchanges after CREATE_CHILD_SA. RFC 9370.</summary>
    [Iana("IKE_FOLLOWUP_KE", 9370)]
    IkeFollowupKe = 44,
}
