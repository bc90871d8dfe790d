using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Requirements;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;

namespace Conformance.Tests.Policy;

/// <summary>ICMP errors in clear for the device itself: heard or not as the SPD says. RFC 4301 §6.1.1, §5.2 step 3c.</summary>
/// <remarks>A path MTU message shows whether it was heard: the next packet that is too big for it stays behind.</remarks>
[Needs(Capabilities.Icmp | Capabilities.Pmtu | Capabilities.Gateway)]
public class UnprotectedIcmpTests : PolicyTest
{
    private const int Big = 1300;
    private const int ToldBytes = 1000;
    private const byte UnreachableType = 3;
    private const byte TimeExceededType = 11;

    [Requirement("RFC4301-6.1.1-01", "RFC4301-5.2-14")]
    [TestCase("RFC4301-6.1.1-01")]
    [TestCase("RFC4301-5.2-14")]
    public void PathMtuMessage_HeardOrNotAsTheSpdSays(string clause)
    {
        ExpectHeard([Bypass("errors", ForDevice(UnreachableType))], isHeard: true, clause);
        ExpectHeard([Discard("errors", ForDevice(UnreachableType))], isHeard: false, clause);
    }

    [Requirement("RFC4301-6.1.1-02")]
    [Test]
    public void PathMtuMessage_HeardByItsTypeAlone()
    {
        ExpectHeard([Discard("times", ForDevice(TimeExceededType)), Bypass("unreachable", ForDevice(UnreachableType))], isHeard: true, "RFC4301-6.1.1-02");
        ExpectHeard([Discard("unreachable", ForDevice(UnreachableType)), Bypass("times", ForDevice(TimeExceededType))], isHeard: false, "RFC4301-6.1.1-02");
    }

    private void ExpectHeard(SpdEntry[] control, bool isHeard, string clause)
    {
        PolicySession session = Start([.. control, Protect("all", Set())]);
        ByteString big = BigPacket();
        ByteString? lost = session.TrySend(big, $"{Big} bytes with DF");
        session.Require(lost is not null, clause, "the packet did not leave before there was any message");
        session.Notify(IcmpErrors.TooBig(AddressPlan.Ipv4.Peer, lost!.Value, ToldBytes), $"fragmentation needed, MTU {ToldBytes}", clause);
        ByteString? again = session.TrySend(big, $"{Big} bytes with DF again");
        session.Require(again is null == isHeard, clause, isHeard ? "the message had no effect" : "the message had its effect all the same");
    }

    private static SelectorSet ForDevice(byte type) => new(
        AddressSelector.Host(AddressPlan.Ipv4.Target), AddressSelector.Host(AddressPlan.Ipv4.Peer), new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpType(type)));

    private static ByteString BigPacket() => ByteString.Adopt(IpPackets.Raw(
        Flow().Local, Flow().Remote, IpProtocol.Experiment253, new byte[Big - Ipv4HeaderView.FixedBytes], new IpPacketOptions { DontFragment = true, Identification = 7 }));
}
