using Conformance.Generators.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using NUnit.Framework;
using static Conformance.Tests.Model.Policy.PolicyExamples;

namespace Conformance.Tests.Model.Policy;

/// <summary>The header inside an ICMP error, and what first fragments leave behind. RFC 4301 §6.2, §7.4.</summary>
public class ReturnFlowTests
{
    private static readonly IpAddress Router = IpAddress.Parse("10.0.0.99");

    [Test]
    public void OutboundError_AnswersTheTrafficOfThePacketThatCame()
    {
        FlowSelectors flow = Flow("10.0.0.1", "10.0.1.1", remoteField: 80);
        Assert.That(ReturnFlows.Of(IcmpErrors.TooBig(Router, Packet(flow, PolicyDirection.Inbound), 1000), PolicyDirection.Outbound), Is.EqualTo(flow));
    }

    [Test]
    public void InboundError_AnswersTheTrafficOfThePacketThatLeft()
    {
        FlowSelectors flow = Flow("10.0.0.1", "10.0.1.1", remoteField: 80);
        Assert.That(ReturnFlows.Of(IcmpErrors.TimeExceeded(Router, Packet(flow, PolicyDirection.Outbound)), PolicyDirection.Inbound), Is.EqualTo(flow));
    }

    [TestCase(20, false)]
    [TestCase(23, false)]
    [TestCase(24, true)]
    [TestCase(28, true)]
    public void ShortQuotation_ShowsItsPortsWhereTheyAre(int quotedBytes, bool showsPorts)
    {
        FlowSelectors flow = Flow("10.0.0.1", "10.0.1.1", remoteField: 80);
        ByteString cut = Packet(flow, PolicyDirection.Outbound).Slice(..quotedBytes);
        FlowSelectors? back = ReturnFlows.Of(IcmpErrors.TimeExceeded(Router, cut), PolicyDirection.Inbound);
        Assert.That(back?.RemoteField, Is.EqualTo(showsPorts ? (ushort?)80 : null));
        Assert.That(back?.Remote, Is.EqualTo(flow.Remote));
    }

    [Test]
    public void NoError_AnswersNothing()
    {
        Assert.That(ReturnFlows.Of(Packet(Flow("10.0.0.1", "10.0.1.1"), PolicyDirection.Outbound), PolicyDirection.Outbound), Is.Null);
        ByteString headless = IcmpErrors.TimeExceeded(Router, Packet(Flow("10.0.0.1", "10.0.1.1"), PolicyDirection.Outbound).Slice(..19));
        Assert.That(ReturnFlows.Of(headless, PolicyDirection.Inbound), Is.Null);
    }

    [Test]
    public void LaterFragment_FollowsTheFirstOneThatAnEntryWithPortsBypassed()
    {
        SpdEntry news = Entry("news", Bypass, Set("any", "any", Ports(IpProtocol.Udp, remote: FieldSelector.Only(119))));
        ByteString[] pieces = [.. Fragmenter.Cut(ByteString.Adopt(IpPackets.Udp(Router, IpAddress.Parse("10.0.1.1"), 7, 119, new byte[64])), 32, 1)];
        PolicyDecision closed = new PolicyDecision.Discard(PolicyDiscardReason.NoMatch, null);

        Assert.That(FragmentMemory.Empty.Follow(pieces[1], closed).Decision, Is.EqualTo(closed));
        FragmentMemory seen = FragmentMemory.Empty.Follow(pieces[0], new PolicyDecision.Bypass(news)).Next;
        Assert.That(seen.Follow(pieces[1], closed).Decision, Is.EqualTo(new PolicyDecision.Bypass(news)));
    }

    private static ByteString Packet(FlowSelectors flow, PolicyDirection direction) => ByteString.Adopt(FlowPackets.Build(flow, direction));
}
