using System.Runtime.InteropServices;

namespace Conformance.Agent;

/// <summary>Programs of the guest that send: raw sockets that bring a header, UDP and raw sockets that do not.</summary>
internal sealed unsafe class LocalSockets
{
    private const byte Udp = 17;
    private const byte RawProtocol = 255;
    private const int SolSocket = 1;
    private const int SocketMark = 36;
    private const int SolIp = 0;
    private const int IpMtuDiscover = 10;
    private const int SolIpv6 = 41;
    private const int Ipv6MtuDiscover = 23;
    private const int AddressBytes = 28;
    private readonly Dictionary<(bool Ipv6, uint Mark), int> _withHeader = [];

    /// <summary>The packet takes the way of any packet of this host, with the flow of a raw socket; returns an errno.</summary>
    public int SendWithHeader(ReadOnlySpan<byte> packet, uint mark)
    {
        bool ipv6 = packet[0] >> 4 == 6;
        if (!_withHeader.TryGetValue((ipv6, mark), out int fd))
        {
            fd = Open(ipv6, Libc.SockRaw, RawProtocol, mark);
            _withHeader[(ipv6, mark)] = fd;
        }

        return SendTo(fd, ipv6, Destination(packet, ipv6), 0, packet);
    }

    /// <summary>A socket of the packet's protocol sends its payload between its addresses and ports; returns an errno.</summary>
    public static int Send(ReadOnlySpan<byte> packet, uint mark)
    {
        bool ipv6 = packet[0] >> 4 == 6;
        int headerBytes = ipv6 ? 40 : (packet[0] & 0x0f) * 4;
        byte protocol = packet[ipv6 ? 6 : 9];
        ReadOnlySpan<byte> source = ipv6 ? packet.Slice(8, 16) : packet.Slice(12, 4);
        ReadOnlySpan<byte> payload = packet[headerBytes..];
        if (protocol == Udp)
        {
            int udp = Open(ipv6, Libc.SockDatagram, 0, mark);
            int error = Bind(udp, ipv6, source, ReadPort(payload));
            error = error != 0 ? error : SendTo(udp, ipv6, Destination(packet, ipv6), ReadPort(payload[2..]), payload[8..]);
            Libc.Close(udp);
            return error;
        }

        // Opened for this packet only: a raw socket that stays would receive too, and pass the policy check once more.
        int raw = Open(ipv6, Libc.SockRaw, protocol, mark);
        int refused = Bind(raw, ipv6, source, 0);
        refused = refused != 0 ? refused : SendTo(raw, ipv6, Destination(packet, ipv6), 0, payload);
        Libc.Close(raw);
        return refused;
    }

    private static ReadOnlySpan<byte> Destination(ReadOnlySpan<byte> packet, bool ipv6) => ipv6 ? packet.Slice(24, 16) : packet.Slice(16, 4);

    // Network order, as it goes into a socket address.
    private static ushort ReadPort(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<ushort>(bytes);

    private static int Open(bool ipv6, int type, byte protocol, uint mark)
    {
        int fd = Libc.Socket(ipv6 ? Libc.AfInet6 : Libc.AfInet, type | Libc.CloseOnExec, protocol);
        int bytesOfBuffer = 8 << 20;
        Libc.SetSocketOption(fd, SolSocket, 32, &bytesOfBuffer, 4);
        int reuse = 1;
        Libc.SetSocketOption(fd, SolSocket, 2, &reuse, 4);
        int never = 0;
        Libc.SetSocketOption(fd, ipv6 ? SolIpv6 : SolIp, ipv6 ? Ipv6MtuDiscover : IpMtuDiscover, &never, 4);
        if (mark != 0)
        {
            Libc.SetSocketOption(fd, SolSocket, SocketMark, &mark, 4);
        }

        return fd;
    }

    private static int Bind(int fd, bool ipv6, ReadOnlySpan<byte> source, ushort port)
    {
        byte* address = stackalloc byte[AddressBytes];
        int length = Fill(address, ipv6, source, port);
        return Libc.Bind(fd, address, length) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    private static int SendTo(int fd, bool ipv6, ReadOnlySpan<byte> destination, ushort port, ReadOnlySpan<byte> content)
    {
        byte* address = stackalloc byte[AddressBytes];
        int length = Fill(address, ipv6, destination, port);
        fixed (byte* bytes = content)
        {
            return Libc.SendTo(fd, bytes, content.Length, 0, address, length) < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
    }

    private static int Fill(byte* address, bool ipv6, ReadOnlySpan<byte> ip, ushort port)
    {
        new Span<byte>(address, AddressBytes).Clear();
        *(ushort*)address = (ushort)(ipv6 ? Libc.AfInet6 : Libc.AfInet);
        *(ushort*)(address + 2) = port;
        ip.CopyTo(new Span<byte>(address + (ipv6 ? 8 : 4), 16));
        return ipv6 ? AddressBytes : 16;
    }
}
