using System.Collections.Immutable;
using Conformance.Spec.Crypto;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Spec.Policy.Databases;

/// <summary>One layer of protection that a PROTECT entry asks for. RFC 4301 §4.4.1.2.</summary>
public sealed record ProtectionStep
{
    /// <summary>Mode of the SA.</summary>
    public required EspMode Mode { get; init; }

    /// <summary>Outer address of this end; null in transport mode.</summary>
    public IpAddress? TunnelLocal { get; init; }

    /// <summary>Outer address of the other end; null in transport mode.</summary>
    public IpAddress? TunnelRemote { get; init; }

    /// <summary>Transforms that will do, by name, the most wanted first; empty accepts any.</summary>
    public ImmutableArray<string> Suites { get; init; } = [];

    /// <summary>True when the SA must have extended sequence numbers.</summary>
    public bool ExtendedSequenceNumbers { get; init; }

    /// <summary>True when later fragments may use an SA with ports, checked against their first one. RFC 4301 §7.3.</summary>
    public bool StatefulFragmentChecks { get; init; }

    /// <summary>True when an SA has what this step asks for.</summary>
    /// <param name="sa">The SA; its source is this end when it is outbound.</param>
    /// <param name="direction">Direction of the SA.</param>
    public bool IsMetBy(SecurityAssociation sa, PolicyDirection direction)
    {
        (IpAddress local, IpAddress remote) = direction == PolicyDirection.Outbound ? (sa.Source, sa.Destination) : (sa.Destination, sa.Source);
        return sa.Mode == Mode
            && (TunnelLocal is null || TunnelLocal == local)
            && (TunnelRemote is null || TunnelRemote == remote)
            && (Suites.IsEmpty || Suites.Contains(sa.Suite.ToString()))
            && (sa.ExtendedSequenceNumbers || !ExtendedSequenceNumbers);
    }

    /// <summary>True when the step may be applied to a packet: transport mode is for what a system itself sends or receives. RFC 4301 §4.1.</summary>
    /// <param name="isOwn">True when the local address is one of the system's.</param>
    public bool MayCarry(bool isOwn) => isOwn || Mode != EspMode.Transport;

    /// <summary>Equality of all fields, transforms one by one.</summary>
    public bool Equals(ProtectionStep? other) =>
        other is not null && Mode == other.Mode && TunnelLocal == other.TunnelLocal && TunnelRemote == other.TunnelRemote
        && ExtendedSequenceNumbers == other.ExtendedSequenceNumbers && StatefulFragmentChecks == other.StatefulFragmentChecks
        && Suites.SequenceEqual(other.Suites);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Mode, TunnelLocal, TunnelRemote, ExtendedSequenceNumbers, Suites.Length);

    /// <summary>Mode and ends.</summary>
    public override string ToString() => TunnelLocal is null ? $"{Mode}" : $"{Mode} {TunnelLocal} > {TunnelRemote}";
}

/// <summary>What an entry does with its packets. RFC 4301 §4.4.1.</summary>
public abstract record PolicyAction
{
    private PolicyAction()
    {
    }

    /// <summary>The packet crosses in clear.</summary>
    public sealed record Bypass : PolicyAction
    {
        /// <summary>The RFC's word.</summary>
        public override string ToString() => "BYPASS";
    }

    /// <summary>The packet does not cross.</summary>
    public sealed record Discard : PolicyAction
    {
        /// <summary>The RFC's word.</summary>
        public override string ToString() => "DISCARD";
    }

    /// <summary>The packet crosses under SAs, the first step innermost.</summary>
    public sealed record Protect(ImmutableArray<ProtectionStep> Steps) : PolicyAction
    {
        /// <summary>One layer.</summary>
        public static Protect With(ProtectionStep step) => new([step]);

        /// <summary>Equality step by step.</summary>
        public bool Equals(Protect? other) => other is not null && Steps.SequenceEqual(other.Steps);

        /// <inheritdoc/>
        public override int GetHashCode() => Steps.Aggregate(Steps.Length, HashCode.Combine);

        /// <summary>The RFC's word and the layers.</summary>
        public override string ToString() => $"PROTECT({string.Join("; ", Steps)})";
    }
}
