using System.Text.Json.Serialization;

namespace Conformance.Harness.Targets;

/// <summary>Which target a run is to judge, and how to start it; the whole of it is kept in every finding.</summary>
/// <param name="Name">Name in the target catalogue.</param>
/// <param name="Kernel">For linux: a User-mode Linux executable instead of Debian's.</param>
/// <param name="Command">For shim: the command line of the program.</param>
/// <param name="Mutant">For reference: the planted fault.</param>
/// <param name="Deviations">A file of known deviations beside the built-in ones.</param>
/// <param name="EspOffload">For linux: load the modules that put off encryption to the device and let GRO open ESP.</param>
/// <param name="NetworkOffload">Super-packets enter on the protected side, and packets may be merged after ESP: for the suites about that, and for what else is to go that way.</param>
/// <param name="EthernetWire">For linux: the wire side is an Ethernet device: for the suites to which that makes a difference.</param>
public sealed record TargetSpec(
    string Name, string? Kernel = null, string? Command = null, string? Mutant = null, string? Deviations = null, bool EspOffload = false,
    bool NetworkOffload = false, bool EthernetWire = false)
{
    /// <summary>Environment variable that names the target for <c>dotnet test</c>.</summary>
    public const string TargetVariable = "IPSEC_TARGET";

    /// <summary>Environment variable with the kernel of the linux target.</summary>
    public const string KernelVariable = "IPSEC_KERNEL";

    /// <summary>Environment variable with the command line of the shim target.</summary>
    public const string CommandVariable = "IPSEC_COMMAND";

    /// <summary>Environment variable with the planted fault of the reference target.</summary>
    public const string MutantVariable = "IPSEC_MUTANT";

    /// <summary>Environment variable with a file of known deviations.</summary>
    public const string DeviationsVariable = "IPSEC_DEVIATIONS";

    /// <summary>Environment variable that is 1 to load the ESP offload modules of the linux target.</summary>
    public const string EspOffloadVariable = "IPSEC_ESP_OFFLOAD";

    /// <summary>Environment variable that is 1 to let packets into the linux target by polls.</summary>
    public const string PollsVariable = "IPSEC_GRO";

    /// <summary>The target that needs nothing.</summary>
    public const string DefaultName = "reference";

    /// <summary>Reads the variables; unset or empty ones mean the default.</summary>
    public static TargetSpec FromEnvironment() => new(
        Read(TargetVariable) ?? DefaultName, Read(KernelVariable), Read(CommandVariable), Read(MutantVariable), Read(DeviationsVariable),
        Read(EspOffloadVariable) == On, Read(PollsVariable) == On);

    /// <summary>The same as variables for a child process.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        [TargetVariable] = Name,
        [KernelVariable] = Kernel ?? "",
        [CommandVariable] = Command ?? "",
        [MutantVariable] = Mutant ?? "",
        [DeviationsVariable] = Deviations ?? "",
        [EspOffloadVariable] = EspOffload ? On : "",
        [PollsVariable] = NetworkOffload ? On : "",
    };

    /// <summary>The options of the command line that select this target.</summary>
    public override string ToString() =>
        $"--target {Name}" + Option("--kernel", Kernel) + Option("--command", Command) + Option("--mutant", Mutant)
        + (EspOffload ? " --esp-offload" : "") + (NetworkOffload && Name == "linux" ? " --gro" : "");

    private const string On = "1";

    private static string Option(string name, string? value) => value is null ? "" : $" {name} '{value}'";

    private static string? Read(string name) => System.Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
