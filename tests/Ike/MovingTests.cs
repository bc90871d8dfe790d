using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Ike;

/// <summary>The tester moves to another address, and the target follows only as it may. RFC 4555.</summary>
[Needs(Capabilities.Mobike | Capabilities.IkeResponder)]
public class MovingTests : IkeTest
{
    private static readonly IpAddress Another = AddressPlan.Ipv4Sentinel.Peer;
    private static readonly ByteString Cookie = ByteString.FromHex("00112233445566778899aabbccddeeff");

    [Requirement("RFC4555-3.2-01", "RFC4555-3.5-07", "RFC4555-3.5-11", "RFC4555-3.5-10", "RFC4555-4.2.5-04", "RFC4555-4.2.1-01", "RFC4555-3.5-15")]
    [Test]
    public void TesterMoves_TargetFollows()
    {
        IkeSession session = Established(Moving());
        session.Require(session.Arrivals.Any(a => a.Notify(NotifyType.MobikeSupported) is not null), "RFC4555-3.2-01", "MOBIKE_SUPPORTED is missing");
        session.ExpectTraffic(session.Child);
        Move(session);
        IkeArrival answer = session.Arrivals.Last(a => a is { IsResponse: true, Exchange: ExchangeType.Informational });
        session.Require(session.Peer.Sas.Any(s => s.Phase == IkeSaPhase.Established), "RFC4555-4.2.5-04", $"COOKIE2 does not come back: {answer}");
        session.Require(answer.Notify(NotifyType.NatDetectionSourceIp) is not null && answer.Notify(NotifyType.NatDetectionDestinationIp) is not null, "RFC4555-3.5-10", $"NAT detection is due: {answer}");
        IkeArrival probe = session.AskOnly(new IkeRequest.Probe(session.Name))[0];
        session.Require(probe.Datagram.To.Address == Another, "RFC4555-3.5-07", $"the target sends to {probe.Datagram.To}");
        session.Take(probe);
        session.ExpectTraffic(session.Child, "RFC4555-3.5-07");
    }

    [Requirement("RFC4555-3.7-06")]
    [Test]
    public void Cookie2_CopiedIntoTheAnswer()
    {
        IkeSession session = Established(Moving());
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, new IkePayload.Notify(NotifyType.Cookie2, Cookie)), "COOKIE2");
        session.Require(answer.Notify(NotifyType.Cookie2)?.Data == Cookie, null, $"COOKIE2 is due: {answer}");
    }

    [Requirement("RFC4555-3.8-02")]
    [Test]
    public void NatDetectionInARequest_AlsoInItsAnswer()
    {
        IkeSession session = Established(Moving());
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, Detection(session, NotifyType.NatDetectionSourceIp, session.Sa.Own), Detection(session, NotifyType.NatDetectionDestinationIp, session.Sa.Peer)), "NAT detection");
        session.Require(answer.Notify(NotifyType.NatDetectionSourceIp) is not null && answer.Notify(NotifyType.NatDetectionDestinationIp) is not null, null, $"NAT detection is due: {answer}");
    }

    [Requirement("RFC4555-3.5-09", "RFC4555-4.1.1-01")]
    [Test]
    public void AddressThatIsNotAcceptable_ToldAndNothingMoves()
    {
        IkeSession session = Established(Moving(new MobikeConfiguration { Acceptable = [] }));
        Endpoint before = session.Sa.Own;
        Endpoint moved = before with { Address = Another };
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, new IkePayload.Notify(NotifyType.UpdateSaAddresses)), "a move to where the target does not follow", null, moved);
        session.Require(answer.Notify(NotifyType.UnacceptableAddresses) is not null, "RFC4555-3.5-09", $"UNACCEPTABLE_ADDRESSES is due: {answer}");
        RequireStayed(session, before, "RFC4555-3.5-09");
    }

    [Requirement("RFC4555-3.8-07")]
    [Test]
    public void RequestFromAnotherAddressThatAsksForNothing_NotFollowed()
    {
        IkeSession session = Established(Moving());
        Endpoint before = session.Sa.Own;
        session.Answer(session.Request(ExchangeType.Informational), "a request from another address", null, before with { Address = Another });
        RequireStayed(session, before, null);
    }

    [Requirement("RFC4555-3.5-17")]
    [Test]
    public void ForgedMove_NotFollowed()
    {
        IkeSession session = Established(Moving());
        Endpoint before = session.Sa.Own;
        session.Send(session.Write(session.Request(ExchangeType.Informational, new IkePayload.Notify(NotifyType.UpdateSaAddresses)) with { IsForged = true }), "a forged move", before with { Address = Another });
        RequireStayed(session, before, null);
    }

    [Requirement("RFC4555-3.6-05")]
    [TestCase(false)]
    [TestCase(true)]
    public void AdditionalAddresses_AnsweredAsUsual(bool isNone)
    {
        IkeSession session = Established(Moving());
        IkePayload told = isNone ? new IkePayload.Notify(NotifyType.NoAdditionalAddresses) : new IkePayload.Notify(NotifyType.AdditionalIp4Address, ByteString.Adopt(Another.ToBytes()));
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, told), "additional addresses");
        session.Require(answer.ErrorNotify is null, null, $"an answer without an error is due: {answer}");
    }

    [Requirement("RFC4555-3.9-04", "RFC4555-3.9-03")]
    [Test]
    public void MoveThroughANatThatIsForbidden_Told()
    {
        IkeSession session = Established(Moving());
        Endpoint moved = session.Sa.Own with { Address = Another };
        ByteString wrong = Way(session.Sa.Own, session.Sa.Peer);
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, new IkePayload.Notify(NotifyType.UpdateSaAddresses), new IkePayload.Notify(NotifyType.NoNatsAllowed, wrong)), "NO_NATS_ALLOWED with other addresses", null, moved);
        session.Require(answer.Notify(NotifyType.UnexpectedNatDetected) is not null, "RFC4555-3.9-04", $"UNEXPECTED_NAT_DETECTED is due: {answer}");
        IkeArrival right = session.Answer(session.Request(ExchangeType.Informational, new IkePayload.Notify(NotifyType.UpdateSaAddresses), new IkePayload.Notify(NotifyType.NoNatsAllowed, Way(moved, session.Sa.Peer))), "NO_NATS_ALLOWED with the right addresses", null, moved);
        session.Require(right.Notify(NotifyType.UnexpectedNatDetected) is null, "RFC4555-3.9-03", $"there is no NAT: {right}");
    }

    [Requirement("RFC4555-4.2.1-02")]
    [Test]
    public void DataInMobikeSupported_Ignored()
    {
        IkeSession session = Start(Moving());
        session.Alter = m => m.PathOf(NotifyType.MobikeSupported) is { } path ? m.With($"{path}/data", ByteString.FromHex("0102")) : m;
        session.Establish();
        session.Alter = null;
        Move(session);
        session.ExpectTraffic(session.Child);
    }

    [Requirement("RFC4555-3.7-08", "RFC4555-4.2.5-01")]
    [Test]
    public void AnotherCookie2ComesBack_IkeSaClosed()
    {
        IkeSession session = Established(Moving(new MobikeConfiguration { ChecksReturn = true }));
        session.Alter = m => m.IsResponse && m.PathOf(NotifyType.Cookie2) is { } path ? m.With($"{path}/data", ByteString.Adopt(new byte[16])) : m;
        Move(session);
        if (session.Arrivals.All(a => a.IsResponse || a.Notify(NotifyType.Cookie2) is null))
        {
            Assert.Ignore("the target does not check whether the tester receives");
        }

        session.Require(session.Liveness(session.Sa) is null, "RFC4555-3.7-08", "the IKE SA goes on with another COOKIE2");
    }

    private static void Move(IkeSession session) => session.Do(new IkeCommand.MoveTo(session.Sa.Number, session.Sa.Own with { Address = Another }), "RFC4555-3.5-07");

    private static void RequireStayed(IkeSession session, Endpoint before, string? clause)
    {
        IkeArrival probe = session.AskOnly(new IkeRequest.Probe(session.Name))[0];
        session.Require(probe.Datagram.To == before, clause, $"the target follows to {probe.Datagram.To}");
        session.Take(probe);
        session.ExpectTraffic(session.Child, clause);
    }

    private static ByteString Way(Endpoint from, Endpoint to) =>
        ByteString.Adopt([.. from.Address.ToBytes(), .. to.Address.ToBytes(), (byte)(from.Port >> 8), (byte)from.Port, (byte)(to.Port >> 8), (byte)to.Port]);

    private static IkePayload.Notify Detection(IkeSession session, NotifyType type, Endpoint end) => new(type, NatDetection.Hash(session.Sa.InitiatorSpi, session.Sa.ResponderSpi, end));

    private static IkeScenario Moving(MobikeConfiguration? target = null) => new IkeScenario { DetectsNat = true }.Also(c => c with { Mobike = target ?? new MobikeConfiguration() }, c => c with { Mobike = new MobikeConfiguration() });
}
