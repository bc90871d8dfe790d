using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Conformance.Agent;

/// <summary>What packets and events come out of: TUN devices, raw sockets, netlink groups. Each has a handle that the host chose.</summary>
internal sealed unsafe partial class Sources
{
    private const nint TunSetInterface = 0x400454ca;
    private const nint TunSetOffload = 0x400454d0;
    private const int Ipv6HeaderBytes = 40;
    private const int SolSocket = 1;
    private const int ReceiveBufferForce = 33;
    private const int SolIpv6 = 41;
    private const int SolUdp = 17;
    private const int UdpGro = 104;
    private const int Ipv6Only = 26;
    private const int Ipv6PacketInfo = 50;
    private const int Ipv6HopLimit = 52;
    private const int Ipv6FlowInfo = 11;
    private readonly Channel _channel;
    private readonly List<Source> _all = [];
    private readonly byte[] _buffer = new byte[70000];

    public Sources(Channel channel) => _channel = channel;

    public IReadOnlyList<Source> All => _all;

    public int OpenTun(byte handle, short flags, string name)
    {
        int fd = Libc.Open("/dev/net/tun", 2 | Libc.NonBlocking | Libc.CloseOnExec);
        if (fd < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, 15));
        *(short*)(request + 16) = flags;
        return Libc.Control(fd, TunSetInterface, request) < 0 ? Marshal.GetLastPInvokeError() : Add(new Source(handle, fd, SourceKind.Tun, 0));
    }

    public int SetTunOffload(byte handle, uint features)
    {
        foreach (Source source in _all)
        {
            if (source.Kind == SourceKind.Tun && source.Handle == handle)
            {
                return Libc.Control(source.Fd, TunSetOffload, (nuint)features) < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
        }

        return 19;
    }

    public int OpenRaw(byte handle, bool ipv6, byte protocol)
    {
        int fd = Libc.Socket(ipv6 ? Libc.AfInet6 : Libc.AfInet, Libc.SockRaw | Libc.NonBlocking | Libc.CloseOnExec, protocol);
        if (fd < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        if (ipv6)
        {
            int on = 1;
            Libc.SetSocketOption(fd, SolIpv6, 49, &on, 4);
            Libc.SetSocketOption(fd, SolIpv6, 51, &on, 4);
            Libc.SetSocketOption(fd, SolIpv6, Ipv6FlowInfo, &on, 4);
        }

        EnlargeBuffer(fd);
        return Add(new Source(handle, fd, ipv6 ? SourceKind.RawIpv6 : SourceKind.RawIpv4, protocol));
    }

    /// <summary>Reads packets of a device that pass a filter, each with a virtio header in front.</summary>
    public int OpenTap(byte handle, int device, ReadOnlySpan<byte> filter)
    {
        int error = Taps.Open(device, filter, withVirtioHeader: true, out int fd);
        if (error != 0)
        {
            return error;
        }

        EnlargeBuffer(fd);
        return Add(new Source(handle, fd, SourceKind.Tap, 0));
    }

    /// <summary>Reads UDP datagrams that a program of the host would get, merged ones with the size of each.</summary>
    public int OpenUdp(byte handle, bool ipv6, ushort port)
    {
        int fd = Libc.Socket(ipv6 ? Libc.AfInet6 : Libc.AfInet, Libc.SockDatagram | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (fd < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        int on = 1;
        byte* address = stackalloc byte[28];
        new Span<byte>(address, 28).Clear();
        *(ushort*)address = (ushort)(ipv6 ? Libc.AfInet6 : Libc.AfInet);
        *(ushort*)(address + 2) = BinaryPrimitives.ReverseEndianness(port);
        if ((ipv6 && Libc.SetSocketOption(fd, SolIpv6, Ipv6Only, &on, 4) < 0) || Libc.SetSocketOption(fd, SolUdp, UdpGro, &on, 4) < 0 || Libc.Bind(fd, address, ipv6 ? 28 : 16) < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        EnlargeBuffer(fd);

        // In front of all others: what it tells explains a packet that comes by a raw socket as well.
        _all.Insert(0, new Source(handle, fd, ipv6 ? SourceKind.UdpIpv6 : SourceKind.UdpIpv4, 0));
        return 0;
    }

    public int JoinGroups(int protocol, uint groups)
    {
        int fd = Libc.Socket(Libc.AfNetlink, Libc.SockRaw | Libc.NonBlocking | Libc.CloseOnExec, protocol);
        byte* address = stackalloc byte[12];
        new Span<byte>(address, 12).Clear();
        *(ushort*)address = Libc.AfNetlink;
        *(uint*)(address + 8) = groups;
        return fd < 0 || Libc.Bind(fd, address, 12) < 0 ? Marshal.GetLastPInvokeError() : Add(new Source(0, fd, SourceKind.Netlink, 0));
    }

    public int WriteTun(byte handle, ReadOnlySpan<byte> packet)
    {
        foreach (Source source in _all)
        {
            if (source.Kind == SourceKind.Tun && source.Handle == handle)
            {
                fixed (byte* bytes = packet)
                {
                    return Libc.Write(source.Fd, bytes, packet.Length) < 0 ? Marshal.GetLastPInvokeError() : 0;
                }
            }
        }

        return 19;
    }

    /// <summary>Reads everything that is there now; true if there was anything.</summary>
    public bool Drain() => ReadReady(0);

    /// <summary>Sleeps until one of them has something, or the time is over, and reads it.</summary>
    public void Wait(int milliseconds) => ReadReady(milliseconds);

    // One system call asks all of them: in a guest each costs far more than what it does.
    private bool ReadReady(int milliseconds)
    {
        Libc.PollEntry* entries = stackalloc Libc.PollEntry[_all.Count];
        for (int i = 0; i < _all.Count; i++)
        {
            entries[i] = new Libc.PollEntry { Fd = _all[i].Fd, Events = Libc.PollIn };
        }

        if (Libc.Poll(entries, (uint)_all.Count, milliseconds) <= 0)
        {
            return false;
        }

        bool any = false;
        for (int i = 0; i < _all.Count; i++)
        {
            while ((entries[i].Returned & Libc.PollIn) != 0 && ReadOne(_all[i]))
            {
                any = true;
            }
        }

        ForgetEndedStreams();
        return any;
    }

    public static void EnlargeBuffer(int fd)
    {
        int bytes = 8 << 20;
        Libc.SetSocketOption(fd, SolSocket, ReceiveBufferForce, &bytes, 4);
    }

    private int Add(Source source)
    {
        _all.Add(source);
        return 0;
    }

    private bool ReadOne(Source source)
    {
        fixed (byte* buffer = _buffer)
        {
            if (source.Kind == SourceKind.RawIpv6)
            {
                return ReadRawIpv6(source, buffer);
            }

            if (source.Kind is SourceKind.UdpIpv4 or SourceKind.UdpIpv6)
            {
                return ReadUdp(source, buffer);
            }

            if (source.Kind == SourceKind.Stream)
            {
                return ReadStream(source, buffer);
            }

            nint read = source.Kind == SourceKind.Tun ? Libc.Read(source.Fd, buffer, _buffer.Length) : Libc.Receive(source.Fd, buffer, _buffer.Length, 0);
            if (read < 0)
            {
                return false;
            }

            ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, (int)read);
            if (source.Kind == SourceKind.Netlink)
            {
                _channel.Write(Operation.NetlinkEvent, 0, bytes);
            }
            else
            {
                _channel.Write(Operation.Packet, 0, [source.Handle], bytes);
            }

            return true;
        }
    }

    private bool ReadUdp(Source source, byte* buffer)
    {
        const int HeadBytes = 20;
        byte* from = stackalloc byte[28];
        byte* control = stackalloc byte[64];
        Libc.Vector vector = new() { Base = buffer + HeadBytes, LengthBytes = _buffer.Length - HeadBytes };
        Libc.MessageHeader message = new() { Name = from, NameBytes = 28, Vectors = &vector, VectorCount = 1, Control = control, ControlBytes = 64 };
        nint read = Libc.ReceiveMessage(source.Fd, &message, 0);
        if (read < 0)
        {
            return false;
        }

        Span<byte> head = _buffer.AsSpan(0, HeadBytes);
        head.Clear();
        (source.Kind == SourceKind.UdpIpv6 ? new ReadOnlySpan<byte>(from + 8, 16) : new ReadOnlySpan<byte>(from + 4, 4)).CopyTo(head);
        new ReadOnlySpan<byte>(from + 2, 2).CopyTo(head[16..]);
        for (nint at = 0; at + 16 <= message.ControlBytes; at += (*(nint*)(control + at) + 7) & ~(nint)7)
        {
            if (*(int*)(control + at + 8) == SolUdp && *(int*)(control + at + 12) == UdpGro)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(head[18..], (ushort)*(int*)(control + at + 16));
            }
        }

        _channel.Write(Operation.Packet, 0, [source.Handle], _buffer.AsSpan(0, HeadBytes + (int)read));
        return true;
    }

    // An IPv6 raw socket gives the payload only; the header is put together again from what comes beside it.
    private bool ReadRawIpv6(Source source, byte* buffer)
    {
        byte* from = stackalloc byte[28];
        byte* control = stackalloc byte[256];
        Libc.Vector vector = new() { Base = buffer + Ipv6HeaderBytes, LengthBytes = _buffer.Length - Ipv6HeaderBytes };
        Libc.MessageHeader message = new() { Name = from, NameBytes = 28, Vectors = &vector, VectorCount = 1, Control = control, ControlBytes = 256 };
        nint read = Libc.ReceiveMessage(source.Fd, &message, 0);
        if (read < 0)
        {
            return false;
        }

        Span<byte> header = _buffer.AsSpan(0, Ipv6HeaderBytes);
        header.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)read);
        header[6] = source.Protocol;
        new ReadOnlySpan<byte>(from + 8, 16).CopyTo(header[8..]);
        for (nint at = 0; at + 16 <= message.ControlBytes;)
        {
            nint length = *(nint*)(control + at);
            int level = *(int*)(control + at + 8);
            int type = *(int*)(control + at + 12);
            byte* data = control + at + 16;
            if (level == SolIpv6 && type == Ipv6PacketInfo)
            {
                new ReadOnlySpan<byte>(data, 16).CopyTo(header[24..]);
            }
            else if (level == SolIpv6 && type == Ipv6HopLimit)
            {
                header[7] = (byte)*(int*)data;
            }
            else if (level == SolIpv6 && type == Ipv6FlowInfo)
            {
                new ReadOnlySpan<byte>(data, 4).CopyTo(header);
            }

            at += (length + 7) & ~(nint)7;
        }

        header[0] = (byte)(0x60 | (header[0] & 0x0f));
        _channel.Write(Operation.Packet, 0, [source.Handle], _buffer.AsSpan(0, Ipv6HeaderBytes + (int)read));
        return true;
    }
}

/// <summary>How a source is read.</summary>
internal enum SourceKind
{
    Tun,
    RawIpv4,
    RawIpv6,
    Netlink,
    Tap,
    UdpIpv4,
    UdpIpv6,
    Stream,
}

/// <summary>One descriptor to read from.</summary>
internal sealed record Source(byte Handle, int Fd, SourceKind Kind, byte Protocol);
