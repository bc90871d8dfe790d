using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Contract;

/// <summary>The addresses of one family that a scenario uses, from the documentation ranges of RFC 5737 and RFC 3849.</summary>
/// <param name="Target">Owned by the target on its wire side.</param>
/// <param name="Peer">Owned by the tester on the wire.</param>
/// <param name="Protected">A host behind the target, on its host side.</param>
/// <param name="Remote">A host behind the peer.</param>
public sealed record AddressSet(IpAddress Target, IpAddress Peer, IpAddress Protected, IpAddress Remote);

/// <summary>Addresses that every target configures once: two independent sets in each family.</summary>
/// <remarks>
/// The second set carries the sentinel: a connection of its own, so that its packets never depend on the SA under test.
/// Transport mode runs between Target and Peer; tunnel and BEET mode carry Protected to Remote between Target and Peer.
/// </remarks>
public static class AddressPlan
{
    /// <summary>IPv4, connection under test.</summary>
    public static AddressSet Ipv4 { get; } = Set("192.0.2.1", "192.0.2.2", "198.51.100.10", "203.0.113.10");

    /// <summary>IPv4, sentinel.</summary>
    public static AddressSet Ipv4Sentinel { get; } = Set("192.0.2.129", "192.0.2.130", "198.51.100.200", "203.0.113.200");

    /// <summary>IPv6, connection under test.</summary>
    public static AddressSet Ipv6 { get; } = Set("2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::10", "2001:db8:0:3::10");

    /// <summary>IPv6, sentinel.</summary>
    public static AddressSet Ipv6Sentinel { get; } = Set("2001:db8:0:1::8001", "2001:db8:0:1::8002", "2001:db8:0:2::200", "2001:db8:0:3::200");

    /// <summary>Hosts behind the target that policies tell apart; the sentinel's is not among them.</summary>
    public static AddressPrefix ProtectedNetwork(bool ipv6) => ipv6 ? new(IpAddress.Parse("2001:db8:0:2::"), 120) : new(IpAddress.Parse("198.51.100.0"), 25);

    /// <summary>Hosts behind the peer that policies tell apart; the sentinel's is not among them.</summary>
    public static AddressPrefix RemoteNetwork(bool ipv6) => ipv6 ? new(IpAddress.Parse("2001:db8:0:3::"), 120) : new(IpAddress.Parse("203.0.113.0"), 25);

    /// <summary>The set of a family.</summary>
    public static AddressSet Of(bool ipv6, bool sentinel) =>
        ipv6 ? (sentinel ? Ipv6Sentinel : Ipv6) : sentinel ? Ipv4Sentinel : Ipv4;

    /// <summary>The ends of the plain packet: the endpoints themselves in transport mode, else the hosts behind them.</summary>
    public static (IpAddress Local, IpAddress Remote) PlainEnds(EspMode mode, AddressSet inner) =>
        mode == EspMode.Transport ? (inner.Target, inner.Peer) : (inner.Protected, inner.Remote);

    private static AddressSet Set(string target, string peer, string hidden, string remote) =>
        new(IpAddress.Parse(target), IpAddress.Parse(peer), IpAddress.Parse(hidden), IpAddress.Parse(remote));
}
