using Conformance.Harness.Oracle;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Modes;

/// <summary>Congestion marks on their way into a tunnel and out of it. RFC 6040 §4, RFC 4301 §5.1.2.</summary>
[Needs(Capabilities.TunnelMode | Capabilities.HeaderProcessing)]
public class EcnTests : ConformanceTest
{
    private const byte Dscp = 10;

    [Requirement("RFC4301-5.1.2.1-04", "RFC4301-5.1.2.2-03")]
    [Needs(Capabilities.EspOutbound)]
    [TestCaseSource(nameof(Outward))]
    public void Sent_OuterFieldIsTheInnerOne(EspScenario scenario, Ecn inner)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(Marked(session.Host, inner), ModeCases.ByOuter(scenario, "RFC4301-5.1.2.1-04", "RFC4301-5.1.2.2-03"));
    }

    [Requirement("RFC6040-4.1-01", "RFC6040-4.3-01", "RFC6040-5.1-01")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase("RFC6040-4.1-01", Ecn.NotCapable)]
    [TestCase("RFC6040-4.1-01", Ecn.Capable0)]
    [TestCase("RFC6040-4.1-01", Ecn.Capable1)]
    [TestCase("RFC6040-4.1-01", Ecn.CongestionExperienced)]
    [TestCase("RFC6040-4.3-01", Ecn.Capable0)]
    [TestCase("RFC6040-4.3-01", Ecn.Capable1)]
    [TestCase("RFC6040-5.1-01", Ecn.Capable0)]
    [TestCase("RFC6040-5.1-01", Ecn.Capable1)]
    public void DefaultConfiguration_SendsInNormalMode(string clause, Ecn inner)
    {
        EspSession session = Start(new EspScenario());
        session.ExpectSent(Marked(session.Host, inner), clause);
    }

    [Requirement("RFC6040-4.1-02", "RFC6040-4.3-02")]
    [Needs(Capabilities.EspOutbound)]
    [TestCaseSource(nameof(Compatible))]
    public void CompatibilityMode_OuterFieldIsNotCapable(EspScenario scenario, Ecn inner, string clause)
    {
        EspSession session = Start(scenario with { Headers = new() { Ecn = EcnMode.Compatibility } });
        session.ExpectSent(Marked(session.Host, inner), clause);
    }

    [Requirement("RFC6040-4.3-04")]
    [Needs(Capabilities.EspInbound | Capabilities.EspOutbound)]
    [TestCaseSource(typeof(ModeCases), nameof(ModeCases.Tunnels))]
    public void CompatibilityModeOutwards_MarksComeInAsEver(EspScenario scenario)
    {
        EspSession session = Start(scenario with { Headers = new() { Ecn = EcnMode.Compatibility } });
        session.ExpectSent(Marked(session.Host, Ecn.Capable0), "RFC6040-4.3-04");
        session.Expect(Received(session, 1, Ecn.Capable0, Ecn.CongestionExperienced), Delivered, "RFC6040-4.3-04");
    }

    [Requirement("RFC6040-4.1-03")]
    [Needs(Capabilities.EspOutbound)]
    [TestCaseSource(nameof(OutwardButCongested))]
    public void Sent_InnerFieldStays(EspScenario scenario, Ecn inner)
    {
        EspSession session = Start(scenario);
        session.ExpectSent(Marked(session.Host, inner), "RFC6040-4.1-03");
    }

    [Requirement("RFC6040-4.1-04")]
    [Needs(Capabilities.EspOutbound)]
    [TestCase(Ecn.NotCapable)]
    [TestCase(Ecn.Capable0)]
    [TestCase(Ecn.Capable1)]
    public void Sent_OuterChecksumFits(Ecn inner)
    {
        EspSession session = Start(new EspScenario());
        session.ExpectSent(Marked(session.Host, inner), "RFC6040-4.1-04");
    }

    [Requirement("RFC6040-4.2-01")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Inward))]
    public void Received_CombinedByTheTable(EspScenario scenario, Ecn inner, Ecn outer)
    {
        EspSession session = Start(scenario);
        session.ExpectAsModel(Received(session, 1, inner, outer), "RFC6040-4.2-01");
        session.Expect(Received(session, 2, Ecn.Capable0, Ecn.Capable0), Delivered);
    }

    [Requirement(
        "RFC6040-4.2-02", "RFC6040-4.2-03", "RFC6040-4.2-04", "RFC6040-4.2-05", "RFC6040-4.2-06", "RFC6040-4.2-07", "RFC6040-4.2-08",
        "RFC6040-4.2-09", "RFC6040-5.1-02", "RFC4301-5.1.2.1-18")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Rules))]
    public void PairUnderItsRule_HandledByIt(string clause, Ecn inner, Ecn outer)
    {
        EspSession session = Start(new EspScenario());
        session.ExpectAsModel(Received(session, 1, inner, outer), clause);
    }

    [Requirement("RFC6040-4.2-10")]
    [Needs(Capabilities.EspInbound)]
    [TestCase(Ecn.Capable0)]
    [TestCase(Ecn.Capable1)]
    public void MarkWrittenIntoAnIpv4Packet_ChecksumFits(Ecn inner)
    {
        EspSession session = Start(new EspScenario());
        session.Expect(Received(session, 1, inner, Ecn.CongestionExperienced), Delivered, "RFC6040-4.2-10");
    }

    [Requirement("RFC6040-4.2-11")]
    [Needs(Capabilities.EspInbound | Capabilities.Counters)]
    [TestCase(Ecn.NotCapable, Ecn.Capable0)]
    [TestCase(Ecn.NotCapable, Ecn.Capable1)]
    [TestCase(Ecn.Capable1, Ecn.Capable0)]
    [TestCase(Ecn.CongestionExperienced, Ecn.Capable1)]
    public void PairThatNoSenderMakes_LeavesATrace(Ecn inner, Ecn outer)
    {
        EspSession session = Start(new EspScenario());
        long before = session.ReadCounters().Values.Sum();
        session.Expect(Received(session, 1, inner, outer), Delivered, "RFC6040-4.2-08");
        if (session.ReadCounters().Values.Sum() == before)
        {
            TestVerdicts.Warn("RFC6040-4.2-11", $"no counter moved for inner {inner} in outer {outer}");
        }
    }

    [Requirement("RFC6040-4.4-01")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Settings))]
    public void AnySetting_TheTableIsTheSame(EspScenario scenario, Ecn inner, Ecn outer)
    {
        EspSession session = Start(scenario);
        session.ExpectAsModel(Received(session, 1, inner, outer), "RFC6040-4.4-01");
    }

    private static ByteString Marked(PlainPackets ends, Ecn ecn) =>
        ModeCases.Packet(ends, new() { TrafficClass = TrafficClasses.Join(Dscp, ecn) });

    private static SealedPacket Received(EspSession session, ulong sequence, Ecn inner, Ecn outer) =>
        session.Peer.SealPlain(Marked(session.Peer.Plain, inner), sequence).WithOuter(outer);

    private static IEnumerable<TestCaseData> Outward =>
        from scenario in ModeCases.Tunnels from inner in ModeCases.Marks select new TestCaseData(scenario, inner);

    private static IEnumerable<TestCaseData> OutwardButCongested =>
        from scenario in ModeCases.Tunnels from inner in new[] { Ecn.NotCapable, Ecn.Capable0, Ecn.Capable1 } select new TestCaseData(scenario, inner);

    private static IEnumerable<TestCaseData> Compatible =>
        from scenario in ModeCases.Tunnels
        from inner in ModeCases.Marks
        from clause in new[] { "RFC6040-4.1-02", "RFC6040-4.3-02" }
        select new TestCaseData(scenario, inner, clause);

    private static IEnumerable<TestCaseData> Inward =>
        from scenario in ModeCases.Tunnels from inner in ModeCases.Marks from outer in ModeCases.Marks select new TestCaseData(scenario, inner, outer);

    private static IEnumerable<TestCaseData> Settings =>
        from scenario in new EspScenario[]
        {
            new() { ReplayWindowPackets = 0 },
            new() { ExtendedSequenceNumbers = true },
            new() { UdpEncapsulated = true },
            new() { Headers = new() { Ecn = EcnMode.Compatibility } },
            new() { Headers = new() { DontFragment = DontFragmentRule.Clear } },
        }
        from inner in ModeCases.Marks
        from outer in ModeCases.Marks
        select new TestCaseData(scenario, inner, outer);

    private static IEnumerable<TestCaseData> Rules =>
        from inner in ModeCases.Marks
        from outer in ModeCases.Marks
        from clause in RulesOf(inner, outer)
        select new TestCaseData(clause, inner, outer);

    // Which sentences of RFC 6040 §4.2 (and of RFC 4301, which it updates) speak of a pair.
    private static IEnumerable<string> RulesOf(Ecn inner, Ecn outer)
    {
        if (inner == Ecn.NotCapable)
        {
            yield return outer == Ecn.CongestionExperienced ? "RFC6040-4.2-02" : "RFC6040-4.2-03";
            yield return "RFC6040-4.2-04";
        }
        else
        {
            yield return "RFC6040-4.2-05";
            yield return (inner, outer) switch
            {
                (Ecn.CongestionExperienced, _) => "RFC6040-4.2-09",
                (_, Ecn.CongestionExperienced) => "RFC6040-4.2-07",
                (Ecn.Capable0, Ecn.Capable1) => "RFC6040-4.2-06",
                _ => "RFC6040-4.2-08",
            };
        }

        if (outer == Ecn.CongestionExperienced && inner is Ecn.Capable0 or Ecn.Capable1)
        {
            yield return "RFC4301-5.1.2.1-18";
        }

        if ((inner, outer) is (Ecn.NotCapable, Ecn.CongestionExperienced) or (Ecn.Capable0, Ecn.Capable1))
        {
            yield return "RFC6040-5.1-02";
        }
    }
}
