namespace Conformance.Harness.Targets.Reference.Mutants;

/// <summary>Frames of every VLAN are taken in.</summary>
public sealed record VlanTagsIgnored() : Mutant("vlan-tags-ignored", "OFFLOAD-vlan-01", "seen in Linux: coalescing opens ESP behind a tag and forgets the tag")
{
    /// <inheritdoc/>
    public override bool ReadsVlanTags => false;
}

/// <summary>ESP leaves a link in a VLAN without the tag.</summary>
public sealed record VlanTagForgotten() : Mutant("vlan-tag-forgotten", "OFFLOAD-vlan-02", "seen in VPP: the tag is missing where packets are cut")
{
    /// <inheritdoc/>
    public override ushort? TagOf(ushort vlan) => null;
}
