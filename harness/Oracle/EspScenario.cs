using Conformance.Spec.Crypto;
using Conformance.Spec.Esp.Headers;
using Conformance.Spec.Iptfs;
using Conformance.Spec.Requirements;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Oracle;

/// <summary>One pair of SAs between target and tester, and what is special about it.</summary>
public sealed record EspScenario
{
    /// <summary>Mode of both SAs.</summary>
    public EspMode Mode { get; init; } = EspMode.Tunnel;

    /// <summary>True when ESP travels over IPv6.</summary>
    public bool OuterIpv6 { get; init; }

    /// <summary>True when the plain packets are IPv6; the same as <see cref="OuterIpv6"/> in transport mode.</summary>
    public bool InnerIpv6 { get; init; }

    /// <summary>Transforms.</summary>
    public EspSuite Suite { get; init; } = EspSuites.Default;

    /// <summary>True for extended sequence numbers.</summary>
    public bool ExtendedSequenceNumbers { get; init; }

    /// <summary>Window of the target's inbound SA; 0 switches anti-replay off in both directions.</summary>
    public int ReplayWindowPackets { get; init; } = 64;

    /// <summary>True for ESP in UDP, port 4500 on both sides.</summary>
    public bool UdpEncapsulated { get; init; }

    /// <summary>Right edge of the target's inbound SA at the start, itself taken as seen.</summary>
    public ulong InboundRightEdge { get; init; }

    /// <summary>Last number the target used on its outbound SA before the start.</summary>
    public ulong OutboundLastSequence { get; init; }

    /// <summary>Limits of the target's inbound SA.</summary>
    public Lifetime InboundLifetime { get; init; } = Lifetime.Unlimited;

    /// <summary>Limits of the target's outbound SA.</summary>
    public Lifetime OutboundLifetime { get; init; } = Lifetime.Unlimited;

    /// <summary>TFC target of the target's outbound tunnel, in bytes.</summary>
    public int? TfcPayloadBytes { get; init; }

    /// <summary>SPI of the target's inbound SA.</summary>
    public uint InboundSpi { get; init; } = 0x1001;

    /// <summary>SPI of the target's outbound SA.</summary>
    public uint OutboundSpi { get; init; } = 0x2001;

    /// <summary>How the target's SAs make and read outer headers.</summary>
    public TunnelHeaderOptions Headers { get; init; } = TunnelHeaderOptions.Default;

    /// <summary>MTU of the link on the wire side, in bytes; null for one that is in nobody's way.</summary>
    public int? WireMtuBytes { get; init; }

    /// <summary>The VLAN that the link on the wire side is in; null for none.</summary>
    public ushort? WireVlanId { get; init; }

    /// <summary>AGGFRAG mode: how packets share payloads.</summary>
    public AggregationOptions Aggregation { get; init; } = AggregationOptions.Default;

    /// <summary>What a target must be able to do for it.</summary>
    public Capabilities Needs
    {
        get
        {
            Capabilities needed = Mode switch
            {
                EspMode.Transport => Capabilities.TransportMode,
                EspMode.Tunnel => Capabilities.TunnelMode,
                EspMode.AggFrag => Capabilities.Iptfs,
                _ => Capabilities.BeetMode,
            };
            needed |= OuterIpv6 || InnerIpv6 ? Capabilities.Ipv6 : Capabilities.None;
            needed |= ExtendedSequenceNumbers ? Capabilities.Esn : Capabilities.None;
            needed |= UdpEncapsulated ? Capabilities.UdpEncap : Capabilities.None;
            needed |= Headers == TunnelHeaderOptions.Default ? Capabilities.None : Capabilities.TunnelHeaderOptions;
            needed |= WireMtuBytes is null ? Capabilities.None : Capabilities.LinkMtu;
            needed |= WireVlanId is null ? Capabilities.None : Capabilities.VlanTags;
            needed |= TfcPayloadBytes is null ? Capabilities.None : Capabilities.Tfc;
            needed |= ReplayWindowPackets is 0 or 32 or 64 ? Capabilities.None : Capabilities.AnyReplayWindow;
            needed |= InboundRightEdge == 0 && OutboundLastSequence == 0 ? Capabilities.None : Capabilities.SequenceSeed;
            return needed | Needed(InboundLifetime) | Needed(OutboundLifetime);
        }
    }

    private static Capabilities Needed(Lifetime lifetime) =>
        ((lifetime.SoftPackets ?? lifetime.HardPackets) is null ? Capabilities.None : Capabilities.LifetimePackets)
        | ((lifetime.SoftBytes ?? lifetime.HardBytes) is null ? Capabilities.None : Capabilities.LifetimeBytes)
        | ((lifetime.SoftTime ?? lifetime.HardTime) is null ? Capabilities.None : Capabilities.LifetimeTime);

    /// <summary>Mode, families, transforms and what is not the default.</summary>
    public override string ToString()
    {
        List<string> parts = [$"{Mode} {(InnerIpv6 ? 6 : 4)}in{(OuterIpv6 ? 6 : 4)}", Suite.ToString()];
        if (ExtendedSequenceNumbers)
        {
            parts.Add("ESN");
        }

        parts.Add($"window {ReplayWindowPackets}");
        if (UdpEncapsulated)
        {
            parts.Add("in UDP");
        }

        if (Headers != TunnelHeaderOptions.Default)
        {
            parts.Add($"DF {Headers.DontFragment}, DSCP {(Headers.Dscp is { } dscp ? $"{dscp}" : Headers.TakesOuterDscp ? "from outside" : "copied")}, ECN {Headers.Ecn}, "
                + $"flow label {(Headers.FlowLabel is { } label ? $"0x{label:x5}" : "copied")}");
        }

        if (WireMtuBytes is { } mtu)
        {
            parts.Add($"MTU {mtu}");
        }

        if (WireVlanId is { } vlan)
        {
            parts.Add($"VLAN {vlan}");
        }

        return string.Join(", ", parts);
    }
}
