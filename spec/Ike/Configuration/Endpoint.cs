using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>Where a message comes from or goes to. RFC 7296 §2.11, §2.23.</summary>
/// <param name="Address">Address.</param>
/// <param name="Port">UDP port, 500 or 4500 or what a NAT made of it.</param>
public readonly record struct Endpoint(IpAddress Address, ushort Port)
{
    /// <summary>The port of IKE.</summary>
    public const ushort IkePort = 500;

    /// <summary>The port of IKE and ESP in UDP, with a non-ESP marker in front of IKE. RFC 3948 §2.2.</summary>
    public const ushort NatTraversalPort = 4500;

    /// <summary>Address and port.</summary>
    public override string ToString() => Address.IsIpv6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}
