using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;
using NUnit.Framework;
using static Conformance.Tests.Model.Policy.PolicyExamples;

namespace Conformance.Tests.Model.Policy;

/// <summary>What each form of selector holds, by hand. RFC 4301 §4.4.1.1.</summary>
public class SelectorTests
{
    private const string Here = "10.0.0.1";
    private const string There = "10.0.1.1";

    [TestCase("10.0.0.1", "10.0.0.1", true)]
    [TestCase("10.0.0.1", "10.0.0.2", false)]
    [TestCase("10.0.0.1-10.0.0.6", "10.0.0.1", true)]
    [TestCase("10.0.0.1-10.0.0.6", "10.0.0.6", true)]
    [TestCase("10.0.0.1-10.0.0.6", "10.0.0.0", false)]
    [TestCase("10.0.0.1-10.0.0.6", "10.0.0.7", false)]
    [TestCase("10.0.0.1-10.0.0.2,10.0.0.4-10.0.0.5", "10.0.0.4", true)]
    [TestCase("10.0.0.1-10.0.0.2,10.0.0.4-10.0.0.5", "10.0.0.3", false)]
    [TestCase("10.1.2.3/8", "10.255.255.255", true)]
    [TestCase("10.1.2.3/8", "11.0.0.0", false)]
    [TestCase("any", "255.255.255.255", true)]
    [TestCase("any", "2001:db8::1", true)]
    [TestCase("0.0.0.0/0", "2001:db8::1", false)]
    [TestCase("2001:db8::/32", "2001:db8:ffff::", true)]
    [TestCase("2001:db8::/32", "2001:db9::", false)]
    [TestCase("::/0", "10.0.0.1", false)]
    public void Addresses(string selector, string address, bool expected)
    {
        Assert.That(Set(selector, "any").Matches(Flow(address, address)), Is.EqualTo(expected));
        Assert.That(Set("any", selector).Matches(Flow(address, address)), Is.EqualTo(expected));
    }

    [TestCase(80, true)]
    [TestCase(81, true)]
    [TestCase(79, false)]
    [TestCase(82, false)]
    [TestCase(null, false)]
    public void PortRange_HoldsItsEndsAndNoHiddenPort(int? port, bool expected)
    {
        FieldSelector range = FieldSelector.Between(80, 81);
        Assert.That(Set("any", "any", Ports(IpProtocol.Tcp, remote: range)).Matches(Flow(Here, There, remoteField: port)), Is.EqualTo(expected));
        Assert.That(Set("any", "any", Ports(IpProtocol.Tcp, local: range)).Matches(Flow(Here, There, localField: port)), Is.EqualTo(expected));
    }

    [TestCase(80, true, false)]
    [TestCase(null, true, true)]
    public void AnyAndOpaque_DifferInWhatIsShown(int? port, bool any, bool opaque)
    {
        FlowSelectors flow = Flow(Here, There, localField: port, remoteField: port);
        Assert.That(Set("any", "any", Ports(IpProtocol.Tcp)).Matches(flow), Is.EqualTo(any));
        Assert.That(Set("any", "any", Ports(IpProtocol.Tcp, FieldSelector.Opaque, FieldSelector.Opaque)).Matches(flow), Is.EqualTo(opaque));
    }

    [Test]
    public void PortsOfOneProtocol_AreNotThoseOfAnother() =>
        Assert.That(Set("any", "any", Ports(IpProtocol.Tcp)).Matches(Flow(Here, There, IpProtocol.Udp)), Is.False);

    [TestCase(3, 0, false)]
    [TestCase(3, 1, true)]
    [TestCase(3, 4, true)]
    [TestCase(3, 5, false)]
    [TestCase(4, 2, false)]
    public void IcmpCodesOfOneType(byte type, byte code, bool expected)
    {
        UpperLayerSelector icmp = new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.IcmpCodes(3, 1, 4));
        Assert.That(Set("any", "any", icmp).Matches(Flow(Here, There, IpProtocol.Icmp, (type << 8) | code, null)), Is.EqualTo(expected));
    }

    // Type times 256 plus code between the ends: codes outside 1 to 4 of the type between count too. RFC 4301 §4.4.1.1.
    [TestCase(3, 0, false)]
    [TestCase(3, 200, true)]
    [TestCase(4, 0, true)]
    [TestCase(5, 4, true)]
    [TestCase(5, 5, false)]
    public void IcmpRangeOverTypes_IsArithmetic(byte type, byte code, bool expected)
    {
        UpperLayerSelector icmp = new UpperLayerSelector.Icmp(IpProtocol.Icmp, FieldSelector.Between((3 << 8) | 1, (5 << 8) | 4));
        Assert.That(Set("any", "any", icmp).Matches(Flow(Here, There, IpProtocol.Icmp, (type << 8) | code, null)), Is.EqualTo(expected));
    }

    [Test]
    public void MobilityType() => Assert.Multiple(() =>
    {
        UpperLayerSelector binding = new UpperLayerSelector.Mobility(FieldSelector.Only(5));
        Assert.That(Set("any", "any", binding).Matches(Flow("2001:db8::1", "2001:db8::2", IpProtocol.Mobility, 5, null)), Is.True);
        Assert.That(Set("any", "any", binding).Matches(Flow("2001:db8::1", "2001:db8::2", IpProtocol.Mobility, 6, null)), Is.False);
    });

    [Test]
    public void HiddenProtocol_IsHeldByAnyAndOpaqueOnly()
    {
        FlowSelectors flow = Flow("2001:db8::1", "2001:db8::2", null, null, null);
        UpperLayerSelector[] upper = [AnyUpper, new UpperLayerSelector.Opaque(), new UpperLayerSelector.Protocol(IpProtocol.Tcp)];
        Assert.That(upper.Select(u => Set("any", "any", u).Matches(flow)), Is.EqualTo(new[] { true, true, false }));
    }

    [Test]
    public void FaultyEntries_SayWhatIsWrong()
    {
        FieldSelector opaque = FieldSelector.Opaque;
        (SpdEntry Entry, string Fault)[] cases =
        [
            (Entry("none", Bypass), "no selector set"),
            (Entry("mixed", Bypass, Set("10.0.0.1", "2001:db8::1")), "share no family"),
            (Entry("hidden", Bypass, Set("10.0.0.1", "any", new UpperLayerSelector.Opaque())), "OPAQUE protocol in IPv4"),
            (Entry("ports", Bypass, Set("any", "any", Ports(IpProtocol.Gre))), "ports for protocol 47"),
            (Entry("types", Bypass, Set("any", "any", new UpperLayerSelector.Icmp(IpProtocol.Tcp, opaque))), "ICMP types for protocol 6"),
            (Entry("flag", Protect, Set("any", "any", Ports(IpProtocol.Tcp, opaque))) with { FromPacket = PopulateFromPacket.LocalField }, "OPAQUE selector"),
            (Entry("ends", PolicyAction.Protect.With(new() { Mode = Spec.Sa.EspMode.Tunnel }), SelectorSet.Any), "tunnel ends"),
            (Entry("bare", new PolicyAction.Protect([]), SelectorSet.Any), "without a step"),
        ];
        Assert.That(cases.Where(c => !c.Entry.Faults().Any(f => f.Contains(c.Fault, StringComparison.Ordinal))).Select(c => c.Entry.Name), Is.Empty);
        Assert.That(Entry("good", Protect, Set("10.0.0.0/8", "any", Ports(IpProtocol.Tcp))).Faults(), Is.Empty);
    }
}
