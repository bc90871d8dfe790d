using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Conformance.Agent;

/// <summary>Counts packets that pass a filter on a device. Nothing is read: the kernel keeps the number.</summary>
internal sealed unsafe class Taps
{
    private const int InstructionBytes = 8;
    private const ushort AllProtocols = 0x0300;
    private const int SolSocket = 1;
    private const int AttachFilter = 26;
    private const int SolPacket = 263;
    private const int PacketStatistics = 6;
    private const int PacketVirtioHeader = 15;
    private readonly Dictionary<byte, int> _taps = [];

    /// <summary>Opens one that counts; errno.</summary>
    public int Open(byte handle, int device, ReadOnlySpan<byte> filter)
    {
        int error = Open(device, filter, withVirtioHeader: false, out int fd);
        _taps[handle] = fd;
        return error;
    }

    /// <summary>Opens a socket on which packets of a device come that pass a filter; errno.</summary>
    public static int Open(int device, ReadOnlySpan<byte> filter, bool withVirtioHeader, out int fd)
    {
        // Without a protocol nothing comes before the filter is in place.
        fd = Libc.Socket(Libc.AfPacket, Libc.SockRaw | Libc.NonBlocking | Libc.CloseOnExec, 0);
        if (fd < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        int on = 1;
        if (withVirtioHeader && Libc.SetSocketOption(fd, SolPacket, PacketVirtioHeader, &on, 4) < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        fixed (byte* instructions = filter)
        {
            FilterProgram program = new() { Length = (ushort)(filter.Length / InstructionBytes), Instructions = instructions };
            if (Libc.SetSocketOption(fd, SolSocket, AttachFilter, &program, sizeof(FilterProgram)) < 0)
            {
                return Marshal.GetLastPInvokeError();
            }
        }

        byte* address = stackalloc byte[20];
        new Span<byte>(address, 20).Clear();
        *(ushort*)address = Libc.AfPacket;
        *(ushort*)(address + 2) = AllProtocols;
        *(int*)(address + 4) = device;
        return Libc.Bind(fd, address, 20) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>The number since the last time, behind an errno.</summary>
    public byte[] Read(byte handle)
    {
        byte[] answer = new byte[8];
        uint* statistics = stackalloc uint[2];
        int length = 8;
        int error = !_taps.TryGetValue(handle, out int fd) ? 19
            : Libc.GetSocketOption(fd, SolPacket, PacketStatistics, statistics, &length) < 0 ? Marshal.GetLastPInvokeError() : 0;
        BinaryPrimitives.WriteInt32LittleEndian(answer, error);

        // Those for which there was no room are among them: nobody reads, so that is soon all of them.
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(4), statistics[0]);
        return answer;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public byte* Instructions;
    }
}
