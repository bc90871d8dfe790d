using Conformance.Generators.Ike;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>What is odd and must work, sizes, selectors of every form, windows above one. RFC 7296 §2, §2.3, §2.9, §3.</summary>
[Needs(Capabilities.IkeResponder)]
public class ToleranceTests : IkeTest
{
    private static IEnumerable<TestCaseData> Odd =>
    [
        Case("RFC7296-3.2-06", m => m.Is(ExchangeType.IkeSaInit) ? m.With("Nonce/flags", 0x80).With(new IkePayload.Unknown((PayloadType)200, false, ByteString.FromHex("00"))) : m),
        Case("RFC7296-3.7-07", m => m.Is(ExchangeType.IkeAuth) ? m.With(new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, ByteString.Adopt(new byte[20]))) : m),
        Case("RFC7296-3.7-03", m => m.Is(ExchangeType.IkeAuth) ? m.With(new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, ByteString.Adopt(new byte[33]))) : m),
        Case("RFC7296-1.3.1-11", m => m.Is(ExchangeType.IkeAuth) ? m.With(new IkePayload.Notify(NotifyType.NonFirstFragmentsAlso)) : m),
        Case("RFC7296-3.10-04", m => m.Is(ExchangeType.IkeAuth) ? m.With(new IkePayload.Notify((NotifyType)40001)).With("Notify/protocol", 1) : m),
        Case("RFC7296-3.10.1-11", m => m.Is(ExchangeType.IkeAuth) ? m.With(new IkePayload.Notify(NotifyType.Cookie, ByteString.FromHex("00112233"))) : m),
    ];

    [Requirement("RFC7296-3.2-06", "RFC7296-3.7-07", "RFC7296-3.7-03", "RFC7296-1.3.1-11", "RFC7296-3.10-04", "RFC7296-3.10.1-11")]
    [TestCaseSource(nameof(Odd))]
    public void OddButAllowed_IkeSaAndChild(string clause, Func<EditableMessage, EditableMessage> change)
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = change;
        session.Establish(clause);
    }

    [Requirement("RFC7296-2.3-02")]
    [Test]
    public void WindowOfThreeOctets_IgnoredOrRefused()
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.Is(ExchangeType.IkeAuth) ? m.With(new IkePayload.Notify(NotifyType.SetWindowSize, ByteString.FromHex("000001"))) : m;
        session.Do(new IkeCommand.Initiate());
        IkeArrival answer = session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is not null || answer.Notify(NotifyType.InvalidSyntax) is not null, null, $"a child, or INVALID_SYNTAX, is due: {answer}");
    }

    [Requirement("RFC7296-2-01", "RFC7296-2-02")]
    [TestCase(1280, "RFC7296-2-01")]
    [TestCase(3000, "RFC7296-2-02")]
    public void LongMessage_Taken(int bytes, string clause)
    {
        IkeSession session = Established();
        int other = session.Write(session.Request(ExchangeType.Informational, new IkePayload.VendorId(ByteString.Empty))).Length;
        EditableMessage request = session.Request(ExchangeType.Informational, new IkePayload.VendorId(ByteString.Adopt(new byte[bytes - other])));
        session.Require(session.Write(request).Length == bytes, null, "the tester's message has another length");
        session.Answer(request, $"a message of {bytes} octets", clause);
    }

    [Requirement("RFC7296-2.15-11")]
    [TestCase(1)]
    [TestCase(64)]
    [TestCase(65)]
    [TestCase(300)]
    public void SecretOfAnyLength_Serves(int bytes) => Established(new IkeScenario { SharedSecret = new string('k', bytes) });

    [Requirement("RFC7296-2.11-04")]
    [Needs(Capabilities.Ipv6)]
    [Test]
    public void OverIpv6_AsOverIpv4()
    {
        IkeSession session = Start(new IkeScenario { IsIpv6 = true });
        session.Establish();
        session.ExpectTraffic(session.Child);
    }

    [Requirement("RFC7296-2.6-02")]
    [Test]
    public void RequestFromAnotherAddress_FoundByItsSpis()
    {
        IkeSession session = Established();
        session.Answer(session.Request(ExchangeType.Informational), "a request from another address", null, session.Sa.Own with { Address = AddressPlan.Ipv4Sentinel.Peer });
    }

    [Requirement("RFC7296-5-06")]
    [Test]
    public void PublicValues_DifferFromExchangeToExchange()
    {
        IkeSession session = Start(new IkeScenario());
        IkePayload.KeyExchange[] values = [.. Enumerable.Range(0, 4).Select(_ => session.Newcomer()!.Find<IkePayload.KeyExchange>()!)];
        session.Require(values.Distinct().Count() == values.Length, null, "public values repeat");
    }

    [Requirement("RFC7296-3.4-02", "RFC7296-3.4-03")]
    [TestCase("RFC7296-3.4-02", 255, 4)]
    [TestCase("RFC7296-3.4-02", 257, 4)]
    [TestCase("RFC7296-3.4-03", 256, 0)]
    [TestCase("RFC7296-3.4-03", 256, 1)]
    public void PublicValueThatIsNone_NoIkeSa(string clause, int bytes, int value)
    {
        IkeSession session = Start(new IkeScenario { Suites = [[IkeScenario.Gcm[0], IkeScenario.Gcm[1], Transform.Of(KeyExchangeMethod.Modp2048)]] });
        EditableMessage request = session.InitialRequest();
        byte[] data = new byte[bytes];
        data[^1] = (byte)value;
        session.Focus = clause;
        IkeArrival? answer = session.Offer(request.With("KeyExchange/data", ByteString.Adopt(data)), $"{bytes} octets with the value {value}");
        session.Require(answer?.Find<IkePayload.SecurityAssociation>() is null, clause, $"accepted: {answer}");
        session.Answer(request, "the right value");
    }

    [Requirement("RFC7296-3.4-07")]
    [Test]
    public void KeyOfAGroupInNoProposal_NotAccepted()
    {
        IkeSession session = Start(new IkeScenario());
        IkeArrival? answer = session.Offer(session.InitialRequest().With("KeyExchange/method", 20), "KE of a group that is not offered");
        session.Require(answer?.Find<IkePayload.SecurityAssociation>() is null, null, $"accepted: {answer}");
    }

    [Requirement("RFC7296-2.6.1-02")]
    [Test]
    public void CookieWithAnotherKe_StillGood()
    {
        ValueList<Transform> both = new([.. IkeScenario.Gcm, Transform.Of(KeyExchangeMethod.Ecp256)]);
        IkeSession session = Start(new IkeScenario { TargetAsksForCookie = true, ForPeer = c => c with { Offers = [both], KeyExchange = KeyExchangeMethod.Ecp256 } });
        EditableMessage request = session.InitialRequest();
        IkePayload.Notify cookie = session.Answer(request, "a first request").Notify(NotifyType.Cookie)!;
        IkeArrival wished = session.Answer(request.WithFirst(cookie), "the cookie");
        session.Require(wished.Notify(NotifyType.InvalidKePayload) is not null, null, $"INVALID_KE_PAYLOAD is due: {wished}");
        EditableMessage other = request.WithFirst(cookie).With("KeyExchange/method", 31).With("KeyExchange/data", ByteString.Adopt([9, .. new byte[31]]));
        IkeArrival answer = session.Answer(other, "the cookie with another KE");
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is not null, null, $"the cookie is not taken: {answer}");
    }

    [Requirement("RFC7296-2.1-12")]
    [Test]
    public void FirstRequestAgainAfterAuthentication_NoSecondIkeSa()
    {
        IkeSession session = Start(new IkeScenario());
        ByteString? first = null;
        session.Alter = m =>
        {
            first ??= m.ToBytes();
            return m;
        };
        session.Establish();
        IReadOnlyList<IkeArrival> answers = session.Send(first!.Value, "the first request again");
        session.Require(answers.All(a => a.ResponderSpi == session.Sa.ResponderSpi), null, $"another IKE SA comes of it: {(answers.Count == 0 ? "nothing" : answers[0].ToString())}");
    }

    [Requirement("RFC7296-3.13-04", "RFC7296-3.13.1-09", "RFC7296-3.13.1-11")]
    [TestCase("RFC7296-3.13-04")]
    [TestCase("RFC7296-3.13.1-09")]
    [TestCase("RFC7296-3.13.1-11")]
    public void SelectorsOfEveryForm_Understood(string clause)
    {
        static TrafficSelector Network(int first, int last) => new TrafficSelector.Range(0, 0, ushort.MaxValue, IpAddress.Parse($"203.0.113.{first}"), IpAddress.Parse($"203.0.113.{last}"));
        ValueList<TrafficSelector> own = clause switch
        {
            "RFC7296-3.13-04" => [Network(0, 15), Network(32, 63)],
            "RFC7296-3.13.1-09" => [Network(0, 127), TrafficSelector.Range.All(isIpv6: true)],
            _ => [Network(7, 77)],
        };
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { Children = [c.Children[0] with { Own = own }] } });
        session.Establish(clause);
        session.Require(session.DeliversBetween(session.Child, IpAddress.Parse("203.0.113.10"), AddressPlan.Ipv4.Protected), clause, "what the selectors hold is not delivered");
        session.Require(clause != "RFC7296-3.13.1-11" || !session.DeliversBetween(session.Child, IpAddress.Parse("203.0.113.100"), AddressPlan.Ipv4.Protected), clause, "what lies outside of the range is delivered");
    }

    [Requirement("RFC7296-3.13.1-08", "RFC7296-3.13.1-10")]
    [TestCase("RFC7296-3.13.1-08")]
    [TestCase("RFC7296-3.13.1-10")]
    public void SelectorsThatMatchNothing_NoChild(string clause)
    {
        IkeSession session = Start(new IkeScenario
        {
            ForPeer = c => clause == "RFC7296-3.13.1-10" ? c with { Children = [c.Children[0] with { Own = [TrafficSelector.Range.All(isIpv6: true)] }] } : c,
        });
        session.Alter = m => clause == "RFC7296-3.13.1-08" && m.Has("TrafficSelectorInitiator") ? m.With("TrafficSelectorInitiator/Selector/first address", ByteString.FromHex("cb0071f0")) : m;
        session.Focus = clause;
        session.Do(new IkeCommand.Initiate());
        IkeArrival answer = session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null, clause, $"a child is made: {answer}");
    }

    [Requirement("RFC7296-3.5-06", "RFC7296-3.5-17")]
    [TestCase("RFC7296-3.5-06")]
    [TestCase("RFC7296-3.5-17")]
    public void IdentityThatIsAnother_NotAuthenticated(string clause)
    {
        Identity odd = clause == "RFC7296-3.5-06" ? new Identity(IdentityType.Fqdn, ByteString.Adopt([.. "peer.example"u8, 0])) : new Identity((IdentityType)200, ByteString.Adopt("peer.example"u8.ToArray()));
        IkeSession session = Start(new IkeScenario { ForPeer = c => c with { OwnIdentity = odd } });
        session.Do(new IkeCommand.Initiate());
        IkeArrival answer = session.Arrivals.First(a => a.Exchange == ExchangeType.IkeAuth);
        session.Require(answer.Find<IkePayload.Authentication>() is null, clause, $"authenticated: {answer}");
    }

    [Requirement("RFC7296-2.3-10", "RFC7296-2.3-09")]
    [Test]
    public void WindowOfFour_RequestsInAnyOrderAndEachAnswerKept()
    {
        IkeSession session = Established(new IkeScenario { WindowRequests = 4 });
        EditableMessage first = session.Request(ExchangeType.Informational);
        EditableMessage second = session.Request(ExchangeType.Informational).With("message ID", i => i + 1) with { Iv = ByteString.FromHex("1111111111111111") };
        session.Answer(second, "the second request", "RFC7296-2.3-10");
        IkeArrival early = session.Answer(first, "the first request", "RFC7296-2.3-10");
        IReadOnlyList<IkeArrival> again = session.Send(session.Write(first), "the first request again", isAwaited: true);
        session.Require(again is [{ } kept] && kept.Bytes == early.Bytes, "RFC7296-2.3-09", "its answer is not kept");
    }

    [Requirement("RFC7296-2.3-08")]
    [Needs(Capabilities.IkeInitiator | Capabilities.VirtualClock)]
    [Test]
    public void WindowOfFour_NoMoreThanFourRequestsAtATime()
    {
        IkeSession session = Established(new IkeScenario { WindowRequests = 4 });
        for (int i = 0; i < 6; i++)
        {
            session.AskSomethingOnly(messages: 0);
        }

        session.AdvanceClock(TimeSpan.Zero);
    }

    private static TestCaseData Case(string clause, Func<EditableMessage, EditableMessage> change) => new TestCaseData(clause, change).SetArgDisplayNames(clause);
}
