using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>The source of a discarded packet is told nothing.</summary>
public sealed record DiscardsInSilence() : Mutant("discards-in-silence", "RFC4301-5.1.1-01", "Linux, all versions so far")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Prohibited = (_, _) => null };
}

/// <summary>The source of a discarded packet is told that there is no such host.</summary>
public sealed record DiscardIsHostUnreachable() : Mutant("discard-is-host-unreachable", "RFC4301-5.1.1-04", "one message for every lookup that fails")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Prohibited = (gateway, packet) =>
        {
            // Code 1 is «host unreachable» of IPv4, code 3 «address unreachable» of IPv6.
            byte[] message = engine.Prohibited(gateway, packet)?.ToArray() ?? [];
            if (gateway.IsIpv6)
            {
                message[41] = 3;
                message.AsSpan(42, 2).Clear();
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(
                    message.AsSpan(42), InternetChecksum.Compute(gateway, IpAddress.FromBytes(message.AsSpan(24, 16)), IpProtocol.IcmpV6, message.AsSpan(40)));
            }
            else
            {
                message[21] = 1;
                message.AsSpan(22, 2).Clear();
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(22), InternetChecksum.Compute(message.AsSpan(20)));
            }

            return ByteString.Adopt(message);
        },
    };
}

/// <summary>Each discarded packet is answered.</summary>
public sealed record NoticesWithoutLimit() : Mutant("notices-without-limit", "RFC4301-5.1.1-07", "a gateway made to flood the host of a forged source")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { MostProhibited = int.MaxValue };
}

/// <summary>No entry holds a broadcast address.</summary>
public sealed record BroadcastNotSelected() : Mutant("broadcast-not-selected", "RFC4301-4.4.1.1-06", "only addresses of hosts are thought to occur")
{
    private const byte Broadcast = 127;

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) =>
        {
            bool broadcast = (byte)flow.Remote.Value == Broadcast || (byte)flow.Local.Value == Broadcast;
            SpdEntry? rest = broadcast ? database.Entries.LastOrDefault(e => e.Matches(flow) && !e.Selectors.Any(Single)) : null;
            return broadcast ? PolicyDecision.Of(rest, direction) : engine.Decide(database, direction, flow);
        },
    };

    private static bool Single(SelectorSet set) => IsHost(set.Local) || IsHost(set.Remote);

    private static bool IsHost(AddressSelector addresses) => addresses.In(false).Ranges is [{ First: var first, Last: var last }] && first == last;
}

/// <summary>Echo and its like always cross.</summary>
public sealed record QueriesAlwaysPass() : Mutant("icmp-queries-always-pass", "RFC4301-6-01", "a rule for diagnosis in front of the SPD")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) => flow is { Protocol: IpProtocol.Icmp, LocalField: (8 << 8) or (13 << 8) }
            ? new PolicyDecision.Bypass(database.Entries[0])
            : engine.Decide(database, direction, flow),
    };
}
