using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Crypto.Ike.Authentication;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Certificates and signatures: both sides sign, and what does not verify is refused. RFC 7296 §2.15, §3.6, §3.7, RFC 7427.</summary>
[Needs(Capabilities.IkeCertificates)]
public class CertificateTests : IkeTest
{
    private const string Ecdsa = "ecdsa-sha256";

    private static IEnumerable<string> Schemes => ["rsassa-pkcs1-sha256", "rsassa-pss-sha256", Ecdsa, "ed25519"];

    [Requirement("RFC7427-3-01", "RFC7427-3-02", "RFC7427-3-05", "RFC7427-4-02", "RFC7296-1.2-07", "RFC7296-3.6-02", "RFC7296-2.15-01")]
    [Needs(Capabilities.IkeResponder)]
    [TestCaseSource(nameof(Schemes))]
    public void TesterInitiates_BothSign(string scheme)
    {
        IkeSession session = Start(new IkeScenario().WithSignatures(scheme));
        session.Establish("RFC7427-3-01");
        RequireDigitalSignature(session);
        session.ExpectTraffic(session.Child);
    }

    [Requirement("RFC7427-3-01", "RFC7427-3-02", "RFC7427-3-05", "RFC7427-4-02", "RFC7296-1.2-07", "RFC7296-3.6-02", "RFC7296-3.7-02", "RFC7296-2.15-02")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCaseSource(nameof(Schemes))]
    public void TargetInitiates_BothSign(string scheme)
    {
        IkeSession session = Start(new IkeScenario().WithSignatures(scheme));
        session.Accept("RFC7427-3-01");
        RequireDigitalSignature(session);
        session.ExpectTraffic(session.Child);
    }

    [Requirement("RFC7296-1.2-13")]
    [Needs(Capabilities.IkeResponder)]
    [TestCaseSource(nameof(Schemes))]
    public void FlippedSignature_AuthenticationFailed(string scheme) =>
        RequireRefused(new IkeScenario().WithSignatures(scheme), data => ByteString.Adopt([.. data.Span[..^1], (byte)(data[^1] ^ 1)]), "RFC7296-1.2-13");

    [Requirement("RFC7296-1.2-13")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase(true)]
    [TestCase(false)]
    public void CertificateThatDoesNotProveTheIdentity_AuthenticationFailed(bool isOfAnotherName)
    {
        ValueList<SignatureScheme> schemes = [SignatureSchemes.Named(Ecdsa)];
        Credentials credentials = isOfAnotherName ? IkeCredentials.Certified(schemes, isTarget: false, "somebody.example") : IkeCredentials.Certified(schemes, isTarget: false, isStrange: true);
        RequireRefused(new IkeScenario().WithSignatures(Ecdsa).Also(null, c => c with { Credentials = credentials }), null, "RFC7296-1.2-13");
        RequireBaseline(Ecdsa);
    }

    [Requirement("RFC7427-3-03", "RFC7427-3-09", "RFC7427-3-10")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC7427-3-03", 0)]
    [TestCase("RFC7427-3-03", 1)]
    [TestCase("RFC7427-3-09", 0)]
    [TestCase("RFC7427-3-10", 0)]
    public void SignatureOfAnotherForm_AuthenticationFailed(string clause, int variant)
    {
        RequireRefused(new IkeScenario().WithSignatures(Ecdsa), data => clause switch
        {
            "RFC7427-3-03" => ByteString.Adopt([(byte)(variant == 0 ? data[0] - 1 : data[0] + 1), .. data.Span[1..]]),
            "RFC7427-3-09" => ByteString.Adopt([.. data.Span[..(1 + data[0])], .. Joined(data.Span[(1 + data[0])..])]),
            _ => Named(data, SignatureSchemes.Named("ecdsa-sha384")),
        }, clause);
        RequireBaseline(Ecdsa);
    }

    [Requirement("RFC7427-4-06")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void HashThatTheTargetDidNotList_AuthenticationFailed()
    {
        // Which hashes a daemon lists is its own affair: one of those that it leaves out is taken.
        IkeSession asked = Start(new IkeScenario().WithSignatures(Ecdsa));
        IkePayload.Notify? listed = asked.Answer(asked.InitialRequest(), "a first request").Notify(NotifyType.SignatureHashAlgorithms);
        string[] left = [.. new[] { "ecdsa-sha1", "ecdsa-sha512", "ecdsa-sha384" }.Where(s => listed is not null && !Lists(listed.Data, SignatureSchemes.Named(s).HashId))];
        if (left.Length == 0)
        {
            Assert.Ignore("the target lists every hash, or none");
        }

        SignatureScheme scheme = SignatureSchemes.Named(left[0]);
        IkeSession session = Start(new IkeScenario().WithSignatures(Ecdsa));
        session.SignsBy = scheme;
        session.Do(new IkeCommand.Initiate());
        RequireNoProof(session, "RFC7427-4-06");
        RequireBaseline(Ecdsa);
    }

    [Requirement("RFC7427-3-04")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void HashesNotListedByTheTester_NoDigitalSignature()
    {
        IkeSession session = Start(new IkeScenario().WithSignatures("ecdsa-256").Also(null, c => c with { SignatureHashes = [] }));
        session.Do(new IkeCommand.Initiate());
        session.Require(Answered(session).Find<IkePayload.Authentication>()?.Method != AuthenticationMethod.DigitalSignature, null, $"method 14 unasked: {Answered(session)}");
    }

    [Requirement("RFC7427-4-05")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void OneHashListed_TargetSignsWithIt()
    {
        IkeSession session = Start(new IkeScenario().WithSignatures(Ecdsa, "ecdsa-sha384").Also(null, c => c with { SignatureHashes = [SignatureHash.Sha2x384] }));
        session.Do(new IkeCommand.Initiate());
        if (Answered(session).Find<IkePayload.Authentication>() is { Method: AuthenticationMethod.DigitalSignature } proof)
        {
            session.Require(AlgorithmOf(proof.Data) == "2a8648ce3d040303", null, $"AUTH is made with algorithm {AlgorithmOf(proof.Data)}, listed is SHA2-384 alone");
        }
    }

    [Requirement("RFC7427-4-03", "RFC7427-4-04")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC7427-4-03", "03ff0002")]
    [TestCase("RFC7427-4-04", "000200")]
    [TestCase("RFC7427-4-04", "")]
    public void OddListOfHashes_NoHarm(string clause, string list)
    {
        IkeSession session = Start(new IkeScenario().WithSignatures(Ecdsa));
        session.Alter = m => m.Is(ExchangeType.IkeSaInit) && m.PathOf(NotifyType.SignatureHashAlgorithms) is { } path ? m.With($"{path}/data", ByteString.FromHex(list)) : m;
        if (clause == "RFC7427-4-03")
        {
            session.Establish(clause);
        }
        else
        {
            session.Do(new IkeCommand.Initiate(), clause);
            session.Require(session.Newcomer() is not null, clause, "nobody is answered any more");
        }
    }

    [Requirement("RFC7427-3-12")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void SharedSecretBesideListedHashes_MethodStaysShared()
    {
        IkeSession session = Start(new IkeScenario().Also(c => c with { SignatureHashes = IkeCredentials.Hashes }, c => c with { SignatureHashes = IkeCredentials.Hashes }));
        session.Do(new IkeCommand.Initiate());
        session.Require(Answered(session).Find<IkePayload.Authentication>()?.Method == AuthenticationMethod.SharedKey, null, $"method 2 is due: {Answered(session)}");
    }

    [Requirement("RFC7296-1.2-14")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCase(true)]
    [TestCase(false)]
    public void ResponderWhoDoesNotProveItself_NotTaken(bool isFlipped)
    {
        ValueList<SignatureScheme> schemes = [SignatureSchemes.Named(Ecdsa)];
        IkeSession session = Start(new IkeScenario().WithSignatures(Ecdsa).Also(null, c => isFlipped ? c : c with { Credentials = IkeCredentials.Certified(schemes, isTarget: false, "somebody.example") }));
        session.Alter = m => isFlipped && m.IsResponse && m.Has("Authentication") ? m.With("Authentication/data", Flipped(((RawData)m.Tree["Authentication/data"]).Bytes)) : m;
        session.Ask(new IkeRequest.Initiate(), () => session.Arrivals.Any(a => a.Exchange == ExchangeType.IkeAuth));
        InitiatorTests.RequireNotTaken(session);
    }

    [Requirement("RFC7296-3.6-11", "RFC7296-3.7-06")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC7296-3.6-11")]
    [TestCase("RFC7296-3.7-06")]
    public void CertificatePayloadThatHelpsNobody_NoHarm(string clause)
    {
        IkeSession session = Start(new IkeScenario().WithSignatures(Ecdsa));
        session.Alter = m => !m.Is(ExchangeType.IkeAuth) || m.IsResponse ? m
            : clause == "RFC7296-3.6-11" ? m.With(new IkePayload.Certificate((CertificateEncoding)77, ByteString.FromHex("010203")))
            : m.Without("CertificateRequest").With(new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, ByteString.Adopt(new byte[20])));
        session.Establish(clause);
    }

    private static ByteString Flipped(ByteString data) => ByteString.Adopt([.. data.Span[..^1], (byte)(data[^1] ^ 1)]);

    private static IkeArrival Answered(IkeSession session) => session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);

    private static void RequireDigitalSignature(IkeSession session)
    {
        IkePayload.Authentication proof = Answered(session).Find<IkePayload.Authentication>()!;
        session.Require(proof.Method == AuthenticationMethod.DigitalSignature, "RFC7427-3-05", $"method 14 is due, both listed hashes: {Answered(session)}");
    }

    private static void RequireNoProof(IkeSession session, string clause)
    {
        IkeArrival answer = Answered(session);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null && answer.Find<IkePayload.Authentication>() is null, clause, $"taken for authenticated: {answer}");
    }

    private void RequireRefused(IkeScenario scenario, Func<ByteString, ByteString>? change, string clause)
    {
        IkeSession session = Start(scenario);
        session.Alter = m => change is not null && m.Has("Authentication") ? m.With("Authentication/data", change(((RawData)m.Tree["Authentication/data"]).Bytes)) : m;
        session.Do(new IkeCommand.Initiate(), clause);
        RequireNoProof(session, clause);
    }

    private void RequireBaseline(string scheme) => Start(new IkeScenario().WithSignatures(scheme)).Establish();

    private static bool Lists(ByteString data, ushort hash) => Enumerable.Range(0, data.Length / 2).Any(i => (data[2 * i] << 8 | data[(2 * i) + 1]) == hash);

    // Object identifier of the AlgorithmIdentifier, in its encoding.
    private static string AlgorithmOf(ByteString data) => Convert.ToHexStringLower(data.Span.Slice(5, data[4]));

    private static ByteString Named(ByteString data, SignatureScheme scheme) =>
        ByteString.Adopt([(byte)scheme.AlgorithmIdentifiers[0].Length, .. scheme.AlgorithmIdentifiers[0], .. data.Span[(1 + data[0])..]]);

    // r and s in the length of the field, as methods 9 to 11 have them.
    private static byte[] Joined(ReadOnlySpan<byte> der)
    {
        const int FieldBytes = 32;
        int first = der[3];
        ReadOnlySpan<byte> r = der.Slice(4, first).TrimStart((byte)0);
        ReadOnlySpan<byte> s = der[(6 + first)..].TrimStart((byte)0);
        return [.. new byte[FieldBytes - r.Length], .. r, .. new byte[FieldBytes - s.Length], .. s];
    }
}
