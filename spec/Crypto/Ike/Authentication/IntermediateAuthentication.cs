using System.Buffers.Binary;

namespace Conformance.Spec.Crypto.Ike.Authentication;

/// <summary>How IKE_INTERMEDIATE messages enter AUTH. RFC 9242 §3.3.2.</summary>
public static class IntermediateAuthentication
{
    private const int IkeHeaderBytes = 28;
    private const int IkeLengthOffset = 24;
    private const int GenericHeaderBytes = 4;

    /// <summary>IntAuth_N = prf(SK_p, IntAuth_(N-1) | A | P). RFC 9242 §3.3.2.</summary>
    public static byte[] Step(
        IkePrf prf,
        IkeSecret authentication,
        ReadOnlySpan<byte> previous,
        ReadOnlySpan<byte> headers,
        ReadOnlySpan<byte> plaintext,
        CryptoProvider provider = CryptoProvider.Preferred) =>
        prf.Compute(authentication.Span, [.. previous, .. headers, .. plaintext], provider);

    /// <summary>IntAuth = IntAuth_iN | IntAuth_rN | message id of the first IKE_AUTH request. RFC 9242 §3.3.2.</summary>
    public static byte[] Join(ReadOnlySpan<byte> initiatorSteps, ReadOnlySpan<byte> responderSteps, uint authMessageId)
    {
        byte[] joined = [.. initiatorSteps, .. responderSteps, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(joined.AsSpan(joined.Length - 4), authMessageId);
        return joined;
    }

    /// <summary>
    /// A: the message from the IKE header through the generic header of the Encrypted payload, with Length and Payload Length as if the
    /// plaintext stood there bare, so that neither suite nor padding nor fragments matter. RFC 9242 §3.3.2.
    /// </summary>
    /// <param name="headers">IKE header to generic header of the Encrypted payload (of an unfragmented message), as sent.</param>
    /// <param name="plaintextBytes">Length of P.</param>
    /// <exception cref="ArgumentException">Too short for both headers.</exception>
    public static byte[] AdjustedHeaders(ReadOnlySpan<byte> headers, int plaintextBytes)
    {
        if (headers.Length < IkeHeaderBytes + GenericHeaderBytes)
            throw new ArgumentException($"IKE header and generic header have at least 32 bytes, not {headers.Length}", nameof(headers));
        var adjusted = headers.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(adjusted.AsSpan(IkeLengthOffset), (uint)(headers.Length + plaintextBytes));
        BinaryPrimitives.WriteUInt16BigEndian(adjusted.AsSpan(headers.Length - 2), (ushort)(GenericHeaderBytes + plaintextBytes));
        return adjusted;
    }
}
