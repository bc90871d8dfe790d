namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>Why AUTH data cannot be made or do not verify. RFC 7296 §2.15, RFC 7427 §3.</summary>
public enum SignatureError
{
    /// <summary>They can; they do.</summary>
    None,

    /// <summary>The signature is not that of these octets under this key.</summary>
    WrongSignature,

    /// <summary>The data are no such structure: the length octet, the AlgorithmIdentifier, or the signature does not fit.</summary>
    Malformed,

    /// <summary>An authentication method or AlgorithmIdentifier that is not known here.</summary>
    UnknownAlgorithm,

    /// <summary>The key is not of the kind that the scheme needs. RFC 7427 §3.</summary>
    KeyDoesNotFit,

    /// <summary>The key cannot be read.</summary>
    UnreadableKey,

    /// <summary>The salt of RSASSA-PSS was not given in its length.</summary>
    UnsuitableRandomness,
}
