using System.Collections.Immutable;
using System.Security.Cryptography;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Profiles.LinuxXfrm.Path;

/// <summary>A host as far as a packet's way through IPsec depends on it; one value, which every packet changes.</summary>
public sealed record LinuxHost
{
    /// <summary>SPD and SAD.</summary>
    public required XfrmDatabases Databases { get; init; }

    /// <summary>Network devices; one of them is the loopback device.</summary>
    public required ImmutableArray<LinuxDevice> Devices { get; init; }

    /// <summary>Routes; the longest prefix wins, among equals the first.</summary>
    public ImmutableArray<LinuxRoute> Routes { get; init; } = [];

    /// <summary>Settings that are the same for all devices.</summary>
    public LinuxSettings Settings { get; init; } = new();

    /// <summary>UDP ports with a socket that decapsulates ESP (UDP_ENCAP).</summary>
    public ImmutableArray<ushort> EncapsulationPorts { get; init; } = [];

    /// <summary>True when someone listens for ACQUIRE.</summary>
    public bool KeyManagerListens { get; init; } = true;

    /// <summary>Time, in seconds since 1970.</summary>
    public ulong Now { get; init; }

    /// <summary>Number of IVs drawn; the IVs follow from it.</summary>
    public ulong IvsDrawn { get; init; }

    /// <summary>The last identification given to an outer IPv4 header or a fragmented datagram.</summary>
    public uint Identification { get; init; }

    /// <summary>Path MTUs learned from ICMP errors, in bytes.</summary>
    public ImmutableDictionary<IpAddress, int> PathMtus { get; init; } = ImmutableDictionary<IpAddress, int>.Empty;

    /// <summary>Counters of /proc/net/xfrm_stat that moved.</summary>
    public ImmutableSortedDictionary<XfrmCounter, long> Counters { get; init; } = ImmutableSortedDictionary<XfrmCounter, long>.Empty;

    /// <summary>Which of the outcomes that a hash may have the SA lookups take, a digit each, the first the lowest; 0 is the one without collisions.</summary>
    public int HashOutcome { get; init; }

    /// <summary>True to report why each policy and each SA was taken or not.</summary>
    public bool Explains { get; init; }

    /// <summary>The kernel.</summary>
    public LinuxRelease Release => Databases.Release;

    /// <summary>The device of an index.</summary>
    /// <exception cref="ArgumentException">No such device.</exception>
    public LinuxDevice Device(int index) =>
        Devices.FirstOrDefault(device => device.Index == index) ?? throw new ArgumentException($"no device {index}", nameof(index));

    /// <summary>True for the host's own addresses.</summary>
    public bool IsLocal(IpAddress address) => Devices.Any(device => device.Addresses.Contains(address));

    /// <summary>The way to a destination, or null.</summary>
    /// <param name="destination">Destination.</param>
    /// <param name="device">Device that the route must use, or 0.</param>
    /// <param name="mark">Mark that rules go by.</param>
    public LinuxHop? RouteTo(IpAddress destination, int device = 0, uint mark = 0)
    {
        if (IsLocal(destination))
        {
            return new LinuxHop(Devices.First(candidate => candidate.IsLoopback), destination, null);
        }

        LinuxRoute? best = Routes
            .Where(route => route.Destination.Contains(destination) && (device == 0 || route.Device == device) && route.Mark.Accepts(mark))
            .MaxBy(route => (route.Mark.Mask != 0, route.Destination.LengthBits));
        return best is null ? null : new LinuxHop(Device(best.Device), best.Source ?? AnySource(best.Device, destination.IsIpv6), best.MtuBytes);
    }

    /// <summary>The source that a template without one gets: over IPv4 that of the route, over IPv6 by address selection, the route's left aside (xfrm4_get_saddr, xfrm6_get_saddr).</summary>
    /// <remarks>Of RFC 6724 the rules that tell addresses of one device apart: longest common prefix, each address being one of /128, then the one added last.</remarks>
    public IpAddress? TunnelSource(IpAddress remote)
    {
        LinuxHop? hop = RouteTo(remote);
        return hop is null || !remote.IsIpv6 ? hop?.Source : hop.Device.Addresses
            .Where(address => address.IsIpv6)
            .Select((address, order) => (Address: (IpAddress?)address, Common: UInt128.LeadingZeroCount(address.Value ^ remote.Value), Order: order))
            .OrderByDescending(candidate => (candidate.Common, candidate.Order))
            .FirstOrDefault().Address;
    }

    /// <summary>MTU towards a destination over a hop, in bytes, what was learned included (dst_mtu).</summary>
    public int MtuBytes(LinuxHop hop, IpAddress destination) =>
        Math.Min(hop.MtuBytes ?? hop.Device.MtuBytes, PathMtus.GetValueOrDefault(destination, int.MaxValue));

    /// <summary>Bytes that never came before: the model's source of IVs.</summary>
    public (LinuxHost Next, ByteString Bytes) Draw(int lengthBytes)
    {
        byte[] hash = SHA512.HashData(BitConverter.GetBytes(IvsDrawn + 1));
        return (this with { IvsDrawn = IvsDrawn + 1 }, ByteString.Adopt(hash).Slice(..lengthBytes));
    }

    private IpAddress? AnySource(int device, bool ipv6)
    {
        foreach (LinuxDevice candidate in Devices.Where(d => !d.IsLoopback).OrderByDescending(d => d.Index == device))
        {
            foreach (IpAddress address in candidate.Addresses.Where(a => a.IsIpv6 == ipv6))
            {
                return address;
            }
        }

        return null;
    }
}
