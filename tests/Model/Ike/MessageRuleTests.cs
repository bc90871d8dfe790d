using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.Negotiation;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Rules of single messages: first ones, identities, selectors, forms. RFC 7296 §2, §3.</summary>
public class MessageRuleTests
{
    [Honours("RFC7296-1-01")]
    [Test]
    public void OtherExchangeBeforeTheFirst_MakesNothing()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkeEvent.Received auth = new(SealedMessage.To(pair.Cryptography, pair.Second.Sas[0], ExchangeType.IkeAuth, isResponse: false, 1, PayloadType.None, ByteString.Empty), pair.Second.Sas[0].Peer, pair.Second.Sas[0].Own);
        Assert.That(pair.Machines[1].Step(IkePeer.Idle, auth).Select(o => o.Next), Is.All.EqualTo(IkePeer.Idle));
    }

    [Honours("RFC7296-2.15-05", "RFC7296-2.6.1-03")]
    [Test]
    public void LastFirstRequest_IsTheOneThatAuthCovers()
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, ConversationOptions.Cookie | ConversationOptions.WrongGuess, []).Configure(isSymbolic: false);
        TamperedConversation played = TamperedConversation.Play(first, second);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations.Count(n => n.StartsWith("IKE_SA_INIT request", StringComparison.Ordinal)), Is.GreaterThan(2));
    }

    [Honours("RFC7296-2.6-19")]
    [Test]
    public void ResponderThatAsksForCookiesForEver_IsNotFollowed()
    {
        ManualPair pair = new((c, _) => c);
        pair.Ask(0, new IkeCommand.Initiate());
        for (byte i = 0; i < 20; i++)
        {
            Plain(pair, ExchangeType.IkeSaInit, 0, new IkePayload.Notify(NotifyType.Cookie, ByteString.Adopt([i])));
        }

        Assert.That(pair.Sent, Has.Count.InRange(2, 10));
    }

    [Honours("RFC7296-2.21.1-01", "RFC7296-2.21.1-02", "RFC7296-2.21.2-10")]
    [Test]
    public void ErrorWithoutProtection_DoesNotEndTheAttempt([Values] bool inAuthentication)
    {
        ManualPair pair = new((c, _) => c);
        pair.Ask(0, new IkeCommand.Initiate());
        if (inAuthentication)
        {
            pair.Deliver();
            pair.Deliver();
        }

        Plain(pair, inAuthentication ? ExchangeType.IkeAuth : ExchangeType.IkeSaInit, inAuthentication ? 1u : 0, new IkePayload.Notify(NotifyType.AuthenticationFailed));
        pair.DeliverAll();
        Assert.That(pair.First.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established));
    }

    [Honours("RFC7296-2.4-22")]
    [Test]
    public void LaterResponseToTheFirstMessage_IsPassedOver()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkePeer before = pair.First;
        Plain(pair, ExchangeType.IkeSaInit, 0, new IkePayload.Notify(NotifyType.Cookie, ByteString.Adopt([1])));
        Assert.That(pair.First, Is.EqualTo(before));
        Assert.That(pair.Sent, Is.Empty);
    }

    [Honours("RFC7296-2.5-17")]
    [Test]
    public void Payloads_AreInTheOrderOfTheFigures()
    {
        ManualPair pair = new((c, _) => c);
        pair.Ask(0, new IkeCommand.Initiate());
        pair.DeliverAll();
        AssertOrder(pair.Sent[0], "SA(", "KE(", "Nonce(");
        AssertOrder(pair.Sent[1], "SA(", "KE(", "Nonce(");
        AssertOrder(pair.Sent[2], "IDi(", "AUTH(", "SA(", "TSi(", "TSr(");
        AssertOrder(pair.Sent[3], "IDr(", "AUTH(", "SA(", "TSi(", "TSr(");
    }

    [Honours("RFC7296-2.5-02", "RFC7296-2.5-03", "RFC7296-2.5-04")]
    [Test]
    public void HigherMajorVersion_IsToldUnderTheOwn()
    {
        ManualPair pair = new((c, _) => c);
        pair.Ask(0, new IkeCommand.Initiate());
        byte[] bytes = pair.Network[0].Send.Datagram.ToArray();
        bytes[17] = 0x30;
        IkeOutcome outcome = pair.Machines[1].Run(IkePeer.Idle, new IkeEvent.Received(ByteString.Adopt(bytes), pair.Network[0].Send.From, pair.Network[0].Send.To));
        Assert.That(outcome.Next, Is.EqualTo(IkePeer.Idle));
        IkeOutput.Send told = outcome.Outputs.OfType<IkeOutput.Send>().Single();
        Assert.That((told.Datagram[17], told.Notation.Contains("INVALID_MAJOR_VERSION", StringComparison.Ordinal)), Is.EqualTo(((byte)0x20, true)));
    }

    [Honours("RFC7296-2.23-17")]
    [Test]
    public void Keepalive_IsDropped()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkePeer before = pair.First;
        pair.Do(0, new IkeEvent.Received(ByteString.Adopt([0xff]), before.Sas[0].Peer, before.Sas[0].Own));
        Assert.That(pair.First, Is.EqualTo(before));
        Assert.That(pair.Sent, Is.Empty);
    }

    [Honours("RFC7296-3.1-04", "RFC7296-3.2-10")]
    [TestCase((int)PayloadType.Encrypted, "00000008aabbccdd")]
    [TestCase(200, "00000009aabbccdd")]
    [TestCase(200, "29000008aabbccdd")]
    public void WrongInnerPayload_IsRefused(int type, string content) =>
        Assert.That(IkePayloads.TryParse((PayloadType)type, ByteString.FromHex(content), out _, out _), Is.False);

    [Honours("RFC7296-3.11-03", "RFC7296-3.11-04")]
    [Test]
    public void DeleteOfTheIkeSa_HasProtocol1AndNoSpi() =>
        Assert.That(Convert.ToHexStringLower(IkePayloads.ToBytes([IkePayload.Delete.IkeSa]).Content), Is.EqualTo("0000000801000000"));

    [Honours("RFC7296-3.16-03", "RFC7296-3.16-04")]
    [Test]
    public void EndOfEap_HasNeitherTypeNorData() =>
        Assert.That(Convert.ToHexStringLower(IkePayloads.ToBytes([new IkePayload.Eap(EapMessage.End(success: true, 7))]).Content), Is.EqualTo("0000000803070004"));

    [Honours("RFC7296-3.15-03", "RFC7296-3.12-05")]
    [Test]
    public void UnknownKindOfConfigurationAndVendorId_DoNoHarm()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        CraftedMessage.Ask(pair, ExchangeType.Informational, new IkePayload.Configuration((ConfigurationType)99, []), new IkePayload.VendorId(ByteString.Adopt([1])));
        Assert.That(pair.Sent[^1], Does.EndWith("SK {}"));
    }

    [Honours("RFC7296-3.15.4-02")]
    [Test]
    public void ConfigurationRequestToWhoHasNothing_IsPassedOver()
    {
        IkePayload request = new IkePayload.Configuration(ConfigurationType.Request, [new(ConfigurationAttributeType.InternalIp4Address)]);
        TamperedConversation played = TamperedConversation.Play(Side(0), Side(1), change: p => p, extra: request);
        Assert.That(played.IsUp);
        Assert.That(played.Notations[^1], Does.Not.Contain("CP(").And.Not.Contain("INTERNAL_ADDRESS_FAILURE"));
    }

    private static IEnumerable<Identity> Identities =>
    [
        Identity.Of(IpAddress.Parse("198.51.100.77")), Identity.Of(IpAddress.Parse("2001:db8::77")), Identity.Fqdn("a.example"), Identity.Mail("a@example"),
        Identity.KeyId(ByteString.Adopt([0, 1, 2])), Identity.KeyId(ByteString.Adopt(new byte[20_000])),
    ];

    [Honours("RFC7296-3.5-03", "RFC7296-3.5-08", "RFC7296-3.5-09", "RFC7296-3.5-10", "RFC7296-3.5-11", "RFC7296-3.5-12", "RFC7296-4-10", "RFC7296-1.2-15")]
    [TestCaseSource(nameof(Identities))]
    public void IdentityOfEachKind_ProvesItselfByTheSecret(Identity identity)
    {
        Assert.That(TamperedConversation.Play(Side(0) with { OwnIdentity = identity }, Side(1) with { PeerIdentity = identity }).IsUp);
        Assert.That(TamperedConversation.Play(Side(0) with { OwnIdentity = identity }, Side(1)).IsUp, Is.False, "the secret is bound to another");
    }

    [Honours("RFC7296-4-11", "RFC7296-2.15-09")]
    [Test]
    public void CertificateOfTheResponderAndSecretOfTheInitiator_GoTogether()
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, ConversationOptions.SecondCertified, []).Configure(isSymbolic: false);
        Assert.That(first.Credentials, Is.TypeOf<Credentials.SharedSecret>());
        Assert.That(second.Credentials, Is.TypeOf<Credentials.Signature>());
        Assert.That(TamperedConversation.Play(first, second).IsUp);
    }

    [Honours("RFC7296-5.1-01", "RFC7296-5.1-02", "RFC7296-2.9-06")]
    [Test]
    public void TrafficThatPolicyDoesNotHave_GetsNoChild()
    {
        ManualPair pair = ManualPair.Established((c, isFirst) => isFirst ? c with { Children = new([.. c.Children.Select(x => x with { Own = [TrafficSelector.Range.Host(c.Own.Address)] })]) } : c);
        Assert.That(pair.Second.Children, Is.Empty);
        pair.Ask(0, new IkeCommand.CreateChild(0, 0));
        pair.Deliver();
        Assert.That(pair.Sent[^1], Does.EndWith("SK {N(TS_UNACCEPTABLE)}"));
    }

    [Honours("RFC7296-2.9-02", "RFC7296-2.9-07")]
    [Test]
    public void SelectorsThatPolicyHas_ComeBackAsTheyWere()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        Assert.That((pair.First.Children[0].Own, pair.First.Children[0].Peer), Is.EqualTo((Side(0).Children[0].Own, Side(0).Children[0].Peer)));
        Assert.That((pair.Second.Children[0].Own, pair.Second.Children[0].Peer), Is.EqualTo((Side(1).Children[0].Own, Side(1).Children[0].Peer)));
    }

    [Honours("RFC7296-2.9-18", "RFC7296-3.13.1-05", "RFC7296-3.13.1-11")]
    [TestCase(0, 0, 65535, 6, 80, 80, "6 10.0.0.3-10.0.0.9 80-80")]
    [TestCase(6, 0, 65535, 17, 0, 65535, null)]
    [TestCase(6, 80, 90, 6, 85, 99, "6 10.0.0.3-10.0.0.9 85-90")]
    [TestCase(6, 65535, 0, 6, 0, 65535, "6 10.0.0.3-10.0.0.9 OPAQUE")]
    [TestCase(6, 65535, 0, 6, 80, 80, null)]
    public void Narrowing_KeepsProtocolPortsAndAddresses(int protocol, int first, int last, int otherProtocol, int otherFirst, int otherLast, string? common)
    {
        TrafficSelector.Range one = new((byte)protocol, (ushort)first, (ushort)last, IpAddress.Parse("10.0.0.1"), IpAddress.Parse("10.0.0.9"));
        TrafficSelector.Range other = new((byte)otherProtocol, (ushort)otherFirst, (ushort)otherLast, IpAddress.Parse("10.0.0.3"), IpAddress.Parse("10.0.0.200"));
        Assert.That(SelectorNarrowing.Intersect(one, other)?.ToString(), Is.EqualTo(common));
    }

    private static void AssertOrder(string message, params string[] payloads) =>
        Assert.That(payloads.Select(p => message.IndexOf($" {p}", StringComparison.Ordinal) is var at && at >= 0 ? at : message.IndexOf($"{{{p}", StringComparison.Ordinal)), Is.Ordered.And.All.GreaterThan(0), message);

    // An answer that nothing protects, to the first side's last IKE SA.
    private static void Plain(ManualPair pair, ExchangeType exchange, uint messageId, IkePayload payload)
    {
        IkeSa sa = pair.First.Sas[^1];
        IkeHeader header = new() { InitiatorSpi = sa.InitiatorSpi, ResponderSpi = sa.ResponderSpi, ExchangeType = exchange, IsFromInitiator = false, IsResponse = true, MessageId = new(messageId) };
        pair.Do(0, new IkeEvent.Received(ByteString.Adopt(new IkeMessage(header, [payload]).ToBytes()), sa.Peer, sa.Own));
    }

    private static IkeConfiguration Side(int side) => side == 0
        ? ExplorationPair.Configuration("first", "second", 1, 2, 0)
        : ExplorationPair.Configuration("second", "first", 2, 1, 0);
}
