namespace Conformance.Spec.Policy.Databases;

/// <summary>Why a packet may not cross. RFC 4301 §5.</summary>
public enum PolicyDiscardReason
{
    /// <summary>A DISCARD entry.</summary>
    ByEntry,

    /// <summary>No entry. RFC 4301 §5.</summary>
    NoMatch,

    /// <summary>A PROTECT entry, and the packet came in clear. RFC 4301 §4.4.1.</summary>
    ArrivedInClear,
}

/// <summary>What the SPD says about a packet. RFC 4301 §3.</summary>
public abstract record PolicyDecision
{
    private PolicyDecision()
    {
    }

    /// <summary>The entry that decided, or null.</summary>
    public abstract SpdEntry? Origin { get; }

    /// <summary>Under the SAs of an entry.</summary>
    public sealed record Protect(SpdEntry Entry) : PolicyDecision
    {
        /// <inheritdoc/>
        public override SpdEntry? Origin => Entry;
    }

    /// <summary>In clear.</summary>
    public sealed record Bypass(SpdEntry Entry) : PolicyDecision
    {
        /// <inheritdoc/>
        public override SpdEntry? Origin => Entry;
    }

    /// <summary>Not at all.</summary>
    public sealed record Discard(PolicyDiscardReason Reason, SpdEntry? Entry) : PolicyDecision
    {
        /// <inheritdoc/>
        public override SpdEntry? Origin => Entry;
    }

    /// <summary>What follows from the first entry that matches.</summary>
    public static PolicyDecision Of(SpdEntry? entry, PolicyDirection direction) => entry?.Action switch
    {
        null => new Discard(PolicyDiscardReason.NoMatch, null),
        PolicyAction.Bypass => new Bypass(entry),
        PolicyAction.Discard => new Discard(PolicyDiscardReason.ByEntry, entry),
        _ when direction == PolicyDirection.Inbound => new Discard(PolicyDiscardReason.ArrivedInClear, entry),
        _ => new Protect(entry),
    };
}
