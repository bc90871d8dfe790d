using System.Buffers.Binary;
using System.Numerics;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Cryptography;

/// <summary>Builds a term: 16 bytes that stand for a constructor and its arguments, as if all terms were numbered.</summary>
/// <remarks>
/// The bytes are a hash of 128 bits that nobody attacks here: two lanes of multiply-and-fold. Each argument enters with its length,
/// so that no two lists of arguments read alike. Terms need no table, so equal terms are equal in every thread and every run.
/// </remarks>
internal struct SymbolicTerm
{
    /// <summary>Length of a term in bytes.</summary>
    public const int LengthBytes = 16;

    private const ulong FirstMultiplier = 0x9e3779b97f4a7c15;
    private const ulong SecondMultiplier = 0xd6e8feb86659fd93;

    private ulong first;
    private ulong second;

    /// <summary>Starts with the constructor.</summary>
    public SymbolicTerm(ReadOnlySpan<byte> constructor)
    {
        first = FirstMultiplier;
        second = SecondMultiplier;
        Absorb(constructor);
    }

    /// <summary>With a number as the next argument.</summary>
    public readonly SymbolicTerm With(ulong argument)
    {
        var next = this;
        next.Absorb(argument);
        return next;
    }

    /// <summary>With bytes as the next argument.</summary>
    public readonly SymbolicTerm With(ReadOnlySpan<byte> argument)
    {
        var next = this;
        next.Absorb(argument);
        return next;
    }

    /// <summary>With bytes as the next argument.</summary>
    public readonly SymbolicTerm With(ByteString argument) => With(argument.Span);

    /// <summary>With a secret as the next argument.</summary>
    public readonly SymbolicTerm With(IkeSecret argument) => With(argument.Span);

    /// <summary>The term as bytes.</summary>
    public readonly byte[] ToArray()
    {
        var bytes = new byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Fold(first ^ SecondMultiplier, second ^ FirstMultiplier));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), Fold(second + FirstMultiplier, first | 1));
        return bytes;
    }

    /// <summary>The term as something that travels.</summary>
    public readonly ByteString ToByteString() => ByteString.Adopt(ToArray());

    /// <summary>The term as something that does not.</summary>
    public readonly IkeSecret ToSecret() => IkeSecret.Adopt(ToArray());

    private void Absorb(ReadOnlySpan<byte> bytes)
    {
        Absorb((ulong)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
            Absorb(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        if (bytes.IsEmpty)
            return;
        Span<byte> last = stackalloc byte[8];
        last.Clear();
        bytes.CopyTo(last);
        Absorb(BinaryPrimitives.ReadUInt64LittleEndian(last));
    }

    private void Absorb(ulong word)
    {
        first = Fold(first ^ word, FirstMultiplier) + second;
        second = Fold(second ^ BitOperations.RotateLeft(word, 29), SecondMultiplier) ^ first;
    }

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
