using Conformance.Generators.Wire;
using Conformance.Harness.Oracle;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Conformance.Tests.Model.Esp;

/// <summary>What the model's sender encloses, the model's receiver gives back, in every mode.</summary>
public class RoundTripTests
{
    private static readonly Config Some = Config.QuickThrowOnFailure.WithMaxTest(150).WithQuietOnSuccess(true);

    private static IEnumerable<EspScenario> Scenarios =>
        from mode in Tests.Esp.EspCases.Modes
        from suite in Tests.Esp.EspCases.Kinds
        from udp in new[] { false, true }
        select mode with { Suite = suite, UdpEncapsulated = udp, ExtendedSequenceNumbers = udp };

    [TestCaseSource(nameof(Scenarios))]
    public void Sent_IsReceivedAsItWas(EspScenario scenario)
    {
        using Keyring keyring = new();
        Prop.ForAll(IpPacketCases.Packets(scenario.InnerIpv6), packet =>
        {
            IpPacketCase fitting = packet with { PayloadBytes = Math.Min(packet.PayloadBytes, 60_000) };
            SecurityAssociation sa = Between(Connection.UnderTest(scenario, 7).Inbound, fitting);
            ByteString plain = ByteString.Adopt(fitting.ToBytes());
            (OutboundAssociation next, SendOutcome sent) = EspSender.Rfc.Send(OutboundAssociation.Create(sa), plain, ByteString.Adopt(new byte[sa.Suite.IvBytes]), keyring);
            (ReceiverState after, ReceiveOutcome received) = EspReceiver.Rfc.Receive(
                ReceiverState.Empty.With(InboundAssociation.Create(sa)), ((SendOutcome.Sent)sent).Datagram, keyring);
            return next.LastSequence.Value == 1 && received is ReceiveOutcome.Delivered delivered && delivered.Inner == plain
                && after.Associations.Values.Single().Use == next.Use;
        }).Check(Some);
    }

    [TestCase(EspMode.Transport, false)]
    [TestCase(EspMode.Tunnel, true)]
    [TestCase(EspMode.Beet, false)]
    public void Fragment_GoesThroughATunnelOnly(EspMode mode, bool enclosed)
    {
        using Keyring keyring = new();
        EspScenario scenario = new() { Mode = mode };
        Connection connection = Connection.UnderTest(scenario, 7);
        ByteString fragment = ByteString.Adopt(IpPackets.Raw(
            connection.Plain.Local, connection.Plain.Remote, IpProtocol.Udp, new byte[64], new IpPacketOptions { MoreFragments = true }));
        (_, SendOutcome outcome) = EspSender.Rfc.Send(OutboundAssociation.Create(connection.Outbound), fragment, ByteString.Adopt(new byte[8]), keyring);
        Assert.That(outcome is SendOutcome.Sent, Is.EqualTo(enclosed));
    }

    [Test]
    public void StatesWithTheSameMemory_AreEqual()
    {
        SecurityAssociation sa = Connection.UnderTest(new EspScenario(), 7).Inbound;
        InboundAssociation fresh = InboundAssociation.Create(sa);
        InboundAssociation moved = fresh with { Window = fresh.Window.Accept(new SequenceNumber(5)) };
        Assert.That(ReceiverState.Empty.With(fresh), Is.EqualTo(ReceiverState.Empty.With(InboundAssociation.Create(sa))));
        Assert.That(ReceiverState.Empty.With(moved), Is.Not.EqualTo(ReceiverState.Empty.With(fresh)));
    }

    [TestCase(0UL, 0UL, 0, LifetimeStatus.Fresh)]
    [TestCase(2UL, 0UL, 0, LifetimeStatus.Dying)]
    [TestCase(3UL, 0UL, 0, LifetimeStatus.Expired)]
    [TestCase(0UL, 199UL, 0, LifetimeStatus.Dying)]
    [TestCase(0UL, 200UL, 0, LifetimeStatus.Expired)]
    [TestCase(0UL, 0UL, 10, LifetimeStatus.Dying)]
    [TestCase(0UL, 0UL, 20, LifetimeStatus.Expired)]
    [TestCase(1UL, 99UL, 9, LifetimeStatus.Fresh)]
    public void Lifetime_TheFirstLimitReachedCounts(ulong packets, ulong bytes, int seconds, LifetimeStatus expected)
    {
        Lifetime limits = new(2, 3, 100, 200, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
        Assert.That(Lifetimes.Status(limits, new LifetimeUse(packets, bytes, TimeSpan.FromSeconds(seconds))), Is.EqualTo(expected));
    }

    // BEET restores the addresses of the SA, and transport mode has none but the packet's own.
    private static SecurityAssociation Between(SecurityAssociation sa, IpPacketCase packet) => sa.Mode switch
    {
        EspMode.Transport => sa with { Source = packet.Source, Destination = packet.Destination },
        EspMode.Beet => sa with { InnerSource = packet.Source, InnerDestination = packet.Destination },
        _ => sa,
    };
}
