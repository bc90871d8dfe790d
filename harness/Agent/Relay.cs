using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Conformance.Agent;

/// <summary>Does what messages ask for, in their order, and sends on what comes out. It knows nothing of IPsec.</summary>
internal sealed unsafe class Relay(Channel channel)
{
    private const int NetlinkError = 2;
    private const int NetlinkDone = 3;
    private const nint FinitModule = 313;
    private readonly Sources _sources = new(channel);
    private readonly LocalSockets _sockets = new();
    private readonly Taps _taps = new();
    private readonly Dictionary<byte, int> _netlink = [];
    private readonly Dictionary<string, int> _snapshots = [];
    private readonly byte[] _buffer = new byte[1 << 17];

    public void Run()
    {
        channel.Write(Operation.Ready, 0, Encoding.UTF8.GetBytes(File.ReadAllText("/proc/sys/kernel/osrelease").Trim()));
        channel.Flush();
        while (true)
        {
            bool busy = false;
            while (channel.TryReadFrame())
            {
                busy = true;
                while (channel.TryTake(out byte[] message))
                {
                    Execute((Operation)message[0], BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(1)), message.AsSpan(5));
                }

                _sources.Drain();
                channel.Flush();
            }

            busy |= _sources.Drain();
            channel.Flush();
            if (!busy)
            {
                Wait();
            }
        }
    }

    private void Wait()
    {
        int count = _sources.All.Count + 1;
        Libc.PollEntry* entries = stackalloc Libc.PollEntry[count];
        entries[0] = new Libc.PollEntry { Fd = channel.Fd, Events = Libc.PollIn };
        for (int i = 1; i < count; i++)
        {
            entries[i] = new Libc.PollEntry { Fd = _sources.All[i - 1].Fd, Events = Libc.PollIn };
        }

        Libc.Poll(entries, (uint)count, -1);
    }

    private void Execute(Operation operation, uint tag, ReadOnlySpan<byte> body)
    {
        switch (operation)
        {
            case Operation.Netlink:
                channel.Write(Operation.Answer, tag, Netlink(body[0], body[1..]));
                break;
            case Operation.OpenTun:
                Answer(tag, _sources.OpenTun(body[0], BinaryPrimitives.ReadInt16LittleEndian(body[1..]), Encoding.UTF8.GetString(body[3..])));
                break;
            case Operation.WriteTun:
                Report(operation, _sources.WriteTun(body[0], body[1..]));
                break;
            case Operation.OpenRaw:
                Answer(tag, _sources.OpenRaw(body[0], body[1] == Libc.AfInet6, body[2]));
                break;
            case Operation.SendRaw:
                Report(operation, _sockets.SendWithHeader(body, mark: 0));
                break;
            case Operation.ReadFile:
                ReadFile(tag, Encoding.UTF8.GetString(body));
                break;
            case Operation.WriteFile:
                int zero = body.IndexOf((byte)0);
                Answer(tag, WriteFile(Encoding.UTF8.GetString(body[..zero]), body[(zero + 1)..]));
                break;
            case Operation.LoadModule:
                Answer(tag, LoadModule(Encoding.UTF8.GetString(body)));
                break;
            case Operation.Barrier:
                _sources.Drain();
                Answer(tag, 0);
                break;
            case Operation.SendSocket:
                uint mark = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
                Report(operation, (body[0] & 1) != 0 ? _sockets.SendWithHeader(body[5..], mark) : LocalSockets.Send(body[5..], mark));
                break;
            case Operation.Snapshot:
                Snapshot(body[0], Encoding.UTF8.GetString(body[1..]));
                break;
            case Operation.OpenUdp:
                Answer(tag, OpenUdp(body[0] == Libc.AfInet6, BinaryPrimitives.ReadUInt16LittleEndian(body[1..]), body[3]));
                break;
            case Operation.OpenUdpReader:
                Answer(tag, _sources.OpenUdp(body[0], body[1] == Libc.AfInet6, BinaryPrimitives.ReadUInt16LittleEndian(body[2..])));
                break;
            case Operation.OpenReadingTap:
                Answer(tag, _sources.OpenTap(body[0], BinaryPrimitives.ReadInt32LittleEndian(body[1..]), body[5..]));
                break;
            case Operation.SetTunOffload:
                Answer(tag, _sources.SetTunOffload(body[0], BinaryPrimitives.ReadUInt32LittleEndian(body[1..])));
                break;
            case Operation.RunAhead:
                Answer(tag, RunAhead());
                break;
            case Operation.OpenTap:
                Answer(tag, _taps.Open(body[0], BinaryPrimitives.ReadInt32LittleEndian(body[1..]), body[5..]));
                break;
            case Operation.ReadTap:
                channel.Write(Operation.Answer, tag, _taps.Read(body[0]));
                break;
            case Operation.Mount:
                Answer(tag, Programs.Mount(body));
                break;
            case Operation.CreateFile:
                Answer(tag, Programs.CreateFile(body));
                break;
            case Operation.StartProgram:
                channel.Write(Operation.Answer, tag, Programs.Start(body));
                break;
            case Operation.EndProgram:
                Answer(tag, Programs.End(BinaryPrimitives.ReadInt32LittleEndian(body)));
                break;
            case Operation.OpenStream:
                Answer(tag, _sources.OpenStream(body[0], body[1..]));
                break;
            case Operation.WriteStream:
                Report(operation, _sources.WriteStream(body[0], body[1..]));
                break;
            case Operation.CloseStream:
                Answer(tag, _sources.CloseStream(body[0]));
                break;
            case Operation.JoinGroups:
                Answer(tag, _sources.JoinGroups(body[0], BinaryPrimitives.ReadUInt32LittleEndian(body[1..])));
                break;
            default:
                Answer(tag, 22);
                break;
        }
    }

    private void Answer(uint tag, int error)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, error);
        channel.Write(Operation.Answer, tag, bytes);
    }

    private void Report(Operation operation, int error)
    {
        if (error != 0)
        {
            Span<byte> bytes = stackalloc byte[5];
            bytes[0] = (byte)operation;
            BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], error);
            channel.Write(Operation.Failed, 0, bytes);
        }
    }

    // Reads answers until the end of a dump or an acknowledgement: requests ask for one or the other.
    private byte[] Netlink(byte protocol, ReadOnlySpan<byte> request)
    {
        if (!_netlink.TryGetValue(protocol, out int fd))
        {
            fd = Libc.Socket(Libc.AfNetlink, Libc.SockRaw | Libc.CloseOnExec, protocol);
            if (fd < 0)
            {
                return NetlinkFailure(Marshal.GetLastPInvokeError());
            }

            // SOL_NETLINK, NETLINK_EXT_ACK: reasons in words.
            int on = 1;
            Libc.SetSocketOption(fd, 270, 11, &on, 4);
            _netlink[protocol] = fd;
        }

        using MemoryStream answers = new();
        fixed (byte* bytes = request)
        {
            if (Libc.Send(fd, bytes, request.Length, 0) < 0)
            {
                return NetlinkFailure(Marshal.GetLastPInvokeError());
            }
        }

        while (true)
        {
            fixed (byte* buffer = _buffer)
            {
                nint read = Libc.Receive(fd, buffer, _buffer.Length, 0);
                if (read < 0)
                {
                    return NetlinkFailure(Marshal.GetLastPInvokeError());
                }

                answers.Write(_buffer.AsSpan(0, (int)read));
                if (IsLast(_buffer.AsSpan(0, (int)read)))
                {
                    return answers.ToArray();
                }
            }
        }
    }

    private static bool IsLast(ReadOnlySpan<byte> datagram)
    {
        while (datagram.Length >= 16)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(datagram);
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]);
            if (type is NetlinkError or NetlinkDone)
            {
                return true;
            }

            datagram = datagram[Math.Min(datagram.Length, Math.Max(16, (length + 3) & ~3))..];
        }

        return false;
    }

    private static byte[] NetlinkFailure(int error)
    {
        byte[] answer = new byte[36];
        BinaryPrimitives.WriteInt32LittleEndian(answer, answer.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(answer.AsSpan(4), NetlinkError);
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(16), -error);
        return answer;
    }

    private void ReadFile(uint tag, string path)
    {
        Span<byte> status = stackalloc byte[4];
        byte[] content = Content(path, out int error);
        BinaryPrimitives.WriteInt32LittleEndian(status, error);
        channel.Write(Operation.Answer, tag, status, content);
    }

    // Some packets go on in a work item of the kernel, which runs when the agent sleeps: a wait ends with the first thing that comes.
    private void Snapshot(byte milliseconds, string path)
    {
        if (!_sources.Drain() && milliseconds > 0)
        {
            _sources.Wait(milliseconds);
            _sources.Drain();
        }

        if (!_snapshots.TryGetValue(path, out int fd))
        {
            fd = Libc.Open(path, Libc.CloseOnExec);
            _snapshots[path] = fd;
        }

        // A file of /proc that fits into a page comes whole, and anew from its beginning each time.
        fixed (byte* buffer = _buffer)
        {
            nint read = Libc.ReadAt(fd, buffer, _buffer.Length, 0);
            channel.Write(Operation.SnapshotTaken, 0, _buffer.AsSpan(0, Math.Max(0, (int)read)));
        }
    }

    private byte[] Content(string path, out int error)
    {
        int fd = Libc.Open(path, Libc.CloseOnExec);
        error = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (fd < 0)
        {
            return [];
        }

        using MemoryStream content = new();
        fixed (byte* buffer = _buffer)
        {
            for (nint read = Libc.Read(fd, buffer, _buffer.Length); read > 0; read = Libc.Read(fd, buffer, _buffer.Length))
            {
                content.Write(_buffer.AsSpan(0, (int)read));
            }
        }

        Libc.Close(fd);
        return content.ToArray();
    }

    private static int WriteFile(string path, ReadOnlySpan<byte> content)
    {
        int fd = Libc.Open(path, 1 | Libc.CloseOnExec);
        if (fd < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        fixed (byte* bytes = content)
        {
            int error = Libc.Write(fd, bytes, content.Length) < 0 ? Marshal.GetLastPInvokeError() : 0;
            Libc.Close(fd);
            return error;
        }
    }

    private static int LoadModule(string path)
    {
        int fd = Libc.Open(path, Libc.CloseOnExec);
        if (fd < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        int error = Libc.FinitModule(FinitModule, fd, "", 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
        Libc.Close(fd);
        return error;
    }

    private static int RunAhead()
    {
        // SCHED_FIFO with the lowest of its priorities.
        int priority = 1;
        return Libc.SetScheduler(0, 1, &priority) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    private static int OpenUdp(bool ipv6, ushort port, byte flags)
    {
        int fd = Libc.Socket(ipv6 ? Libc.AfInet6 : Libc.AfInet, Libc.SockDatagram | Libc.CloseOnExec, 0);
        if (fd < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        int on = 1;
        if (ipv6)
        {
            Libc.SetSocketOption(fd, 41, 26, &on, 4);
        }

        byte* address = stackalloc byte[28];
        new Span<byte>(address, 28).Clear();
        *(ushort*)address = (ushort)(ipv6 ? Libc.AfInet6 : Libc.AfInet);
        *(ushort*)(address + 2) = (ushort)((port >> 8) | (port << 8));
        if (Libc.Bind(fd, address, ipv6 ? 28 : 16) < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        // SOL_UDP with UDP_ENCAP and UDP_ENCAP_ESPINUDP, with UDP_GRO; the socket stays open for the life of the agent.
        int espInUdp = 2;
        bool refused = ((flags & 1) != 0 && Libc.SetSocketOption(fd, 17, 100, &espInUdp, 4) < 0)
            || ((flags & 2) != 0 && Libc.SetSocketOption(fd, 17, 104, &on, 4) < 0);
        return refused ? Marshal.GetLastPInvokeError() : 0;
    }
}
