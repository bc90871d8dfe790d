using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Forms of messages and payloads: what stands where, what is not minded, what never comes together. RFC 7296 §2.2, §2.6, §3.</summary>
public class MessageFormTests
{
    [Honours("RFC7296-3.1-01")]
    [TestCase(1, true)]
    [TestCase(2, false)]
    public void Datagram_HoldsOneMessage(int copies, bool isTaken)
    {
        ManualPair pair = new((c, _) => c);
        pair.Ask(0, new IkeCommand.Initiate());
        IkeOutput.Send request = pair.Network[0].Send;
        ByteString datagram = ByteString.Adopt([.. Enumerable.Repeat(request.Datagram.ToArray(), copies).SelectMany(b => b)]);
        pair.Do(1, new IkeEvent.Received(datagram, request.From, request.To));
        Assert.That(pair.Second.Sas, Has.Count.EqualTo(isTaken ? 1 : 0));
        Assert.That(pair.Network, Has.Count.EqualTo(isTaken ? 2 : 1), "one datagram for one message");
    }

    [Honours("RFC7296-3.2-01")]
    [Test]
    public void EncryptedPayload_NamesTheFirstInside_AndTheLastNamesNone()
    {
        ManualPair pair = new((c, _) => c);
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        pair.Deliver();
        (_, PayloadType first, ByteString content) = SealedMessage.Open(pair.Cryptography, pair.Second.Sas[0], pair.Network[0].Send.Datagram)!.Value;
        List<PayloadType> types = [first];
        for (int at = 0; at < content.Length; at += (content[at + 2] << 8) | content[at + 3])
        {
            types.Add((PayloadType)content[at]);
        }

        Assert.That(types, Is.EqualTo(new[]
        {
            PayloadType.IdentificationInitiator, PayloadType.Authentication, PayloadType.SecurityAssociation, PayloadType.TrafficSelectorInitiator, PayloadType.TrafficSelectorResponder, PayloadType.None,
        }));
    }

    private static IEnumerable<IkePayload> BasePayloads =>
    [
        new IkePayload.SecurityAssociation([Proposal.ForEsp(1, new Spi(0x1001), Transform.Of(EncryptionTransform.AesGcm16, 128))]),
        new IkePayload.KeyExchange(KeyExchangeMethod.Curve25519, ByteString.Adopt(new byte[32])),
        new IkePayload.Identification(OfInitiator: true, Identity.Fqdn("a.example")),
        new IkePayload.Identification(OfInitiator: false, Identity.Fqdn("b.example")),
        new IkePayload.Certificate(CertificateEncoding.X509Signature, ByteString.Adopt([1])),
        new IkePayload.CertificateRequest(CertificateEncoding.X509Signature, ByteString.Adopt(new byte[20])),
        new IkePayload.Authentication(AuthenticationMethod.SharedKey, ByteString.Adopt(new byte[32])),
        new IkePayload.Nonce(ByteString.Adopt(new byte[32])),
        new IkePayload.Notify(NotifyType.InitialContact),
        IkePayload.Delete.Of(ProtocolId.Esp, [new Spi(0x1234)]),
        new IkePayload.VendorId(ByteString.Adopt([1])),
        new IkePayload.TrafficSelectors(true, [TrafficSelector.Range.All(false)]),
        new IkePayload.TrafficSelectors(false, [TrafficSelector.Range.All(false)]),
        new IkePayload.Configuration(ConfigurationType.Reply, []),
        new IkePayload.Eap(EapMessage.End(success: true, 1)),
    ];

    // The critical flag of a payload that is known says nothing. RFC 7296 §2.5.
    [Honours("RFC7296-3.2-05")]
    [TestCaseSource(nameof(BasePayloads))]
    public void PayloadOfTheBaseDocument_IsKnown(IkePayload payload)
    {
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([payload]);
        content[1] |= 0x80;
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkeSa sa = pair.Second.Sas[0];
        pair.Do(1, new IkeEvent.Received(SealedMessage.To(pair.Cryptography, sa, ExchangeType.Informational, isResponse: false, sa.NextExpected, first, ByteString.Adopt(content)), sa.Peer, sa.Own));
        Assert.That(pair.Sent, Is.EqualTo(new[] { "INFORMATIONAL response 2: SK {}" }));
        Assert.That(pair.Second.Children.Single().Phase, Is.EqualTo(ChildSaPhase.Installed));
    }

    [Honours("RFC7296-3.10-01", "RFC7296-3.10-05")]
    [TestCase("REKEY_SA", "0000000c03044009" + "00001234")]
    [TestCase("CHILD_SA_NOT_FOUND", "0000000c0304002c" + "00001234")]
    [TestCase("INITIAL_CONTACT", "0000000800004000")]
    [TestCase("AUTHENTICATION_FAILED", "0000000800000018")]
    public void Notification_SaysWhichSaItIsAbout(string name, string bytes)
    {
        NotifyType type = Enum.GetValues<NotifyType>().Single(t => Iana.NameOf(t) == name);
        IkePayload.Notify notify = type is NotifyType.RekeySa or NotifyType.ChildSaNotFound ? IkePayload.Notify.About(type, ProtocolId.Esp, new Spi(0x1234)) : new IkePayload.Notify(type);
        Assert.That(Convert.ToHexStringLower(IkePayloads.ToBytes([notify]).Content), Is.EqualTo(bytes));
    }

    [Honours("RFC7296-3.10-01")]
    [Test]
    public void RekeyRequest_NamesTheChildByProtocolAndSpi()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        Assert.That(pair.Sent[0], Does.Contain($"SK {{N(REKEY_SA, ESP {pair.First.Children[0].Inbound})"));
    }

    [Honours("RFC7296-3.10.1-04")]
    [TestCase(ExchangeType.IkeAuth)]
    [TestCase(ExchangeType.CreateChildSa)]
    [TestCase(ExchangeType.Informational)]
    public void StatusNotification_MayBeAddedToAnyMessage(ExchangeType exchange)
    {
        TamperedConversation played = TamperedConversation.Play(Side(0), Side(1), exchange, p => p, extra: new IkePayload.Notify(NotifyType.EspTfcPaddingNotSupported));
        played.Do(0, new IkeCommand.CreateChild(0, 1), exchange, p => p);
        played.Do(0, new IkeCommand.DeleteChild(0), exchange, p => p);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.First.Children.Single().Configuration, Is.EqualTo(1));
    }

    [Honours("RFC7296-3.11-01", "RFC7296-3.11-02")]
    [Test]
    public void DeletionsOfTwoProtocols_AreInTwoPayloads_AndEachIsAnsweredForItself()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        ChildSa child = pair.Second.Children[0];
        CraftedMessage.Ask(pair, ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Ah, [child.Outbound]), IkePayload.Delete.Of(ProtocolId.Esp, [new Spi(0x9999)]));
        Assert.That(pair.Sent[^1], Does.EndWith("SK {}"), "there is no AH SA, and no such ESP SA");
        CraftedMessage.Ask(pair, ExchangeType.Informational, IkePayload.Delete.Of(ProtocolId.Ah, [new Spi(0x9999)]), IkePayload.Delete.Of(ProtocolId.Esp, [child.Outbound]));
        Assert.That(pair.Sent[^1], Does.EndWith($"SK {{D(ESP [{child.Inbound}])}}"));
    }

    [Honours("RFC7296-3.12-01", "RFC7296-3.12-02", "RFC7296-3.12-03", "RFC7296-3.12-04")]
    [Test]
    public void VendorIds_ChangeNothing()
    {
        ManualPair pair = new((c, _) => c);
        pair.Ask(0, new IkeCommand.Initiate());
        IkeOutput.Send request = pair.Network[0].Send;
        Assert.That(IkeMessage.TryParse(request.Datagram, out IkeMessage? message, out _));
        IkePayload vendor = new IkePayload.VendorId(ByteString.Adopt([1, 2, 3]));
        ByteString more = ByteString.Adopt(new IkeMessage(message!.Header, [vendor, .. message.Payloads, vendor, vendor]).ToBytes());
        Assert.That(Answer(more), Is.EqualTo(Answer(request.Datagram)));
        Assert.That(IkePayloads.ToBytes([vendor]).Content[1], Is.Zero, "not critical");

        IkeOutput Answer(ByteString datagram) => pair.Machines[1].Run(IkePeer.Idle, new IkeEvent.Received(datagram, request.From, request.To)).Outputs.Single();
    }

    [Honours("RFC7296-3.13.1-04", "RFC7296-3.13.1-06", "RFC7296-3.13.1-07")]
    [TestCase(0, 0, 65535, "07000010" + "0000ffff", TestName = "AnyPort_IsAllPorts")]
    [TestCase(1, 0x0800, 0x08ff, "07010010" + "080008ff", TestName = "IcmpEcho_HasItsTypeInTheUpperOctet")]
    [TestCase(58, 0x8003, 0x8003, "073a0010" + "80038003", TestName = "Icmpv6Code_IsInTheLowerOctet")]
    [TestCase(135, 0x0500, 0x0500, "07870010" + "05000500", TestName = "MobilityHeader_HasItsTypeInTheUpperOctet")]
    public void Ports(int protocol, int first, int last, string bytes)
    {
        IpAddress host = IpAddress.Parse("192.0.2.1");
        TrafficSelector.Range whole = TrafficSelector.Range.Host(host);
        TrafficSelector.Range selector = protocol == 0 ? whole : new((byte)protocol, (ushort)first, (ushort)last, host, host);
        Assert.That((selector.FirstPort, selector.LastPort), Is.EqualTo(((ushort)first, (ushort)last)));
        Assert.That(Convert.ToHexStringLower(IkePayloads.ToBytes([new IkePayload.TrafficSelectors(true, [selector])]).Content[8..]), Does.StartWith(bytes));
        Assert.That(Spec.Ike.Negotiation.SelectorNarrowing.Intersect(whole, selector), Is.EqualTo(selector));
    }

    [Honours("RFC7296-3.14-04")]
    [TestCase(0x00)]
    [TestCase(0xa5)]
    public void Padding_MayHaveAnyContent(byte filler)
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkeSa sa = pair.Second.Sas[0];
        ByteString padding = ByteString.Adopt([.. Enumerable.Repeat(filler, 40)]);
        ByteString room = ByteString.Adopt(new byte[pair.Cryptography.SealedBytes(sa.Suite!, 0, padding.Length)]);
        IkeHeader header = new() { InitiatorSpi = sa.InitiatorSpi, ResponderSpi = sa.ResponderSpi, ExchangeType = ExchangeType.Informational, IsFromInitiator = true, IsResponse = false, MessageId = new(sa.NextExpected) };
        byte[] bytes = new IkeMessage(header, [new IkePayload.Encrypted(PayloadType.None, room)]).ToBytes();
        ByteString associated = new(bytes.AsSpan(0, bytes.Length - room.Length));
        pair.Cryptography.Seal(sa.Suite!, sa.InboundKeys!, associated, ByteString.Empty, ByteString.Adopt(new byte[sa.Suite!.IvBytes]), padding).Span.CopyTo(bytes.AsSpan(associated.Length));
        pair.Do(1, new IkeEvent.Received(ByteString.Adopt(bytes), sa.Peer, sa.Own));
        Assert.That(pair.Sent, Is.EqualTo(new[] { "INFORMATIONAL response 2: SK {}" }));
    }

    // Four messages have the number 2: a request and a response each way.
    [Honours("RFC7296-2.2-09")]
    [Test]
    public void MessagesOfOneNumber_AreToldApartByTheirFlags()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(1, new IkeCommand.Probe(0));
        pair.DeliverAll();
        pair.Ask(1, new IkeCommand.Probe(0));
        pair.DeliverAll();
        pair.Sent.Clear();
        pair.Ask(0, new IkeCommand.Probe(0));
        pair.Ask(1, new IkeCommand.Probe(0));
        IkeOutput.Send own = pair.Network[0].Send;
        IkePeer before = pair.First;
        pair.Do(0, new IkeEvent.Received(own.Datagram, own.To, own.From));
        Assert.That(pair.First, Is.EqualTo(before), "the own request, come back");
        pair.DeliverAll();
        Assert.That(pair.Sent.Order(), Is.EqualTo(new[] { "INFORMATIONAL request 2: SK {}", "INFORMATIONAL request 2: SK {}", "INFORMATIONAL response 2: SK {}", "INFORMATIONAL response 2: SK {}" }));
        Assert.That(pair.First.Sas[0].Pending.Count + pair.Second.Sas[0].Pending.Count, Is.Zero);
    }

    // Two IKE SAs with one pair of SPIs, of which this side chose the first in one and the second in the other.
    [Honours("RFC7296-2.6-03")]
    [Test]
    public void FlagI_SaysWhichSpiIsTheOwn()
    {
        IkeSa made = ManualPair.Established((c, _) => c).First.Sas[0] with { InitiatorSpi = new IkeSpi(5), ResponderSpi = new IkeSpi(9) };
        IkePeer peer = IkePeer.Idle with { Sas = [made, made with { Number = 1, IsInitiator = false }] };
        Assert.That(peer.Find(isFromInitiator: false, new IkeSpi(5), new IkeSpi(9))?.Number, Is.Zero);
        Assert.That(peer.Find(isFromInitiator: true, new IkeSpi(5), new IkeSpi(9))?.Number, Is.EqualTo(1));
        Assert.That(peer.Find(isFromInitiator: true, new IkeSpi(9), new IkeSpi(5)), Is.Null);
    }

    [Honours("RFC7296-2.22-03")]
    [Test]
    public void Compression_IsOnlyWhereAnSaPayloadIs()
    {
        ManualPair pair = new((c, _) => c with { Children = new([.. c.Children.Select(x => x with { Compressions = [2] })]) });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.DeliverAll();
        pair.Ask(0, new IkeCommand.RekeyChild(0));
        pair.DeliverAll();
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        IkeOutput.Send request = pair.Network[0].Send;
        IkeOutcome refused = pair.Machines[1].Step(pair.Second, new IkeEvent.Received(request.Datagram, request.From, request.To)).Items[^1];
        string[] all = [.. pair.Sent, .. refused.Outputs.OfType<IkeOutput.Send>().Select(s => s.Notation)];
        Assert.That(all[^1], Does.Contain("NO_ADDITIONAL_SAS"));
        Assert.That(all.Where(s => s.Contains("IPCOMP_SUPPORTED", StringComparison.Ordinal)), Has.Exactly(5).Items.And.All.Contains("SA(1 ESP"));
    }

    [Honours("RFC7296-2.23-08")]
    [Test]
    public void NatDetection_IsBehindTheNonceAndBeforeTheRequestForCertificates()
    {
        // The first side asks for certificates, here as the responder.
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, ConversationOptions.SecondCertified | ConversationOptions.NatDetection, []).Configure(isSymbolic: false);
        ManualPair pair = new((_, isFirst) => isFirst ? first : second);
        pair.Ask(1, new IkeCommand.Initiate());
        pair.Deliver();
        string[] payloads = ["Nonce(", "N(NAT_DETECTION_SOURCE_IP", "N(NAT_DETECTION_DESTINATION_IP", "CERTREQ("];
        Assert.That(payloads.Select(p => pair.Sent[1].IndexOf(p, StringComparison.Ordinal)), Is.Ordered.And.All.GreaterThan(0), pair.Sent[1]);
        Assert.That(payloads[..3].Select(p => pair.Sent[0].IndexOf(p, StringComparison.Ordinal)), Is.Ordered.And.All.GreaterThan(0), pair.Sent[0]);
    }

    [Honours("RFC7296-2.23-10")]
    [TestCase(true, NatPresence.None)]
    [TestCase(false, NatPresence.BeforePeer)]
    public void OneSourceHashOfSeveral_IsEnough(bool hasRight, NatPresence found)
    {
        Endpoint source = Side(0).Own;
        Endpoint target = Side(0).Peer;
        Endpoint other = source with { Address = IpAddress.Parse("203.0.113.9") };
        ValueList<IkePayload> payloads = [.. NatDetection.Announce(new(1), default, other, target), .. NatDetection.Announce(new(1), default, hasRight ? source : other, target)];
        Assert.That(NatDetection.Judge(payloads, new(1), default, source, target), Is.EqualTo(found));
    }

    private static IkeConfiguration Side(int side) => side == 0
        ? ExplorationPair.Configuration("first", "second", 1, 2, 0)
        : ExplorationPair.Configuration("second", "first", 2, 1, 0);
}
