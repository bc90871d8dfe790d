using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Crypto.Ike.Prfs;
using Conformance.Spec.Eap;
using Conformance.Spec.Eap.Tls;
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

/// <summary>What AUTH covers, who must send it, whom it is about, and how long EAP may take. RFC 7296 §1.2, §2.4, §2.15, §2.16.</summary>
public class AuthenticationRuleTests
{
    // From the datagrams as they went: RFC 7296 §2.15, written out.
    [Honours("RFC7296-2.15-01", "RFC7296-2.15-02", "RFC7296-2.15-04", "RFC7296-2.23-03")]
    [TestCase(Endpoint.IkePort)]
    [TestCase(Endpoint.NatTraversalPort)]
    public void Auth_CoversTheMessageAsSent_TheOtherNonceAndTheOwnIdentity(int port)
    {
        ManualPair pair = new((c, _) => c with { Own = c.Own with { Port = (ushort)port }, Peer = c.Peer with { Port = (ushort)port } });
        List<IkeOutput.Send> sent = [];
        pair.Ask(0, new IkeCommand.Initiate());
        while (pair.Network.Count > 0)
        {
            sent.Add(pair.Network[0].Send);
            pair.Deliver();
        }

        IkeKeys keys = pair.First.Sas[0].Keys!;
        Assert.That(sent.Select(s => (int)s.To.Port), Is.All.EqualTo(port));
        Assert.That(Auth(pair, pair.Second, sent[2]), Is.EqualTo(Due(sent[0], sent[1], new(OfInitiator: true, Identity.Fqdn("first.example")), keys.InitiatorAuthentication)));
        Assert.That(Auth(pair, pair.First, sent[3]), Is.EqualTo(Due(sent[1], sent[0], new(OfInitiator: false, Identity.Fqdn("second.example")), keys.ResponderAuthentication)));
        Assert.That(pair.First.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established));

        static ByteString Due(IkeOutput.Send own, IkeOutput.Send other, IkePayload.Identification identification, IkeSecret key)
        {
            IkePrf prf = HmacPrf.Sha256;
            byte[] octets = [.. own.Datagram.Span, .. Message(other).Find<IkePayload.Nonce>()!.Data.Span, .. prf.Compute(key.Span, identification.BodyToBytes().Span)];
            return ByteString.Adopt(prf.Compute(prf.Compute("a secret of two"u8, "Key Pad for IKEv2"u8), octets));
        }
    }

    [Honours("RFC7296-2.15-07")]
    [Test]
    public void AuthOfTheResponder_DoesNotProveAnInitiatorOfThatName()
    {
        IkeConfiguration second = Side(1) with { PeerIdentity = Identity.Fqdn("second.example") };
        IkeConfiguration first = Side(0) with { OwnIdentity = Identity.Fqdn("second.example") };
        IkePayload.Authentication? ofResponder = null;
        int seen = 0;
        TamperedConversation honest = TamperedConversation.Play(first, second, change: p => p is IkePayload.Authentication a && seen++ == 1 ? ofResponder = a : p);
        Assert.That(honest.IsUp, "baseline: both have one name, and the same values come again");
        seen = 0;
        TamperedConversation reflected = TamperedConversation.Play(first, second, change: p => p is IkePayload.Authentication && seen++ == 0 ? ofResponder! : p);
        Assert.That(reflected.Notations[^1], Does.Contain("AUTHENTICATION_FAILED"));
        Assert.That(reflected.Second.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Closed));
    }

    [Honours("RFC7296-2.16-04")]
    [Test]
    public void FirstRequestWithoutAuth_IsRefusedWhereNoEapIsAllowed()
    {
        TamperedConversation played = TamperedConversation.Play(Side(0), Side(1), change: p => p is IkePayload.Authentication ? EapPair.Nothing : p);
        Assert.That(played.Notations[^1], Does.EndWith("SK {N(AUTHENTICATION_FAILED)}"));
        Assert.That(played.Second.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Closed));
        Assert.That(played.Second.Children, Is.Empty);
    }

    [Honours("RFC7296-3.8-04")]
    [TestCase(PrfTransform.HmacSha1, 20)]
    [TestCase(PrfTransform.HmacSha2x256, 32)]
    [TestCase(PrfTransform.HmacSha2x512, 64)]
    public void SharedKeyAuth_IsMadeByTheNegotiatedPrfUnderTheKeyOfTheTwo(PrfTransform prf, int bytes)
    {
        int[] lengths = [];
        IkeConfiguration Told(IkeConfiguration c) => c with { Offers = [[Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(prf), Transform.Of(KeyExchangeMethod.Curve25519)]] };
        TamperedConversation played = TamperedConversation.Play(Told(Side(0)), Told(Side(1)), change: Note);
        Assert.That(played.IsUp);
        Assert.That(lengths, Is.EqualTo(new[] { bytes, bytes }));
        played = TamperedConversation.Play(Told(Side(0)) with { Credentials = new Credentials.SharedSecret(new IkeSecret("another"u8)) }, Told(Side(1)));
        Assert.That(played.Notations[^1], Does.Contain("AUTHENTICATION_FAILED"));

        IkePayload Note(IkePayload payload)
        {
            lengths = payload is IkePayload.Authentication a ? [.. lengths, a.Data.Length] : lengths;
            return payload;
        }
    }

    [Honours("RFC7296-1.2-11", "RFC7296-1.2-12")]
    [TestCase("second.example", true)]
    [TestCase("third.example", false)]
    public void ResponderOfAnotherName_AnswersUnderIt_AndIsNotWanted(string name, bool isUp)
    {
        ManualPair pair = new((c, isFirst) => isFirst ? c with { AsksForIdentity = true } : c with { OwnIdentity = Identity.Fqdn(name) });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.DeliverAll();
        Assert.That(pair.Sent[2], Does.Match(@"IDi\(.*first.example.*IDr\(.*second.example.*AUTH\("));
        Assert.That(pair.Sent[3], Does.Match($@"IDr\(.*{name}.*AUTH\(.*SA\("));
        Assert.That(pair.Sent.Skip(4).FirstOrDefault(), isUp ? Is.Null : Does.EndWith("SK {N(AUTHENTICATION_FAILED), D(IKE)}"));
        Assert.That(pair.First.Sas.Any(s => s.Phase == IkeSaPhase.Established), Is.EqualTo(isUp));
    }

    [Honours("RFC7296-2.4-02", "RFC7296-2.4-06")]
    [TestCase(ConversationOptions.None, false)]
    [TestCase(ConversationOptions.InitialContact, true)]
    [TestCase(ConversationOptions.InitialContact | ConversationOptions.Eap, true)]
    public void InitialContact_IsInTheFirstRequestOfIkeAuthOrNowhere(ConversationOptions options, bool isSent)
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, options, []).Configure(isSymbolic: false);
        TamperedConversation played = TamperedConversation.Play(first, second);
        played.Do(0, new IkeCommand.RekeyIke(0));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations.Where(n => n.Contains("INITIAL_CONTACT", StringComparison.Ordinal)), Is.EqualTo(isSent ? [played.Notations.First(n => n.StartsWith("IKE_AUTH", StringComparison.Ordinal))] : Array.Empty<string>()));
    }

    // Somebody on the path answers first, with a key exchange of his own.
    [Honours("RFC7296-2.4-21")]
    [TestCase(true)]
    [TestCase(false)]
    public void SeveralAnswersToTheFirstMessage_MayAllBeFollowedUntilOneProves(bool areFollowed)
    {
        ManualPair pair = new((c, _) => c with { FollowsEveryAnswer = areFollowed });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        IkeOutput.Send genuine = pair.Network[0].Send;
        IkeMessage answer = Message(genuine);
        IkeMessage forged = new(
            answer.Header with { ResponderSpi = new IkeSpi(77) }, new([.. answer.Payloads.Select(p => p is IkePayload.KeyExchange k ? new IkePayload.KeyExchange(k.Method, ByteString.Adopt([9, .. new byte[31]])) : p)]));
        pair.Do(0, new IkeEvent.Received(ByteString.Adopt(forged.ToBytes()), genuine.From, genuine.To));
        Assert.That(pair.Sent.Count(s => s.StartsWith("IKE_AUTH request", StringComparison.Ordinal)), Is.EqualTo(1), "baseline: it looks like an answer");
        pair.Do(0, new IkeEvent.Received(genuine.Datagram, genuine.From, genuine.To));
        pair.DeliverAll();
        Assert.That(pair.First.Sas.Single().Phase, Is.EqualTo(areFollowed ? IkeSaPhase.Established : IkeSaPhase.AuthRequested));
        Assert.That(pair.First.Children, Has.Count.EqualTo(areFollowed ? 1 : 0));
        Assert.That(pair.Second.Children.Select(c => c.Outbound), Is.EqualTo(pair.First.Children.Select(c => c.Inbound)));
    }

    [Honours("RFC7296-2.16-11")]
    [Test]
    public void EapThatTakesManyExchanges_ComesToItsEnd()
    {
        const int LittleBytes = 64;
        EapAccount account = EapAccount.Of("first", "clientPass");
        TamperedConversation played = EapPair.Play(
            ConversationOptions.EapTls,
            first: c => EapPair.With(c, new EapTls(new TermTls(false, account.Password, account.Name), IsServer: false, LittleBytes)),
            second: c => EapPair.With(c, new EapTls(new TermTls(true, account.Password, account.Name), IsServer: true, LittleBytes)));
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations.Count(n => n.StartsWith("IKE_AUTH request", StringComparison.Ordinal)), Is.GreaterThan(10));
    }

    [Honours("RFC7296-2.16-14")]
    [TestCase(0)]
    [TestCase(1)]
    public void EapFailureAtAnyTime_EndsTheAttempt(int after)
    {
        int seen = 0;
        TamperedConversation played = EapPair.Play(change: p => p is IkePayload.Eap { Message: { Code: EapCode.Request } m } && seen++ == after ? new IkePayload.Eap(EapMessage.End(success: false, m.Identifier)) : p);
        Assert.That(played.First.Sas, Is.Empty);
        Assert.That(played.Notations.Count(n => n.StartsWith("IKE_AUTH request", StringComparison.Ordinal)), Is.EqualTo(after + 1), "nothing follows it");
        Assert.That(played.Reports, Has.Some.StartsWith("IKE SA 0 is dropped: EAP failed"));
    }

    [Honours("RFC7296-3.5-13")]
    [Test]
    public void SidesWithIpv6AddressesAlone_ProveThemselvesByThem()
    {
        IpAddress[] hosts = [IpAddress.Parse("2001:db8::1"), IpAddress.Parse("2001:db8::2")];
        ManualPair pair = ManualPair.Established((c, isFirst) => c with
        {
            Own = c.Own with { Address = hosts[isFirst ? 0 : 1] },
            Peer = c.Peer with { Address = hosts[isFirst ? 1 : 0] },
            OwnIdentity = Identity.Of(hosts[isFirst ? 0 : 1]),
            PeerIdentity = Identity.Of(hosts[isFirst ? 1 : 0]),
            Children = [c.Children[0] with { Own = [TrafficSelector.Range.Host(hosts[isFirst ? 0 : 1])], Peer = [TrafficSelector.Range.Host(hosts[isFirst ? 1 : 0])] }],
        });
        Assert.That(pair.First.Children.Single().Inbound, Is.EqualTo(pair.Second.Children.Single().Outbound));
        Assert.That(pair.Second.Sas.Single().PeerName, Is.EqualTo(ByteString.Adopt(hosts[0].ToBytes())));
    }

    private static ByteString Auth(ManualPair pair, IkePeer receiver, IkeOutput.Send sent)
    {
        (_, PayloadType first, ByteString content) = SealedMessage.Open(pair.Cryptography, receiver.Sas[0], sent.Datagram)!.Value;
        Assert.That(IkePayloads.TryParse(first, content, out ValueList<IkePayload> payloads, out _));
        return IkePayloads.Find<IkePayload.Authentication>(payloads)!.Data;
    }

    private static IkeMessage Message(IkeOutput.Send sent) => IkeMessage.TryParse(sent.Datagram, out IkeMessage? message, out var error) ? message! : throw new AssertionException($"{error}");

    private static IkeConfiguration Side(int side) => side == 0
        ? ExplorationPair.Configuration("first", "second", 1, 2, 0)
        : ExplorationPair.Configuration("second", "first", 2, 1, 0);
}
