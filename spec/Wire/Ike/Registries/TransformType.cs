namespace Conformance.Spec.Wire.Ike.Registries;

/// <summary>Transform types. RFC 7296 §3.3.2.</summary>
public enum TransformType : byte
{
    /// <summary>Encryption algorithm. RFC 7296.</summary>
    [Iana("ENCR", 7296)]
    Encryption = 1,

    /// <summary>Pseudorandom function. RFC 7296.</summary>
    [Iana("PRF", 7296)]
    PseudoRandomFunction = 2,

    /// <summary>Integrity algorithm. RFC 7296.</summary>
    [Iana("INTEG", 7296)]
    Integrity = 3,

    /// <summary>Key exchange method, formerly Diffie-Hellman group. RFC 7296.</summary>
    [Iana("KE", 7296)]
    KeyExchange = 4,

    /// <summary>Sequence numbers, formerly extended sequence numbers. RFC 7296.</summary>
    [Iana("SN", 7296)]
    SequenceNumbers = 5,

    /// <summary>Additional key exchange 1. RFC 9370.</summary>
    [Iana("ADDKE1", 9370)]
    AdditionalKeyExchange1 = 6,

    /// <summary>Additional key exchange 2. RFC 9370.</summary>
    [Iana("ADDKE2", 9370)]
    AdditionalKeyExchange2 = 7,

    /// <summary>Additional key exchange 3. RFC 9370.</summary>
    [Iana("ADDKE3", 9370)]
    AdditionalKeyExchange3 = 8,

    /// <summary>Additional key exchange 4. RFC 9370.</summary>
    [Iana("ADDKE4", 9370)]
    AdditionalKeyExchange4 = 9,

    /// <summary>Additional key exchange 5. RFC 9370.</summary>
    [Iana("ADDKE5", 9370)]
    AdditionalKeyExchange5 = 10,

    /// <summary>Additional key exchange 6. RFC 9370.</summary>
    [Iana("ADDKE6", 9370)]
    AdditionalKeyExchange6 = 11,

    /// <summary>Additional key exchange 7. RFC 9370.</summary>
    [Iana("ADDKE7", 9370)]
    AdditionalKeyExchange7 = 12,
}

/// <summary>Transform attribute types. RFC 7296 §3.3.5.</summary>
public enum TransformAttributeType : ushort
{
    /// <summary>Length of the key in bits, in the short form. RFC 7296.</summary>
    [Iana("Key Length", 7296)]
    KeyLength = 14,
}
