using System.Collections.Immutable;
using Conformance.Generators.Ike;
using Conformance.Spec.Crypto.Ike;
using Conformance.Spec.Crypto.Ike.Keys;
using Conformance.Spec.Ike.Configuration;
using Conformance.Spec.Ike.Cryptography;
using Conformance.Spec.Ike.Machine;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;
using Conformance.Spec.Wire.Ike;
using Conformance.Spec.Wire.Ike.Registries;
using Conformance.Spec.Wire.Ike.Views;

namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>One small fault of the embedded target's IKE: in what it sends, in what it takes, in what it decides.</summary>
/// <param name="Name">What a user types after --mutant.</param>
/// <param name="Requirement">The clause that it breaks.</param>
/// <param name="Story">How an implementation comes to it.</param>
public sealed record IkeFault(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <summary>Further clauses that it breaks.</summary>
    public ImmutableArray<string> Also { get; init; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => Also;

    /// <summary>A message as it leaves, with the IKE SA by whose keys it is sealed.</summary>
    public Func<EditableMessage, IkeSa?, EditableMessage>? Sends { get; init; }

    /// <summary>A message as it is understood; null where it is dropped.</summary>
    public Func<EditableMessage, EditableMessage?>? Takes { get; init; }

    /// <summary>The bytes of a message as they are understood; null where they are dropped.</summary>
    public Func<ByteString, ByteString?>? TakesBytes { get; init; }

    /// <summary>What it understands of what it is told.</summary>
    public Func<IkeConfiguration, IkeConfiguration>? Told { get; init; }

    /// <summary>Its decisions.</summary>
    public IkeRules? Rules { get; init; }

    /// <summary>What computes for it; a new one for each configuration.</summary>
    public Func<IIkeCryptography, IIkeCryptography>? Computes { get; init; }

    /// <summary>A whole step.</summary>
    public Func<IkeMachine, IkePeer, IkeEvent, IkeOutcome>? Steps { get; init; }

    /// <summary>When it sends again, given how often it has sent.</summary>
    public Func<int, TimeSpan?, TimeSpan?>? Pauses { get; init; }

    /// <summary>An IP packet as it leaves.</summary>
    public Func<ByteString, ByteString>? Packet { get; init; }

    /// <summary>True where it seals with the keys by which it opens.</summary>
    public bool HasKeysTheWrongWay { get; init; }

    /// <summary>True where SAs and policies carry whatever comes.</summary>
    public bool Widened { get; init; }

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => Widened ? engine with { Selectors = _ => SelectorSet.Any } : engine;

    /// <inheritdoc/>
    public override IkeConfiguration Ike(IkeConfiguration configuration) => Told?.Invoke(configuration) ?? configuration;

    /// <inheritdoc/>
    public override IkeRules IkeRules => Rules ?? IkeRules.Rfc;

    /// <inheritdoc/>
    public override IIkeCryptography IkeCryptography(IIkeCryptography right) => Computes?.Invoke(right) ?? right;

    /// <inheritdoc/>
    public override TimeSpan? RetransmitAfter(int times, TimeSpan? right) => Pauses is null ? right : Pauses(times, right);

    /// <inheritdoc/>
    public override ByteString IkePacket(ByteString packet) => Packet?.Invoke(packet) ?? packet;

    /// <inheritdoc/>
    public override IkeOutcome Ike(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (Understood(machine, peer, happening) is not { } understood)
        {
            return new IkeOutcome(peer, [], []);
        }

        IkeOutcome outcome = Steps?.Invoke(machine, peer, understood) ?? machine.Run(peer, understood);
        return Sends is null && !HasKeysTheWrongWay ? outcome
            : outcome with { Outputs = new([.. outcome.Outputs.Select(o => o is IkeOutput.Send send ? Sent(machine, peer, outcome.Next, send) : o)]) };
    }

    private IkeEvent? Understood(IkeMachine machine, IkePeer peer, IkeEvent happening)
    {
        if (happening is not IkeEvent.Received received)
        {
            return happening;
        }

        if (TakesBytes is not null)
        {
            return TakesBytes(received.Datagram) is { } bytes ? received with { Datagram = bytes } : null;
        }

        if (Takes is null || Open(machine, [peer], received.Datagram, inbound: true) is not { } opened)
        {
            return happening;
        }

        if (Takes(opened.Message) is not { } changed)
        {
            return null;
        }

        return changed == opened.Message ? happening
            : received with { Datagram = changed.ToBytes(machine.Cryptography, opened.Sa?.Suite, opened.Sa?.InboundKeys) };
    }

    private IkeOutput.Send Sent(IkeMachine machine, IkePeer before, IkePeer after, IkeOutput.Send send)
    {
        if (Open(machine, [after, before], send.Datagram, inbound: false) is not { } opened)
        {
            return send;
        }

        EditableMessage changed = Sends?.Invoke(opened.Message, opened.Sa) ?? opened.Message;
        SealingKeys? keys = HasKeysTheWrongWay ? opened.Sa?.InboundKeys : opened.Sa?.OutboundKeys;
        return send with { Datagram = changed.ToBytes(machine.Cryptography, opened.Sa?.Suite, keys) };
    }

    /// <summary>A message as one who has these states reads it; null where it does not open.</summary>
    internal static (EditableMessage Message, IkeSa? Sa)? Open(IkeMachine machine, IkePeer[] states, ByteString datagram, bool inbound)
    {
        if (datagram.Length < IkeHeaderView.HeaderBytes)
        {
            return null;
        }

        IkeHeaderView header = new(datagram.Span);
        (IkeSpi initiator, IkeSpi responder) = (header.InitiatorSpi, header.ResponderSpi);
        if (header.NextPayload != PayloadType.Encrypted)
        {
            IkeSa? half = states.Select(s => s.Sas.FirstOrDefault(a => a.InitiatorSpi == initiator)).FirstOrDefault(a => a is not null);
            return (EditableMessage.Of(datagram), half);
        }

        foreach (IkeSa sa in states.SelectMany(s => s.Sas.Items))
        {
            if (sa.InitiatorSpi == initiator && sa.ResponderSpi == responder && sa is { Suite: IkeSuite suite, InboundKeys: { } theirs, OutboundKeys: { } ours }
                && EditableMessage.Open(datagram, machine.Cryptography, suite, inbound ? theirs : ours) is { } message)
            {
                return (message, sa);
            }
        }

        return null;
    }
}
