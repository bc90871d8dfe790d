using Conformance.Spec.Policy.Selectors;
using Conformance.Spec.Sa.Databases;
using Conformance.Spec.Wire;

namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>A first fragment is taken for one without ports.</summary>
public sealed record FirstFragmentHidesItsPorts() : Mutant("first-fragment-hides-its-ports", "RFC4301-5.1-15", "«is it a fragment?» asked before «has it ports?»")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> AlsoBreaks => ["RFC4301-7.4-01", "RFC4301-4.4.1-10"];

    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Flow = (packet, direction) => engine.Flow(packet, direction) is var flow && packet.Fragment.IsFragment ? flow with { LocalField = null, RemoteField = null } : flow,
    };
}

/// <summary>Between two layers of ESP nothing is checked.</summary>
public sealed record LayersCheckedAtTheEnd() : Mutant("layers-checked-at-the-end", "RFC4301-5.2-16", "policy is asked of the innermost packet only")
{
    /// <inheritdoc/>
    public override PolicyEngine Policy(PolicyEngine engine) => engine with
    {
        Check = (database, sa, flow) => flow.Protocol == IpProtocol.Esp ? ProtectedPacketVerdict.Accepted : engine.Check(database, sa, flow),
    };
}
