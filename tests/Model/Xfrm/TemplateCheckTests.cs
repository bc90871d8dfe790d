using System.Collections.Immutable;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;
using NUnit.Framework;

namespace Conformance.Tests.Model.Xfrm;

/// <summary>The security path held against templates, and the check at the end of reception (__xfrm_policy_check).</summary>
public sealed class TemplateCheckTests
{
    private static readonly XfrmState TunnelSa = XfrmStateChecks.Normalized(XfrmCases.State() with { Selector = new XfrmSelector { Family = XfrmFamily.Ipv4 } }, LinuxRelease.Linux612, 0);
    private static readonly XfrmState TransportSa = TunnelSa with { Mode = XfrmMode.Transport, RequestId = 2, Spi = new Spi(2) };
    private static readonly XfrmTemplate Transport = new() { Family = XfrmFamily.Ipv4, Mode = XfrmMode.Transport, RequestId = 2 };
    private static readonly XfrmFlow Arriving = XfrmCases.Flow.Reversed();

    [Test]
    public void Path_OutermostFirst_TemplatesInnermostFirst()
    {
        Assert.That(Check([XfrmCases.Tunnel, Transport], [TransportSa, TunnelSa]), Is.EqualTo(2));
        Assert.That(Check([Transport, XfrmCases.Tunnel], [TransportSa, TunnelSa]), Is.Null);
    }

    [Test]
    public void Extra_TransportNeverHurts_TunnelDoes()
    {
        Assert.That(Check([], [TransportSa]), Is.Zero);
        Assert.That(Check([], [TunnelSa]), Is.Null);
        Assert.That(Check([XfrmCases.Tunnel], [TransportSa, TunnelSa]), Is.EqualTo(2));
        Assert.That(Check([Transport], [TransportSa, TunnelSa]), Is.Null);
    }

    [Test]
    public void Optional_IsSatisfiedWithout()
    {
        Assert.That(Check([XfrmCases.Tunnel with { Optional = true }], []), Is.Zero);
        Assert.That(Check([XfrmCases.Tunnel with { Optional = true }], [TunnelSa]), Is.EqualTo(1));
        Assert.That(Check([XfrmCases.Tunnel], []), Is.Null);
        Assert.That(Check([Transport with { Optional = true }], [TransportSa]), Is.Zero);
    }

    [Test]
    public void Verified_OuterTunnelMayBeSkipped()
    {
        XfrmState outer = TunnelSa with { RequestId = 9 };
        Assert.That(Check([XfrmCases.Tunnel], [outer, TunnelSa]), Is.Null);
        Assert.That(XfrmTemplateCheck.Check([XfrmCases.Tunnel], [outer, TunnelSa], XfrmFamily.Ipv4, verified: 1), Is.EqualTo(2));
    }

    [Test]
    public void Fields_ZeroAcceptsAny()
    {
        Assert.That(Satisfies(XfrmCases.Tunnel with { RequestId = 0 }), Is.True);
        Assert.That(Satisfies(XfrmCases.Tunnel with { RequestId = 2 }), Is.False);
        Assert.That(Satisfies(XfrmCases.Tunnel with { Spi = new Spi(0x1001) }), Is.True);
        Assert.That(Satisfies(XfrmCases.Tunnel with { Spi = new Spi(0x1002) }), Is.False);
        Assert.That(Satisfies(XfrmCases.Tunnel with { Source = default }), Is.True);
        Assert.That(Satisfies(XfrmCases.Tunnel with { Source = XfrmAddress.Of(XfrmCases.Remote) }), Is.False);
        Assert.That(Satisfies(XfrmCases.Tunnel with { Destination = XfrmAddress.Of(XfrmCases.Local) }), Is.True);
        Assert.That(Satisfies(XfrmCases.Tunnel with { Protocol = IpProtocol.Ah }), Is.False);
        Assert.That(Satisfies(XfrmCases.Tunnel with { Mode = XfrmMode.Beet }), Is.False);

        static bool Satisfies(XfrmTemplate template) => XfrmTemplateCheck.Satisfies(template, TunnelSa, XfrmFamily.Ipv4);
    }

    [Test]
    public void Ipv4InIpv6_LinuxComparesFourBytesOfTheSource_TheRfcAll()
    {
        XfrmState state = TunnelSa with { Family = XfrmFamily.Ipv6, Source = XfrmAddress.Of(IpAddress.Parse("2001:db8::1")), Destination = XfrmAddress.Of(IpAddress.Parse("2001:db8::2")) };
        XfrmTemplate template = XfrmCases.Tunnel with { Family = XfrmFamily.Ipv6, Source = XfrmAddress.Of(IpAddress.Parse("2001:db8::9")) };
        Assert.That(XfrmTemplateCheck.Satisfies(template, state, XfrmFamily.Ipv4), Is.True);
        Assert.That(XfrmTemplateCheck.SatisfiesRfc(template, state), Is.False);
        Assert.That(XfrmTemplateCheck.Satisfies(template, state, XfrmFamily.Ipv6), Is.False);
        Assert.That(XfrmTemplateCheck.Satisfies(template with { Source = XfrmAddress.Of(IpAddress.Parse("2001:db9::1")) }, state, XfrmFamily.Ipv4), Is.False);
        Assert.That(XfrmTemplateCheck.SatisfiesRfc(template with { Source = state.Source }, state), Is.True);
    }

    [Test]
    public void NoPolicies_ClearAndTransportAccepted_TunnelDropped()
    {
        XfrmPolicyDatabase none = XfrmPolicyDatabase.Empty(LinuxRelease.Linux612);
        Assert.That(Receive(none), Is.EqualTo(new XfrmVerdict.Accepted(0)));
        Assert.That(Receive(none, TransportSa), Is.EqualTo(new XfrmVerdict.Accepted(0)));
        Assert.That(Receive(none, TunnelSa), Is.EqualTo(new XfrmVerdict.Dropped(XfrmCounter.InNoPols)));
        XfrmPolicyDatabase block = none.Apply(new XfrmRequest.SetDefault(XfrmAction.Block, null, null), 0).Next;
        Assert.That(Receive(block), Is.EqualTo(new XfrmVerdict.Dropped(XfrmCounter.InNoPols)));
        Assert.That(Receive(block, TransportSa), Is.EqualTo(new XfrmVerdict.Dropped(XfrmCounter.InNoPols)));
    }

    [Test]
    public void Policy_BlocksOrAsksForItsTemplates()
    {
        XfrmPolicy policy = XfrmCases.Policy("10.2.0.0/16", "10.1.0.0/16", direction: XfrmDirection.In);
        XfrmPolicyDatabase protect = XfrmCases.Policies(LinuxRelease.Linux612, policy with { Templates = [XfrmCases.Tunnel] });
        Assert.That(Receive(protect, TunnelSa), Is.EqualTo(new XfrmVerdict.Accepted(1)));
        Assert.That(Receive(protect), Is.EqualTo(new XfrmVerdict.Dropped(XfrmCounter.InTmplMismatch)));
        Assert.That(Receive(XfrmCases.Policies(LinuxRelease.Linux612, policy), TunnelSa), Is.EqualTo(new XfrmVerdict.Dropped(XfrmCounter.InTmplMismatch)));
        Assert.That(Receive(XfrmCases.Policies(LinuxRelease.Linux612, policy with { Action = XfrmAction.Block })), Is.EqualTo(new XfrmVerdict.Dropped(XfrmCounter.InPolBlock)));
        XfrmPolicy deep = policy with { Templates = [.. Enumerable.Repeat(XfrmCases.Tunnel, 6)] };
        Assert.That(Receive(XfrmCases.Policies(LinuxRelease.Linux612, deep), TunnelSa), Is.EqualTo(new XfrmVerdict.Dropped(XfrmCounter.InBufferError)));
    }

    [Test]
    public void Selector_OfTheSaIsHeldAgainstTheFinalPacket()
    {
        XfrmState narrow = TunnelSa with { Selector = XfrmCases.Selector("10.9.0.0/16", "10.1.0.0/16") };
        Assert.That(Receive(XfrmPolicyDatabase.Empty(LinuxRelease.Linux612), narrow), Is.EqualTo(new XfrmVerdict.Dropped(XfrmCounter.InStateMismatch)));
    }

    private static int? Check(ImmutableArray<XfrmTemplate> templates, ImmutableArray<XfrmState> path) => XfrmTemplateCheck.Check(templates, path, XfrmFamily.Ipv4);

    private static XfrmVerdict Receive(XfrmPolicyDatabase policies, params XfrmState[] path) => XfrmReceiving.Check(policies, Arriving, XfrmDirection.In, [.. path]);
}
