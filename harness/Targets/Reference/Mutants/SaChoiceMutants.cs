using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The newest SA of a peer opens all its packets.</summary>
public sealed record NewestSaOfThePeer() : Mutant("newest-sa-of-the-peer", "RFC4301-4.1-03", "SAs kept by the addresses of their ends")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.1-07", "RFC4301-4.4.2-02", "RFC4301-5.2-07", "RFC4301-4.4.2.1-02"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Lookup), context =>
    {
        ReceiveContext found = ReceiveStages.Lookup.Run(context);
        return found.Association is { Sa: var named }
            ? found with { Association = context.State.Associations.Values.Where(a => a.Sa.Source == named.Source && a.Sa.Destination == named.Destination).MaxBy(a => a.Sa.Spi.Value) }
            : found;
    });
}

/// <summary>What is sealed with an outbound SA is taken in as well.</summary>
public sealed record SaServesBothWays() : Mutant("sa-serves-both-ways", "RFC4301-4.1-01", "one table of keys for both directions")
{
    private readonly Dictionary<uint, SecurityAssociation> _outbound = [];

    /// <inheritdoc/>
    public override SecurityAssociation Install(PolicyDirection direction, SecurityAssociation sa, IReadOnlyList<SecurityAssociation> earlier)
    {
        if (direction == PolicyDirection.Outbound)
        {
            _outbound[sa.Spi.Value] = sa;
        }

        return sa;
    }

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Lookup), context =>
    {
        ReceiveContext found = ReceiveStages.Lookup.Run(context);
        return found.Outcome is ReceiveOutcome.Discarded { Reason: DiscardReason.NoSecurityAssociation }
            && _outbound.TryGetValue(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(context.Esp), out SecurityAssociation? sa)
            ? context with { Association = InboundAssociation.Create(sa) }
            : found;
    });
}

/// <summary>An SA counts to 2^32 and no further.</summary>
public sealed record CounterOf32Bits() : Mutant("counter-of-32-bits", "RFC4301-4.4.2.1-03", "the field of the header is the counter")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Sequence), context =>
        context.Association.LastSequence.Value > uint.MaxValue ? context.Refuse(RefusalReason.SequenceExhausted) : SendStages.Sequence.Run(context));
}

/// <summary>The DSCP values of SAs do not choose among them.</summary>
public sealed record DscpOfSaIgnored() : Mutant("dscp-of-sa-ignored", "RFC4301-4.4.2.1-17", "all classes share the oldest SA")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.1-10"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Keep = entry => entry with { DscpValues = [] },
    };
}

/// <summary>The DSCP values of an SA are a selector of what it receives.</summary>
public sealed record DscpOfSaChecked() : Mutant("dscp-of-sa-checked", "RFC4301-4.4.2.1-18", "one list of classes for both directions")
{
    private readonly Dictionary<uint, SadEntry> _entries = [];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Keep = entry =>
        {
            _entries[entry.Sa.Spi.Value] = entry;
            return engine.Keep(entry);
        },
    };

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Selectors), context =>
        _entries.TryGetValue(ReceiveStages.Found(context).Sa.Spi.Value, out SadEntry? entry) && !entry.DscpValues.IsEmpty
            && IpPacketView.TryParse(context.Inner.Span, out IpPacketView inner, out _) && !entry.DscpValues.Contains(TrafficClasses.DscpOf(inner.TrafficClass))
            ? context.Discard(DiscardReason.SelectorMismatch)
            : ReceiveStages.Selectors.Run(context));
}

/// <summary>Packets in transit go into transport mode where an entry says so.</summary>
public sealed record TransportInTransit() : Mutant("transport-in-transit", "RFC4301-4.1-17", "Linux, all versions so far")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.1-30"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { MayCarry = (_, _) => true };
}
