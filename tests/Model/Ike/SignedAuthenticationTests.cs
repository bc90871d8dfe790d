using System.Security.Cryptography;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>IKE_AUTH by signatures, certificates and without a proof, with real keys. RFC 7296 §2.15, RFC 7427, RFC 7619.</summary>
public class SignedAuthenticationTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TestKey SignerKey = TestKey.P256(11);
    private static readonly TestCertificate Root = new("CN=root", TestKey.P256(12), Now.AddYears(-1), Now.AddYears(5)) { IsAuthority = true };
    private static readonly TestCertificate Between = new("CN=between", TestKey.P256(13), Now.AddYears(-1), Now.AddYears(5)) { IsAuthority = true, Issuer = Root };

    private static readonly SignatureHash[] AllHashes =
        [SignatureHash.Sha1, SignatureHash.Sha2x256, SignatureHash.Sha2x384, SignatureHash.Sha2x512, SignatureHash.Identity];

    [Honours("RFC7296-3.8-02")]
    [TestCase("rsa-sha1", 1)]
    [TestCase("rsa-sha256", 1)]
    [TestCase("ecdsa-256", 9)]
    [TestCase("ecdsa-384", 10)]
    [TestCase("ecdsa-521", 11)]
    [TestCase("rsassa-pkcs1-sha256", 14)]
    [TestCase("rsassa-pss-sha256", 14)]
    [TestCase("ecdsa-sha256", 14)]
    [TestCase("ecdsa-sha512", 14)]
    [TestCase("ed25519", 14)]
    [TestCase("ed448", 14)]
    public void SignatureOfEachScheme_ProvesTheInitiator(string scheme, int method)
    {
        TamperedConversation played = TamperedConversation.Play(Signing(Key(scheme)), Trusting(new Trust.PublicKey(Key(scheme).PublicKey), AllHashes));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.Some.Contains($"AUTH({Iana.NameOf((AuthenticationMethod)method)},"));
    }

    [Honours("RFC7296-2.15-09")]
    [Test]
    public void EachSide_UsesItsOwnMethod()
    {
        TestKey other = TestKey.Ed25519(14);
        IkeConfiguration first = Signing(SignerKey) with { Trust = new Trust.PublicKey(other.PublicKey), SignatureHashes = [SignatureHash.Identity] };
        IkeConfiguration second = Trusting(new Trust.PublicKey(SignerKey.PublicKey), SignatureHash.Sha2x256);
        second = second with { Credentials = new Credentials.Signature(new IkeSecret(other.PrivateKey.Span), [other.Scheme], []) };
        Assert.That(TamperedConversation.Play(first, second).IsUp);
    }

    [Honours("RFC7296-1.2-13")]
    [Test]
    public void FlippedSignature_IsRefused()
    {
        IkeConfiguration second = Trusting(new Trust.PublicKey(SignerKey.PublicKey), SignatureHash.Sha2x256);
        Assert.That(TamperedConversation.Play(Signing(SignerKey), second).IsUp, "baseline");
        AssertRefused(TamperedConversation.Play(Signing(SignerKey), second, change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.DigitalSignature } a
            ? a with { Data = Flipped(a.Data) }
            : p));
    }

    [Test]
    public void SignatureUnderAnotherKey_IsRefused()
    {
        AssertRefused(TamperedConversation.Play(Signing(TestKey.P256(15)), Trusting(new Trust.PublicKey(SignerKey.PublicKey), SignatureHash.Sha2x256)));
        Assert.That(TamperedConversation.Play(Signing(SignerKey), Trusting(new Trust.PublicKey(SignerKey.PublicKey), SignatureHash.Sha2x256)).IsUp, "baseline");
    }

    [Test]
    public void WrongIdentity_IsRefused()
    {
        IkeConfiguration second = Trusting(new Trust.PublicKey(SignerKey.PublicKey), SignatureHash.Sha2x256);
        Assert.That(TamperedConversation.Play(Signing(SignerKey), second).IsUp, "baseline");
        AssertRefused(TamperedConversation.Play(Signing(SignerKey) with { OwnIdentity = Identity.Fqdn("third.example") }, second));
    }

    [Test]
    public void HashThatWasNotOffered_IsNotUsed()
    {
        Trust trust = new Trust.PublicKey(SignerKey.PublicKey);
        Assert.That(TamperedConversation.Play(Signing(SignerKey), Trusting(trust, SignatureHash.Sha2x256)).IsUp, "baseline");
        TamperedConversation played = TamperedConversation.Play(Signing(SignerKey), Trusting(trust, SignatureHash.Sha2x512));
        Assert.That(played.IsUp, Is.False);
        Assert.That(played.Notations, Has.None.Contains("IKE_AUTH"));
    }

    [Test]
    public void HashThatWasNotOffered_IsNotTaken()
    {
        // The responder offers the hash in IKE_SA_INIT and has changed its mind when IKE_AUTH comes: all else is right.
        IkeConfiguration second = Trusting(new Trust.PublicKey(SignerKey.PublicKey), SignatureHash.Sha2x256);
        Assert.That(TamperedConversation.Play(Signing(SignerKey), second, secondLater: second).IsUp, "baseline");
        AssertRefused(TamperedConversation.Play(Signing(SignerKey), second, secondLater: second with { SignatureHashes = [SignatureHash.Sha2x512] }));
    }

    [Test]
    public void SchemeThatTheOtherSideVerifies_IsPreferred()
    {
        IkeConfiguration first = Signing(SignerKey, "ecdsa-sha512", "ecdsa-sha256", "ecdsa-256");
        Trust trust = new Trust.PublicKey(SignerKey.PublicKey);
        Assert.That(TamperedConversation.Play(first, Trusting(trust, SignatureHash.Sha2x256)).Notations, Has.Some.Contains(Iana.NameOf(AuthenticationMethod.DigitalSignature)));
        Assert.That(TamperedConversation.Play(first, Trusting(trust)).Notations, Has.Some.Contains(Iana.NameOf(AuthenticationMethod.EcdsaP256)));
    }

    [Honours("RFC7296-1.2-07", "RFC7296-3.6-01", "RFC7296-3.6-02", "RFC7296-2.15-08")]
    [Test]
    public void CertificateOfATrustedAuthority_ProvesTheIdentity()
    {
        TamperedConversation played = Certified(Leaf("first.example", Now.AddYears(1)), Now);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations, Has.Some.Contains("CERT(").And.Some.Contains("CERTREQ("));
    }

    [Honours("RFC7296-3.6-04", "RFC7296-3.6-05", "RFC7296-3.6-06", "RFC7296-3.6-08", "RFC7296-3.7-08")]
    [TestCase("http://first.example/leaf", true, true, true, TestName = "CertificateThatIsFetched_ProvesTheIdentity")]
    [TestCase("http://first.example/leaf", false, false, true, TestName = "CertificateForWhoFetchesNothing_GoesAlong")]
    [TestCase("http://first.example/other", true, true, false, TestName = "FetchedObjectWithAnotherHash_IsNotUsed")]
    [TestCase("ftp://first.example/leaf", true, true, false, TestName = "CertificateAtAnotherUrlThanHttp_IsNotFetched")]
    public void HashAndUrl(string url, bool fetches, bool isByUrl, bool isUp)
    {
        ByteString leaf = Leaf("first.example", Now.AddYears(1)).ToDer();
        Trust.Authorities trust = new([Root.ToDer()], Now)
        {
            Fetched = fetches ? [new FetchedObject("http://first.example/leaf", leaf), new FetchedObject("ftp://first.example/leaf", leaf), new FetchedObject("http://first.example/other", Between.ToDer())] : null,
        };
        IkeConfiguration first = Signing(SignerKey);
        first = first with { Credentials = (Credentials.Signature)first.Credentials with { Certificates = [leaf, Between.ToDer()], Locations = [url] } };
        TamperedConversation played = TamperedConversation.Play(first, Trusting(trust, SignatureHash.Sha2x256));
        Assert.That(played.IsUp, Is.EqualTo(isUp), string.Join('\n', played.Reports));
        Assert.That(played.Notations.Any(n => n.Contains("CERT(Hash and URL of X.509 certificate", StringComparison.Ordinal)), Is.EqualTo(isByUrl));
    }

    [Honours("RFC7296-3.6-11")]
    [Test]
    public void CertificateOfUnknownEncoding_IsPassedOver()
    {
        IkeConfiguration first = Signing(SignerKey);
        first = first with { Credentials = (Credentials.Signature)first.Credentials with { Certificates = [Leaf("first.example", Now.AddYears(1)).ToDer(), Between.ToDer()] } };
        IkePayload strange = new IkePayload.Certificate((CertificateEncoding)77, ByteString.Adopt([1, 2, 3]));
        Assert.That(TamperedConversation.Play(first, Trusting(new Trust.Authorities([Root.ToDer()], Now), SignatureHash.Sha2x256), change: p => p, extra: strange).IsUp);
    }

    [Test]
    public void ExpiredCertificate_IsRefused()
    {
        Assert.That(Certified(Leaf("first.example", Now.AddYears(1)), Now).IsUp, "baseline");
        AssertRefused(Certified(Leaf("first.example", Now.AddYears(1)), Now.AddYears(2)));
    }

    [Test]
    public void CertificateOfAnotherName_IsRefused()
    {
        Assert.That(Certified(Leaf("first.example", Now.AddYears(1)), Now).IsUp, "baseline");
        AssertRefused(Certified(Leaf("third.example", Now.AddYears(1)), Now));
    }

    [Test]
    public void CertificateOfAnUnknownAuthority_IsRefused()
    {
        TestCertificate stranger = new("CN=root", TestKey.P256(16), Now.AddYears(-1), Now.AddYears(5)) { IsAuthority = true };
        Assert.That(Certified(Leaf("first.example", Now.AddYears(1)), Now).IsUp, "baseline");
        AssertRefused(Certified(Leaf("first.example", Now.AddYears(1)) with { Issuer = stranger }, Now));
    }

    [Test]
    public void NullAuthentication_IsTakenWhereNoProofIsAsked()
    {
        IkeConfiguration first = First with { Credentials = new Credentials.Null(), Trust = Trust.CounterpartOf(Second.Credentials), OwnIdentity = Identity.Null };
        TamperedConversation played = TamperedConversation.Play(first, Trusting(new Trust.Anyone()));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        AssertRefused(TamperedConversation.Play(first with { OwnIdentity = First.OwnIdentity }, Second));
        AssertRefused(TamperedConversation.Play(first, Trusting(new Trust.Anyone()), change: p => p is IkePayload.Authentication { Method: AuthenticationMethod.Null } a
            ? a with { Data = Flipped(a.Data) }
            : p));
    }

    private static IkeConfiguration First => ExplorationPair.Configuration("first", "second", 1, 2, 0);

    private static IkeConfiguration Second => ExplorationPair.Configuration("second", "first", 2, 1, 0);

    private static IkeConfiguration Signing(TestKey key, params string[] schemes) => First with
    {
        Credentials = new Credentials.Signature(
            new IkeSecret(key.PrivateKey.Span), schemes.Length == 0 ? [key.Scheme] : new([.. schemes.Select(SignatureSchemes.Named)]), []),
        Trust = Trust.CounterpartOf(Second.Credentials),
    };

    private static IkeConfiguration Trusting(Trust trust, params SignatureHash[] hashes) => Second with { Trust = trust, SignatureHashes = new([.. hashes]) };

    private static TestCertificate Leaf(string name, DateTimeOffset end) => new("CN=leaf", SignerKey, Now.AddYears(-1), end) { Issuer = Between, DnsNames = [name] };

    private static TamperedConversation Certified(TestCertificate leaf, DateTimeOffset time)
    {
        IkeConfiguration first = Signing(SignerKey);
        first = first with { Credentials = (Credentials.Signature)first.Credentials with { Certificates = [leaf.ToDer(), Between.ToDer()] } };
        return TamperedConversation.Play(first, Trusting(new Trust.Authorities([Root.ToDer()], time), SignatureHash.Sha2x256));
    }

    private static TestKey Key(string scheme)
    {
        SignatureScheme wanted = SignatureSchemes.Named(scheme);
        return wanted switch
        {
            { Kind: SignatureKind.Ed25519 } => TestKey.Ed25519(17),
            { Kind: SignatureKind.Ed448 } => TestKey.Ed448(18),
            { Kind: SignatureKind.Ecdsa } => OnCurve(wanted),
            _ => RsaKey with { Scheme = wanted },
        };
    }

    private static readonly TestKey RsaKey = MakeRsa();

    private static TestKey MakeRsa()
    {
        using RSA rsa = RSA.Create(2048);
        return new TestKey(SignatureSchemes.RsaSha256, ByteString.Adopt(rsa.ExportPkcs8PrivateKey()), ByteString.Adopt(rsa.ExportSubjectPublicKeyInfo()));
    }

    private static TestKey OnCurve(SignatureScheme scheme) => Keys.GetOrAdd(scheme.Name, _ =>
    {
        ECCurve curve = scheme.Name switch
        {
            "ecdsa-384" => ECCurve.NamedCurves.nistP384,
            "ecdsa-521" => ECCurve.NamedCurves.nistP521,
            _ => ECCurve.NamedCurves.nistP256,
        };
        using ECDsa key = ECDsa.Create(curve);
        return new TestKey(scheme, ByteString.Adopt(key.ExportPkcs8PrivateKey()), ByteString.Adopt(key.ExportSubjectPublicKeyInfo()));
    });

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, TestKey> Keys = new();

    private static ByteString Flipped(ByteString data)
    {
        byte[] bytes = data.Span.ToArray();
        bytes[^1] ^= 1;
        return ByteString.Adopt(bytes);
    }

    private static void AssertRefused(TamperedConversation played)
    {
        Assert.That(played.IsUp, Is.False);
        Assert.That(played.Notations, Has.Some.Contains("AUTHENTICATION_FAILED"));
        Assert.That(played.First.Sas.Concat(played.Second.Sas).Where(s => s.Phase == IkeSaPhase.Established), Is.Empty);
    }
}
