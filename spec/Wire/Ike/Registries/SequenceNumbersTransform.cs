namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Transforms of type 5, sequence numbers. RFC 7296 §3.3.2, RFC 9827.</summary>
public enum SequenceNumbersTransform : ushort
{
    /// <summary>No extended sequence numbers. RFC 9827.</summary>
    [Iana("32-bit Sequential Numbers", 9827)]
    Sequential32 = 0,

    /// <summary>Extended sequence numbers. RFC 9827.</summary>
    [Iana("Partially Transmitted 64-bit Sequential Numbers", 9827)]
    PartiallyTransmitted64 = 1,

    /// <summary>Numbers without an order. RFC 9827.</summary>
    [Iana("32-bit Unspecified Numbers", 9827)]
    Unspecified32 = 2,
}
