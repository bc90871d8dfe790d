using System.Buffers.Binary;
using System.Text;
using Conformance.Agent;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Profiles.LinuxXfrm.Netlink;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Linux;

/// <summary>What makes a stack cut and merge, and what shows that it did.</summary>
internal sealed partial class LinuxNetwork
{
    /// <summary>Handle of the tap that shows what of merged packets for the host travels beside them.</summary>
    public const byte MetadataHandle = 6;

    /// <summary>Handle of the UDP sockets that tell how the host's programs get merged datagrams.</summary>
    public const byte DatagramHandle = 7;

    private const byte TapHandle = 5;

    // XFRM_MSG_NEWSA, and curlft.packets of struct xfrm_usersa_info behind a netlink header.
    private const ushort NewSa = 0x10;
    private const int UsesOffset = 16 + 168;

    // The port to which the suites send TCP and UDP.
    private const ushort DataPort = 5001;

    // TUN_F_CSUM, TSO4, TSO6, TSO_ECN; USO4, USO6 of 6.2 and later.
    private const uint CutsTcpItself = 0x0f;
    private const uint CutsUdpItself = 0x60;

    /// <summary>ESP packets that arrived at IP since the last time.</summary>
    public uint TakeEspAtIp() => BinaryPrimitives.ReadUInt32LittleEndian(channel.Ask(Operation.ReadTap, [TapHandle]).AsSpan(4));

    /// <summary>How often SAs were used, all together.</summary>
    public long CountSaUses()
    {
        byte[] dump = Netlink(XfrmRequestWriter.Write(new XfrmRequest.DumpStates()));
        long uses = 0;
        for (int at = 0; at + UsesOffset + sizeof(long) <= dump.Length; at += (BinaryPrimitives.ReadInt32LittleEndian(dump.AsSpan(at)) + 3) & ~3)
        {
            uses += BinaryPrimitives.ReadUInt16LittleEndian(dump.AsSpan(at + 4)) == NewSa ? BinaryPrimitives.ReadInt64LittleEndian(dump.AsSpan(at + UsesOffset)) : 0;
        }

        return uses;
    }

    /// <summary>True for the UDP around ESP, which a raw socket sees beside what was in it.</summary>
    public static bool IsEspInUdp(byte[] datagram) =>
        IpPacketView.TryParse(datagram, out IpPacketView view, out _) && view.Protocol == IpProtocol.Udp && view.Payload.Length >= UdpView.HeaderBytes
        && new UdpView(view.Payload).DestinationPort == NatTraversalPort;

    private void ConfigureOffload()
    {
        CutsUdp = SetOffload(CutsTcpItself | CutsUdpItself) == 0;
        Require(CutsUdp ? 0 : SetOffload(CutsTcpItself), "super-packets on a TUN device");

        // A poll in a thread of its own takes all that was written before the agent slept; else each write is a poll.
        Require(channel.AskStatus(Operation.WriteFile, Encoding.UTF8.GetBytes($"/sys/class/net/{Wire}/threaded\0"), "1"u8.ToArray()), "polls of a device in a thread");
        Require(channel.AskStatus(Operation.RunAhead, []), "a priority for the agent");
        OpenTap(Operation.OpenTap, TapHandle, TapFilter.ArrivingEsp);
        ConfigureHost();
    }

    // In transport mode the stack is the endpoint: its own super-packets enter as if forwarded, and what is merged for it is read raw.
    private void ConfigureHost()
    {
        Require(channel.AskStatus(Operation.WriteFile, Encoding.UTF8.GetBytes($"/proc/sys/net/ipv4/conf/{Host}/accept_local\0"), "1"u8.ToArray()), "packets from its own address");
        OpenTap(Operation.OpenReadingTap, MetadataHandle, TapFilter.ArrivingForTheHost);
        foreach (byte family in HasIpv6 ? new[] { AfInet, AfInet6 } : [AfInet])
        {
            Require(channel.AskStatus(Operation.OpenRaw, [RawHandle, family, IpProtocol.Tcp]), "a raw socket");
            Require(channel.AskStatus(Operation.OpenRaw, [RawHandle, family, IpProtocol.Udp]), "a raw socket");

            Require(channel.AskStatus(Operation.OpenUdpReader, [DatagramHandle, family, unchecked((byte)DataPort), DataPort >> 8]), "a UDP socket that takes merged datagrams");
        }
    }

    private void OpenTap(Operation operation, byte handle, byte[] filter)
    {
        byte[] tap = [handle, 0, 0, 0, 0, .. filter];
        BinaryPrimitives.WriteInt32LittleEndian(tap.AsSpan(1), DeviceIndex(Wire));
        Require(channel.AskStatus(operation, tap), $"a tap on {Wire}");
    }

    private int SetOffload(uint features)
    {
        byte[] body = new byte[5];
        body[0] = HostHandle;
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(1), features);
        return channel.AskStatus(Operation.SetTunOffload, body);
    }
}
