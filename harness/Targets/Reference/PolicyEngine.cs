using Conformance.Harness.Contract;
using Conformance.Spec.Policy;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Transit;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference;

/// <summary>Reads the selectors of a packet.</summary>
public delegate FlowSelectors FlowReader(IpPacketView packet, PolicyDirection direction);

/// <summary>The verdict for what may be an ICMP error on an SA.</summary>
public delegate ProtectedPacketVerdict ErrorCheck(
    SecurityPolicyDatabase database, SadEntry sa, FlowSelectors inner, FlowSelectors? back, ProtectedPacketVerdict own);

/// <summary>Chooses the SA of a layer of protection for a packet with a DSCP; null when there is none.</summary>
public delegate SadEntry? SaSelection(SecurityAssociationDatabase sad, SpdEntry entry, ProtectionStep step, FlowSelectors flow, byte dscp);

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
    public SaSelection Select { get; init; } = (sad, entry, step, flow, dscp) => sad.OutboundCandidates(entry, step, flow, dscp).FirstOrDefault();

    /// <summary>An SA as the stack keeps it.</summary>
    public Func<SadEntry, SadEntry> Keep { get; init; } = entry => entry;

    /// <summary>Whether a packet may have come on its SA.</summary>
    public Func<SecurityPolicyDatabase, SadEntry, FlowSelectors, ProtectedPacketVerdict> Check { get; init; } = ProtectedPacketCheck.Check;

    /// <summary>Whether a fragment may start where it does. RFC 4301 §7.2.</summary>
    public bool ChecksOffsets { get; init; } = true;

    /// <summary>Whether a step may be applied to a packet from one of this device's addresses, or from another.</summary>
    public Func<ProtectionStep, bool, bool> MayCarry { get; init; } = (step, isOwn) => step.MayCarry(isOwn);

    /// <summary>What is decided about a fragment, given what its own bytes make of it. RFC 4301 §7.4.</summary>
    public Func<FragmentMemory, ByteString, PolicyDecision, (FragmentMemory Next, PolicyDecision Decision)> Follow { get; init; } =
        (memory, packet, shown) => memory.Follow(packet, shown);

    /// <summary>The traffic that an ICMP error answers. RFC 4301 §6.2.</summary>
    public Func<ByteString, PolicyDirection, FlowSelectors?> Back { get; init; } = ReturnFlows.Of;

    /// <summary>False where an outbound error goes by the header inside it even if its own has an entry.</summary>
    public bool OwnHeaderFirst { get; init; } = true;

    /// <summary>The verdict for what may be an ICMP error on an SA, given that by its own header.</summary>
    public ErrorCheck CheckError { get; init; } = ProtectedPacketCheck.OfError;

    /// <summary>Whether an unprotected ICMP error for this device is listened to, given that policy lets it in. RFC 4301 §6.1.1.</summary>
    public Func<bool, bool> Hears { get; init; } = isAllowed => isAllowed;

    /// <summary>Whether key management is asked for an SA, given that the packet is an error which none is made for. RFC 4301 §5.1, §6.2.</summary>
    public Func<bool, bool> AsksForSa { get; init; } = isReturnedError => !isReturnedError;

    /// <summary>True where a clear packet that should have come protected makes the stack ask for an SA.</summary>
    public bool AsksForInbound { get; init; }

    /// <summary>True where a packet without an SA leaves in clear.</summary>
    public bool SendsClearWithoutSa { get; init; }

    /// <summary>The error for the source of a packet that an entry discards; null for none. RFC 4301 §5.1.1.</summary>
    public Func<IpAddress, ByteString, ByteString?> Prohibited { get; init; } = (gateway, packet) => IcmpErrors.Prohibited(gateway, packet);

    /// <summary>The most of these errors until time passes. RFC 4301 §5.1.1.</summary>
    public int MostProhibited { get; init; } = 16;

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
