using Conformance.Spec.Wire.Ike.Registries;

namespace Conformance.Spec.Wire.Ike;

/// <summary>The header of a valid IKEv2 message; lengths and the first payload's type follow from the payloads. RFC 7296 §3.1.</summary>
public sealed record IkeHeader
{
    /// <summary>The initiator's SPI; 0 only in an INFORMATIONAL message that belongs to no IKE SA. RFC 7296 §1.5.</summary>
    public required IkeSpi InitiatorSpi { get; init; }

    /// <summary>The responder's SPI; 0 in the first request.</summary>
    public IkeSpi ResponderSpi { get; init; }

    /// <summary>Exchange type; unknown ones are kept.</summary>
    public required ExchangeType ExchangeType { get; init; }

    /// <summary>Flag I: from the side that initiated this IKE SA.</summary>
    public required bool IsFromInitiator { get; init; }

    /// <summary>Flag R.</summary>
    public required bool IsResponse { get; init; }

    /// <summary>Flag V: the sender knows a higher major version.</summary>
    public bool KnowsHigherVersion { get; init; }

    /// <summary>Minor version, 0 to 15; what is not 0 is ignored by who receives it.</summary>
    public int MinorVersion
    {
        get;
        init => field = value is >= 0 and < 16 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Message ID.</summary>
    public required MessageId MessageId { get; init; }

    /// <summary>The header of an answer outside of any IKE SA: SPIs, exchange and Message ID of the request, and no version but the own one. RFC 7296 §1.5, §2.21.4.</summary>
    public IkeHeader ForAnswer() => this with { IsFromInitiator = !IsFromInitiator, IsResponse = true, KnowsHigherVersion = false, MinorVersion = 0 };

    /// <summary>Exchange, direction, ID and SPIs on one line.</summary>
    public override string ToString() =>
        $"{Iana.NameOf(ExchangeType)} {(IsResponse ? "response" : "request")} {MessageId} of the {(IsFromInitiator ? "initiator" : "responder")}, SPIs {InitiatorSpi} {ResponderSpi}";
}
