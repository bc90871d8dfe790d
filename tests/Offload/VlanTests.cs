using Conformance.Generators.Offload;
using Conformance.Harness.Oracle;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Offload;

/// <summary>ESP in frames with VLAN tags: only the VLANs of the stack count, and what leaves by one carries its tag.</summary>
[TestFixture(EspPath.Plain)]
[TestFixture(EspPath.Offload)]
public class VlanTests(EspPath path) : OffloadTest(path)
{
    private const ushort Own = 10;
    private const ushort Foreign = 30;
    private const int RandomBursts = 40;
    private static readonly BurstItem Usual = new();

    private static IEnumerable<EspScenario> Tunnels => Scenarios.Where(s => s.Mode == EspMode.Tunnel);

    [Requirement("OFFLOAD-vlan-01")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Tunnels))]
    public void PacketOfAVlanWithoutDevice_NotHandedOn(EspScenario scenario)
    {
        EspSession session = StartOffloading(scenario, Capabilities.Coalescing | Capabilities.VlanTags, overEthernet: true);
        session.ExpectHanded(new Burst([Usual]));
        session.ExpectHanded(new Burst([Usual with { VlanId = Foreign }]));
    }

    [Requirement("OFFLOAD-vlan-01")]
    [Needs(Capabilities.EspInbound)]
    [Test]
    public void PacketOfAnotherVlanInABurst_NotHandedOn([Range(0, 2)] int at, [Values] bool inAVlan)
    {
        EspSession session = StartOffloading(new EspScenario { WireVlanId = inAVlan ? Own : null }, Capabilities.Coalescing | Capabilities.VlanTags, overEthernet: true);
        BurstItem[] items = [Usual, Usual, Usual];
        session.ExpectHanded(new Burst([.. items]));
        items[at] = items[at] with { VlanId = Foreign };
        session.ExpectHanded(new Burst([.. items]));
    }

    [Requirement("OFFLOAD-gro-01", "OFFLOAD-gro-09")]
    [Needs(Capabilities.EspInbound)]
    [TestCaseSource(nameof(Tunnels))]
    public void BurstsOfTheOwnVlan_HandedOnAsTheyCame(EspScenario scenario)
    {
        EspSession session = StartOffloading(scenario with { WireVlanId = Own }, Capabilities.Coalescing | Capabilities.VlanTags, overEthernet: true);
        Random random = new((int)Seed);
        for (int i = 0; i < RandomBursts; i++)
        {
            session.ExpectHanded(Burst.Draw(random));
        }
    }

    [Requirement("OFFLOAD-vlan-02")]
    [Needs(Capabilities.EspOutbound)]
    [TestCaseSource(nameof(Tunnels))]
    public void SuperPacketTowardsAVlan_EverySegmentTagged(EspScenario scenario)
    {
        EspSession session = StartOffloading(scenario with { WireVlanId = Own }, Capabilities.Segmentation | Capabilities.VlanTags, overEthernet: true);
        Cut(session, new SuperPacket { PayloadBytes = 4000 });
    }
}
