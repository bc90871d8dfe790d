using Conformance.Harness.Oracle;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Disposition;

namespace Conformance.Tests.Modes;

/// <summary>Every mode with every pair of families, both ways, over what headers can say. RFC 4301 §4.1, §5.1.2.</summary>
[Needs(Capabilities.EspInbound | Capabilities.EspOutbound)]
public class ModeMatrixTests : ConformanceTest
{
    [Requirement("RFC4301-5.1.2-02")]
    [Needs(Capabilities.HeaderProcessing)]
    [TestCaseSource(nameof(Matrix))]
    public void HeaderFields_GoThroughEveryModeAsTheyShould(EspScenario scenario, byte dscp, Ecn ecn, bool dontFragment)
    {
        EspSession session = Start(scenario);
        IpPacketOptions fields = new()
        {
            TrafficClass = TrafficClasses.Join(dscp, ecn),
            DontFragment = dontFragment,
            FlowLabel = 0x54321,
            HopLimit = 44,
        };
        session.ExpectSent(ModeCases.Packet(session.Host, fields), "RFC4301-5.1.2-02");
        session.Expect(session.Peer.SealPlain(ModeCases.Packet(session.Peer.Plain, fields), 1), Delivered, "RFC4301-5.1.2-02");
    }

    // CE in a tunnel is the matter of EcnTests, where stacks that follow an older RFC are known.
    private static IEnumerable<TestCaseData> Matrix =>
        from scenario in ModeCases.All
        from dscp in new byte[] { 0, 10, 46, 63 }
        from ecn in new[] { Ecn.NotCapable, Ecn.Capable0, Ecn.Capable1 }
        from dontFragment in scenario.InnerIpv6 ? new[] { true } : [false, true]
        select new TestCaseData(scenario, dscp, ecn, dontFragment);
}
