using Conformance.Harness.Oracle;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Modes;

/// <summary>The header that a tunnel builds; the invariants hold each one against the packet inside. RFC 4301 §5.1.2, §8.1.</summary>
[Needs(Capabilities.EspOutbound | Capabilities.TunnelMode)]
public class OuterHeaderTests : ConformanceTest
{
    [Requirement("RFC4301-5.1.2-01", "RFC4301-5.1.2.1-09", "RFC4301-5.1.2.2-07", "RFC4301-5.1.2.1-01", "RFC4301-5.1.2.2-01")]
    [TestCaseSource(nameof(Ends))]
    public void OuterAddresses_AreTheEndsOfTheTunnel(EspScenario scenario, string clause)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(session.Host.Next(40), clause);
    }

    [Requirement("RFC4301-5.1.2.1-16")]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void ManyPackets_OuterSourceStays(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        for (int i = 0; i < 8; i++)
        {
            session.ExpectSent(session.Host.Next(40), "RFC4301-5.1.2.1-16");
        }
    }

    [Requirement("RFC4301-5.1.2.1-03", "RFC4301-5.1.2.2-02")]
    [Needs(Capabilities.HeaderProcessing)]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void AnyDscp_Copied(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        for (byte dscp = 0; dscp < 64; dscp++)
        {
            session.ExpectSent(
                ModeCases.Packet(session.Host, new() { TrafficClass = TrafficClasses.Join(dscp, Ecn.NotCapable) }),
                ModeCases.ByOuter(scenario, "RFC4301-5.1.2.1-03", "RFC4301-5.1.2.2-02"));
        }
    }

    [Requirement("RFC4301-5.1.2.1-17", "RFC4301-4.4.2.1-19")]
    [TestCaseSource(nameof(FixedDscp))]
    public void DscpMappedByTheSa_SentAsMapped(EspScenario scenario, byte inner, string clause)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(ModeCases.Packet(session.Host, new() { TrafficClass = TrafficClasses.Join(inner, Ecn.NotCapable) }), clause);
    }

    [Requirement("RFC4301-8.1-01")]
    [Needs(Capabilities.HeaderProcessing)]
    [TestCase(false)]
    [TestCase(true)]
    public void DontFragment_Copied(bool inner)
    {
        EspSession session = Start(new EspScenario());
        session.ExpectSent(ModeCases.Packet(session.Host, new() { DontFragment = inner }), "RFC4301-8.1-01");
    }

    [Requirement("RFC4301-5.1.2.1-06", "RFC4301-8.1-02")]
    [Needs(Capabilities.HeaderProcessing)]
    [TestCaseSource(nameof(DontFragmentRules))]
    public void DontFragment_AsTheSaSays(EspScenario scenario, bool inner, string clause)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(ModeCases.Packet(session.Host, new() { DontFragment = inner }), clause);
    }

    [Requirement("RFC4301-5.1.2.1-07", "RFC4301-5.1.2.2-04")]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void OuterHopLimit_DoesNotFollowTheInnerOne(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        string clause = ModeCases.ByOuter(scenario, "RFC4301-5.1.2.1-07", "RFC4301-5.1.2.2-04");
        foreach (byte hops in new byte[] { 64, 2, 255, 17 })
        {
            session.ExpectSent(ModeCases.Packet(session.Host, new() { HopLimit = hops }), clause);
        }
    }

    [Requirement("RFC4301-5.1.2.1-02", "RFC4301-5.1.2.1-10")]
    [TestCase("RFC4301-5.1.2.1-02")]
    [TestCase("RFC4301-5.1.2.1-10")]
    public void InnerOptions_StayInside(string clause)
    {
        EspSession session = Start(new EspScenario());
        session.ExpectSent(ModeCases.Packet(session.Host, new() { Ipv4Options = ModeCases.IdleOptions }), clause);
    }

    [Requirement("RFC4301-5.1.2.2-08")]
    [TestCase(IpProtocol.HopByHopOptions)]
    [TestCase(IpProtocol.DestinationOptions)]
    public void InnerExtensionHeaders_StayInside(byte protocol)
    {
        EspSession session = Start(new EspScenario { OuterIpv6 = true, InnerIpv6 = true });
        session.ExpectSent(ModeCases.Packet(session.Host, new() { ExtensionHeaders = [(protocol, ModeCases.IdleExtension)] }), "RFC4301-5.1.2.2-08");
    }

    // The first, a middle and the last piece of a datagram.
    [Requirement("RFC4301-5.1.2.1-05")]
    [TestCase(0, true)]
    [TestCase(40, true)]
    [TestCase(80, false)]
    public void InnerFragment_OuterFieldsAreItsOwn(int offsetBytes, bool moreFragments)
    {
        EspSession session = Start(new EspScenario());
        session.ExpectSent(
            ModeCases.Packet(session.Host, new() { FragmentOffsetBytes = offsetBytes, MoreFragments = moreFragments, Identification = 0x77 }),
            "RFC4301-5.1.2.1-05");
    }

    [Requirement("RFC4301-5.1.2.1-08", "RFC4301-5.1.2.2-06")]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void OuterProtocol_IsEsp(EspScenario scenario)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(session.Host.Next(40), ModeCases.ByOuter(scenario, "RFC4301-5.1.2.1-08", "RFC4301-5.1.2.2-06"));
    }

    [Requirement("RFC4301-5.1.2.2-04")]
    [Needs(Capabilities.TunnelHeaderOptions)]
    [TestCase(false)]
    [TestCase(true)]
    public void FlowLabelOfTheSa_Sent(bool innerIpv6)
    {
        EspSession session = Start(new EspScenario { OuterIpv6 = true, InnerIpv6 = innerIpv6, Headers = new() { FlowLabel = 0xabcde } });
        session.ExpectSent(session.Host.Next(40), "RFC4301-5.1.2.2-04");
    }

    [Requirement("RFC4301-5.1.2.2-05")]
    [Needs(Capabilities.Gateway)]
    [Test]
    public void Gateway_ShouldNotCopyFlowLabels()
    {
        EspSession session = Start(new EspScenario { OuterIpv6 = true, InnerIpv6 = true });
        uint[] inner = [0x12345, 0x54321];
        uint[] outer = [.. inner.Select(label => new Ipv6HeaderView(session.ExpectSent(
            ModeCases.Packet(session.Host, new() { FlowLabel = label }), "RFC4301-5.1.2.2-04").Datagram.Span).FlowLabel)];
        if (outer.SequenceEqual(inner))
        {
            TestVerdicts.Warn("RFC4301-5.1.2.2-05", "inner flow labels are copied to the outer header");
        }
    }

    private static IEnumerable<TestCaseData> Ends =>
        from scenario in ModeCases.Tunnels
        from clause in scenario.OuterIpv6
            ? new[] { "RFC4301-5.1.2-01", "RFC4301-5.1.2.2-07", "RFC4301-5.1.2.2-01" }
            : ["RFC4301-5.1.2-01", "RFC4301-5.1.2.1-09", "RFC4301-5.1.2.1-01"]
        select new TestCaseData(scenario, clause);

    private static IEnumerable<TestCaseData> FixedDscp =>
        from scenario in ModeCases.Tunnels
        from mapped in new byte[] { 0, 46 }
        from inner in new byte[] { 0, 10, 63 }
        from clause in new[] { "RFC4301-5.1.2.1-17", "RFC4301-4.4.2.1-19" }
        select new TestCaseData(scenario with { Headers = new() { Dscp = mapped } }, inner, clause);

    private static IEnumerable<TestCaseData> DontFragmentRules =>
        from rule in Enum.GetValues<DontFragmentRule>()
        from inner in new[] { false, true }
        from clause in new[] { "RFC4301-5.1.2.1-06", "RFC4301-8.1-02" }
        select new TestCaseData(new EspScenario { Headers = new() { DontFragment = rule } }, inner, clause);
}
