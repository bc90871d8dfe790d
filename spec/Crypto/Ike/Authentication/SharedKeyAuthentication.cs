namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>What AUTH covers, and AUTH by a shared secret. RFC 7296 §2.15 and §2.16, RFC 7619 §2.1.</summary>
public static class SharedKeyAuthentication
{
    /// <summary>Auth Method: Shared Key Message Integrity Code. RFC 7296 §3.8.</summary>
    public const byte SharedKeyMethod = 2;

    /// <summary>Auth Method: NULL; computed like a shared key from SK_pi or SK_pr. RFC 7619 §2.1.</summary>
    public const byte NullMethod = 13;

    /// <summary>Message, the peer's nonce, prf(SK_p, ID body), and IntAuth where there is one. RFC 7296 §2.15, RFC 9242 §3.3.2.</summary>
    public static byte[] SignedOctets(
        IkePrf prf,
        ReadOnlySpan<byte> message,
        ReadOnlySpan<byte> peerNonce,
        ReadOnlySpan<byte> identification,
        IkeSecret authentication,
        ReadOnlySpan<byte> intermediateAuth,
        CryptoProvider provider = CryptoProvider.Preferred) =>
        [.. message, .. peerNonce, .. prf.Compute(authentication.Span, identification, provider), .. intermediateAuth];

    /// <summary>prf(prf(secret, "Key Pad for IKEv2"), signed octets). RFC 7296 §2.15.</summary>
    public static byte[] Compute(
        IkePrf prf, IkeSecret sharedSecret, ReadOnlySpan<byte> signedOctets, CryptoProvider provider = CryptoProvider.Preferred) =>
        prf.Compute(prf.Compute(sharedSecret.Span, "Key Pad for IKEv2"u8, provider), signedOctets, provider);
}
