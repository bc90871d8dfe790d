using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Xfrm.XfrmFate;

namespace Conformance.Tests.Xfrm;

/// <summary>Which SA serves a packet, when one is asked for, and how its life ends.</summary>
public class StateTests : XfrmTest
{
    private static readonly XfrmState Right = Sa(0x1001, Here, "10.0.1.1");

    // The other one is younger: it would be preferred if it fitted.
    [Requirement("XFRM-state-01")]
    [TestCase("reqid")]
    [TestCase("mode")]
    [TestCase("source")]
    [TestCase("destination")]
    public void SaThatDiffersInOneThing_IsNotUsed(string thing)
    {
        XfrmState other = thing switch
        {
            "reqid" => Sa(0x1002, Here, "10.0.1.1", reqid: 2),
            "mode" => Sa(0x1002, Here, "10.0.1.1", XfrmMode.Transport),
            "source" => Sa(0x1002, AlsoHere, "10.0.1.1"),
            _ => Sa(0x1002, Here, "10.0.1.2"),
        };
        XfrmSituation asked = Given.With(Out(Here, Wire, Tunnel(Here, "10.0.1.1")));
        Require(asked.With(Right, other).Sends(Udp(Here, "10.0.1.5"), Under(0x1001)));
        Require(asked.With(other).Sends(Udp(Here, "10.0.1.5"), Acquires));
    }

    [Requirement("XFRM-state-02")]
    [Test]
    public void PacketOutsideTheSelectorOfItsSa_Dropped() => Require(Given
        .With(In(Wire, Here, Tunnel("10.0.1.1", Here)), Forward(Wire, Hidden, Tunnel("10.0.1.1", Here)))
        .With(Sa(0x1001, "10.0.1.1", Here) with { Selector = Selector("10.0.1.4/30", "10.0.0.0/14") })
        .Receives(Raw("10.0.1.4", Here), Delivered, 0x1001)
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InStateMismatch), 0x1001)
        .Receives(Udp("10.0.1.4", "10.0.2.1"), Forwarded, 0x1001)
        .Receives(Udp("10.0.1.3", "10.0.2.1"), Dropped(XfrmCounter.InStateMismatch), 0x1001));

    [Requirement("XFRM-state-03")]
    [Test]
    public void PacketOutsideTheSelectorOfAnSa_LeavesUnderAnother() => Require(Given
        .With(Out(Here, Wire, Tunnel(Here, "10.0.1.1")))
        .With(Right with { Selector = Selector(Here, "10.0.1.4/30") }, Sa(0x1002, Here, "10.0.1.1") with { Selector = Selector(Here, "10.0.1.0/30") })
        .Sends(Udp(Here, "10.0.1.2"), Under(0x1002))
        .Sends(Udp(Here, "10.0.1.4"), Under(0x1001))
        .Sends(Udp(Here, "10.0.1.8"), Acquires));

    [Requirement("XFRM-state-04")]
    [Test]
    public void TwoFittingSas_TheYoungerServesUntilItsSoftLimit() => Require(Given
        .With(Out(Here, Wire, Tunnel(Here, "10.0.1.1")))
        .With(Right, Sa(0x1002, Here, "10.0.1.1") with { Limits = XfrmLimits.None with { SoftPackets = 1 } })
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1002))
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1002).AndExpires(0x1002, hard: false))
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1001))
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1001)));

    [Requirement("XFRM-state-05")]
    [Test]
    public void OneSpiForTwoDestinations_EachOpensWithItsOwnKey() => Require(Given
        .With(
            Sa(0x1001, "10.0.1.1", Here, XfrmMode.Transport),
            Sa(0x1001, "10.0.1.1", AlsoHere, XfrmMode.Transport) with { Combined = Sa(0x1002, Here, Here).Combined },
            Sa(0x1003, "10.0.1.2", AlsoHere, XfrmMode.Transport))
        .ReceivesUnder(0, Raw("10.0.1.1", Here), Delivered)
        .ReceivesUnder(1, Raw("10.0.1.1", AlsoHere), Delivered)
        .ReceivesUnder(2, Raw("10.0.1.2", AlsoHere), Delivered)
        .ReceivesUnder(0, Raw("10.0.1.1", Here), Delivered));

    [Requirement("XFRM-state-06")]
    [Test]
    public void MarkThatAnSaSets_DecidesTheirPolicy() => Require(Given
        .With(
            Block(In(Wire, Here)) with { Priority = 2 },
            In(Wire, Here, Tunnel("10.0.1.1", Here)) with { Priority = 1, Mark = new XfrmMark(7, 0xff) })
        .With(Sa(0x1001, "10.0.1.1", Here) with { OutputMark = new XfrmMark(7, 0xff) }, Sa(0x1002, "10.0.1.1", Here))
        .Receives(Raw("10.0.1.3", Here), Delivered, 0x1001)
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InPolBlock), 0x1002));

    [Requirement("XFRM-acquire-01")]
    [Test]
    public void NoSa_KeyManagementIsAskedForJustThisPacket() => Require(Given
        .With(Out(Here, Wire, Tunnel(Here, "10.0.1.1")), Out(Hidden, Wire, Tunnel(Here, "10.0.1.2")))
        .Sends(Udp(Here, "10.0.1.5", 2000, 53), Acquires)
        .Forwards(Udp("10.0.2.1", "10.0.1.6"), Acquires)
        .Sends(Udp(AlsoHere, "10.0.1.5"), InClear));

    [Requirement("XFRM-acquire-02")]
    [Test]
    public void SamePacketAgain_NoSecondQuestion() => Require(Given
        .With(Out(Here, Wire, Tunnel(Here, "10.0.1.1")))
        .Sends(Udp(Here, "10.0.1.5"), Acquires)
        .Sends(Udp(Here, "10.0.1.5"), Dropped(XfrmCounter.OutNoStates))
        .Sends(Udp(Here, "10.0.1.5"), Dropped(XfrmCounter.OutNoStates)));

    [Requirement("XFRM-expire-02")]
    [Test]
    public void SoftLimit_AnnouncedOnceAndTheSaServesOn() => Require(Given
        .With(Out(Here, Wire, Tunnel(Here, "10.0.1.1")))
        .With(Right with { Limits = XfrmLimits.None with { SoftPackets = 1 } })
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1001))
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1001).AndExpires(0x1001, hard: false))
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1001)));

    [Requirement("XFRM-expire-01")]
    [Test]
    public void HardLimitOfPackets_OneMoreIsRefusedAndTheSaIsGone() => Require(Given
        .With(Out(Here, Wire, Tunnel(Here, "10.0.1.1")))
        .With(Right with { Limits = XfrmLimits.None with { HardPackets = 2 } })
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1001))
        .Sends(Udp(Here, "10.0.1.5"), Under(0x1001))
        .Sends(Udp(Here, "10.0.1.5"), Dropped(XfrmCounter.OutStateExpired, Errno.Einval).AndExpires(0x1001, hard: true))
        .Sends(Udp(Here, "10.0.1.5"), Acquires));
}
