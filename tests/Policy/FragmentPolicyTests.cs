using System.Buffers.Binary;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>Plain fragments at the boundary. RFC 4301 §7, §5.1, appendix D.</summary>
[Needs(Capabilities.Fragmentation)]
public class FragmentPolicyTests : PolicyTest
{
    private const int PieceBytes = 32;
    private const int FarOffsetBytes = 128;
    private static readonly UpperLayerSelector OpaqueUdp = Ports(IpProtocol.Udp, FieldSelector.Opaque, FieldSelector.Opaque);

    [Requirement("RFC4301-7.1-01")]
    [Test]
    public void PortBlindEntry_SendsWholePacketsAndFragments()
    {
        PolicySession session = Start(Protect("blind", Set(upper: Ports(IpProtocol.Udp))));
        session.ExpectOutbound(Datagram(80, PolicyDirection.Outbound), Protected, "RFC4301-7.1-01");
        foreach (ByteString piece in Pieces(Datagram(80, PolicyDirection.Outbound)))
        {
            session.ExpectOutbound(piece, Protected, "RFC4301-7.1-01");
        }
    }

    [Requirement("RFC4301-7.1-04")]
    [Test]
    public void PortBlindSa_DeliversFragmentsOfItsAddressesAndProtocol()
    {
        SpdEntry blind = Protect("blind", Set(remote: "203.0.113.10", upper: Ports(IpProtocol.Udp)));
        PolicySession session = Start(new PolicyScenario { Entries = [blind], Pairs = [new(blind) { Selectors = blind.Selectors }] });
        SaPair pair = session.PairOf(blind);
        foreach (ByteString piece in Pieces(Datagram(80, PolicyDirection.Inbound)))
        {
            session.ExpectOn(pair, piece, Protected, "RFC4301-7.1-04");
        }

        session.ExpectOn(pair, Later(protocol: IpProtocol.Tcp), Discarded, "RFC4301-7.1-04");
        session.ExpectOn(pair, Later(remote: 11), Discarded, "RFC4301-7.1-04");
    }

    [Requirement("RFC4301-7.2-05")]
    [Test]
    public void SaForFragmentsOnly_TakesNeitherWholePacketsNorFirstFragments()
    {
        SpdEntry fragments = Protect("fragments", Set(upper: OpaqueUdp));
        PolicySession session = Start(fragments);
        IReadOnlyList<ByteString> pieces = Pieces(Datagram(80, PolicyDirection.Inbound));
        SaPair pair = session.PairOf(fragments);
        session.ExpectOn(pair, LaterAt(FarOffsetBytes), Protected, "RFC4301-7.2-05");
        session.ExpectOn(pair, pieces[0], Discarded, "RFC4301-7.2-05");
        session.ExpectOn(pair, Datagram(80, PolicyDirection.Inbound), Discarded, "RFC4301-7.2-05");
        session.ExpectOutbound(Datagram(80, PolicyDirection.Outbound), Discarded, "RFC4301-7.2-05");
        session.ExpectOutbound(Pieces(Datagram(80, PolicyDirection.Outbound))[0], Discarded, "RFC4301-7.2-05");
    }

    // Which offset is far enough is open; the one that lies inside every header is not. See Interpretations/0030.
    [Requirement("RFC4301-7.2-02")]
    [Test]
    public void FragmentOnAnSaForFragments_MustNotStartInsideTheHeader()
    {
        SpdEntry fragments = Protect("fragments", Set(upper: OpaqueUdp));
        PolicySession session = Start(new PolicyScenario { Entries = [fragments], Pairs = [new(fragments) { Selectors = fragments.Selectors }] });
        session.ExpectOn(session.PairOf(fragments), LaterAt(FarOffsetBytes), Protected, "RFC4301-7.2-02");
        session.ExpectOn(session.PairOf(fragments), LaterAt(8), Discarded, "RFC4301-7.2-02");
        session.ExpectOn(session.PairOf(fragments), LaterAt(1024), Protected, "RFC4301-7.2-02");
    }

    [Requirement("RFC4301-7.3-04")]
    [Test]
    public void LaterFragment_IsNotSentOnAnSaWithPorts()
    {
        PolicySession session = Start(Protect("port", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(80)))));
        session.ExpectOutbound(Datagram(80, PolicyDirection.Outbound), Protected, "RFC4301-7.3-04");
        session.ExpectOutbound(Later(outbound: true), Discarded, "RFC4301-7.3-04");
    }

    [Requirement("RFC4301-7.3-05")]
    [Test]
    public void LaterFragmentOnAnSaWithPorts_IsNotDelivered()
    {
        (PolicySession session, SaPair pair) = StartWithPort();
        session.ExpectOn(pair, Datagram(80, PolicyDirection.Inbound), Protected, "RFC4301-7.3-05");
        session.ExpectOn(pair, Later(), Discarded, "RFC4301-7.3-05");
    }

    [Requirement("RFC4301-7.3-07")]
    [Needs(Capabilities.Counters)]
    [Test]
    public void LaterFragmentOnAnSaWithPorts_IsCounted()
    {
        (PolicySession session, SaPair pair) = StartWithPort();
        session.ExpectOn(pair, Datagram(80, PolicyDirection.Inbound), Protected);
        session.ExpectCounted(() => session.ExpectOn(pair, Later(), Discarded, "RFC4301-7.3-07"), "RFC4301-7.3-07");
    }

    [Requirement("RFC4301-7.4-01")]
    [TestCase(PolicyDirection.Outbound)]
    [TestCase(PolicyDirection.Inbound)]
    public void DiscardEntryWithoutPorts_StopsFragmentsToo(PolicyDirection direction)
    {
        PolicySession session = Start(Discard("udp", Set(upper: Ports(IpProtocol.Udp))), Bypass("rest", Set()));
        bool outbound = direction == PolicyDirection.Outbound;
        Expect(session, outbound, Later(IpProtocol.Tcp, outbound: outbound), InClear);
        foreach (ByteString piece in Pieces(Datagram(80, direction)))
        {
            Expect(session, outbound, piece, Discarded);
        }
    }

    [Requirement("RFC4301-5.1-15")]
    [Test]
    public void FragmentWithoutPorts_PassesOverEntriesWithPorts()
    {
        PolicySession session = Start(
            Discard("port", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(80)))),
            Protect("any port", Set(upper: Ports(IpProtocol.Udp))));
        session.ExpectOutbound(Datagram(80, PolicyDirection.Outbound), Discarded, "RFC4301-5.1-15");
        session.ExpectOutbound(Datagram(81, PolicyDirection.Outbound), Protected, "RFC4301-5.1-15");
        session.ExpectOutbound(Later(outbound: true), Protected, "RFC4301-5.1-15");
    }

    // Destination options fill the first fragment, so the ports are in the second one.
    [Requirement("RFC4301-7-01")]
    [Needs(Capabilities.Ipv6)]
    [Test]
    public void Ipv6FirstFragmentWithoutPorts_IsTreatedAsOne()
    {
        PolicySession session = Start(Bypass("port", Set(Local6, Remote6, Ports(IpProtocol.Udp, remote: FieldSelector.Only(80)))));
        session.ExpectOutbound(Flow6(protocol: IpProtocol.Udp), InClear, "RFC4301-7-01");
        session.ExpectOutbound(FirstFragmentOfOptions(), Discarded, "RFC4301-7-01");

        session = Start(Bypass("any", Set(Local6, Remote6)));
        session.ExpectOutbound(FirstFragmentOfOptions(), InClear, "RFC4301-7-01");
    }

    [Requirement("RFC4301-7.4-02")]
    [TestCase(PolicyDirection.Outbound)]
    [TestCase(PolicyDirection.Inbound)]
    public void DatagramOfABypassedPort_PassesInPieces(PolicyDirection direction)
    {
        PolicySession session = StartWithTwoPorts();
        ByteString bypassed = Datagram(119, direction);
        session.ExpectInPieces(direction, bypassed, Pieces(bypassed), crosses: true, "RFC4301-7.4-02");
        ByteString secured = Datagram(23, direction);
        session.ExpectInPieces(direction, secured, Pieces(secured), crosses: false, "RFC4301-7.4-02");
    }

    [Requirement("RFC4301-7.4-02")]
    [TestCase(PolicyDirection.Outbound)]
    [TestCase(PolicyDirection.Inbound)]
    public void LoneLaterFragment_IsNotBypassed(PolicyDirection direction)
    {
        PolicySession session = StartWithTwoPorts();
        bool outbound = direction == PolicyDirection.Outbound;
        Expect(session, outbound, Datagram(119, direction), InClear, "RFC4301-7.4-02");
        Expect(session, outbound, Later(outbound: outbound), Discarded, "RFC4301-7.4-02");
    }

    [Requirement("RFC4301-D.4-01")]
    [TestCase(PolicyDirection.Outbound)]
    [TestCase(PolicyDirection.Inbound)]
    public void DatagramOfADiscardedPort_DoesNotPassInPieces(PolicyDirection direction)
    {
        PolicySession session = Start(Discard("port", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(23)))), Bypass("rest", Set()));
        Expect(session, direction == PolicyDirection.Outbound, Datagram(23, direction), Discarded, "RFC4301-D.4-01");
        ByteString open = Datagram(119, direction);
        session.ExpectInPieces(direction, open, Pieces(open), crosses: true, "RFC4301-D.4-01");
        ByteString closed = Datagram(23, direction);
        session.ExpectInPieces(direction, closed, Pieces(closed), crosses: false, "RFC4301-D.4-01");
    }

    private PolicySession StartWithTwoPorts() => Start(
        Bypass("news", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(119)))),
        Protect("shell", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(23)))));

    private (PolicySession Session, SaPair Pair) StartWithPort()
    {
        SpdEntry port = Protect("port", Set(upper: Ports(IpProtocol.Udp, remote: FieldSelector.Only(80))));
        PolicySession session = Start(new PolicyScenario { Entries = [port], Pairs = [new(port) { Selectors = port.Selectors }] });
        return (session, session.PairOf(port));
    }

    private static void Expect(PolicySession session, bool outbound, ByteString packet, Crossing expected, string? clause = null)
    {
        if (outbound)
        {
            session.ExpectOutbound(packet, expected, clause);
        }
        else
        {
            session.ExpectInbound(packet, expected, clause);
        }
    }

    private static ushort _identification;

    // A datagram of UDP to a port of the remote host, or from it; no two have the same identification.
    private static ByteString Datagram(ushort remotePort, PolicyDirection direction)
    {
        IpPacketOptions options = new() { Identification = ++_identification };
        byte[] data = [.. Enumerable.Range(_identification, 88).Select(i => (byte)i)];
        return ByteString.Adopt(direction == PolicyDirection.Outbound
            ? IpPackets.Udp(Flow().Local, Flow().Remote, 2000, remotePort, data, options)
            : IpPackets.Udp(Flow().Remote, Flow().Local, remotePort, 2000, data, options));
    }

    private static IReadOnlyList<ByteString> Pieces(ByteString datagram) => Fragmenter.Cut(datagram, PieceBytes, identification: 0);

    private static ByteString Later(byte protocol = IpProtocol.Udp, int remote = 10, bool outbound = false) => LaterAt(FarOffsetBytes, protocol, remote, outbound);

    private static ByteString LaterAt(int offsetBytes, byte protocol = IpProtocol.Udp, int remote = 10, bool outbound = false)
    {
        FlowSelectors flow = Flow(remote: remote);
        return ByteString.Adopt(IpPackets.Raw(
            outbound ? flow.Local : flow.Remote, outbound ? flow.Remote : flow.Local, protocol, new byte[40],
            new IpPacketOptions { FragmentOffsetBytes = offsetBytes, Identification = ++_identification }));
    }

    private static ByteString FirstFragmentOfOptions()
    {
        byte[] fragment = new byte[8];
        fragment[0] = IpProtocol.DestinationOptions;
        fragment[3] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(fragment.AsSpan(4), ++_identification);
        byte[] options = [IpProtocol.Udp, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        return ByteString.Adopt(IpPackets.Raw(Flow6().Local, Flow6().Remote, IpProtocol.Udp, [], new IpPacketOptions
        {
            ExtensionHeaders = [(IpProtocol.Fragment, ByteString.Adopt(fragment)), (IpProtocol.DestinationOptions, ByteString.Adopt(options))],
        }));
    }
}
