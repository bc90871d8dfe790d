using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.Prfs;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Ike;

public class AuthenticationTests
{
    private static readonly byte[] Octets = Draw.Bytes(1, 1, 300);

    private static readonly IReadOnlyList<SignatureVector> SignatureVectors =
        [.. VectorFolder.Read<SignatureVectorFile>("ike-signature").SelectMany(file => file.Cases)];

    // One key of a kind, from the vectors.
    private static readonly Dictionary<string, (byte[] Private, byte[] Public)> Keys = new()
    {
        ["rsa"] = KeyOf("rsa-sha1"),
        ["P-256"] = KeyOf("ecdsa-sha256"),
        ["P-384"] = KeyOf("ecdsa-384"),
        ["P-521"] = KeyOf("ecdsa-521"),
        ["ed25519"] = KeyOf("ed25519"),
        ["ed448"] = KeyOf("ed448"),
    };

    private static ImmutableArray<SignatureScheme> Schemes() => SignatureSchemes.All;

    private static IEnumerable<SignatureScheme> DigitalSchemes() => Schemes().Where(scheme => scheme.AuthenticationMethod == 14);

    private static IEnumerable<TestCaseData> Vectors() =>
        from vector in SignatureVectors
        from provider in Enum.GetValues<CryptoProvider>()
        select new TestCaseData(vector, provider).SetArgDisplayNames(vector.Name, provider.ToString());

    private static IEnumerable<SignatureVector> Reproducible() => SignatureVectors.Where(vector => vector.PrivateKey.Length > 0);

    private static IEnumerable<AlgorithmIdentifierVector> Identifiers() =>
        VectorFolder.Read<AlgorithmIdentifierVectorFile>("ike-algorithm-identifier").SelectMany(file => file.Cases);

    [Honours("RFC7296-3.8-01")]
    [TestCaseSource(nameof(Vectors))]
    public void KnownSignature_Verifies(SignatureVector vector, CryptoProvider provider)
    {
        var error = Verify(Named(vector), Bytes(vector.PublicKey), Bytes(vector.Octets), Bytes(vector.AuthenticationData), out var scheme, provider);

        Assert.That(error, Is.EqualTo(SignatureError.None), vector.Source);
        Assert.That(scheme!.Name, Is.EqualTo(vector.Scheme));
    }

    // RFC 6979, RFC 8032 and PKCS#1 v1.5 leave nothing to chance.
    [TestCaseSource(nameof(Reproducible))]
    public void KnownKeyAndOctets_GiveTheKnownSignature(SignatureVector vector)
    {
        Assert.That(
            SignatureAuthentication.TrySign(Named(vector), Bytes(vector.PrivateKey), Bytes(vector.Octets), [], out var data, out _), Is.True);
        Assert.That(Convert.ToHexStringLower(data!), Is.EqualTo(vector.AuthenticationData), vector.Source);
    }

    [TestCaseSource(nameof(Identifiers))]
    public void PrintedAlgorithmIdentifier_IsTheOneThatIsSent(AlgorithmIdentifierVector vector) => Assert.That(
        Convert.ToHexStringLower(SignatureSchemes.Named(vector.Scheme).AlgorithmIdentifiers[0].AsSpan()),
        Is.EqualTo(vector.Identifier),
        vector.Source);

    [TestCaseSource(nameof(Schemes))]
    public void Signature_VerifiesInBothLibrariesForItsOctetsOnly(SignatureScheme scheme)
    {
        var (_, publicKey) = KeyFor(scheme);
        var data = Sign(scheme);
        byte[] others = [.. Octets, 0];

        Assert.That(Verify(scheme, publicKey, Octets, data, out var found), Is.EqualTo(SignatureError.None));
        Assert.That(found, Is.EqualTo(scheme));
        Assert.That(Verify(scheme, publicKey, Octets, data, out _, CryptoProvider.BouncyCastle), Is.EqualTo(SignatureError.None));
        Assert.That(Verify(scheme, publicKey, others, data, out _), Is.EqualTo(SignatureError.WrongSignature));
        Assert.That(Verify(scheme, publicKey, others, data, out _, CryptoProvider.BouncyCastle), Is.EqualTo(SignatureError.WrongSignature));
    }

    [TestCaseSource(nameof(Schemes))]
    public void FlippedBitOfTheData_DoesNotVerify(SignatureScheme scheme)
    {
        var (_, publicKey) = KeyFor(scheme);
        var data = Sign(scheme);
        var step = Math.Max(1, 8 * data.Length / 200);
        var flipped = Enumerable.Range(0, 8 * data.Length / step).Select(n => Draw.WithFlippedBit(data, n * step));

        Assert.That(
            flipped.Select(forged => Verify(scheme, publicKey, Octets, forged, out _)), Has.None.EqualTo(SignatureError.None));
    }

    [TestCaseSource(nameof(Schemes))]
    public void KeyOfAnotherKind_DoesNotFit(SignatureScheme scheme)
    {
        var other = scheme.Kind == SignatureKind.Ed25519 ? Keys["ed448"] : Keys["ed25519"];

        Assert.That(Verify(scheme, other.Public, Octets, Sign(scheme), out _), Is.EqualTo(SignatureError.KeyDoesNotFit));
        Assert.That(SignatureAuthentication.TrySign(scheme, other.Private, Octets, [], out _, out var error), Is.False);
        Assert.That(error, Is.EqualTo(SignatureError.KeyDoesNotFit));
    }

    // Signatures that some key or any key would verify without anybody having signed.
    [Honours("RFC7296-2.15-17")]
    [TestCase("rsa-sha1", "rsa")]
    [TestCase("rsa-sha256", "rsa")]
    [TestCase("ecdsa-256", "P-256")]
    public void DegenerateSignature_DoesNotVerify(string name, string key)
    {
        var scheme = SignatureSchemes.Named(name);
        var half = scheme.Kind == SignatureKind.Ecdsa ? 32 : Sign(scheme).Length;
        byte[] zero = new byte[half], one = [.. new byte[half - 1], 1], most = [.. Enumerable.Repeat((byte)0xff, half)];
        var good = Sign(scheme);
        byte[][] forged = scheme.Kind == SignatureKind.Ecdsa
            ? [[.. zero, .. zero], [.. zero, .. one], [.. one, .. zero], [.. good[..half], .. zero], [.. zero, .. good[half..]], [.. most, .. most], [.. one, .. one]]
            : [zero, one, most, [.. zero[..^1], 2], []];

        Assert.That(Verify(scheme, Keys[key].Public, Octets, good, out _), Is.EqualTo(SignatureError.None));
        Assert.That(forged.Select(data => Verify(scheme, Keys[key].Public, Octets, data, out _)), Has.None.EqualTo(SignatureError.None));
    }

    // RFC 4754 §3: the method names the curve.
    [Test]
    public void KeyOfAnotherCurve_DoesNotFitMethods9To11()
    {
        var scheme = SignatureSchemes.Ecdsa256;

        Assert.That(Verify(scheme, Keys["P-384"].Public, Octets, Sign(scheme), out _), Is.EqualTo(SignatureError.KeyDoesNotFit));
        Assert.That(SignatureAuthentication.TrySign(scheme, Keys["P-384"].Private, Octets, [], out _, out _), Is.False);
    }

    [TestCaseSource(nameof(Schemes))]
    public void BytesThatAreNoKey_AreAnError(SignatureScheme scheme)
    {
        Assert.That(Verify(scheme, [1, 2, 3], Octets, Sign(scheme), out _), Is.EqualTo(SignatureError.UnreadableKey));
        Assert.That(SignatureAuthentication.TrySign(scheme, [1, 2, 3], Octets, [], out _, out var error), Is.False);
        Assert.That(error, Is.EqualTo(SignatureError.UnreadableKey));
    }

    [Test]
    public void SaltOfAnotherLength_IsAnError()
    {
        var scheme = SignatureSchemes.Named("rsassa-pss-sha256");

        Assert.That(SignatureAuthentication.TrySign(scheme, Keys["rsa"].Private, Octets, new byte[31], out _, out var error), Is.False);
        Assert.That(error, Is.EqualTo(SignatureError.UnsuitableRandomness));
    }

    // RFC 7427 §3: the length octet, then the AlgorithmIdentifier, then the signature.
    [Test]
    public void LengthOctetThatDoesNotFit_IsMalformed()
    {
        var scheme = SignatureSchemes.Named("ed25519");
        var (_, publicKey) = KeyFor(scheme);
        var data = Sign(scheme);

        Assert.That(Verify(scheme, publicKey, Octets, [], out _), Is.EqualTo(SignatureError.Malformed));
        Assert.That(Verify(scheme, publicKey, Octets, [0, .. data[1..]], out _), Is.EqualTo(SignatureError.Malformed));
        Assert.That(Verify(scheme, publicKey, Octets, [(byte)data.Length, .. data[1..]], out _), Is.EqualTo(SignatureError.Malformed));
        Assert.That(Verify(scheme, publicKey, Octets, [(byte)(data[0] + 1), .. data[1..]], out _), Is.EqualTo(SignatureError.UnknownAlgorithm));
    }

    // RFC 7427 §3: a receiver takes NULL parameters and none.
    [TestCase("rsassa-pkcs1-sha256")]
    [TestCase("ecdsa-sha256")]
    public void OtherFormOfTheParameters_IsUnderstood(string name)
    {
        var scheme = SignatureSchemes.Named(name);
        var (_, publicKey) = KeyFor(scheme);
        var data = Sign(scheme);
        var other = scheme.AlgorithmIdentifiers[1];

        Assert.That(
            Verify(scheme, publicKey, Octets, [(byte)other.Length, .. other, .. data[(1 + data[0])..]], out var found),
            Is.EqualTo(SignatureError.None));
        Assert.That(found, Is.EqualTo(scheme));
    }

    [Test]
    public void HashesWithoutNullInRsaPssParameters_AreUnderstood()
    {
        var scheme = SignatureSchemes.Named("rsassa-pss-sha256");
        var data = Sign(scheme);
        var identifier = Bytes("303d06092a864886f70d01010a3030a00d300b0609608648016503040201a11a301806092a864886f70d010108300b0609608648016503040201a203020120");

        Assert.That(
            Verify(scheme, Keys["rsa"].Public, Octets, [(byte)identifier.Length, .. identifier, .. data[(1 + data[0])..]], out var found),
            Is.EqualTo(SignatureError.None));
        Assert.That(found, Is.EqualTo(scheme));
    }

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(12)]
    [TestCase(255)]
    public void UnknownMethod_IsAnUnknownAlgorithm(byte method) => Assert.That(
        SignatureAuthentication.Verify(method, Keys["rsa"].Public, Octets, Octets, out _), Is.EqualTo(SignatureError.UnknownAlgorithm));

    [TestCaseSource(nameof(DigitalSchemes))]
    public void RandomBytes_NeverVerifyAndNeverThrow(SignatureScheme scheme) => Draw.Check(30, seed =>
    {
        var random = Draw.Bytes(seed, 1, Draw.Number(seed, 2, 120));
        byte[] withIdentifier = [(byte)scheme.AlgorithmIdentifiers[0].Length, .. scheme.AlgorithmIdentifiers[0], .. random];
        return Verify(scheme, KeyFor(scheme).Public, Octets, random, out _) != SignatureError.None
            && Verify(scheme, KeyFor(scheme).Public, Octets, withIdentifier, out _) != SignatureError.None
            && Verify(scheme, random, Octets, withIdentifier, out _) != SignatureError.None;
    });

    // RFC 7296 §2.15, written out.
    [Honours("RFC7296-2.15-10")]
    [Test]
    public void SharedKeyAuthentication_FollowsItsFormula()
    {
        var (message, nonce, identification) = (Draw.Bytes(2, 1, 400), Draw.Bytes(2, 2, 32), Draw.Bytes(2, 3, 12));
        var (key, secret) = (new IkeSecret(Draw.Bytes(2, 4, 32)), new IkeSecret("foobar"u8));
        var prf = HmacPrf.Sha256;
        var octets = SharedKeyAuthentication.SignedOctets(prf, message, nonce, identification, key, [7, 7]);

        Assert.That(octets, Is.EqualTo((byte[])[.. message, .. nonce, .. prf.Compute(key.Span, identification), 7, 7]));
        Assert.That(
            SharedKeyAuthentication.Compute(prf, secret, octets),
            Is.EqualTo(prf.Compute(prf.Compute("foobar"u8, "Key Pad for IKEv2"u8), octets)));
    }

    // RFC 9242 §3.3.2.
    [Test]
    public void IntermediateAuthentication_CoversHeadersWithTheLengthsOfThePlaintext()
    {
        byte[] header = [.. Draw.Bytes(3, 1, 24), 0, 0, 0x30, 0x39, 41, 0, 0x12, 0x34];
        var adjusted = IntermediateAuthentication.AdjustedHeaders(header, 1000);

        Assert.That(adjusted, Is.EqualTo((byte[])[.. header.AsSpan(0, 24), 0, 0, 0x04, 0x08, 41, 0, 0x03, 0xec]));
        Assert.That(
            IntermediateAuthentication.Step(HmacPrf.Sha1, new IkeSecret([1]), [2], [3], [4]), Is.EqualTo(HmacPrf.Sha1.Compute([1], [2, 3, 4])));
        Assert.That(IntermediateAuthentication.Join([1, 2], [3, 4], 0x05060708), Is.EqualTo((byte[])[1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.That(() => IntermediateAuthentication.AdjustedHeaders(header.AsSpan(0, 31), 1), Throws.ArgumentException);
    }

    [Test]
    public void EveryScheme_IsNamedOnceAndHasKnownAnswersOrAnIdentifier()
    {
        Assert.That(Schemes().Select(scheme => scheme.Name), Is.Unique);
        Assert.That(
            SignatureVectors.Select(vector => vector.Scheme).Concat(Identifiers().Select(vector => vector.Scheme)).Distinct(),
            Is.EquivalentTo(Schemes().Select(scheme => scheme.Name)));
    }

    private static SignatureScheme Named(SignatureVector vector) => SignatureSchemes.Named(vector.Scheme);

    private static (byte[] Private, byte[] Public) KeyFor(SignatureScheme scheme) => scheme.Kind switch
    {
        SignatureKind.Ecdsa => Keys[scheme.AuthenticationMethod switch { 10 => "P-384", 11 => "P-521", _ => "P-256" }],
        SignatureKind.Ed25519 => Keys["ed25519"],
        SignatureKind.Ed448 => Keys["ed448"],
        _ => Keys["rsa"],
    };

    private static byte[] Sign(SignatureScheme scheme)
    {
        Assert.That(
            SignatureAuthentication.TrySign(
                scheme, KeyFor(scheme).Private, Octets, Draw.Bytes(4, 4, scheme.SaltBytes), out var data, out var error),
            Is.True,
            error.ToString());
        return data!;
    }

    private static SignatureError Verify(
        SignatureScheme scheme,
        byte[] publicKey,
        byte[] octets,
        byte[] data,
        out SignatureScheme? found,
        CryptoProvider provider = CryptoProvider.Preferred) =>
        SignatureAuthentication.Verify(scheme.AuthenticationMethod, publicKey, octets, data, out found, provider);

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    private static (byte[] Private, byte[] Public) KeyOf(string scheme)
    {
        var vector = SignatureVectors.First(vector => vector.Scheme == scheme && vector.PrivateKey.Length > 0);
        return (Bytes(vector.PrivateKey), Bytes(vector.PublicKey));
    }
}
