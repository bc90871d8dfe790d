using System.Diagnostics;

namespace Conformance.Harness.Processes;

/// <summary>Makes sure that nothing outlives this process, also when it is killed: child processes and temporary folders.</summary>
/// <remarks>
/// A shell in a session of its own waits on a pipe. Whatever ends this process closes the pipe; the shell then kills the
/// registered process groups, everything that carries the run's token in its environment (so that a child which was
/// started but not yet registered is found as well), and deletes the registered folders.
/// </remarks>
public sealed class Reaper
{
    private const string TokenVariable = "IPSEC_CONFORMANCE_TOKEN";

    private const string Script = """
        trap '' INT TERM HUP
        list=
        while IFS=' ' read -r op entry; do
          case $op in
            +) list="$list $entry" ;;
            -) kept=; for x in $list; do [ "$x" = "$entry" ] || kept="$kept $x"; done; list=$kept ;;
          esac
        done
        for x in $list; do case $x in group:*) kill -s KILL -- "-${x#group:}" 2>/dev/null ;; esac; done
        for e in $(grep -lszF "$1" /proc/[0-9]*/environ 2>/dev/null); do
          p=${e#/proc/}; kill -s KILL "${p%/environ}" 2>/dev/null
        done
        for x in $list; do case $x in directory:*) rm -rf -- "${x#directory:}" ;; esac; done
        """;

    private static readonly Lazy<Reaper> Lazy = new(() => new Reaper());
    private readonly Process _shell;
    private readonly string _token = $"{Environment.ProcessId}-{Guid.NewGuid():N}";

    private Reaper()
    {
        ProcessStartInfo start = new("setsid") { RedirectStandardInput = true };
        foreach (string argument in new[] { "/bin/sh", "-c", Script, "reaper", $"{TokenVariable}={_token}" })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove(TokenVariable);
        _shell = Process.Start(start) ?? throw new InvalidOperationException("the reaper did not start");
        _shell.StandardInput.AutoFlush = true;
    }

    /// <summary>The reaper of this process.</summary>
    public static Reaper Current => Lazy.Value;

    /// <summary>Starts a program in a session and process group of its own, which ends with this process at the latest.</summary>
    public GuardedProcess Start(ProcessStartInfo start)
    {
        start.ArgumentList.Insert(0, start.FileName);
        start.FileName = "setsid";
        start.Environment[TokenVariable] = _token;
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{start.ArgumentList[0]} did not start");
        Tell($"+ group:{process.Id}");
        return new GuardedProcess(process, this);
    }

    /// <summary>Makes an empty folder that is deleted with this process at the latest; in memory where the machine has such a place.</summary>
    public string CreateTemporaryDirectory()
    {
        string parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        string directory = Path.Combine(parent, $"ipsec-conformance-{Environment.ProcessId}-{Guid.NewGuid():N}");
        Tell($"+ directory:{directory}");
        Directory.CreateDirectory(directory);
        return directory;
    }

    /// <summary>Deletes a folder of <see cref="CreateTemporaryDirectory"/> now.</summary>
    public void DeleteTemporaryDirectory(string directory)
    {
        Directory.Delete(directory, recursive: true);
        Tell($"- directory:{directory}");
    }

    internal void Forget(int group) => Tell($"- group:{group}");

    private void Tell(string line)
    {
        lock (_shell)
        {
            _shell.StandardInput.WriteLine(line);
        }
    }
}
