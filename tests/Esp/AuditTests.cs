using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Esp;

/// <summary>Events that can be audited leave a trace; a counter is the least. RFC 4303 §4.</summary>
[Needs(Capabilities.Counters)]
public class AuditTests : ConformanceTest
{
    [Requirement("RFC4303-3.4.2-03")]
    [Needs(Capabilities.EspInbound)]
    [Test]
    public void PacketWithoutSa_LeavesATrace()
    {
        EspSession session = Start(new EspScenario());
        Watch(session, "RFC4303-3.4.2-03", () => session.Expect(session.Peer.SealAs(new Spi(0xdeadbeef), 1), Discarded));
    }

    [Requirement("RFC4303-3.4.3-21", "RFC4303-3.4.4.1-04", "RFC4303-3.4.4.2-03")]
    [Needs(Capabilities.EspInbound)]
    [TestCase("ENCR_NULL/AUTH_HMAC_SHA2_256_128", "RFC4303-3.4.3-21")]
    [TestCase("ENCR_AES_CBC-128/AUTH_HMAC_SHA2_256_128", "RFC4303-3.4.4.1-04")]
    [TestCase("ENCR_AES_GCM_16-128", "RFC4303-3.4.4.2-03")]
    public void WrongIcv_LeavesATrace(string suite, string clause)
    {
        EspSession session = Start(new EspScenario { Suite = EspCases.Suite(suite) });
        Watch(session, clause, () => session.Expect(session.Peer.Seal(1).WithForgedIcv(), Discarded));
    }

    [Requirement("RFC4303-4-03")]
    [Needs(Capabilities.EspInbound | Capabilities.AntiReplay)]
    [Test]
    public void Replay_LeavesATrace()
    {
        EspSession session = Start(new EspScenario());
        SealedPacket first = session.Peer.Seal(1);
        session.Expect(first, Delivered);
        Watch(session, "RFC4303-4-03", () => session.Expect(first, Discarded));
    }

    [Requirement("RFC4303-3.3.3-04")]
    [Needs(Capabilities.EspOutbound | Capabilities.AntiReplay | Capabilities.SequenceSeed)]
    [Test]
    public void NumbersExhausted_LeaveATrace()
    {
        EspSession session = Start(new EspScenario { OutboundLastSequence = uint.MaxValue });
        Watch(session, "RFC4303-3.3.3-04", () => session.ExpectNothingSent(session.Host.Next(32)));
    }

    private static void Watch(EspSession session, string clause, Action happens)
    {
        long before = session.ReadCounters().Values.Sum();
        happens();
        if (session.ReadCounters().Values.Sum() == before)
        {
            TestVerdicts.Warn(clause, "no counter moved");
        }
    }
}
