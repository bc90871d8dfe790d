using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Conformance.Agent;
using Conformance.Harness.Contract;
using Conformance.Harness.Netlink;
using Conformance.Harness.Oracle;
using Conformance.Spec.Offload;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Netlink;

namespace Conformance.Harness.Targets.Linux;

/// <summary>A live Linux kernel behind the contract: XFRM by netlink, packets by TUN devices and raw sockets.</summary>
internal sealed partial class LinuxTarget : ITarget
{
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
    private readonly Dictionary<ByteString, PacketOffload> _beside = [];
    private readonly Dictionary<ByteString, PacketOffload> _datagrams = [];
    private long _espAtIp;

    private LinuxTarget(
        TargetIdentity identity, AgentChannel channel, IDisposable owner, Func<string> obituary, bool offloads = false, bool ethernet = false, bool hasDaemon = false)
    {
        _offloads = offloads;
        IsEthernet = ethernet;
        Identity = identity;
        _channel = channel;
        _owner = owner;
        _obituary = obituary;
        _network = new LinuxNetwork(channel, offloads, identity.Version.Split(' ')[0], ethernet, hasDaemon);
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

    /// <summary>The way to the guest, for daemons beside it.</summary>
    public AgentChannel Channel => _channel;

    /// <summary>Boots a User-mode Linux kernel.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had here.</exception>
    public static LinuxTarget Boot(TargetSpec spec) => Boot(spec, hasDaemon: false);

    /// <summary>Boots a User-mode Linux kernel in which a daemon owns the databases and the ports of IKE.</summary>
    /// <exception cref="TargetUnavailableException">It cannot be had here.</exception>
    public static LinuxTarget BootForDaemon(TargetSpec spec) => Boot(spec, hasDaemon: true);

    private static LinuxTarget Boot(TargetSpec spec, bool hasDaemon)
    {
        // Buffers that are zero when they are new, as many distributions have them: what a kernel reads there is the same each time.
        string[] parameters = spec.NetworkOffload ? ["init_on_alloc=1"] : [];
        UmlKernel kernel = UmlKernel.Boot(Path.Combine(Running.Checkout.UserDirectory, spec.Kernel ?? UmlKernel.DebianPath), AgentBinary.Locate(), parameters);
        IReadOnlyList<string> modules = KernelModules.PathsFor(kernel.Release, spec.EspOffload);
        TargetIdentity identity = new("linux", spec.EspOffload ? kernel.Release + TargetIdentity.WithEspOffload : kernel.Release);
        return Prepare(new LinuxTarget(identity, kernel.Channel, kernel, kernel.Obituary, spec.NetworkOffload, spec.EthernetWire, hasDaemon) { EspOffload = modules.Count > 0 ? spec.EspOffload : null }, modules);
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
        _beside.Clear();
        _datagrams.Clear();

        // Packets of the conversation before are past the barrier, or were flushed with their SA.
        _channel.AskStatus(Operation.Barrier, []);
        _channel.DropEvents();
    }

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
    public IReadOnlyDictionary<string, long> ReadCounters() => ReadCounters(_network.ReadFile("/proc/net/xfrm_stat"));

    /// <inheritdoc/>
    public WaySigns? ReadWay() => _offloads ? new WaySigns(_network.CountSaUses(), _espAtIp += _network.TakeEspAtIp()) : null;

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
        | (IsEthernet == true ? Capabilities.VlanTags : Capabilities.None)
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

    private void Post(Stimulus stimulus)
    {
        switch (stimulus)
        {
            case Stimulus.FromWire wire:
                _network.NoteFromWire(wire.Packet.Bytes);
                _channel.Post(Operation.WriteTun, [LinuxNetwork.WireHandle], _network.Framed(wire.Packet).Span);
                break;
            case Stimulus.FromHost host when IsFromEndpoint(host.Packet.Bytes) && host.Packet.Offload != PacketOffload.None:
                // No socket takes a super-packet as it is. It enters as one to be forwarded, with a hop to spare.
                _channel.Post(Operation.WriteTun, [LinuxNetwork.HostHandle], VirtioHeader.Write(host.Packet with { Bytes = WithAHopToSpare(host.Packet.Bytes) }));
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

    private static ByteString WithAHopToSpare(ByteString packet)
    {
        byte[] bytes = packet.ToArray();
        bytes[bytes[0] >> 4 == 6 ? 7 : 8]++;
        IpPackets.FinishHeader(bytes);
        return ByteString.Adopt(bytes);
    }

    private bool IsFromEndpoint(ByteString packet) =>
        IpPacketView.TryParse(packet.Span, out IpPacketView view, out _) && _endpoints.Contains(view.Source);
}
