namespace Conformance.Harness.Targets.Reference.Mutants.Ike;

/// <summary>Every planted fault of the embedded target's IKE.</summary>
public static class IkeFaults
{
    /// <summary>In the order of what they touch.</summary>
    public static IEnumerable<IkeFault> All => [.. HeaderFaults.All, .. PayloadFaults.All, .. InitialFaults.All, .. BehaviourFaults.All, .. NatFaults.All, .. AuthenticationFaults.All, .. ChildFaults.All, .. CrossingFaults.All, .. ToleranceFaults.All, .. FragmentFaults.All, .. KeyFaults.All, .. CredentialFaults.All, .. ConfigurationFaults.All, .. MobikeFaults.All, .. ExtensionFaults.All];
}
