using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using AttributeType = Conformance.Spec.Wire.Ike.Registries.ConfigurationAttributeType;

namespace Conformance.Tests.Model.Ike;

/// <summary>How many attributes are asked for, told and set, and in which exchanges. RFC 7296 §2.19, §3.15.</summary>
public class ConfigurationAttributeTests
{
    private static AttributeType[] Lists =>
    [
        AttributeType.InternalIp4Dns, AttributeType.InternalIp6Dns, AttributeType.InternalIp4Nbns, AttributeType.InternalIp4Dhcp, AttributeType.InternalIp6Dhcp,
        AttributeType.InternalIp4Subnet, AttributeType.InternalIp6Subnet,
    ];

    [Honours(
        "RFC7296-3.15.1-10", "RFC7296-3.15.1-11", "RFC7296-3.15.1-12", "RFC7296-3.15.1-13", "RFC7296-3.15.1-14", "RFC7296-3.15.1-15", "RFC7296-3.15.1-17", "RFC7296-3.15.1-18",
        "RFC7296-3.15.1-21", "RFC7296-3.15.1-22")]
    [Test]
    public void SeveralOfAType_MayBeAskedFor_AndAsManyComeAsThereAre([ValueSource(nameof(Lists))] AttributeType type, [Values(0, 1, 3)] int count)
    {
        ValueList<ConfigurationAttribute> settings = new([.. Enumerable.Range(1, count).Select(i => new ConfigurationAttribute(type, Value(type, (byte)i)))]);
        (IkeConfiguration first, IkeConfiguration second) = Sides();
        TamperedConversation played = TamperedConversation.Play(
            first with { AddressRequest = new AddressRequest([new(AttributeType.InternalIp4Address), new(type), new(type)]) },
            second with { AddressPool = second.AddressPool! with { Settings = settings } });
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.First.Leases.Single().Settings, Is.EqualTo(settings));
    }

    [Honours("RFC7296-2.19-01")]
    [Test]
    public void AddressAskedForWithALaterChild_IsGivenThere()
    {
        ManualPair pair = Established(c => c with { AddressRequest = null }, c => c with { AddressPool = c.AddressPool! with { IsRequired = false } });
        Assert.That(pair.Second.Leases, Is.Empty, "baseline: nothing was asked for before");
        CraftedMessage.Ask(
            pair,
            ExchangeType.CreateChildSa,
            new IkePayload.Configuration(ConfigurationType.Request, [new(AttributeType.InternalIp4Address)]),
            new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x1001), [.. pair.Machines[0].Configuration.Children[0].Offers[0]])]),
            new IkePayload.Nonce(ByteString.Adopt(new byte[32])),
            new IkePayload.TrafficSelectors(true, [TrafficSelector.Range.All(false)]),
            new IkePayload.TrafficSelectors(false, pair.Machines[0].Configuration.Children[0].Peer));
        Assert.That(pair.Sent[^1], Does.Contain("CP(CFG_REPLY, INTERNAL_IP4_ADDRESS=").And.Contain("SA(1 ESP"));
        Assert.That(pair.Second.Children[^1].Peer, Is.EqualTo(pair.Second.Leases.Single().Selectors));
    }

    [Honours("RFC7296-3.15.1-07")]
    [TestCase(1)]
    [TestCase(2)]
    public void NoMoreAddresses_AreToldThanAreAskedFor(int asked)
    {
        ValueList<ConfigurationAttribute> two = [new(AttributeType.InternalIp4Address), new(AttributeType.InternalIp4Address)];
        ManualPair pair = Established(c => c with { AddressRequest = new AddressRequest(two) }, c => c);
        Assert.That(pair.Second.Leases.Single().Addresses, Has.Count.EqualTo(2), "baseline: the client has two");
        CraftedMessage.Ask(pair, ExchangeType.Informational, new IkePayload.Configuration(ConfigurationType.Request, new([.. two.Take(asked)])));
        Assert.That(pair.Sent[^1].Split("INTERNAL_IP4_ADDRESS="), Has.Length.EqualTo(asked + 1));
    }

    [Honours("RFC7296-3.15.1-08")]
    [TestCase(2, 1)]
    [TestCase(1, 1)]
    [TestCase(0, 0)]
    public void Netmask_IsToldOnceAndOnlyWithAnAddress(int addresses, int masks)
    {
        ManualPair pair = Established(c => c, c => c);
        IEnumerable<ConfigurationAttribute> asked = Enumerable.Repeat(new ConfigurationAttribute(AttributeType.InternalIp4Address), addresses);
        CraftedMessage.Ask(
            pair, ExchangeType.Informational, new IkePayload.Configuration(ConfigurationType.Request, [.. asked, new(AttributeType.InternalIp4Netmask), new(AttributeType.InternalIp4Netmask)]));
        Assert.That(pair.Sent[^1], Does.Contain("CP(CFG_REPLY"));
        Assert.That(pair.Sent[^1].Split("INTERNAL_IP4_NETMASK"), Has.Length.EqualTo(masks + 1));
    }

    [Honours("RFC7296-3.15.1-26", "RFC7296-3.15.1-27")]
    [Test]
    public void SettingThatIsTaken_ComesBackWithoutItsValue()
    {
        ManualPair pair = Established(c => c, c => c with { TakesSettings = [AttributeType.InternalIp4Dns] });
        CraftedMessage.Ask(
            pair,
            ExchangeType.Informational,
            new IkePayload.Configuration(
                ConfigurationType.Set, [ConfigurationAttribute.Of(AttributeType.InternalIp4Dns, IpAddress.Parse("10.0.0.1")), ConfigurationAttribute.Of(AttributeType.InternalIp4Nbns, IpAddress.Parse("10.0.0.2"))]));
        Assert.That(pair.Sent[^1], Does.EndWith("SK {CP(CFG_ACK, INTERNAL_IP4_DNS)}"));
        Assert.That(pair.Reports, Has.Some.StartsWith("set by the other side: INTERNAL_IP4_DNS=").And.None.Contains("NBNS"));
    }

    private static ByteString Value(AttributeType type, byte last) => type switch
    {
        AttributeType.InternalIp4Subnet => ByteString.Adopt([10, 9, last, 0, 255, 255, 255, 0]),
        AttributeType.InternalIp6Subnet => ByteString.Adopt([.. IpAddress.Parse($"2001:db8:{last}::").ToBytes(), 48]),
        AttributeType.InternalIp6Dns or AttributeType.InternalIp6Dhcp => ByteString.Adopt(IpAddress.Parse($"2001:db8::{last}").ToBytes()),
        _ => ByteString.Adopt([10, 9, 0, last]),
    };

    private static (IkeConfiguration First, IkeConfiguration Second) Sides() => new ConversationCase(0, ConversationOptions.InnerAddresses, []).Configure(isSymbolic: false);

    private static ManualPair Established(Func<IkeConfiguration, IkeConfiguration> first, Func<IkeConfiguration, IkeConfiguration> second)
    {
        (IkeConfiguration one, IkeConfiguration other) = Sides();
        return ManualPair.Established((_, isFirst) => isFirst ? first(one) : second(other));
    }
}
