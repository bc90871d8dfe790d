namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>An SA in the SAD (struct xfrm_state).</summary>
public sealed record XfrmStateEntry
{
    /// <summary>The SA as a dump shows it.</summary>
    public required XfrmState State { get; init; }

    /// <summary>How far it is in its life.</summary>
    public required XfrmCondition Condition { get; init; }

    /// <summary>A soft limit was reached (km.dying): any other SA is preferred for sending.</summary>
    public bool Dying { get; init; }

    /// <summary>Names the SA inside the model; the later the SA was added, the higher.</summary>
    public required ulong Id { get; init; }

    /// <summary>When it got into the chains of its SPI; the later, the nearer to the head; 0 without an SPI.</summary>
    public ulong SpiOrder { get; init; }

    /// <summary>Place in the cache of recently used inbound SAs, the higher the nearer to the head; 0 when it is not in.</summary>
    public ulong CacheOrder { get; init; }

    /// <summary>When its timer runs next, in seconds since 1970; null when it does not.</summary>
    public ulong? TimerAt { get; init; }

    /// <summary>Seconds to the soft limit by age that the timer waits for, or null (XFRM_SOFT_EXPIRE with saved_tmo).</summary>
    public ulong? AwaitsSoftSeconds { get; init; }

    /// <summary>Last use, in seconds since 1970; 0 is never (lastused).</summary>
    public ulong LastUsed { get; init; }

    /// <summary>True for a usable SA.</summary>
    public bool IsValid => Condition == XfrmCondition.Valid;

    /// <summary>True when tunnel-like: the SA brings addresses of its own.</summary>
    public bool IsTunnel => State.Mode is XfrmMode.Tunnel or XfrmMode.Beet or XfrmMode.IpTfs;

    /// <summary>True when destination, SPI, protocol, family and mark name this SA (__xfrm_state_lookup).</summary>
    public bool IsNamed(uint mark, XfrmAddress destination, Wire.Spi spi, byte protocol, XfrmFamily family) =>
        SpiOrder != 0 && State.Family == family && State.Spi == spi && State.Protocol == protocol && State.DestinationAddress == destination.In(family) && State.Mark.Accepts(mark);
}
