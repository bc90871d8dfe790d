using System.Numerics;
using Conformance.Spec.Crypto;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>The IVs of one SA: none occurs twice, and those of AES-CBC cannot be guessed from the packet before. RFC 3602 §3.</summary>
internal sealed class IvHistory(EncryptionTransform transform)
{
    // Of 128 random bits fewer than 24 differ once in 10^12 pairs.
    private const int LeastDistanceBits = 24;
    private const int WideIvBytes = 16;
    private readonly HashSet<ByteString> _seen = [];
    private ByteString _last;
    private ByteString _lastCiphertext;

    /// <summary>Judges the next IV.</summary>
    /// <param name="iv">The explicit IV.</param>
    /// <param name="beforeIcv">The packet without its ICV.</param>
    public Violation? Judge(ByteString iv, ReadOnlySpan<byte> beforeIcv)
    {
        if (transform.IvRule == IvRule.None)
        {
            return null;
        }

        ByteString last = _last;
        ByteString lastCiphertext = _lastCiphertext;
        _last = iv;
        _lastCiphertext = new ByteString(beforeIcv[^Math.Min(iv.Length, beforeIcv.Length)..]);
        if (!_seen.Add(iv))
        {
            return new Violation(UniqueClause, $"IV {iv} occurs twice under one key");
        }

        if (transform.Name != "ENCR_AES_CBC" || last.Length != WideIvBytes)
        {
            return null;
        }

        if (iv == lastCiphertext)
        {
            return new Violation("RFC3602-3-03", "the IV is the last ciphertext block of the packet before");
        }

        int distance = 0;
        for (int i = 0; i < iv.Length; i++)
        {
            distance += BitOperations.PopCount((uint)(iv[i] ^ last[i]));
        }

        return distance < LeastDistanceBits
            ? new Violation("RFC3602-3-04", $"only {distance} bits of the IV differ from the one before")
            : null;
    }

    private string UniqueClause => transform.Name switch
    {
        "ENCR_AES_CTR" => "RFC3686-2.1-01",
        "ENCR_NULL_AUTH_AES_GMAC" => "RFC4543-3.1-02",
        "ENCR_CHACHA20_POLY1305" => "RFC7634-2-02",
        "ENCR_CAMELLIA_CBC" => "RFC4312-3-01",
        "ENCR_3DES" => "RFC2451-3-01",
        "ENCR_AES_CBC" => "RFC3602-3-02",
        var name => name.Contains("CCM", StringComparison.Ordinal) ? "RFC4309-3.1-02" : "RFC4106-3.1-02",
    };
}
