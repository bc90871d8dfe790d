using System.Diagnostics;
using System.Text;
using Conformance.Harness.Contract;
using Conformance.Harness.Processes;

namespace Conformance.Harness.Targets.Linux;

/// <summary>A User-mode Linux kernel as a child process, with the agent as its first process.</summary>
internal sealed class UmlKernel : IDisposable
{
    /// <summary>Where Debian's user-mode-linux puts the kernel.</summary>
    public const string DebianPath = "/usr/bin/linux.uml";

    private static readonly TimeSpan VersionPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BootPatience = TimeSpan.FromSeconds(60);
    private readonly GuardedProcess _process;
    private readonly StringBuilder _console = new();
    private readonly string _directory;

    private UmlKernel(GuardedProcess process, AgentChannel channel, string directory)
    {
        _process = process;
        Channel = channel;
        _directory = directory;
    }

    /// <summary>The agent inside.</summary>
    public AgentChannel Channel { get; }

    /// <summary>Kernel release.</summary>
    public string Release { get; private set; } = "";

    /// <summary>The release that a build tells without booting; null if it is no User-mode Linux.</summary>
    public static string? ReleaseOf(string kernel)
    {
        ProcessStartInfo start = new(kernel) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add("--version");
        try
        {
            using GuardedProcess guarded = Reaper.Current.Start(start);
            guarded.Process.StandardInput.Close();
            Task<string> output = guarded.Process.StandardOutput.ReadToEndAsync();
            bool ended = guarded.Process.WaitForExit(VersionPatience);
            string line = ended ? output.Result.Trim() : "";
            return line.Contains('.', StringComparison.Ordinal) && !line.Contains(' ', StringComparison.Ordinal) && char.IsAsciiDigit(line[0]) ? line : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // A file of another format, or a script without an interpreter.
            return null;
        }
    }

    /// <summary>Boots a kernel and waits for the agent.</summary>
    /// <exception cref="TargetUnavailableException">The kernel does not come up; the message has the end of its console.</exception>
    public static UmlKernel Boot(string kernel, string agent, params string[] parameters)
    {
        string directory = Reaper.Current.CreateTemporaryDirectory();
        SocketPair pair = new();
        ProcessStartInfo start = new("taskset") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        int cores = Environment.ProcessorCount;
        foreach (string argument in new[]
        {
            // One core: a kernel whose threads wander between cores takes four times as long for a system call.
            "-c", $"{cores - 1}", kernel, "mem=128M", "rootfstype=hostfs", "rootflags=/", "root=/dev/root", "ro",
            $"init={agent}", "quiet", "con=null", "con0=null,fd:1", "raid=noautodetect", $"uml_dir={directory}/",
            $"vec0:transport=fd,fd={pair.ChildDescriptor},mac=02:00:00:00:00:01,mtu={Agent.Protocol.DeviceMtuBytes}",
        }.Concat(parameters))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["TMPDIR"] = directory;
        GuardedProcess process = Reaper.Current.Start(start);
        pair.CloseChildEnd();
        UmlKernel booted = new(process, new AgentChannel(pair.Ours), directory);
        process.Process.OutputDataReceived += (_, line) => booted.Remember(line.Data);
        process.Process.ErrorDataReceived += (_, line) => booted.Remember(line.Data);
        process.Process.BeginOutputReadLine();
        process.Process.BeginErrorReadLine();
        try
        {
            booted.Release = booted.Channel.WaitUntilReady(BootPatience);
            return booted;
        }
        catch (IOException error)
        {
            string console = booted.LastConsoleLines();
            booted.Dispose();
            throw new TargetUnavailableException($"{kernel} did not boot: {error.Message}\n{console}", error);
        }
    }

    /// <summary>How the kernel ended, as far as it can be told.</summary>
    public string Obituary() => $"{Channel.Broken ?? "silent"}\n{LastConsoleLines()}";

    public void Dispose()
    {
        Channel.Dispose();
        _process.Dispose();
        Reaper.Current.DeleteTemporaryDirectory(_directory);
    }

    private string LastConsoleLines()
    {
        lock (_console)
        {
            return string.Join('\n', _console.ToString().Split('\n').TakeLast(12));
        }
    }

    private void Remember(string? line)
    {
        if (line is not null)
        {
            lock (_console)
            {
                _console.AppendLine(line);
            }
        }
    }
}
