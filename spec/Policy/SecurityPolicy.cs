using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Policy;

/// <summary>Which traffic an SPD entry is consulted for. RFC 4301 §4.4.1.</summary>
public enum PolicyDirection
{
    /// <summary>From the wire to the protected side.</summary>
    Inbound,

    /// <summary>From the protected side to the wire.</summary>
    Outbound,
}

/// <summary>A run of addresses with a common prefix. RFC 4301 §4.4.1.1.</summary>
/// <param name="Address">Any address of the run; bits past the prefix are ignored.</param>
/// <param name="LengthBits">Prefix length in bits.</param>
public sealed record AddressPrefix(IpAddress Address, int LengthBits)
{
    /// <summary>The one address.</summary>
    public static AddressPrefix Host(IpAddress address) => new(address, address.IsIpv6 ? 128 : 32);

    /// <summary>True when the address lies in the run and is of its family.</summary>
    public bool Contains(IpAddress address)
    {
        if (address.IsIpv6 != Address.IsIpv6)
        {
            return false;
        }

        int hostBits = (Address.IsIpv6 ? 128 : 32) - LengthBits;
        return hostBits >= 128 || (address.Value ^ Address.Value) >> hostBits == UInt128.Zero;
    }

    /// <summary>The usual notation, for example 192.0.2.0/24.</summary>
    public override string ToString() => $"{Address}/{LengthBits}";
}

/// <summary>A PROTECT entry of the SPD, as far as the ESP suite needs it. RFC 4301 §4.4.1.2.</summary>
/// <param name="Direction">Inbound or outbound.</param>
/// <param name="Source">Source addresses of the plain packet.</param>
/// <param name="Destination">Destination addresses of the plain packet.</param>
/// <param name="Mode">Mode of the SA to use.</param>
/// <param name="TunnelSource">Outer source; the plain packet's own in transport mode.</param>
/// <param name="TunnelDestination">Outer destination; the plain packet's own in transport mode.</param>
/// <param name="Encapsulation">UDP encapsulation of the SA, or null.</param>
public sealed record ProtectPolicy(
    PolicyDirection Direction,
    AddressPrefix Source,
    AddressPrefix Destination,
    EspMode Mode,
    IpAddress TunnelSource,
    IpAddress TunnelDestination,
    UdpEncapsulation? Encapsulation);
