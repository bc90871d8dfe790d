using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;
using NUnit.Framework;
using static Conformance.Tests.Model.Policy.PolicyExamples;

namespace Conformance.Tests.Model.Policy;

/// <summary>Decisions of the ordered SPD, with their reasons. RFC 4301 §5.</summary>
public class SecurityPolicyDatabaseTests
{
    private static readonly FlowSelectors Some = Flow("10.0.0.1", "10.0.1.1");
    private static readonly SpdEntry Secure = Entry("secure", Protect, Set("10.0.0.0/24", "10.0.1.0/24"));
    private static readonly SpdEntry Open = Entry("open", Bypass, Set("10.0.0.0/24", "10.0.1.0/24"));
    private static readonly SpdEntry Closed = Entry("closed", Discard, Set("10.0.0.0/24", "10.0.1.0/24"));

    [Test]
    public void NoEntry_Discards()
    {
        Assert.That(Decide(PolicyDirection.Outbound, []), Is.EqualTo(new PolicyDecision.Discard(PolicyDiscardReason.NoMatch, null)));
        Assert.That(Decide(PolicyDirection.Inbound, []), Is.EqualTo(new PolicyDecision.Discard(PolicyDiscardReason.NoMatch, null)));
    }

    [Test]
    public void EachAction_InEachDirection() => Assert.Multiple(() =>
    {
        Assert.That(Decide(PolicyDirection.Outbound, Open), Is.EqualTo(new PolicyDecision.Bypass(Open)));
        Assert.That(Decide(PolicyDirection.Inbound, Open), Is.EqualTo(new PolicyDecision.Bypass(Open)));
        Assert.That(Decide(PolicyDirection.Outbound, Closed), Is.EqualTo(new PolicyDecision.Discard(PolicyDiscardReason.ByEntry, Closed)));
        Assert.That(Decide(PolicyDirection.Outbound, Secure), Is.EqualTo(new PolicyDecision.Protect(Secure)));
        Assert.That(Decide(PolicyDirection.Inbound, Secure), Is.EqualTo(new PolicyDecision.Discard(PolicyDiscardReason.ArrivedInClear, Secure)));
    });

    [Test]
    public void FirstOfTwo_Decides() => Assert.Multiple(() =>
    {
        Assert.That(Decide(PolicyDirection.Outbound, Open, Secure), Is.EqualTo(new PolicyDecision.Bypass(Open)));
        Assert.That(Decide(PolicyDirection.Outbound, Secure, Open), Is.EqualTo(new PolicyDecision.Protect(Secure)));
        Assert.That(Decide(PolicyDirection.Inbound, Secure, Open), Is.EqualTo(new PolicyDecision.Discard(PolicyDiscardReason.ArrivedInClear, Secure)));
    });

    [Test]
    public void EntryOfOneDirection_IsSilentInTheOther()
    {
        SpdEntry inboundOnly = Open with { Directions = EntryDirections.Inbound };
        Assert.That(Decide(PolicyDirection.Inbound, inboundOnly), Is.EqualTo(new PolicyDecision.Bypass(inboundOnly)));
        Assert.That(Decide(PolicyDirection.Outbound, inboundOnly), Is.EqualTo(new PolicyDecision.Discard(PolicyDiscardReason.NoMatch, null)));
    }

    [Test]
    public void ManySelectorSets_AreAlternatives()
    {
        SpdEntry entry = Entry("two", Bypass, Set("10.0.0.1", "any", Ports(IpProtocol.Tcp)), Set("10.0.0.2", "any", Ports(IpProtocol.Udp)));
        Assert.That(
            new[] { ("10.0.0.1", IpProtocol.Tcp), ("10.0.0.2", IpProtocol.Udp), ("10.0.0.1", IpProtocol.Udp), ("10.0.0.2", IpProtocol.Tcp) }
                .Select(p => entry.Matches(Flow(p.Item1, "10.0.1.1", p.Item2))),
            Is.EqualTo(new[] { true, true, false, false }));
    }

    private static PolicyDecision Decide(PolicyDirection direction, params SpdEntry[] entries) => new SecurityPolicyDatabase([.. entries]).Decide(direction, Some);
}
