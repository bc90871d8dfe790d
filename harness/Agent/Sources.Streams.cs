using System.Runtime.InteropServices;

namespace Conformance.Agent;

/// <summary>Local stream sockets, by which daemons of the guest are told what to do.</summary>
internal sealed unsafe partial class Sources
{
    private const int LongestPathBytes = 107;
    private readonly List<Source> _ended = [];

    /// <summary>Connects to a socket; returns an errno.</summary>
    public int OpenStream(byte handle, ReadOnlySpan<byte> path)
    {
        if (path.Length > LongestPathBytes)
        {
            return 36;
        }

        int fd = Libc.Socket(Libc.AfUnix, Libc.SockStream | Libc.CloseOnExec, 0);
        byte* address = stackalloc byte[LongestPathBytes + 3];
        new Span<byte>(address, LongestPathBytes + 3).Clear();
        *(ushort*)address = Libc.AfUnix;
        path.CopyTo(new Span<byte>(address + 2, LongestPathBytes));
        if (fd < 0 || Libc.Connect(fd, address, 2 + path.Length + 1) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            Libc.Close(fd);
            return error;
        }

        return Add(new Source(handle, fd, SourceKind.Stream, 0));
    }

    /// <summary>Writes all of it; returns an errno.</summary>
    public int WriteStream(byte handle, ReadOnlySpan<byte> content)
    {
        if (Stream(handle) is not { } source)
        {
            return 19;
        }

        while (content.Length > 0)
        {
            fixed (byte* bytes = content)
            {
                nint written = Libc.Send(source.Fd, bytes, content.Length, NoSignal);
                if (written < 0)
                {
                    return Marshal.GetLastPInvokeError();
                }

                content = content[(int)written..];
            }
        }

        return 0;
    }

    /// <summary>Closes a stream; returns an errno.</summary>
    public int CloseStream(byte handle)
    {
        if (Stream(handle) is not { } source)
        {
            return 19;
        }

        _all.Remove(source);
        Libc.Close(source.Fd);
        return 0;
    }

    private const int NoSignal = 0x4000;

    private Source? Stream(byte handle) => _all.Find(s => s.Kind == SourceKind.Stream && s.Handle == handle);

    private bool ReadStream(Source source, byte* buffer)
    {
        nint read = Libc.Receive(source.Fd, buffer, _buffer.Length, Libc.DontWait);
        if (read < 0 && Marshal.GetLastPInvokeError() == Libc.TryAgain)
        {
            return false;
        }

        _channel.Write(Operation.StreamBytes, 0, [source.Handle], _buffer.AsSpan(0, Math.Max(0, (int)read)));
        if (read <= 0)
        {
            _ended.Add(source);
            return false;
        }

        return true;
    }

    private void ForgetEndedStreams()
    {
        foreach (Source source in _ended)
        {
            _all.Remove(source);
            Libc.Close(source.Fd);
        }

        _ended.Clear();
    }
}
