using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Requirements;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>Packets of one IP version on SAs and tunnels of the other. RFC 4301 §4.4.1, §5.2.</summary>
/// <remarks>The SAs are keyed by hand where a test says so: then only their selectors and ends tell whose packet it is.</remarks>
[Needs(Capabilities.Ipv6)]
public class FamilyTests : PolicyTest
{
    private const string Host6 = "2001:db8:0:2::10";
    private const string RemoteHost6 = "2001:db8:0:3::10";

    [Requirement("RFC4301-5.2-16")]
    [TestCase(Host6, RemoteHost6, false)]
    [TestCase(Host6, RemoteHost6, true)]
    [TestCase("2001:db8:0:2::/64", "2001:db8:0:3::/64", false)]
    [TestCase("2001:db8:0:2::/64", "2001:db8:0:3::/64", true)]
    [TestCase("2001:db8::/32", "2001:db8::/32", false)]
    public void Ipv4PacketOnAnSaForIpv6_Discarded(string local, string remote, bool outerIpv6)
    {
        (SpdEntry six, SpdEntry four) = (Six(outerIpv6), Four(outerIpv6));
        PolicySession session = Start(new PolicyScenario
        {
            KeyedByHand = true,
            Entries = [six, four],
            Pairs = [new(six) { Selectors = [Set(local, remote)] }, new(four) { Selectors = [Set()] }],
        });
        session.ExpectOn(session.PairOf(six), Flow6(), Protected);
        session.ExpectOn(session.PairOf(four), Flow(), Protected);
        session.ExpectInbound(Flow(), Discarded);
        session.ExpectOn(session.PairOf(six), Flow(), Discarded);
    }

    [Requirement("RFC4301-5.2-16")]
    [TestCase("198.51.100.10", "203.0.113.10")]
    [TestCase("0.0.0.0/0", "0.0.0.0/0")]
    public void Ipv6PacketOnAnSaForIpv4_Discarded(string local, string remote)
    {
        (SpdEntry six, SpdEntry four) = (Six(false), Four(false));
        PolicySession session = Start(new PolicyScenario
        {
            KeyedByHand = true,
            Entries = [six, four],
            Pairs = [new(six) { Selectors = [Set(Local6, Remote6)] }, new(four) { Selectors = [Set(local, remote)] }],
        });
        session.ExpectOn(session.PairOf(six), Flow6(), Protected);
        session.ExpectOn(session.PairOf(four), Flow(), Protected);
        session.ExpectOn(session.PairOf(four), Flow6(), Discarded);
    }

    // What else may stand in the way of such a packet: an SA that belongs to its entry, or an SPD that protects nothing of that version.
    [Requirement("RFC4301-5.2-16")]
    [Test]
    public void Ipv4PacketOnAnSaForIpv6ThatBelongsToItsEntry_Discarded()
    {
        (SpdEntry six, SpdEntry four) = (Six(false), Four(false));
        PolicySession session = Start(new PolicyScenario { Entries = [six, four], Pairs = [new(six) { Selectors = [Set(Host6, RemoteHost6)] }] });
        session.ExpectOn(session.PairOf(six), Flow6(), Protected);
        session.ExpectOn(session.PairOf(four), Flow(), Protected);
        session.ExpectOn(session.PairOf(six), Flow(), Discarded);
    }

    [Requirement("RFC4301-5.2-16")]
    [TestCase(true)]
    [TestCase(false)]
    public void Ipv4PacketOnAnSaForIpv6_NothingOfIpv4IsProtected_Discarded(bool bypass)
    {
        SpdEntry six = Six(false);
        PolicySession session = Start(new PolicyScenario
        {
            KeyedByHand = true,
            Entries = bypass ? [six, Bypass("open", Set())] : [six],
            Pairs = [new(six) { Selectors = [Set(Host6, RemoteHost6)] }],
        });
        session.ExpectOn(session.PairOf(six), Flow6(), Protected);
        session.ExpectOn(session.PairOf(six), Flow(), Discarded);
    }

    // Two peers, each with a tunnel of its own; the first sends what only the second may.
    [Requirement("RFC4301-4.4.1-11")]
    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    public void PacketOfOnePeerThroughTheTunnelOfAnother_Discarded(bool outerIpv6, bool innerIpv6)
    {
        AddressSet ends = AddressPlan.Of(outerIpv6, sentinel: false);
        SpdEntry first = Protect("first peer", PolicyScenario.Tunnel(ends), To(10));
        SpdEntry second = Protect("second peer", PolicyScenario.Tunnel(ends with { Peer = AddressPlan.Of(outerIpv6, sentinel: true).Peer }), To(11));
        PolicySession session = Start(new PolicyScenario { KeyedByHand = true, Entries = [first, second] });
        session.ExpectOn(session.PairOf(first), FlowTo(10), Protected);
        session.ExpectOn(session.PairOf(second), FlowTo(11), Protected);
        session.ExpectOn(session.PairOf(first), FlowTo(11), Discarded);
        session.ExpectOn(session.PairOf(second), FlowTo(10), Discarded);

        Spec.Policy.Selectors.SelectorSet To(int host) => innerIpv6 ? Set(Local6, $"2001:db8:0:3::{host}") : Set(remote: $"203.0.113.{host}");
        Spec.Policy.Selectors.FlowSelectors FlowTo(int host) => innerIpv6 ? Flow6(remote: host == 10 ? 0x10 : 0x11) : Flow(remote: host);
    }

    private static SpdEntry Six(bool outerIpv6) => Protect("six", PolicyScenario.Tunnel(AddressPlan.Of(outerIpv6, sentinel: false)), Set(Local6, Remote6));

    private static SpdEntry Four(bool outerIpv6) => Protect("four", PolicyScenario.Tunnel(AddressPlan.Of(outerIpv6, sentinel: false)), Set());
}
