using System.Collections.Immutable;
using System.Numerics;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Ike;

public class KeyExchangeTests
{
    private static ImmutableArray<KeyExchangeMethod> Methods() => IkeTransforms.KeyExchanges;

    private static IEnumerable<KeyExchangeMethod> InBothLibraries() => Methods().Where(method => method.IsSupportedBy(CryptoProvider.Bcl));

    private static IEnumerable<ModpGroup> ModpGroups() => Methods().OfType<ModpGroup>();

    private static IEnumerable<ModpGroup> ShorterModpGroups() => ModpGroups().Where(group => group.InitiatorPublicBytes <= 256);

    private static IEnumerable<EcpGroup> EcpGroups() => Methods().OfType<EcpGroup>();

    [TestCaseSource(nameof(Methods))]
    public void InitiatorAndResponder_ShareOneSecret(KeyExchangeMethod method)
    {
        var exchange = Exchange.Of(method, seed: 1);

        Assert.That(exchange.InitiatorPublic, Has.Length.EqualTo(method.InitiatorPublicBytes));
        Assert.That(exchange.ResponderPublic, Has.Length.EqualTo(method.ResponderPublicBytes));
        Assert.That(exchange.Shared.Length, Is.EqualTo(method.SharedSecretBytes));
        Assert.That(method.TryAgree(exchange.InitiatorRandomness, exchange.ResponderPublic, out var shared, out var error), Is.True);
        Assert.That(error, Is.EqualTo(KeyExchangeError.None));
        Assert.That(shared, Is.EqualTo(exchange.Shared));
    }

    [TestCaseSource(nameof(InBothLibraries))]
    public void BothLibraries_GiveTheSameValues(KeyExchangeMethod method) =>
        Draw.Check(1, seed =>
        {
            var (bcl, bouncyCastle) = (Exchange.Of(method, seed, CryptoProvider.Bcl), Exchange.Of(method, seed, CryptoProvider.BouncyCastle));
            return bcl.InitiatorPublic.AsSpan().SequenceEqual(bouncyCastle.InitiatorPublic)
                && bcl.ResponderPublic.AsSpan().SequenceEqual(bouncyCastle.ResponderPublic)
                && bcl.Shared == bouncyCastle.Shared;
        });

    // Of the secrets of one group some begin with zeros: they count.
    [Honours("RFC7296-2.14-03")]
    [Test]
    public void SecretOfAModpGroup_IsBigEndianAndAsLongAsItsModulus()
    {
        var group = ModpSubgroup.Modp1024Subgroup160;
        var exchanges = Enumerable.Range(0, 2000).Select(seed => Exchange.Of(group, seed));
        var exchange = exchanges.First(e => e.Shared.Span[0] == 0);
        var own = new BigInteger(exchange.InitiatorRandomness, isUnsigned: true, isBigEndian: true);
        var secret = BigInteger.ModPow(new BigInteger(exchange.ResponderPublic, isUnsigned: true, isBigEndian: true), own, group.Prime);

        Assert.That(exchange.Shared.Length, Is.EqualTo(128));
        Assert.That(Convert.ToHexStringLower(exchange.Shared.Span), Is.EqualTo(Convert.ToHexStringLower(Encoded(secret, 128))));
    }

    [Honours("RFC7296-3.4-02")]
    [TestCaseSource(nameof(Methods))]
    public void PublicValueOfAnotherLength_IsAnError(KeyExchangeMethod method)
    {
        var exchange = Exchange.Of(method, seed: 2);

        Assert.That(Respond(method, exchange, exchange.InitiatorPublic), Is.EqualTo(KeyExchangeError.None));
        Assert.That(Respond(method, exchange, [.. exchange.InitiatorPublic, 0]), Is.EqualTo(KeyExchangeError.WrongLength));
        Assert.That(Respond(method, exchange, exchange.InitiatorPublic[..^1]), Is.EqualTo(KeyExchangeError.WrongLength));
        Assert.That(Respond(method, exchange, []), Is.EqualTo(KeyExchangeError.WrongLength));
        Assert.That(Agree(method, exchange, [.. exchange.ResponderPublic, 0]), Is.EqualTo(KeyExchangeError.WrongLength));
    }

    [TestCaseSource(nameof(Methods))]
    public void RandomnessThatGivesNoPrivateValue_IsAnError(KeyExchangeMethod method)
    {
        Assert.That(method.TryMakePublic([], out _, out var ofNothing), Is.False);
        Assert.That(ofNothing, Is.EqualTo(KeyExchangeError.UnsuitableRandomness));
        byte[] tooLong = [1, .. new byte[method.InitiatorPublicBytes + 64]];
        Assert.That(method.TryMakePublic(tooLong, out _, out var ofTooMuch), Is.False);
        Assert.That(ofTooMuch, Is.EqualTo(KeyExchangeError.UnsuitableRandomness));
    }

    // RFC 6989 §2.1: 1 < y < p - 1.
    [Honours("RFC7296-3.4-03", "RFC7296-2.12-03")]
    [TestCaseSource(nameof(ModpGroups))]
    public void PublicValueAtTheEdgeOfTheGroup_IsAnError(ModpGroup group)
    {
        var exchange = Exchange.Of(group, seed: 3);
        var encode = (BigInteger value) => Encoded(value, group.InitiatorPublicBytes);

        Assert.That(Agree(group, exchange, encode(0)), Is.EqualTo(KeyExchangeError.NotInGroup));
        Assert.That(Agree(group, exchange, encode(1)), Is.EqualTo(KeyExchangeError.NotInGroup));
        Assert.That(Agree(group, exchange, encode(group.Prime - 1)), Is.EqualTo(KeyExchangeError.NotInGroup));
        Assert.That(Agree(group, exchange, encode(group.Prime)), Is.EqualTo(KeyExchangeError.NotInGroup));
        Assert.That(Agree(group, exchange, encode(group.Prime + 2)), Is.EqualTo(KeyExchangeError.NotInGroup));
        Assert.That(Agree(group, exchange, encode(group.Generator)), Is.EqualTo(KeyExchangeError.None));
        Assert.That(
            Agree(group, exchange, encode(group.Prime - 2)),
            Is.EqualTo(group.SubgroupOrder is null ? KeyExchangeError.None : KeyExchangeError.NotInGroup));
    }

    // RFC 6989 §2.2: y^q = 1.
    [Honours("RFC7296-2.12-03")]
    [Test]
    public void PublicValueOutsideTheSubgroup_IsAnError()
    {
        var group = ModpSubgroup.Modp2048Subgroup224;
        var exchange = Exchange.Of(group, seed: 4);
        var outside = group.Prime - new BigInteger(exchange.ResponderPublic, isUnsigned: true, isBigEndian: true);

        Assert.That(Agree(group, exchange, exchange.ResponderPublic), Is.EqualTo(KeyExchangeError.None));
        Assert.That(Agree(group, exchange, Encoded(outside, group.InitiatorPublicBytes)), Is.EqualTo(KeyExchangeError.NotInGroup));
    }

    // Of the long ones the printed primes are the evidence.
    [TestCaseSource(nameof(ShorterModpGroups))]
    public void GroupModuloAPrime_HasAPrimeOfItsLengthAndAGeneratorOfTheSubgroup(ModpGroup group)
    {
        var order = group.SubgroupOrder ?? (group.Prime - 1) / 2;

        Assert.That(group.Prime.GetBitLength(), Is.EqualTo(8 * group.InitiatorPublicBytes));
        Assert.That(new Org.BouncyCastle.Math.BigInteger(group.Prime.ToString()).IsProbablePrime(10), Is.True);
        Assert.That(new Org.BouncyCastle.Math.BigInteger(order.ToString()).IsProbablePrime(10), Is.True);
        Assert.That(BigInteger.ModPow(group.Generator, order, group.Prime).IsOne, Is.True);
    }

    // RFC 6989 §2.3.
    [Honours("RFC7296-2.12-03")]
    [TestCaseSource(nameof(EcpGroups))]
    public void PublicValueThatIsNoPoint_IsAnError(EcpGroup group)
    {
        var exchange = Exchange.Of(group, seed: 5);
        var point = exchange.ResponderPublic;
        var coordinateBytes = group.SharedSecretBytes;

        Assert.That(Agree(group, exchange, point), Is.EqualTo(KeyExchangeError.None));
        Assert.That(Agree(group, exchange, Draw.WithFlippedBit(point, 8 * coordinateBytes - 8)), Is.EqualTo(KeyExchangeError.NotOnCurve));
        Assert.That(Agree(group, exchange, Draw.WithFlippedBit(point, 8 * point.Length - 8)), Is.EqualTo(KeyExchangeError.NotOnCurve));
        Assert.That(Agree(group, exchange, new byte[point.Length]), Is.EqualTo(KeyExchangeError.NotOnCurve));
        Assert.That(Agree(group, exchange, [.. Enumerable.Repeat((byte)0xff, point.Length)]), Is.EqualTo(KeyExchangeError.NotOnCurve));
    }

    // RFC 8031 §4; the points of small order of RFC 7748 §6.1 and §6.2.
    [TestCase("0000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("0100000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [TestCase("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [TestCase("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [TestCase("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void PointOfSmallOrderOnCurve25519_IsAnError(string point) => RequireZeroSecret(MontgomeryCurve.Curve25519, point);

    [TestCase("0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("0100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("fefffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void PointOfSmallOrderOnCurve448_IsAnError(string point) => RequireZeroSecret(MontgomeryCurve.Curve448, point);

    [Test]
    public void EncapsulationKeyWithACoefficientTooLarge_IsAnError([Values] bool secondOfThePair)
    {
        var exchange = Exchange.Of(MlKem.MlKem768, seed: 6);
        byte[] key = [.. exchange.InitiatorPublic];
        key[secondOfThePair ? 2 : 0] = 0xff;
        key[1] |= (byte)(secondOfThePair ? 0xf0 : 0x0f);

        Assert.That(Respond(MlKem.MlKem768, exchange, exchange.InitiatorPublic), Is.EqualTo(KeyExchangeError.None));
        Assert.That(Respond(MlKem.MlKem768, exchange, key), Is.EqualTo(KeyExchangeError.NotAKey));
    }

    // FIPS 203 §7.3: implicit rejection.
    [Test]
    public void ForgedCiphertext_GivesAnotherSecret()
    {
        var exchange = Exchange.Of(MlKem.MlKem512, seed: 7);
        var forged = Draw.WithFlippedBit(exchange.ResponderPublic, 1000);

        Assert.That(MlKem.MlKem512.TryAgree(exchange.InitiatorRandomness, forged, out var shared, out _), Is.True);
        Assert.That(shared, Is.Not.EqualTo(exchange.Shared));
    }

    [Test]
    public void Registry_HasEveryMethodOnce()
    {
        Assert.That(
            Methods().Select(method => method.TransformId),
            Is.EqualTo(new ushort[] { 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 35, 36, 37 }));
        Assert.That(Methods().Select(method => method.Name), Is.Unique);
    }

    private static void RequireZeroSecret(MontgomeryCurve curve, string point)
    {
        var exchange = Exchange.Of(curve, seed: 8);
        var bytes = Convert.FromHexString(point);

        Assert.That(Agree(curve, exchange, exchange.ResponderPublic), Is.EqualTo(KeyExchangeError.None));
        Assert.That(Agree(curve, exchange, bytes), Is.EqualTo(KeyExchangeError.ZeroSharedSecret));
        Assert.That(curve.TryAgree(exchange.InitiatorRandomness, bytes, out _, out var error, CryptoProvider.Bcl), Is.False);
        Assert.That(error, Is.EqualTo(KeyExchangeError.ZeroSharedSecret));
    }

    private static KeyExchangeError Respond(KeyExchangeMethod method, Exchange exchange, byte[] initiatorPublic) =>
        method.TryRespond(exchange.ResponderRandomness, initiatorPublic, out _, out _, out var error) ? KeyExchangeError.None : error;

    private static KeyExchangeError Agree(KeyExchangeMethod method, Exchange exchange, byte[] responderPublic) =>
        method.TryAgree(exchange.InitiatorRandomness, responderPublic, out _, out var error) ? KeyExchangeError.None : error;

    private static byte[] Encoded(BigInteger value, int lengthBytes)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[lengthBytes - bytes.Length], .. bytes];
    }

    /// <summary>One exchange; everything follows from the seed.</summary>
    private sealed record Exchange(
        byte[] InitiatorRandomness, byte[] ResponderRandomness, byte[] InitiatorPublic, byte[] ResponderPublic, IkeSecret Shared)
    {
        public static Exchange Of(KeyExchangeMethod method, int seed, CryptoProvider provider = CryptoProvider.Preferred)
        {
            var initiator = Randomness(seed, 1, method.InitiatorRandomnessBytes);
            var responder = Randomness(seed, 2, method.ResponderRandomnessBytes);
            Assert.That(method.TryMakePublic(initiator, out var initiatorPublic, out _, provider), Is.True);
            Assert.That(
                method.TryRespond(responder, initiatorPublic, out var responderPublic, out var shared, out _, provider), Is.True);
            return new Exchange(initiator, responder, initiatorPublic!, responderPublic!, shared);
        }

        // A zero in front keeps a scalar below the order of its curve.
        private static byte[] Randomness(int seed, int stream, int count)
        {
            var bytes = Draw.Bytes(seed, stream, count);
            bytes[0] = 0;
            return bytes;
        }
    }
}
