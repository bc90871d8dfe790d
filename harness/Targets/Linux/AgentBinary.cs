using System.Diagnostics;
using System.Security.Cryptography;
using Conformance.Harness.Contract;
using Conformance.Harness.Running;

namespace Conformance.Harness.Targets.Linux;

/// <summary>The agent as a native executable, built once for each state of its sources.</summary>
internal static class AgentBinary
{
    private const string Name = "ipsec-agent";
    private static readonly string[] Compilers = ["gcc", "clang"];

    /// <summary>What is missing to build it, or null.</summary>
    public static string? Missing() =>
        Checkout.Root is null ? "the linux target works in a checkout, where the sources of its agent are"
        : Executables.Find(Compilers[0]) is null ? "the agent of the linux target is compiled to native code: apt-get install gcc libc6-dev zlib1g-dev"
        : null;

    /// <summary>Path of the executable; builds it if need be.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be built here.</exception>
    public static string Locate()
    {
        if (Missing() is { } missing)
        {
            throw new TargetUnavailableException(missing);
        }

        string sources = Path.Combine(Checkout.Root!, "harness", "Agent");
        string directory = Path.Combine(Checkout.ArtifactsDirectory, "agent", Fingerprint(sources));
        string executable = Path.Combine(directory, Name);
        if (!File.Exists(executable))
        {
            Console.Error.WriteLine("compiling the guest agent (once, about 20 s)");
            Build(sources, directory);
        }

        return executable;
    }

    private static string Fingerprint(string sources)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.GetFiles(sources).Order(StringComparer.Ordinal))
        {
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    // Built aside and moved in whole, so that two runs at once cannot see half a file.
    private static void Build(string sources, string directory)
    {
        string aside = $"{directory}.{Environment.ProcessId}";
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in new[]
        {
            "publish", Path.Combine(sources, "Conformance.Agent.csproj"), "-c", "Release", "-p:PublishAot=true",
            $"-p:ArtifactsPath={aside}.build", "-o", aside, "-v", "q", "--nologo",
        })
        {
            start.ArgumentList.Add(argument);
        }

        using Process build = Process.Start(start) ?? throw new TargetUnavailableException("dotnet publish did not start");
        Task<string> errors = build.StandardError.ReadToEndAsync();
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        if (build.ExitCode != 0)
        {
            throw new TargetUnavailableException($"the guest agent does not build (needs gcc, libc6-dev, zlib1g-dev):\n{output}{errors.Result}");
        }

        Directory.CreateDirectory(directory);
        File.Move(Path.Combine(aside, Name), Path.Combine(directory, Name), overwrite: true);
        Directory.Delete(aside, recursive: true);
        Directory.Delete($"{aside}.build", recursive: true);
    }
}

/// <summary>Looks programs up as a shell does.</summary>
internal static class Executables
{
    /// <summary>Full path of a program in PATH, or null.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(File.Exists);

    /// <summary>Why a file is no program of this machine, or null.</summary>
    public static string? Fault(string path)
    {
        if (!File.Exists(path))
        {
            return Directory.Exists(path) ? "is a directory" : "is not there";
        }

        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Execute) == 0)
        {
            return "is not executable";
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> magic = stackalloc byte[4];
            return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("\u007fELF"u8)
                ? null
                : "is no ELF program";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {error.Message}";
        }
    }
}
