using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Conformance.Agent;

// As PID 1 of a guest kernel the channel is a network device; otherwise the descriptor that the command line names.
bool isGuest = Libc.ProcessId() == 1;
if (isGuest)
{
    Guest.MountFilesystems();
}

int fd = isGuest ? Guest.OpenDevice() : int.Parse(args[0], CultureInfo.InvariantCulture);
Channel channel = new(fd, isGuest);
Relay relay = new(channel);
try
{
    relay.Run();
}
catch (EndOfStreamException)
{
    // The host closed the channel: that is how it says goodbye.
}
catch (Exception error)
{
    // The only way to tell anybody; the host reports it as the end of the target.
    channel.Write(Operation.Dying, 0, Encoding.UTF8.GetBytes(error.ToString()));
    channel.Flush();
}

if (isGuest)
{
    Guest.PowerOff();
}

/// <summary>What a guest's first process has to do before and after.</summary>
internal static unsafe class Guest
{
    private const int GetFlags = 0x8913;
    private const int SetFlags = 0x8914;
    private const int GetIndex = 0x8933;
    private const short Up = 1;

    public static void MountFilesystems()
    {
        Mount("proc", "/proc", "proc");
        Mount("sys", "/sys", "sysfs");
        Mount("dev", "/dev", "devtmpfs");
    }

    public static int OpenDevice()
    {
        int fd = Libc.Socket(Libc.AfPacket, Libc.SockRaw | Libc.CloseOnExec, (ushort)IPAddressOrder(Protocol.EtherType));
        byte* request = stackalloc byte[40];
        new Span<byte>(request, 40).Clear();
        Encoding.ASCII.GetBytes(Protocol.DeviceName, new Span<byte>(request, 15));
        Check(Libc.Control(fd, GetFlags, request), "flags");
        *(short*)(request + 16) |= Up;
        Check(Libc.Control(fd, SetFlags, request), "up");
        Check(Libc.Control(fd, GetIndex, request), "index");
        byte* address = stackalloc byte[20];
        new Span<byte>(address, 20).Clear();
        *(ushort*)address = Libc.AfPacket;
        *(ushort*)(address + 2) = IPAddressOrder(Protocol.EtherType);
        *(int*)(address + 4) = *(int*)(request + 16);
        Check(Libc.Bind(fd, address, 20), "bind");
        Sources.EnlargeBuffer(fd);
        return fd;
    }

    public static void PowerOff() => Libc.Reboot(0x4321fedc);

    private static ushort IPAddressOrder(ushort value) => (ushort)((value >> 8) | (value << 8));

    private static void Mount(string source, string target, string type) => Check(Libc.Mount(source, target, type, 0, 0), target);

    private static void Check(int result, string what)
    {
        if (result < 0)
        {
            Console.Error.WriteLine($"agent: {what}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }
}
