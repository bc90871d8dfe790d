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

namespace Conformance.Tests.Model.Ike;

/// <summary>What a side may tell without being asked: more traffic, packets that do not fit, another cookie. RFC 7296 §1.5, §2.6, §2.9, §3.10.1.</summary>
public class NoticeTests
{
    [Honours("RFC7296-2.9-11", "RFC7296-2.9-12")]
    [Test]
    public void TrafficThatTakesTwoChildren_IsToldWithTheFirst([Values] bool inAuthentication)
    {
        ManualPair pair = TwoPolicies();
        if (!inAuthentication)
        {
            pair.DeliverAll();
            pair.Ask(0, new IkeCommand.CreateChild(0, 0));
        }

        int at = inAuthentication ? 3 : pair.Sent.Count;
        while (pair.Sent.Count < at)
        {
            pair.Deliver();
        }

        IkeOutput.Send request = pair.Network[^1].Send;
        IkeOutcome[] outcomes = [.. pair.Machines[1].Step(pair.Second, new IkeEvent.Received(request.Datagram, request.From, request.To)).Items.Where(o => o.Next.ChildrenMade > pair.Second.ChildrenMade)];
        Assert.That(outcomes.Select(o => o.Outputs.OfType<IkeOutput.Send>().Single().Notation.EndsWith("), N(ADDITIONAL_TS_POSSIBLE)}", StringComparison.Ordinal)), Is.EqualTo(new[] { true, false }));
        pair.DeliverAll();
        Assert.That(pair.Reports, Has.Some.Contains("more traffic over another Child SA"));
        Assert.That(pair.First.Children, Has.Count.EqualTo(inAuthentication ? 1 : 2));
    }

    [Honours("RFC7296-2.9-12")]
    [Test]
    public void WithoutMoreToHave_NothingIsTold()
    {
        // Nothing is narrowed; half is, and nobody has the other half; all that is left has no suite in common.
        ManualPair[] pairs =
        [
            new((c, _) => c),
            new((c, isFirst) => isFirst ? c : c with { Children = [c.Children[0] with { Own = [Range(2, 0, 127)] }] }),
            new((c, isFirst) => isFirst ? c : c with { Children = [c.Children[0] with { Own = [Range(2, 0, 127)] }, c.Children[0] with { Own = [Range(2, 128, 255)], Offers = [[Transform.Of(EncryptionTransform.AesGcm16, 256), Transform.Of(SequenceNumbersTransform.Sequential32)]] }] }),
        ];
        foreach (ManualPair pair in pairs)
        {
            pair.Ask(0, new IkeCommand.Initiate());
            pair.DeliverAll();
            Assert.That(pair.First.Children, Has.Count.EqualTo(1));
            Assert.That(pair.Sent, Has.None.Contains("ADDITIONAL_TS_POSSIBLE"));
        }
    }

    [Honours("RFC7296-2.9-11")]
    [Test]
    public void PairOfAddressesOutOfSeveral_MoreIsTold()
    {
        ManualPair pair = new((c, isFirst) => isFirst ? c : c with { Children = [c.Children[0] with { IsForOnePair = true }] });
        pair.Ask(0, new IkeCommand.Initiate { Packet = new(Host("10.1.0.7"), Host("10.2.0.9")) });
        pair.DeliverAll();
        Assert.That(pair.Sent[^1], Does.EndWith("TSr(any 10.2.0.9-10.2.0.9 any port), N(ADDITIONAL_TS_POSSIBLE)}"));
    }

    [Honours("RFC7296-3.10.1-09", "RFC7296-3.10.1-10")]
    [Test]
    public void PacketThatIsNotForItsSa_IsToldOrNot_WithItsStartAndTheSpi()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        ByteString packet = ByteString.Adopt([0x45, .. Enumerable.Repeat((byte)7, 300)]);
        IkeEvent.MismatchedPacket mismatched = new(pair.First.Children[0].Inbound, packet);
        Assert.That(pair.Machines[0].Step(pair.First, mismatched).Items.Select(o => o.Outputs.Count), Is.EqualTo(new[] { 1, 0 }));
        pair.Do(0, mismatched);
        pair.Do(0, mismatched);
        Assert.That(pair.Network, Has.Count.EqualTo(1), "one at a time");
        (_, PayloadType first, ByteString content) = SealedMessage.Open(pair.Cryptography, pair.Second.Sas[0], pair.Network[0].Send.Datagram)!.Value;
        Assert.That(IkePayloads.TryParse(first, content, out ValueList<IkePayload> payloads, out _));
        IkePayload.Notify notify = (IkePayload.Notify)payloads.Items.Single();
        Assert.That((notify.Notification, notify.Protocol, notify.Spi), Is.EqualTo((NotifyType.InvalidSelectors, ProtocolId.Esp, SpiBytes.Of(pair.First.Children[0].Inbound))));
        Assert.That(notify.Data, Is.EqualTo(packet.Slice(..128)));
        pair.DeliverAll();
        Assert.That(pair.Sent[^1], Is.EqualTo("INFORMATIONAL response 2: SK {}"));
        Assert.That(pair.Second.Children.Single().Phase, Is.EqualTo(ChildSaPhase.Installed), "no SA changes for it");
        Assert.That(pair.Reports, Has.Some.Contains("dropped a packet: N(INVALID_SELECTORS"));
    }

    [Honours("RFC7296-3.10.1-09")]
    [Test]
    public void PacketOnNoSa_IsNoMismatch()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Do(0, new IkeEvent.MismatchedPacket(new Spi(0x999), ByteString.Adopt([0x45])));
        Assert.That(pair.Sent, Is.Empty);
    }

    [Honours("RFC7296-1.5-01", "RFC7296-2.21.4-12")]
    [Test]
    public void InvalidSpiOverAnIkeSa_IsHandedOnAndChangesNothing()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        CraftedMessage.Ask(pair, ExchangeType.Informational, new IkePayload.Notify(NotifyType.InvalidSpi, SpiBytes.Of(pair.Second.Children[0].Outbound)));
        Assert.That(pair.Sent, Is.EqualTo(new[] { "INFORMATIONAL response 2: SK {}" }));
        Assert.That(pair.Second.Children.Single().Phase, Is.EqualTo(ChildSaPhase.Installed));
        Assert.That(pair.Reports, Has.Some.Contains("dropped a packet: N(INVALID_SPI"));
    }

    [Honours("RFC7296-1.5-04", "RFC7296-2.21.4-07")]
    [Test]
    public void InvalidSpiWithoutProtection_IsHandedOnAndNotAnswered()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkeMessage message = new(
            new IkeHeader { InitiatorSpi = default, ExchangeType = ExchangeType.Informational, IsFromInitiator = true, IsResponse = false, MessageId = default },
            [new IkePayload.Notify(NotifyType.InvalidSpi, SpiBytes.Of(new Spi(0x1234)))]);
        Endpoint stranger = new(IpAddress.Parse("203.0.113.9"), 500);
        IkePeer before = pair.Second;
        pair.Do(1, new IkeEvent.Received(ByteString.Adopt(message.ToBytes()), stranger, before.Sas[0].Own));
        Assert.That(pair.Second, Is.EqualTo(before));
        Assert.That(pair.Sent, Is.Empty);
        Assert.That(pair.Reports, Has.Some.Contains($"{stranger} says without protection: N(INVALID_SPI"));
    }

    [Honours("RFC7296-2.6-15", "RFC7296-2.6-16", "RFC7296-2.6-17")]
    [Test]
    public void CookieOfAFormerSecret_IsGoodForAWhileAtMost()
    {
        ManualPair pair = new((c, isFirst) => c with { AsksForCookie = !isFirst });
        pair.Ask(0, new IkeCommand.Initiate());
        pair.Deliver();
        pair.Deliver();
        IkeOutput.Send withCookie = pair.Network[0].Send;
        IkeEvent received = new IkeEvent.Received(withCookie.Datagram, withCookie.From, withCookie.To);
        Assert.That(Answers(received), Is.EqualTo(new[] { "SA" }), "baseline");
        pair.Do(1, new IkeEvent.CookieSecretDue());
        Assert.That(Answers(received), Is.EqualTo(new[] { "SA", "COOKIE" }));
        pair.Do(1, new IkeEvent.CookieSecretDue());
        Assert.That(Answers(received), Is.EqualTo(new[] { "COOKIE" }));
        Assert.That(pair.Second.Sas, Is.Empty);
        pair.DeliverAll();
        Assert.That(pair.First.Sas.Single().Phase, Is.EqualTo(IkeSaPhase.Established), "with the new cookie it goes on");

        string[] Answers(IkeEvent happening) =>
            [.. pair.Machines[1].Step(pair.Second, happening).Items.Select(o => o.Outputs.OfType<IkeOutput.Send>().Single().Notation.Contains("COOKIE", StringComparison.Ordinal) ? "COOKIE" : "SA")];
    }

    [Honours("RFC7296-3.7-08")]
    [Test]
    public void CertificatesThatMayBeFetched_AreAnnouncedWithEachRequestForThem()
    {
        (IkeConfiguration first, IkeConfiguration second) = new ConversationCase(0, ConversationOptions.SecondCertified, []).Configure(isSymbolic: false);
        first = first with { Trust = (Trust.Authorities)first.Trust! with { Fetched = [] } };
        TamperedConversation played = TamperedConversation.Play(first, second);
        Assert.That(played.IsUp, string.Join('\n', played.Reports));
        Assert.That(played.Notations.Where(n => n.Contains("CERTREQ", StringComparison.Ordinal)), Is.Not.Empty.And.All.Contains("HTTP_CERT_LOOKUP_SUPPORTED"));
    }

    // The second side has one policy for each half of what the first one asks for.
    private static ManualPair TwoPolicies()
    {
        ManualPair pair = new((c, isFirst) => isFirst ? c : c with { Children = [c.Children[0] with { Own = [Range(2, 0, 127)] }, c.Children[0] with { Own = [Range(2, 128, 255)] }] });
        pair.Ask(0, new IkeCommand.Initiate());
        return pair;
    }

    private static TrafficSelector.Range Range(int second, int first, int last) =>
        new(0, 0, ushort.MaxValue, IpAddress.Parse($"10.{second}.0.{first}"), IpAddress.Parse($"10.{second}.0.{last}"));

    private static TrafficSelector.Range Host(string address) => TrafficSelector.Range.Host(IpAddress.Parse(address));
}
