using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Which certificates are sent, asked for and taken. RFC 7296 §3.6, §3.7, §4.</summary>
public class CertificateRuleTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TestKey SignerKey = TestKey.P256(31);
    private static readonly TestCertificate Root = Authority("CN=root", 32, null);
    private static readonly TestCertificate Third = Authority("CN=third", 33, Root);
    private static readonly TestCertificate Second = Authority("CN=second", 34, Third);
    private static readonly TestCertificate First = Authority("CN=first", 35, Second);
    private static readonly TestCertificate Leaf = new("CN=leaf", SignerKey, Now.AddYears(-1), Now.AddYears(1)) { Issuer = First, DnsNames = ["first.example"] };

    [Honours("RFC7296-3.6-03", "RFC7296-3.6-07", "RFC7296-3.7-05")]
    [TestCase("1,2,3")]
    [TestCase("3,1,2")]
    [TestCase("2,3,1")]
    public void FourCertificates_AreSentAndTakenInAnyOrderBehindTheFirst(string order)
    {
        TestCertificate[] others = [.. order.Split(',').Select(n => new[] { First, Second, Third }[n[0] - '1'])];
        TamperedConversation played = Play([Leaf, .. others], [Root]);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations.Single(n => n.StartsWith("IKE_AUTH request", StringComparison.Ordinal)).Split("CERT("), Has.Length.EqualTo(5));
    }

    [Honours("RFC7296-1.2-08")]
    [Test]
    public void KeyThatIsNotInTheFirstCertificate_DoesNotProveTheIdentity()
    {
        Assert.That(Play([Leaf, First, Second, Third], [Root]).IsUp, "baseline");
        AssertRefused(Play([First, Leaf, Second, Third], [Root]));
    }

    [Honours("RFC7296-2-03")]
    [Test]
    public void CertificatesThatTheOtherSideHas_MayBeLeftOut()
    {
        AssertRefused(Play([Leaf], [Root]));
        Assert.That(Play([Leaf], [Root, Third, Second, First]).IsUp);
    }

    [Honours("RFC7296-3.7-01", "RFC7296-3.7-02", "RFC7296-3.7-04")]
    [Test]
    public void CertificateRequest_NamesTheKeysOfTheAuthorities_WhereACertificateIsWanted()
    {
        IkePayload[] asked = Requests([Root, First]);
        byte[] due = [.. SHA1.HashData(Root.Key.PublicKey.Span), .. SHA1.HashData(First.Key.PublicKey.Span)];
        Assert.That(asked, Is.EqualTo(new[] { new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, ByteString.Adopt(due)) }));
        Assert.That(Requests([]), Is.Empty, "a secret is no certificate");
    }

    [Honours("RFC7296-3.7-06")]
    [Test]
    public void RequestForACertificateOfAnotherAuthority_IsNoObstacle()
    {
        // The first side shows what it has, and the second one, asked for a certificate, has none to show.
        IkeConfiguration first = Side([Leaf, First, Second, Third]);
        IkePayload strange = new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, ByteString.Adopt([.. Enumerable.Repeat((byte)7, 20)]));
        Assert.That(TamperedConversation.Play(first, Trusting([Root]), change: p => p, extra: strange).IsUp);
    }

    // The key of the first side itself: no matter, for nobody was told to take it so.
    [Honours("RFC7296-3.6-09")]
    [Test]
    public void RawRsaKey_IsNotTaken()
    {
        using RSA rsa = RSA.Create(2048);
        TestKey key = Key(rsa);
        TestCertificate own = new("CN=leaf", key, Now.AddYears(-1), Now.AddYears(1)) { Issuer = Root, DnsNames = ["first.example"] };
        Assert.That(TamperedConversation.Play(Side([own], key), Trusting([Root])).IsUp, "baseline: the same key in a certificate");
        ByteString raw = ByteString.Adopt(rsa.ExportRSAPublicKey());
        AssertRefused(TamperedConversation.Play(
            Side([own], key), Trusting([Root]), change: p => p is IkePayload.Certificate ? new IkePayload.Certificate(CertificateEncoding.RawRsaKey, raw) : p));
    }

    [Honours("RFC7670-3-01")]
    [TestCase(31, true, TestName = "RawPublicKeyThatIsKnown_ProvesTheIdentity")]
    [TestCase(36, false, TestName = "RawPublicKeyThatIsNotKnown_ProvesNothing")]
    public void RawKey(int seed, bool isUp)
    {
        TestKey key = TestKey.P256(seed);
        IkeConfiguration second = Trusting([Root]) with { Trust = new Trust.PublicKey(SignerKey.PublicKey) };
        IkePayload shown = new IkePayload.Certificate(CertificateEncoding.RawPublicKey, key.PublicKey);
        Assert.That(TamperedConversation.Play(Side([], key), second, change: p => p, extra: shown).IsUp, Is.EqualTo(isUp));
    }

    private static IEnumerable<Identity> Names =>
    [
        Identity.KeyId(ByteString.Adopt([1, 2, 3])), Identity.Fqdn("first.example"), Identity.Mail("first@example"),
        new(IdentityType.DerDistinguishedName, ByteString.Adopt(new X500DistinguishedName("CN=leaf").RawData)),
    ];

    // No certificate names a key identifier: the owner says which name goes with it.
    [Honours("RFC7296-4-09")]
    [Test]
    public void RsaCertificate_ProvesEachKindOfIdentity([ValueSource(nameof(Names))] Identity name, [Values(1024, 2048)] int bits)
    {
        using RSA rsa = RSA.Create(bits);
        using RSA signer = RSA.Create(bits);
        TestCertificate authority = new("CN=authority", Key(signer), Now.AddYears(-1), Now.AddYears(1)) { IsAuthority = true };
        TestCertificate own = new("CN=leaf", Key(rsa), Now.AddYears(-1), Now.AddYears(1)) { Issuer = authority, DnsNames = ["first.example"], MailAddresses = ["first@example"] };
        Trust.Authorities trust = new([authority.ToDer()], Now) { CertifiedName = name.Type == IdentityType.KeyId ? Identity.Fqdn("first.example") : null };
        IkeConfiguration second = Trusting([authority]) with { PeerIdentity = name, Trust = trust };
        TamperedConversation played = TamperedConversation.Play(Side([own], Key(rsa)) with { OwnIdentity = name }, second);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        AssertRefused(TamperedConversation.Play(Side([own], Key(rsa)) with { OwnIdentity = name }, second with { Trust = trust with { CertifiedName = Identity.Fqdn("other.example") } }));
    }

    private static TestCertificate Authority(string name, int seed, TestCertificate? issuer) =>
        new(name, TestKey.P256(seed), Now.AddYears(-1), Now.AddYears(5)) { IsAuthority = true, Issuer = issuer };

    private static TestKey Key(RSA rsa) => new(SignatureSchemes.Named("rsassa-pkcs1-sha256"), ByteString.Adopt(rsa.ExportPkcs8PrivateKey()), ByteString.Adopt(rsa.ExportSubjectPublicKeyInfo()));

    private static TamperedConversation Play(TestCertificate[] sent, TestCertificate[] anchors) => TamperedConversation.Play(Side(sent), Trusting(anchors));

    private static IkeConfiguration Side(TestCertificate[] sent, TestKey? key = null)
    {
        IkeConfiguration plain = ExplorationPair.Configuration("first", "second", 1, 2, 0);
        TestKey signer = key ?? SignerKey;
        return plain with
        {
            Credentials = new Credentials.Signature(new IkeSecret(signer.PrivateKey.Span), [signer.Scheme], new([.. sent.Select(c => c.ToDer())])),
            Trust = Trust.CounterpartOf(plain.Credentials),
        };
    }

    private static IkeConfiguration Trusting(TestCertificate[] anchors)
    {
        IkeConfiguration plain = ExplorationPair.Configuration("second", "first", 2, 1, 0);
        return plain with
        {
            Trust = anchors.Length == 0 ? Trust.CounterpartOf(plain.Credentials) : new Trust.Authorities(new([.. anchors.Select(a => a.ToDer())]), Now),
            SignatureHashes = [SignatureHash.Sha2x256],
        };
    }

    // The CERTREQ payloads of the second side's answer to IKE_SA_INIT.
    private static IkePayload[] Requests(TestCertificate[] anchors)
    {
        ManualPair pair = new((_, isFirst) => isFirst ? Side([]) : Trusting(anchors));
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        Assert.That(IkeMessage.TryParse(pair.Network[0].Send.Datagram, out IkeMessage? answer, out _));
        return [.. answer!.Payloads.OfType<IkePayload.CertificateRequest>()];
    }

    private static void AssertRefused(TamperedConversation played)
    {
        Assert.That(played.Notations, Has.Some.Contains("AUTHENTICATION_FAILED"));
        Assert.That(played.First.Sas.Concat(played.Second.Sas).Where(s => s.Phase == IkeSaPhase.Established), Is.Empty);
    }
}
