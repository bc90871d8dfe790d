namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Security protocol identifiers. RFC 7296 §3.3.1.</summary>
public enum ProtocolId : byte
{
    /// <summary>No protocol; notifications without an SPI have it. RFC 7296.</summary>
    [Iana("Reserved", 7296)]
    None = 0,

    /// <summary>The IKE SA. RFC 7296.</summary>
    [Iana("IKE", 7296)]
    Ike = 1,

    /// <summary>Authentication header. RFC 7296.</summary>
    [Iana("AH", 7296)]
    Ah = 2,

    /// <summary>Encapsulating security payload. RFC 7296.</summary>
    [Iana("ESP", 7296)]
    Esp = 3,

    /// <summary>Fibre Channel ESP. RFC 4595.</summary>
    [Iana("FC_ESP_HEADER", 4595)]
    FcEspHeader = 4,

    /// <summary>Fibre Channel authentication. RFC 4595.</summary>
    [Iana("FC_CT_AUTHENTICATION", 4595)]
    FcCtAuthentication = 5,
}
