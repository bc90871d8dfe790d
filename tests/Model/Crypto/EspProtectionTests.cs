using System.Buffers.Binary;
using System.Security.Cryptography;
using Conformance.Spec.Crypto;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto;

public class EspProtectionTests
{
    private static IEnumerable<EspSuite> EverySuite() => EspSuites.All.Concat(EspSuites.EncryptionOnly);

    private static IEnumerable<EspSuite> SuitesInBothLibraries() => EverySuite().Where(suite => suite.IsSupportedBy(CryptoProvider.Bcl));

    [TestCaseSource(nameof(EverySuite))]
    public void SealedPacket_OpensToWhatWasSealed(EspSuite suite) =>
        Check(30, SealedCase.Of(suite), one =>
        {
            var packet = one.Seal();
            var room = packet.Length - suite.IcvBytes;
            return one.TryOpen(packet) && packet.AsSpan(0, room).SequenceEqual(one.Plain.AsSpan(0, room));
        });

    [TestCaseSource(nameof(EverySuite))]
    public void SealedPacket_HidesItsPlaintextUnlessIntegrityOnly(EspSuite suite) =>
        Check(8, SealedCase.Of(suite), one =>
        {
            var text = (EspProtection.HeaderBytes + suite.IvBytes)..^suite.IcvBytes;
            return one.Seal()[text].AsSpan().SequenceEqual(one.Plain[text]) == suite.Encryption.IsIntegrityOnly;
        });

    [TestCaseSource(nameof(SuitesInBothLibraries))]
    public void TwoLibraries_SealToTheSameBytes(EspSuite suite) =>
        Check(30, SealedCase.Of(suite), one => one.Seal(CryptoProvider.Bcl).AsSpan().SequenceEqual(one.Seal(CryptoProvider.BouncyCastle)));

    [TestCaseSource(nameof(SuitesInBothLibraries))]
    public void TwoLibraries_OpenEachOther(EspSuite suite) =>
        Check(15, SealedCase.Of(suite), one =>
            one.TryOpen(one.Seal(CryptoProvider.Bcl), CryptoProvider.BouncyCastle)
            && one.TryOpen(one.Seal(CryptoProvider.BouncyCastle), CryptoProvider.Bcl));

    /// <summary>.NET lacks counter mode, but its block cipher on the counter blocks of RFC 3686 §4 is a second opinion.</summary>
    [TestCase("ENCR_AES_CTR-128/AUTH_NONE")]
    [TestCase("ENCR_AES_CTR-192/AUTH_NONE")]
    [TestCase("ENCR_AES_CTR-256/AUTH_NONE")]
    public void CounterMode_AddsTheEncryptedCounterBlocks(string suiteName)
    {
        Assert.That(EspSuite.TryParse(suiteName, out var suite, out var error), Is.True, error);
        Check(20, SealedCase.Of(suite!), one =>
        {
            using var aes = Aes.Create();
            aes.SetKey(one.EncryptionKeyMaterial.AsSpan(0, suite!.EncryptionKeyBits / 8));
            var expected = one.Plain;
            var counterBlock = new byte[16];
            var keyStream = new byte[16];
            one.EncryptionKeyMaterial.AsSpan(suite.EncryptionKeyBits / 8).CopyTo(counterBlock);
            expected.AsSpan(EspProtection.HeaderBytes, suite.IvBytes).CopyTo(counterBlock.AsSpan(4));
            var text = expected.AsSpan(EspProtection.HeaderBytes + suite.IvBytes);
            for (var offset = 0; offset < text.Length; offset++)
            {
                if (offset % 16 == 0)
                {
                    BinaryPrimitives.WriteInt32BigEndian(counterBlock.AsSpan(12), 1 + offset / 16);
                    aes.EncryptEcb(counterBlock, keyStream, PaddingMode.None);
                }

                text[offset] ^= keyStream[offset % 16];
            }

            return one.Seal().AsSpan().SequenceEqual(expected);
        });
    }

    [TestCaseSource(nameof(EverySuite))]
    public void OneInstance_KeepsNothingFromPacketToPacket(EspSuite suite) =>
        Check(5, SealedCase.Of(suite), one =>
        {
            using var protection = one.Key();
            var first = Sealed(protection, one);
            var refused = Sealed(protection, one)[1..];
            protection.TryOpen(refused, one.SequenceHigh, one.ExtendedSequenceNumber);
            var opened = protection.TryOpen(Sealed(protection, one), one.SequenceHigh, one.ExtendedSequenceNumber);
            return opened && first.AsSpan().SequenceEqual(Sealed(protection, one)) && first.AsSpan().SequenceEqual(one.Seal());
        });

    [TestCaseSource(nameof(EverySuite))]
    public void TruncatedPacket_NeitherOpensNorThrows(EspSuite suite) =>
        Check(1, SealedCase.Of(suite, mostPayloadBytes: 32), one =>
        {
            using var protection = one.Key();
            var packet = one.Seal();
            bool Opens(int keptBytes) =>
                protection.TryOpen(packet.AsSpan(0, keptBytes).ToArray(), one.SequenceHigh, one.ExtendedSequenceNumber);

            // Encryption alone cannot notice that whole blocks are missing.
            bool MayOpen(int keptBytes) => !suite.HasIntegrity
                && keptBytes > EspProtection.HeaderBytes + suite.IvBytes
                && (keptBytes - EspProtection.HeaderBytes - suite.IvBytes) % suite.AlignmentBytes == 0;
            return Enumerable.Range(0, packet.Length).All(keptBytes => Opens(keptBytes) == MayOpen(keptBytes));
        });

    [TestCaseSource(nameof(EverySuite))]
    public void PacketWithoutRoomForIvAndIcv_IsNotSealed(EspSuite suite)
    {
        var one = new SealedCase(suite, 1, 0, false);
        using var protection = one.Key();
        var least = new byte[EspProtection.HeaderBytes + suite.IvBytes + suite.IcvBytes];

        Assert.That(() => protection.Seal(least, 0, false), Throws.Nothing);
        Assert.That(
            () => protection.Seal(least.AsSpan(1), 0, false),
            Throws.ArgumentException.With.Message.Contains($"{least.Length} bytes"));
    }

    [TestCaseSource(nameof(EverySuite))]
    public void MisalignedPacket_IsSealedButNotOpened(EspSuite suite)
    {
        var one = new SealedCase(suite, 1, 40, false);
        using var protection = one.Key();
        var aligned = one.Plain;
        var misaligned = aligned[..^1];
        protection.Seal(aligned, 0, false);
        protection.Seal(misaligned, 0, false);

        Assert.That(protection.TryOpen(aligned, 0, false), Is.True);
        Assert.That(protection.TryOpen(misaligned, 0, false), Is.False);
    }

    private static byte[] Sealed(EspProtection protection, SealedCase one)
    {
        var packet = one.Plain;
        protection.Seal(packet, one.SequenceHigh, one.ExtendedSequenceNumber);
        return packet;
    }

    private static void Check(int cases, Arbitrary<SealedCase> arbitrary, Func<SealedCase, bool> property) =>
        Prop.ForAll(arbitrary, property).Check(Config.QuickThrowOnFailure.WithMaxTest(cases).WithQuietOnSuccess(true));
}
