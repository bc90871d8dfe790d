using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>Keys of IKE SAs and Child SAs, protection by them and what AUTH covers: a mistake is told by its name. RFC 7296 §2.13 to §2.18, §3.14.</summary>
[Needs(Capabilities.CreateChildSa | Capabilities.IkeRekey)]
public class KeyDerivationTests : IkeTest
{
    private static readonly ValueList<Transform> EspCbc =
        [Transform.Of(EncryptionTransform.AesCbc, 128), Transform.Of(IntegrityTransform.HmacSha2x256x128), Transform.Of(SequenceNumbersTransform.Sequential32)];

    private static IEnumerable<IkeScenario> Scenarios =>
    [
        new(),
        new() { Suites = [IkeScenario.Cbc], ChildSuites = [EspCbc] },
        new() { Suites = [[Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(PrfTransform.Aes128Xcbc), Transform.Of(KeyExchangeMethod.Curve25519)]] },
        new() { Suites = [[Transform.Of(EncryptionTransform.AesGcm16, 256), Transform.Of(PrfTransform.HmacSha2x512), Transform.Of(KeyExchangeMethod.Curve25519)]] },
        new() { ForwardSecrecy = KeyExchangeMethod.Curve25519 },
    ];

    private static IEnumerable<IkeScenario> WithLeadingZeros =>
    [
        Zeros(KeyExchangeMethod.Curve25519),
        Zeros(KeyExchangeMethod.Ecp256),
        Zeros(KeyExchangeMethod.Modp2048),
    ];

    [Requirement(
        "RFC7296-2.13-01", "RFC7296-2.13-03", "RFC7296-2.13-04", "RFC7296-2.13-07", "RFC7296-2.13-08", "RFC7296-2.14-01", "RFC7296-2.14-02", "RFC7296-2.14-04", "RFC7296-2.14-05", "RFC7296-2.14-06",
        "RFC7296-2.15-01", "RFC7296-2.15-10", "RFC7296-2.15-13", "RFC7296-2.17-01", "RFC7296-2.17-02", "RFC7296-2.17-03", "RFC7296-2.17-04", "RFC7296-2.17-06", "RFC7296-2.17-07", "RFC7296-2.17-08",
        "RFC7296-2.18-02", "RFC7296-2.18-04", "RFC7296-2.18-08")]
    [Needs(Capabilities.IkeResponder)]
    [TestCaseSource(nameof(Scenarios))]
    public void TesterInitiates_KeysAsDue(IkeScenario scenario)
    {
        IkeSession session = Established(scenario);
        session.ExpectTraffic(session.Child, "RFC7296-2.17-01");
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.ExpectTraffic(session.Child, scenario.ForwardSecrecy is null ? "RFC7296-2.17-02" : "RFC7296-2.17-03");
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.Probe(session.Sa.Number), "RFC7296-2.18-08");
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.ExpectTraffic(session.Child, "RFC7296-2.17-08");
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.Probe(session.Sa.Number), "RFC7296-2.18-02");
    }

    [Requirement(
        "RFC7296-2.13-01", "RFC7296-2.13-03", "RFC7296-2.13-04", "RFC7296-2.13-07", "RFC7296-2.13-08", "RFC7296-2.14-01", "RFC7296-2.14-02", "RFC7296-2.14-04", "RFC7296-2.14-05", "RFC7296-2.14-06",
        "RFC7296-2.15-02", "RFC7296-2.15-10", "RFC7296-2.15-13", "RFC7296-2.17-01", "RFC7296-2.17-02", "RFC7296-2.17-03", "RFC7296-2.17-04", "RFC7296-2.17-06", "RFC7296-2.17-07", "RFC7296-2.17-08",
        "RFC7296-2.18-02", "RFC7296-2.18-04", "RFC7296-2.18-08", "RFC7296-3.14-05", "RFC7296-3.14-08", "RFC7296-3.14-09", "RFC7296-3.14-10")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCaseSource(nameof(Scenarios))]
    public void TargetInitiates_KeysAsDue(IkeScenario scenario)
    {
        IkeSession session = Start(scenario);
        session.Accept("RFC7296-2.14-02");
        session.ExpectTraffic(session.Child, "RFC7296-2.17-01");
        session.Ask(new IkeRequest.RekeyChild(session.Child.Outbound));
        session.ExpectTraffic(session.Child, scenario.ForwardSecrecy is null ? "RFC7296-2.17-02" : "RFC7296-2.17-03");
        session.Ask(new IkeRequest.RekeyIke(session.Name));
        session.Ask(new IkeRequest.Probe(session.Name));
        session.Ask(new IkeRequest.RekeyChild(session.Child.Outbound));
        session.ExpectTraffic(session.Child, "RFC7296-2.17-08");
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.ExpectTraffic(session.Child, "RFC7296-2.17-08");
    }

    [Requirement("RFC7296-2.14-03", "RFC5903-7-03", "RFC8031-2-02")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCaseSource(nameof(WithLeadingZeros))]
    public void SecretThatStartsWithZero_NotShortened(IkeScenario scenario)
    {
        IkeSession session = Start(scenario);
        session.Accept();
        session.Ask(new IkeRequest.RekeyChild(session.Child.Outbound));
        session.ExpectTraffic(session.Child, "RFC7296-2.17-03");
        session.Ask(new IkeRequest.RekeyIke(session.Name));
        session.Ask(new IkeRequest.Probe(session.Name));
    }

    [Requirement("RFC7296-2.18-03")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void RekeyingChangesThePrf_OldOneMakesSkeyseed()
    {
        // The first offer has one function, that of the rekeying the other.
        const string Functions = "SecurityAssociation/Proposal/Transform";
        ValueList<Transform> both = [IkeScenario.Gcm[0], Transform.Of(PrfTransform.HmacSha2x512), IkeScenario.Gcm[1], IkeScenario.Gcm[2]];
        IkeSession session = Start(new IkeScenario { Suites = [both] });
        session.Alter = m => m.Is(ExchangeType.IkeSaInit, isResponse: false) ? m.Repaired(t => t.Without($"{Functions}[1]"))
            : m.Is(ExchangeType.CreateChildSa, isResponse: false) ? m.Repaired(t => t.Without($"{Functions}[2]"))
            : m;
        session.Establish();
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Require(session.Sa.Suite!.Prf.OutputBytes == 64, null, $"not rekeyed: {string.Join("; ", session.Reports)}");
        session.Do(new IkeCommand.Probe(session.Sa.Number));
    }

    [Requirement("RFC7296-2.15-05")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void CookieAskedFor_AuthCoversTheLastRequest()
    {
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { AsksForCookie = true } });
        session.Accept();
    }

    [Requirement("RFC7296-2.15-04")]
    [Needs(Capabilities.IkeInitiator | Capabilities.Nat)]
    [Test]
    public void AllAtPort4500_AuthLeavesOutTheMarker()
    {
        IkeSession session = Start(new IkeScenario { IsBehindNat = true });
        session.Accept();
    }

    private static IkeScenario Zeros(KeyExchangeMethod method) => new()
    {
        WantsLeadingZero = true,
        ForwardSecrecy = method,
        Suites = [[IkeScenario.Gcm[0], IkeScenario.Gcm[1], Transform.Of(method)]],
    };
}
