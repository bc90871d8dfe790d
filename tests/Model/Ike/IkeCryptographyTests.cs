using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.KeyExchange;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Protection;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>The equations that a state machine relies on hold for real keys and for terms alike.</summary>
[TestFixture("real")]
[TestFixture("symbolic")]
public class IkeCryptographyTests(string kind)
{
    private static readonly IkeSuite Suite = IkeTransforms.Default;
    private static readonly Freshness Fresh = new(Bytes(1, 32), Bytes(2, 32), 0x0102030405060708, 0x1112131415161718);

    private readonly IIkeCryptography cryptography = kind == "real" ? new RealCryptography() : new SymbolicCryptography();

    private static IEnumerable<KeyExchangeMethod> Methods() =>
        [EcpGroup.P256, MontgomeryCurve.Curve25519, MlKem.MlKem768];

    [TestCaseSource(nameof(Methods))]
    public void BothSidesOfAKeyExchange_ShareOneSecret(KeyExchangeMethod method)
    {
        var exchange = Run(method, 1);

        Assert.That(exchange.Initiator, Is.EqualTo(exchange.Responder));
        Assert.That(exchange.Initiator, Is.Not.EqualTo(Run(method, 2).Initiator));
    }

    [Test]
    public void PublicValueOfAnotherLength_IsAnError()
    {
        Assert.That(
            cryptography.TryAnswerKeyExchange(Suite.KeyExchange, Bytes(1, 32), Bytes(2, 5), out _, out var error), Is.False);
        Assert.That(error, Is.EqualTo(KeyExchangeError.WrongLength));
    }

    [Test]
    public void EveryKeyOfAnIkeSa_IsAnother()
    {
        var keys = Keys(CbcSuite);

        Assert.That(
            new[]
            {
                keys.Derivation, keys.InitiatorIntegrity, keys.ResponderIntegrity, keys.InitiatorEncryption, keys.ResponderEncryption,
                keys.InitiatorAuthentication, keys.ResponderAuthentication,
            },
            Is.Unique);
        Assert.That(Keys(CbcSuite), Is.EqualTo(keys));
        Assert.That(keys.GetHashCode(), Is.EqualTo(Keys(CbcSuite).GetHashCode()));
    }

    [Test]
    public void EveryArgumentOfADerivation_Matters()
    {
        var keys = Keys(Suite);
        var other = new IkeSecret(Bytes(9, 32).Span);
        ImmutableArray<IkeKeys> derived =
        [
            keys,
            cryptography.FirstKeys(Suite, other, Fresh),
            cryptography.FirstKeys(Suite, Secret, Fresh with { InitiatorNonce = Fresh.ResponderNonce }),
            cryptography.FirstKeys(Suite, Secret, Fresh with { ResponderNonce = Fresh.InitiatorNonce }),
            cryptography.FirstKeys(Suite, Secret, Fresh with { InitiatorSpi = 1 }),
            cryptography.FirstKeys(Suite, Secret, Fresh with { ResponderSpi = 1 }),
            cryptography.AdditionalKeys(Suite, keys, other, Fresh),
            cryptography.RekeyedKeys(Suite, Suite.Prf, keys.Derivation, [Secret], Fresh),
            cryptography.RekeyedKeys(Suite, Suite.Prf, keys.Derivation, [Secret, other], Fresh),
            cryptography.RekeyedKeys(Suite, Suite.Prf, keys.Derivation, [other, Secret], Fresh),
            cryptography.MixPreshared(Suite.Prf, keys, other),
        ];

        Assert.That(derived.Select(one => one.Derivation), Is.Unique);
        Assert.That(derived[6], Is.EqualTo(cryptography.RekeyedKeys(Suite, Suite.Prf, keys.Derivation, [other], Fresh)));
    }

    [Test]
    public void PresharedKey_ChangesThreeKeysAndLeavesTheOthers()
    {
        var keys = Keys(CbcSuite);
        var mixed = cryptography.MixPreshared(CbcSuite.Prf, keys, Secret);

        Assert.That(
            mixed with
            {
                Derivation = keys.Derivation,
                InitiatorAuthentication = keys.InitiatorAuthentication,
                ResponderAuthentication = keys.ResponderAuthentication,
            },
            Is.EqualTo(keys));
        Assert.That(mixed.InitiatorAuthentication, Is.Not.EqualTo(keys.InitiatorAuthentication));
        Assert.That(mixed.ResponderAuthentication, Is.Not.EqualTo(keys.ResponderAuthentication));
    }

    [Test]
    public void EveryArgumentOfChildKeys_Matters()
    {
        var derivation = Keys(Suite).Derivation;
        var esp = EspSuites.Default;
        var cbc = EspSuites.All.First(suite => suite.Integrity is not null && suite.EncryptionKeyBits == 128);
        ImmutableArray<ChildKeys> derived =
        [
            Child(derivation, [], Fresh.InitiatorNonce, Fresh.ResponderNonce, esp),
            Child(derivation, [Secret], Fresh.InitiatorNonce, Fresh.ResponderNonce, esp),
            Child(derivation, [], Fresh.ResponderNonce, Fresh.InitiatorNonce, esp),
            Child(Secret, [], Fresh.InitiatorNonce, Fresh.ResponderNonce, esp),
        ];

        Assert.That(
            derived.Select(keys => keys.InitiatorEncryption).Concat(derived.Select(keys => keys.ResponderEncryption)), Is.Unique);
        Assert.That(derived[0].InitiatorIntegrity, Is.EqualTo(IkeSecret.None));
        Assert.That(Child(derivation, [], Fresh.InitiatorNonce, Fresh.ResponderNonce, cbc).InitiatorIntegrity, Is.Not.EqualTo(IkeSecret.None));
    }

    [Test]
    public void SealedBody_OpensUnderTheSameKeysAndHeadersOnly()
    {
        var keys = Keys(Suite);
        var (headers, plaintext, padding) = (Bytes(3, 32), Bytes(4, 50), Bytes(5, 7));
        var body = cryptography.Seal(Suite, keys.InitiatorSealing, headers, plaintext, Bytes(6, Suite.IvBytes), padding);

        Assert.That(body.Length, Is.EqualTo(cryptography.SealedBytes(Suite, 50, 7)));
        Assert.That(Open(keys.InitiatorSealing, headers, body), Is.EqualTo(OpeningError.None));
        Assert.That(
            cryptography.TryOpen(Suite, keys.InitiatorSealing, headers, body, out var opened, out _) ? opened : default,
            Is.EqualTo(plaintext));
        Assert.That(Open(keys.ResponderSealing, headers, body), Is.EqualTo(OpeningError.WrongIcv));
        Assert.That(Open(keys.InitiatorSealing, Bytes(7, 32), body), Is.EqualTo(OpeningError.WrongIcv));
        Assert.That(Open(keys.InitiatorSealing, headers, Bytes(8, body.Length)), Is.EqualTo(OpeningError.WrongIcv));
        Assert.That(Open(keys.InitiatorSealing, headers, Bytes(8, 3)), Is.EqualTo(OpeningError.TooShort));
    }

    [Test]
    public void EveryArgumentOfAuthenticationByASharedSecret_Matters()
    {
        var prf = Suite.Prf;
        var keys = Keys(Suite);
        ImmutableArray<ByteString> octets =
        [
            Octets(Bytes(1, 100), Bytes(2, 32), Bytes(3, 8), keys.InitiatorAuthentication, ByteString.Empty),
            Octets(Bytes(9, 100), Bytes(2, 32), Bytes(3, 8), keys.InitiatorAuthentication, ByteString.Empty),
            Octets(Bytes(1, 100), Bytes(9, 32), Bytes(3, 8), keys.InitiatorAuthentication, ByteString.Empty),
            Octets(Bytes(1, 100), Bytes(2, 32), Bytes(9, 8), keys.InitiatorAuthentication, ByteString.Empty),
            Octets(Bytes(1, 100), Bytes(2, 32), Bytes(3, 8), keys.ResponderAuthentication, ByteString.Empty),
            Octets(Bytes(1, 100), Bytes(2, 32), Bytes(3, 8), keys.InitiatorAuthentication, Bytes(9, 68)),
        ];

        Assert.That(octets, Is.Unique);
        Assert.That(octets.Select(one => cryptography.SharedKeyAuth(prf, Secret, one)), Is.Unique);
        Assert.That(
            cryptography.SharedKeyAuth(prf, Secret, octets[0]),
            Is.Not.EqualTo(cryptography.SharedKeyAuth(prf, keys.InitiatorAuthentication, octets[0])));
        Assert.That(
            cryptography.IntermediateAuth(prf, keys.InitiatorAuthentication, ByteString.Empty, Bytes(1, 32), Bytes(2, 9)),
            Is.Not.EqualTo(cryptography.IntermediateAuth(prf, keys.InitiatorAuthentication, Bytes(3, 32), Bytes(1, 32), Bytes(2, 9))));
    }

    [Test]
    public void Signature_VerifiesUnderItsKeyAndOctetsOnly()
    {
        var scheme = SignatureSchemes.Named("ed25519");
        var (signer, stranger) = (KeyPair(1), KeyPair(2));
        Assert.That(
            cryptography.TrySign(scheme, signer.Private, Bytes(3, 100), ByteString.Empty, out var data, out _), Is.True);

        Assert.That(cryptography.Verify(14, signer.Public, Bytes(3, 100), data, out var found), Is.EqualTo(SignatureError.None));
        Assert.That(found, Is.EqualTo(scheme));
        Assert.That(cryptography.Verify(14, stranger.Public, Bytes(3, 100), data, out _), Is.EqualTo(SignatureError.WrongSignature));
        Assert.That(cryptography.Verify(14, signer.Public, Bytes(4, 100), data, out _), Is.EqualTo(SignatureError.WrongSignature));
    }

    private static IkeSuite CbcSuite => IkeTransforms.Suites.First(suite => suite.Integrity is not null);

    private static IkeSecret Secret => new(Bytes(77, 32).Span);

    private static ByteString Bytes(int seed, int count) => ByteString.Adopt(Crypto.Ike.Draw.Bytes(seed, 0, count));

    private (IkeSecret Private, ByteString Public) KeyPair(int seed)
    {
        // RFC 8410 §4 and §7: the fixed fronts of a PKCS#8 and of a SubjectPublicKeyInfo with Ed25519.
        var seedBytes = Bytes(seed, 32).Span;
        var privateKey = new IkeSecret([.. Convert.FromHexString("302e020100300506032b657004220420"), .. seedBytes]);
        var publicBytes = new Org.BouncyCastle.Crypto.Parameters.Ed25519PrivateKeyParameters(seedBytes).GeneratePublicKey().GetEncoded();
        return cryptography is SymbolicCryptography
            ? (privateKey, SymbolicCryptography.PublicKey(privateKey))
            : (privateKey, ByteString.Adopt([.. Convert.FromHexString("302a300506032b6570032100"), .. publicBytes]));
    }

    private (IkeSecret Initiator, IkeSecret Responder) Run(KeyExchangeMethod method, int seed)
    {
        Assert.That(
            cryptography.TryStartKeyExchange(method, Bytes(seed, method.InitiatorRandomnessBytes), out var start, out _), Is.True);
        Assert.That(
            cryptography.TryAnswerKeyExchange(
                method, Bytes(seed + 100, method.ResponderRandomnessBytes), start.PublicValue, out var answer, out _),
            Is.True);
        Assert.That(
            cryptography.TryFinishKeyExchange(method, start.PrivateValue, answer.PublicValue, out var shared, out _), Is.True);
        return (shared, answer.Shared);
    }

    private IkeKeys Keys(IkeSuite suite) => cryptography.FirstKeys(suite, Secret, Fresh);

    private ChildKeys Child(
        IkeSecret derivation, ImmutableArray<IkeSecret> shared, ByteString initiatorNonce, ByteString responderNonce, EspSuite suite) =>
        cryptography.ChildKeys(Suite.Prf, derivation, shared, initiatorNonce, responderNonce, suite);

    private ByteString Octets(ByteString message, ByteString nonce, ByteString id, IkeSecret key, ByteString intermediate) =>
        cryptography.SignedOctets(Suite.Prf, message, nonce, id, key, intermediate);

    private OpeningError Open(SealingKeys keys, ByteString headers, ByteString body) =>
        cryptography.TryOpen(Suite, keys, headers, body, out _, out var error) ? OpeningError.None : error;
}
