using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Sa;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The inner identification (IPv4) or flow label (IPv6) is cleared by the tunnel.</summary>
public sealed record InnerFieldsCleared() : EnclosureMutant("inner-fields-cleared", "RFC4301-5.1.2-02", "fields that «do not matter» are normalised")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet)
    {
        if (sa.Mode != EspMode.Tunnel)
        {
            return packet;
        }

        byte[] inner = packet.Payload.ToArray();
        (inner[inner[0] >> 4 == 4 ? 4 : 2], inner[inner[0] >> 4 == 4 ? 5 : 3]) = (0, 0);
        IpPackets.FinishHeader(inner);
        return packet with { Payload = ByteString.Adopt(inner) };
    }
}

/// <summary>The receiver clears the same fields.</summary>
public sealed record DeliveredFieldsCleared() : Mutant(
    "delivered-fields-cleared", "RFC4301-5.1.2.1-19", "the packet is rebuilt from its parts")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.2-11"];

    /// <inheritdoc/>
    public override ByteString? Forward(ByteString packet, bool outbound)
    {
        if (outbound || SentinelTraffic.Has(packet))
        {
            return base.Forward(packet, outbound);
        }

        byte[] inner = packet.ToArray();
        (inner[inner[0] >> 4 == 4 ? 4 : 2], inner[inner[0] >> 4 == 4 ? 5 : 3]) = (0, 0);
        IpPackets.FinishHeader(inner);
        return base.Forward(ByteString.Adopt(inner), outbound);
    }
}

/// <summary>Inner options and extension headers are overwritten with padding.</summary>
public sealed record InnerOptionsBlanked() : EnclosureMutant("inner-options-blanked", "RFC4301-5.1.2-03", "options are scrubbed for safety")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet)
    {
        if (sa.Mode != EspMode.Tunnel)
        {
            return packet;
        }

        byte[] inner = packet.Payload.ToArray();
        if (inner[0] >> 4 == 4)
        {
            inner.AsSpan(20, ((inner[0] & 0x0f) * 4) - 20).Clear();
        }
        else if (inner[6] is IpProtocol.HopByHopOptions or IpProtocol.DestinationOptions)
        {
            inner.AsSpan(42, 6).Clear();
        }

        IpPackets.FinishHeader(inner);
        return packet with { Payload = ByteString.Adopt(inner) };
    }
}

/// <summary>The outer DSCP is written over the inner one.</summary>
public sealed record OuterDscpTaken() : Mutant("outer-dscp-taken", "RFC4301-5.1.2-08", "the uniform model as the default")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.2-13"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Decapsulation), context =>
    {
        InboundAssociation association = ReceiveStages.Found(context);
        SecurityAssociation taking = association.Sa with { Headers = association.Sa.Headers with { TakesOuterDscp = true } };
        return ReceiveStages.Decapsulation.Run(context with { Association = association with { Sa = taking } }) with { Association = association };
    });
}

/// <summary>A packet whose outer TTL is not the usual one is thrown away.</summary>
public sealed record OuterHeaderChecked() : Mutant("outer-header-checked", "RFC4301-4.1-26", "a filter in front of the tunnel")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.1-21"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Lookup), context =>
        IpPacketView.TryParse(context.Datagram.Span, out IpPacketView outer, out _) && outer.HopLimit < 10
            ? context.Discard(DiscardReason.SelectorMismatch)
            : ReceiveStages.Lookup.Run(context));
}

/// <summary>Packets of a class that the SA does not know are refused.</summary>
public sealed record DscpIsASelector() : Mutant("dscp-is-a-selector", "RFC4301-4.1-13", "the class that chose the SA is checked on receipt too")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-4.1-14"];

    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Selectors), context =>
        IpPacketView.TryParse(context.Inner.Span, out IpPacketView inner, out _) && TrafficClasses.DscpOf(inner.TrafficClass) > 47
            ? context.Discard(DiscardReason.SelectorMismatch)
            : ReceiveStages.Selectors.Run(context));
}

/// <summary>Packets leave the tunnel entrance with the TTL they came with.</summary>
public sealed record HopNotTakenOutwards() : Mutant("hop-not-taken-outwards", "RFC4301-5.1.2.1-12", "IPsec is taken for a wire")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.2-10"];

    /// <inheritdoc/>
    public override ByteString? Forward(ByteString packet, bool outbound) => outbound ? packet : base.Forward(packet, outbound);
}

/// <summary>Packets leave the tunnel exit with the TTL they were sealed with.</summary>
public sealed record HopNotTakenInwards() : Mutant("hop-not-taken-inwards", "RFC4301-5.1.2.1-13", "decapsulated packets bypass the router")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.1-14"];

    /// <inheritdoc/>
    public override ByteString? Forward(ByteString packet, bool outbound) => outbound ? base.Forward(packet, outbound) : packet;
}

/// <summary>Decapsulated packets go nowhere but to the gateway itself.</summary>
public sealed record LongWayLost() : Mutant("long-way-lost", "RFC4301-5.2-21", "the route of the outer packet is used for the inner one")
{
    /// <inheritdoc/>
    public override ByteString? Forward(ByteString packet, bool outbound) =>
        outbound || SentinelTraffic.Has(packet) ? base.Forward(packet, outbound) : null;
}

/// <summary>Transport mode puts ESP directly behind the fixed header.</summary>
public sealed record TransportAheadOfExtensions() : EnclosureMutant(
    "transport-ahead-of-extensions", "RFC4301-4.1-19", "forty bytes are taken for the whole header")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4303-3.1.1-02"];

    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet) =>
        sa is { Mode: EspMode.Transport, Source.IsIpv6: true }
            ? new EnclosedPacket(plain.Slice(..40), 6, plain[6], plain.Slice(40..))
            : packet;
}

/// <summary>Transport mode puts ESP in front of the options.</summary>
public sealed record TransportAheadOfOptions() : EnclosureMutant(
    "transport-ahead-of-options", "RFC4301-4.1-18", "twenty bytes are taken for the whole header")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet)
    {
        if (sa is not { Mode: EspMode.Transport, Source.IsIpv6: false } || plain[0] == 0x45)
        {
            return packet;
        }

        byte[] bare = plain.Span[..20].ToArray();
        bare[0] = 0x45;
        return packet with { OuterHeader = ByteString.Adopt(bare), Payload = plain.Slice(20..) };
    }
}

/// <summary>Options in front of ESP are not looked past.</summary>
public sealed record OptionsInFrontRefused() : Mutant("options-in-front-refused", "RFC4303-3.1.1-04", "ESP is expected directly behind forty bytes")
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.UdpDecapsulation), context =>
        IpPacketView.TryParse(context.Datagram.Span, out IpPacketView outer, out _) && outer is { IsIpv6: true, HeaderBytes: > 40 }
            ? context.Discard(DiscardReason.Malformed)
            : ReceiveStages.UdpDecapsulation.Run(context));
}

/// <summary>One of the modes is not there: packets for it are lost.</summary>
public abstract record ModeMissing(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Enclosure), context =>
        IsMissing(context.Association.Sa.Mode) && !SentinelTraffic.Has(context.Plain) ? context.Refuse(RefusalReason.NotEncapsulable) : SendStages.Enclosure.Run(context));

    private protected abstract bool IsMissing(EspMode mode);
}

/// <summary>A host without transport mode.</summary>
public sealed record TransportMissing() : ModeMissing("transport-missing", "RFC4301-4.1-27", "«tunnel mode can do all that»")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-3.1-01", "RFC4301-3.2-01"];

    private protected override bool IsMissing(EspMode mode) => mode == EspMode.Transport;
}

/// <summary>A gateway that sends nothing through its tunnels.</summary>
public sealed record TunnelMissing() : ModeMissing("tunnel-missing", "RFC4301-4.1-28", "built for hosts")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-3.1-02", "RFC4301-4.1-23"];

    private protected override bool IsMissing(EspMode mode) => mode == EspMode.Tunnel;
}
