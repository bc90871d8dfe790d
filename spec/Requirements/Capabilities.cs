namespace Conformance.Spec.Requirements;

/// <summary>What a target can be asked for (placeholder until the catalogue lands).</summary>
[Flags]
public enum Capabilities : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Receives ESP.</summary>
    EspInbound = 1UL << 0,
    /// <summary>Sends ESP.</summary>
    EspOutbound = 1UL << 1,
    /// <summary>Transport mode.</summary>
    TransportMode = 1UL << 2,
    /// <summary>Tunnel mode.</summary>
    TunnelMode = 1UL << 3,
    /// <summary>BEET mode.</summary>
    BeetMode = 1UL << 4,
    /// <summary>IPv6.</summary>
    Ipv6 = 1UL << 5,
    /// <summary>ESN.</summary>
    Esn = 1UL << 6,
    /// <summary>Anti-replay.</summary>
    AntiReplay = 1UL << 7,
    /// <summary>UDP encapsulation.</summary>
    UdpEncap = 1UL << 8,
    /// <summary>Initial numbers can be set.</summary>
    SequenceSeed = 1UL << 9,
    /// <summary>TFC padding.</summary>
    Tfc = 1UL << 10,
    /// <summary>Counters.</summary>
    Counters = 1UL << 11,
    /// <summary>Virtual clock.</summary>
    VirtualClock = 1UL << 12,
    /// <summary>Packet lifetimes.</summary>
    LifetimePackets = 1UL << 13,
    /// <summary>Byte lifetimes.</summary>
    LifetimeBytes = 1UL << 14,
    /// <summary>Time lifetimes.</summary>
    LifetimeTime = 1UL << 15,
    /// <summary>SAs can be installed.</summary>
    SaInstall = 1UL << 16,
}
