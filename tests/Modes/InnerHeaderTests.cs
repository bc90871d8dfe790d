using Conformance.Harness.Oracle;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Requirements;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Modes;

/// <summary>The packet inside a tunnel: what may change about it, and what may not. RFC 4301 §5.1.2, notes 2 and 6.</summary>
[Needs(Capabilities.TunnelMode)]
public class InnerHeaderTests : ConformanceTest
{
    [Requirement("RFC4301-5.1.2-02")]
    [Needs(Capabilities.EspOutbound | Capabilities.HeaderProcessing)]
    [TestCaseSource(nameof(Fields))]
    public void Sent_InnerHeaderIsTheOneThatCame(EspScenario scenario, IpPacketOptions fields)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(ModeCases.Packet(session.Host, fields), "RFC4301-5.1.2-02");
    }

    [Requirement("RFC4301-5.1.2.1-19", "RFC4301-5.1.2.2-11")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Fields))]
    public void Received_InnerHeaderIsTheOneThatWasSealed(EspScenario scenario, IpPacketOptions fields)
    {
        EspSession session = Start(scenario);
        session.Expect(
            session.Peer.SealPlain(ModeCases.Packet(session.Peer.Plain, fields), 1), Delivered,
            ModeCases.ByInner(scenario, "RFC4301-5.1.2.1-19", "RFC4301-5.1.2.2-11"));
    }

    [Requirement("RFC4301-5.1.2-03")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound)]
    [TestCaseSource(nameof(Extensions))]
    public void OptionsAndExtensionHeaders_GoThroughUnchanged(EspScenario scenario, IpPacketOptions fields)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(ModeCases.Packet(session.Host, fields), "RFC4301-5.1.2-03");
        session.Expect(session.Peer.SealPlain(ModeCases.Packet(session.Peer.Plain, fields), 1), Delivered, "RFC4301-5.1.2-03");
    }

    [Requirement("RFC4301-5.1.2-08", "RFC4301-5.1.2.2-13")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void OuterDscpChangedOnTheWay_InnerOneStays(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        string clause = ModeCases.ByInner(scenario, "RFC4301-5.1.2-08", "RFC4301-5.1.2.2-13");
        ulong sequence = 0;
        foreach (byte outer in new byte[] { 0, 10, 46, 63 })
        {
            SealedPacket genuine = session.Peer.SealPlain(
                ModeCases.Packet(session.Peer.Plain, new() { TrafficClass = TrafficClasses.Join(18, Ecn.NotCapable) }), ++sequence);
            session.Expect(genuine.WithOuter(TrafficClasses.Join(outer, Ecn.NotCapable)), Delivered, clause);
        }
    }

    // RFC 4301 §4.1: what stands in front of ESP is not protected, so nothing about it may decide.
    [Requirement("RFC4301-4.1-26")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void OuterHeaderChangedOnTheWay_Delivered(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.Expect(Rehopped(session.Peer.Seal(1), 3), Delivered, "RFC4301-4.1-26");
        session.Expect(session.Peer.Seal(2).WithOuter(TrafficClasses.Join(46, Ecn.NotCapable)), Delivered, "RFC4301-4.1-26");
        session.Expect(Rehopped(session.Peer.Seal(3), 255), Delivered, "RFC4301-4.1-26");
    }

    [Requirement("RFC4301-4.1-13", "RFC4301-4.1-14")]
    [Needs(Capabilities.EspInbound)]
    [TestCase("RFC4301-4.1-13")]
    [TestCase("RFC4301-4.1-14")]
    public void AnyDscp_IsNoReasonToDiscard(string clause)
    {
        EspSession session = Start(new EspScenario());
        for (byte dscp = 0; dscp < 64; dscp++)
        {
            byte trafficClass = TrafficClasses.Join(dscp, Ecn.NotCapable);
            session.Expect(
                session.Peer.SealPlain(ModeCases.Packet(session.Peer.Plain, new() { TrafficClass = trafficClass }), dscp + 1UL), Delivered, clause);
        }
    }

    [Requirement("RFC4301-5.1.2.1-12", "RFC4301-5.1.2.2-10")]
    [Needs(Capabilities.EspOutbound | Capabilities.Gateway)]
    [TestCaseSource(nameof(Hops))]
    public void TransitPacketSent_InnerHopLimitIsOneLower(EspScenario scenario, byte hops)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(
            ModeCases.Packet(session.Host, new() { HopLimit = hops }),
            ModeCases.ByInner(scenario, "RFC4301-5.1.2.1-12", "RFC4301-5.1.2.2-10"));
    }

    [Requirement("RFC4301-5.1.2.1-13", "RFC4301-5.1.2.2-10")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Hops))]
    public void TransitPacketReceived_InnerHopLimitIsOneLower(EspScenario scenario, byte hops)
    {
        EspSession session = Start(scenario);
        session.Expect(
            session.Peer.SealPlain(ModeCases.Packet(session.Peer.Plain, new() { HopLimit = hops }), 1), Delivered,
            ModeCases.ByInner(scenario, "RFC4301-5.1.2.1-13", "RFC4301-5.1.2.2-10"));
    }

    [Requirement("RFC4301-5.1.2.1-14")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.Gateway)]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void HopLimitUsedUp_NotForwarded(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.ExpectNothingSent(ModeCases.Packet(session.Host, new() { HopLimit = 1 }), "RFC4301-5.1.2.1-14");
        session.Require(
            session.Answers.All(a => a.IsTimeExceeded), "RFC4301-5.1.2.1-14", $"the source was told {string.Join(", ", session.Answers)}");
        session.Expect(session.Peer.SealPlain(ModeCases.Packet(session.Peer.Plain, new() { HopLimit = 1 }), 1), Discarded, "RFC4301-5.1.2.1-14");
        session.Expect(session.Peer.Seal(2), Delivered);
    }

    [Requirement("RFC4301-5.1.2.1-15")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.HeaderProcessing)]
    [TestCase(false)]
    [TestCase(true)]
    public void HopLimitOrMarkChanged_InnerChecksumFits(bool outerIpv6)
    {
        EspSession session = Start(new EspScenario { OuterIpv6 = outerIpv6 });
        session.ExpectSent(ModeCases.Packet(session.Host, new() { HopLimit = 33 }), "RFC4301-5.1.2.1-15");
        SealedPacket marked = session.Peer.SealPlain(
            ModeCases.Packet(session.Peer.Plain, new() { HopLimit = 33, TrafficClass = TrafficClasses.Join(0, Ecn.Capable0) }), 1);
        session.Expect(marked.WithOuter(Ecn.CongestionExperienced), Delivered, "RFC4301-5.1.2.1-15");
    }

    [Requirement("RFC4301-5.2-21")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.All))]
    public void AfterEsp_ThePacketReachesItsDestination(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.Expect(session.Peer.Seal(1), Delivered, "RFC4301-5.2-21");
    }

    private static SealedPacket Rehopped(SealedPacket packet, byte hops) =>
        packet.With(Hop.WithHopLimit(packet.Datagram, hops).ToArray(), $"outer TTL {hops}");

    private static IEnumerable<TestCaseData> Hops =>
        from scenario in ModeCases.Tunnels from hops in new byte[] { 2, 64, 255 } select new TestCaseData(scenario, hops);

    private static IEnumerable<TestCaseData> Fields
    {
        get
        {
            (string Name, IpPacketOptions Fields)[] ipv4 =
            [
                ("identification", new() { Identification = 0x1234 }),
                ("DSCP", new() { TrafficClass = 0xb8 }),
                ("DF", new() { DontFragment = true }),
                ("fragment", new() { FragmentOffsetBytes = 160, MoreFragments = true }),
            ];
            (string Name, IpPacketOptions Fields)[] ipv6 = [("DSCP", new() { TrafficClass = 0xb8 }), ("flow label", new() { FlowLabel = 0x12345 })];
            return
                from scenario in ModeCases.Tunnels
                from fields in scenario.InnerIpv6 ? ipv6 : ipv4
                select new TestCaseData(scenario, fields.Fields).SetArgDisplayNames(scenario.ToString(), fields.Name);
        }
    }

    private static IEnumerable<TestCaseData> Extensions =>
        from scenario in ModeCases.Tunnels
        from protocol in scenario.InnerIpv6 ? new byte[] { IpProtocol.HopByHopOptions, IpProtocol.DestinationOptions } : [IpProtocol.Ipv4]
        let fields = scenario.InnerIpv6
            ? new IpPacketOptions { ExtensionHeaders = [(protocol, ModeCases.IdleExtension)] }
            : new IpPacketOptions { Ipv4Options = ModeCases.IdleOptions }
        select new TestCaseData(scenario, fields).SetArgDisplayNames(scenario.ToString(), scenario.InnerIpv6 ? $"extension header {protocol}" : "options");
}
