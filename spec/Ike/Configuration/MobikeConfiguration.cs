using Conformance.Spec.Wire;

namespace Conformance.Spec.Ike.Configuration;

/// <summary>How a peer moves, and lets the other side move. RFC 4555 §3.</summary>
public sealed record MobikeConfiguration
{
    /// <summary>Own addresses beyond the one that is in use. RFC 4555 §3.4.</summary>
    public ValueList<IpAddress> Additional { get; init; }

    /// <summary>Further addresses of the other side that are known before it tells any: the first request is repeated to them in turn. RFC 4555 §3.1.</summary>
    public ValueList<IpAddress> Known { get; init; }

    /// <summary>Addresses that the other side may move to; null for any. RFC 4555 §3.5.</summary>
    public ValueList<IpAddress>? Acceptable { get; init; }

    /// <summary>It asks the other side not to go through a NAT. RFC 4555 §3.9.</summary>
    public bool ForbidsNat { get; init; }

    /// <summary>It checks that the other side receives packets where it moved to. RFC 4555 §3.7.</summary>
    public bool ChecksReturn { get; init; }

    /// <summary>Child SAs go over the new path before that is checked. RFC 4555 §3.7.</summary>
    public bool MovesBeforeCheck { get; init; }
}
