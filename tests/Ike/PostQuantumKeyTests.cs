using System.Text;
using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Crypto.Ike;
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

/// <summary>Postquantum preshared keys: mixed in where both have one, refused where one is wrong. RFC 8784.</summary>
[Needs(Capabilities.PostquantumPresharedKey)]
public class PostQuantumKeyTests : IkeTest
{
    private static readonly PostQuantumKey One = Key("ppk-one", "a postquantum key of the suite, 32+");
    private static readonly PostQuantumKey Two = Key("ppk-two", "another postquantum key of the suite");

    [Requirement("RFC8784-3-02", "RFC8784-3-07", "RFC8784-3-12", "RFC8784-5.1-01", "RFC8784-3-19")]
    [Needs(Capabilities.IkeResponder | Capabilities.CreateChildSa | Capabilities.IkeRekey)]
    [Test]
    public void KeyOfBoth_MixedIn()
    {
        IkeSession session = Start(With(One, One));
        session.Do(new IkeCommand.Initiate(), "RFC8784-5.1-01");
        session.Require(session.Arrivals[0].Notify(NotifyType.UsePpk) is not null, "RFC8784-3-02", $"USE_PPK is due: {session.Arrivals[0]}");
        session.Require(Answer(session).Notify(NotifyType.AuthenticationFailed) is null, "RFC8784-5.1-01", $"refused: {Answer(session)}");
        session.Require(Answer(session).Notify(NotifyType.PpkIdentity) is { Data.Length: 0 }, "RFC8784-3-12", $"PPK_IDENTITY without data is due: {Answer(session)}");
        session.ExpectTraffic(session.Child, "RFC8784-3-07");
        session.Do(new IkeCommand.RekeyIke(session.Sa.Number));
        session.Do(new IkeCommand.Probe(session.Sa.Number), "RFC8784-3-19");
        session.Do(new IkeCommand.RekeyChild(session.Child.Number));
        session.ExpectTraffic(session.Child, "RFC8784-3-19");
    }

    [Requirement("RFC8784-3-03")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void NotAskedFor_NotAnnounced()
    {
        IkeSession session = Start(With(One, null));
        session.Establish();
        session.Require(session.Arrivals[0].Notify(NotifyType.UsePpk) is null, null, $"USE_PPK unasked: {session.Arrivals[0]}");
    }

    [Requirement("RFC8784-3-06", "RFC8784-3-14", "RFC8784-3-15")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC8784-3-06")]
    [TestCase("RFC8784-3-14")]
    [TestCase("RFC8784-3-15")]
    public void KeyThatIsDueAndWrong_AuthenticationFailed(string clause)
    {
        IkeScenario scenario = clause switch
        {
            "RFC8784-3-06" => With(One, null).Also(c => c with { NeedsPostQuantumKey = true }, null),
            "RFC8784-3-14" => With(One, Two).Also(null, c => c with { NeedsPostQuantumKey = true }),
            _ => With(One, One with { Key = Two.Key }),
        };
        IkeSession session = Start(scenario);
        session.Do(new IkeCommand.Initiate(), clause);
        session.Require(Answer(session).Find<IkePayload.Authentication>() is null && Answer(session).Find<IkePayload.SecurityAssociation>() is null, clause, $"taken for authenticated: {Answer(session)}");
        Start(With(One, One)).Establish();
    }

    [Requirement("RFC8784-3-13", "RFC8784-5.1-03")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC8784-3-13", NotifyContent.Ppk.FixedKind)]
    [TestCase("RFC8784-5.1-03", (byte)200)]
    public void KeyThatTheTargetLacksAndAWayWithout_OrdinaryKeys(string clause, byte kind)
    {
        PostQuantumKey unknown = Two with { Identity = new NotifyContent.Ppk(kind, Two.Identity.Identity) };
        IkeSession session = Start(With(One, unknown));
        session.Do(new IkeCommand.Initiate(), clause);
        session.Require(session.Peer.Children.Count > 0, clause, $"no child: {Answer(session)}");
        session.Require(Answer(session).Notify(NotifyType.PpkIdentity) is null, clause, $"PPK_IDENTITY of a key that it does not have: {Answer(session)}");
        session.ExpectTraffic(session.Child, clause);
    }

    [Requirement("RFC8784-3-20")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void AnnouncedAndNotNamed_OrdinaryKeys()
    {
        IkeSession session = Start(With(One, One));
        session.Alter = m => m.IsResponse || m.PathOf(NotifyType.NoPpkAuth) is not { } without ? m
            : Unnamed(m.With("Authentication/data", ((RawData)m.Tree[$"{without}/data"]).Bytes).Without(without));
        session.Establish();
        session.ExpectTraffic(session.Child);
    }

    [Requirement("RFC8784-3-01", "RFC8784-3-09", "RFC8784-3-11", "RFC8784-3-07")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCase(true)]
    [TestCase(false)]
    public void TargetInitiates_NamesItsKey(bool isMandatory)
    {
        IkeSession session = Start(With(One, One).Also(c => c with { NeedsPostQuantumKey = isMandatory }, null));
        session.Ask(new IkeRequest.Initiate(), () => session.Peer.Children.Count > 0, "RFC8784-3-01");
        session.Require(session.Arrivals[0].Notify(NotifyType.UsePpk) is not null, "RFC8784-3-01", $"USE_PPK is due: {session.Arrivals[0]}");
        IkeArrival request = Answer(session);
        session.Require(request.Notify(NotifyType.PpkIdentity)?.Data == One.Identity.ToByteString(), "RFC8784-3-09", $"PPK_IDENTITY is due: {request}");
        session.Require(!isMandatory || request.Notify(NotifyType.NoPpkAuth) is null, "RFC8784-3-11", $"NO_PPK_AUTH of a mandatory key: {request}");
        session.ExpectTraffic(session.Child, "RFC8784-3-07");
    }

    [Requirement("RFC8784-3-04", "RFC8784-3-05")]
    [Needs(Capabilities.IkeInitiator)]
    [TestCase(true, "RFC8784-3-04")]
    [TestCase(false, "RFC8784-3-05")]
    public void TargetInitiatesAndTesterHasNoKey_AsPolicyHasIt(bool isMandatory, string clause)
    {
        IkeSession session = Start(With(One, null).Also(c => c with { NeedsPostQuantumKey = isMandatory }, null));
        session.Ask(new IkeRequest.Initiate());
        session.Sentinel("USE_PPK that is not answered", clause);
        session.Require(session.Arrivals.Any(a => a.Exchange == ExchangeType.IkeAuth && a.Notify(NotifyType.PpkIdentity) is null) != isMandatory, clause, isMandatory ? "IKE_AUTH without the mandatory key" : "no IKE_AUTH although the key is optional");
    }

    [Requirement("RFC8784-3-17")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void MandatoryKeyNotConfirmed_GivenUp()
    {
        IkeSession session = Start(With(One, One).Also(c => c with { NeedsPostQuantumKey = true }, null));
        session.Alter = m => m.Is(ExchangeType.IkeAuth, isResponse: true) ? Unnamed(m) : m;
        session.Ask(new IkeRequest.Initiate(), () => session.Arrivals.Any(a => a.Exchange == ExchangeType.IkeAuth));
        InitiatorTests.RequireNotTaken(session);
    }

    private static EditableMessage Unnamed(EditableMessage message) => message.PathOf(NotifyType.PpkIdentity) is { } path ? message.Without(path) : message;

    private static IkeArrival Answer(IkeSession session) => session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);

    private static PostQuantumKey Key(string name, string key) =>
        new(new NotifyContent.Ppk(NotifyContent.Ppk.FixedKind, ByteString.Adopt(Encoding.ASCII.GetBytes(name))), new IkeSecret(Encoding.ASCII.GetBytes(key)));

    private static IkeScenario With(PostQuantumKey? target, PostQuantumKey? peer) => new IkeScenario().Also(
        c => c with { PostQuantumKeys = target is null ? [] : [target] }, c => c with { PostQuantumKeys = peer is null ? [] : [peer] });
}
