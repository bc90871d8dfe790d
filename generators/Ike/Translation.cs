using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Wire;

namespace Conformance.Generators.Ike;

/// <summary>A NAT before one side: one outer address, a port for each inner endpoint, and other ports after each loss of its memory. RFC 3715 §2.1.</summary>
/// <param name="inside">The inner address.</param>
public sealed class Translation(IpAddress inside)
{
    private const ushort FirstPort = 20_000;
    private const uint OtherHost = 64;

    private readonly Dictionary<Endpoint, ushort> _ports = [];
    private ushort _next = FirstPort;

    /// <summary>The outer address.</summary>
    public static IpAddress Outside { get; } = IpAddress.Parse("198.51.100.1");

    /// <summary>The other of two addresses that a host has on one network.</summary>
    public static Endpoint Elsewhere(Endpoint own) => own with { Address = own.Address with { Value = own.Address.Value ^ OtherHost } };

    /// <summary>Where a datagram from inside seems to come from.</summary>
    public Endpoint Out(Endpoint from)
    {
        if (!_ports.TryGetValue(from, out ushort port))
        {
            port = _next++;
            _ports.Add(from, port);
        }

        return new Endpoint(Outside, port);
    }

    /// <summary>Where a datagram from outside goes; null where nothing is known of its port. The ports of IKE are always let in.</summary>
    public Endpoint? In(Endpoint to)
    {
        if (to.Address != Outside)
        {
            return null;
        }

        if (to.Port is Endpoint.IkePort or Endpoint.NatTraversalPort)
        {
            return new Endpoint(inside, to.Port);
        }

        foreach ((Endpoint inner, ushort port) in _ports)
        {
            if (port == to.Port)
            {
                return inner;
            }
        }

        return null;
    }

    /// <summary>Forgets all ports: the next datagrams get others.</summary>
    public void Forget() => _ports.Clear();
}
