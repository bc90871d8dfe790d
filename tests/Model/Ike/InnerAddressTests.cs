using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using AttributeType = Conformance.Spec.Wire.Ike.Registries.ConfigurationAttributeType;

namespace Conformance.Tests.Model.Ike;

/// <summary>Inner addresses by configuration payloads in IKE_AUTH, with real keys. RFC 7296 §2.19, §3.15.</summary>
public class InnerAddressTests
{
    [Honours("RFC7296-1.1.3-01", "RFC7296-2.19-02", "RFC7296-2.19-03", "RFC7296-3.15.3-02", "RFC7296-4-08", "RFC7296-4-07", "RFC7296-2.19-06", "RFC7296-3.15.1-04")]
    [Test]
    public void Client_GetsAnAddressAndSelectorsNarrowedToIt()
    {
        TamperedConversation played = Play();
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.First.Leases.Single().Addresses, Is.EqualTo(Addresses("10.9.0.1", "2001:db8::1")));
        Assert.That(played.Second.Leases.Single().Addresses, Is.EqualTo(played.First.Leases.Single().Addresses));
        Assert.That(played.Second.Children.Single().Peer, Is.EqualTo(played.First.Leases.Single().Selectors));
        Assert.That(played.First.Children.Single().Own, Is.EqualTo(played.First.Leases.Single().Selectors));
        foreach (string message in played.Notations.Where(n => n.StartsWith("IKE_AUTH", StringComparison.Ordinal)))
        {
            Assert.That(message.IndexOf("CP(", StringComparison.Ordinal), Is.InRange(0, message.IndexOf("SA(", StringComparison.Ordinal)), message);
        }

        IkePayload.Configuration reply = Reply(_ => { });
        Assert.That(Values(reply, AttributeType.InternalIp4Netmask), Is.EqualTo(new[] { "ffffff00" }));
        Assert.That(Values(reply, AttributeType.InternalIp4Dns), Is.EqualTo(new[] { "0a0900fe" }));
        Assert.That(Values(reply, AttributeType.InternalIp6Address), Is.EqualTo(new[] { "20010db800000000000000000000000140" }), "16 octets and the prefix length");
        Assert.That(Values(reply, AttributeType.ApplicationVersion), Is.EqualTo(new[] { Convert.ToHexStringLower("a model"u8) }));
    }

    [Honours("RFC7296-3.15.1-25", "RFC7296-1.7-01", "RFC7296-2.19-07", "RFC7296-2.19-08", "RFC7296-3.15.1-24")]
    [Test]
    public void UnknownAttributes_ArePassedOverAtBothEnds()
    {
        ConfigurationAttribute strange = new((AttributeType)20000, ByteString.Adopt([1, 2, 3]));
        ConfigurationAttribute withdrawn = new((AttributeType)5);
        IkePayload.Configuration reply = Reply(a => a.AddRange([strange, withdrawn]));
        Assert.That(reply.Attributes, Is.EqualTo(Reply(_ => { }).Attributes));
        TamperedConversation played = Play(change: p => p is IkePayload.Configuration { Kind: ConfigurationType.Reply } c ? new IkePayload.Configuration(c.Kind, c.Attributes.Insert(0, strange)) : p);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
    }

    [Honours("RFC7296-3.15.1-03")]
    [Test]
    public void AttributesOfWrongLength_ArePassedOver()
    {
        IkePayload.Configuration reply = Reply(a => a.AddRange(
            [new(AttributeType.InternalIp4Address, ByteString.Adopt([10, 9, 0])), new(AttributeType.InternalIp4Address, ByteString.Adopt([10, 9, 0, 1, 2])), new(AttributeType.InternalIp6Address, ByteString.Adopt(new byte[16]))]));
        Assert.That(reply.Attributes, Is.EqualTo(Reply(_ => { }).Attributes));
    }

    [Honours("RFC7296-3.15.1-20")]
    [Test]
    public void SupportedAttributes_AreAListOfTypes()
    {
        IkePayload.Configuration reply = Reply(a => a.Add(new(AttributeType.SupportedAttributes)));
        Assert.That(reply.Attributes.Single(a => a.Type == AttributeType.SupportedAttributes).Supported, Does.Contain(AttributeType.InternalIp4Address).And.Contain(AttributeType.InternalIp6Subnet));
    }

    [Honours("RFC7296-3.15.1-23")]
    [TestCase("10.9.0.77", "10.9.0.77", TestName = "AddressThatIsAskedFor_IsGivenIfFree")]
    [TestCase("192.0.2.77", "10.9.0.1", TestName = "AddressOfAnotherNetwork_IsReplaced")]
    public void AskedIp4(string asked, string given) =>
        Assert.That(
            Values(Reply(a => a[0] = ConfigurationAttribute.Of(AttributeType.InternalIp4Address, IpAddress.Parse(asked))), AttributeType.InternalIp4Address),
            Is.EqualTo(new[] { Convert.ToHexStringLower(IpAddress.Parse(given).ToBytes()) }));

    [Honours("RFC7296-3.15.1-05", "RFC7296-3.15.3-03", "RFC7296-3.15.3-01")]
    [TestCase("2001:db8::77", "2001:db8::77", TestName = "Ip6AddressThatIsAskedFor_IsGivenIfFree")]
    [TestCase("2001:db8:1::77", "2001:db8::77", TestName = "InterfaceIdentifierOfAnotherPrefix_IsKept")]
    [TestCase("2001:db8:1::7777", "2001:db8::1", TestName = "InterfaceIdentifierOutsideThePool_IsReplaced")]
    public void AskedIp6(string asked, string given) =>
        Assert.That(
            Values(Reply(a => a[1] = ConfigurationAttribute.Of(AttributeType.InternalIp6Address, IpAddress.Parse(asked), 64)), AttributeType.InternalIp6Address),
            Is.EqualTo(new[] { Convert.ToHexStringLower(IpAddress.Parse(given).ToBytes()) + "40" }));

    [Honours("RFC7296-3.15.4-05", "RFC7296-3.15.1-06")]
    [Test]
    public void SeveralAddresses_AreGivenAsFarAsThereAreAny()
    {
        TamperedConversation played = Play(first: c => c with { AddressRequest = AddressRequest.Of(AttributeType.InternalIp4Address, AttributeType.InternalIp4Address) }, second: c => Small(c));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.First.Leases.Single().Addresses, Is.EqualTo(Addresses("10.9.0.1")));
        Assert.That(played.Notations, Has.None.Contains("INTERNAL_ADDRESS_FAILURE"));
        Assert.That(Play(first: c => c with { AddressRequest = AddressRequest.Of(AttributeType.InternalIp4Address, AttributeType.InternalIp4Address) }).First.Leases.Single().Addresses, Has.Count.EqualTo(2));
    }

    [Honours("RFC7296-3.15.4-04")]
    [Test]
    public void FamilyThatThePoolHasNot_IsPassedOver()
    {
        TamperedConversation played = Play(second: c => Small(c));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.First.Leases.Single().Addresses, Is.EqualTo(Addresses("10.9.0.1")));
    }

    [Honours("RFC7296-3.15.4-01", "RFC7296-3.15.4-06")]
    [Test]
    public void EmptyPool_FailsTheChildAndNotTheIkeSa()
    {
        // The first IKE SA holds the only address.
        TamperedConversation played = Play(first: c => Optional(c), second: c => Small(c));
        played.Do(0, new IkeCommand.Initiate());
        Assert.That(played.Notations[^1], Does.Contain("AUTH(").And.Contain("INTERNAL_ADDRESS_FAILURE").And.Not.Contain("SA("));
        Assert.That(played.Second.Sas.Count(s => s.Phase == IkeSaPhase.Established), Is.EqualTo(2));
        Assert.That(played.Second.Children, Has.Count.EqualTo(1));

        // When the first is gone the second asks again.
        played.Do(0, new IkeCommand.DeleteIke(0));
        played.Do(0, new IkeCommand.AskConfiguration(1));
        Assert.That(played.First.LeaseOf(1)!.Addresses, Is.EqualTo(Addresses("10.9.0.1")));
        Assert.That(played.Second.Leases.Single().Addresses, Is.EqualTo(Addresses("10.9.0.1")));
    }

    [Honours("RFC7296-3.15.4-03", "RFC7296-3.15.4-07")]
    [Test]
    public void ClientThatNeedsAnAddress_ClosesTheIkeSaWithoutOne()
    {
        TamperedConversation played = Play(change: p => p is IkePayload.Configuration { Kind: ConfigurationType.Reply } ? EapPair.Nothing : p);
        Assert.That(played.Notations, Has.Some.StartsWith("INFORMATIONAL request"));
        Assert.That(played.First.Sas.Concat(played.Second.Sas).Where(s => s.Phase == IkeSaPhase.Established), Is.Empty);
        Assert.That(played.Second.Leases, Is.Empty);
    }

    [Honours("RFC7296-2.19-10", "RFC7296-2.19-11")]
    [Test]
    public void NoRequestWhereOneIsDue_FailsTheChildAndNotTheIkeSa()
    {
        TamperedConversation played = Play(first: c => c with { AddressRequest = null });
        Assert.That(played.Notations[^1], Does.Contain("N(FAILED_CP_REQUIRED)").And.Contain("AUTH(").And.Not.Contain("CP(").And.Not.Contain("SA("));
        played.Do(0, new IkeCommand.Probe(0));
        Assert.That(played.Notations[^1], Does.StartWith("INFORMATIONAL response"));
        played.Do(0, new IkeCommand.CreateChild(0, 1));
        Assert.That(played.Notations[^1], Does.StartWith("CREATE_CHILD_SA response").And.Contain("FAILED_CP_REQUIRED"));
        Assert.That(played.First.Children.Concat(played.Second.Children), Is.Empty);
    }

    [Honours("RFC7296-2.19-09")]
    [Test]
    public void NoRequest_NoReply()
    {
        TamperedConversation played = Play(first: c => c with { AddressRequest = null }, second: c => c with { AddressPool = c.AddressPool! with { IsRequired = false } });
        Assert.That(played.IsUp);
        Assert.That(played.Notations, Has.None.Contains("CP("));
    }

    [Test]
    public void MoreAddressesThanAskedFor_AreNotTaken()
    {
        ConfigurationAttribute further = ConfigurationAttribute.Of(AttributeType.InternalIp4Address, IpAddress.Parse("10.9.0.50"));
        TamperedConversation played = Play(change: p => p is IkePayload.Configuration { Kind: ConfigurationType.Reply } c ? new IkePayload.Configuration(c.Kind, c.Attributes.Add(further)) : p);
        Assert.That(played.First.Leases.Single().Addresses, Has.Count.EqualTo(2));
    }

    [Honours("RFC7296-2.19-12")]
    [Test]
    public void RekeyedIkeSa_KeepsTheAddress_AndItsEndFreesIt()
    {
        TamperedConversation played = Play();
        ValueList<IpAddress> given = played.First.Leases.Single().Addresses;
        played.Do(1, new IkeCommand.RekeyIke(0));
        played.Do(0, new IkeCommand.RekeyIke(played.First.Sas.Single(s => s.Phase == IkeSaPhase.Established).Number));
        Assert.That(played.First.Leases.Single().Addresses, Is.EqualTo(given));
        Assert.That(played.Second.Leases.Single().Addresses, Is.EqualTo(given));
        int last = played.First.Sas.Single(s => s.Phase == IkeSaPhase.Established).Number;
        played.Do(0, new IkeCommand.CreateChild(last, 1));
        Assert.That(played.Second.Children[1].Peer, Is.EqualTo(played.First.Leases.Single().Selectors));
        played.Do(0, new IkeCommand.Initiate());
        Assert.That(played.Second.Leases[1].Addresses, Is.EqualTo(Addresses("10.9.0.2", "2001:db8::2")), "another client gets others");
        played.Do(0, new IkeCommand.DeleteIke(last));
        Assert.That(played.First.Leases, Has.Count.EqualTo(1));
        Assert.That(played.Second.Leases, Has.Count.EqualTo(1));
        played.Do(0, new IkeCommand.Initiate());
        Assert.That(played.Second.Leases[1].Addresses, Is.EqualTo(given));
    }

    [Honours("RFC7296-2.20-01", "RFC7296-2.20-03", "RFC7296-3.15.1-16", "RFC7296-2.20-02")]
    [Test]
    public void Version_IsToldOrAnEmptyString()
    {
        TamperedConversation played = Play();
        played.Do(0, new IkeCommand.AskConfiguration(0));
        Assert.That(played.Notations[^1], Does.StartWith("INFORMATIONAL response").And.Contain($"APPLICATION_VERSION=0x{Convert.ToHexStringLower("a model"u8)}"));
        played.Do(1, new IkeCommand.AskConfiguration(0));
        Assert.That(played.Notations[^1], Does.EndWith("{CP(CFG_REPLY, APPLICATION_VERSION)}"));
        Assert.That(() => Sides().First with { ApplicationVersion = "with\nline" }, Throws.ArgumentException);
    }

    [Honours("RFC7296-3.15.1-28", "RFC7296-3.15.1-29", "RFC7296-3.15.1-30")]
    [Test]
    public void ValuesThatAreSetFromOutside_AreNotAccepted()
    {
        (IkeConfiguration first, IkeConfiguration second) = Sides();
        IkePayload.Configuration set = new(ConfigurationType.Set, [ConfigurationAttribute.Of(AttributeType.InternalIp4Address, IpAddress.Parse("10.0.0.1")), new((AttributeType)20000)]);
        TamperedConversation played = TamperedConversation.Play(first, second, extra: set);
        Assert.That(played.IsUp, "in IKE_AUTH it is passed over");
        ValueList<AddressLease> before = played.First.Leases;
        played.Do(1, new IkeCommand.Probe(0), ExchangeType.Informational, p => p);
        Assert.That(played.Notations[^1], Does.EndWith("{CP(CFG_ACK)}"));
        Assert.That(played.First.Leases, Is.EqualTo(before));
    }

    [Honours("RFC7296-3.15.1-09", "RFC7296-3.15.1-19")]
    [Test]
    public void RequestThatTells_CannotBeMade([Values(AttributeType.InternalIp4Netmask, AttributeType.SupportedAttributes)] AttributeType type)
    {
        Assert.That(() => new AddressRequest([new(AttributeType.InternalIp4Address), new(type, ByteString.Adopt(new byte[4]))]), Throws.ArgumentException);
        Assert.That(() => new AddressRequest([new(AttributeType.InternalIp4Address), new(type)]), Throws.Nothing);
    }

    [Honours("RFC7296-2.19-05")]
    [Test]
    public void RequestWithoutAnAddress_CannotBeMade() => Assert.That(() => AddressRequest.Of(AttributeType.InternalIp4Dns), Throws.ArgumentException);

    [Honours("RFC7296-3.15-01", "RFC7296-3.15-02", "RFC7296-3.15.1-01", "RFC7296-3.15.1-02")]
    [Test]
    public void ReservedBits_ArePassedOverAndNotSent()
    {
        IkePayload.Configuration payload = new(ConfigurationType.Request, [new(AttributeType.InternalIp4Address)]);
        (PayloadType first, byte[] bytes) = IkePayloads.ToBytes([payload]);
        Assert.That(bytes, Is.EqualTo(new byte[] { 0, 0, 0, 12, 1, 0, 0, 0, 0, 1, 0, 0 }));
        byte[] strange = [.. bytes];
        strange[5] = strange[6] = strange[7] = 0xff;
        strange[8] |= 0x80;
        Assert.That(IkePayloads.TryParse(first, ByteString.Adopt(strange), out ValueList<IkePayload> read, out _));
        Assert.That(read.Single(), Is.EqualTo(payload));
    }

    [Test]
    public void AddressGivenToTwoClients_IsFoundByConversations()
    {
        Random random = new(3);
        ConversationCase[] cases = [.. Enumerable.Range(0, 60).Select(_ => ConversationCase.Draw(random)).Select(c => c with { Options = ConversationOptions.InnerAddresses })];
        Assert.That(cases.Select(c => ConversationRun.Play(c, new SymbolicCryptography()).Violation), Is.All.Null);
        Assert.That(cases.Select(c => ConversationRun.Play(c, new SymbolicCryptography(), new SharesAddresses()).Violation), Has.Some.EqualTo("an inner address is given to two clients"));
    }

    private sealed class SharesAddresses : IkeRules
    {
        public override bool KeepsInnerAddressesApart => false;
    }

    private static (IkeConfiguration First, IkeConfiguration Second) Sides() => new ConversationCase(0, ConversationOptions.InnerAddresses, []).Configure(isSymbolic: false);

    private static TamperedConversation Play(
        Func<IkeConfiguration, IkeConfiguration>? first = null, Func<IkeConfiguration, IkeConfiguration>? second = null, Func<IkePayload, IkePayload>? change = null)
    {
        (IkeConfiguration one, IkeConfiguration other) = Sides();
        return TamperedConversation.Play(first?.Invoke(one) ?? one, second?.Invoke(other) ?? other, ExchangeType.IkeAuth, change);
    }

    // What the gateway says to a request with other attributes.
    private static IkePayload.Configuration Reply(Action<List<ConfigurationAttribute>> alter)
    {
        IkePayload.Configuration? reply = null;
        List<ConfigurationAttribute> attributes = [.. Sides().First.AddressRequest!.Attributes];
        alter(attributes);
        Play(first: c => c with { AddressRequest = new AddressRequest([.. attributes]) }, change: p => p is IkePayload.Configuration { Kind: ConfigurationType.Reply } c ? reply = c : p);
        return reply!;
    }

    private static string[] Values(IkePayload.Configuration payload, AttributeType type) => [.. payload.Attributes.Where(a => a.Type == type).Select(a => $"{a.Value}")];

    private static IkeConfiguration Small(IkeConfiguration gateway) => gateway with { AddressPool = gateway.AddressPool! with { Ranges = [AddressRange.Of("10.9.0.1", "10.9.0.1", 24)] } };

    private static IkeConfiguration Optional(IkeConfiguration client) => client with { AddressRequest = new AddressRequest([new(AttributeType.InternalIp4Address)], isNeeded: false) };

    private static ValueList<IpAddress> Addresses(params string[] addresses) => new([.. addresses.Select(IpAddress.Parse)]);
}
