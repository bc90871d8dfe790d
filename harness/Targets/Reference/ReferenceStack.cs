using System.Buffers.Binary;
using System.Collections.Immutable;
using Conformance.Harness.Contract;
using Conformance.Harness.Oracle;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>The model run as an implementation: proves that the suite runs, never that the model is right.</summary>
public sealed class ReferenceStack : ITarget
{
    private readonly EspReceiver _receive;
    private readonly EspSender _send;
    private readonly Mutant? _mutant;
    private readonly Queue<Observation> _out = new();
    private readonly Dictionary<DiscardReason, long> _counters = [];
    private Keyring _keyring = new();
    private ReceiverState _receiver = ReceiverState.Empty;
    private ImmutableList<ProtectPolicy> _policies = [];
    private ImmutableDictionary<Spi, OutboundAssociation> _outbound = ImmutableDictionary<Spi, OutboundAssociation>.Empty;
    private ulong _iv;

    /// <summary>Starts a stack, with one planted fault or none.</summary>
    public ReferenceStack(Mutant? mutant = null)
    {
        _mutant = mutant;
        _receive = mutant?.Receive(EspReceiver.Rfc) ?? EspReceiver.Rfc;
        _send = mutant?.Send(EspSender.Rfc) ?? EspSender.Rfc;
        Identity = new TargetIdentity("reference", mutant is null ? "" : $"with {mutant.Name}");
    }

    /// <inheritdoc/>
    public TargetIdentity Identity { get; }

    /// <inheritdoc/>
    public Capabilities Capabilities => ReferenceCapabilities.All;

    /// <inheritdoc/>
    public void Reset()
    {
        _keyring.Dispose();
        _keyring = new Keyring();
        _receiver = ReceiverState.Empty;
        _policies = [];
        _outbound = ImmutableDictionary<Spi, OutboundAssociation>.Empty;
        _out.Clear();
    }

    /// <inheritdoc/>
    public CommandOutcome Execute(Command command)
    {
        switch (command)
        {
            case Command.InstallSa { Direction: PolicyDirection.Inbound } install:
                _receiver = _receiver.With(_mutant?.Inbound(InboundAssociation.Create(install.Sa)) ?? InboundAssociation.Create(install.Sa));
                break;
            case Command.InstallSa install:
                _outbound = _outbound.SetItem(install.Sa.Spi, OutboundAssociation.Create(install.Sa));
                break;
            case Command.DeleteSa { Direction: PolicyDirection.Inbound } delete:
                _receiver = _receiver.Without(delete.Sa.Spi);
                break;
            case Command.DeleteSa delete:
                _outbound = _outbound.Remove(delete.Sa.Spi);
                break;
            case Command.InstallPolicy install:
                _policies = _policies.Add(install.Policy);
                break;
        }

        return new CommandOutcome.Done();
    }

    /// <inheritdoc/>
    public void Send(IReadOnlyList<Stimulus> stimuli)
    {
        foreach (Stimulus stimulus in stimuli)
        {
            switch (stimulus)
            {
                case Stimulus.FromWire wire:
                    Receive(wire.Packet.Bytes);
                    break;
                case Stimulus.FromHost host:
                    Transmit(host.Packet.Bytes);
                    break;
                case Stimulus.AdvanceClock clock:
                    Age(clock.Span);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public Observation? Observe(TimeSpan timeout) => _out.TryDequeue(out Observation? observation) ? observation : null;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, long> ReadCounters() => _counters.ToDictionary(c => c.Key.ToString(), c => c.Value);

    /// <inheritdoc/>
    public void Dispose() => _keyring.Dispose();

    private void Receive(ByteString datagram)
    {
        (ReceiverState next, ReceiveOutcome outcome) = _receive.Receive(_receiver, datagram, _keyring);
        _receiver = next;
        switch (outcome)
        {
            case ReceiveOutcome.Delivered delivered:
                _out.Enqueue(new Observation.ToHost(new Packet(delivered.Inner)));
                break;
            case ReceiveOutcome.Discarded discarded:
                _counters[discarded.Reason] = _counters.GetValueOrDefault(discarded.Reason) + 1;
                break;
        }
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

        (OutboundAssociation next, SendOutcome outcome) = _send.Send(association, plain, FreshIv(association.Sa.Suite.IvBytes), _keyring);
        _outbound = _outbound.SetItem(next.Sa.Spi, next);
        if (outcome is SendOutcome.Sent sent)
        {
            _out.Enqueue(new Observation.ToWire(new Packet(sent.Datagram)));
        }
    }

    // A counter never repeats; encrypting it, as CBC asks for, would prove nothing about foreign stacks.
    private ByteString FreshIv(int lengthBytes)
    {
        byte[] iv = new byte[lengthBytes];
        if (lengthBytes >= sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64BigEndian(iv.AsSpan(lengthBytes - sizeof(ulong)), _mutant?.Iv(++_iv) ?? ++_iv);
        }

        return ByteString.Adopt(iv);
    }

    private void Age(TimeSpan span)
    {
        _receiver = _receiver.Aged(span);
        _outbound = _outbound.ToImmutableDictionary(e => e.Key, e => e.Value with { Use = e.Value.Use with { Age = e.Value.Use.Age + span } });
    }
}
