using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Protection;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Ike;

public class EncryptedPayloadTests
{
    private static ImmutableArray<IkeSuite> Suites() => IkeTransforms.Suites;

    private static IEnumerable<TestCaseData> Vectors() =>
        from file in VectorFolder.Read<EncryptedPayloadVectorFile>("ike-encrypted-payload")
        from vector in file.Cases
        from provider in Enum.GetValues<CryptoProvider>()
        where provider != CryptoProvider.Bcl || Suite(vector).Encryption.IsInBcl
        select new TestCaseData(vector, provider).SetArgDisplayNames(vector.Name, provider.ToString());

    [Honours("RFC7296-3.14-09", "RFC7296-3.14-10")]
    [TestCaseSource(nameof(Vectors))]
    public void KnownPayloads_SealToTheKnownBody(EncryptedPayloadVector vector, CryptoProvider provider)
    {
        var body = EncryptedPayload.Seal(
            Suite(vector), Keys(vector), Bytes(vector.AssociatedData), Bytes(vector.Plaintext), Bytes(vector.Iv), Bytes(vector.Padding), provider);

        Assert.That(Convert.ToHexStringLower(body), Is.EqualTo(vector.Body), vector.Source);
    }

    [TestCaseSource(nameof(Vectors))]
    public void KnownBody_OpensToTheKnownPayloads(EncryptedPayloadVector vector, CryptoProvider provider)
    {
        Assert.That(
            EncryptedPayload.TryOpen(
                Suite(vector), Keys(vector), Bytes(vector.AssociatedData), Bytes(vector.Body), out var plaintext, out var error, provider),
            Is.True,
            vector.Source);
        Assert.That((Convert.ToHexStringLower(plaintext!), error), Is.EqualTo((vector.Plaintext, OpeningError.None)));
    }

    [TestCaseSource(nameof(Suites))]
    public void WhatOneLibrarySealed_TheOtherOpens(IkeSuite suite) => Draw.Check(20, seed =>
    {
        var one = Case.Of(suite, seed, mostBytes: 600);
        var body = one.Seal(CryptoProvider.Preferred);
        return body.AsSpan().SequenceEqual(one.Seal(CryptoProvider.BouncyCastle))
            && body.Length == EncryptedPayload.SealedBytes(suite, one.Plaintext.Length, one.Padding.Length)
            && one.Restores(body, CryptoProvider.BouncyCastle)
            && one.Restores(body);
    });

    [Honours("RFC7296-3.14-09")]
    [TestCaseSource(nameof(Suites))]
    public void EveryFlippedBit_IsRefused(IkeSuite suite) => Draw.Check(1, seed =>
    {
        var one = Case.Of(suite, seed, mostBytes: 20);
        var body = one.Seal();
        return one.Open(one.AssociatedData, body) == OpeningError.None
            && Enumerable.Range(0, 8 * body.Length).All(bit =>
                one.Open(one.AssociatedData, Draw.WithFlippedBit(body, bit)) == OpeningError.WrongIcv)
            && Enumerable.Range(0, 8 * one.AssociatedData.Length).All(bit =>
                one.Open(Draw.WithFlippedBit(one.AssociatedData, bit), body) == OpeningError.WrongIcv);
    });

    [TestCaseSource(nameof(Suites))]
    public void OtherKeys_DoNotOpen(IkeSuite suite) => Draw.Check(5, seed =>
    {
        var one = Case.Of(suite, seed, mostBytes: 100);
        var body = one.Seal();
        var encryption = new IkeSecret(Draw.WithFlippedBit(one.Keys.Encryption.Span, 1));

        // A cipher beside a MAC decrypts to something, whatever its key.
        return suite.Integrity is null
            ? (one with { Keys = one.Keys with { Encryption = encryption } }).Open(one.AssociatedData, body) == OpeningError.WrongIcv
            : (one with { Keys = one.Keys with { Integrity = new IkeSecret(Draw.WithFlippedBit(one.Keys.Integrity.Span, 1)) } })
                .Open(one.AssociatedData, body) == OpeningError.WrongIcv;
    });

    [Honours("RFC7296-3.14-11")]
    [TestCaseSource(nameof(Suites))]
    public void BodyThatIsTooShort_IsRefusedForItsLength(IkeSuite suite)
    {
        var one = Case.Of(suite, 1, mostBytes: 20);
        var leastBytes = suite.IvBytes + suite.IcvBytes;

        Assert.That(one.Open(one.AssociatedData, []), Is.EqualTo(OpeningError.TooShort));
        Assert.That(one.Open(one.AssociatedData, new byte[leastBytes]), Is.EqualTo(OpeningError.TooShort));
        Assert.That(
            one.Open(one.AssociatedData, new byte[leastBytes + 1]),
            Is.EqualTo(suite.BlockBytes > 1 ? OpeningError.NotWholeBlocks : OpeningError.WrongIcv));
        Assert.That(one.Open(one.AssociatedData, new byte[leastBytes + suite.BlockBytes]), Is.EqualTo(OpeningError.WrongIcv));
    }

    [Honours("RFC7296-3.14-08")]
    [TestCaseSource(nameof(Suites))]
    public void PadLengthBeyondTheContent_IsRefusedAlthoughAuthentic(IkeSuite suite)
    {
        var one = Case.Of(suite, 2, mostBytes: 20) with { Plaintext = new byte[15], Padding = [] };

        Assert.That(one.Open(one.AssociatedData, one.Seal(padLength: 0)), Is.EqualTo(OpeningError.None));
        Assert.That(one.Open(one.AssociatedData, one.Seal(padLength: 15)), Is.EqualTo(OpeningError.None));
        Assert.That(one.Open(one.AssociatedData, one.Seal(padLength: 16)), Is.EqualTo(OpeningError.PadLengthTooLarge));
        Assert.That(one.Open(one.AssociatedData, one.Seal(padLength: 255)), Is.EqualTo(OpeningError.PadLengthTooLarge));
    }

    [Honours("RFC7296-3.14-05", "RFC7296-3.14-06")]
    [TestCaseSource(nameof(Suites))]
    public void LeastPadding_FillsTheLastBlock(IkeSuite suite)
    {
        var paddings = Enumerable.Range(0, 40).Select(bytes => (bytes, Padding: EncryptedPayload.LeastPaddingBytes(suite, bytes)));

        Assert.That(paddings.Select(one => (one.bytes + one.Padding + 1) % suite.BlockBytes), Is.All.Zero);
        Assert.That(paddings.Select(one => one.Padding), Is.All.InRange(0, suite.BlockBytes - 1));
    }

    [Test]
    public void EverySuite_IsSoundAndOthersAreNot()
    {
        Assert.That(Suites().Select(suite => suite.IsSound), Is.All.True);
        var cbc = Suites().First(suite => suite.Integrity is not null);
        Assert.That((cbc with { Integrity = null }).IsSound, Is.False);
        Assert.That((cbc with { EncryptionKeyBits = 64 }).IsSound, Is.False);
        Assert.That((IkeTransforms.Default with { Integrity = cbc.Integrity }).IsSound, Is.False);
        Assert.That(
            EspSuites.Encryption.Except(IkeTransforms.Encryption).Select(transform => transform.Name),
            Is.EquivalentTo(
                new[] { "ENCR_NULL", "ENCR_NULL_AUTH_AES_GMAC", "ENCR_AES_CCM_8_IIV", "ENCR_AES_GCM_16_IIV", "ENCR_CHACHA20_POLY1305_IIV" }));
    }

    private static IkeSuite Suite(EncryptedPayloadVector vector) => new(
        IkeTransforms.Encryption.Single(transform => transform.Name == vector.Encryption),
        vector.EncryptionKeyBits,
        IkeTransforms.Integrity.SingleOrDefault(transform => transform.Name == vector.Integrity),
        IkeTransforms.Default.Prf,
        IkeTransforms.Default.KeyExchange);

    private static SealingKeys Keys(EncryptedPayloadVector vector) =>
        new(new IkeSecret(Bytes(vector.EncryptionKey)), new IkeSecret(Bytes(vector.IntegrityKey)));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    /// <summary>One message under random keys; everything follows from the seed.</summary>
    private sealed record Case(
        IkeSuite Suite, SealingKeys Keys, byte[] AssociatedData, byte[] Plaintext, byte[] Iv, byte[] Padding)
    {
        public static Case Of(IkeSuite suite, int seed, int mostBytes)
        {
            var plaintext = Draw.Bytes(seed, 1, Draw.Number(seed, 2, mostBytes));
            var blocks = Draw.Number(seed, 3, 1 + (255 - suite.BlockBytes) / suite.BlockBytes);
            return new Case(
                suite,
                new SealingKeys(
                    new IkeSecret(Draw.Bytes(seed, 4, suite.EncryptionKeyMaterialBytes)),
                    new IkeSecret(Draw.Bytes(seed, 5, suite.IntegrityKeyBytes))),
                Draw.Bytes(seed, 6, 32 + Draw.Number(seed, 7, 2) * 12),
                plaintext,
                Draw.Bytes(seed, 8, suite.IvBytes),
                Draw.Bytes(seed, 9, EncryptedPayload.LeastPaddingBytes(suite, plaintext.Length) + blocks % 3 * suite.BlockBytes));
        }

        public byte[] Seal(CryptoProvider provider = CryptoProvider.Preferred, byte? padLength = null) =>
            EncryptedPayload.Seal(Suite, Keys, AssociatedData, Plaintext, Iv, Padding, provider, padLength);

        public OpeningError Open(byte[] associatedData, byte[] body, CryptoProvider provider = CryptoProvider.Preferred) =>
            EncryptedPayload.TryOpen(Suite, Keys, associatedData, body, out _, out var error, provider) ? OpeningError.None : error;

        public bool Restores(byte[] body, CryptoProvider provider = CryptoProvider.Preferred) =>
            EncryptedPayload.TryOpen(Suite, Keys, AssociatedData, body, out var plaintext, out _, provider)
            && plaintext.AsSpan().SequenceEqual(Plaintext);
    }
}
