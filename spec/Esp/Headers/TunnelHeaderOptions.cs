namespace Conformance.Spec.Esp.Headers;

/// <summary>What becomes of DF in an outer IPv4 header. RFC 4301 §8.1.</summary>
public enum DontFragmentRule
{
    /// <summary>Copied from an inner IPv4 header; clear for an inner IPv6 one.</summary>
    Copy,

    /// <summary>Always set.</summary>
    Set,

    /// <summary>Always clear.</summary>
    Clear,
}

/// <summary>How one tunnel SA makes and reads outer headers. RFC 4301 §4.4.2.1, §5.1.2.</summary>
public sealed record TunnelHeaderOptions
{
    /// <summary>The defaults: DF, DSCP and ECN are copied outwards, nothing but congestion comes in.</summary>
    public static TunnelHeaderOptions Default { get; } = new();

    /// <summary>DF of the outer header.</summary>
    public DontFragmentRule DontFragment { get; init; }

    /// <summary>A fixed DSCP for the outer header, 0 to 63; null copies the inner one. RFC 4301 §5.1.2.</summary>
    public byte? Dscp { get; init; }

    /// <summary>The outer ECN field.</summary>
    public EcnMode Ecn { get; init; }

    /// <summary>The outer flow label; null copies the inner one, which only end systems do. RFC 4301 §5.1.2.2 note 8.</summary>
    public uint? FlowLabel { get; init; } = 0;

    /// <summary>The receiver writes the outer DSCP over the inner one. RFC 4301 §5.1.2.</summary>
    public bool TakesOuterDscp { get; init; }
}
