using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Raw;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using AttributeType = Conformance.Spec.Wire.Ike.Registries.ConfigurationAttributeType;

namespace Conformance.Tests.Ike;

/// <summary>Inner addresses and other configuration, the target as gateway and as client. RFC 7296 §2.19, §2.20, §3.15.</summary>
[Needs(Capabilities.IkeConfiguration)]
public class ConfigurationTests : IkeTest
{
    private static readonly TrafficSelector Anywhere = TrafficSelector.Range.All(isIpv6: false);

    // Behind the tester, so that packets find their way there.
    private static readonly AddressPool Pool = new() { Ranges = [AddressRange.Of("203.0.113.64", "203.0.113.67", 25)] };

    private static readonly IpAddress Outside = IpAddress.Parse("203.0.113.9");

    [Requirement("RFC7296-4-08", "RFC7296-2.19-03", "RFC7296-2.19-09", "RFC7296-3.15.1-07", "RFC7296-3.15.1-08", "RFC7296-3.15-01", "RFC7296-3.15.1-01", "RFC7296-2.19-12")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void AddressAskedFor_GivenAndUsable()
    {
        IkeSession session = Start(Gateway());
        session.Establish("RFC7296-4-08");
        IpAddress given = Given(session);
        session.Require(session.DeliversBetween(session.Child, given, session.Conversation.Ends.Protected), "RFC7296-2.19-12", "a packet from the address that was given is not delivered");
        session.Do(new IkeCommand.Probe(session.Sa.Number));
        session.Require(!session.DeliversBetween(session.Child, Outside, session.Conversation.Ends.Protected), "RFC7296-2.9-16", "a packet from another address is delivered");
    }

    [Requirement("RFC7296-3.15.1-25", "RFC7296-3.15.1-02", "RFC7296-3.15-02")]
    [Needs(Capabilities.IkeResponder)]
    [TestCase("RFC7296-3.15.1-25")]
    [TestCase("RFC7296-3.15.1-02")]
    [TestCase("RFC7296-3.15-02")]
    public void OddButAllowed_AddressGivenAllTheSame(string clause)
    {
        IkeSession session = Start(Gateway(c => clause == "RFC7296-3.15.1-25" ? c with { AddressRequest = new AddressRequest([new((AttributeType)20000, ByteString.FromHex("010203")), new(AttributeType.InternalIp4Address)]) } : c));
        session.Alter = m => !m.Has("Configuration") || m.IsResponse ? m
            : clause == "RFC7296-3.15.1-02" ? m.With("Configuration/Attribute/type", t => t | 0x8000)
            : clause == "RFC7296-3.15-02" ? m.With("Configuration/reserved", 0xffffff)
            : m;
        session.Do(new IkeCommand.Initiate(), clause);
        session.Require(Reply(session)?.Attributes.Any(a => a.Type == AttributeType.InternalIp4Address && a.Address is not null) == true, clause, $"an address is due: {session.Arrivals[^1]}");
    }

    [Requirement("RFC7296-3.15-03")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void UnknownKind_NoHarm()
    {
        IkeSession session = Start(Gateway());
        session.Establish();
        session.Answer(session.Request(ExchangeType.Informational, new IkePayload.Configuration((ConfigurationType)77, [new(AttributeType.InternalIp4Address)])), "CP of type 77");
        session.Require(session.IsAlive(), null, "the IKE SA is gone");
    }

    [Requirement("RFC7296-2.19-10", "RFC7296-2.19-11")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void AddressDemandedAndNotAskedFor_FailedCpRequired()
    {
        IkeSession session = Start(Gateway(c => c with { AddressRequest = null }, p => p with { IsRequired = true }));
        session.Do(new IkeCommand.Initiate());
        IkeArrival answer = session.Arrivals[^1];
        session.Require(answer.Find<IkePayload.SecurityAssociation>() is null && answer.Notify(NotifyType.FailedCpRequired) is not null, "RFC7296-2.19-10", $"FAILED_CP_REQUIRED is due: {answer}");
        session.Require(answer.Notify(NotifyType.FailedCpRequired)!.Data.Length == 0 && session.IsAlive(), "RFC7296-2.19-11", "it has data, or the IKE SA is gone");
    }

    [Requirement("RFC7296-3.15.1-28", "RFC7296-3.15.1-29")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void CfgSet_NothingAcceptedThatIsNotThere()
    {
        IkeSession session = Start(Gateway());
        session.Establish();
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, new IkePayload.Configuration(ConfigurationType.Set, [new((AttributeType)20000, ByteString.FromHex("0102"))])), "CFG_SET of an unknown attribute");
        session.Require(answer.Payloads!.Value.OfType<IkePayload.Configuration>().All(c => c.Attributes.All(a => a.Type != (AttributeType)20000)), "RFC7296-3.15.1-28", $"an unknown attribute is accepted: {answer}");
        session.Require(answer.Payloads!.Value.OfType<IkePayload.Configuration>().All(c => c.Kind == ConfigurationType.Acknowledge && c.Attributes.IsEmpty), "RFC7296-3.15.1-29", $"an empty CFG_ACK, or none, is due: {answer}");
        session.Require(session.IsAlive(), null, "the IKE SA is gone");
    }

    [Requirement("RFC7296-2.20-03", "RFC7296-3.15.1-16")]
    [Needs(Capabilities.IkeResponder)]
    [Test]
    public void VersionAskedFor_PrintableOrNothing()
    {
        IkeSession session = Start(Gateway(null, p => p));
        session.Establish();
        IkeArrival answer = session.Answer(session.Request(ExchangeType.Informational, new IkePayload.Configuration(ConfigurationType.Request, [new(AttributeType.ApplicationVersion)])), "a request for the version");
        session.Require(answer.ErrorNotify is null, "RFC7296-2.20-03", $"a version, an empty one, or no CP is due: {answer}");
    }

    [Requirement("RFC7296-2.19-02", "RFC7296-2.19-03", "RFC7296-2.19-05", "RFC7296-3.15.1-09", "RFC7296-3.15.1-19")]
    [Needs(Capabilities.IkeInitiator)]
    [Test]
    public void TargetIsTheClient_AsksForAnAddressAndUsesIt()
    {
        IkeSession session = Start(Client());
        session.Accept();
        IkeArrival request = session.Arrivals.First(a => a is { Exchange: ExchangeType.IkeAuth, IsResponse: false });
        session.Require(request.Find<IkePayload.Configuration>() is { Kind: ConfigurationType.Request }, "RFC7296-2.19-02", $"CFG_REQUEST is due: {request}");
    }

    private static IkePayload.Configuration? Reply(IkeSession session) =>
        session.Arrivals.Last(a => a.Exchange == ExchangeType.IkeAuth).Payloads!.Value.OfType<IkePayload.Configuration>().FirstOrDefault(c => c.Kind == ConfigurationType.Reply);

    private static IpAddress Given(IkeSession session)
    {
        IpAddress[] given = [.. (Reply(session)?.Attributes.Items ?? []).Where(a => a.Type == AttributeType.InternalIp4Address).Select(a => a.Address).OfType<IpAddress>()];
        session.Require(given.Length == 1 && Pool.Ranges[0].Contains(given[0]), "RFC7296-4-08", $"an address of the pool is due: {session.Arrivals[^1]}");
        return given[0];
    }

    private static IkeScenario Gateway(Func<IkeConfiguration, IkeConfiguration>? peer = null, Func<AddressPool, AddressPool>? pool = null) => new IkeScenario().Also(
        c => c with { AddressPool = pool?.Invoke(Pool) ?? Pool, Children = new([.. c.Children.Select(k => k with { Peer = [Anywhere] })]) },
        c => c with { AddressRequest = AddressRequest.Of(AttributeType.InternalIp4Address, AttributeType.InternalIp4Netmask), Children = new([.. c.Children.Select(k => k with { Own = [Anywhere] })]) }).Also(null, peer);

    private static IkeScenario Client() => new IkeScenario().Also(
        c => c with { AddressRequest = AddressRequest.Of(AttributeType.InternalIp4Address, AttributeType.InternalIp4Netmask), Children = new([.. c.Children.Select(k => k with { Own = [Anywhere] })]) },
        c => c with { AddressPool = new AddressPool { Ranges = [AddressRange.Of("198.51.100.64", "198.51.100.67", 25)] }, Children = new([.. c.Children.Select(k => k with { Peer = [Anywhere] })]) });
}
