using System.Buffers.Binary;
using Conformance.Generators.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using static Conformance.Tests.Model.Policy.PolicyExamples;

namespace Conformance.Tests.Model.Policy;

/// <summary>What packets show to the SPD. RFC 4301 §4.4.1.1.</summary>
public class FlowSelectorTests
{
    private static readonly IpAddress Four = IpAddress.Parse("10.0.0.1");
    private static readonly IpAddress FourToo = IpAddress.Parse("10.0.1.1");
    private static readonly IpAddress Six = IpAddress.Parse("2001:db8::1");
    private static readonly IpAddress SixToo = IpAddress.Parse("2001:db8::2");
    private static readonly byte[] Udp = [0x12, 0x34, 0x56, 0x78, 0, 8, 0, 0];

    [Test]
    public void EveryFlow_IsShownByItsPacketInBothDirections() => Prop.ForAll(SpdArbitraries.Any, one => one.Flows.All(flow =>
        Of(FlowPackets.Build(flow, PolicyDirection.Outbound), PolicyDirection.Outbound) == flow
        && Of(FlowPackets.Build(flow, PolicyDirection.Inbound), PolicyDirection.Inbound) == flow)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Test]
    public void Inbound_SwapsAddressesAndPorts() => Assert.That(
        Of(IpPackets.Raw(Four, FourToo, IpProtocol.Udp, Udp), PolicyDirection.Inbound),
        Is.EqualTo(new FlowSelectors(FourToo, Four, IpProtocol.Udp, 0x5678, 0x1234)));

    [Test]
    public void Inbound_LeavesIcmpTypeAndCodeInPlace() => Assert.That(
        Of(IpPackets.Raw(Four, FourToo, IpProtocol.Icmp, [8, 1, 0, 0, 0, 0, 0, 0]), PolicyDirection.Inbound),
        Is.EqualTo(new FlowSelectors(FourToo, Four, IpProtocol.Icmp, 0x801, null)));

    [TestCase(0, true, true)]
    [TestCase(8, true, false)]
    [TestCase(8, false, false)]
    public void Ipv4Fragment_ShowsPortsOnlyWhereItHasThem(int offsetBytes, bool more, bool shown) => Assert.That(
        Of(IpPackets.Raw(Four, FourToo, IpProtocol.Udp, Udp, new() { FragmentOffsetBytes = offsetBytes, MoreFragments = more }), PolicyDirection.Outbound),
        Is.EqualTo(new FlowSelectors(Four, FourToo, IpProtocol.Udp, shown ? (ushort)0x1234 : null, shown ? (ushort)0x5678 : null)));

    [TestCase(IpProtocol.HopByHopOptions)]
    [TestCase(IpProtocol.Routing)]
    [TestCase(IpProtocol.DestinationOptions)]
    public void Ipv6Headers_AreSkipped(byte header) => Assert.That(
        Of(IpPackets.Raw(Six, SixToo, IpProtocol.Udp, Udp, new() { ExtensionHeaders = [(header, new ByteString([0, 0, 1, 4, 0, 0, 0, 0]))] }), PolicyDirection.Outbound),
        Is.EqualTo(new FlowSelectors(Six, SixToo, IpProtocol.Udp, 0x1234, 0x5678)));

    [TestCase(IpProtocol.Udp, 0, true, IpProtocol.Udp, true)]
    [TestCase(IpProtocol.Udp, 8, true, IpProtocol.Udp, false)]
    [TestCase(IpProtocol.DestinationOptions, 8, false, null, false)]
    public void Ipv6Fragment_ShowsWhatItsHeaderNames(byte next, int offsetBytes, bool more, byte? protocol, bool ports)
    {
        byte[] fragment = new byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(2), (ushort)(offsetBytes | (more ? 1 : 0)));
        byte[] packet = IpPackets.Raw(Six, SixToo, next, Udp, new() { ExtensionHeaders = [(IpProtocol.Fragment, new ByteString(fragment))] });
        Assert.That(
            Of(packet, PolicyDirection.Outbound),
            Is.EqualTo(new FlowSelectors(Six, SixToo, protocol, ports ? (ushort)0x1234 : null, ports ? (ushort)0x5678 : null)));
    }

    [Test]
    public void EspInTransit_IsANextLayerProtocolOfItsOwn() => Assert.That(
        Of(IpPackets.Raw(Four, FourToo, IpProtocol.Esp, Udp), PolicyDirection.Outbound), Is.EqualTo(Flow("10.0.0.1", "10.0.1.1", IpProtocol.Esp, null, null)));

    [Test]
    public void PacketTooShortForPorts_ShowsNone() => Assert.That(
        Of(IpPackets.Raw(Four, FourToo, IpProtocol.Tcp, [0x12, 0x34, 0x56]), PolicyDirection.Outbound),
        Is.EqualTo(Flow("10.0.0.1", "10.0.1.1", IpProtocol.Tcp, null, null)));

    private static FlowSelectors Of(byte[] packet, PolicyDirection direction) =>
        IpPacketView.TryParse(packet, out IpPacketView view, out ParseError error) ? FlowSelectors.Of(view, direction) : throw new AssertionException($"{error}");
}
