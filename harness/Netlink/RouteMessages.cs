using System.Buffers.Binary;
using Conformance.Spec.Policy;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Harness.Netlink;

/// <summary>The few NETLINK_ROUTE requests that a guest's two devices need (linux/rtnetlink.h).</summary>
internal static class RouteMessages
{
    /// <summary>Netlink protocol number.</summary>
    public const byte Protocol = 0;

    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort NewAddress = 20;
    private const ushort NewRoute = 24;
    private const ushort DeleteRoute = 25;
    private const byte AfInet = 2;
    private const byte AfInet6 = 10;
    private const uint InterfaceUp = 1;
    private const uint InterfaceNoArp = 0x80;
    private const byte AddressNoDad = 0x02;
    private const ushort InterfaceName = 3;
    private const ushort InterfaceMtu = 4;
    private const ushort InterfaceLink = 5;
    private const ushort InterfaceTransmitQueue = 13;
    private const ushort InterfaceLinkInfo = 18;
    private const ushort LinkInfoKind = 1;
    private const ushort LinkInfoData = 2;
    private const ushort VlanId = 1;
    private const ushort AddressLocal = 2;
    private const ushort AddressPeer = 1;
    private const ushort RouteDestination = 1;
    private const ushort RouteDevice = 4;
    private const ushort RoutePreferredSource = 7;

    private const NetlinkFlags Change = NetlinkFlags.Request | NetlinkFlags.Acknowledge;
    private const NetlinkFlags New = Change | NetlinkFlags.Create | NetlinkFlags.AttributesOrExclusive;

    /// <summary>Brings a device up, by name.</summary>
    public static byte[] LinkUp(string device, uint? mtuBytes)
    {
        byte[] link = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(link.AsSpan(8), InterfaceUp);
        BinaryPrimitives.WriteUInt32LittleEndian(link.AsSpan(12), InterfaceUp);
        NetlinkAttribute name = new(InterfaceName, ByteString.Adopt(System.Text.Encoding.ASCII.GetBytes(device + "\0")));

        // A burst of the tester must not be cut short by the device's queue.
        NetlinkAttribute[] attributes = mtuBytes is { } mtu
            ? [name, NetlinkAttribute.Of(InterfaceMtu, mtu), NetlinkAttribute.Of(InterfaceTransmitQueue, 20000)]
            : [name];
        return NetlinkMessage.Of(NewLink, Change, link, attributes).ToBytes();
    }

    /// <summary>Lets a device send without asking for hardware addresses (IFF_NOARP), by name.</summary>
    public static byte[] WithoutNeighbours(string device)
    {
        byte[] link = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(link.AsSpan(8), InterfaceNoArp);
        BinaryPrimitives.WriteUInt32LittleEndian(link.AsSpan(12), InterfaceNoArp);
        return NetlinkMessage.Of(NewLink, Change, link, [new(InterfaceName, ByteString.Adopt(System.Text.Encoding.ASCII.GetBytes(device + "\0")))]).ToBytes();
    }

    /// <summary>Makes a device for a VLAN of another device. Kernel: vlan_newlink.</summary>
    public static byte[] NewVlan(string device, int parentIndex, ushort id)
    {
        byte[] number = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(number, id);
        NetlinkAttribute info = NetlinkAttribute.Nest(
            InterfaceLinkInfo, new(LinkInfoKind, ByteString.Adopt("vlan\0"u8.ToArray())), NetlinkAttribute.Nest(LinkInfoData, new NetlinkAttribute(VlanId, ByteString.Adopt(number))));
        NetlinkAttribute name = new(InterfaceName, ByteString.Adopt(System.Text.Encoding.ASCII.GetBytes(device + "\0")));
        return NetlinkMessage.Of(NewLink, New, new byte[16], [name, NetlinkAttribute.Of(InterfaceLink, (uint)parentIndex), info]).ToBytes();
    }

    /// <summary>Removes a device.</summary>
    public static byte[] RemoveLink(int deviceIndex)
    {
        byte[] link = new byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(link.AsSpan(4), deviceIndex);
        return NetlinkMessage.Of(DeleteLink, Change, link, []).ToBytes();
    }

    /// <summary>Gives a device a host address.</summary>
    public static byte[] Address(int deviceIndex, IpAddress address)
    {
        byte[] header = new byte[8];
        header[0] = address.IsIpv6 ? AfInet6 : AfInet;
        header[1] = address.IsIpv6 ? (byte)128 : (byte)32;
        header[2] = AddressNoDad;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), deviceIndex);
        ByteString bytes = ByteString.Adopt(address.ToBytes());
        return NetlinkMessage.Of(NewAddress, New, header, [new(AddressLocal, bytes), new(AddressPeer, bytes)]).ToBytes();
    }

    /// <summary>Removes the route of a prefix to a device.</summary>
    public static byte[] RemoveRoute(int deviceIndex, AddressPrefix prefix)
    {
        byte[] header = new byte[12];
        header[0] = prefix.Address.IsIpv6 ? AfInet6 : AfInet;
        header[1] = (byte)prefix.LengthBits;
        header[4] = 254; // RT_TABLE_MAIN
        header[6] = 255; // RT_SCOPE_NOWHERE: whatever it has
        NetlinkAttribute destination = new(RouteDestination, ByteString.Adopt(prefix.Address.ToBytes()));
        return NetlinkMessage.Of(DeleteRoute, Change, header, [destination, NetlinkAttribute.Of(RouteDevice, (uint)deviceIndex)]).ToBytes();
    }

    /// <summary>Routes a prefix to a device; a source is what local packets without one of their own get.</summary>
    public static byte[] Route(int deviceIndex, AddressPrefix prefix, IpAddress? source)
    {
        byte[] header = new byte[12];
        header[0] = prefix.Address.IsIpv6 ? AfInet6 : AfInet;
        header[1] = (byte)prefix.LengthBits;
        header[4] = 254; // RT_TABLE_MAIN
        header[5] = 4; // RTPROT_STATIC
        header[6] = prefix.Address.IsIpv6 ? (byte)0 : (byte)253; // RT_SCOPE_UNIVERSE, RT_SCOPE_LINK
        header[7] = 1; // RTN_UNICAST
        List<NetlinkAttribute> attributes =
        [
            new(RouteDestination, ByteString.Adopt(prefix.Address.ToBytes())), NetlinkAttribute.Of(RouteDevice, (uint)deviceIndex),
        ];
        if (source is { } preferred)
        {
            attributes.Add(new NetlinkAttribute(RoutePreferredSource, ByteString.Adopt(preferred.ToBytes())));
        }

        return NetlinkMessage.Of(NewRoute, New, header, attributes).ToBytes();
    }
}
