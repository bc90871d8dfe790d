namespace Conformance.Spec.Crypto.Ike.Protection;

/// <summary>Why an Encrypted payload does not open. RFC 7296 §3.14.</summary>
public enum OpeningError
{
    /// <summary>It does open.</summary>
    None,

    /// <summary>It cannot hold IV, Pad Length and ICV.</summary>
    TooShort,

    /// <summary>The ciphertext is no multiple of the cipher's block.</summary>
    NotWholeBlocks,

    /// <summary>The ICV is not that of the message under these keys.</summary>
    WrongIcv,

    /// <summary>Authentic, but Pad Length says more than there is.</summary>
    PadLengthTooLarge,
}
