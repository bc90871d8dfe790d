using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Esp.Receive;
using Conformance.Spec.Policy;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A fault in the TOS or traffic class of the outer header.</summary>
public abstract record OuterTrafficClassMutant(string Name, string Requirement, string Story) : EnclosureMutant(Name, Requirement, Story)
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet)
    {
        bool readable = IpPacketView.TryParse(plain.Span, out IpPacketView inner, out _);
        return sa.Mode == EspMode.Tunnel && readable && Octet(sa, inner) is { } octet
            ? packet with { OuterHeader = TrafficClasses.Write(packet.OuterHeader, octet) }
            : packet;
    }

    private protected abstract byte? Octet(SecurityAssociation sa, IpPacketView inner);

    private protected static byte Right(SecurityAssociation sa, IpPacketView inner) => TrafficClasses.Join(
        sa.Headers.Dscp ?? TrafficClasses.DscpOf(inner.TrafficClass), EcnTunnel.Encapsulate(sa.Headers.Ecn, TrafficClasses.EcnOf(inner.TrafficClass)));
}

/// <summary>The outer ECN field is always Not-ECT.</summary>
public sealed record EcnNeverCopied() : OuterTrafficClassMutant(
    "ecn-never-copied", "RFC6040-4.1-01", "limited functionality of RFC 3168 as the only mode")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks =>
        ["RFC6040-4.3-01", "RFC6040-5.1-01", "RFC4301-5.1.2.1-04", "RFC4301-5.1.2.2-03"];

    private protected override byte? Octet(SecurityAssociation sa, IpPacketView inner) => (byte)(Right(sa, inner) & 0xfc);
}

/// <summary>Compatibility mode copies all the same.</summary>
public sealed record CompatibilityModeCopies() : OuterTrafficClassMutant(
    "compatibility-mode-copies", "RFC6040-4.1-02", "a setting that nobody reads")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC6040-4.3-02"];

    private protected override byte? Octet(SecurityAssociation sa, IpPacketView inner) =>
        sa.Headers.Ecn == EcnMode.Compatibility ? inner.TrafficClass : null;
}

/// <summary>The ECN field moves from the inner header to the outer one.</summary>
public sealed record InnerEcnCleared() : EnclosureMutant("inner-ecn-cleared", "RFC6040-4.1-03", "the field is moved instead of copied")
{
    private protected override EnclosedPacket Change(SecurityAssociation sa, ByteString plain, EnclosedPacket packet) =>
        sa.Mode == EspMode.Tunnel && IpPacketView.TryParse(packet.Payload.Span, out IpPacketView inner, out _)
            ? packet with { Payload = TrafficClasses.Write(packet.Payload, (byte)(inner.TrafficClass & 0xfc)) }
            : packet;
}

/// <summary>The outer checksum is that of a header without its traffic class.</summary>
public sealed record OuterChecksumStale() : OutputMutant(
    "outer-checksum-stale", "RFC6040-4.1-04", "the octet is written after the checksum")
{
    private protected override byte[] Change(SecurityAssociation sa, byte[] datagram, int espOffsetBytes)
    {
        if (sa is { Mode: EspMode.Tunnel, Encapsulation: null } && datagram[0] >> 4 == 4)
        {
            byte octet = datagram[1];
            datagram[1] = 0;
            IpPackets.FinishHeader(datagram);
            datagram[1] = octet;
        }

        return datagram;
    }
}

/// <summary>A fault in how the two ECN fields of a received packet are combined.</summary>
public abstract record EcnTableMutant(string Name, string Requirement, string Story) : Mutant(Name, Requirement, Story)
{
    /// <inheritdoc/>
    public override EspReceiver Receive(EspReceiver path) => path.Replace(nameof(ReceiveStages.Decapsulation), context =>
    {
        ReceiveContext right = ReceiveStages.Decapsulation.Run(context);
        if (ReceiveStages.Found(context).Sa.Mode != EspMode.Tunnel
            || !IpPacketView.TryParse(context.Payload.Span, out IpPacketView inner, out _)
            || !IpPacketView.TryParse(context.Datagram.Span, out IpPacketView outer, out _))
        {
            return right;
        }

        ByteString packet = context.Payload.Slice(..inner.Bytes.Length);
        Ecn? ecn = Combine(ReceiveStages.Found(context).Sa, TrafficClasses.EcnOf(inner.TrafficClass), TrafficClasses.EcnOf(outer.TrafficClass));
        return ecn is { } mark
            ? context with { Inner = Write(packet, TrafficClasses.Join(TrafficClasses.DscpOf(inner.TrafficClass), mark)) }
            : context.Discard(DiscardReason.CongestionLost);
    });

    private protected abstract Ecn? Combine(SecurityAssociation sa, Ecn inner, Ecn outer);

    private protected virtual ByteString Write(ByteString packet, byte trafficClass) => TrafficClasses.Write(packet, trafficClass);
}

/// <summary>Congestion between the ends of the tunnel is never passed on.</summary>
public sealed record CongestionNotPropagated() : EcnTableMutant(
    "congestion-not-propagated", "RFC6040-4.2-07", "the outer header is thrown away unread")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC6040-4.2-01", "RFC6040-4.2-02", "RFC6040-4.2-05", "RFC6040-4.4-01", "RFC4301-5.1.2.1-18"];

    private protected override Ecn? Combine(SecurityAssociation sa, Ecn inner, Ecn outer) => inner;
}

/// <summary>The table of RFC 4301: the two pairs that RFC 6040 changed are handled as before.</summary>
public sealed record TableOfRfc4301() : EcnTableMutant("table-of-rfc-4301", "RFC6040-5.1-02", "Linux, all versions so far")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC6040-4.2-06"];

    private protected override Ecn? Combine(SecurityAssociation sa, Ecn inner, Ecn outer) =>
        outer == Ecn.CongestionExperienced && inner is Ecn.Capable0 or Ecn.Capable1 ? outer : inner;
}

/// <summary>The outer ECN field is written over the inner one.</summary>
public sealed record OuterEcnTakenBlindly() : EcnTableMutant(
    "outer-ecn-taken-blindly", "RFC6040-4.2-04", "the whole octet is copied inwards")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC6040-4.2-03", "RFC6040-4.2-08", "RFC6040-4.2-09"];

    private protected override Ecn? Combine(SecurityAssociation sa, Ecn inner, Ecn outer) => outer;
}

/// <summary>A sender in compatibility mode ignores marks as a receiver too.</summary>
public sealed record CompatibilityModeBothWays() : EcnTableMutant(
    "compatibility-mode-both-ways", "RFC6040-4.3-04", "one flag for both directions: XFRM_STATE_NOECN on the wrong SA")
{
    private protected override Ecn? Combine(SecurityAssociation sa, Ecn inner, Ecn outer) =>
        sa.Headers.Ecn == EcnMode.Compatibility ? inner : EcnTunnel.Decapsulate(inner, outer);
}

/// <summary>The checksum of a packet that got a mark stays as it was.</summary>
public sealed record MarkWithoutChecksum() : EcnTableMutant(
    "mark-without-checksum", "RFC6040-4.2-10", "the bits are set in place, the sum is not adjusted")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-5.1.2.1-15"];

    // The hop that follows computes the sum anew, so the fault has to show after it.
    /// <inheritdoc/>
    public override ByteString? Forward(ByteString packet, bool outbound)
    {
        ByteString? forwarded = base.Forward(packet, outbound);
        if (outbound || forwarded is null || packet[0] >> 4 != 4 || TrafficClasses.EcnOf(packet[1]) != Ecn.CongestionExperienced)
        {
            return forwarded;
        }

        byte[] bytes = forwarded.Value.ToArray();
        bytes[11] ^= 1;
        return ByteString.Adopt(bytes);
    }

    private protected override Ecn? Combine(SecurityAssociation sa, Ecn inner, Ecn outer) => EcnTunnel.Decapsulate(inner, outer);
}

/// <summary>Pairs that nobody makes are not recorded.</summary>
public sealed record UnusedPairsUnnoticed() : Mutant("unused-pairs-unnoticed", "RFC6040-4.2-11", "nothing is counted but losses")
{
    /// <inheritdoc/>
    public override bool Counts(string reason) => reason != "UnusedEcnPair";
}
