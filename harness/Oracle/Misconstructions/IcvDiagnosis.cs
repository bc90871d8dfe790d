using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Oracle.Misconstructions;

/// <summary>Tells what is wrong with an ICV: a packet that does not open says little, the wrong way in which it opens says all.</summary>
internal static class IcvDiagnosis
{
    private const int ShortIcvBytes = 12;

    /// <summary>What the sender of an unopenable packet got wrong, or null where none of the known mistakes explains it.</summary>
    /// <param name="sa">The SA that its SPI names.</param>
    /// <param name="other">Another SA of the same sender.</param>
    /// <param name="esp">SPI to ICV.</param>
    /// <param name="high">High half of the number, as inferred.</param>
    /// <param name="keyring">Keyed transforms.</param>
    public static Violation? Explain(SecurityAssociation sa, SecurityAssociation other, ReadOnlySpan<byte> esp, uint high, IKeyring keyring)
    {
        EspProtection right = keyring.ProtectionOf(sa);
        bool extended = sa.ExtendedSequenceNumbers;
        int ciphertextBytes = esp.Length - EspProtection.HeaderBytes - right.IvBytes - right.IcvBytes;
        if (extended)
        {
            if (Opens(right, esp, 0, false))
            {
                return new Violation(Clauses.HighHalfLeftOut(sa.Suite), "the ICV leaves out the high half of the sequence number");
            }

            if (high > 0 && (Opens(right, esp, high - 1, true) || Opens(right, esp, 0, true)))
            {
                return new Violation("RFC4303-3.3.3-11", "the ICV covers an old high half of the sequence number");
            }

            int icv = Math.Max(0, esp.Length - right.IcvBytes);
            if (icv > 4 && Opens(right, [.. esp[..(icv - 4)], .. esp[icv..]], high, true))
            {
                return new Violation("RFC4303-2.2.1-03", "the high half of the sequence number is in the packet");
            }
        }
        else if (Opens(right, esp, 0, true))
        {
            return new Violation("RFC4303-2-07", "the ICV covers a high half although the SA has 32-bit numbers");
        }

        if (other.Suite == sa.Suite && Opens(keyring.ProtectionOf(other), esp, high, extended))
        {
            return new Violation("RFC4303-3.2.1-01", "the packet is sealed with the keys of another SA");
        }

        Violation? found = sa.Suite.Encryption.IsCombinedMode ? ExplainCombined(sa, esp, high) : ExplainSeparate(sa, esp, high);
        if (found is null && ciphertextBytes > 0 && ciphertextBytes % right.AlignmentBytes != 0)
        {
            return ciphertextBytes % 4 != 0
                ? new Violation("RFC4303-2.4-02", $"{ciphertextBytes} bytes before the ICV do not end on a 4-byte boundary")
                : new Violation("RFC4303-2.4-01", $"{ciphertextBytes} bytes of ciphertext are no multiple of the cipher's block");
        }

        return found;
    }

    private static Violation? ExplainSeparate(SecurityAssociation sa, ReadOnlySpan<byte> esp, uint high)
    {
        if (sa.Suite.Integrity is null)
        {
            return null;
        }

        using SeparateByHand overPlaintext = new(sa) { OverPlaintext = true };
        using SeparateByHand unkeyed = new(sa, zeroKey: true);
        using SeparateByHand inFront = new(sa) { HighHalfInFront = true };
        using SeparateByHand shortened = new(sa, icvBytes: ShortIcvBytes);
        bool extended = sa.ExtendedSequenceNumbers;
        return !sa.Suite.Encryption.IsIntegrityOnly && Opens(overPlaintext, esp, high, extended)
                ? new Violation("RFC4303-3.3.2.1-03", "the ICV covers the plaintext")
            : Opens(unkeyed, esp, high, extended)
                ? new Violation("RFC4303-3.3.2.1-04", "the ICV needs no key: it is that of a key of zeros")
            : extended && Opens(inFront, esp, high, extended)
                ? new Violation("RFC4303-3.3.2.1-06", "the high half of the sequence number stands in front of what the ICV covers")
            : Opens(shortened, esp, high, extended)
                ? new Violation("RFC4303-2.8-01", $"the ICV has {ShortIcvBytes} bytes and not {sa.Suite.IcvBytes}")
            : null;
    }

    private static Violation? ExplainCombined(SecurityAssociation sa, ReadOnlySpan<byte> esp, uint high)
    {
        EncryptionTransform transform = sa.Suite.Encryption;
        if (!CombinedByHand.CanDo(transform) || CombinedClauses.Of(transform) is not { } clauses)
        {
            return null;
        }

        bool extended = sa.ExtendedSequenceNumbers;
        foreach ((CombinedByHand wrong, string? clause, string what) in new (CombinedByHand, string?, string)[]
        {
            (new CombinedByHand(sa) { SaltBehindIv = true }, clauses.Nonce, "the salt stands behind the IV in the nonce"),
            (new CombinedByHand(sa) { HeaderLeftOut = true }, clauses.AssociatedData,
                "SPI and sequence number are not among the associated data"),
            (new CombinedByHand(sa) { HalvesSwapped = true }, clauses.ExtendedAssociatedData,
                "the halves of the sequence number are swapped"),
            (new CombinedByHand(sa) { IvLeftOut = true }, clauses.CoveredIv, "the IV is not among the associated data"),
            (new CombinedByHand(sa) { ImplicitIvReversed = true }, clauses.ImplicitIv, "the implicit IV has the number at its head"),
            (new CombinedByHand(sa) { NoIvField = true }, clauses.IvField, "the packet has no IV field"),
            (new CombinedByHand(sa) { ShortLengthField = true }, clauses.LengthField, "the length field of the mode has 2 bytes"),
            (new CombinedByHand(sa, clauses.TagLength is null ? null : ShortIcvBytes), clauses.TagLength,
                $"the ICV has {ShortIcvBytes} bytes and not {transform.IcvBytes}"),
        })
        {
            using (wrong)
            {
                if (clause is not null && Opens(wrong, esp, high, extended))
                {
                    return new Violation(clause, what);
                }
            }
        }

        return null;
    }

    private static bool Opens(EspProtection protection, ReadOnlySpan<byte> esp, uint high, bool extended)
    {
        byte[] copy = esp.ToArray();
        return protection.TryOpen(copy, high, extended);
    }
}
