using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Conformance.Harness.Targets.Linux;

/// <summary>Two connected SOCK_SEQPACKET sockets: ours, and a descriptor for a child.</summary>
internal sealed partial class SocketPair : IDisposable
{
    private const int AfUnix = 1;
    private const int SockSeqPacket = 5;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;
    private bool _childClosed;

    public SocketPair()
    {
        int[] pair = new int[2];
        if (OpenPair(AfUnix, SockSeqPacket, 0, pair) != 0 || Control(pair[0], SetDescriptorFlags, CloseOnExec) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "socketpair");
        }

        ChildDescriptor = pair[1];
        Ours = new Socket(new SafeSocketHandle(pair[0], ownsHandle: true)) { ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20 };
    }

    /// <summary>Our end.</summary>
    public Socket Ours { get; }

    /// <summary>Inherited by a child that is started before <see cref="CloseChildEnd"/>.</summary>
    public int ChildDescriptor { get; }

    /// <summary>Must follow the start of the child, so that no other child gets it and the child's end is noticed.</summary>
    public void CloseChildEnd()
    {
        if (!_childClosed)
        {
            _childClosed = true;
            Close(ChildDescriptor);
        }
    }

    public void Dispose()
    {
        CloseChildEnd();
        Ours.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenPair(int domain, int type, int protocol, [Out] int[] pair);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int fd, int command, int argument);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int fd);
}
