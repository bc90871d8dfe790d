namespace Conformance.Spec.Sa;

/// <summary>Limits on the use of one SA; null means no limit. RFC 4301 §4.4.2.1.</summary>
/// <param name="SoftPackets">Packets after which key management is told.</param>
/// <param name="HardPackets">Packets that may be processed at most.</param>
/// <param name="SoftBytes">Bytes after which key management is told.</param>
/// <param name="HardBytes">Bytes that may be processed at most; which bytes count is local, see Interpretations/0006.</param>
/// <param name="SoftTime">Age at which key management is told.</param>
/// <param name="HardTime">Age at which the SA ends.</param>
public sealed record Lifetime(
    ulong? SoftPackets = null,
    ulong? HardPackets = null,
    ulong? SoftBytes = null,
    ulong? HardBytes = null,
    TimeSpan? SoftTime = null,
    TimeSpan? HardTime = null)
{
    /// <summary>No limit at all.</summary>
    public static Lifetime Unlimited { get; } = new();
}

/// <summary>What an SA has been used for so far.</summary>
/// <param name="Packets">Packets processed.</param>
/// <param name="Bytes">Bytes that went through the algorithms: payload without padding and ESP fields.</param>
/// <param name="Age">Time since the SA was made.</param>
public readonly record struct LifetimeUse(ulong Packets, ulong Bytes, TimeSpan Age);

/// <summary>How far an SA is in its life. RFC 4301 §4.4.2.1.</summary>
public enum LifetimeStatus
{
    /// <summary>No limit reached.</summary>
    Fresh,

    /// <summary>A soft limit is reached: key management is told, traffic goes on.</summary>
    Dying,

    /// <summary>A hard limit is reached: no further packet.</summary>
    Expired,
}

/// <summary>The rule that compares use with limits.</summary>
public static class Lifetimes
{
    /// <summary>The status before the next packet is processed.</summary>
    /// <remarks>A limit of N admits N packets; the packet that crosses a byte limit is admitted, see Interpretations/0006.</remarks>
    public static LifetimeStatus Status(Lifetime limits, LifetimeUse use)
    {
        if (Reached(use, limits.HardPackets, limits.HardBytes, limits.HardTime))
        {
            return LifetimeStatus.Expired;
        }

        return Reached(use, limits.SoftPackets, limits.SoftBytes, limits.SoftTime) ? LifetimeStatus.Dying : LifetimeStatus.Fresh;
    }

    private static bool Reached(LifetimeUse use, ulong? packets, ulong? bytes, TimeSpan? age) =>
        use.Packets >= packets || use.Bytes >= bytes || use.Age >= age;
}
