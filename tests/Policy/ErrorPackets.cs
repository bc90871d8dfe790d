using Conformance.Generators.Policy;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Tests.Policy;

/// <summary>ICMP errors about packets of a flow: host or address unreachable.</summary>
internal static class ErrorPackets
{
    /// <summary>An error that leaves: a router on the local side reports about a packet from the remote side.</summary>
    public static ByteString Outbound(FlowSelectors about, int router, bool isReversed = true) => Build(
        about, Sibling(about.Local, router), about.Remote, isReversed ? PolicyDirection.Inbound : PolicyDirection.Outbound, int.MaxValue);

    /// <summary>An error that arrives: a router on the remote side reports about a packet from the local side.</summary>
    public static ByteString Inbound(FlowSelectors about, int router, bool isReversed = true, int quotedBytes = int.MaxValue) => Build(
        about, Sibling(about.Remote, router), about.Local, isReversed ? PolicyDirection.Outbound : PolicyDirection.Inbound, quotedBytes);

    /// <summary>A packet from the remote side that no router may forward.</summary>
    public static ByteString WithLastHop(PolicySession session, FlowSelectors flow) =>
        Hop.WithHopLimit(session.Build(flow, PolicyDirection.Inbound), 1);

    private static ByteString Build(FlowSelectors about, IpAddress router, IpAddress told, PolicyDirection quoted, int quotedBytes)
    {
        ByteString packet = ByteString.Adopt(FlowPackets.Build(about, quoted));
        ByteString quotation = packet.Slice(..Math.Min(packet.Length, quotedBytes));
        return ByteString.Adopt(router.IsIpv6
            ? IpPackets.Raw(router, told, IpProtocol.IcmpV6, new IcmpV6Message.Other(1, 3, 0, quotation).ToBytes(new PseudoHeader(router, told)))
            : IpPackets.Raw(router, told, IpProtocol.Icmp, new IcmpMessage.Other(3, 1, 0, quotation).ToBytes()));
    }

    private static IpAddress Sibling(IpAddress address, int host) => address with { Value = (address.Value & ~(UInt128)0x7f) | (UInt128)(uint)host };
}
