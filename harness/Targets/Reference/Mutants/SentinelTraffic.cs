using Conformance.Harness.Contract;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>Tells the packets of the sentinel: a fault that touched them too would leave nothing to observe.</summary>
internal static class SentinelTraffic
{
    private static readonly HashSet<IpAddress> Hosts =
    [
        AddressPlan.Ipv4Sentinel.Target, AddressPlan.Ipv4Sentinel.Protected, AddressPlan.Ipv6Sentinel.Target, AddressPlan.Ipv6Sentinel.Protected,
    ];

    /// <summary>True for a plain packet from or to the sentinel's host.</summary>
    public static bool Has(ByteString plain) =>
        IpPacketView.TryParse(plain.Span, out IpPacketView packet, out _) && (Hosts.Contains(packet.Source) || Hosts.Contains(packet.Destination));
}
