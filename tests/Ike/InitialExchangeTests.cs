using Conformance.Generators.Ike;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>IKE_SA_INIT at its responder: what makes no IKE SA, cookies, groups, versions, repetitions. RFC 7296 §1.2, §2.5 to §2.7, §2.10, §2.11, §3.1.</summary>
[Needs(Capabilities.IkeResponder)]
public class InitialExchangeTests : IkeTest
{
    private static readonly PayloadType Unknown = (PayloadType)200;

    [Requirement("RFC7296-1.2-03")]
    [TestCase("SecurityAssociation")]
    [TestCase("KeyExchange")]
    [TestCase("Nonce")]
    public void PayloadMissing_NoIkeSa(string payload)
    {
        IkeSession session = Start(new IkeScenario());
        RequireNoSa(session, session.InitialRequest().Without(payload), $"a first request without {payload}");
        session.Establish();
    }

    [Requirement("RFC7296-3.1-10")]
    [Test]
    public void ResponderSpiNotZero_NoIkeSa() => Refused("a first request with a responder's SPI", m => m.With("responder SPI", 0x1122334455667788));

    [Requirement("RFC7296-2.2-03")]
    [Test]
    public void MessageIdNotZero_NoIkeSa() => Refused("a first request with Message ID 1", m => m.With("message ID", 1));

    [Requirement("RFC7296-3.1-08")]
    [Test]
    public void InitiatorSpiZero_NoIkeSa() => Refused("a first request with SPI 0", m => m.With("initiator SPI", 0));

    [Requirement("RFC7296-2.10-04")]
    [TestCase(15)]
    [TestCase(257)]
    public void NonceOfWrongLength_NoIkeSa(int bytes) => Refused($"a nonce of {bytes} octets", m => m.With("Nonce/data", ByteString.Adopt([.. Enumerable.Range(0, bytes).Select(i => (byte)i)])));

    [Requirement("RFC7296-3.1-12")]
    [Test]
    public void VersionOne_NotTakenForTwo() => Refused("a first request of version 1", m => m.With("version", 0x10));

    [Requirement("RFC7296-3.1-24")]
    [TestCase(-1)]
    [TestCase(1)]
    [TestCase(4)]
    public void LengthThatIsNotThatOfTheDatagram_NoIkeSa(int error) => Refused($"a length wrong by {error}", m => m.With("length", l => (ulong)((long)l + error)));

    [Requirement("RFC7296-2.21.1-03")]
    [TestCase("Nonce/length", 3)]
    [TestCase("Nonce/length", 0xffff)]
    [TestCase("SecurityAssociation/Proposal/length", 4)]
    [TestCase("SecurityAssociation/Proposal/number of transforms", 9)]
    [TestCase("SecurityAssociation/Proposal/Transform/length", 0)]
    public void MalformedRequest_ResponderStaysInService(string field, int value)
    {
        IkeSession session = Start(new IkeScenario());
        RequireNoSa(session, session.InitialRequest().With(field, (ulong)value), $"{field} {value}");
        session.Establish();
    }

    [Requirement("RFC7296-3.1-25")]
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(27)]
    public void ShorterThanAHeader_Dropped(int bytes)
    {
        IkeSession session = Start(new IkeScenario());
        session.ExpectSilence(session.InitialRequest().ToBytes().Slice(..bytes), $"{bytes} octets");
    }

    [Requirement("RFC7296-2.5-02")]
    [Test]
    public void HigherMajorVersion_NotProcessed() => Refused("a first request of version 3", m => m.With("version", 0x30));

    [Requirement("RFC7296-2.5-03", "RFC7296-1.5-06")]
    [Test]
    public void HigherMajorVersion_IsTold()
    {
        IkeSession session = Start(new IkeScenario());
        IkeArrival answer = session.Answer(session.InitialRequest().With("version", 0x30), "a first request of version 3", "RFC7296-2.5-03");
        session.Require(answer.Notify(NotifyType.InvalidMajorVersion) is not null, "RFC7296-2.5-03", $"INVALID_MAJOR_VERSION is missing: {answer}");
    }

    [Requirement("RFC7296-2.5-01", "RFC7296-2.5-06")]
    [Test]
    public void HigherMinorVersion_Ignored()
    {
        IkeSession session = Start(new IkeScenario());
        IkeArrival answer = session.Answer(session.InitialRequest().With("version", 0x25), "a first request of version 2.5");
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is not null, "RFC7296-2.5-06", $"no IKE SA: {answer}");
    }

    [Requirement("RFC7296-2.5-13", "RFC7296-2.5-14", "RFC7296-2.5-15")]
    [Test]
    public void UnknownCriticalPayload_Refused()
    {
        IkeSession session = Start(new IkeScenario());
        EditableMessage request = session.InitialRequest().With(new IkePayload.Unknown(Unknown, isCritical: true, ByteString.FromHex("01020304")));
        IkeArrival answer = session.Answer(request, "an unknown critical payload");
        RequireCriticalRefused(session, answer);
    }

    [Requirement("RFC7296-2.5-12")]
    [Test]
    public void UnknownPayload_Ignored()
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.WithFirst(new IkePayload.Unknown(Unknown, isCritical: false, ByteString.FromHex("01020304")));
        session.Establish();
    }

    [Requirement("RFC7296-2.5-18")]
    [Test]
    public void PayloadsInReverseOrder_Taken()
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.Reversed();
        session.Establish();
    }

    [Requirement("RFC7296-3.12-05")]
    [Test]
    public void UnknownVendorIds_Ignored()
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.With(new IkePayload.VendorId(ByteString.FromHex("00112233445566778899"))).With(new IkePayload.VendorId(ByteString.Empty));
        session.Establish();
    }

    [Requirement("RFC7296-3.1-16", "RFC7296-3.1-20", "RFC7296-3.2-04", "RFC7296-3.2-08", "RFC7296-3.3.1-03", "RFC7296-3.3.2-03", "RFC7296-3.13-02", "RFC7296-2.5-10")]
    [TestCase("RFC7296-3.1-16", "flags", 0xc7ul)]
    [TestCase("RFC7296-3.1-20", "flags", 0x10ul)]
    [TestCase("RFC7296-3.2-04", "SecurityAssociation/flags", 0x80ul)]
    [TestCase("RFC7296-3.2-08", "SecurityAssociation/flags", 0x7ful)]
    [TestCase("RFC7296-3.3.1-03", "SecurityAssociation/Proposal/reserved", 0xfful)]
    [TestCase("RFC7296-3.3.2-03", "SecurityAssociation/Proposal/Transform/reserved", 0xfful)]
    [TestCase("RFC7296-3.13-02", "TrafficSelectorInitiator/reserved", 0xfffffful)]
    [TestCase("RFC7296-2.5-10", "KeyExchange/reserved", 0xfffful)]
    public void ReservedBits_Ignored(string clause, string field, ulong bits)
    {
        IkeSession session = Start(new IkeScenario());
        session.Alter = m => m.Has(field) ? m.With(field, v => v | bits) : m;
        session.Establish(clause);
    }

    [Requirement("RFC7296-2.6-12", "RFC7296-2.6-13", "RFC7296-2.6-14", "RFC7296-2.6-18")]
    [Test]
    public void Cookie_AskedForAndChecked()
    {
        IkeSession session = Start(new IkeScenario { TargetAsksForCookie = true });
        EditableMessage request = session.InitialRequest();
        IkeArrival first = session.Answer(request, "a first request");
        session.Require(first.Notify(NotifyType.Cookie) is not null && first.Find<IkePayload.KeyExchange>() is null, "RFC7296-2.6-12", $"a cookie, and no KE, is due: {first}");
        IkePayload.Notify cookie = first.Notify(NotifyType.Cookie)!;
        RequireNoSa(session, request.WithFirst(cookie).With("Nonce/data", ByteString.Adopt(new byte[32])), "the cookie with another nonce", "RFC7296-2.6-14");
        RequireNoSa(session, request.WithFirst(cookie).With("initiator SPI", 0x0102030405060708), "the cookie with another SPI", "RFC7296-2.6-14");
        IkeArrival? other = session.Offer(request.WithFirst(new IkePayload.Notify(NotifyType.Cookie, ByteString.FromHex("0011223344556677"))), "a cookie that was never given");
        session.Require(other?.Notify(NotifyType.Cookie) is not null, "RFC7296-2.6-18", $"a cookie that was never given: {other?.ToString() ?? "no answer"}");
        IkeArrival second = session.Answer(request.WithFirst(cookie), "the cookie", "RFC7296-2.6-13");
        session.Require(second.Find<IkePayload.SecurityAssociation>() is not null, "RFC7296-2.6-13", $"the cookie does not help: {second}");
    }

    [Requirement("RFC7296-3.4-08")]
    [Test]
    public void KeyOfAGroupThatIsNotChosen_InvalidKePayload()
    {
        IkeSession session = Start(new IkeScenario { Suites = [IkeScenario.Cbc], ForPeer = c => c with { Offers = [IkeScenario.Gcm, IkeScenario.Cbc], KeyExchange = KeyExchangeMethod.Curve25519 } });
        IkeArrival answer = session.Answer(session.InitialRequest(), "KE of another group");
        session.Require(
            answer.Notify(NotifyType.InvalidKePayload)?.Data == ByteString.FromHex("0013"), "RFC7296-3.4-08", $"INVALID_KE_PAYLOAD with group 19 is due: {answer}");
        session.Establish("RFC7296-3.4-08");
    }

    [Requirement("RFC7296-2.7-04")]
    [Test]
    public void NothingAcceptable_NoProposalChosen()
    {
        IkeSession session = Start(new IkeScenario { Suites = [IkeScenario.Cbc], ForPeer = c => c with { Offers = [IkeScenario.Gcm], KeyExchange = KeyExchangeMethod.Curve25519 } });
        IkeArrival answer = session.Answer(session.InitialRequest(), "suites that are not configured");
        session.Require(answer.Notify(NotifyType.NoProposalChosen) is not null, "RFC7296-2.7-04", $"NO_PROPOSAL_CHOSEN is due: {answer}");
    }

    [Requirement("RFC7296-2.1-11")]
    [Test]
    public void RepeatedFirstRequest_SameAnswer()
    {
        IkeSession session = Start(new IkeScenario());
        EditableMessage request = session.InitialRequest();
        IkeArrival first = session.Answer(request, "a first request");
        IkeArrival second = session.Answer(request, "the same again");
        session.Require(first.Bytes == second.Bytes, "RFC7296-2.1-11", "the answer to the repetition is another one");
    }

    [Requirement("RFC7296-2.1-13")]
    [Test]
    public void SameSpiOtherContent_TwoIkeSas()
    {
        IkeSession session = Start(new IkeScenario());
        EditableMessage request = session.InitialRequest();
        IkeArrival first = session.Answer(request, "a first request");
        IkeArrival other = session.Answer(request.With("Nonce/data", ByteString.Adopt(new byte[20])), "the same SPI with another nonce", "RFC7296-2.1-13");
        session.Require(other.ResponderSpi != first.ResponderSpi && !other.ResponderSpi.IsZero, "RFC7296-2.1-13", "both have one responder's SPI");
    }

    [Requirement("RFC7296-2.1-14")]
    [Test]
    public void SameSpiFromAnotherPort_TwoIkeSas()
    {
        IkeSession session = Start(new IkeScenario());
        EditableMessage request = session.InitialRequest();
        IkeArrival first = session.Answer(request, "a first request");
        EditableMessage other = request.With("Nonce/data", ByteString.Adopt([.. Enumerable.Range(50, 32).Select(i => (byte)i)]));
        IkeArrival third = session.Answer(other, "the same SPI from another port", "RFC7296-2.1-14", from: session.Configuration.Own with { Port = 4711 });
        session.Require(third.ResponderSpi != first.ResponderSpi && !third.ResponderSpi.IsZero, "RFC7296-2.1-14", "both have one responder's SPI");
    }

    [Requirement("RFC7296-2.11-01", "RFC7296-2.11-02")]
    [TestCase(4711)]
    [TestCase(65535)]
    public void RequestFromAnotherPort_AnsweredThere(int port)
    {
        IkeSession session = Start(new IkeScenario());
        Endpoint from = session.Configuration.Own with { Port = (ushort)port };
        IkeArrival answer = session.Answer(session.InitialRequest(), $"a first request from port {port}", "RFC7296-2.11-01", from);
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is not null, "RFC7296-2.11-01", $"no IKE SA: {answer}");
    }

    [Requirement("RFC7296-2.21.4-02")]
    [Test]
    public void ResponseWithUnknownSpis_NoAnswer()
    {
        IkeSession session = Established();
        EditableMessage response = session.Request(ExchangeType.Informational).With("responder SPI", 0x0f0e0d0c0b0a0908).With("flags", f => f | 0x20);
        session.ExpectSilence(response, "a response with SPIs that nobody has");
    }

    [Requirement("RFC7296-2.21.4-06", "RFC7296-1.5-07")]
    [Test]
    public void RequestWithUnknownSpis_NothingButInvalidIkeSpi()
    {
        IkeSession session = Established();
        IkeArrival? answer = session.Offer(session.Request(ExchangeType.Informational).With("responder SPI", 0x0f0e0d0c0b0a0908), "a request with SPIs that nobody has");
        session.Require(answer is null || answer.Payloads is [IkePayload.Notify { Notification: NotifyType.InvalidIkeSpi }], "RFC7296-2.21.4-06", $"answered by {answer}");
    }

    internal static void RequireCriticalRefused(IkeSession session, IkeArrival answer)
    {
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null && answer.Find<IkePayload.Delete>() is null && answer.Payloads is not [], "RFC7296-2.5-13", $"not refused: {answer}");
        IkePayload.Notify? told = answer.Notify(NotifyType.UnsupportedCriticalPayload);
        session.Require(told is not null, "RFC7296-2.5-14", $"UNSUPPORTED_CRITICAL_PAYLOAD is due: {answer}");
        session.Require(told!.Data == ByteString.Adopt([(byte)Unknown]), "RFC7296-2.5-15", $"type {(int)Unknown} is due: {answer}");
    }

    private static void RequireNoSa(IkeSession session, EditableMessage request, string what, string? clause = null)
    {
        IkeArrival? answer = session.Offer(request, what);
        session.Require(answer?.Find<IkePayload.SecurityAssociation>() is null, clause, $"{what} makes an IKE SA: {answer}");
    }

    // The baseline is the same request without the fault.
    private void Refused(string what, Func<EditableMessage, EditableMessage> change)
    {
        IkeSession session = Start(new IkeScenario());
        EditableMessage request = session.InitialRequest();
        RequireNoSa(session, change(request), what);
        session.Require(session.Answer(request, "the request without the fault").Find<IkePayload.SecurityAssociation>() is not null, null, "nor does it without the fault");
    }
}
