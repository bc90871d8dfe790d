using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>An ordered SPD in front of a host that is itself the end of transport mode. RFC 4301 §4.4.1, §5.2.</summary>
[Needs(Capabilities.TransportMode | Capabilities.Ipv6)]
public class TransportPolicyTests : PolicyTest
{
    [Requirement("RFC4301-4.4.1-10")]
    [TestCase(false)]
    [TestCase(true)]
    public void ClearPacketWhereTransportIsAskedFor_Discarded(bool ipv6)
    {
        SpdEntry secure = Secure(ipv6);
        PolicySession session = Start(secure);
        session.ExpectOn(session.PairOf(secure), Between(ipv6), Protected);
        session.ExpectInbound(Between(ipv6), Discarded);
    }

    // See Interpretations/0015.
    [Requirement("RFC4301-4.4.1-39")]
    [TestCase(false)]
    [TestCase(true)]
    public void PacketUnderTransportThatAnEarlierEntryBypasses_Discarded(bool ipv6)
    {
        SpdEntry secure = Secure(ipv6);
        PolicySession session = Start(new PolicyScenario
        {
            Entries = [Bypass("open", Ends(ipv6, new UpperLayerSelector.Protocol(IpProtocol.Experiment253))), secure],
            Pairs = [new(secure) { Selectors = secure.Selectors }],
        });
        session.ExpectInbound(Between(ipv6), InClear);
        session.ExpectOn(session.PairOf(secure), Between(ipv6), Discarded);
    }

    [Requirement("RFC4301-4.4.1-39")]
    [TestCase(false)]
    [TestCase(true)]
    public void PacketUnderTransportThatAnEarlierEntryDiscards_Discarded(bool ipv6)
    {
        SpdEntry secure = Secure(ipv6);
        PolicySession session = Start(secure);
        session.ExpectOn(session.PairOf(secure), Between(ipv6), Protected);

        session = Start(Discard("closed", Ends(ipv6, new UpperLayerSelector.Protocol(IpProtocol.Experiment253))), secure);
        session.ExpectOn(session.PairOf(secure), Between(ipv6), Discarded);
    }

    // The ends are the same; only the mode differs.
    [Requirement("RFC4301-4.4.1-11")]
    [TestCase(false)]
    [TestCase(true)]
    public void PacketUnderTheOtherMode_Discarded(bool asksForTunnel)
    {
        SpdEntry tunnel = Protect("tunnel", PolicyScenario.Tunnel(AddressPlan.Ipv4), Ends(false, new UpperLayerSelector.Any()));
        SpdEntry transport = Secure(ipv6: false);
        (SpdEntry asked, SpdEntry other) = asksForTunnel ? (tunnel, transport) : (transport, tunnel);
        PolicySession session = Start(new PolicyScenario { KeyedByHand = true, Entries = [asked, other] });
        session.ExpectOn(session.PairOf(asked), Between(false), Protected);
        session.ExpectOn(session.PairOf(other), Between(false), Discarded);
    }

    private static SpdEntry Secure(bool ipv6) => Protect("secure", new ProtectionStep { Mode = EspMode.Transport }, Ends(ipv6, new UpperLayerSelector.Any()));

    private static SelectorSet Ends(bool ipv6, UpperLayerSelector upper)
    {
        AddressSet ends = AddressPlan.Of(ipv6, sentinel: false);
        return new SelectorSet(AddressSelector.Host(ends.Target), AddressSelector.Host(ends.Peer), upper);
    }

    private static FlowSelectors Between(bool ipv6)
    {
        AddressSet ends = AddressPlan.Of(ipv6, sentinel: false);
        return new FlowSelectors(ends.Target, ends.Peer, IpProtocol.Experiment253, null, null);
    }
}
