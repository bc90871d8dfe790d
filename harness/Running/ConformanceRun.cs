using System.Globalization;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Harness.Reporting;
using Conformance.Harness.Targets;
using Conformance.Spec.Requirements;

namespace Conformance.Harness.Running;

/// <summary>One run of the suite: the target, the seed, the directory of journal and findings.</summary>
/// <remarks>The suite runs in one process against one target, test after test.</remarks>
public sealed class ConformanceRun : IDisposable
{
    /// <summary>Environment variable with the seed of the run; decimal or 0x….</summary>
    public const string SeedVariable = "IPSEC_SEED";

    /// <summary>Environment variable with the directory of the run.</summary>
    public const string DirectoryVariable = "IPSEC_OUT";

    private static readonly Lazy<ConformanceRun> Lazy = new(FromEnvironment);
    private readonly Journal _journal;
    private readonly TargetHolder _target;
    private readonly TargetHolder[] _offloading;
    private readonly TargetHolder _ethernet;
    private int _findings;

    private ConformanceRun(TargetSpec spec, ulong seed, string directory)
    {
        Spec = spec;
        Seed = seed;
        Directory = directory;
        _journal = new Journal(directory);
        _target = new TargetHolder(() => TargetCatalogue.Open(spec));
        _offloading =
        [
            new TargetHolder(() => TargetCatalogue.Open(spec with { NetworkOffload = true })),
            new TargetHolder(() => TargetCatalogue.Open(spec with { NetworkOffload = true, EspOffload = spec.Name == "linux" })),
            new TargetHolder(() => TargetCatalogue.Open(spec with { NetworkOffload = true, EthernetWire = spec.Name == "linux" })),
            new TargetHolder(() => TargetCatalogue.Open(spec with { NetworkOffload = true, EspOffload = spec.Name == "linux", EthernetWire = spec.Name == "linux" })),
        ];
        _ethernet = new TargetHolder(() => TargetCatalogue.Open(spec with { EthernetWire = spec.Name == "linux" }));
        Deviations = Deviations.For(spec);
    }

    /// <summary>The run of this process, made from the environment at first use.</summary>
    public static ConformanceRun Current => Lazy.Value;

    /// <summary>True once <see cref="Current"/> was used.</summary>
    public static bool HasStarted => Lazy.IsValueCreated;

    /// <summary>How the target is started.</summary>
    public TargetSpec Spec { get; }

    /// <summary>Everything random follows from it.</summary>
    public ulong Seed { get; }

    /// <summary>Where journal and findings go.</summary>
    public string Directory { get; }

    /// <summary>The listed deviations of the target.</summary>
    public Deviations Deviations { get; }

    /// <summary>The target, started at first use.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had here.</exception>
    public ITarget Target => _target.Target;

    /// <summary>The same stack with super-packets and merging: a boot without ESP offload where it can be left out, or one with it.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had here.</exception>
    public ITarget Offloading(bool withEspOffload, bool overEthernet = false) => _offloading[(withEspOffload ? 1 : 0) + (overEthernet ? 2 : 0)].Target;

    /// <summary>The same stack with an Ethernet device on its wire side, where it can be had so.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had here.</exception>
    public ITarget OverEthernet => _ethernet.Target;

    /// <summary>Name and version of the target as it last started; null while it never did.</summary>
    public TargetIdentity? Identity => _target.Identity;

    /// <summary>Ends a target that broke, so that the next test gets a new one.</summary>
    public void Restart()
    {
        _target.Restart();
        Array.ForEach([.. _offloading, _ethernet], holder => holder.Restart());
    }

    /// <summary>The seed of one test: the same whatever else runs.</summary>
    public ulong SeedOf(string test)
    {
        // FNV-1a, so that the seed does not depend on the process as string.GetHashCode does.
        ulong hash = 14695981039346656037;
        foreach (char c in test)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return hash ^ Seed;
    }

    /// <summary>Stores a failed session; returns the directory of the finding.</summary>
    public string Store(ConformanceException failure, IRecordedSession session, string requirement, string test) =>
        FindingStore.Write(Directory, Interlocked.Increment(ref _findings), Finding.From(failure, session, Spec, Seed, requirement, test), session);

    /// <summary>Writes a verdict to the journal.</summary>
    public void Record(TestVerdict verdict) => _journal.Append("verdict", verdict);

    /// <summary>Ends the target and closes the journal.</summary>
    public void Dispose()
    {
        _target.Dispose();
        Array.ForEach([.. _offloading, _ethernet], holder => holder.Dispose());
        _journal.Dispose();
    }

    private static ConformanceRun FromEnvironment()
    {
        TargetSpec spec = TargetSpec.FromEnvironment();
        ulong seed = ParseSeed(Environment.GetEnvironmentVariable(SeedVariable)) ?? 1;
        string directory = Environment.GetEnvironmentVariable(DirectoryVariable) is { Length: > 0 } given
            ? given
            : Path.Combine(Checkout.ArtifactsDirectory, "runs", $"{spec.Name}-{Environment.ProcessId}");
        ConformanceRun run = new(spec, seed, directory);
        run._journal.Append("run", new { target = spec, seed, catalogue = RequirementCatalogue.All.Count });
        return run;
    }

    /// <summary>Reads a seed; null when it is empty.</summary>
    /// <exception cref="FormatException">It is no number.</exception>
    public static ulong? ParseSeed(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        bool hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(hex ? text[2..] : text, hex ? NumberStyles.HexNumber : NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
            ? seed
            : throw new FormatException($"seed «{text}» is no number");
    }
}
