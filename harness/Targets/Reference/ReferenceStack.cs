using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>The model run as an implementation: proves that the suite runs, never that the model is right.</summary>
public sealed partial class ReferenceStack : ITarget
{
    private readonly EspReceiver _receive;
    private readonly EspSender _send;
    private readonly Mutant? _mutant;
    private readonly ReferenceXfrm _linux;
    private readonly Queue<Observation> _out = new();
    private readonly Dictionary<string, long> _counters = [];
    private readonly List<(PolicyDirection Direction, SecurityAssociation Sa)> _installed = [];
    private readonly Dictionary<Spi, ByteString> _lastCiphertexts = [];
    private Keyring _inboundKeys;
    private Keyring _outboundKeys;
    private ReceiverState _receiver = ReceiverState.Empty;
    private ImmutableList<ProtectPolicy> _policies = [];
    private ImmutableDictionary<Spi, OutboundAssociation> _outbound = ImmutableDictionary<Spi, OutboundAssociation>.Empty;
    private ulong _iv;
    private bool _runsLinux;
    private readonly ReferenceGateway _gateway;
    private ushort? _vlan;

    /// <summary>Starts a stack, with one planted fault or none.</summary>
    public ReferenceStack(Mutant? mutant = null, bool offloads = false)
    {
        _offloads = offloads;
        _mutant = mutant;
        _receive = mutant?.Receive(EspReceiver.Rfc) ?? EspReceiver.Rfc;
        _send = mutant?.Send(EspSender.Rfc) ?? EspSender.Rfc;
        _linux = new ReferenceXfrm(mutant);
        _engine = mutant?.Policy(PolicyEngine.Rfc) ?? PolicyEngine.Rfc;
        _gateway = new ReferenceGateway(mutant);
        _ike = new ReferenceIke(mutant);
        Identity = new TargetIdentity("reference", mutant is null ? "" : $"with {mutant.Name}");
        (_inboundKeys, _outboundKeys) = (Keys(PolicyDirection.Inbound), Keys(PolicyDirection.Outbound));
    }

    /// <inheritdoc/>
    public TargetIdentity Identity { get; }

    /// <inheritdoc/>
    public Capabilities Capabilities => ReferenceCapabilities.All | (_offloads ? ReferenceCapabilities.Offload : Capabilities.None);

    /// <inheritdoc/>
    public void Reset()
    {
        Dispose();
        (_inboundKeys, _outboundKeys) = (Keys(PolicyDirection.Inbound), Keys(PolicyDirection.Outbound));
        _installed.Clear();
        _lastCiphertexts.Clear();
        _receiver = ReceiverState.Empty;
        _policies = [];
        ForgetPolicy();
        _outbound = ImmutableDictionary<Spi, OutboundAssociation>.Empty;
        _out.Clear();
        _linux.Reset();
        _runsLinux = false;
        _gateway.Reset();
        _vlan = null;
        ForgetAggregation();
        _ike.Reset();
        _outboundOnceNegotiated.Clear();
    }

    /// <inheritdoc/>
    public CommandOutcome Execute(Command command)
    {
        switch (command)
        {
            case Command.InstallSa install:
                Install(install.Direction, install.Sa);
                break;
            case Command.DeleteSa { Direction: PolicyDirection.Inbound } delete:
                _receiver = _receiver.Without(delete.Sa.Spi);
                break;
            case Command.DeleteSa delete:
                _outbound = _outbound.Remove(delete.Sa.Spi);
                break;
            case Command.Xfrm xfrm:
                _runsLinux = true;
                return new CommandOutcome.Answered(_linux.Apply(xfrm.Request, _out.Enqueue));
            case Command.AddAddress add:
                _linux.AddAddress(add.Address);
                _addresses.Add(add.Address);
                break;
            case Command.AddRoute add:
                _linux.AddRoute(add.Destination, add.TowardsWire, add.Source);
                break;
            case Command.InstallPolicy install:
                _policies = _policies.Add(install.Policy);
                break;
            case Command.InstallSpd install:
                _spd = _engine.Understand(install.Database);
                break;
            case Command.InstallSadEntry install:
                InstallEntry(install.Direction, install.Entry);
                break;
            case Command.SetWireMtu link:
                _gateway.LinkMtuBytes = link.Bytes;
                break;
            case Command.ConfigureIke configure:
                Configure(configure.Configuration);
                break;
            case Command.AskIke ask:
                return Ask(ask.Request);
            case Command.SetWireVlan link:
                _vlan = link.VlanId;
                break;
        }

        return new CommandOutcome.Done();
    }

    /// <inheritdoc/>
    public void Send(IReadOnlyList<Stimulus> stimuli)
    {
        foreach (Stimulus stimulus in stimuli)
        {
            if (stimulus is Stimulus.FromWire { Packet.VlanId: { } vlan } && vlan != _vlan && _mutant?.ReadsVlanTags != false)
            {
                continue;
            }

            // From the first request to databases of Linux's form until the next reset this is a Linux host.
            _runsLinux |= stimulus is Stimulus.FromSocket;
            if (_runsLinux)
            {
                _linux.Feed(stimulus, _out.Enqueue);
                continue;
            }

            switch (stimulus)
            {
                case Stimulus.FromWire wire when TakeIke(wire.Packet.Bytes):
                    break;
                case Stimulus.FromWire wire when _spd is not null:
                    ReceiveUnderPolicy(_spd, wire.Packet.Bytes);
                    break;
                case Stimulus.FromHost host when _spd is not null:
                    TransmitUnderPolicy(_spd, host.Packet.Bytes);
                    break;
                case Stimulus.FromWire wire:
                    Receive(wire.Packet.Bytes);
                    break;
                case Stimulus.FromHost host:
                    TransmitCut(host.Packet);
                    break;
                case Stimulus.AdvanceClock clock:
                    Age(clock.Span);
                    AgeIke(clock.Span);
                    break;
            }
        }

        SendQueued();
        EndPoll();
    }

    /// <inheritdoc/>
    public IReadOnlyList<Effect> Play(IReadOnlyList<Stimulus> stimuli)
    {
        List<Effect> effects = [];
        foreach (Stimulus stimulus in stimuli)
        {
            Send([stimulus]);
            effects.Add(new Effect([.. _out], ReadCounters()));
            _out.Clear();
        }

        return effects;
    }

    /// <inheritdoc/>
    public Observation? Observe(TimeSpan timeout) => !_out.TryDequeue(out Observation? observation) ? null
        : observation is Observation.ToWire { Packet: var packet } && _vlan is not null ? new Observation.ToWire(packet with { VlanId = _mutant is null ? _vlan : _mutant.TagOf(_vlan.Value) })
        : observation;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> ReadCounters() => _runsLinux ? _linux.Counters : _counters.ToDictionary();

    /// <inheritdoc/>
    public void Dispose()
    {
        _inboundKeys.Dispose();
        _outboundKeys.Dispose();
    }

    private Keyring Keys(PolicyDirection direction) =>
        _mutant is null ? new Keyring() : new Keyring((sa, right) => _mutant.Protect(direction, sa, right));

    private void Install(PolicyDirection direction, SecurityAssociation asked)
    {
        SecurityAssociation[] earlier = [.. _installed.Where(i => i.Direction == direction).Select(i => i.Sa)];
        SecurityAssociation sa = _mutant?.Install(direction, asked, earlier) ?? asked;
        _installed.Add((direction, sa));
        if (direction == PolicyDirection.Inbound)
        {
            _receiver = _receiver.With(_mutant?.Inbound(InboundAssociation.Create(sa)) ?? InboundAssociation.Create(sa));
        }
        else
        {
            _outbound = _outbound.SetItem(sa.Spi, OutboundAssociation.Create(sa));
        }
    }

    private void Count(string reason)
    {
        if (_mutant?.Counts(reason) ?? true)
        {
            _counters[reason] = _counters.GetValueOrDefault(reason) + 1;
        }
    }

    private void Receive(ByteString datagram)
    {
        ByteString whole = _gateway.Reassemble(datagram);
        _gateway.TakeNotice(whole, _outbound);
        Tell(_mutant?.Unasked(whole, outbound: false));
        ReceiveContext context = _receive.Run(_receiver, whole, _inboundKeys);
        _receiver = context.State;
        switch (context.Outcome)
        {
            case null when ReceiveStages.Found(context).Sa.Mode == EspMode.AggFrag:
                ReceiveAggregated(context);
                break;
            case null:
                Deliver(context, context.Inner);
                break;
            case ReceiveOutcome.Delivered delivered:
                Deliver(context, delivered.Inner);
                break;
            case ReceiveOutcome.Discarded discarded:
                Count(discarded.Reason.ToString());
                _isPoisoned |= discarded.Reason == DiscardReason.IntegrityFailure;
                break;
        }
    }

    private void Deliver(ReceiveContext context, ByteString inner)
    {
        if (_offloads && _mutant?.AsksPolicyAfterMerging != true && !IsAdmitted(ReceiveStages.Found(context).Sa, inner))
        {
            Count(nameof(DiscardReason.SelectorMismatch));
            return;
        }

        if (ReferenceGateway.HasUnusedEcnPair(context))
        {
            Count("UnusedEcnPair");
        }

        if (_gateway.ToHost(inner) is { } delivered)
        {
            HandOn(delivered, context);
        }
        else
        {
            Count(nameof(DiscardReason.HopLimitReached));
        }
    }

    // The entry for the packet inside names the SA that it must have come by. RFC 4301 §5.2 step 4.
    private bool IsAdmitted(SecurityAssociation sa, ByteString inner)
    {
        if (!IpPacketView.TryParse(inner.Span, out IpPacketView packet, out _))
        {
            return true;
        }

        IpAddress source = packet.Source;
        IpAddress destination = packet.Destination;
        ProtectPolicy? policy = _policies.Find(p => p.Direction == PolicyDirection.Inbound && p.Source.Contains(source) && p.Destination.Contains(destination));
        return policy is null || (policy.Mode == sa.Mode && policy.TunnelSource == sa.Source && policy.TunnelDestination == sa.Destination);
    }

    private void Transmit(ByteString plain)
    {
        if (!IpPacketView.TryParse(plain.Span, out IpPacketView packet, out _))
        {
            return;
        }

        IpAddress source = packet.Source;
        IpAddress destination = packet.Destination;
        ProtectPolicy? policy = _policies.Find(p => p.Direction == PolicyDirection.Outbound && p.Source.Contains(source) && p.Destination.Contains(destination));
        OutboundAssociation? association = policy is null ? null : _outbound.Values.FirstOrDefault(a =>
            a.Sa.Mode == policy.Mode && a.Sa.Source == policy.TunnelSource && a.Sa.Destination == policy.TunnelDestination);
        if (association is null)
        {
            // No entry, or no SA: RFC 4301 §5.1 step 3a discards.
            return;
        }

        switch (_gateway.FromHost(association.Sa, plain))
        {
            case GatewayOutcome.Passed passed when association.Sa.Mode == EspMode.AggFrag:
                Queue(association.Sa, passed.Packet);
                break;
            case GatewayOutcome.Passed passed:
                SealToWire(association, passed.Packet);
                break;
            case GatewayOutcome.Refused refused:
                Count(refused.Reason.ToString());
                Tell(_gateway.Answer(association.Sa, refused));
                break;
        }
    }

    private void Tell(ByteString? error)
    {
        if (error is { } packet)
        {
            _out.Enqueue(new Observation.ToHost(new Packet(packet)));
        }
    }

    private void SealToWire(OutboundAssociation association, ByteString plain)
    {
        if (Seal(association, plain) is not { } datagram)
        {
            return;
        }

        IReadOnlyList<ByteString> pieces = _gateway.ToWire(association.Sa, datagram);
        foreach (ByteString piece in pieces)
        {
            _out.Enqueue(new Observation.ToWire(new Packet(piece)));
        }

        Tell(pieces.Count > 1 ? _mutant?.Unasked(plain, outbound: true) : null);
    }

    private ByteString? Seal(OutboundAssociation association, ByteString plain)
    {
        (OutboundAssociation next, SendOutcome outcome) = _send.Send(association, plain, FreshIv(association.Sa), _outboundKeys);
        _outbound = _outbound.SetItem(next.Sa.Spi, next);
        switch (outcome)
        {
            case SendOutcome.Sent sent:
                EspSuite suite = next.Sa.Suite;
                _lastCiphertexts[next.Sa.Spi] = new ByteString(sent.Datagram.Span[..^suite.IcvBytes][^suite.IvBytes..]);
                return sent.Datagram;
            case SendOutcome.Refused refused:
                Count(refused.Reason.ToString());
                return null;
            default:
                return null;
        }
    }

    // A counter never repeats. CBC asks for more: what a hash makes of the counter cannot be guessed from the IV before. RFC 3602 §3.
    private ByteString FreshIv(SecurityAssociation sa)
    {
        EncryptionTransform encryption = sa.Suite.Encryption;
        byte[] iv = new byte[encryption.IvBytes];
        if (iv.Length >= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64BigEndian(iv.AsSpan(iv.Length - sizeof(ulong)), ++_iv);
        }

        if (encryption.IvRule == IvRule.Unpredictable)
        {
            SHA256.HashData([.. sa.EncryptionKey.Span, .. iv]).AsSpan(0, iv.Length).CopyTo(iv);
        }

        ByteString right = ByteString.Adopt(iv);
        return _mutant?.Iv(encryption, right, _iv, _lastCiphertexts.GetValueOrDefault(sa.Spi)) ?? right;
    }

    private void Age(TimeSpan span)
    {
        _receiver = _receiver.Aged(span);
        _gateway.Age(span);
        _prohibited = 0;
        _outbound = _outbound.ToImmutableDictionary(e => e.Key, e => e.Value with { Use = e.Value.Use with { Age = e.Value.Use.Age + span } });
    }
}
