using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Tests.Infrastructure;
using NUnit.Framework;
using static Conformance.Harness.Oracle.Xfrm.XfrmFate;

namespace Conformance.Tests.Xfrm;

/// <summary>What the templates of a policy ask for on the way out, and what they admit on the way in.</summary>
public class TemplateTests : XfrmTest
{
    [Requirement("XFRM-template-01")]
    [Test]
    public void TwoTemplates_TwoLayersTheLastOutermost() => Require(Given
        .With(Out(Here, "10.0.1.1", Transport(1), Tunnel(Here, "10.0.1.2", 2)))
        .With(Sa(0x1001, Here, "10.0.1.1", XfrmMode.Transport, 1), Sa(0x1002, Here, "10.0.1.2", XfrmMode.Tunnel, 2))
        .Sends(Udp(Here, "10.0.1.1"), Under(0x1002)));

    [Requirement("XFRM-template-01")]
    [Test]
    public void TwoTunnels_OneInTheOther() => Require(Given
        .With(Out(Hidden, Wire, Tunnel(Here, "10.0.1.1", 1), Tunnel(AlsoHere, "10.0.1.2", 2)))
        .With(Sa(0x1001, Here, "10.0.1.1", XfrmMode.Tunnel, 1), Sa(0x1002, AlsoHere, "10.0.1.2", XfrmMode.Tunnel, 2))
        .Forwards(Udp("10.0.2.1", "10.0.1.5"), Under(0x1002)));

    [Requirement("XFRM-template-02")]
    [Test]
    public void RequiredTemplate_AdmitsOnlyWhatCameThroughAFittingSa() => Require(Given
        .With(
            In("10.0.1.3", Here, Tunnel("10.0.1.1", Here)),
            Block(In("10.0.1.4", Here)))
        .With(Sa(0x1001, "10.0.1.1", Here), Sa(0x1002, "10.0.1.1", Here, reqid: 2), Sa(0x1003, "10.0.1.3", Here, XfrmMode.Transport), Sa(0x1004, "10.0.1.2", Here))
        .Receives(Raw("10.0.1.3", Here), Delivered, 0x1001)
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InTmplMismatch))
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InTmplMismatch), 0x1002)
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InTmplMismatch), 0x1003)
        .Receives(Raw("10.0.1.3", Here), Dropped(XfrmCounter.InTmplMismatch), 0x1004)
        .Receives(Raw("10.0.1.4", Here), Dropped(XfrmCounter.InPolBlock), 0x1001));

    [Requirement("XFRM-template-02")]
    [Test]
    public void RequiredTemplateOfTransit_AdmitsOnlyWhatCameThroughAFittingSa() => Require(Given
        .With(Forward(Wire, "10.0.2.1", Tunnel("10.0.1.1", Here)), Block(Forward(Wire, "10.0.2.2")))
        .With(Sa(0x1001, "10.0.1.1", Here), Sa(0x1002, "10.0.1.1", Here, reqid: 2))
        .Receives(Udp("10.0.1.3", "10.0.2.1"), Forwarded, 0x1001)
        .Receives(Udp("10.0.1.3", "10.0.2.1"), Dropped(XfrmCounter.InTmplMismatch))
        .Receives(Udp("10.0.1.3", "10.0.2.1"), Dropped(XfrmCounter.InTmplMismatch), 0x1002)
        .Receives(Udp("10.0.1.3", "10.0.2.2"), Dropped(XfrmCounter.InPolBlock), 0x1001));

    // Key management is asked all the same, so that there will be an SA.
    [Requirement("XFRM-template-03")]
    [Test]
    public void OptionalTemplate_PassesWithAndWithoutItsSa() => Require(Given
        .With(Out(Here, Wire, Transport() with { Optional = true }), In(Wire, Here, Transport() with { Optional = true }))
        .With(Sa(0x1001, Here, "10.0.1.1", XfrmMode.Transport), Sa(0x1002, "10.0.1.1", Here, XfrmMode.Transport))
        .Sends(Udp(Here, "10.0.1.1"), Under(0x1001))
        .Receives(Raw("10.0.1.1", Here), Delivered, 0x1002)
        .Receives(Raw("10.0.1.1", Here), Delivered)
        .Sends(Udp(Here, "10.0.1.2"), InClear.AndAsks()));

    [Requirement("XFRM-template-03")]
    [Test]
    public void OptionalTunnelInwards_PassesWithAndWithoutItsSa() => Require(Given
        .With(In(Wire, Here, Tunnel("10.0.1.1", Here) with { Optional = true }))
        .With(Sa(0x1001, "10.0.1.1", Here))
        .Receives(Raw("10.0.1.3", Here), Delivered, 0x1001)
        .Receives(Raw("10.0.1.3", Here), Delivered));

    [Requirement("XFRM-template-04")]
    [Test]
    public void MoreLayersThanTemplates_DroppedUnlessTransportMode() => Require(Given
        .With(In(Wire, Here), Forward(Wire, Hidden))
        .With(Sa(0x1001, "10.0.1.1", Here), Sa(0x1002, "10.0.1.1", Here, XfrmMode.Transport))
        .Receives(Raw("10.0.1.1", Here), Delivered)
        .Receives(Raw("10.0.1.1", Here), Delivered, 0x1002)
        .Receives(Raw("10.0.1.1", Here), Dropped(XfrmCounter.InTmplMismatch), 0x1001)
        .Receives(Udp("10.0.1.1", "10.0.2.1"), Dropped(XfrmCounter.InTmplMismatch), 0x1001));
}
