using System.Collections.Immutable;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>A network device (struct net_device).</summary>
/// <param name="Index">Interface index.</param>
/// <param name="Name">Name.</param>
/// <param name="MtuBytes">MTU, in bytes.</param>
public sealed record LinuxDevice(int Index, string Name, int MtuBytes)
{
    /// <summary>Own addresses on it.</summary>
    public ImmutableArray<IpAddress> Addresses { get; init; } = [];

    /// <summary>True for lo.</summary>
    public bool IsLoopback { get; init; }

    /// <summary>if_id of an XFRM interface; 0 for any other device.</summary>
    public uint InterfaceId { get; init; }

    /// <summary>Device below an XFRM interface, or 0 (parms.link).</summary>
    public int Link { get; init; }

    /// <summary>Sysctl disable_xfrm, which only IPv4 knows: packets out of it are not transformed.</summary>
    public bool DisablesXfrm { get; init; }

    /// <summary>Sysctl disable_policy: packets in from it are not checked.</summary>
    public bool DisablesPolicy { get; init; }

    /// <summary>True when its driver hands packets to GRO (napi_gro_receive).</summary>
    public bool IsNapi { get; init; }

    /// <summary>Feature NETIF_F_GRO, without which what was decapsulated does not pass GRO either.</summary>
    public bool HasGro { get; init; } = true;

    /// <summary>The loopback device as it is by default: IPv4 passes it unseen by IPsec.</summary>
    public static LinuxDevice Loopback { get; } = new(1, "lo", 65536)
    {
        IsLoopback = true,
        DisablesXfrm = true,
        DisablesPolicy = true,
        Addresses = [IpAddress.Parse("127.0.0.1"), IpAddress.Parse("::1")],
    };
}

/// <summary>A route.</summary>
/// <param name="Destination">Destinations.</param>
/// <param name="Device">Index of the device.</param>
/// <param name="Source">Preferred source address, or null to take one of the device.</param>
public sealed record LinuxRoute(AddressPrefix Destination, int Device, IpAddress? Source = null)
{
    /// <summary>MTU metric, in bytes, or null.</summary>
    public int? MtuBytes { get; init; }

    /// <summary>A rule: only packets of this mark use the route.</summary>
    public XfrmMark Mark { get; init; }
}

/// <summary>What routing found (struct dst_entry, the plain one).</summary>
/// <param name="Device">Output device; the loopback device for the host's own addresses.</param>
/// <param name="Source">Source address for packets that have none.</param>
/// <param name="MtuBytes">MTU metric, or null.</param>
public sealed record LinuxHop(LinuxDevice Device, IpAddress? Source, int? MtuBytes)
{
    /// <summary>True when the destination is the host itself.</summary>
    public bool IsLocal => Device.IsLoopback;
}

/// <summary>Sysctls and features of the whole host.</summary>
public sealed record LinuxSettings
{
    /// <summary>Sysctls ip_forward and conf.all.forwarding.</summary>
    public bool Forwards { get; init; } = true;

    /// <summary>Sysctl net.core.xfrm_larval_drop: packets without SA are dropped and not queued.</summary>
    public bool LarvalDrop { get; init; } = true;

    /// <summary>Default TTL and hop limit of outer headers.</summary>
    public byte HopLimit { get; init; } = 64;

    /// <summary>esp4_offload is there: GRO and GSO of ESP over IPv4, encryption at the device.</summary>
    public bool EspOffloadIpv4 { get; init; }

    /// <summary>esp6_offload is there.</summary>
    public bool EspOffloadIpv6 { get; init; }

    /// <summary>XFRM interfaces are there: their handler sees every ESP packet first, and checks those that came out of another.</summary>
    public bool XfrmInterfaces { get; init; }

    /// <summary>Handlers of VTI devices are there; no packet of this model belongs to one.</summary>
    public bool Vti { get; init; }

    /// <summary>Handlers of IPv4 and IPv6 in IP (xfrm4_tunnel, xfrm6_tunnel) are there.</summary>
    public bool TunnelHandlers { get; init; } = true;

    /// <summary>Mobile IPv6 is there: it moves the fields that IPv6 keeps beside a packet, so that one of them lies where IPv4 has its flags.</summary>
    public bool MobileIpv6 { get; init; }

    /// <summary>True when ESP offload is there for a family.</summary>
    public bool OffloadsEsp(bool ipv6) => ipv6 ? EspOffloadIpv6 : EspOffloadIpv4;
}
