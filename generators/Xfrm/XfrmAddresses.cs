using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Xfrm;

/// <summary>The small address space of random worlds: every prefix of a random policy cuts through it somewhere.</summary>
/// <param name="Local">The stack's own addresses.</param>
/// <param name="Wire">Hosts behind the unprotected side, gateways among them.</param>
/// <param name="Protected">Hosts behind the protected side.</param>
/// <param name="WireNetwork">Routed to the unprotected side.</param>
/// <param name="ProtectedNetwork">Routed to the protected side.</param>
public sealed record XfrmAddresses(
    ImmutableArray<IpAddress> Local,
    ImmutableArray<IpAddress> Wire,
    ImmutableArray<IpAddress> Protected,
    AddressPrefix WireNetwork,
    AddressPrefix ProtectedNetwork)
{
    /// <summary>IPv4, from private ranges. RFC 1918.</summary>
    public static XfrmAddresses Ipv4 { get; } = Of("10.0.0.", "10.0.1.", "10.0.2.", 24);

    /// <summary>IPv6, from a unique local range. RFC 4193.</summary>
    public static XfrmAddresses Ipv6 { get; } = Of("fd00:0:0:1::", "fd00:0:0:2::", "fd00:0:0:3::", 64);

    /// <summary>The space of a family.</summary>
    public static XfrmAddresses Of(bool ipv6) => ipv6 ? Ipv6 : Ipv4;

    /// <summary>All hosts of the space.</summary>
    public ImmutableArray<IpAddress> All => [.. Local, .. Wire, .. Protected];

    private static XfrmAddresses Of(string local, string wire, string hidden, int networkBits)
    {
        ImmutableArray<IpAddress> Hosts(string network, int count) => [.. Enumerable.Range(1, count).Select(n => IpAddress.Parse($"{network}{n}"))];
        AddressPrefix Network(string network) => new(IpAddress.Parse($"{network}0"), networkBits);
        return new XfrmAddresses(Hosts(local, 2), Hosts(wire, 6), Hosts(hidden, 4), Network(wire), Network(hidden));
    }
}
