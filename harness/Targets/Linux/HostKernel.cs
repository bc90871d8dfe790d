using System.Diagnostics;
using System.Runtime.InteropServices;
using Conformance.Harness.Contract;
using Conformance.Harness.Processes;

namespace Conformance.Harness.Targets.Linux;

/// <summary>The machine's own kernel in namespaces of our own: user, network and mount; nothing outside is touched.</summary>
internal sealed class HostKernel : IDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);
    private readonly GuardedProcess _process;

    private HostKernel(GuardedProcess process, AgentChannel channel)
    {
        _process = process;
        Channel = channel;
    }

    /// <summary>The agent inside the namespaces.</summary>
    public AgentChannel Channel { get; }

    /// <summary>Starts the agent in new namespaces and looks whether the kernel has ESP.</summary>
    /// <exception cref="TargetUnavailableException">Namespaces, TUN or ESP are missing; the message says which.</exception>
    public static LinuxTarget Open(TargetSpec spec)
    {
        string agent = AgentBinary.Locate();
        SocketPair pair = new();

        // sysfs shows the devices of the network namespace it was mounted in.
        ProcessStartInfo start = new("unshare") { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in new[]
        {
            "--user", "--map-root-user", "--net", "--mount", "/bin/sh", "-c",
            "mount -t sysfs sys /sys && exec \"$0\" \"$1\"", agent, $"{pair.ChildDescriptor}",
        })
        {
            start.ArgumentList.Add(argument);
        }

        GuardedProcess process = Reaper.Current.Start(start);
        Task<string> errors = process.Process.StandardError.ReadToEndAsync();
        pair.CloseChildEnd();
        HostKernel host = new(process, new AgentChannel(pair.Ours));
        string release;
        try
        {
            release = host.Channel.WaitUntilReady(StartPatience);
        }
        catch (IOException error)
        {
            host.Dispose();
            throw new TargetUnavailableException($"private namespaces cannot be had: {errors.Result.Trim()}", error);
        }

        return LinuxTarget.Attach(new TargetIdentity(spec.Name, release), host.Channel, host);
    }

    /// <summary>What is missing here, or null; starts and ends the namespaces to find out.</summary>
    public static string? Missing(TargetSpec spec)
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
        {
            return "this machine does not run Linux";
        }

        if (AgentBinary.Missing() is { } missing)
        {
            return missing;
        }

        try
        {
            Open(spec).Dispose();
            return null;
        }
        catch (TargetUnavailableException unavailable)
        {
            return unavailable.Message;
        }
    }

    public void Dispose()
    {
        Channel.Dispose();
        _process.Dispose();
    }
}
