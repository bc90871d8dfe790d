using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>Reads the selectors of a packet.</summary>
public delegate FlowSelectors FlowReader(IpPacketView packet, PolicyDirection direction);

/// <summary>The decisions of the embedded target about policy, each of which a mutant may replace.</summary>
public sealed record PolicyEngine
{
    /// <summary>The model.</summary>
    public static PolicyEngine Rfc { get; } = new();

    /// <summary>A selector set as the stack understands it, in entries and in SAs.</summary>
    public Func<SelectorSet, SelectorSet> Selectors { get; init; } = set => set;

    /// <summary>Entries as the stack keeps them.</summary>
    public Func<IEnumerable<SpdEntry>, IEnumerable<SpdEntry>> Entries { get; init; } = entries => entries;

    /// <summary>What a packet shows.</summary>
    public FlowReader Flow { get; init; } = FlowSelectors.Of;

    /// <summary>What becomes of a packet in clear.</summary>
    public Func<SecurityPolicyDatabase, PolicyDirection, FlowSelectors, PolicyDecision> Decide { get; init; } = (database, direction, flow) => database.Decide(direction, flow);

    /// <summary>The SA of a layer of protection; null when there is none.</summary>
    public Func<SecurityAssociationDatabase, SpdEntry, ProtectionStep, FlowSelectors, SadEntry?> Select { get; init; } =
        (sad, entry, step, flow) => sad.OutboundCandidates(entry, step, flow).FirstOrDefault();

    /// <summary>An SA as the stack keeps it.</summary>
    public Func<SadEntry, SadEntry> Keep { get; init; } = entry => entry;

    /// <summary>Whether a packet may have come on its SA.</summary>
    public Func<SecurityPolicyDatabase, SadEntry, FlowSelectors, ProtectedPacketVerdict> Check { get; init; } = ProtectedPacketCheck.Check;

    /// <summary>True for an address of this device: ESP to another one is in transit. RFC 4301 §5.2 step 2.</summary>
    public Func<IpAddress, bool> IsOwn { get; init; } = address =>
        address == AddressPlan.Ipv4.Target || address == AddressPlan.Ipv4Sentinel.Target || address == AddressPlan.Ipv6.Target || address == AddressPlan.Ipv6Sentinel.Target;

    /// <summary>A bypassed packet as it leaves.</summary>
    public Func<ByteString, ByteString> Pass { get; init; } = packet => packet;

    /// <summary>The SPD as the stack keeps it.</summary>
    public SecurityPolicyDatabase Understand(SecurityPolicyDatabase database) => new([.. Entries(database.Entries.Select(Understand))]);

    /// <summary>An entry as the stack keeps it.</summary>
    public SpdEntry Understand(SpdEntry entry) => entry with { Selectors = [.. entry.Selectors.Select(Selectors)] };

    /// <summary>An SA as the stack keeps it.</summary>
    public SadEntry Understand(SadEntry entry) => Keep(entry with
    {
        Selectors = [.. entry.Selectors.Select(Selectors)],
        Origin = entry.Origin is null ? null : Understand(entry.Origin),
    });
}
