using Conformance.Spec.Esp;
using Conformance.Spec.Esp.Send;
using Conformance.Spec.Policy.Databases;
using Conformance.Spec.Sa;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>Later fragments pass where an entry discards.</summary>
public sealed record FragmentsPassDiscard() : Mutant("fragments-pass-discard", "RFC4301-7.4-01", "a filter that waits for ports")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Decide = (database, direction, flow) => engine.Decide(database, direction, flow) is var right
            && right is PolicyDecision.Discard { Reason: PolicyDiscardReason.ByEntry, Entry: { } entry } && flow is { Protocol: IpProtocol.Udp, LocalField: null }
            ? new PolicyDecision.Bypass(entry)
            : right,
    };
}

/// <summary>An SA for fragments takes them from any offset on.</summary>
public sealed record NearFragmentsTaken() : Mutant("near-fragments-taken", "RFC4301-7.2-02", "overlapping fragments, as in RFC 1858")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { ChecksOffsets = false };
}

/// <summary>Nothing is remembered of a first fragment.</summary>
public sealed record FragmentsNotFollowed() : Mutant("fragments-not-followed", "RFC4301-7.4-02", "bypassed datagrams lose all pieces but the first")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with { Follow = (memory, _, shown) => (memory, shown) };
}

/// <summary>No fragment shows ports, the first one neither.</summary>
public sealed record FirstFragmentShowsNoPorts() : Mutant("first-fragment-shows-no-ports", "RFC4301-D.4-01", "Linux, all versions so far: what is closed for whole datagrams is open for their pieces")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Flow = (packet, direction) => engine.Flow(packet, direction) is var flow && packet.Fragment.IsFragment && !packet.IsIpv6
            ? flow with { LocalField = null, RemoteField = null }
            : flow,
    };
}

/// <summary>The first fragment is thought to show the ports whatever it holds.</summary>
public sealed record Ipv6FirstFragmentTrusted() : Mutant("ipv6-first-fragment-trusted", "RFC4301-7-01", "an offset of zero is taken for «ports are there»")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Flow = (packet, direction) => engine.Flow(packet, direction) is { LocalField: null } flow && packet.IsIpv6 && packet.Fragment is { IsFragment: true, OffsetBytes: 0 }
            ? flow with { LocalField = 80, RemoteField = 80 }
            : engine.Flow(packet, direction),
    };
}

/// <summary>IPv6 fragments that a program hands in are enclosed in transport mode.</summary>
public sealed record Ipv6FragmentEnclosed() : Mutant("ipv6-fragment-enclosed", "RFC4301-D.1-01", "the fragment header is taken for an extension header like any other")
{
    /// <inheritdoc/>
    public override EspSender Send(EspSender path) => path.Replace(nameof(SendStages.Enclosure), context =>
    {
        SecurityAssociation sa = context.Association.Sa;
        return sa is { Mode: EspMode.Transport, Source.IsIpv6: true }
            && IpPacketView.TryParse(context.Plain.Span, out IpPacketView packet, out _) && packet.Fragment.IsFragment
            ? context with { Enclosed = new EnclosedPacket(new ByteString(packet.Bytes[..40]), 6, packet.Bytes[6], new ByteString(packet.Bytes[40..])) }
            : SendStages.Enclosure.Run(context);
    });
}
