using Conformance.Spec.Crypto;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto;

/// <summary>SPI, both halves of the sequence number, IV, ciphertext and ICV cannot be changed. RFC 4303 §2.8.</summary>
public class EspForgeryTests
{
    private static IEnumerable<EspSuite> SuitesWithIntegrity() => EspSuites.All.Where(suite => suite.HasIntegrity);

    [TestCaseSource(nameof(SuitesWithIntegrity))]
    public void EverySingleFlippedBitOfAPacket_IsRefused(EspSuite suite) =>
        Check(1, SealedCase.Of(suite, mostPayloadBytes: 17), one =>
        {
            using var protection = one.Key();
            var packet = one.Seal();
            return Opens(protection, packet, one.SequenceHigh, one)
                && Enumerable.Range(0, 8 * packet.Length).All(bit =>
                    !Opens(protection, WithFlippedBit(packet, bit), one.SequenceHigh, one));
        });

    [TestCaseSource(nameof(SuitesWithIntegrity))]
    public void AnyFlippedBitOfALongPacket_IsRefused(EspSuite suite) =>
        Check(10, SealedCase.Of(suite), one =>
        {
            var packet = one.Seal();
            return one.TryOpen([.. packet]) && !one.TryOpen(WithFlippedBit(packet, one.Seed % (8 * packet.Length)));
        });

    [TestCaseSource(nameof(SuitesWithIntegrity))]
    public void EveryFlippedBitOfTheHighHalf_IsRefusedUnderEsnOnly(EspSuite suite) =>
        Check(2, SealedCase.Of(suite, mostPayloadBytes: 17), one =>
        {
            using var protection = one.Key();
            var packet = one.Seal();
            return Enumerable.Range(0, 32).All(bit =>
                Opens(protection, packet, one.SequenceHigh ^ (1u << bit), one) == !one.ExtendedSequenceNumber);
        });

    [TestCaseSource(nameof(SuitesWithIntegrity))]
    public void PacketSealedUnderEsn_IsRefusedWithoutEsn(EspSuite suite) =>
        Check(2, SealedCase.Of(suite, mostPayloadBytes: 1400), one =>
        {
            var packet = one.Seal();
            return one.TryOpen([.. packet])
                && !(one with { ExtendedSequenceNumber = !one.ExtendedSequenceNumber }).TryOpen([.. packet]);
        });

    [TestCaseSource(nameof(SuitesWithIntegrity))]
    public void ForgedPacket_IsRefusedByTheSecondLibraryToo(EspSuite suite) =>
        Check(2, SealedCase.Of(suite, mostPayloadBytes: 1400), one =>
        {
            var packet = one.Seal(CryptoProvider.BouncyCastle);
            var forged = WithFlippedBit(packet, one.Seed % (8 * packet.Length));
            return one.TryOpen(packet, CryptoProvider.BouncyCastle) && !one.TryOpen(forged, CryptoProvider.BouncyCastle);
        });

    private static bool Opens(EspProtection protection, byte[] packet, uint sequenceHigh, SealedCase one) =>
        protection.TryOpen([.. packet], sequenceHigh, one.ExtendedSequenceNumber);

    private static byte[] WithFlippedBit(byte[] packet, int bit)
    {
        byte[] copy = [.. packet];
        copy[bit / 8] ^= (byte)(1 << (bit % 8));
        return copy;
    }

    private static void Check(int cases, Arbitrary<SealedCase> arbitrary, Func<SealedCase, bool> property) =>
        Prop.ForAll(arbitrary, property).Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithQuietOnSuccess(true));
}
