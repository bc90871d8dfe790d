using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>Each form of selector, probed just inside and just outside. RFC 4301 §4.4.1.1.</summary>
public class SelectorTests : PolicyTest
{
    private const byte SomeHopByHop = 0;
    private static readonly byte[] Udp = [0x07, 0xd0, 0, 80, 0, 16, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

    [Requirement("RFC4301-4.4.1.1-03")]
    [TestCase("203.0.113.10", new[] { 10 }, new[] { 9, 11 })]
    [TestCase("203.0.113.10,203.0.113.20", new[] { 10, 20 }, new[] { 9, 11, 19, 21 })]
    [TestCase("203.0.113.8/29", new[] { 8, 15 }, new[] { 7, 16 })]
    [TestCase("203.0.113.8-203.0.113.15", new[] { 8, 15 }, new[] { 7, 16 })]
    [TestCase("203.0.113.8-203.0.113.9,203.0.113.12-203.0.113.13", new[] { 8, 9, 12, 13 }, new[] { 7, 10, 11, 14 })]
    public void RemoteAddresses_AreHeldWithTheirBounds(string selector, int[] inside, int[] outside)
    {
        PolicySession session = Start(Bypass("some", Set(remote: selector)));
        Array.ForEach(inside, host => session.ExpectOutbound(Flow(remote: host), InClear));
        Array.ForEach(inside, host => session.ExpectInbound(Flow(remote: host), InClear));
        Array.ForEach(outside, host => session.ExpectOutbound(Flow(remote: host), Discarded));
        Array.ForEach(outside, host => session.ExpectInbound(Flow(remote: host), Discarded));
    }

    [Requirement("RFC4301-4.4.1.1-04")]
    [TestCase("198.51.100.10", new[] { 10 }, new[] { 9, 11 })]
    [TestCase("198.51.100.10,198.51.100.20", new[] { 10, 20 }, new[] { 9, 11, 19, 21 })]
    [TestCase("198.51.100.8/29", new[] { 8, 15 }, new[] { 7, 16 })]
    [TestCase("198.51.100.8-198.51.100.15", new[] { 8, 15 }, new[] { 7, 16 })]
    [TestCase("198.51.100.8-198.51.100.9,198.51.100.12-198.51.100.13", new[] { 8, 9, 12, 13 }, new[] { 7, 10, 11, 14 })]
    public void LocalAddresses_AreHeldWithTheirBounds(string selector, int[] inside, int[] outside)
    {
        PolicySession session = Start(Bypass("some", Set(local: selector)));
        Array.ForEach(inside, host => session.ExpectOutbound(Flow(local: host), InClear));
        Array.ForEach(inside, host => session.ExpectInbound(Flow(local: host), InClear));
        Array.ForEach(outside, host => session.ExpectOutbound(Flow(local: host), Discarded));
        Array.ForEach(outside, host => session.ExpectInbound(Flow(local: host), Discarded));
    }

    [Requirement("RFC4301-4.4.1.1-05")]
    [Test]
    public void RangeThatIsNoPrefix_IsHonoured()
    {
        PolicySession session = Start(Bypass("range", Set(remote: "203.0.113.5-203.0.113.18")));
        Array.ForEach([5, 7, 8, 15, 16, 18], host => session.ExpectOutbound(Flow(remote: host), InClear));
        Array.ForEach([4, 19, 3, 31], host => session.ExpectOutbound(Flow(remote: host), Discarded));
    }

    // The last address of each network: a gateway that does not stand in it forwards the packet like any other.
    [Requirement("RFC4301-4.4.1.1-06")]
    [Test]
    public void BroadcastAddress_CanBeSelected()
    {
        PolicySession session = Start(Discard("broadcast there", Set(remote: "203.0.113.127")), Discard("broadcast here", Set(local: "198.51.100.127")), Bypass("rest", Set()));
        session.ExpectOutbound(Flow(remote: 126), InClear);
        session.ExpectOutbound(Flow(remote: 127), Discarded);
        session.ExpectInbound(Flow(local: 126), InClear);
        session.ExpectInbound(Flow(local: 127), Discarded);

        session = Start(Bypass("broadcast", Set(remote: "203.0.113.127")));
        session.ExpectOutbound(Flow(remote: 127), InClear);
    }

    [Requirement("RFC4301-4.4.1.1-12")]
    [TestCase(IpProtocol.Tcp)]
    [TestCase(IpProtocol.Udp)]
    [TestCase(IpProtocol.Sctp)]
    public void PortRanges_AreHeldWithTheirBounds(byte protocol)
    {
        PolicySession session = Start(Bypass("ports", Set(upper: Ports(protocol, FieldSelector.Between(1000, 1999), FieldSelector.Of(((ushort)80, (ushort)83), ((ushort)443, (ushort)443))))));
        foreach ((int local, int remote) in new[] { (1000, 80), (1999, 83), (1500, 443) })
        {
            session.ExpectOutbound(Flow(protocol: protocol, localField: local, remoteField: remote), InClear);
            session.ExpectInbound(Flow(protocol: protocol, localField: local, remoteField: remote), InClear);
        }

        foreach ((int local, int remote) in new[] { (999, 80), (2000, 80), (1000, 79), (1000, 84), (1000, 442), (1000, 444) })
        {
            session.ExpectOutbound(Flow(protocol: protocol, localField: local, remoteField: remote), Discarded);
            session.ExpectInbound(Flow(protocol: protocol, localField: local, remoteField: remote), Discarded);
        }
    }

    [Requirement("RFC4301-4.4.1-19")]
    [Test]
    public void LocalAndRemotePorts_ChangeSidesWithTheDirection()
    {
        SpdEntry client = Protect("client of a server", Set(upper: To(80)));
        PolicySession session = Start(client, Bypass("rest", Set()));
        session.ExpectOutbound(Flow(localField: 2000, remoteField: 80), Protected);
        session.ExpectOutbound(Flow(localField: 80, remoteField: 2000), InClear);
        session.ExpectOn(session.PairOf(client), Flow(localField: 2000, remoteField: 80), Protected);
        session.ExpectInbound(Flow(localField: 80, remoteField: 2000), InClear);
        session.ExpectInbound(Flow(localField: 2000, remoteField: 80), Discarded);
    }

    [Requirement("RFC4301-4.4.1.1-18")]
    [Test]
    public void IcmpTypesAndCodes_EachForm()
    {
        PolicySession session = Start(
            Bypass("one type, some codes", Set(upper: Icmp(FieldSelector.IcmpCodes(3, 1, 4)))),
            Bypass("one type, any code", Set(upper: Icmp(FieldSelector.IcmpType(8)))));
        foreach ((int type, int code, Crossing expected) in new[]
        {
            (3, 1, InClear), (3, 4, InClear), (3, 0, Discarded), (3, 5, Discarded), (8, 0, InClear), (8, 255, InClear), (9, 1, Discarded), (7, 255, Discarded),
        })
        {
            session.ExpectOutbound(IcmpFlow(type, code), expected);
            session.ExpectInbound(IcmpFlow(type, code), expected);
        }

        session = Start(Bypass("any type and code", Set(upper: Icmp(FieldSelector.Any))));
        session.ExpectOutbound(IcmpFlow(0, 0), InClear);
        session.ExpectOutbound(IcmpFlow(255, 255), InClear);
        session.ExpectOutbound(Flow(), Discarded);
    }

    // Between 3/1 and 5/4 lie all codes of type 4 and the codes of type 3 from 1 on.
    [Requirement("RFC4301-4.4.1.1-20")]
    [Test]
    public void IcmpRangeOverTypes_IsOneRangeOfSixteenBits()
    {
        PolicySession session = Start(Bypass("range", Set(upper: Icmp(FieldSelector.Between((3 << 8) | 1, (5 << 8) | 4)))));
        foreach ((int type, int code, Crossing expected) in new[]
        {
            (3, 0, Discarded), (3, 1, InClear), (3, 5, InClear), (3, 255, InClear), (4, 0, InClear), (4, 200, InClear),
            (5, 0, InClear), (5, 4, InClear), (5, 5, Discarded), (6, 2, Discarded), (2, 2, Discarded),
        })
        {
            session.ExpectOutbound(IcmpFlow(type, code), expected);
        }
    }

    [Requirement("RFC4301-4.4.1.1-16")]
    [Needs(Capabilities.Ipv6)]
    [Test]
    public void MobilityType_OnlyThatTypeMatches()
    {
        PolicySession session = Start(Bypass("binding update", Set(Local6, Remote6, new UpperLayerSelector.Mobility(FieldSelector.Only(5)))));
        session.ExpectOutbound(Flow6(protocol: IpProtocol.Mobility, localField: 5, remoteField: null), InClear);
        session.ExpectOutbound(Flow6(protocol: IpProtocol.Mobility, localField: 6, remoteField: null), Discarded);
        session.ExpectInbound(Flow6(protocol: IpProtocol.Mobility, localField: 6, remoteField: null), Discarded);
    }

    [Requirement("RFC4301-4.4.1.1-08")]
    [Needs(Capabilities.Ipv6)]
    [Test]
    public void ProtocolBehindExtensionHeaders_IsTheOneThatCounts()
    {
        PolicySession session = Start(Bypass("udp", Set(Local6, Remote6, Ports(IpProtocol.Udp, remote: FieldSelector.Only(80)))));
        session.ExpectOutbound(Ipv6(), InClear);
        session.ExpectOutbound(Ipv6(Options(SomeHopByHop), Options(IpProtocol.DestinationOptions)), InClear);
        session.ExpectOutbound(Ipv6(Options(IpProtocol.DestinationOptions), Options(IpProtocol.DestinationOptions)), InClear);
    }

    [Requirement("RFC4301-4.4.1.1-10")]
    [Needs(Capabilities.Ipv6)]
    [TestCase(IpProtocol.HopByHopOptions)]
    [TestCase(IpProtocol.Routing)]
    [TestCase(IpProtocol.DestinationOptions)]
    public void EachExtensionHeader_IsSkippedByDefault(byte header)
    {
        PolicySession session = Start(Bypass("udp", Set(Local6, Remote6, new UpperLayerSelector.Protocol(IpProtocol.Udp))));
        session.ExpectOutbound(Ipv6(), InClear);
        session.ExpectOutbound(Ipv6(Options(header)), InClear);
    }

    [Requirement("RFC4301-4.4.1.1-11")]
    [TestCase(IpProtocol.Esp)]
    [TestCase(IpProtocol.Ah)]
    public void SecurityHeadersInTransit_AreNextLayerProtocols(byte protocol)
    {
        FlowSelectors transit = Flow(protocol: protocol, localField: null, remoteField: null);
        PolicySession session = Start(Bypass("transit", Set(upper: new UpperLayerSelector.Protocol(protocol))));
        session.ExpectOutbound(transit, InClear);
        session.ExpectInbound(transit, InClear);

        session = Start(Bypass("tcp", Set(upper: Ports())));
        session.ExpectOutbound(Flow(), InClear);
        session.ExpectOutbound(transit, Discarded);
        session.ExpectInbound(transit, Discarded);
    }

    [Requirement("RFC4301-4.4.1.1-14")]
    [Test]
    public void LaterFragment_MatchesNoPortValue()
    {
        PolicySession session = Start(Bypass("port", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(80)))));
        session.ExpectOutbound(Flow(protocol: IpProtocol.Udp), InClear);
        session.ExpectOutbound(Flow(protocol: IpProtocol.Udp, localField: null, remoteField: null), Discarded);
        session.ExpectInbound(Flow(protocol: IpProtocol.Udp, localField: null, remoteField: null), Discarded);
    }

    [Requirement("RFC4301-4.4.1-21")]
    [Test]
    public void AnyPort_HoldsWhatIsHiddenOrAbsent()
    {
        PolicySession session = Start(
            Bypass("udp", Set(upper: Ports(IpProtocol.Udp))), Bypass("one host", Set(remote: "203.0.113.20")), Discard("rest", Set()));
        session.ExpectOutbound(Flow(protocol: IpProtocol.Udp), InClear);
        session.ExpectOutbound(Flow(protocol: IpProtocol.Udp, localField: null, remoteField: null), InClear);
        session.ExpectInbound(Flow(protocol: IpProtocol.Udp, localField: null, remoteField: null), InClear);
        session.ExpectOutbound(Flow(remote: 20, protocol: IpProtocol.Esp, localField: null, remoteField: null), InClear);
        session.ExpectOutbound(Flow(remote: 20, protocol: IpProtocol.Icmp, localField: 8 << 8, remoteField: null), InClear);
    }

    [Requirement("RFC4301-4.4.1-22", "RFC4301-4.4.1.1-13")]
    [TestCase("RFC4301-4.4.1-22", IpProtocol.Udp)]
    [TestCase("RFC4301-4.4.1.1-13", IpProtocol.Tcp)]
    public void OpaquePorts_HoldOnlyWhatIsHidden(string clause, byte protocol)
    {
        PolicySession session = Start(Bypass("fragments", Set(upper: Ports(protocol, FieldSelector.Opaque, FieldSelector.Opaque))));
        session.ExpectOutbound(Flow(protocol: protocol, localField: null, remoteField: null), InClear, clause);
        session.ExpectOutbound(Flow(protocol: protocol), Discarded, clause);
    }

    private static UpperLayerSelector.Icmp Icmp(FieldSelector types) => new UpperLayerSelector.Icmp(IpProtocol.Icmp, types);

    private static FlowSelectors IcmpFlow(int type, int code) => Flow(protocol: IpProtocol.Icmp, localField: (type << 8) | code, remoteField: null);

    // Six bytes of padding options, or routing type 4 with nothing left to visit.
    private static (byte Protocol, ByteString Header) Options(byte protocol) =>
        (protocol, new ByteString(protocol == IpProtocol.Routing ? [0, 0, 4, 0, 0, 0, 0, 0] : [0, 0, 1, 4, 0, 0, 0, 0]));

    private static ByteString Ipv6(params (byte Protocol, ByteString Header)[] headers) =>
        ByteString.Adopt(IpPackets.Raw(Flow6().Local, Flow6().Remote, IpProtocol.Udp, Udp, new IpPacketOptions { ExtensionHeaders = headers }));
}
