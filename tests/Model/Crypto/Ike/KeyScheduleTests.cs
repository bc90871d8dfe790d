using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Prfs;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Ike;

public class KeyScheduleTests
{
    private static readonly byte[] InitiatorNonce = Draw.Bytes(1, 1, 32);
    private static readonly byte[] ResponderNonce = Draw.Bytes(1, 2, 40);
    private static readonly byte[] Spis = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    private static readonly IkeSecret Shared = new(Draw.Bytes(1, 3, 32));
    private static readonly IkeSecret Further = new(Draw.Bytes(1, 4, 48));
    private static readonly IkeSecret Last = new(Draw.Bytes(1, 5, 16));

    private static IEnumerable<KeyScheduleVector> Vectors() =>
        VectorFolder.Read<KeyScheduleVectorFile>("ike-key-schedule").SelectMany(file => file.Cases);

    private static IEnumerable<IkeSuite> Suites() =>
        from prf in IkeTransforms.Prfs
        from suite in new[] { IkeTransforms.Default, IkeTransforms.Suites.First(suite => suite.Integrity is not null) }
        select suite with { Prf = prf };

    [Honours("RFC7296-2.14-01", "RFC7296-2.14-02")]
    [TestCaseSource(nameof(Vectors))]
    public void KnownSecrets_GiveTheKnownKeys(KeyScheduleVector vector)
    {
        var keys = IkeKeySchedule.First(
            Suite(vector), Secret(vector.Shared), Bytes(vector.InitiatorNonce), Bytes(vector.ResponderNonce), Number(vector.InitiatorSpi), Number(vector.ResponderSpi));

        Assert.That(vector.Keys, Does.StartWith(Joined(keys)), vector.Source);
        Assert.That(
            Convert.ToHexStringLower(Suite(vector).Prf.Compute(
                [.. Bytes(vector.InitiatorNonce), .. Bytes(vector.ResponderNonce)], Bytes(vector.Shared))),
            Is.EqualTo(vector.Seed));
    }

    [Honours("RFC7296-2.17-04", "RFC7296-2.17-06")]
    [TestCaseSource(nameof(Vectors))]
    public void KnownSecrets_GiveTheKnownChildKeys(KeyScheduleVector vector)
    {
        var derivation = Secret(vector.Keys[..(2 * Suite(vector).Prf.OutputBytes)]);
        var suite = EspSuites.All.First(suite => suite is { Integrity: not null, EncryptionKeyBits: 128 });
        var without = IkeKeySchedule.Child(
            Suite(vector).Prf, derivation, [], Bytes(vector.InitiatorNonce), Bytes(vector.ResponderNonce), suite);
        var with = IkeKeySchedule.Child(
            Suite(vector).Prf, derivation, [Secret(vector.NewShared)], Bytes(vector.InitiatorNonce), Bytes(vector.ResponderNonce), suite);

        Assert.That(vector.ChildKeys, Does.StartWith(Joined(without)), vector.Source);
        Assert.That(vector.ChildKeysWithNewShared, Does.StartWith(Joined(with)), vector.Source);
    }

    [Honours("RFC7296-2.18-02")]
    [TestCaseSource(nameof(Vectors))]
    public void KnownSecrets_GiveTheKnownKeysOfTheSuccessor(KeyScheduleVector vector)
    {
        var prf = Suite(vector).Prf;
        var keys = IkeKeySchedule.Rekeyed(
            Suite(vector),
            prf,
            Secret(vector.Keys[..(2 * prf.OutputBytes)]),
            [Secret(vector.NewShared)],
            Bytes(vector.InitiatorNonce),
            Bytes(vector.ResponderNonce),
            Number(vector.InitiatorSpi),
            Number(vector.ResponderSpi));
        var expected = new byte[Joined(keys).Length / 2];
        Assert.That(
            prf.TryExpand(
                Bytes(vector.RekeyedSeed),
                [.. Bytes(vector.InitiatorNonce), .. Bytes(vector.ResponderNonce), .. Bytes(vector.InitiatorSpi), .. Bytes(vector.ResponderSpi)],
                expected),
            Is.True);

        Assert.That(Joined(keys), Is.EqualTo(Convert.ToHexStringLower(expected)), vector.Source);
    }

    [TestCaseSource(nameof(Suites))]
    public void EveryDerivation_IsTheSameInBothLibraries(IkeSuite suite) => Draw.Check(20, seed =>
    {
        var bcl = Everything(suite, seed, CryptoProvider.Bcl);
        var bouncyCastle = Everything(suite, seed, CryptoProvider.BouncyCastle);
        return bcl.SequenceEqual(bouncyCastle);
    });

    // RFC 7296 §2.14, written out; a prf with a fixed key takes the first 64 bits of each nonce.
    [Honours("RFC7296-2.14-01", "RFC7296-2.14-02", "RFC7296-2.14-04", "RFC7296-2.14-05", "RFC7296-2.13-08")]
    [TestCaseSource(nameof(Suites))]
    public void FirstKeys_FollowTheirFormula(IkeSuite suite)
    {
        byte[] key = suite.Prf is { Name: "PRF_AES128_XCBC" or "PRF_AES128_CMAC" }
            ? [.. InitiatorNonce[..8], .. ResponderNonce[..8]]
            : [.. InitiatorNonce, .. ResponderNonce];

        Assert.That(
            Joined(First(suite)),
            Is.EqualTo(Expanded(suite, suite.Prf.Compute(key, Shared.Span), [.. InitiatorNonce, .. ResponderNonce, .. Spis], Joined(First(suite)).Length / 2)));
    }

    // RFC 9370 §2.2.2 and §2.2.4: SK(n) | Ni | Nr in IKE_INTERMEDIATE, SK(0) | Ni | Nr | SK(1) … in IKE_FOLLOWUP_KE.
    [TestCaseSource(nameof(Suites))]
    public void KeysAfterFurtherKeyExchanges_FollowTheirFormulas(IkeSuite suite)
    {
        var keys = First(suite);
        var bytes = Joined(keys).Length / 2;
        byte[] seed = [.. InitiatorNonce, .. ResponderNonce, .. Spis];
        var intermediate = suite.Prf.Compute(keys.Derivation.Span, [.. Further.Span, .. InitiatorNonce, .. ResponderNonce]);
        var followUp = suite.Prf.Compute(
            keys.Derivation.Span, [.. Shared.Span, .. InitiatorNonce, .. ResponderNonce, .. Further.Span, .. Last.Span]);

        Assert.That(
            Joined(IkeKeySchedule.Additional(suite, keys.Derivation, Further, InitiatorNonce, ResponderNonce, SpiI, SpiR)),
            Is.EqualTo(Expanded(suite, intermediate, seed, bytes)));
        Assert.That(
            Joined(IkeKeySchedule.Rekeyed(
                suite, suite.Prf, keys.Derivation, [Shared, Further, Last], InitiatorNonce, ResponderNonce, SpiI, SpiR)),
            Is.EqualTo(Expanded(suite, followUp, seed, bytes)));
    }

    [Honours("RFC7296-2.18-03", "RFC7296-2.18-08")]
    [Test]
    public void KeysOfTheSuccessor_AreSeededByTheOldPrfAndExpandedByTheNew()
    {
        var suite = IkeTransforms.Default with { Prf = HmacPrf.Sha512 };
        var seed = HmacPrf.Sha1.Compute(Last.Span, [.. Shared.Span, .. InitiatorNonce, .. ResponderNonce]);
        var keys = IkeKeySchedule.Rekeyed(suite, HmacPrf.Sha1, Last, [Shared], InitiatorNonce, ResponderNonce, SpiI, SpiR);

        Assert.That(
            Joined(keys), Is.EqualTo(Expanded(suite, seed, [.. InitiatorNonce, .. ResponderNonce, .. Spis], Joined(keys).Length / 2)));
    }

    // RFC 9370 §2.2.4.
    [Honours("RFC7296-2.17-03", "RFC7296-2.17-07")]
    [Test]
    public void ChildKeysWithFurtherSecrets_FollowTheirFormula()
    {
        var keys = IkeKeySchedule.Child(HmacPrf.Sha256, Last, [Shared, Further], InitiatorNonce, ResponderNonce, EspSuites.Default);

        Assert.That(
            Joined(keys),
            Is.EqualTo(Expanded(
                IkeTransforms.Default, Last.Span, [.. Shared.Span, .. InitiatorNonce, .. ResponderNonce, .. Further.Span], 40)));
    }

    // RFC 8784 §3.
    [TestCaseSource(nameof(Suites))]
    public void PresharedKey_ReplacesThreeKeysByTheirExpansion(IkeSuite suite)
    {
        var keys = First(suite);
        var mixed = IkeKeySchedule.WithPreshared(suite.Prf, keys, Last);
        var expand = (IkeSecret key) => Expanded(suite, Last.Span, key.Span, key.Length);

        Assert.That(mixed.Derivation.ToString(), Is.EqualTo(expand(keys.Derivation)));
        Assert.That(mixed.InitiatorAuthentication.ToString(), Is.EqualTo(expand(keys.InitiatorAuthentication)));
        Assert.That(mixed.ResponderAuthentication.ToString(), Is.EqualTo(expand(keys.ResponderAuthentication)));
        Assert.That(mixed.InitiatorSealing, Is.EqualTo(keys.InitiatorSealing));
        Assert.That(mixed.ResponderSealing, Is.EqualTo(keys.ResponderSealing));
    }

    [Honours("RFC7296-2.13-03", "RFC7296-2.13-04", "RFC7296-2.14-06")]
    [TestCaseSource(nameof(Suites))]
    public void Keys_HaveTheLengthsOfTheirTransforms(IkeSuite suite)
    {
        var keys = First(suite);

        Assert.That(
            (keys.Derivation.Length, keys.InitiatorAuthentication.Length, keys.ResponderAuthentication.Length),
            Is.EqualTo((suite.Prf.KeyBytes, suite.Prf.KeyBytes, suite.Prf.KeyBytes)));
        Assert.That(
            (keys.InitiatorEncryption.Length, keys.ResponderEncryption.Length),
            Is.EqualTo((suite.EncryptionKeyMaterialBytes, suite.EncryptionKeyMaterialBytes)));
        Assert.That(
            (keys.InitiatorIntegrity.Length, keys.ResponderIntegrity.Length), Is.EqualTo((suite.IntegrityKeyBytes, suite.IntegrityKeyBytes)));
    }

    private static ulong SpiI => BinaryPrimitives.ReadUInt64BigEndian(Spis);

    private static ulong SpiR => BinaryPrimitives.ReadUInt64BigEndian(Spis.AsSpan(8));

    private static IkeKeys First(IkeSuite suite) => IkeKeySchedule.First(suite, Shared, InitiatorNonce, ResponderNonce, SpiI, SpiR);

    private static string Expanded(IkeSuite suite, ReadOnlySpan<byte> key, ReadOnlySpan<byte> seed, int bytes)
    {
        var output = new byte[bytes];
        Assert.That(suite.Prf.TryExpand(key, seed, output), Is.True);
        return Convert.ToHexStringLower(output);
    }

    private static ImmutableArray<string> Everything(IkeSuite suite, int seed, CryptoProvider provider)
    {
        var (initiator, responder) = (Draw.Bytes(seed, 1, 16 + Draw.Number(seed, 6, 240)), Draw.Bytes(seed, 2, 16 + Draw.Number(seed, 7, 240)));
        var (shared, further) = (new IkeSecret(Draw.Bytes(seed, 3, 32)), new IkeSecret(Draw.Bytes(seed, 4, 96)));
        var first = IkeKeySchedule.First(suite, shared, initiator, responder, 1, 2, provider);
        var additional = IkeKeySchedule.Additional(suite, first.Derivation, further, initiator, responder, 1, 2, provider);
        var mixed = IkeKeySchedule.WithPreshared(suite.Prf, additional, further, provider);
        var next = IkeKeySchedule.Rekeyed(suite, suite.Prf, mixed.Derivation, [shared, further], initiator, responder, 3, 4, provider);
        var child = IkeKeySchedule.Child(suite.Prf, next.Derivation, [further], initiator, responder, EspSuites.Default, provider);
        return [Joined(first), Joined(additional), Joined(mixed), Joined(next), Joined(child)];
    }

    private static string Joined(IkeKeys keys) => string.Concat(
        keys.Derivation,
        keys.InitiatorIntegrity,
        keys.ResponderIntegrity,
        string.Concat(keys.InitiatorEncryption, keys.ResponderEncryption, keys.InitiatorAuthentication, keys.ResponderAuthentication));

    private static string Joined(ChildKeys keys) =>
        string.Concat(keys.InitiatorEncryption, keys.InitiatorIntegrity, keys.ResponderEncryption, keys.ResponderIntegrity);

    // AES-CBC-128 with HMAC-MD5-96: short enough for the known answers.
    private static IkeSuite Suite(KeyScheduleVector vector) =>
        IkeTransforms.Suites.First(suite => suite.Integrity is { Name: "AUTH_HMAC_MD5_96" }) with
        {
            Prf = IkeTransforms.Prfs.Single(prf => prf.Name == vector.Prf),
        };

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    private static IkeSecret Secret(string hex) => new(Bytes(hex));

    private static ulong Number(string hex) => BinaryPrimitives.ReadUInt64BigEndian(Bytes(hex));
}
