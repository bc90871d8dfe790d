using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Policy.Crossing;

namespace Conformance.Tests.Policy;

/// <summary>First fragments, which show the ports of their datagram. RFC 4301 §4.4.1.1, §7, Interpretations/0012.</summary>
[Needs(Capabilities.Fragmentation | Capabilities.Ipv6)]
public class FirstFragmentTests : PolicyTest
{
    private const int PayloadBytes = 2000;
    private const int MtuBytes = 1400;

    [Requirement("RFC4301-5.1-15")]
    [TestCase(false)]
    [TestCase(true)]
    public void FirstFragmentOfWhatIsProtected_DoesNotLeaveInClear(bool ipv6)
    {
        PolicySession session = Start(Protect("names", Sets(ipv6, 53)), Bypass("open", All(ipv6)));
        (ByteString whole, ByteString first) = Outbound(ipv6, 53);
        session.ExpectOutbound(whole, Protected);
        session.ExpectOutbound(Outbound(ipv6, 54).First, InClear);
        session.ExpectOutbound(first, Protected);
    }

    [Requirement("RFC4301-7.4-01")]
    [TestCase(false)]
    [TestCase(true)]
    public void FirstFragmentOfWhatMayNotLeave_Discarded(bool ipv6)
    {
        PolicySession session = Start(Discard("names", Sets(ipv6, 53)), Bypass("open", All(ipv6)));
        (ByteString whole, ByteString first) = Outbound(ipv6, 53);
        session.ExpectOutbound(whole, Discarded);
        session.ExpectOutbound(Outbound(ipv6, 54).First, InClear);
        session.ExpectOutbound(first, Discarded);
    }

    [Requirement("RFC4301-7.4-01")]
    [TestCase(false)]
    [TestCase(true)]
    public void FirstFragmentOfWhatMayNotEnter_Discarded(bool ipv6)
    {
        PolicySession session = Start(Discard("names", Sets(ipv6, 53)), Bypass("open", All(ipv6)));
        (ByteString whole, ByteString first) = Inbound(ipv6, 53);
        session.ExpectInbound(whole, Discarded);
        session.ExpectInbound(Inbound(ipv6, 54).First, InClear);
        session.ExpectInbound(first, Discarded);
    }

    [Requirement("RFC4301-4.4.1-10")]
    [TestCase(false)]
    [TestCase(true)]
    public void FirstFragmentOfWhatMustComeProtected_InClear_Discarded(bool ipv6)
    {
        PolicySession session = Start(Protect("names", Sets(ipv6, 53)), Bypass("open", All(ipv6)));
        (ByteString whole, ByteString first) = Inbound(ipv6, 53);
        session.ExpectInbound(whole, Discarded);
        session.ExpectInbound(Inbound(ipv6, 54).First, InClear);
        session.ExpectInbound(first, Discarded);
    }

    private static SelectorSet Sets(bool ipv6, ushort port)
    {
        UpperLayerSelector upper = Ports(IpProtocol.Udp, remote: FieldSelector.Only(port));
        return ipv6 ? Set(Local6, Remote6, upper) : Set(upper: upper);
    }

    private static SelectorSet All(bool ipv6) => ipv6 ? Set(Local6, Remote6) : Set();

    private static (ByteString Whole, ByteString First) Outbound(bool ipv6, ushort remotePort) => Datagram(Addresses(ipv6), 2000, remotePort);

    private static (ByteString Whole, ByteString First) Inbound(bool ipv6, ushort remotePort) => Datagram(Addresses(ipv6).Swapped(), remotePort, 2000);

    private static FlowSelectors Addresses(bool ipv6) => ipv6 ? Flow6(protocol: IpProtocol.Udp) : Flow(protocol: IpProtocol.Udp);

    private static (ByteString Whole, ByteString First) Datagram(FlowSelectors ends, ushort source, ushort destination)
    {
        ByteString whole = ByteString.Adopt(IpPackets.Udp(ends.Local, ends.Remote, source, destination, new byte[PayloadBytes]));
        return (whole, Fragmenter.Split(whole, MtuBytes, identification: destination)[0]);
    }
}
