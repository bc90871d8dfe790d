namespace Conformance.Spec.Profiles.LinuxXfrm.Databases;

/// <summary>Limits of a policy or an SA (struct xfrm_lifetime_cfg); times in seconds, 0 is no limit.</summary>
public readonly record struct XfrmLimits(
    ulong SoftBytes, ulong HardBytes, ulong SoftPackets, ulong HardPackets,
    ulong SoftAddSeconds, ulong HardAddSeconds, ulong SoftUseSeconds, ulong HardUseSeconds)
{
    /// <summary>XFRM_INF: no limit of bytes or packets.</summary>
    public const ulong Infinite = ulong.MaxValue;

    /// <summary>No limit at all.</summary>
    public static XfrmLimits None { get; } = new(Infinite, Infinite, Infinite, Infinite, 0, 0, 0, 0);
}

/// <summary>Use so far (struct xfrm_lifetime_cur); times in seconds since 1970, 0 is never.</summary>
public readonly record struct XfrmUse(ulong Bytes, ulong Packets, ulong AddTime, ulong UseTime);

/// <summary>What an SA refused (struct xfrm_stats).</summary>
public readonly record struct XfrmStateStatistics(uint OutsideReplayWindow, uint Replayed, uint IntegrityFailed);
