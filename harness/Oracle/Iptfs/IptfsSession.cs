using Conformance.Generators.Iptfs;
using Conformance.Harness.Contract;
using Conformance.Spec.Esp;
using Conformance.Spec.Policy;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle.Iptfs;

/// <summary>One conversation in AGGFRAG mode: a pair of SAs under test that carries both inner families, and a plain tunnel as sentinel.</summary>
public sealed partial class IptfsSession : IRecordedSession, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ITarget _target;
    private readonly Keyring _keys = new();
    private readonly StepLog _steps = new();
    private readonly Peer _sentinel;
    private readonly PlainPackets[] _towardsHost;
    private readonly PlainPackets[] _fromHost;
    private readonly AggFragModel _model;
    private readonly EspScenario _scenario;
    private ulong _ivState;
    private ulong _sentinelSequence;
    private ulong _nextSequence = 1;

    private IptfsSession(ITarget target, EspScenario scenario, ulong seed)
    {
        (_target, _scenario, Seed, _ivState) = (target, scenario, seed, seed);
        UnderTest = Connection.UnderTest(scenario, seed);
        Sentinel = Connection.Sentinel(scenario with { Mode = EspMode.Tunnel, InnerIpv6 = scenario.OuterIpv6 }, seed);
        _sentinel = new Peer(Sentinel.Inbound, _keys, FreshIv, new PlainPackets(Sentinel.Plain.Remote, Sentinel.Plain.Local));
        _towardsHost = [.. Families.Select(ends => new PlainPackets(ends.Remote, ends.Protected))];
        _fromHost = [.. Families.Select(ends => new PlainPackets(ends.Protected, ends.Remote))];
        _model = new AggFragModel(scenario.Aggregation.ReorderWindowPackets);
        _wire = new AggFragWire(this, _keys);
    }

    /// <summary>The SAs under test.</summary>
    public Connection UnderTest { get; }

    /// <summary>The SAs of the sentinel.</summary>
    public Connection Sentinel { get; }

    /// <inheritdoc/>
    public TargetIdentity Target => _target.Identity;

    /// <inheritdoc/>
    public ulong Seed { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Step> Steps => _steps.Read();

    /// <inheritdoc/>
    public EspScenario? Scenario => null;

    /// <inheritdoc/>
    public IReadOnlyList<XfrmRequest> Requests => [];

    /// <inheritdoc/>
    public IReadOnlyList<SecurityAssociation> Associations => [UnderTest.Inbound, UnderTest.Outbound, Sentinel.Inbound, Sentinel.Outbound];

    private static IReadOnlyList<AddressSet> Families => [AddressPlan.Ipv4, AddressPlan.Ipv6];

    /// <summary>Empties the target and installs both connections; policies name the hosts of both families.</summary>
    /// <param name="target">The target.</param>
    /// <param name="scenario">In AGGFRAG mode.</param>
    /// <param name="seed">Keys, IVs and payloads follow from it.</param>
    /// <param name="anyRemote">True where policy admits any host behind the peer.</param>
    /// <exception cref="UnsupportedException">The target cannot do what is asked for.</exception>
    public static IptfsSession Start(ITarget target, EspScenario scenario, ulong seed, bool anyRemote = false)
    {
        if (((scenario.Needs | Capabilities.Ipv6) & ~target.Capabilities) is not Capabilities.None and var missing)
        {
            throw new UnsupportedException($"the target lacks {missing}");
        }

        IptfsSession session = new(target, scenario, seed);
        target.Reset();
        IEnumerable<Command> link = scenario.WireMtuBytes is { } mtu ? [new Command.SetWireMtu(mtu)] : [];
        foreach (Command command in session.Sentinel.Commands.Concat(session.Commands(anyRemote)).Concat(link))
        {
            switch (target.Execute(command))
            {
                case CommandOutcome.Unsupported unsupported:
                    throw new UnsupportedException(unsupported.Reason);
                case CommandOutcome.Refused when target.Observe(TimeSpan.Zero) is Observation.Died died:
                    throw new ConformanceException(FailureKind.Died, null, $"{target.Identity}: {died.How}", session);
                case CommandOutcome.Refused refused:
                    throw new UnsupportedException($"{command.GetType().Name} refused: {refused.Reason}");
            }
        }

        return session;
    }

    /// <summary>The next packets of a stream towards the host.</summary>
    public IReadOnlyList<ByteString> Packets(AggFragStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return [.. stream.Packets.Select(packet => Inner(packet.IsIpv6, packet.PayloadBytes))];
    }

    /// <summary>One packet from behind the peer to behind the target.</summary>
    public ByteString Inner(bool isIpv6, int payloadBytes) => _towardsHost[isIpv6 ? 1 : 0].Next(payloadBytes);

    /// <summary>One packet from behind the target to behind the peer.</summary>
    public ByteString Plain(bool isIpv6, int payloadBytes) => _fromHost[isIpv6 ? 1 : 0].Next(payloadBytes);

    /// <summary>The next sequence number towards the target.</summary>
    public ulong NextSequence() => _nextSequence++;

    /// <summary>The target's own counters.</summary>
    public IReadOnlyDictionary<string, long> ReadCounters() => _target.ReadCounters();

    /// <summary>Releases key schedules; the target is left as it is.</summary>
    public void Dispose() => _keys.Dispose();

    private IEnumerable<Command> Commands(bool anyRemote)
    {
        yield return new Command.InstallSa(PolicyDirection.Inbound, UnderTest.Inbound);
        yield return new Command.InstallSa(PolicyDirection.Outbound, UnderTest.Outbound);
        foreach (AddressSet ends in Families)
        {
            AddressPrefix local = AddressPrefix.Host(ends.Protected);
            AddressPrefix remote = anyRemote ? new AddressPrefix(ends.Remote, 0) : AddressPrefix.Host(ends.Remote);
            SecurityAssociation outbound = UnderTest.Outbound;
            SecurityAssociation inbound = UnderTest.Inbound;
            yield return new Command.InstallPolicy(new(PolicyDirection.Outbound, local, remote, outbound.Mode, outbound.Source, outbound.Destination, null));
            yield return new Command.InstallPolicy(new(PolicyDirection.Inbound, remote, local, inbound.Mode, inbound.Source, inbound.Destination, null));
        }
    }

    private ByteString Seal(AggFragArrival arrival)
    {
        SecurityAssociation sa = UnderTest.Inbound;

        // A payload of an unknown sub-type is sealed as it is: enclosing knows only those that have a meaning.
        EnclosedPacket enclosed = ModeEnclosure.Enclose(sa, ByteString.Adopt(new byte[4]))! with { Payload = arrival.Bytes };
        Spec.Crypto.EspProtection protection = _keys.ProtectionOf(sa);
        byte[] esp = EspPacket.Seal(
            protection, sa.Spi, new SequenceNumber(arrival.Sequence), sa.ExtendedSequenceNumbers, FreshIv(protection.IvBytes),
            enclosed.Payload.Span, enclosed.NextHeader, SealOptions.Default);
        return ByteString.Adopt(OuterDatagram.Build(sa, enclosed, esp));
    }

    private bool Forwards => _target.Capabilities.HasFlag(Capabilities.Gateway);

    private ByteString? Hopped(ByteString packet) => Forwards ? Hop.Forward(packet) : packet;

    private byte[] FreshIv(int lengthBytes)
    {
        byte[] iv = new byte[lengthBytes];
        for (int at = 0; at < lengthBytes; at++)
        {
            // SplitMix64, an octet at a time: one seed, the same IVs.
            ulong z = _ivState += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            iv[at] = (byte)(z ^ (z >> 31));
        }

        return iv;
    }

    private ConformanceException Disagreement(string? requirementId, string why)
    {
        Step last = Steps[^1];
        string direction = last.Stimulus is Stimulus.FromWire ? "-> wire" : "-> host";
        return new ConformanceException(
            FailureKind.Disagreement, requirementId,
            $"{Target}: {_scenario}{Environment.NewLine}{why}{Environment.NewLine}step {last.Number}/{Steps.Count}   {direction} {last.Description}{Environment.NewLine}"
            + $"expected   {last.Expected}{Environment.NewLine}observed   {last.Observed}",
            this);
    }
}
