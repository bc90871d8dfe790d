using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Paths that are checked before they are used, and NATs that change. RFC 4555 §3.5, §3.7 to §3.12.</summary>
public class MobikePathTests
{
    private static readonly IpAddress Another = IpAddress.Parse("192.0.2.77");
    private static readonly IpAddress Third = IpAddress.Parse("192.0.2.78");

    [Honours("RFC4555-3.7-03", "RFC4555-3.7-04")]
    [Test]
    public void ChildSas_FollowWhenTheNewPathIsChecked_OrBefore([Values] bool movesBefore)
    {
        ManualPair pair = Moved(m => m with { MovesBeforeCheck = movesBefore });
        IkeSa sa = pair.Second.Sas[0];
        Assert.That(sa.Peer.Address, Is.EqualTo(Another));
        Assert.That(sa.Traffic?.Peer.Address, movesBefore ? Is.Null : Is.EqualTo(pair.Machines[0].Configuration.Own.Address));
        pair.DeliverAll();
        Assert.That(pair.Second.Sas[0].Traffic, Is.Null);
        Assert.That(pair.Second.Sas[0].Pending, Is.Empty);
    }

    [Honours("RFC4555-3.7-10")]
    [Test]
    public void CheckWithoutAnAnswer_EndsWithAllSas()
    {
        ManualPair pair = Moved();
        pair.Network.Clear();
        pair.Do(1, new IkeEvent.GaveUp(0));
        Assert.That(pair.Second.Sas, Is.Empty);
        Assert.That(pair.Second.Children, Is.Empty);
    }

    [Honours("RFC4555-3.7-07", "RFC4555-3.7-08")]
    [Test]
    public void AnotherCookie_EndsTheIkeSa([Values] bool isOther)
    {
        ManualPair pair = Moved();
        IkeSa sa = pair.Second.Sas[0];
        ExchangePurpose.CheckReturn purpose = (ExchangePurpose.CheckReturn)sa.Pending[0].Purpose;
        ByteString cookie = isOther ? ByteString.Adopt([.. purpose.Cookie.Span[1..], 0]) : purpose.Cookie;
        (PayloadType first, byte[] content) = IkePayloads.ToBytes([new IkePayload.Notify(NotifyType.Cookie2, cookie)]);
        ByteString answer = SealedMessage.To(pair.Cryptography, sa, ExchangeType.Informational, isResponse: true, sa.Pending[0].MessageId, first, ByteString.Adopt(content));
        pair.Do(1, new IkeEvent.Received(answer, sa.Peer, sa.Own));
        Assert.That(pair.Second.Sas.IsEmpty, Is.EqualTo(isOther));
        Assert.That(pair.Second.Children.IsEmpty, Is.EqualTo(isOther));
    }

    [Honours("RFC4555-3.7-06", "RFC4555-4.2.5-01", "RFC4555-4.2.5-02", "RFC4555-4.2.5-04")]
    [TestCase(7, false)]
    [TestCase(8, true)]
    [TestCase(64, true)]
    [TestCase(65, false)]
    public void Cookie_ComesBackAsItWas_AlsoBesideOtherNotifications(int bytes, bool isCopied)
    {
        ManualPair pair = Established();
        IkePayload.Notify cookie = new(NotifyType.Cookie2, ByteString.Adopt([.. Enumerable.Range(1, bytes).Select(b => (byte)b)]));
        CraftedMessage.Ask(pair, ExchangeType.Informational, cookie, new IkePayload.Notify(NotifyType.UpdateSaAddresses), new IkePayload.Notify(NotifyType.InvalidSpi, SpiBytes.Of(new Spi(0x1234))));
        Assert.That(Inside(pair).SingleOrDefault(), isCopied ? Is.EqualTo(cookie) : Is.Null);
        pair = Established();
        pair.Ask(0, new IkeCommand.CheckReturn(0));
        ByteString first = Inside(pair).Single().Data;
        pair.DeliverAll();
        pair.Ask(0, new IkeCommand.CheckReturn(0));
        Assert.That(Inside(pair).Single().Data, Is.Not.EqualTo(first));
        Assert.That(first.Length, Is.InRange(8, 64));
    }

    [Honours("RFC4555-3.7-09")]
    [Test]
    public void CheckThatWentToTwoAddresses_IsAskedAnew()
    {
        ManualPair pair = Moved();
        pair.Network.Clear();
        pair.Ask(0, new IkeCommand.MoveTo(0, pair.First.Sas[0].Own with { Address = Third }));
        pair.Do(0, new IkeEvent.RetransmissionDue(0, 2));
        pair.DeliverAll();
        pair.Do(1, new IkeEvent.RetransmissionDue(0, 0));
        Assert.That(pair.Network.Single().Send.To.Address, Is.EqualTo(Third), "the first check goes there now");
        pair.DeliverAll();
        Assert.That(pair.Sent.Count(s => s.StartsWith("INFORMATIONAL request", StringComparison.Ordinal) && s.Contains("SK {N(COOKIE2", StringComparison.Ordinal)), Is.GreaterThan(1));
        Assert.That((pair.Second.Sas[0].Peer.Address, pair.Second.Sas[0].Traffic), Is.EqualTo((Third, (Route?)null)));
    }

    [Honours("RFC4555-3.5-17")]
    [Test]
    public void MoveThatComesAgainFromElsewhere_HasNoEffect()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.MoveTo(0, pair.First.Sas[0].Own with { Address = Another }));
        IkeOutput.Send move = pair.Network[0].Send;
        byte[] forged = move.Datagram.ToArray();
        forged[^1] ^= 1;
        IkePeer before = pair.Second;
        pair.Do(1, new IkeEvent.Received(ByteString.Adopt(forged), move.From with { Address = Third }, move.To));
        Assert.That(pair.Second, Is.EqualTo(before));
        pair.DeliverAll();
        pair.Do(1, new IkeEvent.Received(move.Datagram, move.From with { Address = Third }, move.To));
        Assert.That(pair.Second.Sas[0].Peer.Address, Is.EqualTo(Another));
    }

    [Honours("RFC4555-3.5-18")]
    [Test]
    public void MoveBeforeAuthentication_HasNoEffect()
    {
        ManualPair pair = new((c, _) => c with { Mobike = new MobikeConfiguration() });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        pair.Network.Clear();
        Endpoint before = pair.Second.Sas[0].Peer;
        CraftedMessage.Ask(pair, ExchangeType.Informational, new IkePayload.Notify(NotifyType.UpdateSaAddresses));
        Assert.That((pair.Second.Sas[0].Peer, pair.Second.Sas[0].LastUpdate, pair.Network.Count), Is.EqualTo((before, (uint?)null, 0)));
    }

    [Honours("RFC4555-3.5-12")]
    [Test]
    public void MoveBehindANatAndBack_TurnsEncapsulationOnAndOff()
    {
        PathPair pair = new(c => c with { DetectsNat = true, Mobike = new MobikeConfiguration() }, isTranslated: false);
        pair.Ask(0, new IkeCommand.Initiate());
        Endpoint before = pair.First.Sas[0].Own;
        pair.Nat = new Translation(Another);
        pair.Ask(0, new IkeCommand.MoveTo(0, before with { Address = Another }));
        Assert.That((pair.First.Sas[0].Nat, pair.Second.Sas[0].Nat), Is.EqualTo((NatPresence.BeforeOwn, NatPresence.BeforePeer)));
        Assert.That(pair.First.Children[0].IsUdpEncapsulated && pair.Second.Children[0].IsUdpEncapsulated);
        pair.Nat = null;
        pair.Ask(0, new IkeCommand.MoveTo(0, before));
        Assert.That((pair.First.Sas[0].Nat, pair.Second.Sas[0].Nat), Is.EqualTo((NatPresence.None, NatPresence.None)));
        Assert.That(pair.First.Children[0].IsUdpEncapsulated || pair.Second.Children[0].IsUdpEncapsulated, Is.False);
    }

    [Honours("RFC4555-3.8-01", "RFC4555-3.8-02", "RFC4555-3.8-04", "RFC4555-3.8-05")]
    [Test]
    public void NewPortAtTheNat_IsFoundByAProbe_AndTold()
    {
        PathPair pair = new(c => c with { DetectsNat = true, Mobike = new MobikeConfiguration() }, isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Sent.Clear();
        pair.Ask(0, new IkeCommand.Probe(0));
        Assert.That(pair.Sent.Select(s => s.Notation), Is.All.Contains("NAT_DETECTION_SOURCE_IP").And.All.Contains("NAT_DETECTION_DESTINATION_IP").And.Exactly(4).Items, "the port is another one than that of IKE_SA_INIT");
        pair.Sent.Clear();
        pair.Ask(0, new IkeCommand.Probe(0));
        Assert.That(pair.Sent, Has.Count.EqualTo(2));
        pair.Sent.Clear();
        Endpoint before = pair.Second.Sas[0].Peer;
        pair.Nat!.Forget();
        pair.Ask(0, new IkeCommand.Probe(0));
        Assert.That(pair.Sent[2].Notation, Does.StartWith("INFORMATIONAL request").And.Contain("UPDATE_SA_ADDRESSES"));
        Assert.That(pair.Second.Sas[0].Peer, Is.Not.EqualTo(before));
        pair.Sent.Clear();
        pair.Ask(0, new IkeCommand.Probe(0));
        Assert.That(pair.Sent, Has.Count.EqualTo(2), "now it is known");
    }

    [Honours("RFC4555-3.8-02", "RFC4555-3.8-03")]
    [Test]
    public void NatDetectionWithoutAMove_IsAnsweredAndChangesNothing()
    {
        ManualPair pair = ManualPair.Established((c, _) => c with { DetectsNat = true, Mobike = new MobikeConfiguration() });
        IkeSa before = pair.Second.Sas[0];
        ValueList<IkePayload> wrong = NatDetection.Announce(before.InitiatorSpi, before.ResponderSpi, new Endpoint(Third, 1), new Endpoint(Third, 2));
        CraftedMessage.Ask(pair, ExchangeType.Informational, wrong[0], wrong[1]);
        Assert.That(Inside(pair).Select(n => n.Notification), Is.EqualTo(new[] { NotifyType.NatDetectionSourceIp, NotifyType.NatDetectionDestinationIp }));
        IkeSa after = pair.Second.Sas[0];
        Assert.That((after.Nat, after.Peer, after.Own, after.LastUpdate), Is.EqualTo((before.Nat, before.Peer, before.Own, before.LastUpdate)));
    }

    [Honours("RFC4555-3.10-01")]
    [Test]
    public void OtherPath_IsTriedWhileTheCurrentOneStays([Values] bool isRepeated)
    {
        ManualPair pair = Established();
        IkeSa before = pair.First.Sas[0];
        Route way = new(before.Own with { Address = Another }, before.Peer);
        pair.Ask(0, new IkeCommand.TestPath(0, way));
        Assert.That((pair.Network.Single().Send.From, pair.First.Sas[0].Own), Is.EqualTo((way.Own, before.Own)));
        if (isRepeated)
        {
            pair.Do(0, new IkeEvent.RetransmissionDue(0, 2));
            Assert.That(pair.Network[1].Send.From, Is.EqualTo(before.Own), "whatever comes of it, it needs an answer");
        }

        pair.DeliverAll();
        Assert.That(pair.Reports.Any(r => r.EndsWith(" works", StringComparison.Ordinal)), Is.EqualTo(!isRepeated), "of two paths it is not known which works");
        Assert.That((pair.First.Sas[0].Pending.Count, pair.First.Sas[0].Own, pair.Second.Sas[0].Peer), Is.EqualTo((0, before.Own, before.Own)));
    }

    [Honours("RFC4555-3.12-01", "RFC4555-3.12-02")]
    [Test]
    public void PacketFromAnAddressThatIsNotInUse_IsNoSignOfLife()
    {
        ManualPair pair = Established();
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.Deliver();
        pair.Network.Clear();
        ChildSa child = pair.Second.Children[1];
        pair.Do(1, new IkeEvent.TrafficReceived(child.Inbound) { From = Another });
        Assert.That(pair.Second.Children[1].MaySend, Is.False);
        pair.Do(1, new IkeEvent.TrafficReceived(child.Inbound) { From = pair.Second.Sas[0].Peer.Address });
        Assert.That(pair.Second.Children[1].MaySend);
    }

    [Honours("RFC4555-5.3-01", "RFC4555-3.5-02", "RFC4555-3.5-03")]
    [Test]
    public void UnreliableSign_LeadsToACheckWithACookieAndToNothingElse()
    {
        ManualPair pair = Established();
        IkeSa before = pair.First.Sas[0];
        IkeHeader header = new() { InitiatorSpi = default, ExchangeType = ExchangeType.Informational, IsFromInitiator = true, IsResponse = false, MessageId = default };
        ByteString sign = ByteString.Adopt(new IkeMessage(header, [new IkePayload.Notify(NotifyType.InvalidSpi, SpiBytes.Of(new Spi(0x1234)))]).ToBytes());
        pair.Do(0, new IkeEvent.Received(sign, before.Peer, before.Own));
        Assert.That(Inside(pair).Select(n => n.Notification), Is.EqualTo(new[] { NotifyType.Cookie2 }));
        pair.DeliverAll();
        Assert.That((pair.First.Sas[0].Own, pair.First.Sas[0].Peer, pair.First.Children.Count), Is.EqualTo((before.Own, before.Peer, 1)));
    }

    [Honours("RFC4555-4.1.1-01", "RFC4555-4.1.2-01", "RFC4555-4.2.1-01", "RFC4555-4.2.4-01", "RFC4555-4.2.6-01")]
    [TestCase("00000028", NotifyType.UnacceptableAddresses)]
    [TestCase("00000029", NotifyType.UnexpectedNatDetected)]
    [TestCase("0000400c", NotifyType.MobikeSupported)]
    [TestCase("00004010", NotifyType.UpdateSaAddresses)]
    public void NotificationWithoutData_HasNeitherProtocolNorSpi(string body, NotifyType type)
    {
        Assert.That(Convert.ToHexStringLower(IkePayloads.ToBytes([new IkePayload.Notify(type)]).Content[4..]), Is.EqualTo(body));
        ManualPair pair = Established(m => m with { ForbidsNat = true, Acceptable = type == NotifyType.UnacceptableAddresses ? [] : null });
        pair.Ask(0, new IkeCommand.MoveTo(0, pair.First.Sas[0].Own with { Address = Another }));
        IkePayload.Notify[] sent = [.. Inside(pair)];
        Assert.That(sent.Single(n => n.Notification == NotifyType.UpdateSaAddresses).Data, Is.EqualTo(ByteString.Empty));
        Assert.That(Convert.ToHexStringLower(sent.Single(n => n.Notification == NotifyType.NoNatsAllowed).Data.Span), Is.EqualTo("c000024dc000020201f401f4"));
        pair.Deliver();
        Assert.That(Inside(pair).Any(n => n.Notification == NotifyType.UnacceptableAddresses && n.Data.Length == 0), Is.EqualTo(type == NotifyType.UnacceptableAddresses));
    }

    [Honours("RFC4555-4.2.1-02")]
    [Test]
    public void DataInMobikeSupported_AreIgnored()
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, ConversationOptions.Mobike, []).Configure(isSymbolic: false);
        TamperedConversation played = TamperedConversation.Play(
            first, second, change: p => p is IkePayload.Notify { Notification: NotifyType.MobikeSupported } ? new IkePayload.Notify(NotifyType.MobikeSupported, ByteString.Adopt([1, 2])) : p);
        Assert.That(played.IsUp);
        Assert.That(played.First.Sas[0].Abilities & played.Second.Sas[0].Abilities & PeerAbilities.Mobike, Is.EqualTo(PeerAbilities.Mobike));
    }

    // The first side has moved and is answered; the second one has asked it whether it is there.
    private static ManualPair Moved(Func<MobikeConfiguration, MobikeConfiguration>? configure = null)
    {
        ManualPair pair = Established(m => (configure is null ? m : configure(m)) with { ChecksReturn = true });
        pair.Ask(0, new IkeCommand.MoveTo(0, pair.First.Sas[0].Own with { Address = Another }));
        pair.Deliver();
        return pair;
    }

    private static ManualPair Established(Func<MobikeConfiguration, MobikeConfiguration>? configure = null) =>
        ManualPair.Established((c, _) => c with { Mobike = configure is null ? new MobikeConfiguration() : configure(new MobikeConfiguration()) });

    // The notifications of the only message that is on its way.
    private static IEnumerable<IkePayload.Notify> Inside(ManualPair pair)
    {
        (int to, IkeOutput.Send send) = pair.Network.Single();
        (_, PayloadType first, ByteString content) = SealedMessage.Open(pair.Cryptography, to == 0 ? pair.First.Sas[0] : pair.Second.Sas[0], send.Datagram)!.Value;
        Assert.That(IkePayloads.TryParse(first, content, out ValueList<IkePayload> payloads, out _));
        return payloads.OfType<IkePayload.Notify>();
    }
}
