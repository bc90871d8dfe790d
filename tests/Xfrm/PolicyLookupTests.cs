using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Xfrm.XfrmFate;

namespace Conformance.Tests.Xfrm;

/// <summary>Which policy decides, and what it does.</summary>
public class PolicyLookupTests : XfrmTest
{
    [Requirement("XFRM-policy-01")]
    [TestCase(1u, 2u)]
    [TestCase(2u, 1u)]
    public void TwoPoliciesMatch_LowerPriorityValueDecides(uint ofTheNetwork, uint ofTheHost) => Require(Given
        .With(Out(Here, Wire) with { Priority = ofTheNetwork }, Block(Out(Here, "10.0.1.1")) with { Priority = ofTheHost })
        .Sends(Udp(Here, "10.0.1.2"), InClear)
        .Sends(Udp(Here, "10.0.1.1"), ofTheHost < ofTheNetwork ? Blocked : InClear));

    [Requirement("XFRM-policy-07")]
    [Test]
    public void TwoPoliciesOfOnePriority_TheFirstAddedDecides() => Require(Given
        .With(Out(Here, "10.0.1.0/28"), Block(Out(Here, "10.0.1.0/29")), Block(Out(AlsoHere, "10.0.1.1")), Out(AlsoHere, Wire))
        .Sends(Udp(Here, "10.0.1.1"), InClear)
        .Sends(Udp(AlsoHere, "10.0.1.1"), Blocked)
        .Sends(Udp(AlsoHere, "10.0.1.2"), InClear));

    [Requirement("XFRM-policy-02")]
    [TestCase("10.0.1.6/30", "10.0.1.4", "10.0.1.7", "10.0.1.3", "10.0.1.8")]
    [TestCase("10.0.1.6/31", "10.0.1.6", "10.0.1.7", "10.0.1.5", "10.0.1.8")]
    [TestCase("10.0.1.6/32", "10.0.1.6", "10.0.1.6", "10.0.1.5", "10.0.1.7")]
    [TestCase("10.0.1.6/25", "10.0.1.0", "10.0.1.127", "10.0.1.128", "203.0.113.10")]
    [TestCase("10.0.1.6/8", "10.0.1.0", "10.0.1.255", "203.0.113.10", "203.0.113.200")]
    [TestCase("10.0.1.6/1", "10.0.1.0", "10.0.1.255", "203.0.113.10", "203.0.113.200")]
    public void DestinationPrefix_TakesItsAddressesAndNoOther(string prefix, string first, string last, string below, string above) => Require(Given
        .With(Block(Out(Here, prefix)))
        .Sends(Udp(Here, first), Blocked)
        .Sends(Udp(Here, last), Blocked)
        .Sends(Udp(Here, below), InClear)
        .Sends(Udp(Here, above), InClear));

    [Requirement("XFRM-policy-02")]
    [Test]
    public void SourcePrefix_TakesItsAddressesAndNoOther() => Require(Given
        .With(Block(Out("10.0.2.3/31", Wire)))
        .Forwards(Udp("10.0.2.1", "10.0.1.1"), InClear)
        .Forwards(Udp("10.0.2.2", "10.0.1.1"), Blocked)
        .Forwards(Udp("10.0.2.3", "10.0.1.1"), Blocked)
        .Forwards(Udp("10.0.2.4", "10.0.1.1"), InClear));

    [Requirement("XFRM-policy-02")]
    [Test]
    public void PrefixOfIpv6_TakesItsAddressesAndNoOther() => Require(Given
        .With(Block(Out("fd00:0:0:1::1", "fd00:0:0:2::4/126")))
        .Sends(Udp("fd00:0:0:1::1", "fd00:0:0:2::3"), InClear)
        .Sends(Udp("fd00:0:0:1::1", "fd00:0:0:2::4"), Blocked)
        .Sends(Udp("fd00:0:0:1::1", "fd00:0:0:2::7"), Blocked)
        .Sends(Udp("fd00:0:0:1::1", "fd00:0:0:2::8"), InClear));

    [Requirement("XFRM-policy-03")]
    [Test]
    public void DestinationPortUnderAMask_BlocksTheWholeRangeAndNoMore() => Require(Given
        .With(WithPorts(destination: 0x0100, destinationMask: 0xff00))
        .Sends(Udp(Here, "10.0.1.1", 7, 0x00ff), InClear)
        .Sends(Udp(Here, "10.0.1.1", 7, 0x0100), Blocked)
        .Sends(Udp(Here, "10.0.1.1", 7, 0x01ff), Blocked)
        .Sends(Udp(Here, "10.0.1.1", 7, 0x0200), InClear));

    // Masks need not be those of ranges: here every odd port.
    [Requirement("XFRM-policy-03")]
    [Test]
    public void SourcePortUnderAMaskOfOneBit_BlocksEverySecondPort() => Require(Given
        .With(WithPorts(source: 1, sourceMask: 1))
        .Sends(Udp(Here, "10.0.1.1", 2000), InClear)
        .Sends(Udp(Here, "10.0.1.1", 2001), Blocked)
        .Sends(Udp(Here, "10.0.1.1", 2002), InClear)
        .Sends(Udp(Here, "10.0.1.1", 2003), Blocked));

    [Requirement("XFRM-policy-08")]
    [Test]
    public void ProtocolOfAPolicy_LeavesOthersAlone() => Require(Given
        .With(Block(Out(Here, Wire)) with { Selector = Selector(Here, Wire) with { Protocol = IpProtocol.Udp } })
        .Sends(Udp(Here, "10.0.1.1"), Blocked)
        .Sends(Raw(Here, "10.0.1.1"), InClear));

    [Requirement("XFRM-policy-04")]
    [Test]
    public void BlockInEachDirection_DropsAndCounts() => Require(Given
        .With(Block(Out(Here, Wire)), Block(In(Wire, Here)), Block(Forward(Wire, Hidden)))
        .Sends(Udp(Here, "10.0.1.1"), Blocked)
        .Receives(Raw("10.0.1.1", Here), Dropped(XfrmCounter.InPolBlock))
        .Receives(Udp("10.0.1.1", "10.0.2.1"), Dropped(XfrmCounter.InPolBlock))
        .Sends(Udp(AlsoHere, "10.0.1.1"), InClear)
        .Receives(Raw("10.0.1.1", AlsoHere), Delivered));

    [Requirement("XFRM-policy-04")]
    [Test]
    public void BlockWithTemplates_DropsAlsoWhatAnSaCouldProtect() => Require(Given
        .With(Block(Out(Here, Wire, Transport())), Block(In(Wire, Here, Transport())))
        .With(Sa(0x1001, Here, "10.0.1.1", XfrmMode.Transport), Sa(0x1002, "10.0.1.1", Here, XfrmMode.Transport))
        .Sends(Udp(Here, "10.0.1.1"), Blocked)
        .Receives(Raw("10.0.1.1", Here), Dropped(XfrmCounter.InPolBlock), 0x1002));

    [Requirement("XFRM-policy-05")]
    [Test]
    public void DefaultBlockOut_StopsOnlyWhatLeavesWithoutAPolicy() => Require(Given
        .With(Out(AlsoHere, Wire))
        .With(new XfrmRequest.SetDefault(XfrmAction.Allow, XfrmAction.Allow, XfrmAction.Block))
        .Sends(Udp(Here, "10.0.1.1"), Dropped(null, Errno.Eperm))
        .Sends(Udp(AlsoHere, "10.0.1.1"), InClear)
        .Receives(Raw("10.0.1.1", Here), Delivered)
        .Receives(Udp("10.0.1.1", "10.0.2.1"), Dropped(null, Errno.Eperm)));

    [Requirement("XFRM-policy-05")]
    [Test]
    public void DefaultBlockIn_StopsOnlyWhatIsDeliveredWithoutAPolicy() => Require(Given
        .With(In(Wire, AlsoHere))
        .With(new XfrmRequest.SetDefault(XfrmAction.Block, XfrmAction.Allow, XfrmAction.Allow))
        .Receives(Raw("10.0.1.1", Here), Dropped(XfrmCounter.InNoPols))
        .Receives(Raw("10.0.1.1", AlsoHere), Delivered)
        .Receives(Udp("10.0.1.1", "10.0.2.1"), Forwarded)
        .Sends(Udp(Here, "10.0.1.1"), InClear));

    [Requirement("XFRM-policy-05")]
    [Test]
    public void DefaultBlockForward_StopsOnlyWhatGoesThroughWithoutAPolicy() => Require(Given
        .With(Forward(Wire, "10.0.2.2"))
        .With(new XfrmRequest.SetDefault(XfrmAction.Allow, XfrmAction.Block, XfrmAction.Allow))
        .Receives(Udp("10.0.1.1", "10.0.2.1"), Dropped(XfrmCounter.InNoPols))
        .Receives(Udp("10.0.1.1", "10.0.2.2"), Forwarded)
        .Receives(Raw("10.0.1.1", Here), Delivered)
        .Sends(Udp(Here, "10.0.1.1"), InClear));

    [Requirement("XFRM-policy-06")]
    [Test]
    public void PoliciesOfTheHost_AdmitNothingThroughIt() => Require(Given
        .With(In("0.0.0.0/0", "0.0.0.0/0", Tunnel("10.0.1.1", Here)))
        .With(Sa(0x1001, "10.0.1.1", Here))
        .Receives(Raw("10.0.1.3", Here), Delivered, 0x1001)
        .Receives(Udp("10.0.1.3", "10.0.2.1"), Dropped(XfrmCounter.InNoPols), 0x1001));

    [Requirement("XFRM-policy-06")]
    [Test]
    public void PoliciesOfTransit_AdmitNothingToTheHost() => Require(Given
        .With(Forward("0.0.0.0/0", "0.0.0.0/0", Tunnel("10.0.1.1", Here)))
        .With(Sa(0x1001, "10.0.1.1", Here))
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InNoPols), 0x1001)
        .Receives(Udp("10.0.1.3", "10.0.2.1"), Forwarded, 0x1001));

    [Requirement("XFRM-policy-09")]
    [Test]
    public void PacketOfATunnelWithoutAPolicy_Dropped_OfTransportModeDelivered() => Require(Given
        .With(Sa(0x1001, "10.0.1.1", Here), Sa(0x1002, "10.0.1.1", Here, XfrmMode.Transport))
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InNoPols), 0x1001)
        .Receives(Udp("10.0.1.3", "10.0.2.1"), Dropped(XfrmCounter.InNoPols), 0x1001)
        .Receives(Raw("10.0.1.1", Here), Delivered, 0x1002)
        .Receives(Raw("10.0.1.1", Here), Delivered));

    [Requirement("XFRM-policy-10")]
    [Test]
    public void PacketThatAnSaOpened_StillMeetsThePolicies() => Require(Given
        .With(
            In("10.0.1.3", Here, Tunnel("10.0.1.1", Here)),
            Block(In("10.0.1.4", Here)),
            In("10.0.1.5", Here, Tunnel("10.0.1.1", Here, reqid: 2)))
        .With(Sa(0x1001, "10.0.1.1", Here))
        .Receives(Raw("10.0.1.3", Here), Delivered, 0x1001)
        .Receives(Raw("10.0.1.4", Here), Dropped(XfrmCounter.InPolBlock), 0x1001)
        .Receives(Raw("10.0.1.5", Here), Dropped(XfrmCounter.InTmplMismatch), 0x1001)
        .Receives(Raw("10.0.1.6", Here), Dropped(XfrmCounter.InNoPols), 0x1001));

    [Requirement("XFRM-policy-11")]
    [Test]
    public void MarkOfAPolicy_TakesOnlyPacketsThatAgreeUnderItsMask() => Require(Given
        .With(Block(Out(Here, Wire)) with { Mark = new XfrmMark(0x10, 0xf0) })
        .Sends(Udp(Here, "10.0.1.1"), InClear)
        .Sends(Udp(Here, "10.0.1.1"), Blocked, mark: 0x10)
        .Sends(Udp(Here, "10.0.1.1"), Blocked, mark: 0x1f)
        .Sends(Udp(Here, "10.0.1.1"), InClear, mark: 0x30));

    [Requirement("XFRM-policy-12")]
    [Test]
    public void SubPolicy_IsAskedFirst_AndTheMainOneAsWell() => Require(Given
        .With(
            Out(Here, "10.0.1.1") with { Priority = 1 },
            Block(Out(Here, "10.0.1.1")) with { Priority = 2, Type = XfrmPolicyType.Sub },
            Block(Out(Here, "10.0.1.2")) with { Priority = 2 },
            Out(Here, "10.0.1.2") with { Priority = 1, Type = XfrmPolicyType.Sub })
        .Sends(Udp(Here, "10.0.1.1"), Blocked)
        .Sends(Udp(Here, "10.0.1.2"), Blocked)
        .Sends(Udp(Here, "10.0.1.3"), InClear));

    [Requirement("XFRM-error-01")]
    [Test]
    public void SenderOfABlockedPacket_IsTold() => Require(Given
        .With(Block(Out(Here, "10.0.1.1")), Out(Here, "10.0.1.2", Transport()))
        .Sends(Udp(Here, "10.0.1.1"), Blocked)
        .Sends(Udp(Here, "10.0.1.2"), Acquires)
        .Sends(Udp(Here, "10.0.1.3"), InClear));

    [Requirement("XFRM-counter-01")]
    [Test]
    public void EachReason_HasItsCounter() => Require(Given
        .With(
            Block(In("10.0.1.3", Here)),
            In("10.0.1.4", Here, Transport()),
            Block(Forward("10.0.1.3", Hidden)),
            Forward("10.0.1.4", Hidden, Tunnel("10.0.1.1", Here)))
        .With(Sa(0x1001, "10.0.1.1", Here), Sa(0x1002, "10.0.1.1", Here))
        .With(new XfrmRequest.DeleteState(new XfrmStateKey(XfrmAddress.Of(IpAddress.Parse(Here)), new Spi(0x1002), XfrmFamily.Ipv4)))
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InPolBlock))
        .Receives(Raw("10.0.1.4", Here), Dropped(XfrmCounter.InTmplMismatch))
        .Receives(Udp("10.0.1.3", "10.0.2.1"), Dropped(XfrmCounter.InPolBlock))
        .Receives(Udp("10.0.1.4", "10.0.2.1"), Dropped(XfrmCounter.InTmplMismatch))
        .Receives(Raw("10.0.1.5", Here), Dropped(XfrmCounter.InNoPols), 0x1001)
        .Receives(Raw("10.0.1.5", Here), Dropped(XfrmCounter.InNoStates), 0x1002));

    private static XfrmPolicy WithPorts(ushort source = 0, ushort sourceMask = 0, ushort destination = 0, ushort destinationMask = 0) =>
        Block(Out(Here, Wire)) with
        {
            Selector = Selector(Here, Wire) with
            {
                Protocol = IpProtocol.Udp,
                SourcePort = source,
                SourcePortMask = sourceMask,
                DestinationPort = destination,
                DestinationPortMask = destinationMask,
            },
        };
}
