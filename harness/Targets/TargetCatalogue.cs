using Conformance.Harness.Contract;
using Conformance.Harness.Shim;
using Conformance.Harness.Targets.Linux;
using Conformance.Harness.Targets.Reference;
using Conformance.Harness.Targets.StrongSwan;

namespace Conformance.Harness.Targets;

/// <summary>A kind of target as a user can name it.</summary>
/// <param name="Name">What follows --target.</param>
/// <param name="What">One line.</param>
/// <param name="Open">Starts it.</param>
/// <param name="Availability">Null when it can run here, else what is missing and what to install.</param>
public sealed record TargetKind(string Name, string What, Func<TargetSpec, ITarget> Open, Func<TargetSpec, string?> Availability);

/// <summary>All targets: one line each.</summary>
public static class TargetCatalogue
{
    /// <summary>The kinds, the default first.</summary>
    public static IReadOnlyList<TargetKind> All { get; } =
    [
        new("reference", "the model itself, embedded; --mutant plants a fault", OpenReference, _ => null),
        new("linux", "a Linux kernel booted as a process; --kernel takes any User-mode Linux build", LinuxTarget.Boot, LinuxAvailability),
        new("linux-host", "the machine's own kernel, in private namespaces", HostKernel.Open, HostKernel.Missing),
        new("strongswan", "strongSwan's charon, with ESP in a Linux kernel booted as a process; its IKEv2 is judged", StrongSwanTarget.Boot, StrongSwanAvailability),
        new("shim", "any program that speaks the shim protocol; --command starts it", ShimTarget.Open,
            spec => spec.Command is null ? "give --command 'program arguments'" : null),
    ];

    /// <summary>Starts a target.</summary>
    /// <exception cref="BadInputException">No target has that name, or an option does not fit it.</exception>
    /// <exception cref="TargetUnavailableException">It cannot be had here.</exception>
    public static ITarget Open(TargetSpec spec) => Find(spec.Name).Open(spec);

    /// <summary>Checks that the options of a specification fit its target.</summary>
    /// <exception cref="BadInputException">They do not; the message says which.</exception>
    public static void Validate(TargetSpec spec)
    {
        Find(spec.Name);
        RequireOnlyFor("linux", "--kernel", spec.Name == "strongswan" ? null : spec.Kernel, spec.Name);
        RequireOnlyFor("linux", "--esp-offload", spec.EspOffload ? "" : null, spec.Name);
        RequireOnlyFor("linux", "--gro", spec.NetworkOffload && spec.Name != TargetSpec.DefaultName ? "" : null, spec.Name);
        RequireOnlyFor("shim", "--command", spec.Command, spec.Name);
        RequireOnlyFor(TargetSpec.DefaultName, "--mutant", spec.Mutant, spec.Name);
        if (spec.Name == "shim" && string.IsNullOrWhiteSpace(spec.Command))
        {
            throw new BadInputException("--target shim needs --command 'program arguments'");
        }

        Running.Deviations.For(spec);
        if (spec.Mutant is not null)
        {
            OpenReference(spec).Dispose();
        }
    }

    /// <summary>Checks that a target can be started here, as far as that shows without starting it.</summary>
    /// <exception cref="BadInputException">An option does not fit, or names what is no such thing.</exception>
    /// <exception cref="TargetUnavailableException">Something is missing; the message says what to install.</exception>
    public static void Require(TargetSpec spec)
    {
        Validate(spec);
        if (Find(spec.Name).Availability(spec) is { } missing)
        {
            throw new TargetUnavailableException(missing);
        }
    }

    /// <summary>The kind of a name.</summary>
    /// <exception cref="BadInputException">No target has that name.</exception>
    public static TargetKind Find(string name) => All.FirstOrDefault(k => k.Name == name)
        ?? throw new BadInputException($"--target: there is no target «{name}»; known: {string.Join(", ", All.Select(k => k.Name))}");

    private static void RequireOnlyFor(string target, string option, string? value, string name)
    {
        if (value is not null && name != target)
        {
            throw new BadInputException($"{option} is for --target {target}, not for {name}");
        }
    }

    private static string? LinuxAvailability(TargetSpec spec)
    {
        if (spec.Kernel is { } kernel && Executables.Fault(kernel) is { } fault)
        {
            throw new BadInputException($"--kernel: «{kernel}» {fault}");
        }

        if (spec.Kernel is { } build && UmlKernel.ReleaseOf(build) is null)
        {
            throw new BadInputException($"--kernel: «{build}» is no User-mode Linux build: it does not tell its release when asked for --version");
        }

        return spec.Kernel is null && !File.Exists(UmlKernel.DebianPath)
            ? $"{UmlKernel.DebianPath} is missing: apt-get install user-mode-linux, or give --kernel"
            : AgentBinary.Missing();
    }

    private static string? StrongSwanAvailability(TargetSpec spec) => LinuxAvailability(spec)
        ?? CharonProcess.Needed.Where(f => !File.Exists(f)).Select(f => $"{f} is missing: apt-get install charon-systemd libstrongswan-standard-plugins").FirstOrDefault();

    private static ReferenceStack OpenReference(TargetSpec spec) => spec.Mutant is null
        ? new ReferenceStack(offloads: spec.NetworkOffload)
        : new ReferenceStack(offloads: spec.NetworkOffload, mutant: MutantCatalogue.Find(spec.Mutant) ?? throw new BadInputException(
            $"--mutant: there is no mutant «{spec.Mutant}»{Nearest(spec.Mutant)}; `mutants` lists all {MutantCatalogue.All.Count}"));

    private static string Nearest(string name)
    {
        string[] near = [.. MutantCatalogue.All.Select(m => m.Name).Where(n => n.Split('-').Intersect(name.Split('-')).Any()).Take(3)];
        return near.Length == 0 ? "" : $", but {string.Join(", ", near)}";
    }
}
