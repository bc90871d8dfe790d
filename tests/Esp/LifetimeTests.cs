using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>Limits on the use of an SA. RFC 4301 §4.4.2.1.</summary>
public class LifetimeTests : ConformanceTest
{
    [Requirement("RFC4301-4.4.2.1-11")]
    [Needs(Capabilities.EspInbound | Capabilities.LifetimePackets)]
    [TestCase(1UL)]
    [TestCase(3UL)]
    public void HardPacketLimit_ThatManyAreReceived(ulong packets)
    {
        EspSession session = Start(new EspScenario { InboundLifetime = new Lifetime(HardPackets: packets) });
        for (ulong sequence = 1; sequence <= packets; sequence++)
        {
            session.Expect(session.Peer.Seal(sequence), Delivered);
        }

        session.Expect(session.Peer.Seal(packets + 1), Discarded);
        session.Expect(session.Peer.Seal(packets + 2), Discarded);
    }

    [Requirement("RFC4301-4.4.2.1-10")]
    [Needs(Capabilities.EspOutbound | Capabilities.LifetimePackets)]
    [TestCase(1UL)]
    [TestCase(3UL)]
    public void HardPacketLimit_ThatManyAreSent(ulong packets)
    {
        EspSession session = Start(new EspScenario { OutboundLifetime = new Lifetime(HardPackets: packets) });
        for (ulong sequence = 1; sequence <= packets; sequence++)
        {
            session.ExpectSent(session.Host.Next(32));
        }

        session.ExpectNothingSent(session.Host.Next(32));
        session.ExpectNothingSent(session.Host.Next(32));
    }

    // The packet that crosses the limit may pass or not; the one after it may not: Interpretations/0006.
    [Requirement("RFC4301-4.4.2.1-10")]
    [Needs(Capabilities.EspOutbound | Capabilities.LifetimeBytes)]
    [Test]
    public void HardByteLimit_NothingIsSentBehindIt()
    {
        EspSession session = Start(new EspScenario { OutboundLifetime = new Lifetime(HardBytes: 100) });
        session.ExpectSent(session.Host.Next(80));
        session.ExpectNothingSent(session.Host.Next(80));
    }

    [Requirement("RFC4301-4.4.2.1-11", "RFC4301-4.4.2.1-10")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.LifetimeTime | Capabilities.VirtualClock)]
    [Test]
    public void HardTimeLimit_NothingPassesBehindIt()
    {
        Lifetime hour = new(HardTime: TimeSpan.FromHours(1));
        EspSession session = Start(new EspScenario { InboundLifetime = hour, OutboundLifetime = hour });
        session.AdvanceClock(TimeSpan.FromMinutes(59));
        session.Expect(session.Peer.Seal(1), Delivered);
        session.ExpectSent(session.Host.Next(32));

        session.AdvanceClock(TimeSpan.FromMinutes(2));
        session.Expect(session.Peer.Seal(2), Discarded, "RFC4301-4.4.2.1-11");
        session.ExpectNothingSent(session.Host.Next(32), "RFC4301-4.4.2.1-10");
    }

    [Requirement("RFC4301-4.4.2.1-15")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.LifetimePackets)]
    [Test]
    public void SoftPacketLimit_TrafficGoesOn()
    {
        Lifetime two = new(SoftPackets: 2, HardPackets: 100);
        EspSession session = Start(new EspScenario { InboundLifetime = two, OutboundLifetime = two });
        for (ulong sequence = 1; sequence <= 5; sequence++)
        {
            session.Expect(session.Peer.Seal(sequence), Delivered);
            session.ExpectSent(session.Host.Next(32));
        }
    }
}
