using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Conformance.Agent;

/// <summary>Programs that run beside the agent, and the files that they need.</summary>
internal static unsafe class Programs
{
    private const int Killed = 9;
    private const int ReadOnly = 0;
    private const int CreateForWriting = 1 | 0x40 | 0x200;
    private const int AppendTo = 1 | 0x40 | 0x400;
    private const int FileActionsBytes = 256;
    private const uint OwnerOnly = 0x180;

    /// <summary>Mounts a filesystem of a type at a path; returns an errno.</summary>
    public static int Mount(ReadOnlySpan<byte> body)
    {
        int zero = body.IndexOf((byte)0);
        string type = Encoding.UTF8.GetString(body[..zero]);
        return Libc.Mount(type, Encoding.UTF8.GetString(body[(zero + 1)..]), type, 0, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>Writes a file, new or in the place of one; returns an errno.</summary>
    public static int CreateFile(ReadOnlySpan<byte> body)
    {
        int zero = body.IndexOf((byte)0);
        int fd = Libc.Create(Encoding.UTF8.GetString(body[..zero]), CreateForWriting | Libc.CloseOnExec, OwnerOnly);
        if (fd < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        ReadOnlySpan<byte> content = body[(zero + 1)..];
        int error = 0;
        fixed (byte* bytes = content)
        {
            error = Libc.Write(fd, bytes, content.Length) == content.Length ? 0 : Marshal.GetLastPInvokeError();
        }

        Libc.Close(fd);
        return error;
    }

    /// <summary>Starts a program; an errno and the process id.</summary>
    public static byte[] Start(ReadOnlySpan<byte> body)
    {
        byte[] texts = body.ToArray();
        int process = 0;
        int error;
        byte* actions = stackalloc byte[FileActionsBytes];
        fixed (byte* start = texts)
        {
            byte* at = start;
            string output = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(at));
            at += Encoding.UTF8.GetByteCount(output) + 1;
            nint[] arguments = Group(ref at);
            nint[] environment = Group(ref at);
            error = Libc.InitializeFileActions(actions);
            error = error != 0 ? error : Libc.AddOpen(actions, 0, "/dev/null", ReadOnly, 0);
            error = error != 0 ? error : Libc.AddOpen(actions, 1, output, AppendTo, OwnerOnly);
            error = error != 0 ? error : Libc.AddDuplicate(actions, 1, 2);
            fixed (nint* argv = arguments)
            fixed (nint* envp = environment)
            {
                error = error != 0 ? error : Libc.Spawn(&process, (byte*)arguments[0], actions, null, (byte**)argv, (byte**)envp);
            }
        }

        byte[] answer = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(answer, error);
        BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(4), process);
        return answer;
    }

    /// <summary>Ends a program at once and waits until it is gone; returns an errno.</summary>
    public static int End(int process)
    {
        int status = 0;
        return Libc.Kill(process, Killed) < 0 || Libc.WaitFor(process, &status, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    // Texts up to an empty one, and the null pointer that ends them.
    private static nint[] Group(ref byte* at)
    {
        List<nint> texts = [];
        while (*at != 0)
        {
            texts.Add((nint)at);
            at += MemoryMarshal.CreateReadOnlySpanFromNullTerminated(at).Length + 1;
        }

        at++;
        return [.. texts, 0];
    }
}
