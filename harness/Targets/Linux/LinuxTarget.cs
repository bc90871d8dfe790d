using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Conformance.Agent;
using Conformance.Harness.Contract;
using Conformance.Harness.Netlink;
using Conformance.Harness.Oracle;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Harness.Targets.Linux;

/// <summary>A live Linux kernel behind the contract: XFRM by netlink, packets by TUN devices and raw sockets.</summary>
internal sealed class LinuxTarget : ITarget
{
    private const int NoSuchAlgorithm = 38;
    private const int ProtocolNotSupported = 93;
    private const int FamilyNotSupported = 97;
    private const byte WaitMilliseconds = 2;
    private const byte BurstMilliseconds = 20;
    private static readonly byte[] CountersPath = "/proc/net/xfrm_stat"u8.ToArray();
    private static readonly TimeSpan PlayPatience = TimeSpan.FromSeconds(10);
    private readonly AgentChannel _channel;
    private readonly LinuxNetwork _network;
    private readonly LinuxPolicies _policies;
    private readonly IDisposable _owner;
    private readonly Func<string> _obituary;
    private readonly Queue<Observation> _asked = new();
    private readonly HashSet<IpAddress> _endpoints =
        [AddressPlan.Ipv4.Target, AddressPlan.Ipv4Sentinel.Target, AddressPlan.Ipv6.Target, AddressPlan.Ipv6Sentinel.Target];

    private readonly bool _offloads;

    private LinuxTarget(
        TargetIdentity identity, AgentChannel channel, IDisposable owner, Func<string> obituary, bool offloads = false, bool ethernet = false)
    {
        _offloads = offloads;
        IsEthernet = ethernet;
        Identity = identity;
        _channel = channel;
        _owner = owner;
        _obituary = obituary;
        _network = new LinuxNetwork(channel, offloads, ethernet);
        _policies = new LinuxPolicies(_network);
    }

    /// <inheritdoc/>
    public TargetIdentity Identity { get; }

    /// <inheritdoc/>
    public Capabilities Capabilities { get; private set; }

    /// <inheritdoc/>
    public bool? EspOffload { get; private init; }

    /// <inheritdoc/>
    public bool? IsEthernet { get; }

    /// <summary>Boots a User-mode Linux kernel.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had here.</exception>
    public static LinuxTarget Boot(TargetSpec spec)
    {
        UmlKernel kernel = UmlKernel.Boot(Path.Combine(Running.Checkout.UserDirectory, spec.Kernel ?? UmlKernel.DebianPath), AgentBinary.Locate());
        IReadOnlyList<string> modules = KernelModules.PathsFor(kernel.Release, spec.EspOffload);
        TargetIdentity identity = new("linux", spec.EspOffload ? kernel.Release + TargetIdentity.WithEspOffload : kernel.Release);
        return Prepare(new LinuxTarget(identity, kernel.Channel, kernel, kernel.Obituary, spec.NetworkOffload, spec.EthernetWire) { EspOffload = modules.Count > 0 ? spec.EspOffload : null }, modules);
    }

    /// <summary>Takes over an agent that runs already, with its owner.</summary>
    /// <exception cref="TargetUnavailableException">The kernel lacks IPsec; the message says what.</exception>
    public static LinuxTarget Attach(TargetIdentity identity, AgentChannel channel, IDisposable owner) =>
        Prepare(new LinuxTarget(identity, channel, owner, () => channel.Broken ?? "silent"), []);

    /// <inheritdoc/>
    public void Reset()
    {
        _network.Flush();
        _network.RestorePaths();
        _policies.Forget();
        _asked.Clear();

        // Packets of the conversation before are past the barrier, or were flushed with their SA.
        _channel.AskStatus(Operation.Barrier, []);
        _channel.DropEvents();
    }

    /// <inheritdoc/>
    public CommandOutcome Execute(Command command)
    {
        switch (command)
        {
            case Command.InstallSa install:
                if (XfrmHeaderFlags.Lacking(install.Sa) is { } lacking)
                {
                    return new CommandOutcome.Unsupported(lacking);
                }

                return XfrmTranslation.Of(install.Direction, install.Sa) is { } state
                    ? Outcome(_network.Xfrm(new XfrmRequest.AddState(state)), install.Sa.Suite.ToString())
                    : new CommandOutcome.Unsupported($"XFRM has no name for {install.Sa.Suite}");
            case Command.DeleteSa { Sa: var sa }:
                return Outcome(_network.Xfrm(new XfrmRequest.DeleteState(
                    new XfrmStateKey(XfrmAddress.Of(sa.Destination), sa.Spi, XfrmFamilies.Of(sa.Destination)))), "the SA");
            case Command.Xfrm xfrm:
                return new CommandOutcome.Answered(_network.Xfrm(xfrm.Request));
            case Command.AddAddress add:
                return Outcome(_network.AddAddress(add.Address), $"address {add.Address}");
            case Command.AddRoute add:
                return Outcome(_network.AddRoute(add.Destination, add.TowardsWire, add.Source), $"route to {add.Destination}");
            case Command.InstallPolicy install:
                return Install(install.Policy);
            case Command.InstallSpd install:
                return _policies.Install(install.Database, install.KeyedByHand);
            case Command.InstallSadEntry install:
                return _policies.Install(install.Direction, install.Entry);
            case Command.SetWireMtu link:
                _network.SetWireMtu((uint)link.Bytes);
                return new CommandOutcome.Done();
            default:
                return new CommandOutcome.Unsupported(command.GetType().Name);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<CommandOutcome> ExecuteAll(IReadOnlyList<Command> commands) => commands.All(c => c is Command.Xfrm)
        ? [.. _network.XfrmAll([.. commands.Cast<Command.Xfrm>().Select(c => c.Request)]).Select(a => new CommandOutcome.Answered(a))]
        : [.. commands.Select(Execute)];

    /// <inheritdoc/>
    public void Send(IReadOnlyList<Stimulus> stimuli)
    {
        foreach (Stimulus stimulus in stimuli)
        {
            Post(stimulus);
        }

        if (_offloads)
        {
            // The poll of what was written runs when the agent sleeps: so one Send is one burst.
            _channel.Post(Operation.Snapshot, [BurstMilliseconds], CountersPath);
        }

        _channel.Flush();
    }

    /// <inheritdoc/>
    public IReadOnlyList<Effect> Play(IReadOnlyList<Stimulus> stimuli)
    {
        foreach (Stimulus stimulus in stimuli)
        {
            Post(stimulus);

            // What arrives may go on in a work item; what is sent never does.
            _channel.Post(Operation.Snapshot, [stimulus is Stimulus.FromWire ? WaitMilliseconds : (byte)0], CountersPath);
        }

        _channel.Flush();
        List<Effect> effects = [];
        List<Observation> observations = [];
        while (effects.Count < stimuli.Count)
        {
            AgentEvent next = _channel.NextEvent(PlayPatience) ?? throw new IOException(_channel.Broken ?? "the agent went silent");
            if (next.Operation == Operation.SnapshotTaken)
            {
                effects.Add(new Effect([.. observations], ReadCounters(Encoding.UTF8.GetString(next.Bytes))));
                observations.Clear();
            }
            else
            {
                observations.AddRange(Told(next, next.Handle is LinuxNetwork.RawHandle or LinuxNetwork.SocketHandle));
            }
        }

        return effects;
    }

    /// <inheritdoc/>
    public Observation? Observe(TimeSpan timeout)
    {
        while (true)
        {
            if (_asked.TryDequeue(out Observation? asked))
            {
                return asked;
            }

            AgentEvent? next = _channel.NextEvent(timeout);
            if (next is not { } happened)
            {
                return _channel.Broken is null ? null : new Observation.Died(_obituary());
            }

            if (happened.Operation == Operation.NetlinkEvent && _policies.AreInstalled)
            {
                NoteAcquires(happened.Bytes);
                continue;
            }

            // A refused write or send is what a discard looks like here: nothing comes out, and the sentinel proves it.
            if (happened.Operation == Operation.Packet && happened.Handle != LinuxNetwork.SocketHandle
                && Told(happened, isSocket: false).FirstOrDefault() is { } told)
            {
                return told;
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> ReadCounters()
    {
        Dictionary<string, long> counters = ReadCounters(_network.ReadFile("/proc/net/xfrm_stat"));
        if (_offloads)
        {
            // How many packets went to IP output: a super-packet that is cut behind ESP is one.
            string[][] lines = [.. _network.ReadFile("/proc/net/snmp").Split('\n').Where(line => line.StartsWith("Ip:", StringComparison.Ordinal)).Select(line => line.Split(' '))];
            counters["IpOutRequests"] = long.Parse(lines[1][Array.IndexOf(lines[0], "OutRequests")], CultureInfo.InvariantCulture);
            string ipv6 = _network.ReadFile("/proc/net/snmp6").Split('\n').FirstOrDefault(line => line.StartsWith("Ip6OutRequests", StringComparison.Ordinal)) ?? "Ip6OutRequests 0";
            counters["Ip6OutRequests"] = long.Parse(ipv6.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }

        return counters;
    }

    private static Dictionary<string, long> ReadCounters(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(fields => fields[0], fields => long.Parse(fields[1], CultureInfo.InvariantCulture));

    /// <summary>One XFRM message, and the datagrams of its answer as they came.</summary>
    public ByteString Netlink(NetlinkMessage message) => ByteString.Adopt(_network.Netlink(message));

    /// <inheritdoc/>
    public void Dispose() => _owner.Dispose();

    private static LinuxTarget Prepare(LinuxTarget target, IReadOnlyList<string> modules)
    {
        try
        {
            foreach (string module in modules)
            {
                // A module that is built in or refuses to load shows when an SA asks for it.
                target._channel.AskStatus(Operation.LoadModule, System.Text.Encoding.UTF8.GetBytes(module));
            }

            target._network.Configure();
            target._network.Flush();
            target.RequireEsp();
            target.Capabilities = target.Probe();
            return target;
        }
        catch (Exception error) when (error is TargetUnavailableException or IOException)
        {
            target.Dispose();
            throw new TargetUnavailableException($"{target.Identity}: {error.Message}", error);
        }
    }

    private static CommandOutcome Outcome(XfrmAnswer answer, string what) =>
        Outcome(answer is XfrmAnswer.Refused refused ? new NetlinkStatus(refused.Errno, refused.Reason) : default, what);

    private static CommandOutcome Outcome(NetlinkStatus status, string what) => status.Errno switch
    {
        0 => new CommandOutcome.Done(),
        NoSuchAlgorithm or ProtocolNotSupported or FamilyNotSupported => new CommandOutcome.Unsupported($"the kernel lacks {what} ({status})"),
        _ => new CommandOutcome.Refused(status.ToString()),
    };

    // The netlink protocol may be there without ESP: only an SA tells.
    private void RequireEsp()
    {
        SecurityAssociation sa = Connection.UnderTest(new EspScenario(), seed: 0).Inbound;
        switch (Execute(new Command.InstallSa(PolicyDirection.Inbound, sa)))
        {
            case CommandOutcome.Unsupported unsupported:
                throw new TargetUnavailableException($"the kernel takes no ESP SA: {unsupported.Reason}");
            case CommandOutcome.Refused refused:
                throw new TargetUnavailableException($"the kernel takes no ESP SA: {refused.Reason}");
        }

        _network.Flush();
    }

    private Capabilities Probe() =>
        Capabilities.EspInbound | Capabilities.EspOutbound | Capabilities.TransportMode | Capabilities.TunnelMode | Capabilities.BeetMode
        | Capabilities.Esn | Capabilities.AntiReplay | Capabilities.SequenceSeed | Capabilities.Tfc | Capabilities.Counters
        | Capabilities.LifetimePackets | Capabilities.LifetimeBytes | Capabilities.SaInstall | Capabilities.Spd | Capabilities.Acquire | Capabilities.AnyReplayWindow
        | Capabilities.Gateway | Capabilities.Fragmentation | Capabilities.Pmtu | Capabilities.Icmp | Capabilities.LinkMtu
        | Capabilities.TunnelHeaderOptions | Capabilities.HeaderProcessing
        | Capabilities.XfrmDatabases
        | (_offloads ? Capabilities.Segmentation | Capabilities.Coalescing : Capabilities.None)
        | (_network.CutsUdp ? Capabilities.UdpSegmentation : Capabilities.None)
        | (_network.HasIpv6 ? Capabilities.Ipv6 : Capabilities.None)
        | (_network.HasUdpEncapsulation ? Capabilities.UdpEncap : Capabilities.None)
        | (HasIptfs() ? Capabilities.Iptfs : Capabilities.None);

    // A mode that the kernel does not know is refused like a wrong parameter: only trying tells.
    private bool HasIptfs()
    {
        SecurityAssociation sa = Connection.UnderTest(new EspScenario { Mode = EspMode.AggFrag }, seed: 0).Inbound;
        bool taken = Execute(new Command.InstallSa(PolicyDirection.Inbound, sa)) is CommandOutcome.Done;
        _network.Flush();
        return taken;
    }

    private CommandOutcome Install(ProtectPolicy policy)
    {
        // A gateway's packets pass the fwd policies, a host's the in policies; forwarded or not depends on the mode.
        XfrmDirection[] directions = policy.Direction == PolicyDirection.Outbound ? [XfrmDirection.Out]
            : policy.Mode == EspMode.Transport ? [XfrmDirection.In]
            : [XfrmDirection.In, XfrmDirection.Forward];
        foreach (XfrmDirection direction in directions)
        {
            CommandOutcome outcome = Outcome(_network.Xfrm(new XfrmRequest.AddPolicy(XfrmTranslation.Of(policy, direction))), "the policy");
            if (outcome is not CommandOutcome.Done)
            {
                return outcome;
            }
        }

        return new CommandOutcome.Done();
    }

    private void Post(Stimulus stimulus)
    {
        switch (stimulus)
        {
            case Stimulus.FromWire wire:
                _network.NoteFromWire(wire.Packet.Bytes);
                _channel.Post(Operation.WriteTun, [LinuxNetwork.WireHandle], _network.Framed(wire.Packet.Bytes).Span);
                break;
            case Stimulus.FromHost host when IsFromEndpoint(host.Packet.Bytes):
                _channel.Post(Operation.SendRaw, host.Packet.Bytes.Span);
                break;
            case Stimulus.FromHost host:
                _channel.Post(Operation.WriteTun, [LinuxNetwork.HostHandle], _offloads ? VirtioHeader.Write(host.Packet) : host.Packet.Bytes.Span);
                break;
            case Stimulus.FromSocket socket:
                byte[] head = new byte[5];
                head[0] = socket.HeaderIncluded ? (byte)1 : (byte)0;
                BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(1), socket.Mark);
                _channel.Post(Operation.SendSocket, head, socket.Packet.Bytes.Span);
                break;
            default:
                throw new NotSupportedException($"{stimulus.GetType().Name}: this kernel has no virtual clock");
        }
    }

    private IEnumerable<Observation> Told(AgentEvent happened, bool isSocket)
    {
        switch (happened.Operation)
        {
            case Operation.Packet:
                Packet packet = _offloads && happened.Handle == LinuxNetwork.HostHandle ? VirtioHeader.Read(happened.Bytes)
                    : happened.Handle == LinuxNetwork.WireHandle ? new Packet(_network.Unframed(happened.Bytes))
                    : Packet.Adopt(happened.Bytes);
                return packet.Bytes.Length == 0 ? [] : [happened.Handle == LinuxNetwork.WireHandle ? new Observation.ToWire(packet)
                    : isSocket ? new Observation.ToSocket(packet)
                    : new Observation.ToHost(packet)];
            case Operation.Failed:
                return [new Observation.SendRefused(BinaryPrimitives.ReadInt32LittleEndian(happened.Bytes.AsSpan(1)))];
            case Operation.NetlinkEvent:
                return KernelReplies.ReadNotifications(happened.Bytes).Select(n => new Observation.Notice(n));
            default:
                return [];
        }
    }

    private void NoteAcquires(byte[] notifications)
    {
        foreach (XfrmNotification.Acquired acquired in KernelReplies.ReadNotifications(notifications).OfType<XfrmNotification.Acquired>())
        {
            _asked.Enqueue(new Observation.Acquire(XfrmTranslation.FlowOf(acquired.Acquire.Flow)));
        }
    }

    private bool IsFromEndpoint(ByteString packet) =>
        IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) && _endpoints.Contains(view.Source);
}
