using System.Numerics;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Ike.Diagnosis;

/// <summary>Private values that make a shared secret start with a zero octet, for one who knows the other side's public value. RFC 7296 §2.14.</summary>
internal static class LeadingZeros
{
    // None of them does with a probability of (255/256)^6000.
    private const int MostTries = 6000;

    /// <summary>A private value near the one that was drawn.</summary>
    public static ByteString Choose(IIkeCryptography cryptography, KeyExchangeMethod method, ByteString drawn, ByteString otherPublic) =>
        method.IsKem ? drawn : method is ModpGroup group ? ByMultiplication(group, drawn, otherPublic) : ByTrial(cryptography, method, drawn, otherPublic);

    // Y^(x+1) is Y^x times Y.
    private static ByteString ByMultiplication(ModpGroup group, ByteString drawn, ByteString otherPublic)
    {
        BigInteger other = new(otherPublic.Span, isUnsigned: true, isBigEndian: true);
        BigInteger exponent = new(drawn.Span, isUnsigned: true, isBigEndian: true);
        BigInteger shared = BigInteger.ModPow(other, exponent, group.Prime);
        int whole = group.Prime.GetByteCount(isUnsigned: true);
        for (int i = 0; shared.GetByteCount(isUnsigned: true) == whole && i < MostTries; i++)
        {
            shared = shared * other % group.Prime;
            exponent++;
        }

        byte[] chosen = new byte[drawn.Length];
        return exponent.TryWriteBytes(chosen.AsSpan(drawn.Length - Math.Min(drawn.Length, exponent.GetByteCount(isUnsigned: true))), out _, isUnsigned: true, isBigEndian: true) ? ByteString.Adopt(chosen) : drawn;
    }

    private static ByteString ByTrial(IIkeCryptography cryptography, KeyExchangeMethod method, ByteString drawn, ByteString otherPublic)
    {
        byte[] tried = drawn.ToArray();
        for (int i = 0; i < MostTries && cryptography.TryAnswerKeyExchange(method, new ByteString(tried), otherPublic, out KeyExchangeAnswer answer, out _) && answer.Shared.Span[0] != 0; i++)
        {
            // Somewhere in the middle: the ends of scalars are fixed by some curves. RFC 7748 §5.
            tried[8]++;
            tried[9] += tried[8] == 0 ? (byte)1 : (byte)0;
        }

        return ByteString.Adopt(tried);
    }
}
