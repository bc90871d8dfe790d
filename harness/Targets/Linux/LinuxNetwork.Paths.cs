using System.Text;
using Conformance.Agent;
using Conformance.Harness.Contract;
using Conformance.Harness.Netlink;
using Conformance.Spec.Policy;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Harness.Targets.Linux;

/// <summary>The way to the peers: MTU, VLAN, and what a conversation left of either.</summary>
internal sealed partial class LinuxNetwork
{
    private const int OperationNotSupported = 95;
    private bool _pathsChanged;
    private string? _vlan;

    /// <summary>Sets the MTU of wire0.</summary>
    public void SetWireMtu(uint mtuBytes)
    {
        _pathsChanged = true;
        Route(RouteMessages.LinkUp(Wire, mtuBytes), $"{Wire} MTU {mtuBytes}");
    }

    /// <summary>Puts the way to all peers into a VLAN of wire0; errno.</summary>
    public NetlinkStatus SetWireVlan(ushort id)
    {
        if (!ethernet)
        {
            return new NetlinkStatus(OperationNotSupported, $"{Wire} is no Ethernet device");
        }

        string name = $"{Wire}.{id}";
        NetlinkStatus status = Ask(RouteMessages.NewVlan(name, DeviceIndex(Wire), id));
        if (!status.Done)
        {
            return status;
        }

        (_vlan, _pathsChanged) = (name, true);
        Route(RouteMessages.WithoutNeighbours(name), $"{name} without address resolution");
        Route(RouteMessages.LinkUp(name, MtuBytes), $"{name} up");
        int index = DeviceIndex(name);
        foreach ((AddressPrefix host, IpAddress? source) in WaysToPeers())
        {
            Route(RouteMessages.RemoveRoute(DeviceIndex(Wire), host), $"no route to {host}");
            Route(RouteMessages.Route(index, host, source), $"route to {host}");
        }

        return default;
    }

    /// <summary>Looks at what is about to arrive on wire0: an ICMP error may leave a path MTU behind.</summary>
    public void NoteFromWire(ByteString datagram) => _pathsChanged |= IcmpErrors.TryRead(datagram) is { IsPathMtu: true };

    /// <summary>Undoes what a conversation did to MTUs: path MTUs hang on routes, so those are made anew.</summary>
    public void RestorePaths()
    {
        if (!_pathsChanged)
        {
            return;
        }

        if (_vlan is { } vlan)
        {
            // With the device go its routes.
            Route(RouteMessages.RemoveLink(DeviceIndex(vlan)), $"no {vlan}");
            _indexes.Remove(vlan);
            _vlan = null;
        }

        Route(RouteMessages.LinkUp(Wire, MtuBytes), $"{Wire} MTU");
        int index = DeviceIndex(Wire);
        foreach ((AddressPrefix host, IpAddress? source) in WaysToPeers())
        {
            Tolerant(RouteMessages.RemoveRoute(index, host));
            Route(RouteMessages.Route(index, host, source), $"route to {host}");
        }

        channel.AskStatus(Operation.WriteFile, Encoding.UTF8.GetBytes("/proc/sys/net/ipv4/route/flush\0"), "1"u8.ToArray());
        _pathsChanged = false;
    }

    private IEnumerable<(AddressPrefix Host, IpAddress? Source)> WaysToPeers() =>
        from set in Sets
        from address in new[] { set.Peer, set.Remote }
        select (AddressPrefix.Host(address), address == set.Peer ? set.Target : (IpAddress?)null);
}
