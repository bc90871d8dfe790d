using Conformance.Harness.Contract;
using Conformance.Harness.Oracle.Policy;
using Conformance.Spec.Ike.State;
using Conformance.Spec.Profiles.LinuxXfrm.Databases;
using Conformance.Spec.Sa;

namespace Conformance.Harness.Oracle;

/// <summary>A conversation with a target whose steps can be stored as a finding and played again.</summary>
public interface IRecordedSession
{
    /// <summary>Who is being judged.</summary>
    TargetIdentity Target { get; }

    /// <summary>Keys, IVs and payloads follow from it.</summary>
    ulong Seed { get; }

    /// <summary>All steps so far.</summary>
    IReadOnlyList<Step> Steps { get; }

    /// <summary>The pair of SAs under test, or null where the databases were filled otherwise.</summary>
    EspScenario? Scenario { get; }

    /// <summary>True where super-packets or bursts were sent, so that the target was one for them.</summary>
    bool UsedOffload => false;

    /// <summary>Whether the target had ESP in its offload paths; null where its start does not choose.</summary>
    bool? EspOffload => null;

    /// <summary>True where the wire side was an Ethernet device by choice.</summary>
    bool IsEthernet => false;

    /// <summary>The SPD under test with its SAs; null where there is none, where it changed on the way, or where a verdict rests on several steps together.</summary>
    PolicyScenario? Policy => null;

    /// <summary>What filled the XFRM databases, in order; empty where a scenario did.</summary>
    IReadOnlyList<XfrmRequest> Requests { get; }

    /// <summary>SAs whose keys a reader of the capture needs.</summary>
    IReadOnlyList<SecurityAssociation> Associations { get; }

    /// <summary>IKE SAs whose keys a reader of the capture needs.</summary>
    IReadOnlyList<IkeSa> IkeAssociations => [];
}
