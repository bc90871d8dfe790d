using System.Diagnostics;
using Conformance.Harness.Contract;
using Conformance.Harness.Targets.Linux;
using Conformance.Spec.Requirements;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.StrongSwan;

/// <summary>strongSwan's charon in a guest of its own, with ESP by the kernel of the guest: each conversation has a daemon that was just started.</summary>
internal sealed class StrongSwanTarget : ITarget
{
    private const Capabilities OfDaemon = Capabilities.Ike | Capabilities.IkeInitiator | Capabilities.IkeResponder | Capabilities.CreateChildSa | Capabilities.IkeRekey
        | Capabilities.IkeFragmentation | Capabilities.ChildlessIke | Capabilities.Nat;

    private const Capabilities OfKernel = Capabilities.TunnelMode | Capabilities.TransportMode | Capabilities.Ipv6 | Capabilities.UdpEncap | Capabilities.Esn | Capabilities.Gateway;
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(2);
    private readonly LinuxTarget _kernel;
    private readonly CharonProcess _charon;
    private ViciClient _vici;

    private StrongSwanTarget(LinuxTarget kernel)
    {
        _kernel = kernel;
        try
        {
            _charon = new CharonProcess(kernel.Channel);
            _vici = _charon.Restart(null);
            ViciItem.Section version = _vici.Ask("version");
            Identity = new TargetIdentity("strongswan", $"{version["version"]} on Linux {kernel.Identity.Version}");
        }
        catch (IOException error)
        {
            throw new TargetUnavailableException(error.Message, error);
        }
    }

    /// <inheritdoc/>
    public TargetIdentity Identity { get; }

    /// <inheritdoc/>
    public Capabilities Capabilities => OfDaemon | (_kernel.Capabilities & OfKernel);

    /// <summary>Boots a kernel and starts charon in it.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had here.</exception>
    public static StrongSwanTarget Boot(TargetSpec spec)
    {
        LinuxTarget kernel = LinuxTarget.BootForDaemon(spec);
        try
        {
            return new StrongSwanTarget(kernel);
        }
        catch (TargetUnavailableException)
        {
            kernel.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _charon.End();
        _kernel.Reset();
    }

    /// <inheritdoc/>
    public CommandOutcome Execute(Command command) => command switch
    {
        Command.ConfigureIke configure => Configure(configure),
        Command.AskIke ask => Ask(ask.Request),
        _ => new CommandOutcome.Unsupported($"{command.GetType().Name}: this target judges IKE"),
    };

    /// <inheritdoc/>
    public void Send(IReadOnlyList<Stimulus> stimuli) => _kernel.Send(stimuli);

    /// <inheritdoc/>
    public Observation? Observe(TimeSpan timeout) => _kernel.Observe(timeout) ?? (_charon.HasDied ? new Observation.Died($"charon ended:\n{_charon.Log()}") : null);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> ReadCounters() => _kernel.ReadCounters();

    /// <inheritdoc/>
    public void Dispose() => _kernel.Dispose();

    private CommandOutcome Configure(Command.ConfigureIke configure)
    {
        StrongSwanConfiguration configuration;
        try
        {
            configuration = StrongSwanConfiguration.Of(configure.Configuration);
        }
        catch (NotSupportedException lacking)
        {
            return new CommandOutcome.Unsupported(lacking.Message);
        }

        _vici = _charon.Restart(configuration.FragmentBytes);
        foreach (ViciBuilder secret in configuration.Secrets)
        {
            if (Refusal("load-shared", secret) is { } refusal)
            {
                return refusal;
            }
        }

        return Outcome("load-conn", configuration.Peer);
    }

    private CommandOutcome Ask(IkeRequest request)
    {
        (string Command, ViciBuilder? Message) asked = request switch
        {
            IkeRequest.Initiate => ("initiate", Started().Add("child", FirstChild())),
            IkeRequest.CreateChild create => ("initiate", Started().Add("child", create.Child)),
            IkeRequest.RekeyChild rekey => ("rekey", ById("child-id", Found(() => ChildId(rekey.Inbound)))),
            IkeRequest.RekeyIke rekey => ("rekey", ById("ike-id", Found(() => IkeId(rekey.Sa)))),
            IkeRequest.DeleteChild delete => ("terminate", ById("child-id", Found(() => ChildId(delete.Inbound)))),
            IkeRequest.DeleteIke delete => ("terminate", ById("ike-id", Found(() => IkeId(delete.Sa)))),
            _ => ("", null),
        };
        return asked.Command.Length == 0 ? new CommandOutcome.Unsupported($"VICI has no command for «{request}»")
            : asked.Message is null ? new CommandOutcome.Refused($"charon knows of no such SA: {request}")
            : Outcome(asked.Command, asked.Message);
    }

    private string? FirstChild() => _vici.List("list-conns", "list-conn") is [{ } connection, ..]
        && connection.Inner(StrongSwanConfiguration.Connection)?.Inner("children") is { Items: [var first, ..] } ? first.Name : null;

    // Commands do not wait for what they start: the other side of it is the tester.
    private static ViciBuilder Started() => new ViciBuilder().Add("ike", StrongSwanConfiguration.Connection).Add("timeout", "-1").Add("init-limits", false);

    private static ViciBuilder? ById(string name, string? id) => id is null ? null : new ViciBuilder().Add(name, id).Add("timeout", "-1");

    // The message that makes the SA may have been sent and not yet been taken: each look is a round trip to the daemon.
    private static string? Found(Func<string?> look)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string? id = look();
        while (id is null && watch.Elapsed < LookPatience)
        {
            id = look();
        }

        return id;
    }

    private string? IkeId(IkeSaName name) => Sas()
        .FirstOrDefault(sa => sa["initiator-spi"] == $"{name.Initiator.Value:x16}" && sa["responder-spi"] == $"{name.Responder.Value:x16}")?["uniqueid"];

    private string? ChildId(Spi inbound) => Sas()
        .SelectMany(sa => sa.Inner("child-sas")?.Items ?? [])
        .Select(child => child.Item).OfType<ViciItem.Section>()
        .FirstOrDefault(child => child["spi-in"] == $"{inbound.Value:x8}")?["uniqueid"];

    private IEnumerable<ViciItem.Section> Sas() => _vici.List("list-sas", "list-sa").SelectMany(event_ => event_.Items).Select(i => i.Item).OfType<ViciItem.Section>();

    private CommandOutcome Outcome(string command, ViciBuilder message) => Refusal(command, message) is { } refusal ? refusal : new CommandOutcome.Done();

    private CommandOutcome.Refused? Refusal(string command, ViciBuilder message)
    {
        try
        {
            ViciItem.Section answer = _vici.Ask(command, message);
            return answer["success"] == "yes" ? null : new CommandOutcome.Refused($"{command}: {answer["errmsg"]}");
        }
        catch (IOException error) when (_charon.HasDied)
        {
            return new CommandOutcome.Refused($"{command}: {error.Message}\n{_charon.Log()}");
        }
    }
}
