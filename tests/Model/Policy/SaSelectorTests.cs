using System.Collections.Immutable;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;
using NUnit.Framework;
using static Conformance.Tests.Model.Policy.PolicyExamples;

namespace Conformance.Tests.Model.Policy;

/// <summary>The tables of RFC 4301 §4.4.2.2, row by row.</summary>
public class SaSelectorTests
{
    private const string Four = "10.0.0.1";
    private const string There = "10.0.1.1";
    private const string Six = "2001:db8::1";
    private const string SixThere = "2001:db8::2";
    private const PopulateFromPacket NoFlag = PopulateFromPacket.None;
    private static readonly FieldSelector Ranges = FieldSelector.Between(1, 9);
    private static readonly FieldSelector Any = FieldSelector.Any;
    private static readonly FieldSelector Opaque = FieldSelector.Opaque;

    [TestCase("10.0.0.0/24", false, "10.0.0.0/24")]
    [TestCase("any", false, "any")]
    [TestCase("10.0.0.0/24", true, "10.0.0.1")]
    [TestCase("any", true, "10.0.0.1")]
    public void LocalAddress(string entry, bool flag, string expected) =>
        Expect(Set(entry, "any"), flag ? PopulateFromPacket.LocalAddress : NoFlag, Flow(Four, There), Set(expected, "any"));

    [TestCase("10.0.1.0/24", false, "10.0.1.0/24")]
    [TestCase("any", false, "any")]
    [TestCase("10.0.1.0/24", true, "10.0.1.1")]
    [TestCase("any", true, "10.0.1.1")]
    public void RemoteAddress(string entry, bool flag, string expected) =>
        Expect(Set("any", entry), flag ? PopulateFromPacket.RemoteAddress : NoFlag, Flow(Four, There), Set("any", expected));

    [TestCaseSource(nameof(ProtocolRows))]
    public void Protocol(UpperLayerSelector entry, bool flag, byte? shown, UpperLayerSelector? expected) => Expect(
        Set("any", "any", entry), flag ? PopulateFromPacket.Protocol : NoFlag, Flow(Six, SixThere, shown, null, null), expected is null ? null : Set("any", "any", expected));

    [TestCaseSource(nameof(FieldRows))]
    public void LocalPort(FieldSelector entry, bool flag, int? shown, FieldSelector? expected) => Expect(
        Set("any", "any", Ports(IpProtocol.Tcp, local: entry)), flag ? PopulateFromPacket.LocalField : NoFlag, Flow(Four, There, localField: shown, remoteField: shown),
        expected is null ? null : Set("any", "any", Ports(IpProtocol.Tcp, local: expected)));

    [TestCaseSource(nameof(FieldRows))]
    public void RemotePort(FieldSelector entry, bool flag, int? shown, FieldSelector? expected) => Expect(
        Set("any", "any", Ports(IpProtocol.Tcp, remote: entry)), flag ? PopulateFromPacket.RemoteField : NoFlag, Flow(Four, There, localField: shown, remoteField: shown),
        expected is null ? null : Set("any", "any", Ports(IpProtocol.Tcp, remote: expected)));

    [TestCaseSource(nameof(FieldRows))]
    public void MobilityType(FieldSelector entry, bool flag, int? shown, FieldSelector? expected) => Expect(
        Set("any", "any", new UpperLayerSelector.Mobility(entry)), flag ? PopulateFromPacket.LocalField : NoFlag, Flow(Six, SixThere, IpProtocol.Mobility, shown, null),
        expected is null ? null : Set("any", "any", new UpperLayerSelector.Mobility(expected)));

    [TestCaseSource(nameof(FieldRows))]
    public void IcmpTypeAndCode(FieldSelector entry, bool flag, int? shown, FieldSelector? expected) => Expect(
        Set("any", "any", new UpperLayerSelector.Icmp(IpProtocol.Icmp, entry)), flag ? PopulateFromPacket.LocalField : NoFlag, Flow(Four, There, IpProtocol.Icmp, shown, null),
        expected is null ? null : Set("any", "any", new UpperLayerSelector.Icmp(IpProtocol.Icmp, expected)));

    [Test]
    public void Flag_HoldsForAllSelectorSets()
    {
        SpdEntry two = Entry("two", Protect, Set("any", "10.0.1.0/24", Ports(IpProtocol.Tcp)), Set("any", "10.0.0.0/16", Ports(IpProtocol.Udp)));
        SpdEntry entry = two with { FromPacket = PopulateFromPacket.RemoteAddress };
        Assert.That(
            SaSelectors.For(entry, Flow(Four, There)),
            Is.EqualTo(new[] { Set("any", There, Ports(IpProtocol.Tcp)), Set("any", There, Ports(IpProtocol.Udp)) }));
    }

    [Test]
    public void PortFlags_NeedAProtocolWithPorts()
    {
        PopulateFromPacket ports = PopulateFromPacket.LocalField | PopulateFromPacket.RemoteField;
        Expect(Set("any", "any"), ports, Flow(Four, There), Set("any", "any"));
        Expect(Set("any", "any"), ports | PopulateFromPacket.Protocol, Flow(Four, There, localField: 7, remoteField: 8), Set("any", "any", Ports(IpProtocol.Tcp, FieldSelector.Only(7), FieldSelector.Only(8))));
        Expect(Set("any", "any"), ports | PopulateFromPacket.Protocol, Flow(Four, There, IpProtocol.Gre, null, null), Set("any", "any", new UpperLayerSelector.Protocol(IpProtocol.Gre)));
    }

    private static IEnumerable<TestCaseData> ProtocolRows()
    {
        UpperLayerSelector list = new UpperLayerSelector.Protocol(IpProtocol.Esp);
        UpperLayerSelector opaque = new UpperLayerSelector.Opaque();
        yield return new(list, false, IpProtocol.Esp, list);
        yield return new(AnyUpper, false, IpProtocol.Esp, AnyUpper);
        yield return new(AnyUpper, false, null, AnyUpper);
        yield return new(opaque, false, null, opaque);
        yield return new(list, true, IpProtocol.Esp, list);
        yield return new(AnyUpper, true, IpProtocol.Esp, list);
        yield return new(list, true, null, null);
        yield return new(AnyUpper, true, null, null);
    }

    // Rows in which the entry does not match the packet at all are no rows of this function: another entry, or none, decides.
    private static IEnumerable<TestCaseData> FieldRows()
    {
        yield return new(Ranges, false, 5, Ranges);
        yield return new(Any, false, 5, Any);
        yield return new(Any, false, null, Any);
        yield return new(Opaque, false, null, Opaque);
        yield return new(Ranges, true, 5, FieldSelector.Only(5));
        yield return new(Any, true, 5, FieldSelector.Only(5));
        yield return new(Any, true, null, null);
    }

    private static void Expect(SelectorSet entry, PopulateFromPacket flags, FlowSelectors flow, SelectorSet? expected)
    {
        ImmutableArray<SelectorSet>? found = SaSelectors.For(Entry("row", Protect, entry) with { FromPacket = flags }, flow);
        Assert.That(found?.AsEnumerable(), Is.EqualTo(expected is null ? null : new[] { expected }));
    }
}
