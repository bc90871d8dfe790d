using Conformance.Generators.Ike;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Exploration;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Model.Ike;

/// <summary>Messages and packets that belong to no IKE SA, and first requests. RFC 7296 §1.5, §2.1, §2.21.4.</summary>
public class OutsideOfIkeSaTests
{
    private const int VersionAt = 17;
    private const int FlagsAt = 19;
    private const byte VersionFlag = 0x10;

    [Honours("RFC7296-2.21.4-04", "RFC7296-2.21.4-05", "RFC7296-2.21.4-06", "RFC7296-1.5-06", "RFC7296-1.5-07", "RFC7296-3.1-13", "RFC7296-3.1-19", "RFC7296-2.21.4-03")]
    [Test]
    public void RequestWithUnknownSpi_MayBeToldUnderTheOwnVersion()
    {
        IkeEvent.Received request = Changed(Probe(), b => { b[VersionAt] = 0x25; b[FlagsAt] |= VersionFlag; });
        IkeOutcome[] outcomes = [.. Machine().Step(IkePeer.Idle, request)];
        Assert.That(outcomes.Select(o => o.Outputs.Count), Is.EqualTo(new[] { 0, 1 }));
        IkeOutput.Send told = outcomes[1].Outputs.OfType<IkeOutput.Send>().Single();
        IkeMessage answer = Read(told.Datagram);
        IkeMessage asked = Read(request.Datagram);
        Assert.That(answer.Header, Is.EqualTo(asked.Header with { IsFromInitiator = false, IsResponse = true, MinorVersion = 0, KnowsHigherVersion = false }));
        Assert.That(answer.Payloads, Is.EqualTo((ValueList<IkePayload>)[new IkePayload.Notify(NotifyType.InvalidIkeSpi)]));
        Assert.That((told.From, told.To), Is.EqualTo((request.To, request.From)));
    }

    [Honours("RFC7296-2.21.4-02", "RFC7296-3.1-18")]
    [Test]
    public void ResponseWithUnknownSpi_IsNotAnswered()
    {
        IkeEvent.Received response = Changed(Probe(), b => b[FlagsAt] |= 0x20);
        Assert.That(Machine().Step(IkePeer.Idle, response).Select(o => o.Outputs.Count), Is.EqualTo(new[] { 0 }));
    }

    [Honours("RFC7296-2.5-01", "RFC7296-3.1-13", "RFC7296-3.1-19", "RFC7296-3.1-20")]
    [Test]
    public void RefusedFirstRequest_IsAnsweredUnderTheOwnVersion()
    {
        IkeEvent.Received request = Changed(First(), b => { b[VersionAt] = 0x25; b[FlagsAt] |= VersionFlag; });
        IkeMessage answer = Read(Machine(c => c with { AsksForCookie = true }).Run(IkePeer.Idle, request).Outputs.OfType<IkeOutput.Send>().Single().Datagram);
        Assert.That((answer.Header.MinorVersion, answer.Header.KnowsHigherVersion), Is.EqualTo((0, false)));
        Assert.That(IkePayloads.FindNotify(answer.Payloads, NotifyType.Cookie), Is.Not.Null, "a higher minor version is taken as the own one");
    }

    [Honours("RFC7296-1.5-04", "RFC7296-2.21.4-07", "RFC7296-2.4-09", "RFC7296-2.21.4-08")]
    [Test]
    public void NotificationWithoutProtection_IsNotAnswered([Values] bool isEstablished)
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkePeer peer = isEstablished ? pair.Second : IkePeer.Idle;
        IkeMessage message = new(new IkeHeader { InitiatorSpi = default, ExchangeType = ExchangeType.Informational, IsFromInitiator = true, IsResponse = false, MessageId = default }, [new IkePayload.Notify(NotifyType.InvalidSpi, SpiBytes.Of(new Spi(0x1234)))]);
        IkeEvent.Received received = new(ByteString.Adopt(message.ToBytes()), pair.Machines[1].Configuration.Peer, pair.Machines[1].Configuration.Own);
        foreach (IkeOutcome outcome in pair.Machines[1].Step(peer, received))
        {
            Assert.That(outcome.Outputs.OfType<IkeOutput.Send>().Select(s => s.Notation), Is.All.EqualTo("INFORMATIONAL request 0: SK {}"), "nothing, or a probe");
            Assert.That(outcome.Next.Children, Is.EqualTo(peer.Children));
        }
    }

    [Honours("RFC7296-2.4-11", "RFC7296-2.4-16", "RFC7296-2.4-13", "RFC7296-2.21.4-09")]
    [Test]
    public void NotificationWithoutProtection_LeadsToOneProbe()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkeSa sa = pair.First.Sas[0];
        IkeHeader header = new() { InitiatorSpi = sa.InitiatorSpi, ResponderSpi = sa.ResponderSpi, ExchangeType = ExchangeType.Informational, IsFromInitiator = false, IsResponse = true, MessageId = default };
        IkeEvent.Received received = new(ByteString.Adopt(new IkeMessage(header, [new IkePayload.Notify(NotifyType.InvalidIkeSpi)]).ToBytes()), sa.Peer, sa.Own);
        pair.Do(0, received);
        pair.Do(0, received);
        Assert.That(pair.Sent, Is.EqualTo(new[] { "INFORMATIONAL request 2: SK {}" }));
        pair.DeliverAll();
        Assert.That(pair.First.Sas[0].Phase, Is.EqualTo(IkeSaPhase.Established));
    }

    [Honours("RFC7296-1.5-01", "RFC7296-1.5-02", "RFC7296-2.21.4-10", "RFC7296-2.21.4-11", "RFC7296-2.21.4-12")]
    [Test]
    public void StrayPacketOfAPeer_IsToldOverItsIkeSaOneAtATime()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        IkeEvent.StrayPacket stray = new(new Spi(0xcafe0001), pair.First.Sas[0].Peer, pair.First.Sas[0].Own);
        pair.Do(0, stray);
        pair.Do(0, stray);
        Assert.That(pair.Sent, Is.EqualTo(new[] { "INFORMATIONAL request 2: SK {N(INVALID_SPI, 0xcafe0001)}" }));
        pair.DeliverAll();
        Assert.That(pair.Second.Children.Single().Phase, Is.EqualTo(ChildSaPhase.Installed));
        Assert.That(pair.Sent[^1], Is.EqualTo("INFORMATIONAL response 2: SK {}"));
    }

    [Honours("RFC7296-1.5-03", "RFC7296-1.5-05")]
    [Test]
    public void StrayPacketOfAStranger_MayBeToldWithoutProtection()
    {
        IkeMachine machine = Machine();
        IkeEvent.StrayPacket stray = new(new Spi(0xcafe0001), new Endpoint(IpAddress.Parse("203.0.113.9"), 40000), machine.Configuration.Own);
        IkeOutcome[] outcomes = [.. machine.Step(IkePeer.Idle, stray)];
        Assert.That(outcomes[0].Outputs, Is.Empty);
        IkeOutput.Send told = outcomes[1].Outputs.OfType<IkeOutput.Send>().Single();
        IkeMessage message = Read(told.Datagram);
        Assert.That((message.Header.IsFromInitiator, message.Header.IsResponse, message.Header.MinorVersion), Is.EqualTo((true, false, 0)));
        Assert.That(told.To, Is.EqualTo(stray.From));
    }

    [Honours("RFC7296-1.2-03", "RFC7296-2.21.1-03", "RFC7296-3.10.1-06")]
    [TestCase(PayloadType.SecurityAssociation)]
    [TestCase(PayloadType.KeyExchange)]
    [TestCase(PayloadType.Nonce)]
    public void FirstRequestThatLacksAPayload_IsPassedOver(PayloadType missing)
    {
        Assert.That(Machine().Run(IkePeer.Idle, First()).Next.Sas, Has.Count.EqualTo(1), "baseline");
        IkeOutcome outcome = Machine().Run(IkePeer.Idle, Edited(First(), p => p.Type == missing ? EapPair.Nothing : p));
        Assert.That(outcome.Next, Is.EqualTo(IkePeer.Idle));
        Assert.That(outcome.Outputs.OfType<IkeOutput.Send>(), Is.Empty, "INVALID_SYNTAX needs protection (interpretation 0070)");
    }

    [Honours("RFC7296-2.10-06")]
    [TestCase(16, false)]
    [TestCase(31, false)]
    [TestCase(32, true)]
    public void NonceTooShortForThePrf_IsRefused(int bytes, bool isTaken)
    {
        static IkeConfiguration Strong(IkeConfiguration c) => c with { Offers = [[Transform.Of(EncryptionTransform.AesGcm16, 128), Transform.Of(PrfTransform.HmacSha2x512), Transform.Of(KeyExchangeMethod.Curve25519)]] };
        IkeEvent.Received request = Edited(First(Strong), p => p is IkePayload.Nonce n ? new IkePayload.Nonce(n.Data.Slice(..bytes)) : p);
        IkeOutcome outcome = Machine(Strong).Run(IkePeer.Idle, request);
        Assert.That(outcome.Next.Sas, Has.Count.EqualTo(isTaken ? 1 : 0));
        Assert.That(outcome.Outputs.OfType<IkeOutput.Send>().Single().Notation, isTaken ? Does.Contain("SA(") : Does.Contain("NO_PROPOSAL_CHOSEN"));
    }

    [Honours("RFC7296-2.1-12")]
    [Test]
    public void FirstRequestThatComesAgainAfterTheMoveToPort4500_IsPassedOver()
    {
        PathPair pair = new(c => c with { DetectsNat = true }, isTranslated: true);
        pair.Ask(0, new IkeCommand.Initiate());
        Assert.That(pair.Second.Sas.Single().Peer.Port, Is.Not.EqualTo(pair.Nat!.Out(pair.Sent[0].From).Port), "baseline: it has moved");
        IkeOutcome outcome = pair.Machines[1].Run(pair.Second, new IkeEvent.Received(pair.Sent[0].Datagram, pair.Nat.Out(pair.Sent[0].From), pair.Sent[0].To));
        Assert.That(outcome.Outputs, Is.Empty);
        Assert.That(outcome.Next, Is.EqualTo(pair.Second));
    }

    [Honours("RFC7296-2.8-21", "RFC7296-2.8-17")]
    [Test]
    public void PacketOnAChildSaWhoseResponseIsLost_BringsTheRequestAgain()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(0, new IkeCommand.CreateChild(0, 1));
        pair.Deliver();
        pair.Network.Clear();
        pair.Do(0, new IkeEvent.TrafficReceived(pair.Second.Children[1].Outbound));
        Assert.That(pair.Sent[^1], Is.EqualTo("request 2 again"));
        pair.DeliverAll();
        Assert.That(pair.First.Children, Has.Count.EqualTo(2));
    }

    private static IkeConfiguration Same(IkeConfiguration configuration) => configuration;

    private static IkeMachine Machine(Func<IkeConfiguration, IkeConfiguration>? configure = null) =>
        new((configure ?? Same)(ExplorationPair.Configuration("second", "first", 2, 1, 0)), new RealCryptography());

    private static IkeEvent.Received First(Func<IkeConfiguration, IkeConfiguration>? configure = null)
    {
        IkeMachine first = new((configure ?? Same)(ExplorationPair.Configuration("first", "second", 1, 2, 0)), new RealCryptography());
        IkeOutput.Send request = first.Run(IkePeer.Idle, new IkeEvent.Asked(new IkeCommand.Initiate())).Outputs.OfType<IkeOutput.Send>().Single();
        return new(request.Datagram, request.From, request.To);
    }

    // A protected request for an IKE SA that its receiver does not have.
    private static IkeEvent.Received Probe()
    {
        ManualPair pair = ManualPair.Established((c, _) => c);
        pair.Ask(0, new IkeCommand.Probe(0));
        IkeOutput.Send request = pair.Network[0].Send;
        return new(request.Datagram, request.From, request.To);
    }

    private static IkeMessage Read(ByteString datagram) => IkeMessage.TryParse(datagram, out IkeMessage? message, out var error) ? message! : throw new AssertionException($"{error}");

    private static IkeEvent.Received Changed(IkeEvent.Received received, Action<byte[]> change)
    {
        byte[] bytes = received.Datagram.ToArray();
        change(bytes);
        return received with { Datagram = ByteString.Adopt(bytes) };
    }

    private static IkeEvent.Received Edited(IkeEvent.Received received, Func<IkePayload, IkePayload> change)
    {
        IkeMessage message = Read(received.Datagram);
        return received with { Datagram = ByteString.Adopt(new IkeMessage(message.Header, new([.. message.Payloads.Select(change)])).ToBytes()) };
    }
}
