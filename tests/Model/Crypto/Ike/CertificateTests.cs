using System.Text;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Crypto.Ike.Certificates;
using NUnit.Framework;

namespace Conformance.Tests.Model.Crypto.Ike;

public class CertificateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Middle = Start.AddMonths(6);
    private static readonly DateTimeOffset End = Start.AddYears(1);

    private static readonly TestCertificate Root = new("CN=root", TestKey.P256(1), Start, End) { IsAuthority = true };

    private static readonly TestCertificate Between = new("CN=between", TestKey.P256(2), Start, End) { Issuer = Root, IsAuthority = true };

    private static readonly TestCertificate Leaf = new("CN=gateway,O=Example", TestKey.P256(3), Start, Start.AddMonths(9))
    {
        Issuer = Between,
        DnsNames = ["gateway.example"],
        MailAddresses = ["admin@example"],
        Addresses = ["192.0.2.1", "2001:db8::1"],
    };

    private static IEnumerable<TestKey> Keys() => [TestKey.P256(4), TestKey.Ed25519(5), TestKey.Ed448(6)];

    [Test]
    public void ChainToAnAnchor_IsAccepted()
    {
        Assert.That(Validate(Leaf, [Between], [Root], Middle), Is.EqualTo(CertificateError.None));
        Assert.That(Validate(Between, [], [Root], Middle), Is.EqualTo(CertificateError.None));
        Assert.That((Leaf with { }).ToDer(), Is.EqualTo(Leaf.ToDer()));
    }

    [Test]
    public void ChainThatEndsElsewhere_IsUntrusted()
    {
        var stranger = Root with { Key = TestKey.P256(9), Subject = "CN=stranger" };

        Assert.That(Validate(Leaf, [Between], [stranger], Middle), Is.EqualTo(CertificateError.Untrusted));
        Assert.That(Validate(Leaf, [], [Root], Middle), Is.EqualTo(CertificateError.Untrusted));
        Assert.That(Validate(Leaf, [Between, Root], [], Middle), Is.EqualTo(CertificateError.Untrusted));
    }

    [Test]
    public void CertificateOutsideItsTime_IsNotValid()
    {
        Assert.That(Validate(Leaf, [Between], [Root], Start.AddMonths(10)), Is.EqualTo(CertificateError.NotTimeValid));
        Assert.That(Validate(Leaf, [Between], [Root], Start.AddDays(-1)), Is.EqualTo(CertificateError.NotTimeValid));
    }

    [Test]
    public void SignatureOfAnotherKey_IsRefused()
    {
        var forged = Leaf with { Issuer = Between with { Key = TestKey.P256(7) } };

        Assert.That(
            Validate(forged, [Between], [Root], Middle), Is.AnyOf(CertificateError.WrongSignature, CertificateError.Untrusted));
    }

    [Test]
    public void IssuerThatIsNoAuthority_IsRefused()
    {
        var noAuthority = Between with { IsAuthority = false };

        Assert.That(
            Validate(Leaf with { Issuer = noAuthority }, [noAuthority], [Root], Middle),
            Is.AnyOf(CertificateError.ConstraintBroken, CertificateError.Untrusted));
    }

    [Test]
    public void BytesThatAreNoCertificate_AreUnreadable()
    {
        Assert.That(CertificateChain.Validate([1, 2, 3], [], [Root.ToDer().ToArray()], Middle), Is.EqualTo(CertificateError.Unreadable));
        Assert.That(CertificateChain.PublicKey([1, 2, 3]), Is.Null);
        Assert.That(CertificateChain.AuthorityHash([]), Is.Null);
        Assert.That(CertificateIdentity.Matches(2, "gateway.example"u8, [1, 2, 3]), Is.False);
    }

    [TestCaseSource(nameof(Keys))]
    public void SignatureUnderTheKeyOfACertificate_Verifies(TestKey key)
    {
        var certificate = new TestCertificate("CN=peer", key, Start, End);
        var publicKey = CertificateChain.PublicKey(certificate.ToDer().Span);
        var octets = Encoding.ASCII.GetBytes("octets");

        Assert.That(publicKey, Is.EqualTo(key.PublicKey.ToArray()));
        Assert.That(
            SignatureAuthentication.TrySign(key.Scheme, key.PrivateKey.Span, octets, [], out var data, out _), Is.True);
        Assert.That(SignatureAuthentication.Verify(14, publicKey, octets, data, out _), Is.EqualTo(SignatureError.None));
    }

    [TestCase((byte)2, "gateway.example", ExpectedResult = true)]
    [TestCase((byte)2, "GATEWAY.example", ExpectedResult = true)]
    [TestCase((byte)2, "other.example", ExpectedResult = false)]
    [TestCase((byte)2, "admin@example", ExpectedResult = false)]
    [TestCase((byte)3, "admin@example", ExpectedResult = true)]
    [TestCase((byte)3, "gateway.example", ExpectedResult = false)]
    [TestCase((byte)11, "gateway.example", ExpectedResult = false)]
    public bool TextIdentification_MatchesItsOwnKindOfName(byte type, string text) =>
        CertificateIdentity.Matches(type, Encoding.ASCII.GetBytes(text), Leaf.ToDer().Span);

    [TestCase((byte)1, "c0000201", ExpectedResult = true)]
    [TestCase((byte)1, "c0000202", ExpectedResult = false)]
    [TestCase((byte)5, "20010db8000000000000000000000001", ExpectedResult = true)]
    [TestCase((byte)5, "20010db8000000000000000000000002", ExpectedResult = false)]
    [TestCase((byte)5, "c0000201", ExpectedResult = false)]
    [TestCase((byte)10, "8704c0000201", ExpectedResult = true)]
    [TestCase((byte)10, "8704c0000202", ExpectedResult = false)]
    public bool BinaryIdentification_MatchesItsOwnKindOfName(byte type, string hex) =>
        CertificateIdentity.Matches(type, Convert.FromHexString(hex), Leaf.ToDer().Span);

    [Test]
    public void DistinguishedName_MatchesTheSubjectByteForByte()
    {
        var subject = new System.Security.Cryptography.X509Certificates.X500DistinguishedName(Leaf.Subject).RawData;
        var other = new System.Security.Cryptography.X509Certificates.X500DistinguishedName("CN=gateway").RawData;

        Assert.That(CertificateIdentity.Matches(9, subject, Leaf.ToDer().Span), Is.True);
        Assert.That(CertificateIdentity.Matches(9, other, Leaf.ToDer().Span), Is.False);
    }

    private static CertificateError Validate(TestCertificate leaf, TestCertificate[] others, TestCertificate[] anchors, DateTimeOffset time) =>
        CertificateChain.Validate(
            leaf.ToDer().Span, [.. others.Select(one => one.ToDer().ToArray())], [.. anchors.Select(one => one.ToDer().ToArray())], time);
}
