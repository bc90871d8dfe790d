using Conformance.Spec.Crypto;
using FsCheck;
using FsCheck.Fluent;

namespace Conformance.Tests.Model.Crypto;

/// <summary>One packet under random keys; everything follows from the seed.</summary>
/// <param name="Suite">The suite under test.</param>
/// <param name="Seed">Seed of keys, header, IV and plaintext.</param>
/// <param name="PayloadBytes">Payload in front of padding, pad length and next header.</param>
/// <param name="ExtendedSequenceNumber">True under ESN.</param>
public sealed record SealedCase(EspSuite Suite, int Seed, int PayloadBytes, bool ExtendedSequenceNumber)
{
    /// <summary>Sizes around the cipher blocks, an MTU, and the largest packet of IPv4.</summary>
    private static readonly int[] PayloadSizes = [0, 1, 2, 5, 6, 7, 13, 14, 15, 16, 17, 31, 32, 1400, 65_400];

    public byte[] EncryptionKeyMaterial => Bytes(1, Suite.EncryptionKeyMaterialBytes);

    public byte[] IntegrityKey => Bytes(2, Suite.IntegrityKeyBytes);

    public uint SequenceHigh => (uint)new Random(Seed ^ 3).Next();

    /// <summary>Header, IV and padded plaintext, with room for the ICV.</summary>
    public byte[] Plain
    {
        get
        {
            var unit = Suite.AlignmentBytes;
            var alignedBytes = (PayloadBytes + 2 + unit - 1) / unit * unit;
            var packet = Bytes(4, EspProtection.HeaderBytes + Suite.IvBytes + alignedBytes + Suite.IcvBytes);
            packet.AsSpan(packet.Length - Suite.IcvBytes).Clear();
            return packet;
        }
    }

    public EspProtection Key(CryptoProvider provider = CryptoProvider.Preferred) =>
        Suite.Key(EncryptionKeyMaterial, IntegrityKey, provider);

    public byte[] Seal(CryptoProvider provider = CryptoProvider.Preferred)
    {
        using var protection = Key(provider);
        var packet = Plain;
        protection.Seal(packet, SequenceHigh, ExtendedSequenceNumber);
        return packet;
    }

    public bool TryOpen(byte[] packet, CryptoProvider provider = CryptoProvider.Preferred) => TryOpen(packet, SequenceHigh, provider);

    public bool TryOpen(byte[] packet, uint sequenceHigh, CryptoProvider provider = CryptoProvider.Preferred)
    {
        using var protection = Key(provider);
        return protection.TryOpen(packet, sequenceHigh, ExtendedSequenceNumber);
    }

    public static Arbitrary<SealedCase> Of(EspSuite suite, int mostPayloadBytes = int.MaxValue)
    {
        var cases =
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from size in Gen.Elements(PayloadSizes.Where(size => size <= mostPayloadBytes))
            from extended in Gen.Elements(false, true)
            select new SealedCase(suite, seed, size, extended);
        return Arb.From(cases, Shrink);
    }

    private static IEnumerable<SealedCase> Shrink(SealedCase value)
    {
        foreach (var size in PayloadSizes.TakeWhile(size => size < value.PayloadBytes))
            yield return value with { PayloadBytes = size };
        if (value.ExtendedSequenceNumber)
            yield return value with { ExtendedSequenceNumber = false };
    }

    private byte[] Bytes(int stream, int count)
    {
        var bytes = new byte[count];
        new Random(unchecked(Seed * 31 + stream)).NextBytes(bytes);
        return bytes;
    }
}
