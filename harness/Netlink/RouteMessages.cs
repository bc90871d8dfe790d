using System.Buffers.Binary;
using Conformance.Spec.Policy;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Netlink;

/// <summary>The few NETLINK_ROUTE requests that a guest's two devices need (linux/rtnetlink.h).</summary>
internal static class RouteMessages
{
    /// <summary>Netlink protocol number.</summary>
    public const byte Protocol = 0;

    private const ushort NewLink = 16;
    private const ushort NewAddress = 20;
    private const ushort NewRoute = 24;
    private const ushort DeleteRoute = 25;
    private const byte AfInet = 2;
    private const byte AfInet6 = 10;
    private const uint InterfaceUp = 1;
    private const byte AddressNoDad = 0x02;
    private const ushort InterfaceName = 3;
    private const ushort InterfaceMtu = 4;
    private const ushort InterfaceTransmitQueue = 13;
    private const ushort AddressLocal = 2;
    private const ushort AddressPeer = 1;
    private const ushort RouteDestination = 1;
    private const ushort RouteDevice = 4;
    private const ushort RoutePreferredSource = 7;

    /// <summary>Brings a device up, by name.</summary>
    public static byte[] LinkUp(string device, uint? mtuBytes)
    {
        byte[] link = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(link.AsSpan(8), InterfaceUp);
        BinaryPrimitives.WriteUInt32LittleEndian(link.AsSpan(12), InterfaceUp);
        NetlinkMessage message = new NetlinkMessage(NewLink, NetlinkMessage.RequestWithAcknowledgement)
            .Fixed(link).Attribute(InterfaceName, System.Text.Encoding.ASCII.GetBytes(device + "\0"));
        if (mtuBytes is { } mtu)
        {
            // A burst of the tester must not be cut short by the device's queue.
            message.Attribute(InterfaceMtu, mtu).Attribute(InterfaceTransmitQueue, 20000);
        }

        return message.ToBytes();
    }

    /// <summary>Gives a device a host address.</summary>
    public static byte[] Address(int deviceIndex, IpAddress address)
    {
        byte[] header = new byte[8];
        header[0] = address.IsIpv6 ? AfInet6 : AfInet;
        header[1] = address.IsIpv6 ? (byte)128 : (byte)32;
        header[2] = AddressNoDad;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), deviceIndex);
        byte[] bytes = address.ToBytes();
        return new NetlinkMessage(NewAddress, NetlinkMessage.RequestWithAcknowledgement | NetlinkMessage.CreateExclusive)
            .Fixed(header).Attribute(AddressLocal, bytes).Attribute(AddressPeer, bytes).ToBytes();
    }

    /// <summary>Removes the route of a prefix to a device.</summary>
    public static byte[] RemoveRoute(int deviceIndex, AddressPrefix prefix)
    {
        byte[] header = new byte[12];
        header[0] = prefix.Address.IsIpv6 ? AfInet6 : AfInet;
        header[1] = (byte)prefix.LengthBits;
        header[4] = 254; // RT_TABLE_MAIN
        header[6] = 255; // RT_SCOPE_NOWHERE: whatever it has
        return new NetlinkMessage(DeleteRoute, NetlinkMessage.RequestWithAcknowledgement)
            .Fixed(header).Attribute(RouteDestination, prefix.Address.ToBytes()).Attribute(RouteDevice, (uint)deviceIndex).ToBytes();
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
        NetlinkMessage message = new NetlinkMessage(NewRoute, NetlinkMessage.RequestWithAcknowledgement | NetlinkMessage.CreateExclusive)
            .Fixed(header).Attribute(RouteDestination, prefix.Address.ToBytes()).Attribute(RouteDevice, (uint)deviceIndex);
        return (source is { } preferred ? message.Attribute(RoutePreferredSource, preferred.ToBytes()) : message).ToBytes();
    }
}
