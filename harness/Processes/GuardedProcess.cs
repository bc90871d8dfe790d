using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Conformance.Harness.Processes;

/// <summary>A child in a process group of its own; disposing it ends the whole group.</summary>
public sealed partial class GuardedProcess : IDisposable
{
    private const int Kill = 9;
    private const int NoSuchProcess = 3;
    private readonly Reaper _reaper;
    private readonly int _group;
    private bool _ended;

    internal GuardedProcess(Process process, Reaper reaper)
    {
        Process = process;
        _reaper = reaper;
        _group = process.Id;
    }

    /// <summary>The child.</summary>
    public Process Process { get; }

    /// <summary>Ends the group, if it has not ended by itself.</summary>
    /// <exception cref="Win32Exception">The group cannot be signalled.</exception>
    public void Dispose()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        if (SendSignal(-_group, Kill) != 0 && Marshal.GetLastPInvokeError() is var error && error != NoSuchProcess)
        {
            throw new Win32Exception(error, $"process group {_group} cannot be ended");
        }

        Process.WaitForExit();
        _reaper.Forget(_group);
        Process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int pid, int signal);
}
